"""Dead letters as people and programs read them: newest first, with the reason and the start of what was sent."""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.params import Parameter

from headwater import limits
from headwater.errors import InputError
from headwater.flow import DeadLetter
from headwater.processing import dead_letters
from headwater.serve.desk import Desk
from headwater.serve.errors import ERRORS
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page
from headwater.state.port import State

PAYLOAD_BYTES_MAX: Final = 4 * limits.KIB
"""Of each dead letter in a list: enough to recognise it. A page of whole ones could be 500 MB."""

Filter = Annotated[str | None, Parameter(max_length=200)]


class DeadLetterLine(msgspec.Struct, frozen=True):
    id: str
    """`<offset>.<index>` in the collected log; index -1: the whole request."""
    stage: str
    reason: str
    detail: str
    source: str
    received_at: str
    """ISO 8601, UTC."""
    payload: str
    """What was sent, cut off after 4 KiB."""
    payload_bytes: int


def listed(
    state: State,
    *,
    stage: str | None = None,
    reason: str | None = None,
    source: str | None = None,
    limit: int = PAGE_DEFAULT,
    cursor: str | None = None,
) -> Page[DeadLetterLine]:
    """Newest first. The cursor is a place, so it stays good when letters come and go."""
    letters = (
        letter
        for letter in dead_letters.recent(state, before=None if cursor is None else _place(cursor))
        if stage in {None, letter.stage} and reason in {None, letter.reason} and source in {None, letter.source}
    )
    found = list(islice(letters, limit + 1))
    lines = [_line(letter) for letter in found[:limit]]
    return Page(lines, lines[-1].id if len(found) > limit else None)


def _place(cursor: str) -> tuple[int, int]:
    offset, _, index = cursor.partition(".")
    try:
        return int(offset), int(index)
    except ValueError:
        raise InputError("invalid_cursor", "not a cursor of this list", field="cursor") from None


def _line(letter: DeadLetter) -> DeadLetterLine:
    received_at = datetime.fromtimestamp(letter.received_at_ms / 1000, UTC)
    return DeadLetterLine(
        id=f"{letter.offset}.{letter.index}",
        stage=letter.stage,
        reason=letter.reason,
        detail=letter.detail,
        source=letter.source,
        received_at=received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        payload=letter.payload[:PAYLOAD_BYTES_MAX].decode(errors="replace"),
        payload_bytes=len(letter.payload),
    )


@get("/dead-letters", responses=ERRORS)
async def list_dead_letters(
    desk: Desk,
    *,
    stage: Filter = None,
    reason: Filter = None,
    source: Filter = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Page[DeadLetterLine]:
    """What a stage could not take further, newest first."""
    return await desk.read_state(
        lambda state: listed(state, stage=stage, reason=reason, source=source, limit=limit, cursor=cursor)
    )


HANDLERS: Final = [list_dead_letters]
