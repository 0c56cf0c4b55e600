"""Which names a schema plans, and leaving out what it does not."""

from typing import Any

from headwater import limits
from headwater.config.schema_graph import in_place, size_of
from headwater.processing.govern.violations import Path


class _Known(dict[tuple[int, ...], "Planned"]):
    """What has been made for a schema so far, by the parts it was made of."""

    def __init__(self, root: dict[str, Any]) -> None:
        super().__init__()
        self.room = size_of(root)


class Planned:
    """The names that one object, or the objects of a list, may have according to one or more schemas.

    An object that declares no `properties`, or has a schema for further ones, plans whatever it is sent.

    Schemas that speak about the same value are taken together. A recursive one can have as many ways of that as
    its parts have subsets; beyond as many as it has parts, and very deep down, everything is planned.
    """

    def __init__(
        self,
        schemas: list[Any],
        root: dict[str, Any],
        known: _Known | None = None,
        *,
        depth: int = 0,
    ) -> None:
        known = _Known(root) if known is None else known
        parts = [part for schema in schemas for part in in_place(schema, root)]
        known[tuple(map(id, schemas))] = self

        def planned(inner: list[Any]) -> Planned:
            made = known.get(tuple(map(id, inner)))
            if made is None and (depth == limits.govern.PLANNED_DEPTH_MAX or len(known) > known.room):
                return Planned([], {})
            return made or Planned(inner, root, known, depth=depth + 1)

        declared: dict[str, list[Any]] = {}
        items: list[Any] = []
        for part in parts:
            for name, schema in part.get("properties", {}).items():
                declared.setdefault(name, []).append(schema)
            given = part.get("items")
            items += given if isinstance(given, list) else [given] if isinstance(given, dict) else []
        self.is_open = not any("properties" in part for part in parts) or any(map(_plans_more, parts))
        self.names = frozenset(declared)
        self.is_bare_list = not items and any(_is_list(part) for part in parts)
        """A list whose items are not declared: what their objects hold is not planned."""
        self.items = planned(items) if items else None
        within = {name: planned(inner) for name, inner in declared.items()}
        # In a recursive schema a part may still be in the making: it is kept, and decides when it is asked.
        self.within = {name: part for name, part in within.items() if not part.is_done or part.decides}
        self.is_done = True

    is_done = False

    @property
    def decides(self) -> bool:
        return bool(not self.is_open or self.is_bare_list or self.items or self.within)

    def covers(self, payload: dict[str, Any]) -> bool:
        """Whether all names are planned: `unplanned` would find nothing."""
        if not self.is_open and not payload.keys() <= self.names:
            return False
        return not self.within or not self.unplanned(payload)

    def unplanned(self, value: Any, path: Path = ()) -> list[Path]:
        """The places inside `value` that no schema declares."""
        found: list[Path] = []
        if isinstance(value, dict):
            for name, inner in value.items():
                if not self.is_open and name not in self.names:
                    found.append((*path, name))
                elif part := self.within.get(name):
                    found += part.unplanned(inner, (*path, name))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if self.items:
                    found += self.items.unplanned(item, (*path, index))
                elif self.is_bare_list and isinstance(item, dict):
                    found += [(*path, index, name) for name in item]
        return found


def _plans_more(part: dict[str, Any]) -> bool:
    return "patternProperties" in part or isinstance(part.get("additionalProperties"), dict)


def _is_list(part: dict[str, Any]) -> bool:
    type_ = part.get("type")
    return type_ == "array" or (isinstance(type_, list) and "array" in type_)


def without(payload: dict[str, Any], paths: list[Path]) -> None:
    """Take what is at these places out of the payload. Items of a list go from its end, so that indexes hold."""
    for path in sorted(set(paths), key=_later_first, reverse=True):
        holder: Any = payload
        for step in path[:-1]:
            holder = holder[step] if _has(holder, step) else None
        if _has(holder, path[-1]):
            del holder[path[-1]]


def _later_first(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in path)


def _has(holder: Any, step: str | int) -> bool:
    if isinstance(holder, dict):
        return step in holder
    return isinstance(holder, list) and isinstance(step, int) and step < len(holder)


def relative(path: Path) -> str:
    """As `omitted` names it: items of a list are `$`.

    >>> relative(("products", 0, "sku"))
    'products.$.sku'
    """
    return ".".join("$" if isinstance(step, int) else step for step in path)
