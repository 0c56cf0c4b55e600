"""The outbox: what a commit promised to the outbound log, and that it gets there exactly once.

The state keeps each commit's entry until a later commit knows it was sent. The log in turn remembers the highest
position this producer has sent, so an entry that is sent again after a crash is stored once.
"""

from collections.abc import Sequence

import msgspec

from headwater import limits
from headwater.event import OutboundEvent, decode_outbound, encode_outbound
from headwater.log.port import Log, Producer
from headwater.state.port import State

PRODUCER = "pipeline"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[bytes]).decode


class Entry:
    """The outbound records of one commit: chunks of events, and their bytes."""

    def __init__(self, position: int, events: Sequence[OutboundEvent]) -> None:
        size = limits.processing.OUTBOUND_CHUNK_EVENTS_MAX
        self.position = position
        self.chunks = [events[at : at + size] for at in range(0, len(events), size)]
        self.records = [encode_outbound(chunk) for chunk in self.chunks]

    def encoded(self) -> bytes | None:
        """As the commit stores it; None when there is nothing to send."""
        return _encode(self.records) if self.records else None


class Outbox:
    def __init__(self, state: State, outbound: Log) -> None:
        self._outbound = outbound
        self.sent = outbound.produced(PRODUCER)
        """Entries up to this position have reached the outbound log."""
        for position, encoded in state.outbox().items():
            events = [event for record in _decode(encoded) for event in decode_outbound(record)]
            self.send(Entry(position, events))

    def send(self, entry: Entry) -> int:
        """Append the entry's records; the first one's offset, -1 when the log had them or there are none.

        StorageError when the disk refuses: the entry stays in the state, send it again.
        """
        first = -1
        if entry.records:
            events = sum(map(len, entry.chunks))
            producer = Producer(PRODUCER, entry.position)
            first = self._outbound.append(entry.records, events=events, producer=producer)
        self.sent = max(self.sent, entry.position)
        return first
