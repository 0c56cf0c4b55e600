"""Reading request bodies: bounded in bytes and in time, whatever the sender does."""

import asyncio
from typing import Any, Final

from headwater import limits
from headwater.errors import InputError
from headwater.units import MIB

SWEEP_S: Final = 2.0

DRAINED_BYTES_MAX: Final = 64 * MIB
"""Of a body that is refused, so much is still read and thrown away: a client that is busy writing does not hear
an early answer. More than that and the connection is cut."""


class Bodies:
    """Reads bodies and cuts off those who take too long.

    One timer looks after all of them, and only while there are any: a timer per request would cost more than the
    whole parse of a small event.
    """

    def __init__(self, *, read_s_max: float = limits.collection.BODY_READ_S_MAX) -> None:
        self._read_s_max = read_s_max
        self._loop = asyncio.get_running_loop()
        self._reading: dict[asyncio.Task[Any], float] = {}
        self._sweeping = False

    async def read(self, proto: Any, content_length: str | None) -> bytes:
        """The whole body. InputError `too_large` over the limit, TimeoutError when it takes too long."""
        task = asyncio.current_task(self._loop)
        assert task is not None
        self._reading[task] = self._loop.time()
        if not self._sweeping:
            self._sweeping = True
            self._loop.call_later(min(SWEEP_S, self._read_s_max), self._sweep)
        try:
            if content_length is not None and int(content_length) <= limits.collection.COMPRESSED_BYTES_MAX:
                body: bytes = await proto()
                return body
            return await self._read_chunks(proto)
        except asyncio.CancelledError:
            raise TimeoutError from None
        finally:
            del self._reading[task]

    async def _read_chunks(self, proto: Any) -> bytes:
        chunks: list[bytes] = []
        size_bytes = 0
        async for chunk in proto:
            size_bytes += len(chunk)
            if size_bytes <= limits.collection.COMPRESSED_BYTES_MAX:
                chunks.append(chunk)
            else:
                chunks.clear()
            if size_bytes > DRAINED_BYTES_MAX:
                break
        if size_bytes > limits.collection.COMPRESSED_BYTES_MAX:
            raise InputError("too_large", f"a request may have {limits.collection.COMPRESSED_BYTES_MAX:,} bytes")
        return b"".join(chunks)

    def _sweep(self) -> None:
        latest = self._loop.time() - self._read_s_max
        for task, since in self._reading.items():
            if since < latest:
                task.cancel()
        self._sweeping = bool(self._reading)
        if self._sweeping:
            self._loop.call_later(min(SWEEP_S, self._read_s_max), self._sweep)
