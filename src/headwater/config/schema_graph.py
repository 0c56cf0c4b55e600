"""What a JSON Schema can cost: its parts, which of them apply when one does, and recursion that grows no faster
than the event it is held against.
"""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

from headwater import limits

_IN_PLACE_LISTS: Final = ("allOf", "anyOf", "oneOf")
_IN_PLACE: Final = ("not", "if", "then", "else")
_WITHIN: Final = ("additionalProperties", "items", "additionalItems")
_SCHEMAS_INSIDE: Final = {
    *_IN_PLACE_LISTS,
    *_IN_PLACE,
    *_WITHIN,
    *("properties", "patternProperties", "contains", "propertyNames", "dependencies", "definitions"),
}

_FOR_PEOPLE: Final = {"title", "description", "$comment"}
_TEXT_CHARS: Final = 8
"""So many characters of a pattern or a permitted text count as one value: errors carry copies of them."""


class SchemaError(Exception):
    """A schema that is not accepted."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        """Inside the schema, as in `properties.total.pattern`."""


def size_of(value: Any) -> int:
    size, waiting = 0, [value]
    while waiting:
        inner = waiting.pop()
        size += 1
        if isinstance(inner, dict):
            waiting += [v for key, v in inner.items() if key not in _FOR_PEOPLE or not isinstance(v, str)]
        elif isinstance(inner, list):
            waiting += inner
        elif isinstance(inner, str):
            size += len(inner) // _TEXT_CHARS
    return size


class Graph:
    """The schema's parts and which of them apply when one does, to bound what validating can cost.

    Parts are numbered in order of discovery. An edge is `in place` when the part applies to the same value (allOf,
    `$ref`), else to something inside it. Edges of one group never apply to the same inner value together.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        self.root = schema
        self.numbers: dict[int, int] = {id(schema): 0}
        self.groups: list[list[tuple[bool, list[int]]]] = []
        self.own: list[int] = []
        """The size of each part without those inside it."""
        parts = [schema]
        while len(self.groups) < len(parts):
            part = parts[len(self.groups)]
            self.own.append(size_of({key: value for key, value in part.items() if key not in _SCHEMAS_INSIDE}))
            groups = []
            for in_place, targets in self._targets(part):
                for target in targets:
                    if id(target) not in self.numbers:
                        self.numbers[id(target)] = len(parts)
                        parts.append(target)
                groups.append((in_place, [self.numbers[id(target)] for target in targets]))
            self.groups.append(groups)

    def size(self) -> int:
        """See Compiled. SchemaError when recursion could make the cost grow faster than the event."""
        if any(
            _is_cycle(c, self._edges(in_place_only=True)) for c in _components(self._edges(in_place_only=True))
        ):
            raise SchemaError("a $ref leads back to itself without going deeper into the event")
        edges = self._edges(in_place_only=False)
        cost: dict[int, int] = {}
        loops: dict[int, int] = {}
        for component in _components(edges):  # those it leads to come first
            inside = set(component)
            outside = [target for part in component for target in edges[part] if target not in inside]
            total = sum(map(self.own.__getitem__, component)) + sum(cost[target] for target in outside)
            total = min(
                total, limits.govern.SCHEMA_SIZE_MAX + 1
            )  # so that doubling does not make numbers of a mile
            is_cycle = _is_cycle(component, edges)
            nested = max((loops[target] for target in outside), default=0) + is_cycle
            if nested > limits.govern.SCHEMA_RECURSIONS_MAX:
                raise SchemaError(f"more than {limits.govern.SCHEMA_RECURSIONS_MAX} recursions inside each other")
            for part in component if is_cycle else ():
                if sum(any(target in inside for target in targets) for _, targets in self.groups[part]) > 1:
                    raise SchemaError(
                        "a recursive $ref is reached in two ways at once, so that each level of an event would"
                        " double the work; recurse through one member of allOf, anyOf, oneOf, if only"
                    )
            for part in component:
                cost[part], loops[part] = total, nested
        return cost[0]

    def _edges(self, *, in_place_only: bool) -> list[list[int]]:
        return [
            [target for in_place, targets in groups if in_place or not in_place_only for target in targets]
            for groups in self.groups
        ]

    def _targets(self, part: dict[str, Any]) -> Iterator[tuple[bool, list[dict[str, Any]]]]:
        if isinstance(reference := part.get("$ref"), str):
            yield True, _schemas([resolved(reference, self.root)])  # draft-07 ignores what stands beside it
            return
        for key in _IN_PLACE_LISTS:
            for member in part.get(key, []):
                yield True, _schemas([member])
        for key in _IN_PLACE:
            yield True, _schemas([part.get(key)])
        for member in part.get("dependencies", {}).values():
            yield True, _schemas([member])
        within: list[Any] = [*part.get("properties", {}).values()]
        for key in _WITHIN:
            member = part.get(key)
            within += member if isinstance(member, list) else [member]
        yield False, _schemas(within)
        for member in (
            *part.get("patternProperties", {}).values(),
            part.get("contains"),
            part.get("propertyNames"),
        ):
            yield False, _schemas([member])


def resolved(reference: str, root: dict[str, Any]) -> Any:
    """What a `$ref` of this schema names."""
    value: Any = root
    for step in unquote(reference[1:]).split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (LookupError, TypeError, ValueError):
            raise SchemaError(f"$ref {reference!r} leads nowhere") from None
    return value


def in_place(schema: Any, root: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema and every part of it that may speak about the same value: allOf, anyOf, oneOf, if, `$ref`."""
    found: dict[int, dict[str, Any]] = {}
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, dict) or id(part) in found:
            continue
        found[id(part)] = part
        if isinstance(reference := part.get("$ref"), str):
            waiting.append(resolved(reference, root))
            continue
        for key in _IN_PLACE_LISTS:
            waiting += part.get(key, [])
        waiting += [part.get("if"), part.get("then"), part.get("else"), *part.get("dependencies", {}).values()]
    return list(found.values())


def _schemas(values: list[Any]) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)]


def _is_cycle(component: list[int], edges: list[list[int]]) -> bool:
    return len(component) > 1 or component[0] in edges[component[0]]


def _components(edges: list[list[int]]) -> list[list[int]]:
    """Strongly connected components, each after those it leads to (Tarjan, without recursion)."""
    found: list[list[int]] = []
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    is_open: set[int] = set()
    for start in range(len(edges)):
        if start in index:
            continue
        walk = [(start, iter(edges[start]))]
        index[start] = low[start] = len(index)
        stack.append(start)
        is_open.add(start)
        while walk:
            part, targets = walk[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    is_open.add(target)
                    walk.append((target, iter(edges[target])))
                    break
                if target in is_open:
                    low[part] = min(low[part], index[target])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[part])
                if low[part] == index[part]:
                    at = stack.index(part)
                    found.append(stack[at:])
                    is_open.difference_update(stack[at:])
                    del stack[at:]
    return found
