"""Replays over HTTP: count, begin, look, pause, go on, cancel."""

import asyncio
import contextlib
import secrets
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Parameter

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.errors import BusyError, InputError, NotFoundError, nearest
from headwater.event import CALLS, instant
from headwater.lake.port import Lake
from headwater.privacy.live import LiveBarred
from headwater.replay import selection
from headwater.replay.members import members
from headwater.replay.port import Asked, Bounds, Replay, Replays, State
from headwater.serve.desk import Desk
from headwater.serve.entry.access import DRY_RUN, changed_nothing
from headwater.serve.errors import ERRORS, NAMED_ERRORS
from headwater.serve.instants import instant_ms, now_ms
from headwater.serve.letters.dead_letter_office import Office
from headwater.serve.letters.letter_selection import Letters
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page
from headwater.team.actor import Actor

Text = Annotated[str | None, Parameter(max_length=200)]

LETTERS_AT_ONCE: Final = 500


class NewReplay(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    dry_run: bool = False
    """Only count."""


class ReplayCount(msgspec.Struct, frozen=True):
    """What a replay would do now."""

    events: int
    """It would send."""
    looked: int
    """It would look at: those of the sources, types, names and times."""


class ReplayLine(msgspec.Struct, frozen=True):
    id: str
    state: State
    asked: Asked
    created_at: str
    author: str
    sent: int
    skipped: int
    looked: int
    rows: int
    """To look at; 0: not known, of dead letters."""
    progress: float | None
    """0 to 1; null: not known."""
    why: str
    """Of a failed one."""
    ended_at: str | None


def line(replay: Replay) -> ReplayLine:
    done, rows = replay.progress, replay.bounds.rows
    share = 1.0 if replay.state is State.DONE else min(1.0, done.looked / rows) if rows else None
    return ReplayLine(
        replay.id,
        replay.state,
        replay.asked,
        instant(replay.at_ms),
        replay.author,
        done.sent,
        done.skipped,
        done.looked,
        rows,
        share,
        replay.why,
        instant(replay.ended_ms) if replay.ended_ms else None,
    )


# --- asking ------------------------------------------------------------------------------------------------


def check(asked: Asked, workspace: Workspace) -> None:
    """InputError unless this can be done."""
    if asked.to and workspace.destination(asked.to) is None:
        known = [each.name for each in workspace.destinations]
        raise InputError(
            "unknown_destination", f"there is no destination {asked.to!r}; {nearest(asked.to, known)}", field="to"
        )
    for name in asked.sources:
        if workspace.source(name) is None:
            known = [each.name for each in workspace.sources]
            raise InputError(
                "unknown_source", f"there is no source {name!r}; {nearest(name, known)}", field="sources"
            )
    if strange := next((type_ for type_ in asked.types if type_ not in CALLS), None):
        raise InputError("invalid_request", f"no type {strange!r}; {nearest(strange, CALLS)}", field="types")
    if asked.audience and asked.audience not in {each.key for each in workspace.audiences}:
        known = [each.key for each in workspace.audiences]
        raise InputError(
            "unknown_audience", f"there is no audience {asked.audience!r}; {nearest(asked.audience, known)}",
            field="audience",
        )  # fmt: skip
    if asked.origin == "dead_letters":
        for field in ("types", "events", "audience"):
            if getattr(asked, field):
                raise InputError(
                    "invalid_request", f"dead letters are not chosen by {field}: use `where`", field=field
                )
    elif asked.stage or asked.reason:
        raise InputError("invalid_request", "only dead letters have a stage and a reason", field="stage")
    selection.compiled(asked.where)


def bounds(asked: Asked, lake: Lake, at_ms: int) -> Bounds:
    since_ms = instant_ms(asked.since, at_ms, field="since") if asked.since else None
    until_ms = instant_ms(asked.until, at_ms, field="until") if asked.until else None
    if asked.origin == "dead_letters":
        return Bounds(since_ms, min(until_ms or at_ms, at_ms), 0, 0)
    return selection.bounds(lake, asked, since_ms=since_ms, until_ms=until_ms)


def begin(replays: Replays, asked: Asked, fixed: Bounds, *, author: str, at_ms: int) -> Replay:
    """BusyError while too many are open."""
    if len(replays.running()) >= limits.delivery.REPLAYS_OPEN_MAX:
        raise BusyError(f"{limits.delivery.REPLAYS_OPEN_MAX} replays are running: wait for one, or cancel one")
    replay = Replay(f"rp_{secrets.token_hex(8)}", asked, fixed, at_ms, author)
    replays.add(replay)
    return replay


def count_lake(
    asked: Asked, fixed: Bounds, lake: Lake, chosen: frozenset[str] | None, barred: LiveBarred
) -> ReplayCount:
    wanted = selection.wanted(asked, chosen)
    events = looked = 0
    with contextlib.closing(selection.Rows(lake, asked, fixed)) as rows:
        cursor, is_end = "", False
        while not is_end:
            found, cursor, is_end = rows.page(cursor)
            looked += len(found)
            events += sum(wanted(event) and not barred.why_not(event) for event in found)
    return ReplayCount(events, looked)


def count_letters(asked: Asked, fixed: Bounds, office: Office) -> ReplayCount:
    letters = Letters(office, asked, fixed)
    events = looked = 0
    cursor, is_end = "", False
    while not is_end:
        page = letters.page(cursor, LETTERS_AT_ONCE)
        events, looked, cursor, is_end = events + len(page.letters), looked + page.looked, page.cursor, page.is_end
    return ReplayCount(events, looked)


# --- handlers ----------------------------------------------------------------------------------------------


@post("/replays", responses=ERRORS, opt=DRY_RUN)
async def create_replay(
    desk: Desk,
    actor: Actor,
    request: Request[Any, Any, Any],
    data: NewReplay,
    *,
    author: Text = None,
    dry_run: bool = False,
) -> Response[ReplayLine | ReplayCount]:
    """Begin one (201), or with `dry_run` count what it would send (200), exactly as of now. With `dry_run` in the
    address a viewer may ask, too.
    """
    asked = msgspec.convert({k: v for k, v in msgspec.to_builtins(data).items() if k != "dry_run"}, Asked)
    at_ms = now_ms()
    check(asked, (await desk.version()).workspace)
    fixed = await asyncio.to_thread(bounds, asked, desk.lake(), at_ms)
    if not (data.dry_run or dry_run):
        signed = actor.author(author)
        replay = await desk.call(lambda: begin(desk.replays, asked, fixed, author=signed, at_ms=at_ms))
        return Response[ReplayLine | ReplayCount](line(replay), status_code=201)
    changed_nothing(request)
    if asked.origin == "dead_letters":
        letters = await desk.call(lambda: count_letters(asked, fixed, desk.office))
        return Response[ReplayLine | ReplayCount](letters, status_code=200)
    chosen = await desk.read_state(lambda state: members(state, asked.audience)) if asked.audience else None

    def count() -> ReplayCount:
        with contextlib.closing(LiveBarred(desk.regulations)) as barred:
            return count_lake(asked, fixed, desk.lake(), chosen, barred)

    return Response[ReplayLine | ReplayCount](await asyncio.to_thread(count), status_code=200)


@get("/replays", responses=ERRORS)
async def list_replays(desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[ReplayLine]:
    """Newest first."""
    found = await desk.call(lambda: desk.replays.newest(limit=limit + 1, before=cursor))
    shown = found[:limit]
    return Page([line(each) for each in shown], shown[-1].id if len(found) > limit else None)


@get("/replays/{replay_id:str}", responses=NAMED_ERRORS)
async def one_replay(desk: Desk, replay_id: str) -> ReplayLine:
    """How far one is."""
    return line(known(await desk.call(lambda: desk.replays.get(replay_id)), replay_id))


@post("/replays/{replay_id:str}/{verb:str}", status_code=200, responses=NAMED_ERRORS)
async def decide_replay(desk: Desk, replay_id: str, verb: str) -> ReplayLine:
    """`pause`, `resume` or `cancel`. What is in that state already stays so; what is over stays over (400)."""
    return line(await desk.call(lambda: decide(desk.replays, replay_id, verb)))


VERBS: Final = {
    "pause": (State.PAUSED, frozenset({State.RUNNING, State.PAUSED})),
    "resume": (State.RUNNING, frozenset({State.RUNNING, State.PAUSED})),
    "cancel": (State.CANCELLED, frozenset({State.RUNNING, State.PAUSED})),
}


def decide(replays: Replays, id_: str, verb: str) -> Replay:
    if verb not in VERBS:
        raise NotFoundError(f"a replay cannot be told to {verb!r}; {nearest(verb, VERBS)}")
    to, when = VERBS[verb]
    replay = known(replays.move(id_, to, when=when), id_)
    if replay.state is not to:
        raise InputError("replay_over", f"the replay {id_} is {replay.state}: begin another one")
    return replay


def known(replay: Replay | None, id_: str) -> Replay:
    if replay is None:
        raise NotFoundError(f"there is no replay {id_}")
    return replay


HANDLERS: Final = [create_replay, list_replays, one_replay, decide_replay]
