"""What a destination would do with the newest events, while somebody writes its filters and mappings."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from litestar import post

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.delivery.preview import Previewer, destination_of, event_of
from headwater.serve.deliver.routing import DestinationPreview, Items, edited, told
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS
from headwater.serve.errors import CONFIG_ERRORS, NAMED_ERRORS
from headwater.serve.instants import instant_ms
from headwater.serve.observe.events import RecentEvent, RecentEvents, Wanted, recent

_AT_ONCE: Final = asyncio.Semaphore(1)
"""Somebody who types asks again and again; each question builds up to a hundred requests."""


class RecentTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With `filters` or `mappings`, as in a workspace file, these instead of the stored ones."""

    filters: Items | None = None
    mappings: Items | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=limits.observe.RECENT_EVENTS_MAX)] = (
        limits.observe.RECENT_EVENTS_MAX
    )


class MappingEnd(msgspec.Struct, frozen=True):
    mapping: str
    outcome: str
    """`sent`, or `rejected`."""
    reason: str
    message: str


class RecentEnd(msgspec.Struct, frozen=True):
    """What would become of one event."""

    message_id: str
    source: str
    received_at: str
    type: str
    event: str | None
    """What is tracked, or the name of the page or screen."""
    user_id: str | None
    anonymous_id: str | None
    outcome: str
    """`sent`, `filtered` or `rejected`; `sent` if any mapping would be."""
    step: str
    """Where its way ends; empty: the mappings say."""
    reason: str
    message: str
    changed_by: list[str]
    """Steps that change it for this destination."""
    mappings: list[MappingEnd]
    """Those whose trigger matches."""


class MappingMatches(msgspec.Struct, frozen=True):
    mapping: str
    matched: int
    """Events that come to it and match its trigger."""
    rejected: int
    """Of these: what it makes of them its action does not take."""


class RecentPreview(msgspec.Struct, frozen=True):
    destination: str
    looked: int
    """Events of its sources that were tried; ..."""
    looked_back_to: str | None
    """... the oldest that was looked at was received then. Null: all there are were looked at."""
    sent: int
    filtered: int
    rejected: int
    changed: int
    """Of those that are sent: events that a filter or a transformation changes."""
    mappings: list[MappingMatches]
    """Only those that any event comes to."""
    events: list[RecentEnd]
    """Newest first."""


@post(
    "/destinations/{name:str}/preview/recent", status_code=200, responses=NAMED_ERRORS | CONFIG_ERRORS, opt=READS
)
async def preview_recent(desk: Desk, name: str, data: RecentTrial) -> RecentPreview:
    """What would become of each of the newest events at this destination, counted. Nothing is sent."""
    workspace = (await desk.version()).workspace
    destination = destination_of(workspace, name)
    tried = edited(workspace, name, filters=data.filters, mappings=data.mappings)
    only = destination.sources[0] if destination.sources and len(destination.sources) == 1 else None
    async with _AT_ONCE:
        found = await asyncio.to_thread(
            lambda: recent(desk.open_outbound, desk.lake(), Wanted(source=only), data.limit)
        )
        return await asyncio.to_thread(lambda: previewed(tried, name, found))


def previewed(workspace: Workspace, name: str, found: RecentEvents) -> RecentPreview:
    """Of those of its own sources. ConfigError when what is configured cannot be carried out."""
    destination = destination_of(workspace, name)
    previewer = Previewer(workspace, name, at_s=time.time())
    ends = []
    for each in found.data:
        if destination.sources is None or each.source in destination.sources:
            event = event_of(bytes(each.body), each.source, at_ms=instant_ms(each.received_at, 0))
            ends.append(_end(each, told(previewer, destination, event)))
    outcomes = Counter(end.outcome for end in ends)
    return RecentPreview(
        name,
        len(ends),
        found.looked_back_to,
        outcomes["sent"],
        outcomes["filtered"],
        outcomes["rejected"],
        sum(end.outcome == "sent" and bool(end.changed_by) for end in ends),
        _matches(each for end in ends for each in end.mappings),
        ends,
    )


def _end(event: RecentEvent, preview: DestinationPreview) -> RecentEnd:
    return RecentEnd(
        event.message_id,
        event.source,
        event.received_at,
        event.type,
        event.event,
        event.user_id,
        event.anonymous_id,
        preview.outcome,
        next((step.step for step in preview.steps if step.outcome == "stopped"), ""),
        preview.reason,
        preview.message,
        [step.step for step in preview.steps if step.outcome == "changed"],
        [MappingEnd(each.mapping, each.outcome, each.reason, each.message) for each in preview.mappings],
    )


def _matches(ends: Iterable[MappingEnd]) -> list[MappingMatches]:
    matched: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for end in ends:
        matched[end.mapping] += 1
        rejected[end.mapping] += end.outcome == "rejected"
    return [MappingMatches(mapping, times, rejected[mapping]) for mapping, times in matched.most_common()]


HANDLERS: Final = [preview_recent]
