"""What waits for its first attempt at one destination, and who is next.

    lane     the pieces of one person, in the order of the log (or of one person and group, where only that order
             counts). It stands in one group at a time, or is under way
    group    lanes whose next pieces may share a request: same source, mapping and batch key
    turn     sources take turns, and so do the groups of a source

Three promises, none of which costs a look at more than what is taken:

*Order.* A lane that is under way stands nowhere, so a person's next piece leaves after the last one has ended, or
in the same request behind it.
*Fair share.* A source with a million pieces gets one request in turn with a source that has one; a person with a
thousand gets one (or one batch's worth) in turn with everybody else of the group.
*Batches.* A group is due when a request would be full, when its oldest lane has waited for company long enough, or
when a person has something behind it that cannot come along: company must not cost other events their time.

Pure: time is a parameter.
"""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Hashable
from typing import NamedTuple

import msgspec

from headwater.delivery.parcel import Group, Piece


class Bounds(NamedTuple):
    """How much one request of a group may carry, and how long it may wait for it."""

    items_max: int = 1
    bytes_max: int = 0
    wait_s: float = 0.0
    person_order: bool = True
    """Whether a person's pieces are one lane, whatever their groups; else they are one in each group."""


SINGLE = Bounds()


class _Lane(msgspec.Struct, eq=False):
    of: Hashable
    """A person, if their order counts; else a person and a group."""
    pieces: list[Piece]
    line: "_Line | None"
    """Where it stands; None while one of its requests is under way."""
    run: int
    run_bytes: int
    """How many of its first pieces may go in one request, where it stands."""
    since_s: float
    """When it came to stand there."""


class _Line:
    """The lanes of one group."""

    __slots__ = ("bounds", "group", "has_timer", "is_due", "is_pressed", "lanes", "ready", "ready_bytes")

    def __init__(self, group: Group, bounds: Bounds) -> None:
        self.group = group
        self.bounds = bounds
        self.lanes: deque[_Lane] = deque()
        self.ready = self.ready_bytes = 0
        """All runs together."""
        self.is_due = self.is_pressed = self.has_timer = False


class Load(NamedTuple):
    """What goes in one request, and whose it is."""

    pieces: list[Piece]
    lanes: list[_Lane]


