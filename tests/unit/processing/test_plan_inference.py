"""A plan that was inferred can be applied, and allows every event it was inferred from."""

import json
from typing import Any

import msgspec
import pytest
import yaml
from arriving import objects, values
from discovering import Rows, discovered, events_in, flowing
from hypothesis import example, given
from hypothesis import strategies as st

from headwater import limits
from headwater.config.export import as_yaml
from headwater.config.loader import load
from headwater.config.tracking_plans import TrackingPlan
from headwater.config.workspace import as_data
from headwater.destinations import registry
from headwater.flowing import FlowingEvent
from headwater.processing import plan_inference
from headwater.processing.govern.rulebook import CompiledPlan
from headwater.processing.plan_inference import infer

instants = st.datetimes(timezones=st.sampled_from([None])).map(lambda at: json.dumps(at.isoformat() + "Z"))
events = st.builds(
    lambda payload, call, event: flowing(payload, call=call, event=event),
    objects(values | instants),
    st.sampled_from(["track", "page", "screen", "identify", "group"]),
    st.sampled_from(["A", "B", "Page Viewed", "<<", "null", "7", "a: b", "\u2028"]),
)


def plan_of(rows: Rows, **options: Any) -> TrackingPlan:
    """By way of the workspace file."""
    plan = infer(events_in(rows).items(), "drafted", **options)
    text = as_yaml({"workspace": "shop", "tracking_plans": [as_data(plan)]})
    (loaded,) = load(text, registry).tracking_plans
    return loaded


def errors(plan: TrackingPlan, event: FlowingEvent) -> list[str]:
    """What the plan says against an event, by the first of its rules for it."""
    compiled = CompiledPlan(plan)
    call, name = event.event.type or "", event.event.event or event.event.name or ""
    rules = compiled.tracks.get(name) if call == "track" else compiled.rules(call, name)
    assert rules, "not even planned"
    rule = rules[0]
    return [violation.description for violation in rule.violations(rule.instance(event, event.payload()))]


def is_readable(event: FlowingEvent) -> bool:
    try:
        event.payload()
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True


@given(st.lists(events, min_size=1, max_size=8))
@example([flowing('{"a":[{"b":1},{"b":null,"c":1.0}]}'), flowing('{"a":[]}'), flowing('{"a":null}')])
@example([flowing('{"at":"0001-01-01T00:00:00Z"}'), flowing('{"at":"9999-12-31T23:59:59.123456Z"}')])
@example([flowing('{"n":9007199254740993}'), flowing('{"n":18446744073709551616}'), flowing('{"n":1.0}')])
def test_plan_when_inferred_from_events_then_it_loads_and_allows_each_of_them(sent: list[FlowingEvent]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_inference, "REQUIRED_SEEN_MIN", 1)
        plan = plan_of(discovered(sent))
    for event in filter(is_readable, sent):
        assert errors(plan, event) == []


@pytest.mark.parametrize("broken", [{}, {"a": "x", "b": 1}, {"a": 1, "b": [1]}, {"a": 1, "b": [{"c": "x"}]}])
def test_plan_when_an_event_differs_from_all_seen_then_it_is_refused(broken: dict[str, Any]) -> None:
    plan = plan_of(discovered([flowing({"a": 1, "b": [{"c": 1}]})] * plan_inference.REQUIRED_SEEN_MIN))
    assert errors(plan, flowing({"a": 1, "b": [{"c": 2}]})) == []
    assert errors(plan, flowing(broken))


def test_plan_when_seen_too_rarely_then_nothing_is_required() -> None:
    plan = plan_of(discovered([flowing({"a": 1})] * (plan_inference.REQUIRED_SEEN_MIN - 1)))
    assert errors(plan, flowing({})) == []


def test_plan_when_written_then_reads_as_a_person_would_write_it() -> None:
    seen = [flowing({"total": 1, "at": "2026-01-02T03:04:05Z", "note": None, "address": {"city": "x"}})] * 20
    seen += [flowing({"total": 1.5, "at": "2026-01-02T03:04:05Z", "note": "x"})]
    seen += [flowing({"path": "/"}, call="page", event="Home"), flowing({"path": "/x"}, call="page", event="X")]
    seen += [flowing({"email": "x"}, call="identify"), flowing(call="alias")]
    draft = "http://json-schema.org/draft-07/schema#"
    text = f"""
name: drafted
rules:
- type: identify
  schema:
    $schema: {draft}
    type: object
    properties: {{traits: {{type: object, properties: {{email: {{type: string}}}}}}}}
- type: track
  event: A
  schema:
    $schema: {draft}
    type: object
    properties:
      properties:
        type: object
        properties:
          address: {{type: object, properties: {{city: {{type: string}}}}, required: [city]}}
          at: {{type: string, format: date-time}}
          note: {{type: [string, "null"]}}
          total: {{type: number}}
        required: [at, note, total]
    required: [properties]
- type: track
  event: Page Viewed
  schema:
    $schema: {draft}
    type: object
    properties: {{properties: {{type: object, properties: {{path: {{type: string}}}}}}}}
"""
    assert as_data(plan_of(discovered(seen))) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("wanted", "planned"), [(["A"], ["A"]), (["identify", "Page Viewed"], ["", "Page Viewed"]), (["nothing"], [])]
)
def test_plan_when_events_are_named_then_it_has_only_these(wanted: list[str], planned: list[str]) -> None:
    rows = discovered([flowing(), flowing(event="B"), flowing(call="page"), flowing(call="identify")])
    assert [rule.event for rule in plan_of(rows, events=wanted).rules] == planned


def test_plan_when_there_are_too_many_events_then_has_the_commonest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.govern, "PLAN_RULES_MAX", 2)
    rows = discovered([flowing(), flowing(event="B"), flowing(event="B"), flowing(call="identify")])
    assert [rule.event for rule in plan_of(rows).rules] == ["", "B"]
