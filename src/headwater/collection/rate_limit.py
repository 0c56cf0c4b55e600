"""Requests per second and source, or whoever else has a name and a limit: one token bucket each."""

import time
from collections.abc import Callable
from typing import Protocol


class Limited(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def rate_limit(self) -> float | None:
        """Requests per second; None: unlimited."""
        ...


class RateLimits:
    """Buckets hold one second's worth. `share` is this process's part when several collectors serve one port."""

    def __init__(self, *, share: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_s(self, source: Limited) -> float:
        """0 when the request may pass (and is counted), else the seconds until the next one may."""
        if source.rate_limit is None:
            return 0.0
        rate = source.rate_limit * self._share
        size = max(1.0, rate)
        now = self._clock()
        tokens, at = self._buckets.get(source.name, (size, now))
        tokens = min(size, tokens + (now - at) * rate)
        if tokens < 1:
            self._buckets[source.name] = tokens, now
            return (1 - tokens) / rate
        self._buckets[source.name] = tokens - 1, now
        return 0.0
