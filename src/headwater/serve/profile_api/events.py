"""A profile's events as Segment shows them: track calls, and pages and screens as if they were."""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from headwater.aggregation import reading
from headwater.aggregation.reading import Found, Rows, StoredEvent
from headwater.aggregation.tables import HistoryPlace, collection_of, segment_id
from headwater.event import Event
from headwater.flowing import FlowingEvent
from headwater.serve.observe.changed import readable
from headwater.serve.profile_api import cursor
from headwater.serve.profile_api.errors import invalid
from headwater.serve.profile_api.request import Query
from headwater.serve.profile_api.space import Space

VIEWED: Final = {"page": ("Page Viewed", "page_name"), "screen": ("Screen Viewed", "screen_name")}
"""Call → the event it appears as, and the property that holds its name (spec 4.7)."""

_EMPTY: Final = Raw(b"{}")
_PLACE: Final = cursor.decoder(tuple[bool, int, int, int])


class ShownId(msgspec.Struct, gc=False):
    collection: str
    type: str
    id: str
    encoding: str = "none"


class ShownEvent(msgspec.Struct, gc=False):
    external_ids: list[ShownId]
    """What the event itself was sent with."""
    context: Raw
    type: str
    message_id: str
    source_id: str
    timestamp: str | None
    properties: Raw
    event: str
    related: dict[str, str]


class _Stored(Event, forbid_unknown_fields=False):
    """An event with members that the envelope does not know, which are not shown."""


_decode: Final = msgspec.json.Decoder(_Stored).decode
_encode: Final = msgspec.json.Encoder().encode


def page(state: Rows, found: Found, space: Space, query: Query) -> tuple[list[ShownEvent], str]:
    """A page and the cursor of the next one; empty: this was the last. A page may be shorter than asked for, even
    empty, and still not the last.
    """
    limit = query.limit()
    newest_first = query.one_of("sort", ("asc", "desc")) != "asc"
    include, exclude = query.names("include"), query.names("exclude")
    start_ms, end_ms = query.instant_ms("start"), query.instant_ms("end")
    before = cursor.read("events", query.next, _PLACE)
    if before is not None and before[0] != newest_first:
        raise invalid("next", "goes on in the order in which the list was begun: send the same `sort`")
    after = None if before is None else _place(before[1:])
    rows = reading.events(
        state, found, start_ms=start_ms or 0, end_ms=end_ms, newest_first=newest_first, after=after
    )

    def line(stored: StoredEvent) -> ShownEvent | None:
        event = _decode(stored.row.body)
        name = _name(event)
        if name is None or name in exclude or (include and name not in include):
            return None
        return _shown(event, name, stored, found, space)

    shown, last = reading.lines_of(rows, line, limit=limit)
    return shown, "" if last is None else cursor.write("events", (newest_first, *last))


def _place(numbers: tuple[int, int, int]) -> HistoryPlace:
    if not all(0 <= number < 1 << bits for number, bits in zip(numbers, (64, 64, 32), strict=True)):
        raise invalid("next", "must be the `next` of an earlier answer about events")
    return HistoryPlace(*numbers)


def _name(event: Event) -> str | None:
    """None: it is none of the calls that are shown."""
    if event.type == "track":
        return event.event or ""
    viewed = VIEWED.get(event.type or "")
    return viewed[0] if viewed else None


def _shown(event: Event, name: str, stored: StoredEvent, found: Found, space: Space) -> ShownEvent:
    return ShownEvent(
        external_ids=list(_external_ids(event, stored, space)),
        context=_EMPTY if event.context is UNSET else event.context,
        type="track",
        message_id=event.message_id or "",
        source_id=space.source_id(stored.row.source),
        timestamp=event.timestamp,
        properties=_properties(event),
        event=name,
        related={collection_of(found.key): segment_id(found.key)},
    )


def _properties(event: Event) -> Raw:
    properties: Raw | UnsetType = event.properties
    viewed = VIEWED.get(event.type or "")
    if viewed is None or not event.name:
        return _EMPTY if properties is UNSET else properties
    decoded = {} if properties is UNSET else readable(bytes(properties))
    return Raw(_encode({viewed[1]: event.name, "name": event.name} | decoded))


def _external_ids(event: Event, stored: StoredEvent, space: Space) -> Iterator[ShownId]:
    (at_ms, offset, index), row = stored
    flowing = FlowingEvent(offset, index, row.source, row.received_ms, at_ms, None, None, event)
    named = space.external_ids.of(flowing)
    yield from (ShownId("users", each.type, each.value) for each in named.users)
    yield from (ShownId("accounts", each.type, each.value) for each in named.accounts)
