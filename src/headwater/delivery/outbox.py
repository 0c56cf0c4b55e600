"""The outbound log as the destinations of one process see it: each at its own pace, decoded once for all."""

from collections import OrderedDict
from typing import NamedTuple

import structlog

from headwater.delivery import metrics
from headwater.event import OutboundEvent, decode_outbound
from headwater.log.port import Log
from headwater.units import KIB, MIB

logger = structlog.get_logger()

READ_BYTES_MAX = 128 * KIB
"""Compressed bytes read and decoded at once, a few milliseconds: nobody else must notice that a destination is
catching up."""
SHARED_BYTES_MAX = 8 * MIB
"""Decoded records kept for the destinations that come next."""


class Chunk(NamedTuple):
    """One record, decoded."""

    offset: int
    events: list[OutboundEvent]
    size_bytes: int
    """Of the bodies, which is nearly all that it holds in memory."""


class Outbox:
    def __init__(self, log: Log) -> None:
        self._log = log
        self._shared: OrderedDict[int, Chunk] = OrderedDict()
        self._shared_bytes = 0
        self._dry_at = -1
        """There was nothing from this offset on; saves the other destinations the look."""

    def rung(self) -> None:
        """The log's bell has rung: there may be more."""
        self._dry_at = -1

    def next(self, offset: int) -> Chunk | None:
        """The first record at or after `offset`, None if there is none yet.

        A record that cannot be decoded was written by another version: it is reported and comes back empty,
        because waiting for it would hold up everything behind it.
        """
        if offset == self._dry_at:
            return None
        shared = self._shared.get(offset)
        if shared:
            return shared
        records = self._log.read(offset, records_max=64, bytes_max=READ_BYTES_MAX)
        if not records:
            self._dry_at = offset
            return None
        chunks = [_decoded(at, data) for at, data in records]
        for chunk in chunks:
            self._share(chunk)
        return chunks[0]

    def _share(self, chunk: Chunk) -> None:
        if chunk.offset not in self._shared:
            self._shared[chunk.offset] = chunk
            self._shared_bytes += chunk.size_bytes
        while self._shared_bytes > SHARED_BYTES_MAX and len(self._shared) > 1:
            _, oldest = self._shared.popitem(last=False)
            self._shared_bytes -= oldest.size_bytes


def _decoded(offset: int, data: bytes) -> Chunk:
    try:
        events = decode_outbound(data)
    except Exception as error:  # compression and encoding each have errors of their own; all mean the same here
        metrics.UNREADABLE.inc()
        logger.error("outbound_record_unreadable", offset=offset, why=str(error))
        events = []
    return Chunk(offset, events, sum(len(event.body) for event in events))
