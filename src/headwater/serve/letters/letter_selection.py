"""Which dead letters a replay is about, a page at a time, newest first."""

from typing import NamedTuple

from headwater.processing.timestamps import render
from headwater.replay.port import Asked, Bounds
from headwater.replay.selection import compiled, matches
from headwater.serve.letters.dead_letter_office import Office
from headwater.serve.letters.letter import DELIVERY, Letter, sent
from headwater.serve.letters.letter_filter import Filter


class LetterPage(NamedTuple):
    letters: list[Letter]
    looked: int
    cursor: str
    is_end: bool


class Letters:
    def __init__(self, office: Office, asked: Asked, bounds: Bounds) -> None:
        """InputError when what is asked is not FQL."""
        self._office = office
        self._sources = frozenset(asked.sources)
        self._condition = compiled(asked.where)
        self._filter = Filter(
            stage=asked.stage or (DELIVERY if asked.to else None),
            reason=asked.reason or None,
            destination=asked.to or None,
            since=None if bounds.since_ms is None else render(bounds.since_ms),
            until=None if bounds.until_ms is None else render(bounds.until_ms),
        )

    def page(self, cursor: str, letters_max: int) -> LetterPage:
        found = self._office.find(self._filter, limit=letters_max, cursor=cursor or None)
        kept = [letter for letter in found.letters if self._wants(letter)]
        return LetterPage(kept, len(found.letters), found.cursor or cursor, found.cursor is None)

    def replay(self, page: LetterPage) -> int:
        """Have them tried again; how many cannot be."""
        return len(self._office.replay_all(page.letters)) if page.letters else 0

    def _wants(self, letter: Letter) -> bool:
        source = getattr(letter, "source", None) or getattr(getattr(letter, "event", None), "source", "")
        if self._sources and source not in self._sources:
            return False
        return self._condition is None or matches(self._condition, sent(letter))
