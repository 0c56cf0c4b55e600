"""Step 6: destination filters, as the table of spec 2.6 has them."""

import itertools
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_events import dropping, event, item, outcome, pruning, raw_event, route, sent

from headwater.config.destinations import DestinationFilter, FilterAction, FilterType, FilterVerb
from headwater.destinations.kit.model import Filtered

REFUSED = "FILTERED_BY_RULES"
SENT = "Everything"
DROP_PROPERTIES, ALLOW_PROPERTIES = FilterVerb.DROP_PROPERTIES, FilterVerb.ALLOW_PROPERTIES


def only(condition: str) -> DestinationFilter:
    return DestinationFilter(if_=condition, action=FilterVerb.ONLY)


def sample(percent: float, path: str = "", condition: str = "all") -> DestinationFilter:
    return DestinationFilter(if_=condition, action=FilterVerb.SAMPLE, percent=percent, path=path)


# --- what is not sent --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "result"),
    [
        ([dropping('event = "Debug"')], SENT),
        ([dropping('event = "Order Completed"')], REFUSED),
        ([dropping("all")], REFUSED),
        ([dropping(" all ")], REFUSED),
        ([dropping("properties.total > 49")], REFUSED),
        ([dropping("properties.total > 50")], SENT),
        ([dropping('event = "Debug"'), dropping("all")], REFUSED),
        ([dropping("all", enabled=False)], SENT),
        ([only('event = "Order Completed"')], SENT),
        ([only('event = "Debug"')], REFUSED),
        ([only("properties.total > 10"), only("properties.total < 100")], SENT),
        ([only('event = "Order Completed"'), only('event = "Debug"')], REFUSED),
        ([only('event = "Order Completed"'), dropping("properties.total = 50")], REFUSED),
        ([sample(0)], REFUSED),
        ([sample(1)], SENT),
        ([sample(0, condition='event = "Debug"')], SENT),
        ([sample(1), dropping("all")], REFUSED),
    ],
)
def test_filters_when_their_conditions_hold_or_not_then_the_event_is_sent_or_not(
    filters: list[DestinationFilter], result: str
) -> None:
    assert outcome(route(filters=tuple(filters)), event()) == result


@pytest.mark.parametrize("verb", [*FilterVerb])
def test_filters_when_one_cannot_be_asked_then_nothing_is_sent(verb: FilterVerb) -> None:
    asked = DestinationFilter(
        if_='lowercase(properties.total) = "x"', title="odd", action=verb, percent=1.0, fields={"": ("x",)}
    )
    found = route(filters=(asked,)).of(event())
    assert isinstance(found, Filtered)
    assert found.reason == REFUSED
    assert found.message.startswith("a filter cannot be asked, so it is not sent: odd: ")


def test_filters_when_an_event_cannot_be_read_then_nothing_is_sent() -> None:
    broken = raw_event(b'{"type":"track","event":"x","properties":{"a":1e999}}', event="x")
    pruned = pruning(DROP_PROPERTIES, {"properties": ("b",)})
    assert outcome(route(filters=(dropping("properties.a = 1"),)), broken) == REFUSED
    assert outcome(route(filters=(pruned,)), broken) == SENT, "what stays is not decoded"


def test_filters_when_one_refuses_then_its_title_or_condition_is_told() -> None:
    assert route(filters=(dropping("all", title="nobody"),)).of(event()) == (REFUSED, "drop: nobody")
    assert route(filters=(only('event\n = "Debug"'),)).of(event()) == (REFUSED, 'only: event = "Debug"')
    assert route(filters=(sample(0),)).of(event()) == (REFUSED, "not in the sample: all")


# --- samples -----------------------------------------------------------------------------------------------


@given(st.floats(0, 1), st.sampled_from(["", "userId", "$.context.ip"]))
def test_sample_when_asked_again_then_the_same_answer(share: float, path: str) -> None:
    asked, anew = route(filters=(sample(share, path),)), route(filters=(sample(share, path),))
    for number in range(20):
        one = event(messageId=f"m-{number}", userId=f"u{number}")
        assert outcome(asked, one) == outcome(anew, one)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("path", ["", "userId", "properties.order.id"])
def test_sample_when_there_are_many_events_then_the_share_is_right(share: float, path: str) -> None:
    asked, count = route(filters=(sample(share, path),)), 4_000
    made = (event(messageId=f"m-{n}", userId=f"u-{n}", properties={"order": {"id": n}}) for n in range(count))
    kept = sum(outcome(asked, one) == SENT for one in made)
    deviation = (count * share * (1 - share)) ** 0.5
    assert abs(kept - count * share) < 5 * deviation


