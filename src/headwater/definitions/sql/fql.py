"""FQL in SQL. An expression that has no value for an event is null here, so that what FQL calls an error stops an
`and` where it stands, as FQL does, and turns into "no match" only at the very end.
"""

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from headwater.definitions.sql.errors import NotInSqlError
from headwater.definitions.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    compared,
    either,
    equal,
    every,
    is_known,
    is_there,
    known,
    number,
    opposite,
    text,
    when,
)
from headwater.definitions.sql.globs import regular_expression
from headwater.definitions.sql.values import Json
from headwater.fql import ast, parse, render
from headwater.fql.interpret import canonical_path

NO_VALUE: Final = exp.Null()


def matches(filter_: str, body: Json) -> Expr:
    """Whether the filter is true of the event; never null. NotInSqlError names what cannot be said."""
    return known(_Translation(body).truth(parse(filter_)))


@dataclass(frozen=True)
class _Value:
    """Null as a whole is never told from "no value" here: each has an expression of its own."""

    ok: Expr = TRUE
    """Whether there is a value."""
    null: Expr = FALSE
    number: Expr | None = None
    text: Expr | None = None
    flag: Expr | None = None
    """The boolean, if it is one, else null."""
    compound: Expr = FALSE
    """Whether it is a list or an object."""
    json: Json | None = None


