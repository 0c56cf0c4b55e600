"""What is among the dead letters: how many of each reason, since when, what that means and what to do."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec
from litestar import get

from headwater import limits
from headwater.delivery.jobs import LetterGroup as UndeliveredGroup
from headwater.processing.dead_letters import Tally, tally
from headwater.processing.timestamps import render
from headwater.serve.desk import Desk
from headwater.serve.errors import ERRORS
from headwater.serve.letters.letter import DELIVERY
from headwater.serve.letters.letter_reasons import Explained, explained

KEPT_S: Final = 3.0
"""Counting 100,000 letters takes a quarter of a second; who has just decided about some wants to see them gone."""

OLD: Final = Explained(
    "Oldest dead letters",
    "There are so many that these are stored in files. You can list and replay them like all others.",
    "Choose the destination, then look through the list.",
)


class SourceCount(msgspec.Struct, frozen=True):
    source: str
    letters: int


class LetterGroup(msgspec.Struct, frozen=True):
    stage: str
    reason: str
    """Empty: of the oldest letters of a destination; they are not counted by reason."""
    destination: str | None
    """Of the stage `delivery`."""
    letters: int
    sources: list[SourceCount]
    """Most first; of the stage `delivery`, nothing: one event is often of several groups there."""
    oldest: str | None
    """When the first of them came here; null: not known."""
    newest: str | None
    about: Explained


class LetterGroups(msgspec.Struct, frozen=True):
    data: list[LetterGroup]
    """Most letters first."""
    letters: int
    is_whole: bool
    """False: of the stages, the newest were counted; there are more."""


def grouped(counted: Tally | None, undelivered: Sequence[UndeliveredGroup]) -> LetterGroups:
    """`counted` None: no pipeline has run yet."""
    groups = [*(_of_stages(counted) if counted else ()), *map(_of_delivery, undelivered)]
    groups.sort(key=lambda group: (-group.letters, group.stage, group.reason))
    total = sum(group.letters for group in groups)
    return LetterGroups(groups, total, counted is None or counted.is_whole)


def _of_stages(counted: Tally) -> Iterator[LetterGroup]:
    def place(which: tuple[str, str, str]) -> tuple[str, str]:
        return which[:2]

    for (stage, reason), found in groupby(sorted(counted.counts), key=place):
        keys = list(found)
        sources = [SourceCount(key[2], counted.counts[key]) for key in keys]
        oldest, newest = zip(*(counted.spans[key] for key in keys), strict=True)
        yield LetterGroup(
            stage,
            reason,
            None,
            sum(each.letters for each in sources),
            sorted(sources, key=lambda each: -each.letters),
            render(min(oldest)),
            render(max(newest)),
            explained(stage, reason),
        )


def _of_delivery(group: UndeliveredGroup) -> LetterGroup:
    is_known = group.first_died_at_ms > 0
    return LetterGroup(
        DELIVERY,
        group.reason,
        group.destination,
        group.letters,
        [],
        render(group.first_died_at_ms) if is_known else None,
        render(group.last_died_at_ms) if is_known else None,
        explained(DELIVERY, group.reason) if group.reason else OLD,
    )


@get("/dead-letters/groups", responses=ERRORS)
async def group_dead_letters(desk: Desk) -> LetterGroups:
    """How many there are by stage and reason, or destination and reason, with what to do. Some seconds old."""

    async def count() -> LetterGroups:
        counted = await desk.look(
            lambda state: tally(state, letters_max=limits.letters.KEPT_MAX) if state else None
        )
        return grouped(counted, await desk.call(desk.jobs.letter_groups))

    return await desk.answers.get("dead letter groups", count, kept_s=KEPT_S)


HANDLERS: Final[list[Callable[..., Any]]] = [group_dead_letters]