def test_sample_when_it_goes_by_a_path_then_a_person_is_in_or_out_everywhere() -> None:
    here, there = route(filters=(sample(0.5, "userId"),)), route(filters=(sample(0.5, "userId"),), name="other")
    for person in range(50):
        made = [event(messageId=f"{person}-{n}", userId=f"u-{person}") for n in range(3)]
        assert len({outcome(asked, one) for asked in (here, there) for one in made}) == 1


def test_sample_when_there_is_no_value_at_the_path_then_each_event_has_its_own_fate() -> None:
    asked = route(filters=(sample(0.5, "traits.plan.name"),))
    fates = {outcome(asked, event(messageId=f"m-{n}", traits={"plan": "basic"})) for n in range(50)}
    assert fates == {SENT, REFUSED}


def test_sample_when_a_larger_share_is_sent_then_it_contains_the_smaller() -> None:
    small, large = route(filters=(sample(0.2),)), route(filters=(sample(0.6),))
    for number in range(200):
        one = event(messageId=f"m-{number}")
        assert outcome(small, one) != SENT or outcome(large, one) == SENT


# --- properties --------------------------------------------------------------------------------------------

FULL: dict[str, Any] = {
    "properties": {
        "email": "a@b.c",
        "cc": ["d@e.f"],
        "total": 5.0,
        "products": [{"sku": "s1", "price": 1}, {"sku": "s2"}, "gift", [{"price": 3}]],
        "a.b": {"c": 1, "d": 2},
    },
    "context": {"traits": {"phone": "1", "plan": "x"}, "ip": "192.0.2.1"},
}
PROPERTIES = FULL["properties"]


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


@pytest.mark.parametrize(
    ("verb", "fields", "changed"),
    [
        (DROP_PROPERTIES, {"properties": ("email", "cc")}, {"properties": without(PROPERTIES, "email", "cc")}),
        (
            DROP_PROPERTIES,
            {"context.traits": ("phone",)},
            {"context": {"traits": {"plan": "x"}, "ip": "192.0.2.1"}},
        ),
        (DROP_PROPERTIES, {"$.context.traits": ("phone", "plan")}, {"context": {"traits": {}, "ip": "192.0.2.1"}}),
        (DROP_PROPERTIES, {"": ("context", "none")}, {"context": None}),
        (
            DROP_PROPERTIES,
            {"properties.products": ("price",)},
            {"properties": PROPERTIES | {"products": [{"sku": "s1"}, {"sku": "s2"}, "gift", [{}]]}},
        ),
        (DROP_PROPERTIES, {"properties.a\\.b": ("c",)}, {"properties": PROPERTIES | {"a.b": {"d": 2}}}),
        (DROP_PROPERTIES, {"properties.email": ("x",)}, {}),
        (DROP_PROPERTIES, {"nowhere.at.all": ("x",)}, {}),
        (DROP_PROPERTIES, {"properties": ("price",)}, {}),
        (
            DROP_PROPERTIES,
            {"properties": ("email",), "context": ("ip",), "context.traits": ("phone",)},
            {"properties": without(PROPERTIES, "email"), "context": {"traits": {"plan": "x"}}},
        ),
        (ALLOW_PROPERTIES, {"properties": ("total", "none")}, {"properties": {"total": 5.0}}),
        (ALLOW_PROPERTIES, {"properties": ()}, {"properties": {}}),
        (
            ALLOW_PROPERTIES,
            {"context.traits": ("plan",)},
            {"context": {"traits": {"plan": "x"}, "ip": "192.0.2.1"}},
        ),
        (
            ALLOW_PROPERTIES,
            {"properties.products": ("sku",)},
            {"properties": PROPERTIES | {"products": [{"sku": "s1"}, {"sku": "s2"}, "gift", [{}]]}},
        ),
        (
            ALLOW_PROPERTIES,
            {"properties": ("total",), "properties.products": ("sku",)},
            {"properties": {"total": 5.0, "products": [{"sku": "s1"}, {"sku": "s2"}, "gift", [{}]]}},
        ),
    ],
)
def test_properties_when_a_filter_names_some_then_just_these_go_or_stay(
    verb: FilterVerb, fields: dict[str, tuple[str, ...]], changed: dict[str, Any]
) -> None:
    before = json.loads(event(**FULL).body)
    expected = {name: value for name, value in (before | changed).items() if value is not None}
    assert sent(route(filters=(pruning(verb, fields),)), event(**FULL)) == expected


