"""Values of which SQL knows only at run time what they are, and comparing them as definitions do.

A value offers an expression for each thing that it might be: the number, if it is a number, else null. An
expression that is left out means that it cannot be one. So a comparison is put together from the ways in which
both sides might be comparable, and unknown becomes false in the end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from headwater.definitions import ast
from headwater.definitions.instants import instant_ms
from headwater.definitions.sql.dialect import Dialect
from headwater.definitions.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    compared,
    either,
    equal,
    every,
    is_there,
    known,
    minus,
    number,
    one_of,
    opposite,
    or_else,
    plus,
    text,
    when,
)


class Value(Protocol):
    @property
    def present(self) -> Expr:
        """Whether there is one that is not null."""
        ...

    @property
    def number(self) -> Expr | None: ...

    @property
    def text(self) -> Expr | None: ...

    @property
    def word(self) -> Expr | None:
        """A text, or a boolean as text: the two are the same to `=`."""
        ...

    @property
    def searchable(self) -> Expr:
        """Whether it is a text or a list."""
        ...

    @property
    def instant_ms(self) -> Expr | None: ...

    def any_item(self, test: "ItemTest") -> Expr:
        """Whether it is a list with an item that meets the test."""
        ...

    def inside(self, segments: tuple[str, ...]) -> "Value": ...


ItemTest: TypeAlias = Callable[[Value], Expr]


@dataclass(frozen=True)
class Typed:
    """A value of one known type, or null."""

    present: Expr
    number: Expr | None = None
    text: Expr | None = None
    word: Expr | None = None
    instant_ms: Expr | None = None
    texts: Expr | None = None
    """A list of texts."""
    dialect: Dialect | None = field(default=None, repr=False)

    @property
    def searchable(self) -> Expr:
        return self.present if self.text is not None or self.texts is not None else FALSE

    def any_item(self, test: ItemTest) -> Expr:
        if self.texts is None or self.dialect is None:
            return FALSE
        return test(_ItemOfTexts(self.texts, self.dialect))

    def inside(self, segments: tuple[str, ...]) -> Value:
        return NOTHING if segments else self


NOTHING: Value = Typed(FALSE)


class _ItemOfTexts(Typed):
    """Stands for any text of a list: to be equal to it is to be in the list."""

    def __init__(self, texts: Expr, dialect: Dialect) -> None:
        super().__init__(TRUE, texts=texts, dialect=dialect)

    def is_any(self, right: Value) -> Expr:
        if right.word is None or self.texts is None or self.dialect is None:
            return FALSE
        return self.dialect.has_text(self.texts, right.word)


def constant(value: ast.Scalar) -> Value:
    if isinstance(value, bool):
        return Typed(TRUE, word=text("true" if value else "false"))
    if isinstance(value, str):
        at_ms = instant_ms(value)
        literal = text(value)
        return Typed(TRUE, text=literal, word=literal, instant_ms=None if at_ms is None else number(at_ms))
    return Typed(TRUE, number=number(value))


def of_number(column: Expr) -> Value:
    return Typed(is_there(column), number=column)


def of_text(dialect: Dialect, column: Expr) -> Value:
    return Typed(is_there(column), text=column, word=column, instant_ms=dialect.instant(column))


def of_boolean(condition: Expr) -> Value:
    """Of what is never null."""
    return Typed(TRUE, word=when((condition, text("true")), otherwise=text("false")))


def of_texts(dialect: Dialect, column: Expr) -> Value:
    return Typed(dialect.are_there(column), texts=column, dialect=dialect)


@dataclass(frozen=True)
class Json:
    """A value inside JSON."""

    dialect: Dialect
    json: Expr
    segments: tuple[str, ...] = ()

    @property
    def member(self) -> Expr:
        return self.dialect.member(self.json, self.segments)

    @property
    def scalar(self) -> Expr:
        return self.dialect.scalar(self.json, self.segments)

    @property
    def characters(self) -> Expr:
        """Of what is known to be a text."""
        return self.dialect.characters(self.json, self.segments)

    @property
    def written(self) -> Expr:
        """Of what is known to be a number."""
        return self.dialect.written(self.json, self.segments)

    def is_a(self, *kinds: Sequence[str]) -> Expr:
        """Whether the dialect calls it one of these; null when there is nothing."""
        return one_of(self.dialect.kind(self.json, self.segments), [name for names in kinds for name in names])

    @property
    def present(self) -> Expr:
        null = text(self.dialect.null[0])
        return compared("!=", or_else(self.dialect.kind(self.json, self.segments), null), null)

    @property
    def number(self) -> Expr:
        return when((self.is_a(self.dialect.numeric), self.dialect.double(self.written)))

    @property
    def text(self) -> Expr:
        return when((self.is_a(self.dialect.string), self.characters))

    @property
    def word(self) -> Expr:
        return when((self.is_a(self.dialect.string, self.dialect.boolean), self.scalar))

    @property
    def plain_text(self) -> Expr:
        """Of a text, a number or a boolean; null of anything else."""
        return when(
            (self.is_a(self.dialect.string, self.dialect.boolean), self.scalar),
            (self.is_a(self.dialect.numeric), self.dialect.plain_number(self.written)),
        )

    @property
    def searchable(self) -> Expr:
        return known(self.is_a(self.dialect.string, self.dialect.array))

    @property
    def instant_ms(self) -> Expr:
        return when((self.is_a(self.dialect.string), self.dialect.instant(self.characters)))

    def any_item(self, test: ItemTest) -> Expr:
        return self.dialect.any_item(self.json, self.segments, lambda item: test(Json(self.dialect, item)))

    def inside(self, segments: tuple[str, ...]) -> "Json":
        return Json(self.dialect, self.json, self.segments + segments)


# --- comparing --------------------------------------------------------------------------------------------------


def same(left: Value, right: Value) -> Expr:
    """May be null."""
    if isinstance(left, _ItemOfTexts):
        return left.is_any(right)
    ways = []
    if left.number is not None and right.number is not None:
        ways.append(equal(left.number, right.number))
    if left.word is not None and right.word is not None:
        ways.append(equal(left.word, right.word))
    return either(*ways)


def holds(dialect: Dialect, left: Value, operator: str, rights: Sequence[Value], now_ms: int) -> Expr:
    """The comparison, true or false and never null."""
    match operator:
        case "exists" | "not_exists":
            return left.present if operator == "exists" else opposite(left.present)
        case "=" | "in":
            return known(either(*(same(left, right) for right in rights)))
        case "!=" | "not_in":
            differs = [every(right.present, opposite(known(same(left, right)))) for right in rights]
            return every(left.present, *differs)
        case "contains":
            return _contains(dialect, left, rights)
        case "not_contains":
            return every(left.searchable, opposite(_contains(dialect, left, rights)))
        case "starts_with":
            return _any_part(left, rights, dialect.starts_with)
        case "ends_with":
            return _any_part(left, rights, dialect.ends_with)
    (right,) = rights
    if operator in {"<", "<=", ">", ">="}:
        if left.number is None or right.number is None:
            return FALSE
        return known(compared(operator, left.number, right.number))
    return known(_in_time(left, operator, right, now_ms))


def _contains(dialect: Dialect, left: Value, rights: Sequence[Value]) -> Expr:
    in_list = left.any_item(lambda item: either(*(same(item, right) for right in rights)))
    return known(either(_any_part(left, rights, dialect.contains), known(in_list)))


def _any_part(left: Value, rights: Sequence[Value], has: Callable[[Expr, Expr], Expr]) -> Expr:
    whole = left.text
    if whole is None:
        return FALSE
    # The empty text is part of every one; dialects differ about where.
    parts = [
        is_there(whole) if right.text == text("") else has(whole, right.text)
        for right in rights
        if right.text is not None
    ]
    return known(either(*parts))


def _in_time(left: Value, operator: str, right: Value, now_ms: int) -> Expr:
    at_ms, now = left.instant_ms, number(now_ms)
    other = right.instant_ms if operator in {"before", "after"} else right.number
    if at_ms is None or other is None:
        return FALSE
    match operator:
        case "before":
            return compared("<", at_ms, other)
        case "after":
            return compared(">", at_ms, other)
        case "within_last":
            return every(compared(">", at_ms, minus(now, other)), compared("<=", at_ms, now))
        case "before_last":
            return compared("<=", at_ms, minus(now, other))
        case "within_next":
            return every(compared(">", at_ms, now), compared("<=", at_ms, plus(now, other)))
    return compared(">", at_ms, plus(now, other))
