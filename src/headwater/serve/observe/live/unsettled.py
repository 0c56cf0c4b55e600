"""Requests that have arrived and whose events have not all come to an end, as far as is known here.

An accepted event says where it arrived, so most requests are settled without being opened. One whose events are
not all accepted is opened once the pipeline is past it, and the state says why: every stage that lets an event go
leaves a row for `headwater explain`. What is in neither place was told before this reading began.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from headwater import limits
from headwater.aggregation import decisions
from headwater.event import CollectedRequest, OutboundEvent
from headwater.flow import DROPPED, Dropped, Reader, dropped_prefix
from headwater.processing import dead_letters
from headwater.processing.again import Again
from headwater.processing.dead_letters import Place
from headwater.processing.replay import Replay
from headwater.serve.observe.live.event import LiveEvent, as_sent

WAITED_S: Final = 1.0
"""An event that has not come to an end by then is told as waiting."""

LOOKED_FOR_S: Final = 5.0
"""Between the commit of the pipeline and the outbound log lies one fsync. What is not found for so long after the
pipeline has passed it was told before."""

_decode_dropped = msgspec.msgpack.Decoder(Dropped).decode


class _Item(NamedTuple):
    number: int
    """In its request's batch."""
    message_id: str
    sent: bytes


class _Request:
    __slots__ = ("arrived_s", "ended", "is_told", "items", "passed_s", "request")

    def __init__(self, request: CollectedRequest, arrived_s: float) -> None:
        self.request = request
        self.arrived_s = arrived_s
        self.passed_s: float | None = None
        """When the pipeline was first seen to be past it."""
        self.ended: set[int] = set()
        """Indexes of its events whose end is known."""
        self.is_told = False
        """As waiting."""
        self.items: list[_Item] | None = None


class Unsettled:
    """Bounded by the bytes of the requests it holds: of the oldest beyond that, the end is not told."""

    def __init__(
        self, *, clock: Callable[[], float], bytes_max: int = limits.observe.LIVE_UNSETTLED_BYTES_MAX
    ) -> None:
        self._clock = clock
        self._bytes_max = bytes_max
        self._bytes = 0
        self._requests: dict[int, _Request] = {}

    def __len__(self) -> int:
        return len(self._requests)

    @property
    def first(self) -> int | None:
        """The offset of the oldest."""
        return next(iter(self._requests), None)

    @property
    def newest_s(self) -> float:
        """When the last one arrived."""
        return self._requests[next(reversed(self._requests))].arrived_s if self._requests else 0.0

    def arrived(self, offset: int, request: CollectedRequest) -> None:
        # Decisions are no events; what comes from the lake once more has arrived long ago.
        if not request.events or decisions.is_one(request) or Again.of(request):
            return
        self._requests[offset] = _Request(request, self._clock())
        self._bytes += len(request.body)
        while self._bytes > self._bytes_max and len(self._requests) > 1:
            self._forget(next(iter(self._requests)))

    def accepted(self, event: OutboundEvent) -> None:
        of = self._requests.get(event.offset)
        # One that was blocked may have been sent on under the name of another source.
        if of is not None and of.request.source == event.source:
            of.ended.add(event.index)
            if len(of.ended) >= of.request.events:
                self._forget(event.offset)

    def settle(self, position: int, state: Reader) -> list[LiveEvent]:
        """Events that were not accepted, among those below the pipeline's `position`. Everything that the outbound
        log has must have been `accepted` before.
        """
        told: list[LiveEvent] = []
        now_s = self._clock()
        for offset, of in list(self._requests.items()):
            if offset >= position:
                break
            of.passed_s = now_s if of.passed_s is None else of.passed_s
            told += _ended(offset, of, state)
            if len(of.ended) >= of.request.events or now_s - of.passed_s > LOOKED_FOR_S:
                self._forget(offset)
        return told

    def overdue(self) -> Iterator[LiveEvent]:
        """Events that have waited for WAITED_S, each once."""
        until_s = self._clock() - WAITED_S
        for offset, of in list(self._requests.items()):
            if of.arrived_s > until_s:
                return
            if not of.is_told and of.passed_s is None:
                of.is_told = True
                for item in _opened(offset, of):
                    if item.number not in of.ended:
                        yield as_sent(of.request, (offset, item.number), item.message_id, item.sent, None)

    def clear(self) -> None:
        self._requests.clear()
        self._bytes = 0

    def _forget(self, offset: int) -> None:
        self._bytes -= len(self._requests.pop(offset).request.body)


def _ended(offset: int, of: _Request, state: Reader) -> list[LiveEvent]:
    items = [item for item in _opened(offset, of) if item.number not in of.ended]
    told = []
    for item, end in zip(items, _ends(offset, items, state), strict=True):
        if end is not None:
            of.ended.add(item.number)
            told.append(as_sent(of.request, (offset, item.number), item.message_id, item.sent, end))
    return told


def _ends(offset: int, items: Sequence[_Item], state: Reader) -> list[Dropped | None]:
    """Of each item, or of the whole request that it came in."""
    places: list[Place] = [(offset, item.number) for item in items] + [(offset, -1)] * len(items)
    prefixes = [dropped_prefix(item.message_id) for item in items] * 2
    keys = [prefix + dead_letters.key(place) for prefix, place in zip(prefixes, places, strict=True)]
    rows = state.get_many(DROPPED, keys)
    own, whole = rows[: len(items)], rows[len(items) :]
    found = (mine or requests for mine, requests in zip(own, whole, strict=True))
    return [None if row is None else _decode_dropped(row) for row in found]


def _opened(offset: int, of: _Request) -> list[_Item]:
    if of.items is None:
        request = of.request
        replay = Replay.of(request)
        try:
            events, _ = dead_letters.opened(request)
        except Exception:  # what cannot be read has no events to tell of; its dead letter has the bytes
            events = []
        of.items = [
            _Item(index, dead_letters.message_id_of(event, request.source, (offset, index), replay), event)
            for index, event in enumerate(events)
        ]
    return of.items
