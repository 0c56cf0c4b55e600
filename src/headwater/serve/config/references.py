"""Where the items of a workspace name each other: sources, destinations and tracking plans are known by name, so
whoever renames one has to rename it there, and whoever removes one leaves a name behind that means nothing.

References inside texts (FQL, the query language) are not among them: nobody can say what else the text means.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from headwater.config.document import join
from headwater.serve.config.sections import KEYS, Section


class _Kind(NamedTuple):
    """Places that name an item of one section. `*` stands for each item of a list, or each value of a mapping."""

    at: str
    on_removal: str = "leave_out"
    """`leave_out`: without the name, the rest means what it meant. `refuse`: it would mean something else."""


_CONTROLS: Final = ("forwarding_violations_to", "forwarding_blocked_events_to")

_PLACES: Final[Mapping[Section, tuple[_Kind, ...]]] = {
    Section.SOURCES: (
        _Kind("destinations.*.sources.*"),
        # Without sources a transformation changes the events of all of them.
        _Kind("transformations.*.sources.*", "refuse"),
        # What a source does not say, its plan says.
        *(_Kind(f"sources.*.controls.{key}", "refuse") for key in _CONTROLS),
        *(_Kind(f"tracking_plans.*.controls.{key}") for key in _CONTROLS),
        *(_Kind(f"{section}.*.**.without_sources.*") for section in ("traits", "audiences")),
    ),
    Section.DESTINATIONS: (
        # Without its destination a transformation would change what everyone sees.
        _Kind("transformations.*.destination", "refuse"),
        *(_Kind(f"{section}.*.destinations.*.name") for section in ("traits", "audiences")),
        _Kind("sources.*.schema.integrations_off.*.*"),
    ),
    Section.TRACKING_PLANS: (_Kind("sources.*.tracking_plan"),),
    Section.TRANSFORMATIONS: (),
}


class Reference(NamedTuple):
    section: Section
    """Of the item that refers, ..."""
    item: str
    """... its name or key, ..."""
    path: str
    """... and where inside it: `sources[0]`."""
    is_removable: bool
    """Whether the item means the same without it, less what is named."""


Way = tuple[tuple[Any, Any], ...]
"""From the top: each container with the key that was followed in it."""


class _Place(NamedTuple):
    way: Way
    kind: _Kind

    @property
    def reference(self) -> Reference:
        (_, section), (_, index), *inside = self.way
        path = ""
        for _, key in inside:
            path = join(path, f"[{key}]" if isinstance(key, int) else key)
        of = Section(section)
        item = self.way[1][0][index]
        return Reference(of, item[KEYS[of]], path, self.kind.on_removal == "leave_out")


def references(data: Mapping[str, Any], section: Section, name: str) -> list[Reference]:
    """Where a workspace file, as plain data, names this item; in the order of the file's sections."""
    return [place.reference for place in _places(data, section, name)]


def rename(data: dict[str, Any], section: Section, name: str, new: str) -> None:
    """Wherever the item is named it gets its new name."""
    for place in _places(data, section, name):
        container, key = place.way[-1]
        container[key] = new


def leave_out(data: dict[str, Any], section: Section, name: str) -> None:
    """Take the name out where the rest means the same without it; elsewhere it stays, and cannot be loaded."""
    # From the end, so that the places that were found before stay where they are.
    for place in reversed(list(_places(data, section, name))):
        if place.kind.on_removal == "refuse":
            continue
        container, key = place.way[-1]
        if place.kind.at.endswith(".destinations.*.name"):
            container, key = place.way[-2]  # a connection is nothing without its destination
        del container[key]


def _places(data: Mapping[str, Any], section: Section, name: str) -> Iterator[_Place]:
    for kind in _PLACES.get(section, ()):
        for way in _ways(data, kind.at.split("."), ()):
            container, key = way[-1]
            if container[key] == name:
                yield _Place(way, kind)


def _ways(data: Any, steps: list[str], before: Way) -> Iterator[Way]:
    step, rest = steps[0], steps[1:]
    if step == "**":
        yield from _ways(data, rest, before)
        for key, value in _members(data):
            if isinstance(value, dict | list):
                yield from _ways(value, steps, (*before, (data, key)))
        return
    for key, value in _members(data):
        if step in ("*", key):
            way = (*before, (data, key))
            if rest:
                yield from _ways(value, rest, way)
            else:
                yield way


def _members(data: Any) -> list[tuple[Any, Any]]:
    if isinstance(data, dict):
        return list(data.items())
    return list(enumerate(data)) if isinstance(data, list) else []
