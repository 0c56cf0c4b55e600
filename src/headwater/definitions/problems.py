"""Mistakes in a definition that is a tree: all of them are found before anybody is told."""

from collections.abc import Sequence
from typing import Any

from headwater.errors import InputError, Problem, nearest


class DefinitionError(InputError):
    """A tree that is no definition; carries every mistake found, each with its path inside the tree."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [f"{p.path}: {p.message}" if p.path else p.message for p in problems]
        super().__init__("invalid_definition", "\n".join(lines), field=problems[0].path or None)


class Place:
    """Where in a tree one is, and a way to complain about it."""

    __slots__ = ("_problems", "path")

    def __init__(self, problems: list[Problem], path: str = "") -> None:
        self._problems = problems
        self.path = path

    def at(self, key: str | int) -> "Place":
        if isinstance(key, int):
            return Place(self._problems, f"{self.path}[{key}]")
        return Place(self._problems, f"{self.path}.{key}" if self.path else key)

    def report(self, message: str) -> None:
        if message:
            self._problems.append(Problem(message, self.path))

    def check(self) -> None:
        if self._problems:
            raise DefinitionError(self._problems)

    def refuse_unknown(self, data: dict[str, Any], known: Sequence[str]) -> None:
        for key in data:
            if key not in known:
                self.at(key).report(f"unknown key; {nearest(str(key), known)}")
