"""What must hold for every body that collection admits, whatever is in it."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
import msgspec
import pytest
from arriving import (
    Outcome,
    batch_text,
    batch_texts,
    context,
    event_texts,
    member_lists,
    normalised,
    request,
    source,
    staged,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from headwater.aggregation import plan
from headwater.collection.admission import admit
from headwater.config.workspace import SourceType
from headwater.event import CALLS, Event, OutboundEvent
from headwater.flow import Effects
from headwater.flowing import Arrival, FlowingEvent
from headwater.wire import repair_surrogates

SERVER = source()
BROWSER = source(type=SourceType.JAVASCRIPT)
ENVELOPE = {field.encode_name for field in msgspec.structs.fields(Event)}
sources = st.sampled_from([SERVER, BROWSER])


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def outbound_of(outcome: Outcome) -> list[OutboundEvent]:
    return plan.STAGE.run(outcome.accepted, context(), Effects())


def top_level(body: bytes) -> list[str]:
    """Keys of the outermost object, repeated ones repeated."""
    pairs: list[tuple[str, Any]] = json.loads(
        body, object_pairs_hook=lambda found: found, parse_int=str, parse_float=str
    )
    return [key for key, _ in pairs]


# --- the three ways of reading agree ------------------------------------------------------------------------

SPOILER = "5"
"""An event that is no object: the typed decode of its batch fails, so the others are read one by one."""

UNKNOWN = '"not in the envelope":1'
"""A member that makes the strict decode of its event fail, so it is read member by member."""


def spoiled(event: str) -> str:
    return event[:-1] + ("," if event[1:-1].strip() else "") + UNKNOWN + "}"


def essence(outcome: Outcome) -> tuple[list[Any], list[Any]]:
    """What was decided, without what the ways of reading may keep besides, and without the spoiler."""
    accepted = [
        (e.index, e.event, e.timestamp_ms, e.original_timestamp_ms, e.sent_at_ms) for e in outcome.accepted
    ]
    return accepted, [(d.index, d.reason) for d in outcome.dead if d.reason != "event_not_object"]


@given(events=st.lists(event_texts(unknown=False), min_size=1, max_size=3), which=sources, sent_at=st.booleans())
def test_reading_when_a_batch_is_typed_then_event_by_event_gives_the_same(
    events: list[str], which: Any, sent_at: bool
) -> None:
    shared = {"sentAt": '"2026-01-02T03:04:00Z"'} if sent_at else {}
    whole = normalised(request(batch_text(events, **shared)), sources=(which,))
    single = normalised(request(batch_text([*events, SPOILER], **shared)), sources=(which,))
    assert essence(single) == essence(whole)
    assert [e.extra for e in single.accepted] == [e.extra for e in whole.accepted]


@given(event=event_texts(unknown=False), which=sources)
def test_reading_when_strict_accepts_then_lenient_accepts_with_the_same_result(event: str, which: Any) -> None:
    strict = normalised(request(batch_text([event])), sources=(which,))
    lenient = normalised(request(batch_text([spoiled(event)])), sources=(which,))
    assert essence(lenient) == essence(strict)


@given(event=event_texts(unknown=False), call=st.sampled_from(CALLS))
def test_reading_when_single_then_the_call_of_the_path_wins_either_way(event: str, call: str) -> None:
    strict = normalised(request(event, call=call))
    assert essence(normalised(request(spoiled(event), call=call))) == essence(strict)
    assert {e.event.type for e in strict.accepted} <= {call}


# --- nothing is lost, nothing is counted twice --------------------------------------------------------------


@given(bodies=st.lists(batch_texts(), min_size=1, max_size=3), which=sources)
def test_normalise_when_given_any_admitted_json_then_every_event_ends_exactly_once(
    bodies: list[tuple[str, int]], which: Any
) -> None:
    for body, _ in bodies:
        admit(body.encode(), is_batch=True, gzipped=False)
    outcome = normalised(*(request(body, events=count) for body, count in bodies), sources=(which,))
    ended = Counter((e.offset, e.index) for e in outcome.accepted) + Counter(
        (d.offset, d.index) for d in outcome.dead
    )
    assert ended == Counter((at, index) for at, (_, count) in enumerate(bodies) for index in range(count))
    assert outcome.effects.counts.total() == len(outcome.dead)


@given(body=batch_texts())
def test_dead_letter_when_an_event_is_refused_then_holds_it_as_sent(body: tuple[str, int]) -> None:
    sent = repair_surrogates(body[0].encode())
    raws = msgspec.json.decode(sent, type=dict[str, msgspec.Raw])["batch"]
    events = msgspec.json.decode(raws, type=list[msgspec.Raw])
    for letter in normalised(request(body[0])).dead:
        assert letter.payload == bytes(events[letter.index])


# --- the same again -----------------------------------------------------------------------------------------


@given(bodies=st.lists(batch_texts(), min_size=1, max_size=4), data=st.data())
def test_normalise_when_the_micro_batch_is_split_anywhere_then_gives_the_same(
    bodies: list[tuple[str, int]], data: st.DataObject
) -> None:
    arrivals = [Arrival(at, request(body, events=count)) for at, (body, count) in enumerate(bodies)]
    cut = data.draw(st.integers(0, len(arrivals)))
    whole, first, second = staged(arrivals), staged(arrivals[:cut]), staged(arrivals[cut:])
    assert whole.accepted == first.accepted + second.accepted
    assert whole.dead == first.dead + second.dead
    assert whole.effects.counts == first.effects.counts + second.effects.counts
    assert staged(arrivals) == whole


# --- what leaves is JSON for everybody ----------------------------------------------------------------------


@given(body=batch_texts(), which=sources)
def test_body_when_an_event_is_accepted_then_strict_readers_take_it(
    duck: duckdb.DuckDBPyConnection, body: tuple[str, int], which: Any
) -> None:
    for event in outbound_of(normalised(request(body[0]), sources=(which,))):
        msgspec.json.decode(event.body, type=msgspec.Raw)
        keys = top_level(event.body)
        assert len(keys) == len(set(keys)), "a key twice: readers would disagree about it"
        text = event.body.decode()
        found = duck.execute("SELECT json_valid($1), $1::JSON->>'$.messageId'", [text]).fetchone()
        assert found is not None
        assert found[0]
        if "\0" not in event.message_id:
            assert found[1] == event.message_id


@given(members=member_lists(odd=False, repeated=False))
def test_body_when_members_are_unknown_then_they_are_kept_as_sent(members: list[tuple[str, str]]) -> None:
    text = "{" + ",".join(f"{key}:{value}" for key, value in members) + "}"
    sent = msgspec.json.decode(repair_surrogates(text.encode()), type=dict[str, msgspec.Raw])
    outcome = normalised(request(batch_text([text])))
    assume(outcome.accepted)
    kept = msgspec.json.decode(outbound_of(outcome)[0].body, type=dict[str, msgspec.Raw])
    assert {k: bytes(v) for k, v in kept.items() if k not in ENVELOPE} == {
        k: bytes(v) for k, v in sent.items() if k not in ENVELOPE
    }
    assert "writeKey" not in kept


@given(members=member_lists(odd=False, unknown=False, repeated=False))
def test_envelope_when_members_are_plain_then_they_pass_unchanged(members: list[tuple[str, str]]) -> None:
    text = "{" + ",".join(f"{key}:{value}" for key, value in members) + "}"
    sent = json.loads(repair_surrogates(text.encode()), parse_int=str, parse_float=str)
    outcome = normalised(request(batch_text([text])))
    assume(outcome.accepted)
    flowing: FlowingEvent = outcome.accepted[0]
    event = flowing.event
    assert (event.type, event.user_id, event.event) == (sent["type"], sent["userId"], sent["event"])
    for name in ("properties", "traits", "_metadata"):
        raw = getattr(event, name.strip("_"))
        assert (raw is msgspec.UNSET) == (name not in sent)
        if name in sent:
            assert json.loads(bytes(raw), parse_int=str, parse_float=str) == sent[name]
    assert 0 < len(event.message_id or "") < 100
