"""Replays of dead letters: what they become, and that they become it once."""

import json
from typing import Any

import msgspec
import pytest
from arriving import batch, context, event_texts, instants, objects, request, source, track, values
from hypothesis import assume, given
from hypothesis import strategies as st
from replaying import Stages, picky

from headwater.errors import InputError
from headwater.event import OutboundEvent
from headwater.flow import DeadLetter
from headwater.processing import dead_letters
from headwater.processing.replay import Replay, as_discard, as_request

AT_MS = 1_800_000_000_000


def without_place(event: OutboundEvent) -> OutboundEvent:
    """All of it but what is documented to differ: where in the log it is, that it was replayed, and the key of a
    profile that it has made, which follows from that place.
    """
    return msgspec.structs.replace(event, offset=0, index=0, trace=b"", profile_id=bool(event.profile_id))


def bad(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in track(**members).items() if name != "userId"}


# --- equal to what would have been accepted -----------------------------------------------------------------

shared_members = st.fixed_dictionaries(
    {}, optional={"sentAt": instants, "context": objects(values), "integrations": objects(values)}
)


@given(st.lists(event_texts(odd=False), min_size=1, max_size=4), shared_members, st.data())
def test_replay_when_the_fault_is_mended_then_the_event_is_what_it_would_have_been(
    texts: list[str], shared: dict[str, str], data: st.DataObject
) -> None:
    members = "".join(f',"{name}":{value}' for name, value in shared.items())
    body = f'{{"batch":[{",".join(texts)}]{members}}}'
    right = Stages().run(request(body, events=len(texts)))
    assume(len(right.accepted) == len(texts))
    at = data.draw(st.integers(0, len(texts) - 1))
    expected = right.accepted[at]

    stages = Stages()
    if data.draw(st.booleans(), label="broken by the sender"):
        broken = [*texts[:at], '{"type":"nonsense"}', *texts[at + 1 :]]
        wrong = stages.run(request(f'{{"batch":[{",".join(broken)}]{members}}}', events=len(texts)))
        [letter] = wrong.letters
        again = as_request(letter, at_ms=AT_MS, edited=texts[at].encode())
    else:
        wrong = stages.run(request(body, events=len(texts)), stages=picky(expected.message_id))
        [letter] = wrong.letters
        again = as_request(letter, at_ms=AT_MS)
    assert (letter.offset, letter.index) == (0, at)
    assert [*map(without_place, wrong.accepted)] == [
        without_place(event) for event in right.accepted if event is not expected
    ]
    replayed = stages.run(again)
    assert [without_place(event) for event in replayed.accepted] == [without_place(expected)]
    assert stages.letters == []


@given(event_texts(odd=False))
def test_replay_when_the_event_came_alone_then_it_is_what_it_would_have_been(text: str) -> None:
    right = Stages().run(request(text, call="track"))
    assume(right.accepted)
    stages = Stages()
    [letter] = stages.run(request(text, call="track"), stages=picky(right.accepted[0].message_id)).letters
    replayed = stages.run(as_request(letter, at_ms=AT_MS))
    assert [*map(without_place, replayed.accepted)] == [*map(without_place, right.accepted)]


# --- once ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message_id", ["m1", None])
@pytest.mark.parametrize("before_dedupe", [True, False])
@pytest.mark.parametrize("together", [True, False])
def test_replay_when_asked_twice_then_the_event_is_there_once(
    message_id: str | None, before_dedupe: bool, together: bool
) -> None:
    stages = Stages()
    good = track(messageId=message_id)
    if before_dedupe:
        [letter] = stages.run(request(batch(bad(messageId=message_id)))).letters
        edited = json.dumps(good).encode()
    else:
        known = Stages().run(request(batch(good))).accepted[0].message_id
        [letter] = stages.run(request(batch(good)), stages=picky(known)).letters
        edited = None
    twice = [as_request(letter, at_ms=AT_MS + n, edited=edited) for n in range(2)]
    runs = [stages.run(*twice)] if together else [stages.run(each) for each in twice]
    accepted = [event for run in runs for event in run.accepted]
    assert len(accepted) == 1
    assert sum(run.counts.get(("website", "dead_letter_gone"), 0) for run in runs) == 1
    assert stages.letters == []


def test_replay_when_the_sender_tried_again_meanwhile_then_the_event_is_there_once() -> None:
    stages = Stages()
    [letter] = stages.run(request(batch(bad()))).letters
    assert len(stages.run(request(batch(track()))).accepted) == 1
    replayed = stages.run(as_request(letter, at_ms=AT_MS, edited=json.dumps(track()).encode()))
    assert replayed.accepted == []
    assert replayed.counts["website", "duplicate"] == 1

    stages = Stages()
    [letter] = stages.run(request(batch(track())), stages=picky("m1")).letters
    assert stages.run(request(batch(track()))).counts["website", "duplicate"] == 1
    assert len(stages.run(as_request(letter, at_ms=AT_MS)).accepted) == 1


