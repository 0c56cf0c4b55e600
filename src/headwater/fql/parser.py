"""Tokens to a syntax tree: one method per rule of the grammar.

expr       := or
or         := and {"or" and}
and        := unary {"and" unary}
unary      := "!" unary | comparison
comparison := operand [("=" | "!=" | ">" | ">=" | "<" | "<=" | "in") operand]
operand    := path | string | number | "null" | "true" | "false" | list | func | "(" expr ")"
path       := ident {"." ident}
list       := "[" [operand {"," operand}] "]"
func       := ident "(" [expr {"," expr}] ")"
"""

import math
from typing import Final, cast

from headwater import limits
from headwater.fql.ast import (
    And,
    Boolean,
    Call,
    Compare,
    Expression,
    List,
    Not,
    Null,
    Number,
    Operator,
    Or,
    Path,
    String,
)
from headwater.fql.errors import FqlError
from headwater.fql.functions import FUNCTIONS
from headwater.fql.glob import GlobError, compile_glob
from headwater.fql.lexer import Kind, Token, tokens
from headwater.fql.mistakes import OPERAND, TRIGGER_CONTAINERS, TRIGGER_MEMBERS, Mistakes

_COMPARISONS: Final = frozenset({"=", "!=", ">", ">=", "<", "<="})


def parse(text: str, *, trigger: bool = False) -> Expression:
    """The syntax tree of a filter, or of an action's trigger, which may look at fewer members. FqlError if `text`
    is neither.
    """
    return _Parser(text, trigger=trigger).whole()


