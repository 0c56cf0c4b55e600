"""The parts of normalise that a scenario file cannot say."""

import gzip
import json
import string

import msgspec
import pytest
from arriving import RECEIVED_MS, batch, batch_text, context, normalised, request, source, track
from hypothesis import given
from hypothesis import strategies as st

from headwater import limits
from headwater.config.workspace import SourceType
from headwater.event import decode_collected
from headwater.flow import Effects, run_stage
from headwater.flowing import Arrival
from headwater.processing import normalise, timestamps

instants_ms = st.integers(timestamps.MIN_MS, timestamps.MAX_MS)


def message_id(given_id: str | None, *, at: int = 0) -> str:
    filler = [track()] * at
    found = normalised(request(batch(*filler, track(messageId=given_id)))).accepted[at].event.message_id
    assert found
    return found


def test_message_id_when_under_the_limit_then_kept_and_from_the_limit_on_hashed() -> None:
    longest = "m" * (limits.processing.MESSAGE_ID_CHARS_MAX - 1)
    assert message_id(longest) == longest
    assert message_id(longest + "m") != longest + "m"
    assert len(message_id(longest * 50)) < limits.processing.MESSAGE_ID_CHARS_MAX


def test_message_id_when_too_long_then_a_retry_gets_the_same_one_wherever_it_stands() -> None:
    too_long = "m" * 150
    assert message_id(too_long) == message_id(too_long, at=1)
    assert message_id(too_long) != message_id(too_long + "n")


def test_message_id_when_absent_then_unique_per_place_and_the_same_on_every_run() -> None:
    assert message_id(None) == message_id(None)
    assert message_id(None) != message_id(None, at=1)
    twice = normalised(*[request(batch(track(messageId=None)))] * 2).accepted
    assert twice[0].event.message_id != twice[1].event.message_id


@pytest.mark.parametrize("ids", [["m1"] * 2, ["m1", "m2"]])
def test_message_id_when_repeated_then_both_are_passed_on(ids: list[str]) -> None:
    accepted = normalised(request(batch(*(track(messageId=given_id) for given_id in ids)))).accepted
    assert [event.event.message_id for event in accepted] == ids


@given(original=instants_ms, sent=instants_ms, received=instants_ms)
def test_clock_skew_when_the_result_is_an_instant_then_it_is_the_documented_formula(
    original: int, sent: int, received: int
) -> None:
    event = track(timestamp=timestamps.render(original))
    body = batch(event, sentAt=timestamps.render(sent))
    flowing = normalised(request(body, received_at_ms=received)).accepted[0]
    exact = received - (sent - original)
    assert flowing.timestamp_ms == (exact if timestamps.MIN_MS <= exact <= timestamps.MAX_MS else received)
    assert (flowing.original_timestamp_ms, flowing.sent_at_ms) == (original, sent)
    assert flowing.event.timestamp == timestamps.render(flowing.timestamp_ms)


@given(
    own=st.none() | st.dictionaries(st.sampled_from("abcd"), st.integers()),
    shared=st.none() | st.dictionaries(st.sampled_from("abcd"), st.integers()),
    name=st.sampled_from(["context", "integrations"]),
)
def test_batch_members_when_merged_then_the_event_wins_key_by_key(
    own: dict[str, int] | None, shared: dict[str, int] | None, name: str
) -> None:
    outcome = normalised(request(batch(track(**{name: own}), **{name: shared})))
    found = json.loads(bytes(getattr(outcome.accepted[0].event, name)))
    assert found == (shared or {}) | (own or {})


@given(
    which=st.sampled_from(SourceType),
    direct=st.sampled_from([None, True, False, "true", 1]),
    own=st.sampled_from(["absent", None, "", "0.0.0.0", "198.51.100.4"]),
    ip=st.sampled_from(["", "203.0.113.7", "2001:db8::7", "::1"]),
)
def test_ip_when_sent_from_anywhere_then_follows_the_rules(
    which: SourceType, direct: object, own: str | None, ip: str
) -> None:
    sent = {"direct": direct} | ({} if own == "absent" else {"ip": own})
    outcome = normalised(request(batch(track(context=sent)), ip=ip), sources=(source(type=which),))
    found = json.loads(bytes(outcome.accepted[0].event.context))
    wanted = which not in {SourceType.SERVER, SourceType.HTTP} or direct is True
    if own == "absent" and wanted and ip and ":" not in ip:
        assert found == sent | {"ip": ip}
    else:
        assert found == sent


def test_body_when_gzipped_then_read_the_same() -> None:
    plain = json.dumps(batch(track())).encode()
    assert normalised(request(gzip.compress(plain), gzipped=True)).accepted == normalised(request(plain)).accepted


def test_source_when_it_was_removed_since_then_its_events_are_still_taken() -> None:
    accepted = normalised(request(source="gone"), sources=(source("another"),)).accepted
    assert [event.source for event in accepted] == ["gone"]


def test_properties_when_more_than_a_reader_can_bear_then_refused() -> None:
    keys = [f'"{a}{b}{c}":1' for a in string.ascii_letters for b in string.ascii_letters for c in "abcd"]
    keys = keys[: limits.processing.PROPERTIES_MAX + 1]
    event = '{"type":"track","event":"A","userId":"u","properties":{' + ",".join(keys) + "}}"
    assert normalised(request(batch_text([event]))).reasons == ["properties_too_many"]
    fewer = event.replace(keys[0] + ",", "")
    assert normalised(request(batch_text([fewer]))).reasons == []


def test_request_when_it_cannot_be_read_then_only_it_is_buried_whole_with_all_its_events_counted() -> None:
    broken = request(b"\x1f\x8b not gzip", gzipped=True, events=7)
    arrivals = [Arrival(10, request()), Arrival(11, broken), Arrival(12, request())]
    effects = Effects()
    accepted = run_stage(normalise.STAGE, arrivals, context(), effects)
    assert [event.offset for event in accepted] == [10, 12]
    [letter] = effects.dead
    assert (letter.offset, letter.index, letter.reason, letter.events) == (11, -1, "poison", 7)
    assert effects.counts == {("website", "poison"): 7}
    assert decode_collected(letter.payload) == broken


def test_batch_when_all_events_are_bad_then_the_body_is_not_read_once_for_each() -> None:
    events = [
        {"type": "track", "event": "A", "properties": {"n": n}} for n in range(limits.collection.BATCH_EVENTS_MAX)
    ]
    outcome = normalised(request(batch(*events)))
    payloads = {bytes(letter.payload) for letter in outcome.dead}
    assert len(payloads) == limits.collection.BATCH_EVENTS_MAX
    assert all(isinstance(msgspec.json.decode(payload), dict) for payload in payloads)
    assert outcome.dead[0].received_at_ms == RECEIVED_MS
