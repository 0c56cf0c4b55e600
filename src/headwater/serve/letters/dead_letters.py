"""Dead letters over HTTP: look at them, have them tried again, let them go."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, get, post
from litestar.params import Parameter

from headwater.delivery.jobs import DeadLetter as Undelivered
from headwater.processing import dead_letters, timestamps
from headwater.serve.bodies import EditedEvent
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS, changed_nothing
from headwater.serve.errors import ERRORS, NAMED_ERRORS
from headwater.serve.instants import now_ms
from headwater.serve.letters import letter_groups
from headwater.serve.letters.dead_letter_office import Decided, Office, check_event
from headwater.serve.letters.letter import DELIVERY, Letter, about, at_ms, letter_id, sent
from headwater.serve.letters.letter_filter import Filter
from headwater.serve.letters.letter_reasons import Explained, explained
from headwater.serve.letters.letter_trial import LetterTrial, tried
from headwater.serve.observe.shown import without_write_key
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page
from headwater.units import KIB

PAYLOAD_BYTES_MAX: Final = 4 * KIB
"""Of each dead letter in a list: enough to recognise it. A page of whole ones could be 500 MB."""

Text = Annotated[str | None, Parameter(max_length=200)]


class DeadLetterLine(msgspec.Struct, frozen=True):
    id: str
    """`<offset>.<index>` in the collected log, index -1: the whole request; or `delivery-<number>`."""
    stage: str
    """`delivery`: it was accepted, and could not be delivered to `destination`."""
    reason: str
    detail: str
    source: str
    received_at: str
    """ISO 8601, UTC."""
    payload: str
    """What was sent, cut off after 4 KiB."""
    payload_bytes: int
    message_id: str | None = None
    """null: a whole request."""
    destination: str | None = None
    events: int = 1
    """A whole request may hold many."""
    type: str = ""
    """The call; empty: it cannot be read, or is a whole request."""
    event: str = ""
    """Name of a track event, of a page or a screen."""


class WholeDeadLetter(msgspec.Struct, frozen=True):
    letter: DeadLetterLine
    """Its `payload` is whole here."""
    call: str
    """What the path of the request said."""
    shared: str
    """What the event shared with its batch (JSON), empty when it came alone."""
    ip: str
    user_agent: str
    died_at: str
    attempts: int
    """To deliver it; 0: it did not come that far."""
    trace: list[dict[str, Any]]
    """What the stages noted about it before."""
    about: Explained
    """What the reason means, and what to do."""


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which letters a call is about: `ids`, or `filter` (an empty one means all)."""

    ids: list[str] | None = None
    filter: Filter | None = None
    cursor: str | None = None
    dry_run: bool = False
    """Only count them."""


class Asked(msgspec.Struct, frozen=True):
    """It is safe that this will happen, as soon as the role that does it runs."""

    id: str


def listed(office: Office, wanted: Filter, *, limit: int, cursor: str | None = None) -> Page[DeadLetterLine]:
    found = office.find(wanted, limit=limit, cursor=cursor)
    return Page([line(letter) for letter in found.letters], found.cursor)


def whole(letter: Letter) -> WholeDeadLetter:
    shown = line(letter, payload_bytes_max=None)
    died_at = timestamps.render(at_ms(letter))
    if isinstance(letter, Undelivered):
        trace, why = _lines(letter.event.trace), explained(DELIVERY, letter.reason)
        return WholeDeadLetter(shown, letter.event.type, "", "", "", died_at, letter.attempts, trace, why)
    inner = dead_letters.whole_request(letter)
    ip, agent = (inner.ip, inner.user_agent) if inner else (letter.ip, letter.user_agent)
    shared = letter.shared.decode(errors="replace")
    why = explained(letter.stage, letter.reason)
    return WholeDeadLetter(shown, letter.call, shared, ip, agent, died_at, 0, _lines(letter.trace), why)


def line(letter: Letter, *, payload_bytes_max: int | None = PAYLOAD_BYTES_MAX) -> DeadLetterLine:
    payload = sent(letter)
    text = without_write_key(payload)[:payload_bytes_max].decode(errors="replace")
    what = about(letter)
    if isinstance(letter, Undelivered):
        return DeadLetterLine(
            letter_id(letter),
            DELIVERY,
            letter.reason,
            letter.message,
            letter.event.source,
            timestamps.render(letter.event.received_at_ms),
            text,
            len(payload),
            letter.event.message_id,
            letter.destination,
            1,
            what.type,
            what.called,
        )
    return DeadLetterLine(
        letter_id(letter),
        letter.stage,
        letter.reason,
        letter.detail,
        letter.source,
        timestamps.render(letter.received_at_ms),
        text,
        len(payload),
        letter.message_id or None,
        None,
        letter.events,
        what.type,
        what.called,
    )


