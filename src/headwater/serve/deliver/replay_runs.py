"""What a replay does step by step: reads a page, keeps what is wanted, and puts it where it is to go."""

from collections.abc import Callable
from typing import Final, Protocol

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.delivery.engine import reader_name
from headwater.errors import HeadwaterError
from headwater.event import OutboundEvent, encode_collected, encode_outbound
from headwater.log.port import Log, Producer
from headwater.pipeline import READER as PIPELINE
from headwater.replay import marking, selection
from headwater.replay.port import Progress, Replay, Replays
from headwater.serve.letters.letter_selection import Letters

PRODUCER: Final = "replay"
"""Under which steps are appended; a step's number is its sequence, in either log."""

STEP_S: Final = 0.2
"""A slow replay sends so often, and then what its rate allows for the time."""


class Run(Protocol):
    due_at_s: float
    """No step before this (monotonic)."""
    is_over: bool

    def waits(self) -> bool:
        """Whether somebody else has to catch up first."""
        ...

    def step(self, done: Progress) -> int:
        """One step on; how many events it has sent."""
        ...

    def close(self) -> None: ...


class Way(Protocol):
    log: Log

    def reader(self) -> str:
        """Who has to read it. HeadwaterError if nobody will any more."""
        ...

    def records(self, events: list[OutboundEvent]) -> list[bytes]: ...


class OfLake:
    """Events of the lake, into one of the logs."""

    def __init__(
        self, replay: Replay, replays: Replays, rows: selection.Rows, wanted: selection.Wanted, way: Way
    ) -> None:
        self.due_at_s = 0.0
        self.is_over = False
        self._replay = replay
        self._replays = replays
        self._rows = rows
        self._wanted = wanted
        self._way = way
        self._sent_max = _sent_max(replay)
        self._above = way.log.produced(PRODUCER)
        """Steps that the log has seen. A database that was put back from a backup, or made anew, would count from
        below, and the log would take nothing.
        """

    def waits(self) -> bool:
        position = self._way.log.readers().get(self._way.reader())
        return (
            position is not None and self._way.log.lag(position).events > limits.delivery.REPLAY_AHEAD_EVENTS_MAX
        )

    def step(self, done: Progress) -> int:
        page = self._rows.page(done.cursor)
        kept: list[OutboundEvent] = []
        looked, cursor, is_end = len(page.events), page.cursor, page.is_end
        for count, event in enumerate(page.events, 1):
            if not self._wanted(event):
                continue
            kept.append(event)
            if len(kept) == self._sent_max and count < looked:
                looked, cursor, is_end = count, selection.cursor_behind(event), False
                break
        skipped = looked - len(kept)
        after = Progress(cursor, done.looked + looked, done.sent + len(kept), done.skipped + skipped, is_end)
        records = self._way.records(kept)
        number = self._replays.begin(self._replay.id, self._way.log.name, after, above=self._above)
        if kept:
            self._way.log.append(records, events=len(kept), producer=Producer(PRODUCER, number))
        self._replays.end(number)
        self.is_over = is_end
        return len(kept)

    def close(self) -> None:
        self._rows.close()


class ToDestination:
    """Into the outbound log, for this destination only."""

    def __init__(self, replay: Replay, log: Log, workspace: Callable[[], Workspace]) -> None:
        self.log = log
        self._replay = replay
        self._workspace = workspace

    def reader(self) -> str:
        name = self._replay.asked.to
        if self._workspace().destination(name) is None:
            raise HeadwaterError(f"the destination {name} was removed")
        return reader_name(name)

    def records(self, events: list[OutboundEvent]) -> list[bytes]:
        marked = [marking.to_destination(event, self._replay) for event in events]
        size = limits.processing.OUTBOUND_CHUNK_EVENTS_MAX
        return [encode_outbound(marked[at : at + size]) for at in range(0, len(marked), size)]


class ThroughPipeline:
    """Into the collected log, from where the stages take them once more."""

    def __init__(self, replay: Replay, log: Log) -> None:
        self.log = log
        self._replay = replay

    def reader(self) -> str:
        return PIPELINE

    def records(self, events: list[OutboundEvent]) -> list[bytes]:
        return [encode_collected(marking.through_pipeline(event, self._replay)) for event in events]


class OfLetters:
    """Dead letters, tried again where they stopped."""

    def __init__(self, replay: Replay, replays: Replays, letters: Letters) -> None:
        self.due_at_s = 0.0
        self.is_over = False
        self._replay = replay
        self._replays = replays
        self._letters = letters
        self._letters_max = _sent_max(replay)

    def waits(self) -> bool:
        return False

    def step(self, done: Progress) -> int:
        page = self._letters.page(done.cursor, self._letters_max)
        refused = self._letters.replay(page)
        sent = len(page.letters) - refused
        after = Progress(
            page.cursor,
            done.looked + page.looked,
            done.sent + sent,
            done.skipped + page.looked - sent,
            page.is_end,
        )
        self._replays.end(self._replays.begin(self._replay.id, "", after))
        self.is_over = page.is_end
        return sent

    def close(self) -> None:
        pass


def _sent_max(replay: Replay) -> int:
    """Events of one step."""
    return max(1, min(selection.ROWS_MAX, round(replay.asked.per_s * STEP_S)))
