"""Events per source and outcome, kept in the state table `counters`, so that they are exact across crashes."""

import struct
from collections import Counter
from collections.abc import Mapping

from headwater.state.port import Changes, State

TABLE = "counters"

_COUNT = struct.Struct(">Q")
_PREFIX = b"events\0"


class Totals:
    def __init__(self, state: State) -> None:
        self._totals: Counter[tuple[str, str]] = Counter(read(state))

    def __call__(self) -> Mapping[tuple[str, str], int]:
        return dict(self._totals)

    def changes(self, counts: Mapping[tuple[str, str], int]) -> Changes:
        """The rows that a commit of these counts writes."""
        return {TABLE: {_key(what): _COUNT.pack(self._totals[what] + count) for what, count in counts.items()}}

    def counted(self, counts: Mapping[tuple[str, str], int]) -> None:
        """The commit went through."""
        self._totals.update(counts)


def read(state: State) -> dict[tuple[str, str], int]:
    """(source, outcome) → events, as last committed."""
    found = {}
    for key, value in state.scan(TABLE, _PREFIX):
        source, outcome = key[len(_PREFIX) :].split(b"\0")
        found[source.decode(), outcome.decode()] = int(_COUNT.unpack(value)[0])
    return found


def _key(what: tuple[str, str]) -> bytes:
    source, outcome = what
    return _PREFIX + source.encode() + b"\0" + outcome.encode()