def _lines(trace: bytes) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = msgspec.json.decode(b"[%b]" % trace)
    return lines


@get("/dead-letters", responses=ERRORS)
async def list_dead_letters(
    desk: Desk,
    *,
    stage: Text = None,
    reason: Text = None,
    source: Text = None,
    destination: Text = None,
    message_id: Text = None,
    event: Text = None,
    since: Text = None,
    until: Text = None,
    text: Text = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Page[DeadLetterLine]:
    """What could not be taken further or delivered, newest first. A page may be short and still have a `next`:
    one call looks through 128 MiB at most.
    """
    wanted = Filter(stage, reason, source, destination, message_id, event, since, until, text)
    return await desk.call(lambda: listed(desk.office, wanted, limit=limit, cursor=cursor))


@get("/dead-letters/{dead_letter_id:str}", responses=NAMED_ERRORS)
async def get_dead_letter(desk: Desk, dead_letter_id: str) -> WholeDeadLetter:
    """One of them, with everything that was sent."""
    return await desk.call(lambda: whole(desk.office.one(dead_letter_id)))


@post(
    "/dead-letters/{dead_letter_id:str}/replay",
    status_code=202,
    responses=NAMED_ERRORS,
    operation_class=EditedEvent,
)
async def replay_dead_letter(desk: Desk, request: Request[Any, Any, Any], dead_letter_id: str) -> Asked:
    """Try it again. With a body, that event (a JSON object) takes the place of the one that was sent."""
    edited = await request.body() or None
    await desk.call(lambda: desk.office.replay(dead_letter_id, edited))
    return Asked(dead_letter_id)


@post(
    "/dead-letters/{dead_letter_id:str}/trial",
    status_code=200,
    responses=NAMED_ERRORS,
    operation_class=EditedEvent,
    opt=READS,
)
async def try_dead_letter(desk: Desk, request: Request[Any, Any, Any], dead_letter_id: str) -> LetterTrial:
    """What would become of it if it were tried again now, as it was sent or as in the body. Nothing is changed."""
    edited = await request.body() or None
    if edited is not None:
        check_event(edited)
    current = await desk.version()

    def run() -> LetterTrial:
        letter = desk.office.one(dead_letter_id)
        return tried(letter, current.workspace, current.number, at_ms=now_ms(), edited=edited)

    return await desk.call(run)


@post("/dead-letters/replay", status_code=202, responses=ERRORS)
async def replay_dead_letters(desk: Desk, request: Request[Any, Any, Any], data: Choice) -> Decided:
    """Try many again, at most 1,000 in one call; go on with `next`."""
    if data.dry_run:
        changed_nothing(request)
    return await desk.call(lambda: decide(desk.office, desk.office.replay_all, data))


@post("/dead-letters/discard", status_code=202, responses=ERRORS)
async def discard_dead_letters(desk: Desk, request: Request[Any, Any, Any], data: Choice) -> Decided:
    """Let many go for good, at most 1,000 in one call; go on with `next`."""
    if data.dry_run:
        changed_nothing(request)
    return await desk.call(lambda: decide(desk.office, desk.office.discard_all, data))


@delete("/dead-letters/{dead_letter_id:str}", status_code=202, responses=NAMED_ERRORS)
async def discard_dead_letter(desk: Desk, dead_letter_id: str) -> Asked:
    """Let it go for good."""
    await desk.call(lambda: desk.office.discard(dead_letter_id))
    return Asked(dead_letter_id)


def decide(office: Office, act: Callable[[Sequence[Letter]], list[str]], choice: Choice) -> Decided:
    return office.decide(act, ids=choice.ids, wanted=choice.filter, cursor=choice.cursor, dry_run=choice.dry_run)


HANDLERS: Final[list[Callable[..., Any]]] = [
    *letter_groups.HANDLERS,
    list_dead_letters,
    get_dead_letter,
    try_dead_letter,
    replay_dead_letter,
    replay_dead_letters,
    discard_dead_letters,
    discard_dead_letter,
]
