"""Where each trait of a profile comes from: the event that brought it, or the definition that computes it; and
what it was before.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from litestar import get
from litestar.params import Parameter

from headwater import limits
from headwater.aggregation import reading
from headwater.aggregation.reading import Found, Rows, StoredEvent
from headwater.aggregation.tables import ComputedValue, HistoryPlace, Trait, collection_of
from headwater.config.workspace import Workspace
from headwater.definitions.query import render_query
from headwater.processing.timestamps import render
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.observe.changed import readable
from headwater.serve.pages import Cursor
from headwater.serve.unify.arrivals import NONE, Arrivals
from headwater.serve.unify.profiles import CollectionOf, Who, ask, kind
from headwater.serve.unify.timeline import Head, head_at, place_of, read_head, rendered

PAGE_DEFAULT: Final = 20


class TraitOrigin(msgspec.Struct, frozen=True):
    key: str
    value: Any
    kind: str
    """`sent`, `computed_trait` or `audience`."""
    updated_at: str
    """Of a trait that was sent: when its event counts. Of a computed one: when it came to this value."""
    source: str
    """Of the event it came with; empty: it is computed."""
    message_id: str
    """Of a trait that was sent: of the event it came with. Of a computed one: of the event that arrived when it
    changed. Empty: that event is not kept, or none arrived just then.
    """
    event_type: str
    """The call of this event, ..."""
    event_name: str
    """... and what is tracked, or the name of the page or screen. Empty as the message id is, or it has none."""
    name: str
    """Of a computed one: what its definition is called."""
    query: str
    """Of a computed one: its definition, in Segment's query language. Empty: it has none any more."""
    reason: str
    """Of a computed one, why it changed last, as far as is known: `event`, or `time`, when none of the profile's
    events arrived just then: a window has closed, the definition was new or edited, or somebody undid a merge.
    """


class ProfileTraits(msgspec.Struct, frozen=True):
    traits: list[TraitOrigin]
    """By key."""
    not_kept: int
    """Traits that were sent and not kept, because there were enough."""


class EarlierValue(msgspec.Struct, frozen=True):
    value: Any
    at: str
    """When it counts."""
    received_at: str
    source: str
    message_id: str
    is_current: bool
    """It is the value now: the newest by effective time."""


class TraitHistory(msgspec.Struct, frozen=True):
    data: list[EarlierValue]
    """The newest first; one that was sent again and again has a line each time. A page may be short, or empty, and
    have a `next` all the same.
    """
    next: str | None
    """Send it as `cursor` for the page after this one; null: this was the last."""


def traits(state: Rows, found: Found, workspace: Workspace) -> ProfileTraits:
    known = reading.traits(found.profile)
    lines = _Lines(state, found, workspace)
    return ProfileTraits(
        [lines.of(key, known[key]) for key in sorted(known) if known[key].value is not None],
        found.profile.traits_overflow,
    )


class _Lines:
    def __init__(self, state: Rows, found: Found, workspace: Workspace) -> None:
        self._state = state
        self._found = found
        collection = collection_of(found.key)
        self._names = {each.key: each.name for each in workspace.traits if each.collection.value == collection} | {
            each.key: each.name for each in workspace.audiences if each.collection.value == collection
        }
        self._audiences = {each.key for each in workspace.audiences if each.collection.value == collection}
        self._queries = {
            each.key: render_query(each.body)
            for each in workspace.definitions
            if str(each.collection) == collection
        }
        self._heads: dict[HistoryPlace, Head] = {}
        self._arrivals = Arrivals(state, found)

    def of(self, key: str, trait: Trait | ComputedValue) -> TraitOrigin:
        if isinstance(trait, Trait):
            place = HistoryPlace(trait.at_ms, trait.offset, trait.index)
            head = self._head(place)
            return TraitOrigin(
                key, trait.value, kind(trait), render(trait.at_ms), trait.source, *_named(head), "", "", ""
            )
        arrived = self._arrivals.at(trait.changed_ms)
        return TraitOrigin(
            key,
            trait.value,
            kind(trait, is_audience=key in self._audiences),
            render(trait.changed_ms),
            "",
            *_named(arrived),
            self._names.get(key) or key,
            self._queries.get(key, ""),
            "event" if arrived.message_id else "time",
        )

    def _head(self, place: HistoryPlace) -> Head:
        """Of the event at this place; many traits come with one event."""
        if place not in self._heads:
            self._heads[place] = head_at(self._state, self._found, place) or NONE
        return self._heads[place]


def _named(head: Head) -> tuple[str, str, str]:
    return head.message_id or "", head.type or "", head.called


def history(state: Rows, found: Found, key: str, *, limit: int, cursor: str | None) -> TraitHistory:
    call = "identify" if collection_of(found.key) == "users" else "group"
    trait = reading.traits(found.profile).get(key)
    now = (trait.at_ms, trait.offset, trait.index) if isinstance(trait, Trait) else None
    after = None if cursor is None else place_of(cursor)
    rows = reading.events(state, found, after=after)
    shown, last = reading.lines_of(rows, lambda stored: _value(stored, call, key, now), limit=limit)
    return TraitHistory(shown, None if last is None else rendered(last))


def _value(stored: StoredEvent, call: str, key: str, now: tuple[int, int, int] | None) -> EarlierValue | None:
    """The one that an event brought, if it did."""
    place, row = stored
    if read_head(row.body).type != call:
        return None
    event = readable(row.body)
    given = event.get("traits") if isinstance(event, dict) else None
    if not isinstance(given, dict) or key not in given or len(given) > limits.compute.TRAITS_PER_CALL_MAX:
        return None
    return EarlierValue(
        given[key],
        render(place.at_ms),
        render(row.received_ms),
        row.source,
        event.get("messageId", ""),
        tuple(place) == now,
    )


@get("/profiles/traits/{who:path}", responses=NAMED_ERRORS)
async def list_profile_traits(desk: Desk, who: Who, *, collection: CollectionOf = None) -> ProfileTraits:
    """Every trait of a profile, and where it comes from."""
    workspace = (await desk.version()).workspace
    return await ask(desk, who, lambda state, found: traits(state, found, workspace), collection=collection)


@get("/profiles/trait-history/{who:path}", responses=NAMED_ERRORS)
async def list_trait_values(
    desk: Desk,
    who: Who,
    *,
    key: Annotated[str, Parameter(max_length=1_000, description="Of a trait that was sent.")],
    collection: CollectionOf = None,
    limit: Annotated[int, Parameter(ge=1, le=limits.unify.TIMELINE_PAGE_MAX)] = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> TraitHistory:
    """What a trait has been: the values that the profile's events have brought, the newest first."""
    return await ask(
        desk,
        who,
        lambda state, found: history(state, found, key, limit=limit, cursor=cursor),
        collection=collection,
    )


HANDLERS: Final[list[Callable[..., Any]]] = [list_profile_traits, list_trait_values]
