"""What makes an event of a replay another one than it was: where it goes, and a mark that receivers can see."""

from typing import Final

import msgspec
from msgspec import Raw

from headwater.event import CollectedRequest, OutboundEvent, instant
from headwater.flowing import trace_line
from headwater.processing.again import as_request
from headwater.replay.port import Replay

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode

MARK: Final = "replay"
"""The member of `context` that says which replay an event is from."""


def to_destination(event: OutboundEvent, replay: Replay) -> OutboundEvent:
    """The event for this one destination. Everything but `integrations` and the mark in `context` is as it was,
    consent included (spec 2.11); its messageId, too, so that a receiver that remembers ids takes it once.
    """
    members = _members(event.body)
    members["integrations"] = Raw(_encode({"All": False, replay.asked.to: True}))
    return msgspec.structs.replace(
        event,
        body=_encode(_marked(members, replay)),
        trace=_noted(event, replay),
        destinations=(replay.asked.to,),
    )


def through_pipeline(event: OutboundEvent, replay: Replay) -> CollectedRequest:
    """The record that has the event go through the stages again. Its own `integrations` hold."""
    body = _encode(_marked(_members(event.body), replay))
    return as_request(msgspec.structs.replace(event, body=body), replay=replay.id, at_ms=replay.at_ms)


def _marked(members: dict[str, Raw], replay: Replay) -> dict[str, Raw]:
    given = members.get("context")
    try:
        context = {} if given is None else _members(given)
    except msgspec.MsgspecError:
        context = {}  # null, in events that were never normalised
    context[MARK] = Raw(_encode({"id": replay.id, "at": instant(replay.at_ms)}))
    return members | {"context": Raw(_encode(context))}


def _noted(event: OutboundEvent, replay: Replay) -> bytes:
    line = trace_line("replay", "sent again", id=replay.id, to=replay.asked.to, at_ms=replay.at_ms)
    return event.trace + b"," + line if event.trace else line