class _Translation:
    def __init__(self, body: Json) -> None:
        self._body = body
        self._dialect = body.dialect

    # --- true, false or null for no value ---------------------------------------------------------------------

    def truth(self, node: ast.Expression) -> Expr:
        """As `and` and a filter take it: null counts as false."""
        match node:
            case ast.Boolean(value=value):
                return TRUE if value else FALSE
            case ast.And(operands=operands):
                return self._in_turn([self.truth(operand) for operand in operands], until=False)
            case ast.Or(operands=operands):
                return self._in_turn([self.truth(operand) for operand in operands], until=True)
            case ast.Not(operand=operand):
                return self._negated(operand)
            case ast.Compare():
                return self._compared(node)
            case ast.Call(function="contains" | "match"):
                return self._called(node)
        found = self.value(node)
        branches = [] if found.flag is None else [(is_there(found.flag), found.flag)]
        return when(*branches, (every(found.ok, found.null), FALSE), otherwise=NO_VALUE)

    def _in_turn(self, tests: list[Expr], *, until: bool) -> Expr:
        """`and` goes on until one is false, `or` until one is true; both stop where there is no value."""
        *first, result = tests
        for test in reversed(first):
            if is_known(test):
                result = either(test, result) if until else every(test, result)
            else:
                outcomes = (TRUE, FALSE) if until else (FALSE, TRUE)
                result = when((outcomes[0], outcomes[0]), (outcomes[1], result), of=test)
        return result

    def _negated(self, operand: ast.Expression) -> Expr:
        value = self.value(operand)
        return NO_VALUE if value.flag is None else opposite(value.flag)

    # --- values -----------------------------------------------------------------------------------------------

    def value(self, node: ast.Expression) -> _Value:
        match node:
            case ast.Null():
                return _Value(null=TRUE)
            case ast.Boolean(value=flag):
                return _Value(flag=TRUE if flag else FALSE)
            case ast.Number(value=figure):
                return _Value(number=number(figure))
            case ast.String(value=characters):
                return _Value(text=text(characters))
            case ast.Path(segments=segments):
                return self._inside(self._body.inside(canonical_path(segments)))
            case ast.Call(function="lowercase" | "uppercase" | "snakecase" | "kebabcase"):
                return self._changed(node)
            case ast.Call(function="length", arguments=(argument,)):
                return self._length(self.value(argument))
            case ast.Call(function="typeof", arguments=(argument,)):
                return self._type(self.value(argument))
            case ast.And() | ast.Or() | ast.Not() | ast.Compare() | ast.Call(function="contains" | "match"):
                answer = self.truth(node)
                return _Value(ok=is_there(answer), flag=answer)
        raise NotInSqlError(render(node))

    def _inside(self, json: Json) -> _Value:
        dialect = self._dialect
        return _Value(
            null=opposite(json.present),
            number=json.number,
            text=json.text,
            flag=when((json.is_a(dialect.boolean), equal(json.scalar, text("true")))),
            compound=known(json.is_a(dialect.array, dialect.object)),
            json=json,
        )

    def _changed(self, node: ast.Call) -> _Value:
        whole = self.value(node.arguments[0])
        ok = every(whole.ok, self._is_text_or_null(whole))
        if whole.text is None:
            return _Value(ok=ok, null=whole.null)
        changed = {
            "lowercase": self._dialect.lower(whole.text),
            "uppercase": self._dialect.upper(whole.text),
            "snakecase": exp.Replace(this=whole.text.copy(), expression=text(" "), replacement=text("_")),
            "kebabcase": exp.Replace(this=whole.text.copy(), expression=text(" "), replacement=text("-")),
        }[node.function]
        return _Value(ok=ok, null=whole.null, text=changed)

    def _length(self, whole: _Value) -> _Value:
        lengths = [] if whole.text is None else [(is_there(whole.text), self._dialect.utf8_length(whole.text))]
        if whole.json is not None:
            is_list = whole.json.is_a(self._dialect.array)
            lengths.append((is_list, self._dialect.length_of_list(whole.json.json, whole.json.segments)))
        found = when(*lengths, (whole.null, number(0)))
        return _Value(ok=every(whole.ok, is_there(found)), number=found)

    def _type(self, whole: _Value) -> _Value:
        names = [(whole.null, text("null"))]
        names += [] if whole.text is None else [(is_there(whole.text), text("string"))]
        names += [] if whole.number is None else [(is_there(whole.number), text("number"))]
        names += [] if whole.flag is None else [(is_there(whole.flag), text("bool"))]
        if whole.json is not None:
            names.append((whole.json.is_a(self._dialect.array), text("list")))
        return _Value(ok=whole.ok, text=when(*names, otherwise=text("object")))

    # --- comparisons --------------------------------------------------------------------------------------------

    def _compared(self, node: ast.Compare) -> Expr:
        left = self.value(node.left)
        if node.operator == "in":
            return self._is_in(left, node)
        right = self.value(node.right)
        both = every(left.ok, right.ok)
        if node.operator in {"=", "!="}:
            if FALSE not in {left.compound, right.compound}:
                raise NotInSqlError(f"{render(node)} (both sides may be lists or objects)")
            is_equal = known(_equal(left, right))
            return _where(both, is_equal if node.operator == "=" else opposite(is_equal))
        return _where(both, self._ordered(node.operator, left, right))

    def _ordered(self, operator: str, left: _Value, right: _Value) -> Expr:
        branches = []
        if left.number is not None and right.number is not None:
            branches.append((_are_there(left.number, right.number), compared(operator, left.number, right.number)))
        if left.text is not None and right.text is not None:
            texts = [self._dialect.by_code_point(side) for side in (left.text, right.text)]
            branches.append((_are_there(left.text, right.text), compared(operator, *texts)))
        return when(*branches, (either(left.null, right.null), FALSE), otherwise=NO_VALUE)

    def _is_in(self, left: _Value, node: ast.Compare) -> Expr:
        scalar = every(left.ok, opposite(left.compound))
        if isinstance(node.right, ast.List):
            items = [self.value(item) for item in node.right.items if not isinstance(item, ast.List)]
            both = every(scalar, *(item.ok for item in items))
            return _where(both, known(either(*(_equal(left, item) for item in items))))
        right = self.value(node.right)
        if right.json is None:
            raise NotInSqlError(render(node))
        found = right.json.any_item(lambda item: known(_equal(left, self._item(item))))
        return _where(
            scalar,
            when((right.null, FALSE), (right.json.is_a(self._dialect.array), found), otherwise=NO_VALUE),
        )

    def _item(self, item: object) -> _Value:
        assert isinstance(item, Json), "the items of JSON are JSON"
        return self._inside(item)

    def _called(self, node: ast.Call) -> Expr:
        whole, part = map(self.value, node.arguments)
        fits = every(whole.ok, part.ok, self._is_text_or_null(whole), self._is_text_or_null(part))
        if whole.text is None or part.text is None:
            return _where(fits, FALSE)
        if node.function == "contains":
            found = self._dialect.contains(whole.text, part.text)
        else:
            pattern = node.arguments[1]
            if not isinstance(pattern, ast.String):
                raise NotInSqlError(f"{render(node)} (the pattern is not known beforehand)")
            found = self._dialect.matches(whole.text, regular_expression(pattern.value))
        return _where(fits, known(found))

    def _is_text_or_null(self, value: _Value) -> Expr:
        return either(value.null, FALSE if value.text is None else is_there(value.text))


def _equal(left: _Value, right: _Value) -> Expr:
    ways = [every(left.null, right.null)]
    for one, other in ((left.number, right.number), (left.text, right.text), (left.flag, right.flag)):
        if one is not None and other is not None:
            ways.append(equal(one, other))
    return either(*ways)


def _are_there(*values: Expr) -> Expr:
    return every(*(is_there(value) for value in values))


def _where(ok: Expr, result: Expr) -> Expr:
    return result if ok == TRUE else when((ok, result), otherwise=NO_VALUE)
