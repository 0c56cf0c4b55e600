"""personal: rows of working data without one person, and every other byte as it was."""

import json
from typing import Any

import msgspec
import pytest
from arriving import request
from hypothesis import given
from hypothesis import strategies as st

from headwater.event import encode_collected
from headwater.flow import DeadLetter
from headwater.processing import dead_letters, personal, violations
from headwater.processing.personal import RULES, Outcome, Users

ANN = Users(["ann"], before=1_000)
_encode = msgspec.msgpack.Encoder().encode


def letter(payload: bytes, *, index: int = 0, offset: int = 7, **more: Any) -> DeadLetter:
    return DeadLetter(offset, index, "normalise", "r", "d", "website", "track", 5, payload, **more)


def ruled(found: DeadLetter, users: Users = ANN) -> Outcome | None:
    at = dead_letters.key(dead_letters.place_of(found))
    return RULES[dead_letters.TABLE](at, _encode(found), users)


def whole(*events: Any, offset: int = 7, gzipped: bool = False, **more: Any) -> DeadLetter:
    sent = request({"batch": list(events), **more}, gzipped=gzipped)
    return letter(encode_collected(sent), index=-1, offset=offset, events=len(events))


def kept_events(outcome: Outcome) -> tuple[list[Any], bytes, int]:
    (row,) = outcome.changes[dead_letters.TABLE].values()
    assert row is not None
    found = msgspec.msgpack.decode(row, type=DeadLetter)
    sent = dead_letters.whole_request(found)
    assert sent is not None
    events, shared = dead_letters.opened(sent)
    assert found.events == sent.events == len(events)
    return [json.loads(event) for event in events], shared, outcome.events


@pytest.mark.parametrize(
    "payload",
    [
        b'{"type":"track","userId":"ann"}',
        b'{"type":"alias","userId":"bob","previousId":"ann"}',
        b'{"userId":"a\\u006en"}',
        b'{"userId":"ann","properties":{"x":1e999}}',
        b'{"userId":"ann"',  # cut off
        b'["ann"',
    ],
)
def test_letter_when_it_is_theirs_then_it_goes_with_its_index(payload: bytes) -> None:
    outcome = ruled(letter(payload, message_id="m1"))
    assert outcome is not None
    assert [list(rows.values()) for rows in outcome.changes.values()] == [[None], [None]]


@pytest.mark.parametrize(
    "payload",
    [b'{"userId":"bob"}', b'{"userId":"anna"}', b'{"anonymousId":"ann"}', b"{}", b"[]", b"", b'{"userId":7}'],
)
def test_letter_when_it_is_somebody_elses_then_untouched(payload: bytes) -> None:
    assert ruled(letter(payload)) is None


def test_letter_when_it_came_after_the_request_then_untouched() -> None:
    assert ruled(letter(b'{"userId":"ann"}', offset=999)) is not None
    assert ruled(letter(b'{"userId":"ann"}', offset=1_000)) is None


def test_letter_when_a_number_is_the_user_then_found_by_its_text() -> None:
    assert ruled(letter(b'{"userId":7}'), Users(["7"], before=1_000)) is not None


def test_whole_request_when_it_holds_others_as_well_then_they_stay_as_sent() -> None:
    bob = {"type": "track", "userId": "bob", "messageId": "m2", "properties": {"é": [1, 2.50, None]}}
    outcome = ruled(whole({"userId": "ann", "messageId": "m1"}, bob, {"userId": "ann"}, context={"ip": "1.2.3.4"}))
    assert outcome is not None
    assert kept_events(outcome) == ([bob], b'{"context":{"ip": "1.2.3.4"}}', 2)
    assert None in outcome.changes[dead_letters.MESSAGES].values(), "nobody finds it by the message that went"


def test_whole_request_when_all_of_it_is_theirs_then_it_goes() -> None:
    outcome = ruled(whole({"userId": "ann"}, {"userId": "ann"}))
    assert outcome is not None
    assert list(outcome.changes[dead_letters.TABLE].values()) == [None]
    assert outcome.events == 2


def test_whole_request_when_it_cannot_be_opened_then_it_goes_if_it_has_the_id_as_a_value() -> None:
    for body, goes in ((b'{"batch":[{"userId":"ann"}', True), (b'{"batch":[{"userId":"anna"}', False)):
        outcome = ruled(letter(encode_collected(request(body)), index=-1))
        assert (outcome is not None) is goes


IDS = st.sampled_from(["ann", "bob", "Ann", "ann2"])
EVENTS = st.fixed_dictionaries(
    {"userId": IDS}, optional={"previousId": IDS, "properties": st.dictionaries(IDS, IDS), "messageId": IDS}
)


@given(st.lists(EVENTS, min_size=1, max_size=8))
def test_whole_request_when_anybody_is_in_it_then_exactly_their_events_go(events: list[dict[str, Any]]) -> None:
    others = [event for event in events if "ann" not in {event["userId"], event.get("previousId")}]
    outcome = ruled(whole(*events))
    if len(others) == len(events):
        assert outcome is None
    elif others:
        assert outcome is not None
        assert kept_events(outcome)[0] == others
    else:
        assert outcome is not None
        assert list(outcome.changes[dead_letters.TABLE].values()) == [None]


@pytest.mark.parametrize(
    ("user", "payload", "goes"),
    [
        ("ann", b"{}", True),
        ("bob", b'{"userId":"bob","previousId":"ann"}', True),
        ("bob", b'{"userId":"bob","properties":{"x":"y', False),
        ("bob", b'{"userId":"bob","previousId":"ann","properties":{"x":"y', True),
    ],
)
def test_sample_when_it_is_theirs_then_it_goes(user: str, payload: bytes, goes: bool) -> None:
    sample = violations.Sample("m1", user, "", "website", 5, payload)
    outcome = RULES[violations.SAMPLES](b"k", violations.encode(sample), ANN)
    assert outcome == (Outcome({violations.SAMPLES: {b"k": None}}, 1) if goes else None)


def test_users_when_a_text_quotes_the_id_then_found_and_only_as_a_whole_word() -> None:
    assert personal.Users(["ann"], before=1).are_named("'ann' is not a number")
    assert not personal.Users(["ann"], before=1).are_named("'anna' is not a number, ann")
