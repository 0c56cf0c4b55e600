"""What differs between dialects: how JSON is reached, what its types are called, and a few functions.

A value inside JSON is strictly typed here: a text is no number however it looks. So each dialect says what it
calls the JSON types, and how the value is read once its type is known. Members are always reached by name: "0" is
a member called 0, never the first item of a list.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Final, TypeAlias

from sqlglot import exp

from headwater.definitions.sql.expressions import (
    Expr,
    cast,
    column,
    compared,
    equal,
    every,
    is_there,
    number,
    text,
    when,
)

Predicate: TypeAlias = Callable[[Expr], Expr]

ITEM: Final = "item"
"""The column that the items of a list become."""

_WHOLE: Final = "^-?[0-9]+$"
_DATE: Final = (
    "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-"
    "((02)-(0[1-9]|[12][0-9])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))"
)
_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?"
_ZONE: Final = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
INSTANT: Final = f"^{_DATE}(T{_TIME}{_ZONE})?$"
"""What counts as an instant (definitions/instants.py). Written without what one of the five does not know: no
groups that do not capture, no look-ahead.
"""


class Dialect(ABC):
    """Arguments called `json` are JSON values of the dialect, those called `value` are texts."""

    name: ClassVar[str]
    string: ClassVar[Sequence[str]]
    numeric: ClassVar[Sequence[str]]
    boolean: ClassVar[Sequence[str]]
    array: ClassVar[Sequence[str]]
    object: ClassVar[Sequence[str]]
    null: ClassVar[Sequence[str]]
    """What `kind` calls a JSON value of this type."""
    whole: ClassVar[str] = "BIGINT"
    whole_max: ClassVar[int] = 10**18
    """The largest integers there are, and what certainly is one."""

    # --- JSON -----------------------------------------------------------------------------------------------

    @abstractmethod
    def member(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        """The JSON value there, null when there is none."""

    @abstractmethod
    def kind(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        """The name of its type; null, or that of null, when there is none."""

    @abstractmethod
    def scalar(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        """Of a text, its characters; of a number or a boolean, its JSON."""

    def characters(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        """Of what is known to be a text."""
        return self.scalar(json, segments)

    def written(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        """Of what is known to be a number."""
        return self.scalar(json, segments)

    @abstractmethod
    def any_item(self, json: Expr, segments: tuple[str, ...], test: Predicate) -> Expr:
        """Whether there is a list with an item that meets the test."""

    @abstractmethod
    def length_of_list(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        """Of what is known to be a list."""

    @abstractmethod
    def unnested(self, json: Expr) -> Expr:
        """Something to join: its column ITEM has the items, none when it is no list."""

    def items(self, relation: str, name: str) -> exp.Select:
        """`profile_id` and ITEM, a row for every item of the lists in a column."""
        return exp.select("profile_id", ITEM).from_(relation).join(self.unnested(column(name)), join_type="cross")

    # --- numbers --------------------------------------------------------------------------------------------

    def double(self, value: Expr) -> Expr:
        return cast(value, "DOUBLE", safe=True)

    def billionths(self, value: Expr) -> Expr:
        """As a decimal with nine places, halves away from zero."""
        return cast(value, "DECIMAL(38, 9)", safe=True)

    def plain_number(self, value: Expr) -> Expr:
        """The text of a number in one form: 5, never 5.0."""
        real = self.double(value)
        is_whole = every(
            equal(real, exp.Floor(this=real.copy())),
            compared("<", exp.Abs(this=real.copy()), number(self.whole_max)),
        )
        return when(
            (self.matches(value, _WHOLE), value),
            (is_whole, cast(cast(real, self.whole), "TEXT")),
            otherwise=self.shortest(value),
        )

    def shortest(self, value: Expr) -> Expr:
        """Of a number with a fraction or an exponent."""
        return value

    # --- texts --------------------------------------------------------------------------------------------------

    def matches(self, value: Expr, pattern: str) -> Expr:
        """Patterns are anchored, and use nothing but what all dialects know."""
        return exp.RegexpLike(this=value.copy(), expression=text(pattern))

    def contains(self, value: Expr, part: Expr) -> Expr:
        return compared(">", exp.StrPosition(this=value.copy(), substr=part.copy()), number(0))

    def starts_with(self, value: Expr, part: Expr) -> Expr:
        return exp.StartsWith(this=value.copy(), expression=part.copy())

    def ends_with(self, value: Expr, part: Expr) -> Expr:
        return exp.EndsWith(this=value.copy(), expression=part.copy())

    def lower(self, value: Expr) -> Expr:
        return exp.Lower(this=value.copy())

    def upper(self, value: Expr) -> Expr:
        return exp.Upper(this=value.copy())

    @abstractmethod
    def utf8_length(self, value: Expr) -> Expr: ...

    def by_code_point(self, value: Expr) -> Expr:
        """The text as something that sorts by code point."""
        return value

    def sorted_texts(self, value: Expr) -> Expr:
        """An aggregate: all of them in a list, by code point."""
        return exp.ArrayAgg(this=exp.Order(this=value.copy(), expressions=[exp.Ordered(this=value.copy())]))

    def are_there(self, texts: Expr) -> Expr:
        """Whether there is such a list, which is never empty."""
        return is_there(texts)

    @abstractmethod
    def has_text(self, texts: Expr, value: Expr) -> Expr:
        """Whether a list that `sorted_texts` made has this text in it."""

    # --- instants -----------------------------------------------------------------------------------------------

    def instant(self, value: Expr) -> Expr:
        """Unix milliseconds; null when it is none."""
        whole = when(
            (equal(exp.Length(this=value.copy()), number(10)), self.joined(value, "T00:00:00Z")),
            otherwise=self.replaced(value, "([.][0-9]{3})[0-9]*", "\\1"),
        )
        return when((self.matches(value, INSTANT), self.milliseconds(whole)))

    def joined(self, value: Expr, end: str) -> Expr:
        return exp.DPipe(this=value.copy(), expression=text(end))

    def replaced(self, value: Expr, pattern: str, by: str) -> Expr:
        return exp.RegexpReplace(this=value.copy(), expression=text(pattern), replacement=text(by))

    @abstractmethod
    def milliseconds(self, value: Expr) -> Expr:
        """Of what INSTANT matches, with a time and at most milliseconds."""

    # --- the whole ----------------------------------------------------------------------------------------------

    def finished(self, query: exp.Select) -> exp.Select:
        """With whatever the dialect needs beside it."""
        return query
