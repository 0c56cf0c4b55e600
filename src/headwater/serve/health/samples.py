"""Numbers of the roles' metrics as they are at one moment, and what has changed between two."""

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from prometheus_client import Metric

KEPT_S: Final = 60.0

APART_S: Final = 1.0
"""Moments that are closer together tell no rate."""

Key = tuple[str, tuple[tuple[str, str], ...]]
"""Name of the sample, and its labels in order."""


class Samples:
    """Of all processes together: what several of them count is added up."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._values: dict[Key, float] = {}
        for family in families:
            for sample in family.samples:
                key = sample.name, tuple(sorted(sample.labels.items()))
                self._values[key] = self._values.get(key, 0.0) + sample.value

    def total(self, name: str, **labels: str) -> float:
        """The sum of those with these labels, whatever else they have."""
        return sum(value for _, value in self.each(name, **labels))

    def by(self, label: str, name: str, **labels: str) -> dict[str, float]:
        """The same for each value of a label."""
        found: dict[str, float] = {}
        for has, value in self.each(name, **labels):
            if label in has:
                found[has[label]] = found.get(has[label], 0.0) + value
        return found

    def each(self, name: str, **labels: str) -> Iterator[tuple[Mapping[str, str], float]]:
        for (named, pairs), value in self._values.items():
            if named == name:
                has = dict(pairs)
                if all(has.get(label) == wanted for label, wanted in labels.items()):
                    yield has, value

    def minus(self, before: "Samples") -> "Samples":
        """What was added since then. A counter that is smaller than before has begun anew with its process."""
        changed = Samples(())
        for key, value in self._values.items():
            earlier = before._values.get(key, 0.0)  # noqa: SLF001 - its own kind
            changed._values[key] = value - earlier if value >= earlier else value
        return changed

    def percentile_s(self, histogram: str, share: float, **labels: str) -> float | None:
        """The bound that at least so many of the observations did not exceed; None: there were none, or it lies
        beyond the last bound.
        """
        bounds = self.by("le", f"{histogram}_bucket", **labels)
        rising = sorted((float(bound), count) for bound, count in bounds.items())
        total = rising[-1][1] if rising else 0.0
        if total <= 0:
            return None
        reached = next(bound for bound, count in rising if count >= share * total)
        return None if reached == float("inf") else reached


class Moment(NamedTuple):
    at_s: float
    samples: Samples
    lag_events: Mapping[tuple[str, str], int]
    """Of each log and reader."""
    answered: frozenset[Hashable]
    """The processes that these are the samples of."""


class Passed(NamedTuple):
    """What has happened between two moments."""

    seconds: float
    samples: Samples
    lag_events: Mapping[tuple[str, str], int]
    """As it was at the first of them."""

    def per_second(self, name: str, **labels: str) -> float:
        return round(self.samples.total(name, **labels) / self.seconds, 2)


class Movement:
    """The last minute, as far as somebody has asked: nothing is looked at while nobody does.

    Only looks at the same processes are compared: one that did not answer in time would seem to have counted
    everything since its start between that look and the next.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moments: deque[Moment] = deque()

    def add(
        self,
        samples: Samples,
        lag_events: Mapping[tuple[str, str], int],
        answered: frozenset[Hashable] = frozenset(),
    ) -> None:
        now_s = self._clock()
        if len(self._moments) > 1 and self._moments[-1].at_s - self._moments[-2].at_s < APART_S:
            self._moments.pop()  # only the newest may be so close to the one before it
        self._moments.append(Moment(now_s, samples, lag_events, answered))
        while now_s - self._moments[0].at_s > KEPT_S:
            self._moments.popleft()

    def passed(self, seconds: float) -> Passed | None:
        """Since the newest moment that is so long ago, or else the oldest one. None: there is only now."""
        *before_now, now = self._moments
        earlier = [moment for moment in before_now if moment.answered == now.answered]
        far = [moment for moment in earlier if now.at_s - moment.at_s >= seconds]
        before = far[-1] if far else earlier[0] if earlier else None
        if before is None or now.at_s - before.at_s < APART_S:
            return None
        return Passed(now.at_s - before.at_s, now.samples.minus(before.samples), before.lag_events)
