"""govern: counting and its bounds, what samples hold, names, and a plan tried out."""

import doctest
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from arriving import RECEIVED_MS
from governing import SOURCE, Rows, arrived, governed, rule, workspace

from headwater import limits
from headwater.errors import InputError
from headwater.flow import Context, Effects
from headwater.processing import govern, violations
from headwater.processing.govern import fields, naming
from headwater.processing.govern.naming import Variants
from headwater.processing.govern.trial import Trial
from headwater.units import HOUR_MS

NEEDS_N = rule({"required": ["n"]})
NOBODY = {"type": "track", "event": "A", "userId": "u1", "messageId": "m1"}


def rows_of(state: Rows) -> list[violations.Counted]:
    stored = state.tables[violations.TABLE]
    return [violations.decode_counted(row) for key, row in stored.items() if not key.startswith(b"\0")]


def samples_of(state: Rows) -> list[violations.Sample]:
    return [violations.decode_sample(row) for row in state.tables[violations.SAMPLES].values()]


@pytest.mark.parametrize("module", [naming, fields])
def test_examples_when_run_then_they_give_what_they_show(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


def test_counts_when_hours_pass_then_the_last_hour_day_and_week_can_be_told() -> None:
    used, state = workspace({"rules": [NEEDS_N]}), Rows()
    for hours_ago in (200, 150, 20, 20, 0):
        effects = Effects(state)
        governed(used, NOBODY, effects=effects, received_at_ms=RECEIVED_MS - hours_ago * HOUR_MS)
        state.commit(effects)
    (row,) = rows_of(state)
    assert (row.plan, row.source, row.call, row.event) == ("p", SOURCE, "track", "A")
    assert (row.field, row.type) == ("properties.n", "Required")
    counts = [row.within(hours, RECEIVED_MS) for hours in (1, 24, 7 * 24)]
    assert counts == [1, 3, 4]
    assert row.total == 5, "more than a week ago: in the total only"
    assert (row.first_ms, row.last_ms) == (RECEIVED_MS - 200 * HOUR_MS, RECEIVED_MS)
    assert len(row.hours) <= limits.govern.VIOLATION_HOURS + 1


def test_samples_when_many_events_break_a_rule_then_the_newest_few_are_kept_with_whose_they_are() -> None:
    used, state = workspace({"rules": [NEEDS_N]}), Rows()
    for number in range(10):
        effects = Effects(state)
        event = {**NOBODY, "messageId": f"m{number}", "userId": f"u{number}", "properties": {"x": "y" * 8_000}}
        governed(used, event, effects=effects, received_at_ms=RECEIVED_MS + number)
        state.commit(effects)
    samples = sorted(samples_of(state), key=lambda sample: sample.received_at_ms)
    assert [sample.message_id for sample in samples] == ["m7", "m8", "m9"]
    assert [sample.user_id for sample in samples] == ["u7", "u8", "u9"]
    assert all(len(sample.payload) == limits.govern.VIOLATION_SAMPLE_BYTES_MAX for sample in samples)


def test_samples_when_fields_are_left_out_then_they_still_have_them() -> None:
    plan = {
        "rules": [rule({"properties": {"n": {"type": "integer"}}})],
        "controls": {"allow_properties_on_violations": False},
    }
    result = governed(workspace(plan), {**NOBODY, "properties": {"n": "secret"}})
    assert "secret" not in json.dumps(result.bodies[0]["properties"])
    (sample,) = result.effects.changes[violations.SAMPLES].values()
    assert sample
    assert b'"n": "secret"' in violations.decode_sample(sample).payload


def test_counts_when_there_are_too_many_different_ones_then_the_rest_is_one_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits.govern, "VIOLATION_KEYS_MAX", 3)
    used, state = workspace({"rules": [NEEDS_N]}), Rows()
    for names in (["B", "C"], ["C", "D", "E"], ["B", "F"]):
        effects = Effects(state)
        governed(used, *({**NOBODY, "event": name} for name in names), effects=effects)
        state.commit(effects)
    assert sorted((row.event, row.total) for row in rows_of(state)) == [("B", 2), ("C", 2), ("D", 1)]
    keys = violations.decode_keys(state.tables[violations.TABLE][violations.overflow_key(SOURCE)])
    assert (keys.count, keys.overflow) == (3, 2)

    effects = Effects(state)
    later_ms = RECEIVED_MS + 2 * limits.processing.STATE_GENERATION_S * 1000
    governed(used, {**NOBODY, "event": "G"}, effects=effects, received_at_ms=later_ms)
    state.commit(effects)
    assert "G" in {row.event for row in rows_of(state)}, "a new generation has room of its own"


def test_key_when_names_hold_what_separates_them_then_they_stay_apart() -> None:
    assert violations.key("p", "s", "track", "a\0b", "f", "t").count(b"\0") == 5
    assert len(violations.key("p", "s", "track", "x" * 10_000, "f", "t")) < 300


def test_events_when_a_source_has_no_plan_then_they_are_the_same_objects() -> None:
    used = workspace()
    events = arrived(used, NOBODY)
    assert govern.STAGE.run(events, Context(used), Effects()) == events
    assert events[0].trace == b""


