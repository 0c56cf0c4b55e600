"""What a profile has done: its events page by page, newest first, and how many there were day by day."""

from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from litestar import get
from litestar.params import Parameter, QueryParameter

from headwater import limits
from headwater.aggregation import reading, tables
from headwater.aggregation.reading import Found, Rows, StoredEvent
from headwater.aggregation.tables import HistoryPlace
from headwater.errors import InputError
from headwater.processing.timestamps import render
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.instants import instant_ms, now_ms
from headwater.serve.observe.changed import readable
from headwater.serve.pages import Cursor
from headwater.serve.unify.profiles import CollectionOf, Who, ask

PAGE_DEFAULT: Final = 50

Text = Annotated[str | None, Parameter(max_length=1_000)]


class TimelineEvent(msgspec.Struct, frozen=True):
    at: str
    """When it counts: the earlier of its timestamp and its time of receipt."""
    received_at: str
    source: str
    record: str
    """`<offset>.<index>` in the collected log."""
    message_id: str
    type: str
    name: str
    """What is tracked, or the name of the page or screen; empty: it has none."""
    event: Any
    """As accepted; a number that no program can hold (1e999) stands as text."""


class TimelinePage(msgspec.Struct, frozen=True):
    data: list[TimelineEvent]
    """Newest first. A page may be short, or empty, and have a `next` all the same."""
    next: str | None
    """Send it as `cursor` for the page after this one; null: this was the last."""
    reached: str | None
    """The instant down to which was looked; null: there is nothing older."""


class Day(msgspec.Struct, frozen=True):
    day: str
    """As in 2026-01-31, UTC."""
    events: int


class EventKind(msgspec.Struct, frozen=True):
    type: str
    name: str
    events: int
    newest: str
    """When the last of them counts."""


class SourceCount(msgspec.Struct, frozen=True):
    source: str
    events: int


class Activity(msgspec.Struct, frozen=True):
    days: list[Day]
    """Those on which something happened, oldest first."""
    kinds: list[EventKind]
    """What happened, most frequent first; at most 100."""
    sources: list[SourceCount]
    """Most frequent first."""
    events: int
    """That were counted: the newest."""
    complete: bool
    """False: the profile has more events, and only the newest were counted."""


class Kept(NamedTuple):
    """Which events are shown; what is left out does not matter."""

    type: str | None = None
    name: str | None = None
    source: str | None = None
    start_ms: int = 0
    end_ms: int | None = None


class Head(msgspec.Struct, rename="camel", gc=False):
    """What is read of each event that is looked at."""

    type: str | None = None
    event: str | None = None
    name: str | None = None
    message_id: str | None = None

    @property
    def called(self) -> str:
        """What is tracked, or the name of the page or screen."""
        return (self.event if self.type == "track" else self.name) or ""


read_head: Final = msgspec.json.Decoder(Head).decode


def page(state: Rows, found: Found, kept: Kept, *, limit: int, cursor: str | None) -> TimelinePage:
    after = None if cursor is None else place_of(cursor)
    rows = reading.events(state, found, start_ms=kept.start_ms, end_ms=kept.end_ms, after=after)

    def line(stored: StoredEvent) -> TimelineEvent | None:
        head = read_head(stored.row.body)
        return _line(stored, head) if _is_kept(stored, head, kept) else None

    shown, last = reading.lines_of(rows, line, limit=limit)
    if last is None:
        return TimelinePage(shown, None, None)
    return TimelinePage(shown, rendered(last), render(last.at_ms))


