"""Which values a trait has: how many people have which, how numbers are spread, and some of the people.

Profiles are in the order of hashes, so the first so many of them are as good as any others: beyond a bound, what
is told is of a sample, and says so.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import fmean, quantiles
from typing import Annotated, Any, Final

import msgspec
from litestar import get
from litestar.params import Parameter

from headwater import limits
from headwater.aggregation import reading, tables
from headwater.aggregation.reading import Rows
from headwater.config.identity import Identity
from headwater.definitions.paths import parse_path
from headwater.errors import InputError
from headwater.serve.compute.previews import PreviewLine, line
from headwater.serve.desk import Desk
from headwater.serve.errors import ERRORS
from headwater.state.port import State

BINS: Final = 20
TOP: Final = 50

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


class ValueCount(msgspec.Struct, frozen=True):
    value: Any
    profiles: int
    """That have it; of a list, that have it in it."""


class Bin(msgspec.Struct, frozen=True):
    start: float
    end: float
    """The last bin has values that are equal to it, the others have not."""
    profiles: int


class Spread(msgspec.Struct, frozen=True):
    """Of the values that are numbers."""

    profiles: int
    smallest: float
    largest: float
    mean: float
    median: float
    bins: list[Bin]
    """Of one width; one when all are the same."""


class TraitValues(msgspec.Struct, frozen=True):
    profiles: int
    """That were looked at."""
    is_sample: bool
    """There are more of them: shares are good estimates, counts are not those of everybody."""
    with_value: int
    types: dict[str, int]
    """JSON type → how many have a value of it."""
    top: list[ValueCount]
    """The most frequent, at most 50. Items of lists count one by one; objects and very long texts do not."""
    distinct: int
    distinct_is_least: bool
    """There are more than were told apart."""
    spread: Spread | None
    """Null: no value is a number."""
    people: list[PreviewLine]
    """At most 20 who have one: those with the largest numbers first, else the first that were found."""


class Tally:
    """Counts the values of one trait."""

    def __init__(self) -> None:
        self.profiles = 0
        self.types: Counter[str] = Counter()
        self._values: Counter[bytes] = Counter()
        self._has_more = False
        self._numbers: list[float] = []
        self._largest: list[tuple[float, bytes]] = []
        self._first: list[tuple[Any, bytes]] = []

    def add(self, profile: bytes, value: Any) -> None:
        self.profiles += 1
        if value is None:
            return
        self.types[_type(value)] += 1
        for item in value if isinstance(value, list) else [value]:
            self._count(item)
        if isinstance(value, int | float) and not isinstance(value, bool):
            self._numbers.append(float(value))
            push = (
                heapq.heappush if len(self._largest) < limits.definitions.PREVIEW_SAMPLE_MAX else heapq.heappushpop
            )
            push(self._largest, (value, profile))
        elif len(self._first) < limits.definitions.PREVIEW_SAMPLE_MAX:
            self._first.append((value, profile))

    def _count(self, value: Any) -> None:
        text = _encode(value)
        if isinstance(value, dict | list) or len(text) > limits.compute.TRAIT_VALUE_BYTES_SHOWN:
            self._has_more = True
        elif text in self._values or len(self._values) < limits.compute.TRAIT_VALUES_TOLD_APART:
            self._values[text] += 1
        else:
            self._has_more = True

    def told(self, state: Rows | None, identity: Identity, *, is_sample: bool) -> TraitValues:
        people = [*sorted(self._largest, reverse=True), *self._first][: limits.definitions.PREVIEW_SAMPLE_MAX]
        return TraitValues(
            self.profiles,
            is_sample,
            self.types.total(),
            dict(self.types.most_common()),
            [ValueCount(msgspec.Raw(text), count) for text, count in self._values.most_common(TOP)],
            len(self._values),
            self._has_more,
            _spread(self._numbers),
            [line(state, tables.segment_id(profile), value, identity) for value, profile in people],
        )


def _type(value: Any) -> str:
    """Its JSON type.

    >>> [_type(value) for value in (True, 1, 1.5, "a", [], {})]
    ['boolean', 'number', 'number', 'string', 'array', 'object']
    """
    types = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return types.get(type(value), "object")


def _spread(numbers: Sequence[float]) -> Spread | None:
    if not numbers:
        return None
    smallest, largest = min(numbers), max(numbers)
    median = quantiles(numbers, n=2, method="inclusive")[0] if len(numbers) > 1 else numbers[0]
    bins = list(_bins(numbers, smallest, largest))
    return Spread(len(numbers), smallest, largest, fmean(numbers), median, bins)


def _bins(numbers: Sequence[float], smallest: float, largest: float) -> Iterator[Bin]:
    width = (largest - smallest) / BINS
    if width == 0 or width == float("inf"):
        yield Bin(smallest, largest, len(numbers))
        return
    counts = Counter(min(int((number - smallest) / width), BINS - 1) for number in numbers)
    for at in range(BINS):
        yield Bin(smallest + at * width, largest if at == BINS - 1 else smallest + (at + 1) * width, counts[at])


def look(
    state: State | None, collection: str, segments: Sequence[str], tally: Tally, start: bytes
) -> bytes | None:
    """Count profiles from this one on, as many as one look may take; and where to go on. None: these were all."""
    if state is None:
        return None
    rows = state.scan(tables.PROFILES, tables.COLLECTIONS[collection], start=start or None)
    for seen, (profile, row) in enumerate(rows):
        if seen == limits.compute.TRAIT_PROFILES_LOOKED:
            return profile
        tally.add(profile, _value(row, segments))
    return None


def _value(row: bytes, segments: Sequence[str]) -> Any:
    key, *inside = segments
    known = reading.traits(tables.decode_profile(row)).get(key)
    value = known.value if known is not None else None
    for name in inside:
        value = value.get(name) if isinstance(value, dict) else None
    return value


@get("/traits/{key:str}/values", responses=ERRORS)
async def read_trait_values(
    desk: Desk,
    key: str,
    collection: Annotated[str, Parameter(pattern="^(users|accounts)$")] = "users",
) -> TraitValues:
    """How often which value occurs, of a trait that is computed or was sent, or of something inside it
    (`address.city`). Of at most 50,000 profiles.
    """
    try:
        segments = parse_path(key)
    except ValueError as error:
        raise InputError("invalid_request", str(error), field="key") from None
    tally = Tally()
    start: bytes | None = b""
    while start is not None and tally.profiles < limits.compute.TRAIT_PROFILES_MAX:
        start = await desk.look(partial(look, collection=collection, segments=segments, tally=tally, start=start))
    identity = (await desk.version()).workspace.identity
    return await desk.look(lambda state: tally.told(state, identity, is_sample=start is not None))


HANDLERS: Final[list[Callable[..., Any]]] = [read_trait_values]
