"""Where a profile reaches: the audiences that it is in or was in, and what was delivered of it."""

import heapq
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import get
from litestar.params import Parameter

from headwater import limits
from headwater.aggregation import reading, tables
from headwater.aggregation.reading import Found, Rows
from headwater.aggregation.tables import ComputedValue, collection_of, segment_id
from headwater.config.workspace import Workspace
from headwater.delivery.receipt_store import Receipts, Wanted
from headwater.processing.timestamps import render
from headwater.serve.deliver.receipts import DeliveryReceipt, Status, line
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page
from headwater.serve.unify.arrivals import Arrivals
from headwater.serve.unify.profiles import CollectionOf, Who, ask


class Membership(msgspec.Struct, frozen=True):
    key: str
    name: str
    is_member: bool
    changed_at: str
    """When it entered, or left, by the clock of the log."""
    message_id: str
    """Of the event that arrived then; empty: it is not kept, or none arrived, as when a window has closed."""
    event_type: str
    event_name: str
    destinations: list[str]
    """Who is told."""


def memberships(state: Rows, found: Found, workspace: Workspace) -> list[Membership]:
    """In the order of the workspace file; those that it was never in are not there."""
    known = reading.traits(found.profile)
    collection = collection_of(found.key)
    audiences = [each for each in workspace.audiences if each.collection.value == collection and each.key in known]
    keys = [tables.member_key(each.key, found.key) for each in audiences]
    arrivals = Arrivals(state, found)
    lines = []
    for audience, entered in zip(audiences, state.get_many(tables.MEMBERS, keys), strict=True):
        value = known[audience.key]
        if not isinstance(value, ComputedValue):
            continue  # a trait that was sent under the same name, and the audience is not computed yet
        changed_ms = value.changed_ms if entered is None else tables.unpack_ms(entered)
        told = [connection.name for connection in audience.destinations]
        head = arrivals.at(changed_ms)
        lines.append(
            Membership(
                audience.key,
                audience.name or audience.key,
                entered is not None,
                render(changed_ms),
                head.message_id or "",
                head.type or "",
                head.called,
                told,
            )
        )
    return lines


def identities(found: Found) -> list[str]:
    """Segment ids that receipts may name it by: its own, and of those that were merged into it last."""
    parts = found.profile.parts[-limits.unify.PROFILE_RECEIPT_PARTS :]
    return [segment_id(each) for each in (found.key, *parts)]


def deliveries(
    receipts: Receipts, profiles: Sequence[str], wanted: Wanted, *, limit: int, cursor: str | None
) -> Page[DeliveryReceipt]:
    """Newest first. A receipt's place is the same whoever it is about, so one cursor serves all of them."""
    pages = [
        receipts.find(msgspec.structs.replace(wanted, profile_id=each), limit=limit, cursor=cursor)
        for each in profiles
    ]
    newest = heapq.merge(*(each.receipts for each in pages), key=lambda receipt: receipt.at_ms, reverse=True)
    shown = list(newest)
    is_more = len(shown) > limit or any(each.cursor for each in pages)
    shown = shown[:limit]
    return Page([line(each) for each in shown], shown[-1].id if is_more else None)


@get("/profiles/audiences/{who:path}", responses=NAMED_ERRORS)
async def list_profile_audiences(desk: Desk, who: Who, *, collection: CollectionOf = None) -> Page[Membership]:
    """The audiences that a profile is in, or was in, since when, and who is told. All of them are in one page."""
    workspace = (await desk.version()).workspace
    return Page(
        await ask(desk, who, lambda state, found: memberships(state, found, workspace), collection=collection)
    )


@get("/profiles/deliveries/{who:path}", responses=NAMED_ERRORS)
async def list_profile_deliveries(
    desk: Desk,
    who: Who,
    *,
    collection: CollectionOf = None,
    destination: Annotated[str | None, Parameter(max_length=1_000)] = None,
    status: Status | None = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Page[DeliveryReceipt]:
    """What became of a profile's events at destinations, newest first, also of those from before a merge."""
    profiles = await ask(desk, who, lambda _, found: identities(found), collection=collection)
    wanted = Wanted(destination=destination, status=status)
    return await desk.ask_receipts(
        lambda receipts: deliveries(receipts, profiles, wanted, limit=limit, cursor=cursor)
    )


HANDLERS: Final[list[Callable[..., Any]]] = [list_profile_audiences, list_profile_deliveries]