def activity(state: Rows, found: Found, *, start_ms: int) -> Activity:
    rows = reading.events(state, found, start_ms=start_ms)
    days: Counter[str] = Counter()
    kinds: Counter[tuple[str, str]] = Counter()
    sources: Counter[str] = Counter()
    newest: dict[tuple[str, str], int] = {}
    for (at_ms, _, _), row in islice(rows, limits.unify.PROFILE_ACTIVITY_EVENTS):
        head = read_head(row.body)
        kind = head.type or "", head.called
        days[render(at_ms)[:10]] += 1
        kinds[kind] += 1
        sources[row.source] += 1
        newest.setdefault(kind, at_ms)
    return Activity(
        [Day(day, days[day]) for day in sorted(days)],
        [
            EventKind(*kind, times, render(newest[kind]))
            for kind, times in kinds.most_common(limits.unify.PROFILE_KINDS_SHOWN_MAX)
        ],
        [SourceCount(*each) for each in sources.most_common()],
        sum(days.values()),
        next(rows, None) is None,
    )


def _is_kept(stored: StoredEvent, head: Head, kept: Kept) -> bool:
    return (
        (kept.type is None or kept.type == head.type)
        and (kept.name is None or kept.name == head.called)
        and (kept.source is None or kept.source == stored.row.source)
    )


def _line(stored: StoredEvent, head: Head) -> TimelineEvent:
    (at_ms, offset, index), row = stored
    return TimelineEvent(
        render(at_ms),
        render(row.received_ms),
        row.source,
        f"{offset}.{index}",
        head.message_id or "",
        head.type or "",
        head.called,
        readable(row.body),
    )


def rendered(place: HistoryPlace) -> str:
    """As a cursor."""
    return ".".join(map(str, place))


_PLACE_BITS: Final = (64, 64, 32)


def place_of(cursor: str) -> HistoryPlace:
    """The opposite of `rendered`. InputError when it is none."""
    numbers = [int(each) if each.isdecimal() and each.isascii() else -1 for each in cursor.split(".")]
    if len(numbers) != len(_PLACE_BITS) or any(
        not 0 <= number < 1 << bits for number, bits in zip(numbers, _PLACE_BITS, strict=True)
    ):
        raise InputError("invalid_cursor", "not a cursor of this list", field="cursor")
    return HistoryPlace(*numbers)


def head_at(state: Rows, found: Found, place: HistoryPlace) -> Head | None:
    """Of the event at this place, under whichever of its keys; None: it is not in the history any more."""
    keys = [tables.history_key(part, *place) for part in (found.key, *found.profile.parts)]
    row = next(filter(None, state.get_many(tables.HISTORY, keys)), None)
    return None if row is None else read_head(tables.read_history_row(row).body)


@get("/profiles/events/{who:path}", responses=NAMED_ERRORS)
async def list_profile_events(
    desk: Desk,
    who: Who,
    *,
    collection: CollectionOf = None,
    call: Annotated[str | None, QueryParameter(name="type", max_length=100)] = None,
    name: Text = None,
    source: Text = None,
    since: Text = None,
    until: Text = None,
    limit: Annotated[int, Parameter(ge=1, le=limits.unify.TIMELINE_PAGE_MAX)] = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> TimelinePage:
    """The events of a profile, newest first, also those of profiles that were merged into it. `name` is what was
    tracked, or the page or screen. `since` and `until`: `1h`, `7d`, or ISO 8601.
    """
    at_ms = now_ms()
    kept = Kept(
        call,
        name,
        source,
        instant_ms(since, at_ms, field="since") if since else 0,
        instant_ms(until, at_ms, field="until") if until else None,
    )
    return await ask(
        desk,
        who,
        lambda state, found: page(state, found, kept, limit=limit, cursor=cursor),
        collection=collection,
    )


@get("/profiles/activity/{who:path}", responses=NAMED_ERRORS)
async def count_profile_events(
    desk: Desk, who: Who, *, collection: CollectionOf = None, since: Text = None
) -> Activity:
    """How many events a profile has day by day, what they are called and where they come from. `since`: `30d`, or
    ISO 8601; without it, of its whole history, as far as that is counted.
    """
    start_ms = instant_ms(since, now_ms(), field="since") if since else 0
    return await ask(
        desk, who, lambda state, found: activity(state, found, start_ms=start_ms), collection=collection
    )


HANDLERS: Final[list[Callable[..., Any]]] = [list_profile_events, count_profile_events]