def test_replay_when_it_fails_again_and_again_then_it_keeps_its_identity_and_ends_once() -> None:
    """Each failure is a letter of its own, and there is never more than one."""
    stages = Stages()
    anonymous = {name: value for name, value in track().items() if name != "messageId"}
    sent = request(batch(track(messageId="other"), anonymous, context={"a": 1}))
    expected = Stages().run(sent).accepted[1]
    [letter] = stages.run(sent, stages=picky(expected.message_id)).letters
    assert letter.message_id == letter.owned_id == expected.message_id
    for _ in range(3):
        [letter] = stages.run(as_request(letter, at_ms=AT_MS), stages=picky(expected.message_id)).letters
        assert stages.letters == [letter]
        assert (letter.owned_id, letter.first_offset, letter.first_index) == (expected.message_id, 0, 1)
    disabled = Stages(context(source(enabled=False)))
    disabled.state, disabled.offset = stages.state, stages.offset
    [whole] = disabled.run(as_request(letter, at_ms=AT_MS)).letters
    assert (whole.index, whole.reason) == (-1, "source_disabled")
    stages.offset = disabled.offset
    assert [*map(without_place, stages.run(as_request(whole, at_ms=AT_MS)).accepted)] == [without_place(expected)]
    assert stages.letters == []


def test_replay_when_a_whole_batch_was_set_aside_then_each_event_keeps_the_id_of_its_place() -> None:
    anonymous = {name: value for name, value in track().items() if name != "messageId"}
    sent = request(batch(anonymous, track(), anonymous))
    expected = Stages().run(sent).accepted
    stages = Stages(context(source(enabled=False)))
    [letter] = stages.run(sent).letters
    stages.context = context()
    again = [as_request(letter, at_ms=AT_MS)] * 2
    assert [*map(without_place, stages.run(*again).accepted)] == [*map(without_place, expected)]
    assert dead_letters.message_ids(letter) == [event.message_id for event in expected]


def test_replay_when_others_of_its_batch_were_accepted_then_they_are_not_repeated() -> None:
    stages = Stages()
    first = stages.run(request(batch(track(messageId="a"), bad(messageId="b"), track(messageId="c"))))
    assert [event.message_id for event in first.accepted] == ["a", "c"]
    [letter] = first.letters
    replayed = stages.run(as_request(letter, at_ms=AT_MS, edited=json.dumps(track(messageId="b")).encode()))
    assert [event.message_id for event in replayed.accepted] == ["b"]


def test_replay_when_it_is_accepted_then_its_trace_says_where_it_came_from() -> None:
    stages = Stages()
    [letter] = stages.run(request(batch(bad()))).letters
    [event] = stages.run(as_request(letter, at_ms=AT_MS, edited=json.dumps(track()).encode())).accepted
    noted = msgspec.json.decode(b"[%b]" % event.trace)[0]
    assert noted == {
        "stage": "recall",
        "outcome": "replayed, edited",
        "letter": "0.0",
        "at_ms": AT_MS,
        "was": "normalise: no_user_anon_id",
    }
    assert stages.fates("m1") == [("normalise", "no_user_anon_id", "replayed")]


# --- discard ------------------------------------------------------------------------------------------------


def test_discard_when_letters_are_named_then_they_are_gone_and_counted_once() -> None:
    stages = Stages()
    stages.run(request(batch(bad(messageId="a"), bad(messageId="b"), bad(messageId="c"))))
    for _ in range(2):
        run = stages.run(as_discard([(0, 0), (0, 2), (7, 0)], at_ms=AT_MS))
        assert run.accepted == run.letters == []
    assert [letter.message_id for letter in stages.letters] == ["b"]
    assert stages.fates("a") == [("normalise", "no_user_anon_id", "discarded")]
    assert stages.fates("b") == [("normalise", "no_user_anon_id", "kept")]
    assert not list(stages.state.scan(dead_letters.MESSAGES, dead_letters.dropped_prefix("a")))


def test_discard_when_it_comes_between_two_replays_then_what_came_first_counts() -> None:
    stages = Stages()
    [letter] = stages.run(request(batch(track())), stages=picky("m1")).letters
    run = stages.run(as_discard([(0, 0)], at_ms=AT_MS), as_request(letter, at_ms=AT_MS))
    assert run.accepted == []
    assert (run.counts["website", "discarded"], run.counts["website", "dead_letter_gone"]) == (1, 1)


# --- what cannot be -----------------------------------------------------------------------------------------


def test_as_request_when_the_record_was_never_readable_then_refused() -> None:
    letter = DeadLetter(0, -1, "collected", "poison", "", "", "", 0, b"\xc1")
    with pytest.raises(InputError, match="never be read") as refusal:
        as_request(letter, at_ms=0)
    assert refusal.value.code == "not_replayable"
    assert dead_letters.sent(letter) == b"\xc1"


def test_as_request_when_a_whole_batch_is_edited_then_refused_and_a_single_event_is_taken() -> None:
    stages = Stages(context(source(enabled=False)))
    [whole, single] = stages.run(request(), request(track(), call="track")).letters
    with pytest.raises(InputError, match="whole batch") as refusal:
        as_request(whole, at_ms=0, edited=b"{}")
    assert refusal.value.code == "not_editable"
    again = as_request(single, at_ms=AT_MS, edited=json.dumps(track(userId="u2")).encode())
    replay = Replay.of(again)
    assert replay is not None
    assert replay.edited
    stages.context = context()
    assert [event.user_id for event in stages.run(again).accepted] == ["u2"]


def test_completed_when_the_letter_is_of_a_batch_then_it_holds_what_it_shared_and_no_key() -> None:
    sent = batch(bad(), sentAt="2026-01-01T00:00:00Z", context={"a": 1}, writeKey="wk_secret")
    [letter] = Stages().run(request(sent, ip="203.0.113.7")).letters
    assert json.loads(letter.shared) == {"sentAt": "2026-01-01T00:00:00Z", "context": {"a": 1}}
    assert (letter.ip, letter.user_agent, letter.call) == ("203.0.113.7", "test", "batch")
