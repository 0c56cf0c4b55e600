"""How a value is compared, in a query: a symbol and a value, or a dot and a word with arguments."""

from collections.abc import Callable
from typing import Any

from headwater.definitions import ast, rules
from headwater.definitions.query.cursor import Cursor
from headwater.definitions.query.lexer import Kind, Token
from headwater.definitions.query.words import COMPARATORS, FILTERS, REDUCERS, SYMBOLS
from headwater.errors import nearest

ReadOperand = Callable[[Token], Any]
"""Reads an operand that is looked up and begins with this name, which is still to come; None: it begins none."""


def comparison(cursor: Cursor, read: ReadOperand) -> tuple[ast.Operator, tuple[Any, ...]]:
    """After a value. Whether operator and operands go together was checked for any value."""
    token = cursor.peek()
    if token.kind is Kind.SYMBOL:
        cursor.next()
        operator = SYMBOLS[token.text]
        operands: tuple[Any, ...] = (operand(cursor, read),)
    elif cursor.takes("."):
        token = cursor.word("a comparison")
        operator, operands = _called(cursor, token, read)
    else:
        hint = f"`{token.text}` stands behind a dot" if token.text in COMPARATORS else None
        raise cursor.error(
            token, f"expected a comparison, as in `= 'US'` or `.exists()`, found {token.shown()}", hint
        )
    cursor.refuse(token, rules.comparison_mistake(operator, operands))
    return operator, operands


def _called(cursor: Cursor, word: Token, read: ReadOperand) -> tuple[ast.Operator, tuple[Any, ...]]:
    if word.text not in COMPARATORS:
        hint = nearest(word.text, COMPARATORS)
        if word.text in REDUCERS or word.text in FILTERS:
            hint = "that is for events, and this is one value"
        raise cursor.error(word, f"no comparison `{word.text}`", hint)
    operator = COMPARATORS[word.text]
    cursor.expect("(")
    operands: list[Any] = []
    if operator in ast.DURATION_OPERAND:
        operands.append(cursor.duration())
    elif not cursor.is_at(")"):
        operands.append(operand(cursor, read))
        while cursor.takes(","):
            operands.append(operand(cursor, read))
    cursor.expect(")")
    return operator, tuple(operands)


def operand(cursor: Cursor, read: ReadOperand) -> Any:
    token = cursor.peek()
    if token.kind in {Kind.STRING, Kind.NUMBER}:
        return cursor.next().value
    if token.kind is Kind.NAME:
        if token.text in {"true", "false"} and not cursor.is_at("(", 1):
            return cursor.next().text == "true"
        if token.text == "null":
            raise cursor.error(token, "nothing is compared with null", "ask `.absent()` or `.exists()`")
        if token.text == "literal":
            return _literal(cursor)
        found = read(token)
        if found is not None:
            return found
        if not cursor.is_at("(", 1):
            raise cursor.error(
                token, f"expected a value, found {token.shown()}", f"text stands in quotes: '{token.text}'"
            )
    raise cursor.error(token, f"expected a value, found {token.shown()}")


def _literal(cursor: Cursor) -> Any:
    cursor.next()
    cursor.expect("(")
    token = cursor.next()
    if token.kind not in {Kind.STRING, Kind.NUMBER} and token.text not in {"true", "false"}:
        raise cursor.error(token, f"expected text, a number, true or false, found {token.shown()}")
    cursor.expect(")")
    return token.text == "true" if token.kind is Kind.NAME else token.value
