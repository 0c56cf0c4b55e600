"""suppress: whose events go no further."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from arriving import context, normalised, request, source
from hypothesis import given
from hypothesis import strategies as st

from headwater.flow import DROPPED, Context, Effects, run_stage
from headwater.flowing import FlowingEvent
from headwater.processing import suppress

FIXTURES = Path(__file__).parents[2] / "fixtures" / "stages" / "suppress"
SCENARIOS = [scenario for file in sorted(FIXTURES.glob("*.yaml")) for scenario in yaml.safe_load(file.read_text())]


def flowing(*events: dict[str, Any]) -> list[FlowingEvent]:
    accepted = normalised(request({"batch": list(events)})).accepted
    assert len(accepted) == len(events), "the test is about events that are accepted"
    return accepted


def run(suppressed: list[str], events: list[FlowingEvent]) -> tuple[list[str | None], Effects]:
    effects = Effects()
    given_context = Context(context(source()).workspace, 1, frozenset(suppressed))
    passed = run_stage(suppress.STAGE, events, given_context, effects)
    return [each.event.message_id for each in passed], effects


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["scenario"])
def test_scenario(scenario: dict[str, Any]) -> None:
    passed, effects = run(scenario["suppressed"], flowing(*scenario["events"]))
    refused = len(scenario["events"]) - len(scenario["passed"])
    assert passed == scenario["passed"]
    assert dict(effects.counts) == ({("website", "suppressed"): refused} if refused else {})
    assert len(effects.changes.get(DROPPED, {})) == refused
    assert effects.dead == [], "what is suppressed is kept nowhere"


def test_suppress_when_an_event_is_refused_then_nothing_that_is_remembered_names_the_user() -> None:
    _, effects = run(["ann"], flowing({"type": "track", "event": "Seen", "userId": "ann", "messageId": "m1"}))
    assert b"ann" not in b"".join(key + (row or b"") for key, row in effects.changes[DROPPED].items())


USERS = st.sampled_from(["ann", "bob", "carl", "dora", None])


@given(st.lists(st.tuples(USERS, USERS), max_size=40), st.sets(st.sampled_from(["ann", "bob", "carl"])))
def test_suppress_when_users_come_in_any_order_then_exactly_theirs_are_refused(
    named: list[tuple[str | None, str | None]], suppressed: set[str]
) -> None:
    events = []
    for number, (user, previous) in enumerate(named):
        (event,) = flowing({"type": "track", "event": "A", "anonymousId": "a", "messageId": f"m{number}"})
        event.event.user_id, event.event.previous_id = user, previous
        events.append(event)
    passed, _ = run(sorted(suppressed), events)
    assert passed == [f"m{n}" for n, who in enumerate(named) if not suppressed.intersection(who)]