def test_trace_when_an_event_keeps_its_rule_then_it_says_which() -> None:
    (trace,) = governed(workspace({"rules": [NEEDS_N]}), {**NOBODY, "properties": {"n": 1}}).traces
    assert trace == {"stage": "govern", "outcome": "allowed", "plan": "p", "version": 1, "rule": "track A v1"}


def test_violations_when_they_are_forwarded_twice_then_their_ids_are_the_same() -> None:
    plan = {"rules": [rule({"required": ["n", "m"]})], "controls": {"forwarding_violations_to": "other"}}
    first, second = (governed(workspace(plan), NOBODY).bodies for _ in range(2))
    ids = [body["messageId"] for body in first if body["event"] == "Violation Generated"]
    assert len(set(ids)) == 2
    assert all(message_id.startswith("sch-") for message_id in ids)
    assert first == second


def test_violations_when_an_event_has_hundreds_then_so_many_are_told() -> None:
    plan = {"rules": [rule({"properties": {"n": {"items": {"type": "string"}}}})]}
    (body,) = governed(workspace(plan), {**NOBODY, "properties": {"n": list(range(1_000))}}).bodies
    assert len(body["context"]["protocols"]["violations"]) == limits.govern.VIOLATIONS_PER_EVENT_MAX


def test_violations_when_schema_and_event_are_large_together_then_the_first_is_told() -> None:
    codes = [f"code {number}" for number in range(2_000)]
    plan = {"rules": [rule({"properties": {"n": {"items": {"enum": codes}}}})]}
    (body,) = governed(workspace(plan), {**NOBODY, "properties": {"n": ["?"] * 5_000}}).bodies
    (violation,) = body["context"]["protocols"]["violations"]
    assert (violation["type"], violation["field"]) == ("Enum", "properties.n.0")
    assert len(violation["description"]) <= 500


@pytest.mark.parametrize("name", ["sign_up", "signup", "SIGN UP", "signUp", "Sign-Up", " sign  up "])
def test_variants_when_a_name_is_written_in_another_way_then_it_is_known(name: str) -> None:
    assert Variants(["Sign Up", "Log In"]).of(name) == "Sign Up"


@pytest.mark.parametrize("name", ["Signed Up", "Sign", "", "___"])
def test_variants_when_it_is_another_name_then_it_is_none(name: str) -> None:
    assert Variants(["Sign Up", "Log In"]).of(name) is None


def test_decision_when_made_by_another_process_then_it_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """Sets have another order in each process; nothing that is stored may depend on it."""
    wrong = {
        "type": "object",
        "properties": {name: {"type": "integer"} for name in "abcdef"},
        "required": list("xyz"),
    }
    members = {
        name: {"type": "integer"} for name in ("userId", "anonymousId", "groupId", "event", "name", "category")
    }
    plan = {
        "rules": [
            {"type": "page", "schema": {"properties": {"properties": wrong}}},
            {"type": "common", "schema": {"properties": members}},
        ],
        "controls": {"allow_properties_on_violations": False, "allow_unplanned_event_properties": False},
    }
    (tmp_path / "plan.yaml").write_text(json.dumps(plan))
    sent = {name: name for name in members} | {"type": "page", "properties": dict.fromkeys("fedcbazyxnm", "text")}
    said = {
        subprocess.run(
            [sys.executable, "-m", "headwater", "validate", "plan.yaml"],
            input=json.dumps(sent).encode(),
            capture_output=True,
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
    assert said.pop().count(b"Invalid type") > 10


def trial(plan: dict[str, Any]) -> Trial:
    (loaded,) = workspace(plan).tracking_plans
    return Trial(loaded)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"nope", "event_not_object"),
        (b'{"type":', "malformed"),
        (b"[1]", "event_not_object"),
        (b'{"event":"A"}', "type_unknown"),
        (b'{"type":"track","event":5}', "event_not_string"),
        (b'{"type":"track","properties":' + b"[" * 100_000 + b"}", "malformed"),
    ],
)
def test_trial_when_a_line_is_no_event_then_it_says_why(line: bytes, code: str) -> None:
    with pytest.raises(InputError) as refused:
        trial({"rules": [NEEDS_N]}).verdict(line)
    assert refused.value.code == code


def test_trial_when_events_are_incomplete_then_they_are_judged_all_the_same() -> None:
    plan = {
        "rules": [rule({"properties": {"n": {"type": "integer"}}, "required": ["n"]})],
        "controls": {"allow_properties_on_violations": False, "allow_unplanned_events": False},
    }
    tried = trial(plan)
    sent = b'{"type":"track","event":"A","properties":{"n":1}}'
    allowed = tried.verdict(sent)
    assert bytes(allowed.pop("event")) == sent
    assert allowed == {
        "verdict": "allowed",
        "violations": [],
        "omitted": [],
        "omitted_on_violation": [],
        "rule": "track A v1",
    }
    omitted = tried.verdict(b'{"type":"track","event":"A","properties":{"n":"x"}}')
    assert (omitted["verdict"], omitted["omitted_on_violation"]) == ("omitted", ["n"])
    assert json.loads(bytes(omitted["event"]))["properties"] == {}
    blocked = tried.verdict(b'{"type":"track","event":"a"}')
    assert (blocked["verdict"], blocked["code"]) == ("blocked", "unplanned")
    assert "event" not in blocked
