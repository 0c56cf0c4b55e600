"""govern on any plan and any event: nothing is lost, what is left out was in the way, the same comes out again."""

import copy
import json
from typing import Any

import jsonschema_rs
import msgspec
from arriving import event_texts
from governing import SOURCE, Governed, Rows, arrived, governed, rule, workspace
from hypothesis import given
from hypothesis import strategies as st

from headwater.config.json_schema import compiled
from headwater.flow import Context, Effects
from headwater.flowing import encode_event
from headwater.processing import govern

names = st.sampled_from(["a", "b", "c", "d_e", "dE"])
leaves = st.sampled_from(
    [
        {"type": "integer"},
        {"type": ["string", "null"], "maxLength": 2},
        {"enum": ["x", 1]},
        {"minimum": 3},
        {"pattern": "^x+$"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}, "maxItems": 2},
        {},
    ]
)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(names, inner, max_size=3)},
        optional={
            "required": st.lists(names, max_size=2, unique=True),
            "additionalProperties": st.booleans(),
            "maxProperties": st.integers(0, 3),
        },
    )


schemas = objects(st.recursive(leaves, objects, max_leaves=4))
values = st.recursive(
    st.sampled_from([None, True, 0, 5, 1.5, "x", "xxx", "y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
payloads = st.dictionaries(names, values, max_size=4)
events = st.lists(
    st.builds(
        lambda name, properties: {"type": "track", "event": name, "userId": "u1", "properties": properties},
        st.sampled_from(["A", "a", "B"]),
        payloads,
    ),
    min_size=1,
    max_size=4,
)
switch = st.booleans()
controls = st.fixed_dictionaries(
    {},
    optional={
        "allow_unplanned_events": switch,
        "allow_unplanned_event_properties": switch,
        "allow_event_on_violations": switch,
        "allow_properties_on_violations": switch,
        "common_event_on_violations": st.sampled_from(["allow", "block", "omit"]),
        "forwarding_blocked_events_to": st.just("other"),
        "forwarding_violations_to": st.just("other"),
    },
)


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    rules = [rule(draw(schemas))]
    if draw(st.booleans()):
        rules.append({"type": "common", "schema": {"properties": {"properties": draw(schemas)}}})
    return {"rules": rules, "controls": draw(controls), "unify_names": draw(st.booleans())}


def told(result: Governed) -> Any:
    return (
        [
            (flowing.source, flowing.trace, body)
            for flowing, body in zip(result.passed, result.bodies, strict=True)
        ],
        [(letter.index, letter.reason, letter.detail) for letter in result.effects.dead],
        result.effects.counts,
        result.effects.violations,
        result.effects.changes,
    )


@given(plans(), events)
def test_govern_when_given_any_plan_and_events_then_each_ends_exactly_once(plan: Any, sent: Any) -> None:
    result = governed(workspace(plan), *sent)
    generated = [body["event"] == "Violation Generated" for body in result.bodies]
    ends = [flowing.index for flowing, is_new in zip(result.passed, generated, strict=True) if not is_new]
    ends += [letter.index for letter in result.effects.dead]
    assert sorted(ends) == list(range(len(sent)))
    assert sum(result.effects.counts.values()) == len(sent) - sum(f.source == SOURCE for f in result.passed)


@given(plans(), events)
def test_govern_when_run_again_or_in_parts_then_gives_the_same(plan: Any, sent: Any) -> None:
    used = workspace(plan)
    assert told(governed(used, *sent)) == told(governed(used, *sent))

    context, whole, parts = Context(used), Effects(), Effects()
    passed = govern.STAGE.run(arrived(used, *sent), context, whole)
    one_by_one = [f for event in arrived(used, *sent) for f in govern.STAGE.run([event], context, parts)]
    assert [(f.source, f.trace, f.event) for f in passed] == [(f.source, f.trace, f.event) for f in one_by_one]
    assert whole.counts == parts.counts
    assert whole.violations == parts.violations


@given(schemas, payloads)
def test_omit_when_fields_break_a_rule_then_only_what_cannot_be_left_out_still_does(
    schema: Any, sent: Any
) -> None:
    plan = {"rules": [rule(schema)], "controls": {"allow_properties_on_violations": False}}
    event = {"type": "track", "event": "A", "userId": "u1", "properties": copy.deepcopy(sent)}
    (body,) = governed(workspace(plan), event).bodies

    left = list(compiled(schema).validator.iter_errors(body["properties"]))
    about_fields = [error for error in left if error.instance_path]
    lasting = (jsonschema_rs.ValidationErrorKind.Required, jsonschema_rs.ValidationErrorKind.MaxProperties)
    assert all(isinstance(error.kind, lasting) for error in left if error not in about_fields)
    assert all(isinstance(error.kind, lasting[:1]) for error in about_fields)
    if compiled(schema).validator.is_valid(sent):
        assert body["properties"] == sent


@given(schemas, payloads)
def test_omit_when_names_are_not_planned_then_what_stays_is_declared_and_untouched(schema: Any, sent: Any) -> None:
    plan = {"rules": [rule(schema)], "controls": {"allow_unplanned_event_properties": False}}
    event = {"type": "track", "event": "A", "userId": "u1", "properties": sent}
    (body,) = governed(workspace(plan), event).bodies
    assert body["properties"].keys() == sent.keys() & schema["properties"].keys()
    for name, value in body["properties"].items():
        if not isinstance(value, dict | list):
            assert value == sent[name]


@given(plans(), st.lists(events, min_size=2, max_size=4))
def test_tally_when_batches_follow_each_other_then_counts_add_up(plan: Any, batches: Any) -> None:
    used, state, seen = workspace(plan), Rows(), 0
    for sent in batches:
        effects = Effects(state)
        seen += sum(governed(used, *sent, effects=effects).effects.violations.values())
        state.commit(effects)
    rows = Governed([], Effects(changes=state.tables)).counted  # type: ignore[arg-type]
    assert sum(row.total for row in rows) == seen
    assert sum(sum(row.hours.values()) for row in rows) == seen


@given(payloads)
def test_dead_letter_when_an_event_is_blocked_then_the_event_is_as_it_was_sent(sent: Any) -> None:
    plan = {
        "rules": [rule({"properties": {"a": {"type": "integer"}}, "required": ["z"]})],
        "controls": {"allow_unplanned_event_properties": False, "allow_event_on_violations": False},
        "unify_names": True,
    }
    used = workspace(plan)
    event = {"type": "track", "event": "a", "userId": "u1", "properties": sent}
    (flowing,) = arrived(used, event)
    before = json.dumps(event["properties"])
    effects = Effects()
    assert govern.STAGE.run([flowing], Context(used), effects) == []
    assert flowing.event.event == "a"
    assert json.dumps(flowing.payload()) == before
    assert len(effects.dead) == 1


WATCHFUL: dict[str, Any] = {
    "rules": [
        {
            "type": call,
            "event": "Order Completed" if call == "track" else "",
            "schema": {
                "properties": {
                    member: {
                        "properties": {
                            "a": {"type": ["integer", "string"], "minimum": 0, "maxLength": 3, "multipleOf": 0.1},
                            "ip": {"format": "ipv4"},
                            "consent": {"type": "array", "uniqueItems": True, "items": {"enum": ["x", 1e300]}},
                        },
                        "propertyNames": {"pattern": "^[a-z]*$"},
                    },
                    "context": {"properties": {"ip": {"type": "string"}}},
                }
            },
        }
        for call, member in (
            *((call, "properties") for call in ("track", "page", "screen")),
            *((call, "traits") for call in ("identify", "group")),
        )
    ]
    + [{"type": "common", "schema": {"required": ["anonymousId"], "additionalProperties": {"type": "string"}}}],
}


@given(
    st.lists(event_texts(odd=False), min_size=1, max_size=4),
    st.sampled_from([{}, {"allow_unplanned_event_properties": False, "allow_properties_on_violations": False}]),
    st.sampled_from(["allow", "block", "omit"]),
)
def test_govern_when_given_any_json_then_none_is_poison(sent: Any, basic: Any, common: str) -> None:
    used = workspace({**WATCHFUL, "controls": {**basic, "common_event_on_violations": common}})
    events = arrived(used, *sent)
    effects = Effects()
    passed = govern.STAGE.run(events, Context(used), effects)
    assert len(passed) + len(effects.dead) == len(events)
    for flowing in passed:
        msgspec.json.decode(encode_event(flowing.event, flowing.extra), type=dict[str, msgspec.Raw])
