"""A mapping, ready to be applied to events.

    >>> mapping = compile_mapping({"name": {"@case": {"operator": "upper", "value": {"@path": "$.traits.name"}}}})
    >>> mapping.resolve({"traits": {"name": "ann"}}), mapping.resolve({})
    ({'name': 'ANN'}, {})

The language is spec 2.9, for people docs/reference/mappings.md.
"""

from collections.abc import Mapping
from typing import Any, Final

from headwater.errors import Problem
from headwater.mapping import checks
from headwater.mapping.compile import Resolve, compile_function
from headwater.mapping.errors import MappingError, join
from headwater.mapping.javascript import UNDEFINED, a, type_name
from headwater.mapping.work import Work

__all__ = ["INTERNAL", "ROOT", "Compiled", "MappingError", "compile_mapping", "problems"]

INTERNAL: Final = "__segment_internal_"
"""Begins keys that say how a mapping is carried out; they are sent to nobody."""

ROOT: Final = f"{INTERNAL}directive"
"""A directive that has the rest of the mapping as its `mapping`."""


class Compiled:
    """A well-formed mapping. Equal events give equal results, and are not changed; results may share parts with
    the event and with each other, so they are for reading.
    """

    __slots__ = ("_resolve",)

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    def resolve(self, payload: dict[str, Any]) -> Any:
        """What the mapping makes of an event; None also when that is undefined. MappingError when it cannot."""
        if payload.__class__ is not dict:
            raise MappingError(f"an event should be an object, but is {a(type_name(payload))}")
        try:
            resolved = self._resolve(payload, Work())
        except RecursionError:
            raise MappingError("the event is nested too deeply") from None
        return None if resolved is UNDEFINED else resolved


def compile_mapping(mapping: Any) -> Compiled:
    """MappingError, with all problems, when it is malformed."""
    meant, found = _meant(mapping)
    found = found or checks.problems(meant)
    if not found:
        try:
            return Compiled(compile_function(meant))
        except MappingError as error:
            found = [Problem(error.message, error.path)]
    raise MappingError(found[0].message, found[0].path, problems=found)


def problems(mapping: Any) -> list[Problem]:
    """What is wrong with a mapping; paths are relative to it."""
    try:
        compile_mapping(mapping)
    except MappingError as error:
        return list(error.problems)
    return []


def _meant(mapping: Any) -> tuple[Any, list[Problem]]:
    """The mapping without what is not sent, inside its root directive if it has one."""
    if not isinstance(mapping, Mapping) or not any(str(key).startswith(INTERNAL) for key in mapping):
        return mapping, []
    sent = {key: value for key, value in mapping.items() if not str(key).startswith(INTERNAL)}
    if ROOT not in mapping:
        return sent, []
    root = mapping[ROOT]
    name = checks.directive_of(root)
    if name is None or len(root.keys() - {checks.METADATA}) > 1:
        return None, [Problem("should be one directive", ROOT)]
    if root[name].__class__ is not dict:
        return None, [Problem(f"should be an object, but is {a(type_name(root[name]))}", join(ROOT, name))]
    return {name: root[name] | {"mapping": sent}}, []