def test_properties_when_the_condition_does_not_hold_then_all_stay() -> None:
    filters = (pruning(DROP_PROPERTIES, {"": ("properties",)}, 'event = "Debug"'),)
    assert sent(route(filters=filters), event()) == json.loads(event().body)


def test_properties_when_filters_come_in_any_order_then_they_do_the_same() -> None:
    filters = [
        sample(1),
        dropping("properties.email = null"),
        pruning(DROP_PROPERTIES, {"properties": ("email",)}),
        pruning(DROP_PROPERTIES, {"properties": ("cc",)}, "properties.email != null"),
        pruning(ALLOW_PROPERTIES, {"properties": ("email", "cc", "total")}, "properties.products != null"),
    ]
    results = [sent(route(filters=order), event(**FULL)) for order in itertools.permutations(filters)]
    assert [result["properties"] for result in results] == [{"total": 5.0}] * len(results)


def test_properties_when_the_top_loses_who_it_is_about_then_so_does_the_event() -> None:
    filters = (pruning(DROP_PROPERTIES, {"": ("userId", "messageId")}),)
    left = item(route(filters=filters), event()).event
    assert (left.user_id, left.message_id) == (None, "m-1")


def test_properties_when_only_some_of_the_top_may_stay_then_the_event_is_sent_as_just_these() -> None:
    assert sent(route(filters=(pruning(ALLOW_PROPERTIES, {"": ("userId", "event")}),)), event()) == {
        "userId": "ann",
        "event": "Order Completed",
    }


def test_properties_when_others_go_then_what_stays_keeps_its_bytes() -> None:
    kept = rb'"n":1E5,"big":123456789012345678901234567890,"text":"\u00e9\/","no":1e999'
    body = b'{"type":"track","event":"x","properties":{%b,"gone":[1]},"x": [ 1 ]}' % kept
    asked = route(filters=(pruning(DROP_PROPERTIES, {"properties": ("gone",)}),))
    expected = b'{"type":"track","event":"x","properties":{%b},"x":[ 1 ]}' % kept
    assert item(asked, raw_event(body, event="x")).event.body == expected


def test_actions_when_a_filter_is_written_as_the_public_api_does_then_all_are_done() -> None:
    written = DestinationFilter(
        if_='event = "Order Completed"',
        actions=(
            FilterAction(type=FilterType.SAMPLE, percent=1.0),
            FilterAction(type=FilterType.DROP_PROPERTIES, fields={"properties": ("total",)}),
        ),
    )
    assert sent(route(filters=(written,)), event())["properties"] == {}
    drop = DestinationFilter(if_="all", actions=(FilterAction(type=FilterType.DROP),))
    assert outcome(route(filters=(drop,)), event()) == REFUSED


# --- whatever the event ------------------------------------------------------------------------------------

names = st.sampled_from(["a", "b", "c", "é", "x.y"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**63), 2**63)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(names, values, max_size=4)
paths = st.sampled_from(["properties", "properties.a", "properties.a.b", "properties.x\\.y", "context", "traits"])
fields = st.dictionaries(paths, st.lists(names, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3)


@given(objects, objects, fields, st.booleans(), st.sampled_from([DROP_PROPERTIES, ALLOW_PROPERTIES]))
def test_properties_when_taken_then_twice_is_once_and_no_body_grows(
    properties: Any, context: Any, fields: Any, is_spaced: bool, verb: FilterVerb
) -> None:
    said = {"type": "track", "event": "x", "properties": properties, "context": context}
    body = (
        json.dumps(said, ensure_ascii=is_spaced).encode("utf-8", "replace")
        if is_spaced
        else msgspec.json.encode(said)
    )
    asked = route(filters=(pruning(verb, fields),))
    once = item(asked, raw_event(body, event="x")).event
    assert item(asked, once).event.body == once.body
    assert len(once.body) <= len(body)
    assert contained(json.loads(once.body), said)


def contained(part: Any, whole: Any) -> bool:
    """Whether nothing in `part` is new."""
    if isinstance(part, dict):
        return all(name in whole and contained(value, whole[name]) for name, value in part.items())
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(contained, part, whole))
    return bool(part == whole)
