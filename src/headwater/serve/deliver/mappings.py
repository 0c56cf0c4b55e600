"""A mapping tried out on an event, while somebody writes it. What a whole destination would do is in `routing`."""

import asyncio
from typing import Any, Final

import msgspec
from litestar import post

from headwater.destinations.mapping_trial import Trial, trial
from headwater.errors import InputError
from headwater.serve.deliver.routing import accepted_event, filled
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.instants import now_ms
from headwater.serve.observe.changed import readable


class MappingTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping, or what a type of destination makes of events; and `event` or `message_id`."""

    mapping: dict[str, Any] | None = None
    """As in a workspace file. With a type it is laid over the preset's mapping and the defaults of the fields."""
    type: str | None = None
    """Of a destination."""
    action: str | None = None
    """What the mapping is for; left out: the preset's, or the only one the type has."""
    preset: str | None = None
    event: dict[str, Any] | None = None
    """What it leaves out of `type`, `messageId` and times is filled in."""
    message_id: str | None = None
    """An event that was accepted before."""


class MappingFailure(msgspec.Struct, frozen=True):
    code: str
    """`mapping_failed`: of this event the mapping makes nothing. `invalid_payload`: what it makes is not taken."""
    message: str
    path: str
    """Where: in the mapping, or in the payload."""


class MappingPreview(msgspec.Struct, frozen=True):
    event: Any
    mapping: Any
    """The mapping with the defaults of the fields."""
    mapped: Any
    """What it makes of the event."""
    payload: Any
    """That as the action takes it: coerced, checked, its fields only. Null without a type, or when there is an
    error.
    """
    error: MappingFailure | None
    is_triggered: bool | None
    """Whether the preset's trigger matches the event; null without a preset."""


@post("/mappings/preview", status_code=200, responses=NAMED_ERRORS, opt=READS)
async def preview_mapping(desk: Desk, data: MappingTrial) -> MappingPreview:
    """What a mapping makes of an event, and whether an action takes it. Nothing is sent."""
    if (data.event is None) == (data.message_id is None):
        said = "one of `event` and `message_id` says which event; give one, and not both"
        raise InputError("invalid_request", said, field="event")
    # It may come with a mapping that takes a while; nobody else waits for that.
    tried = await asyncio.to_thread(
        lambda: trial(data.mapping, type_=data.type, action=data.action, preset=data.preset)
    )
    if data.message_id is not None:
        body = (await accepted_event(desk, data.message_id)).body
    else:
        body = msgspec.json.encode(filled(data.event or {}, now_ms()))
    return await asyncio.to_thread(lambda: previewed(tried, body))


def previewed(tried: Trial, body: bytes) -> MappingPreview:
    event = msgspec.json.decode(body, type=dict[str, Any])
    result = tried.run(event)
    error = result.error
    failure = None if error is None else MappingFailure(error.code, error.message, error.path)
    return MappingPreview(
        readable(body), tried.mapping, result.mapped, result.payload, failure, tried.is_for(body)
    )


HANDLERS: Final = [preview_mapping]
