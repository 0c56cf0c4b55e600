"""How many people are in several audiences at once: of two, and of all combinations of a few."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from litestar import get
from litestar.params import QueryParameter

from headwater import limits
from headwater.errors import InputError
from headwater.serve.compute.audiences import Collection
from headwater.serve.compute.definitions import one
from headwater.serve.compute.members import regions
from headwater.serve.config.sections import Section
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.state.port import State


class Overlap(msgspec.Struct, frozen=True):
    both: int
    only_first: int
    """In the audience of the address, and not in the other."""
    only_second: int


class Region(msgspec.Struct, frozen=True):
    audiences: list[str]
    """Keys of those that these people are in; they are in none of the others that were compared."""
    count: int


class Overlaps(msgspec.Struct, frozen=True):
    audiences: list[str]
    """Keys of what was compared: the audience of the address first."""
    regions: list[Region]
    """Who is in exactly these of them; combinations that nobody is in are left out. Of one audience first."""


@get("/audiences/{key:str}/overlap", responses=NAMED_ERRORS)
async def compare_audiences(
    desk: Desk,
    key: str,
    other: Annotated[
        str, QueryParameter(name="with", description="The key of another audience of its collection.")
    ],
    collection: Collection = None,
) -> Overlap:
    """How many are in both of two audiences, and how many in only one of them."""
    counts = await _count(desk, key, [other], collection)
    return Overlap(counts[0b11], counts[0b01], counts[0b10])


@get("/audiences/{key:str}/overlaps", responses=NAMED_ERRORS)
async def compare_with_several(
    desk: Desk,
    key: str,
    others: Annotated[
        str, QueryParameter(name="with", description="Keys of other audiences of its collection, with commas.")
    ],
    collection: Collection = None,
) -> Overlaps:
    """How many are in exactly which of these audiences: a number for each combination."""
    keys = [each for each in dict.fromkeys(others.split(",")) if each not in {"", key}]
    if not 0 < len(keys) < limits.compute.AUDIENCES_COMPARED_MAX:
        said = f"1 to {limits.compute.AUDIENCES_COMPARED_MAX - 1} other audiences, with commas in between"
        raise InputError("invalid_request", said, field="with")
    counts = await _count(desk, key, keys, collection)
    names = [key, *keys]
    found = [
        Region([name for at, name in enumerate(names) if mask >> at & 1], count)
        for mask, count in sorted(counts.items(), key=lambda item: (item[0].bit_count(), item[0]))
    ]
    return Overlaps(names, found)


async def _count(desk: Desk, key: str, others: Sequence[str], collection: str | None) -> Counter[int]:
    """See `regions`. An audience compared with itself is in both."""
    audiences = (await desk.version()).workspace.audiences
    first = one(audiences, Section.AUDIENCES, key, collection)
    of = first.collection.value
    keys = [first.key, *(one(audiences, Section.AUDIENCES, other, of).key for other in others)]
    found: Counter[int] = Counter()
    start: bytes | None = b""
    while start is not None:
        counted, start = await desk.look(partial(_counted, keys=keys, collection=of, start=start))
        found += counted
    return found


def _counted(
    state: State | None, keys: Sequence[str], collection: str, start: bytes
) -> tuple[Counter[int], bytes | None]:
    if state is None:
        return Counter(), None
    return regions(state, keys, collection, start=start, rows_max=limits.compute.MEMBERS_COMPARED)


HANDLERS: Final[list[Callable[..., Any]]] = [compare_audiences, compare_with_several]
