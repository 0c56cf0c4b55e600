"""Destination types of other packages: found by their entry points, let in when they are sound.

    [project.entry-points."headwater.destinations"]
    ntfy = "headwater_ntfy:TYPE"

A package is somebody else's code: whatever it does while it is imported, raise, exit or hand over nonsense, costs
the platform its type and nothing else. What was refused is kept with the reason, and shown where types are shown.
"""

from collections.abc import Container, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, NamedTuple

import structlog

from headwater.destinations.kit.model import DestinationType
from headwater.destinations.kit.soundness import flaws

logger = structlog.get_logger()

GROUP: Final = "headwater.destinations"

FLAWS_SHOWN: Final = 5
"""Of one type; who mends these sees the next."""


class Plugin(NamedTuple):
    type: DestinationType[Any]
    package: str
    """Name and version, as in `headwater-ntfy 1.0`."""


class Refused(NamedTuple):
    name: str
    """Of the entry point, which the type should have, too."""
    package: str
    why: str


class Found(NamedTuple):
    plugins: dict[str, Plugin]
    """By the type's name."""
    refused: list[Refused]


def discover(taken: Container[str], points: Iterable[EntryPoint] | None = None) -> Found:
    """What is installed beside us; `taken` are the names of our own types. Raises nothing."""
    found = Found({}, [])
    given = entry_points(group=GROUP) if points is None else points
    # In one order whatever the order of folders: which of two that clash is let in must not change by itself.
    for point in sorted(given, key=lambda point: (point.name, _package(point), point.value)):
        package = _package(point)
        try:
            type_ = _admitted(point, taken, found.plugins)
        except (Exception, SystemExit) as error:  # an import may do anything
            said = str(error) if isinstance(error, _RefusedError) else f"{type(error).__name__}: {error}"
            found.refused.append(Refused(point.name, package, said))
            logger.warning("destination_type_refused", name=point.name, package=package, why=said)
        else:
            found.plugins[type_.name] = Plugin(type_, package)
    return found


class _RefusedError(Exception):
    """The type was read, and is not let in."""


def _admitted(point: EntryPoint, taken: Container[str], others: dict[str, Plugin]) -> DestinationType[Any]:
    type_ = point.load()
    if not isinstance(type_, DestinationType):
        raise _RefusedError(f"{point.value} is a {type(type_).__name__}, not a DestinationType")
    if wrong := flaws(type_):
        more = f"; and {len(wrong) - FLAWS_SHOWN} more" if len(wrong) > FLAWS_SHOWN else ""
        raise _RefusedError("; ".join(wrong[:FLAWS_SHOWN]) + more)
    if type_.name != point.name:
        raise _RefusedError(f"the entry point is called {point.name}, and its type {type_.name}")
    if type_.name in taken:
        raise _RefusedError(f"Headwater has a destination type {type_.name} of its own; give it another name")
    if type_.name in others:
        raise _RefusedError(f"{others[type_.name].package} brings a destination type {type_.name} already")
    return type_


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else ""
