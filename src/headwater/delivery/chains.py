"""Who waits at a destination that is strict about order: people with an event that failed, and what came after it.

The jobs of a person are a chain. Only its first link has a due time of its own; the others are due when the retry
window would be over, in case nobody frees them, and at once when the link before them has ended. Links that are
decided on but not stored yet are counted as well: a person is held from the moment that an event of theirs fails.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from headwater.delivery.jobs import Job


class Chains:
    def __init__(self, stored: Mapping[str, int]) -> None:
        """`stored`: people with jobs, and how many; whoever gives them frees them all once."""
        self._stored = Counter(stored)
        self._coming: Counter[str] = Counter()
        self._tried = set(stored)
        """People whose first link has a due time."""

    def holds(self, person: str) -> bool:
        return person in self._stored or person in self._coming

    def add(self, person: str) -> None:
        """A link that will be stored."""
        self._coming[person] += 1

    def committed(self, decided: Sequence[Job], stored: Sequence[Job]) -> list[str]:
        """Of these links those are stored now, the others will never be. Whom to free: their first link was stored
        after the one before it had ended.
        """
        for job in decided:
            _less(self._coming, job.event.person)
        for job in stored:
            person = job.event.person
            self._stored[person] += 1
            if job.attempts:
                self._tried.add(person)
        free = [
            person for person in dict.fromkeys(job.event.person for job in stored) if person not in self._tried
        ]
        self._tried.update(free)
        return free

    def ended(self, people: Iterable[str]) -> list[str]:
        """A link of each of these is gone. Whom to free, of those: they have another one."""
        free = []
        for person in people:
            if person not in self._stored:
                continue
            _less(self._stored, person)
            if person in self._stored:
                free.append(person)
            else:
                self._tried.discard(person)
        return free


def _less(counts: Counter[str], person: str) -> None:
    """Nobody stays in it with nothing."""
    if counts[person] > 1:
        counts[person] -= 1
    else:
        counts.pop(person, None)