class _Parser:
    def __init__(self, text: str, *, trigger: bool) -> None:
        self._text = text
        self._is_trigger = trigger
        self._mistakes = Mistakes(text)
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        if self._peek().kind is Kind.END:
            hint = "a trigger cannot be empty" if self._is_trigger else "`true` is true of every event"
            problem = f"expected an expression ({OPERAND}), found nothing"
            raise self._mistakes.at(self._peek(), problem, OPERAND, hint)
        expression = self._or()
        if self._peek().kind is not Kind.END:
            raise self._mistakes.after_operand(self._peek(), "an operator or the end")
        return expression

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _is(self, kind: Kind, text: str) -> bool:
        token = self._tokens[self._at]
        return token.kind is kind and token.text == text

    def _or(self) -> Expression:
        operands = [self._and()]
        while self._is(Kind.KEYWORD, "or"):
            self._next()
            operands.append(self._and())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _and(self) -> Expression:
        operands = [self._unary()]
        while self._is(Kind.KEYWORD, "and"):
            self._next()
            operands.append(self._unary())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _unary(self) -> Expression:
        if self._is(Kind.OPERATOR, "!"):
            self._enter(self._next())
            operand = self._unary()
            self._depth -= 1
            return Not(operand)
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._operand()
        operator = self._comparison_operator()
        if operator is None:
            return left
        self._next()
        right = self._operand()
        if self._comparison_operator():
            raise self._mistakes.at(
                self._peek(),
                f"expected `and`, `or` or the end, found {self._peek().shown()}",
                "`and`, `or` or the end",
                "comparisons cannot be chained; put one in parentheses or join them with `and`",
            )
        return Compare(operator, left, right)

    def _comparison_operator(self) -> Operator | None:
        token = self._peek()
        if token.kind is Kind.OPERATOR and token.text in _COMPARISONS:
            return cast(Operator, token.text)
        return "in" if token.kind is Kind.NAME and token.text == "in" else None

    def _operand(self) -> Expression:
        token = self._peek()
        match token.kind:
            case Kind.STRING:
                return String(self._next().text[1:-1])
            case Kind.NUMBER:
                return self._number(self._next())
            case Kind.KEYWORD if token.text == "null":
                self._next()
                return Null()
            case Kind.NAME:
                return self._name(self._next())
            case Kind.PUNCTUATION if token.text == "(":
                self._enter(self._next())
                expression = self._or()
                self._close(")", token)
                self._depth -= 1
                return expression
            case Kind.PUNCTUATION if token.text == "[":
                return self._list(self._next())
        raise self._mistakes.no_operand(token)

    def _name(self, token: Token) -> Expression:
        if self._is(Kind.PUNCTUATION, "("):
            return self._call(token)
        if token.text in {"true", "false"}:
            return Boolean(token.text == "true")
        if len(token.segments) > limits.fql.PATH_NAMES_MAX:
            problem = f"a path may have {limits.fql.PATH_NAMES_MAX} names, this one has {len(token.segments):,}"
            raise FqlError(problem, self._text, token.offset, length=len(token.text))
        if self._is_trigger and not _is_trigger_path(token.segments):
            raise self._mistakes.not_in_trigger(token)
        return Path(token.segments)

    def _list(self, opened: Token) -> Expression:
        self._enter(opened)
        items: list[Expression] = []
        if not self._is(Kind.PUNCTUATION, "]"):
            items.append(self._operand())
            while self._is(Kind.PUNCTUATION, ","):
                self._next()
                items.append(self._operand())
        self._close("]", opened)
        self._depth -= 1
        return List(tuple(items))

    def _call(self, name: Token) -> Expression:
        function = FUNCTIONS.get(name.text)
        if function is None:
            raise self._mistakes.unknown_function(name)
        opened = self._next()
        self._enter(opened)
        arguments: list[Expression] = []
        places: list[Token] = []
        if not self._is(Kind.PUNCTUATION, ")"):
            places.append(self._peek())
            arguments.append(self._or())
            while self._is(Kind.PUNCTUATION, ","):
                self._next()
                places.append(self._peek())
                arguments.append(self._or())
        self._close(")", opened)
        self._depth -= 1
        if len(arguments) != len(function.parameters):
            takes = "1 argument" if len(function.parameters) == 1 else f"{len(function.parameters)} arguments"
            problem = f"{name.text} takes {takes}, not {len(arguments)}"
            raise FqlError(
                problem, self._text, name.offset, length=len(name.text), hint=f"write {function.signature}"
            )
        if name.text == "match":
            self._check_glob(arguments[1], places[1])
        return Call(name.text, tuple(arguments))

    def _check_glob(self, pattern: Expression, place: Token) -> None:
        if isinstance(pattern, String):
            try:
                compile_glob(pattern.value)
            except GlobError as error:
                # A parenthesis may stand before the string; then the place is only near.
                at = place.offset + (1 + error.offset if place.kind is Kind.STRING else 0)
                raise FqlError(str(error), self._text, at, hint=error.hint) from None

    def _number(self, token: Token) -> Expression:
        if len(token.text) > limits.fql.NUMBER_CHARS_MAX:
            problem = f"a number may have {limits.fql.NUMBER_CHARS_MAX} characters"
            raise FqlError(problem, self._text, token.offset, length=len(token.text))
        if "." not in token.text:
            return Number(int(token.text))
        value = float(token.text)
        if not math.isfinite(value):
            raise FqlError("this number is too large", self._text, token.offset, length=len(token.text))
        return Number(int(value) if value.is_integer() else value)

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > limits.fql.DEPTH_MAX:
            raise FqlError(
                f"nested deeper than {limits.fql.DEPTH_MAX} levels",
                self._text,
                token.offset,
                hint="parentheses, lists, functions and `!` count as levels",
            )

    def _close(self, closing: str, opened: Token) -> None:
        if self._is(Kind.PUNCTUATION, closing):
            self._next()
            return
        if self._peek().kind is Kind.END:
            hint = f"the `{opened.text}` at column {opened.offset + 1} is never closed"
            if "\n" in self._text:
                hint = f"a `{opened.text}` is never closed"
            raise self._mistakes.at(self._peek(), f"expected `{closing}`, found the end", f"`{closing}`", hint)
        expected = "`,` or `]`" if closing == "]" else f"`{closing}`"
        raise self._mistakes.after_operand(self._peek(), expected)


def _is_trigger_path(segments: tuple[str, ...]) -> bool:
    if len(segments) == 1:
        return segments[0] in TRIGGER_MEMBERS
    return segments[0] in TRIGGER_CONTAINERS
