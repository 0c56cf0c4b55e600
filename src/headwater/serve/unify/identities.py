"""Identities over HTTP: what ties nothing together any more, who may be twice, and merges undone.

What people decide is appended to the collected log, as collection appends requests: it is durable when this
answers, and the pipeline carries it out in the order of the log.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import islice
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, get, post
from litestar.params import Parameter

from headwater import limits
from headwater.aggregation import duplicates, reading, tables
from headwater.aggregation.decisions import RELEASE, Release, Unmerge, as_record, decode_unmerge, stands_alone
from headwater.aggregation.reading import Rows
from headwater.aggregation.tables import Conflict, ExternalId, segment_id
from headwater.errors import AbsentError, InputError, NotFoundError
from headwater.event import decode_collected, encode_collected
from headwater.log.port import Log
from headwater.processing.timestamps import render
from headwater.serve.desk import Desk
from headwater.serve.entry.access import DRY_RUN, PERSONAL, changed_nothing
from headwater.serve.errors import ERRORS, NAMED_ERRORS
from headwater.serve.instants import now_ms
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page
from headwater.serve.unify.profiles import Id
from headwater.serve.unify.unmerging import Unmerging, Wanted, look
from headwater.state.port import State

UNMERGE: Final = "/unmerge"

_AT_ONCE: Final = asyncio.Semaphore(1)
"""Searches through all profiles, and unmerges that are tried out."""

IDS_SHOWN: Final = 5
"""Of each profile of a pair: enough to find it by."""


class Quarantined(msgspec.Struct, frozen=True):
    """An external id that ties nothing together any more, wherever another id says who it is."""

    type: str
    value: str
    collection: str
    since: str
    """When the event was received that was one too many."""
    reason: str
    owner: str
    """Segment id of the profile that it belongs to; empty: nobody."""
    refused_at: list[str]
    """Segment ids of the profiles where a rule was in its way."""


class Released(msgspec.Struct, frozen=True):
    offset: int
    """Of the decision in the collected log: it holds for events behind it."""


class DecisionProgress(msgspec.Struct, frozen=True):
    offset: int
    decision: str
    """`unmerge` or `release`."""
    status: Literal["waiting", "done", "refused"]
    """Refused: when the pipeline came to it, it could not be carried out any more, as after the same decision by
    somebody else.
    """
    behind: int
    """Records that the pipeline reads before it; 0 once it has read it."""


class LikelyProfile(msgspec.Struct, frozen=True):
    segment_id: str
    external_ids: list[Id]
    """At most 5."""


class LikelyPair(msgspec.Struct, frozen=True):
    one: LikelyProfile
    other: LikelyProfile
    score: float
    """0 to 1."""
    reasons: list[str]
    """In words, the strongest first."""


class LikelyPairs(msgspec.Struct, frozen=True):
    data: list[LikelyPair]
    """The likeliest first."""
    complete: bool
    """False: more values are shared than are held at once, and pairs may be missing."""


# --- what the API and the command line both do -------------------------------------------------------------------


def quarantined(state: Rows | None, *, limit: int, cursor: str | None) -> Page[Quarantined]:
    """In no order that means anything. A page may be short, or empty, and have a `next` all the same: it ends when
    so many ids were looked at.
    """
    start = None if cursor is None else _place(cursor) + b"\0"
    found: list[Quarantined] = []
    last = b""
    rows = [] if state is None else state.scan(tables.CONFLICTS, start=start)
    for looked, (key, row) in enumerate(rows):
        if len(found) == limit or looked == limits.identity.QUARANTINE_ROWS_LOOKED:
            return Page(found, last.hex())
        last = key
        conflict = tables.decode_conflict(row)
        if conflict.quarantined_ms:
            assert state is not None, "rows come from it"
            found.append(_quarantined(state, key, conflict))
    return Page(found)


def release(state: Rows | None, collected: Log, released: Release) -> int:
    """Let an id count again; the offset of the decision. NotFoundError when it is not in quarantine."""
    key = tables.identity_key(released.collection, ExternalId(released.type, released.value))
    (row,) = state.get_many(tables.CONFLICTS, [key]) if state is not None else [None]
    if row is None or not tables.decode_conflict(row).quarantined_ms:
        raise NotFoundError(f"{released.type}:{released.value} of {released.collection} is not in quarantine")
    return append(collected, released)


def append(collected: Log, decision: Release | Unmerge) -> int:
    """The decision's offset."""
    return collected.append([encode_collected(as_record(decision, now_ms()))], events=0)


def progress(state: State | None, collected: Log, offset: int) -> DecisionProgress:
    """NotFoundError when no decision is there, or retention has dropped it."""
    found = collected.read(offset, bytes_max=1) if collected.start() <= offset < collected.end() else []
    request = decode_collected(found[0].data) if found and found[0].offset == offset else None
    if request is None or not stands_alone(request):
        raise NotFoundError(f"no decision about identities is at offset {offset}, or it is too old")
    position = 0 if state is None else state.position()
    if state is None or position <= offset:
        return DecisionProgress(offset, request.call, "waiting", offset + 1 - position)
    is_done = request.call == RELEASE or _was_put_apart(state, decode_unmerge(request.body), offset)
    return DecisionProgress(offset, request.call, "done" if is_done else "refused", 0)


def _was_put_apart(state: Rows, decision: Unmerge, offset: int) -> bool:
    """Whether the one that came back has it in its log."""
    other = tables.key_of_segment_id(decision.other)
    if other is None:
        return False
    (row,) = state.get_many(tables.IDENTITY_LOG, [tables.decision_key(other, offset, 0, 0)])
    return row is not None


