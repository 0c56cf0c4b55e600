"""A person in front of the dead letters of a folder."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from headwater.profiles.embedded import embedded
from headwater.serve.letters.dead_letter_office import Office
from headwater.serve.letters.letter import Letter
from headwater.serve.letters.letter_filter import Filter

EVERYTHING = Filter()


@contextlib.contextmanager
def office(data: Path) -> Iterator[Office]:
    platform = embedded(data)
    with contextlib.closing(platform.collected()) as log, contextlib.closing(platform.jobs()) as jobs:
        yield Office(platform.state_view, log, jobs, clock=lambda: 1_800_000_000.0)


def letters(data: Path, wanted: Filter = EVERYTHING) -> list[Letter]:
    with office(data) as opened:
        return opened.find(wanted, limit=1_000).letters
