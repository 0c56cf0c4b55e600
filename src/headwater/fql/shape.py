"""Which members of an event an expression reads, and the struct that decodes just these."""

import functools
import itertools
from collections.abc import Iterator
from typing import Any

import msgspec

from headwater.fql.ast import And, Call, Compare, Expression, List, Not, Or, Path
from headwater.fql.interpret import canonical_path


class Shape:
    """What to decode of one object: the members some path leads through or ends at."""

    def __init__(self) -> None:
        self.children: dict[str, Shape] = {}
        self.is_wanted = False
        """Whether a path ends here, so that the whole value is needed."""

    def add(self, segments: tuple[str, ...]) -> None:
        shape = self
        for segment in segments:
            shape = shape.children.setdefault(segment, Shape())
        shape.is_wanted = True

    @functools.cached_property
    def kind(self) -> Any:
        """What msgspec decodes it to: a struct of the children; Any where the whole value is needed, or where a
        child has a name that msgspec cannot give to a field.
        """
        if self.is_wanted or any(not _is_field_name(name) for name in self.children):
            return Any
        fields = []
        for index, (name, child) in enumerate(self.children.items()):
            default = None if child.kind is Any else child.kind()  # frozen, so all may share it
            fields.append((f"f{index}", child.kind, msgspec.field(name=name, default=default)))
        return msgspec.defstruct("Shape", fields, frozen=True, gc=False)


def _is_field_name(name: str) -> bool:
    return not any(char in '"\\' or char < " " for char in name)


def paths(expression: Expression) -> Iterator[tuple[str, ...]]:
    """Every path the expression reads, as often as it stands there."""
    match expression:
        case Path(segments=segments):
            yield canonical_path(segments)
        case List(items=nodes) | Call(arguments=nodes) | And(operands=nodes) | Or(operands=nodes):
            yield from itertools.chain.from_iterable(map(paths, nodes))
        case Compare(left=left, right=right):
            yield from paths(left)
            yield from paths(right)
        case Not(operand=operand):
            yield from paths(operand)


def step(value: Any, name: str) -> Any:
    """A member of something already decoded."""
    return value.get(name) if value.__class__ is dict else None


def access(base: str, shape: Shape, segments: tuple[str, ...]) -> str:
    """Python for the value at a path, where `base` is Python for what was decoded of `shape`."""
    code = base
    is_decoded = False
    for segment in segments:
        is_decoded = is_decoded or shape.kind is Any
        if is_decoded:
            code = f"step({code}, {segment!r})"
        else:
            code += f".f{list(shape.children).index(segment)}"
            shape = shape.children[segment]
    return code
