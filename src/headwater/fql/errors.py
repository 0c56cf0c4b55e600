"""What can be wrong with an expression, and with an event that one is asked about."""

import functools
from typing import ClassVar, Final

from headwater.errors import InputError

_SHOWN_CHARS: Final = 100
"""Of the line an error is in. A filter may be one line of 5 KB, a terminal is not."""
_BEFORE_CHARS: Final = 60


class ExpressionError(InputError):
    """A text in one of our languages that is wrong. Everything a person needs to mend it, in pieces and as one
    sentence.
    """

    language: ClassVar[str]
    """In the error's code: `invalid_fql`."""

    def __init__(
        self,
        problem: str,
        text: str,
        offset: int,
        *,
        length: int = 1,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
    ) -> None:
        before = text[:offset]
        self.problem = problem
        self.text = text
        self.offset = offset
        """In characters, from 0."""
        self.length = max(length, 1)
        """How many characters are meant; the caret is as long."""
        self.line = before.count("\n") + 1
        self.column = offset - (before.rfind("\n") + 1) + 1
        self.expected = expected
        self.found = found
        self.hint = hint
        super().__init__(
            f"invalid_{self.language}",
            f"line {self.line}, column {self.column}: {problem}{f'; {hint}' if hint else ''}",
        )

    def pointed(self) -> str:
        """The line that is wrong with a caret under the place, the problem and the hint, for a terminal."""
        line = self.text.split("\n")[self.line - 1]
        at = self.column - 1
        first = max(0, at - _BEFORE_CHARS) if len(line) > _SHOWN_CHARS else 0
        last = min(len(line), first + _SHOWN_CHARS)
        head, tail = "…" if first else "", "…" if last < len(line) else ""
        # One column per character, or the caret is beside the place.
        shown = "".join(char if char.isprintable() else " " for char in line[first:last])
        carets = "^" * max(1, min(self.length, last - at))
        lines = [
            f"line {self.line}, column {self.column}: {self.problem}",
            f"  {head}{shown}{tail}",
            f"  {' ' * (len(head) + at - first)}{carets}",
        ]
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        """So that it survives the way between processes: arguments by keyword do not by themselves."""
        make = functools.partial(
            type(self), length=self.length, expected=self.expected, found=self.found, hint=self.hint
        )
        return make, (self.problem, self.text, self.offset)


class FqlError(ExpressionError):
    """A text that is not FQL."""

    language = "fql"


class FqlEvaluationError(InputError):
    """An event for which the expression has no value: a type that makes no sense there (`fql_type`), or JSON that
    cannot be read (`unreadable_event`). Whoever decides by a filter fails closed.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)

    def __reduce__(self) -> tuple[object, ...]:
        return FqlEvaluationError, (self.code, self.message)


class MismatchError(Exception):
    """A value that an operator or function does not take. Whoever knows the expression says where."""