def likely(state: Rows, by: Sequence[str], *, limit: int) -> LikelyPairs:
    found = duplicates.find(state, by, limit=limit)
    pairs = [
        LikelyPair(_likely(state, each.one), _likely(state, each.other), each.score, each.reasons)
        for each in found.pairs
    ]
    return LikelyPairs(pairs, found.is_complete)


def checked_signs(text: str | None) -> tuple[str, ...]:
    """Of a parameter with commas; None: those that are always looked at."""
    if text is None:
        return duplicates.SIGNS
    by = tuple(dict.fromkeys(filter(None, text.split(","))))
    if not 1 <= len(by) <= limits.identity.DUPLICATE_SIGNS_MAX:
        known = ", ".join(duplicates.SIGNS)
        raise InputError(
            "invalid_request",
            f"say by what, at most {limits.identity.DUPLICATE_SIGNS_MAX}: of {known}, or keys of traits",
            field="by",
        )
    return by


def _place(cursor: str) -> bytes:
    try:
        return bytes.fromhex(cursor)
    except ValueError:
        raise InputError("invalid_cursor", "not a cursor of this list", field="cursor") from None


def _quarantined(state: Rows, key: bytes, conflict: Conflict) -> Quarantined:
    (owner,) = state.get_many(tables.IDENTITIES, [key])  # both tables have the same key
    refused_at = dict.fromkeys(segment_id(reading.surviving(state, each)) for each in conflict.refused_at)
    return Quarantined(
        conflict.type,
        conflict.value,
        tables.collection_of(key),
        render(conflict.quarantined_ms),
        conflict.reason,
        segment_id(owner) if owner else "",
        list(refused_at),
    )


def _likely(state: Rows, profile: bytes) -> LikelyProfile:
    ids = islice(reading.external_ids(state, profile), IDS_SHOWN)
    return LikelyProfile(segment_id(profile), [Id(*each) for each, _ in ids])


# --- handlers ---------------------------------------------------------------------------------------------------


@get("/identities/quarantine", responses=ERRORS)
async def list_quarantine(desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[Quarantined]:
    """External ids that were refused at too many different profiles, as that of a shared device is."""
    return await desk.look(lambda state: quarantined(state, limit=limit, cursor=cursor))


@post("/identities/release", status_code=202, responses=NAMED_ERRORS)
async def release_identity(desk: Desk, data: Release) -> Released:
    """Let an external id count again, for events to come. What it has conflicted with is forgotten."""
    if data.collection not in tables.COLLECTIONS:
        raise InputError("invalid_request", "collection must be users or accounts", field="collection")
    return await desk.look(lambda state: Released(release(state, desk.logs[0], data)))


@get("/identities/duplicates", responses=ERRORS)
async def list_duplicates(
    desk: Desk,
    by: Annotated[
        str | None,
        Parameter(description="With commas: email, phone, name_birthday, refused, or keys of traits."),
    ] = None,
    limit: Limit = PAGE_DEFAULT,
) -> LikelyPairs:
    """Pairs of profiles that may be one person. It looks at every profile, twice: two minutes for a million."""
    signs = checked_signs(by)

    def search() -> LikelyPairs:
        try:
            with desk.view.reading() as state:
                return likely(state, signs, limit=limit)
        except AbsentError:
            return LikelyPairs([], complete=True)

    async with _AT_ONCE:
        return await asyncio.to_thread(search)


@post("/profiles/{path:path}", status_code=202, responses=NAMED_ERRORS, opt=DRY_RUN | PERSONAL)
async def unmerge_profile(
    desk: Desk,
    request: Request[Any, Any, Any],
    path: Annotated[
        str, Parameter(description="`type:value`, as in `user_id:u1`, or a segment id; then `/unmerge`.")
    ],
    data: Wanted,
    *,
    dry_run: bool = False,
) -> Unmerging:
    """Put apart two profiles that an event has made one: the answer says what becomes of them. With `dry_run`, in
    the query (so a viewer may look) or in the body, nothing is done. 409 when there is no such merge, or too much
    hangs on it.
    """
    wanted = msgspec.structs.replace(data, dry_run=True) if dry_run else data
    who = path.removeprefix("/")
    if not who.endswith(UNMERGE):
        raise NotFoundError("POST works below a profile: /profiles/TYPE:VALUE/unmerge")
    version = await desk.version()

    def work(state: State) -> Unmerging:
        return look(state, version.workspace, version.number, who.removesuffix(UNMERGE), wanted, at_ms=now_ms())

    async with _AT_ONCE:
        found = await asyncio.to_thread(_with_own_view, desk, work)
    if wanted.dry_run:
        changed_nothing(request)
        return found
    decision = Unmerge(found.profile, found.message_id, found.other)
    offset = await desk.call(lambda: append(desk.logs[0], decision))
    return msgspec.structs.replace(found, decision=offset)


@get("/identities/decisions/{offset:int}", responses=NAMED_ERRORS)
async def read_decision(desk: Desk, offset: int) -> DecisionProgress:
    """What has become of an unmerge or a release: whether the pipeline has come to it, and carried it out."""
    return await desk.look(lambda state: progress(state, desk.logs[0], offset))


def _with_own_view(desk: Desk, work: Callable[[State], Unmerging]) -> Unmerging:
    try:
        state = desk.open_view()
    except AbsentError:
        raise NotFoundError("there is no profile: the pipeline has not run yet") from None
    with closing(state):
        return work(state)


HANDLERS: Final[list[Callable[..., Any]]] = [
    list_quarantine,
    release_identity,
    list_duplicates,
    unmerge_profile,
    read_decision,
]
