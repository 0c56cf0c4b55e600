"""What a running role tells about itself: whether it can work, and how fast it does. Metrics proper are
`prometheus_client` objects in the `metrics.py` of each stage.
"""

import time
from collections import deque
from collections.abc import Callable

METER_WINDOW_S = 60


class Health:
    """Readiness with a reason. A role starts not ready; whoever finds an obstacle names it, whoever sees it
    gone removes it; the role is ready while no obstacle stands.
    """

    def __init__(self) -> None:
        self._obstacles: dict[str, str] = {"start": "starting"}

    def obstacle(self, key: str, reason: str) -> None:
        self._obstacles[key] = reason

    def clear(self, key: str) -> None:
        self._obstacles.pop(key, None)

    @property
    def ready(self) -> bool:
        return not self._obstacles

    @property
    def reasons(self) -> list[str]:
        return list(self._obstacles.values())


class Meter:
    """Events per second over the last minute, kept in one counter per second that saw any."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._seconds: deque[tuple[int, int]] = deque(maxlen=METER_WINDOW_S + 1)

    def add(self, count: int) -> None:
        second = int(self._clock())
        if self._seconds and self._seconds[-1][0] == second:
            self._seconds[-1] = (second, self._seconds[-1][1] + count)
        else:
            self._seconds.append((second, count))

    def per_second(self) -> float:
        now = self._clock()
        window_s = min(METER_WINDOW_S, max(1.0, now - self._started))
        return sum(count for second, count in self._seconds if second > now - 1 - window_s) / window_s