class Queue:
    def __init__(self, bounds: Callable[[Piece], Bounds], *, together: bool = True) -> None:
        """`bounds` of the group a piece belongs to."""
        self.waiting = 0
        """Pieces that are not under way."""
        self._bounds = bounds
        self.together = together
        """Whether several pieces of one person may be in one request."""
        self._lanes: dict[Hashable, _Lane] = {}
        self._lines: dict[Group, _Line] = {}
        self._due: dict[str, deque[_Line]] = {}
        """By source; none is empty."""
        self._turns: deque[str] = deque()
        """The sources in `_due`."""
        self._timers: list[tuple[float, int, _Line]] = []
        self._serial = itertools.count()
        self._is_hurried = False

    def add(self, piece: Piece, now_s: float) -> None:
        """Behind all others of its person."""
        self.waiting += 1
        line = self._lines.get(piece.group)
        bounds = line.bounds if line else self._bounds(piece)
        person = piece.parcel.event.person
        of = person if bounds.person_order or not self.together else (person, piece.group)
        lane = self._lanes.get(of)
        if lane is None:
            line = line or self._open(piece.group, bounds)
            lane = self._lanes[of] = _Lane(of, [piece], line, 1, piece.size_bytes, now_s)
            line.lanes.append(lane)
            line.ready += 1
            line.ready_bytes += piece.size_bytes
            if not line.is_due:
                self._look(line, now_s)
            return
        lane.pieces.append(piece)
        if lane.line is None:
            return
        line = lane.line
        if lane.run == len(lane.pieces) - 1 and lane.run < self._run_max(line) and piece.group == line.group:
            lane.run += 1
            lane.run_bytes += piece.size_bytes
            line.ready += 1
            line.ready_bytes += piece.size_bytes
        else:
            line.is_pressed = True
        self._look(line, now_s)

    def is_due(self, now_s: float) -> bool:
        """Whether `take` has something."""
        while self._timers and self._timers[0][0] <= now_s:
            _, _, line = heapq.heappop(self._timers)
            line.has_timer = False
            if line.lanes:
                self._look(line, now_s)
        return bool(self._turns)

    def take(self, now_s: float) -> Load | None:
        """The next request, None if none is due. It obliges: `finish` it."""
        if not self.is_due(now_s):
            return None
        source = self._turns.popleft()
        lines = self._due[source]
        line = lines.popleft()
        line.is_due = False
        load = self._fill(line)
        if line.lanes:
            self._look(line, now_s)
        elif self._lines.get(line.group) is line:
            del self._lines[line.group]
        if lines:
            self._turns.append(source)
        else:
            del self._due[source]
        self.waiting -= len(load.pieces)
        return load

    def finish(self, load: Load, now_s: float) -> None:
        """Its people may go on."""
        for lane in load.lanes:
            if lane.pieces:
                self._stand(lane, now_s)
            else:
                del self._lanes[lane.of]

    def withdraw(self, load: Load, person: str) -> list[Piece]:
        """What waits of a person who has something in this load, which is not finished: it is gone from here."""
        pieces = next((lane.pieces for lane in load.lanes if lane.of == person), None)
        if not pieces:
            return []
        withdrawn = list(pieces)
        pieces.clear()
        self.waiting -= len(withdrawn)
        return withdrawn

    def empty(self) -> list[Piece]:
        """All that waits, in the order of each person: it is gone from here. What is under way stays so."""
        self._lines.clear()
        self._due.clear()
        self._turns.clear()
        self._timers.clear()
        self.waiting = 0
        pieces: list[Piece] = []
        for lane in list(self._lanes.values()):
            pieces += lane.pieces
            lane.pieces.clear()
            if lane.line is not None:
                del self._lanes[lane.of]
        return pieces

    def hurry(self) -> None:
        """It ends: from now on nothing waits for company."""
        self._is_hurried = True

    def press(self, now_s: float) -> None:
        """No company can come before something has left: whatever stands is due."""
        for line in self._lines.values():
            if line.lanes and not line.is_due:
                line.is_pressed = True
                self._look(line, now_s)

    def next_due_s(self) -> float | None:
        """When something is due that is not yet; None if nothing will be of itself."""
        return self._timers[0][0] if self._timers else None

    # --- inside -------------------------------------------------------------------------------------------

    def _open(self, group: Group, bounds: Bounds) -> _Line:
        line = self._lines[group] = _Line(group, bounds)
        return line

    def _run_max(self, line: _Line) -> int:
        return line.bounds.items_max if self.together else 1

    def _stand(self, lane: _Lane, now_s: float) -> None:
        first = lane.pieces[0]
        line = self._lines.get(first.group) or self._open(first.group, self._bounds(first))
        run_max = self._run_max(line)
        if run_max == 1 or len(lane.pieces) == 1:
            run, run_bytes = 1, first.size_bytes
        else:
            run = run_bytes = 0
            for piece in itertools.islice(lane.pieces, run_max):
                if piece.group != line.group:
                    break
                run += 1
                run_bytes += piece.size_bytes
        lane.line, lane.run, lane.run_bytes, lane.since_s = line, run, run_bytes, now_s
        line.lanes.append(lane)
        line.ready += run
        line.ready_bytes += run_bytes
        if len(lane.pieces) > run:
            line.is_pressed = True
        self._look(line, now_s)

    def _look(self, line: _Line, now_s: float) -> None:
        """Whether a group that has lanes is due."""
        if line.is_due:
            return
        items_max, bytes_max, wait_s, _ = line.bounds
        is_full = line.ready >= items_max or line.ready_bytes >= bytes_max
        due_at_s = line.lanes[0].since_s + wait_s
        if is_full or line.is_pressed or self._is_hurried or due_at_s <= now_s:
            line.is_due = True
            source = line.group.source
            if source not in self._due:
                self._due[source] = deque()
                self._turns.append(source)
            self._due[source].append(line)
        elif not line.has_timer:
            line.has_timer = True
            heapq.heappush(self._timers, (due_at_s, next(self._serial), line))

    def _fill(self, line: _Line) -> Load:
        items_max, bytes_max, _, _ = line.bounds
        pieces: list[Piece] = []
        lanes: list[_Lane] = []
        size_bytes = 0
        standing = line.lanes
        while standing and len(pieces) < items_max:
            lane = standing[0]
            waiting, run = lane.pieces, lane.run
            if pieces and size_bytes + waiting[0].size_bytes > bytes_max:
                break
            standing.popleft()
            line.ready -= run
            line.ready_bytes -= lane.run_bytes
            lane.line = None
            lanes.append(lane)
            taken = 0
            for piece in waiting[: min(run, items_max - len(pieces))]:
                if pieces and size_bytes + piece.size_bytes > bytes_max:
                    break
                pieces.append(piece)
                size_bytes += piece.size_bytes
                taken += 1
            del waiting[:taken]
        if not standing:
            line.is_pressed = False
        return Load(pieces, lanes)
