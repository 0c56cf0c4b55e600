"""Plain data as a frozen struct, with *every* mistake reported. msgspec alone stops at the first."""

import inspect
import re
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec

from headwater.config.document import Document, join
from headwater.errors import nearest

S = TypeVar("S", bound=msgspec.Struct)
T = TypeVar("T")

_NAMED: Final = (msgspec.Struct, StrEnum)
"""What has names of its own, and so more to say about a wrong one than msgspec."""

WORDS: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
"""What msgspec calls a type, in the words of somebody who writes YAML."""


def shape(document: Document, type_: type[S], data: Any, path: str) -> S | None:
    """`data` as a `type_`; None when something in it had to be reported. A key without a value counts as
    left out.
    """
    if not isinstance(data, dict):
        document.report(path, f"expected a mapping, got {_word(data)}")
        return None
    problems_before = len(document.problems)
    fields = {field.encode_name: field for field in msgspec.structs.fields(type_)}
    for key in data:
        if key not in fields:
            document.report(join(path, key), f"unknown key; {nearest(key, fields)}")
    values = {}
    for name, field in fields.items():
        if data.get(name) is not None:
            values[field.name] = _value(document, field.type, data[name], join(path, name))
        elif field.required:
            document.report(join(path, name), "missing")
    return type_(**values) if len(document.problems) == problems_before else None


def _value(document: Document, type_: Any, value: Any, path: str) -> Any:
    if struct := _subclass(type_, msgspec.Struct):
        return shape(document, struct, value, path)
    if choices := _subclass(type_, StrEnum):
        return _choice(document, choices, value, path)
    if get_origin(type_) is UnionType and len(parts := [p for p in get_args(type_) if p is not NoneType]) == 1:
        return _value(document, parts[0], value, path)  # there is a value, or one would not be here
    if get_origin(type_) is tuple and inspect.isclass(item := get_args(type_)[0]) and issubclass(item, _NAMED):
        if isinstance(value, list):
            return tuple(_value(document, item, v, f"{path}[{i}]") for i, v in enumerate(value))
        document.report(path, f"expected a list, got {_word(value)}")
        return None
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        said, _, at = str(error).partition(" - at `$")
        document.report(path + at.removesuffix("`"), _in_words(said))
        return None


def _subclass(type_: Any, base: type[T]) -> type[T] | None:
    return type_ if inspect.isclass(type_) and issubclass(type_, base) else None


def _choice(document: Document, type_: type[StrEnum], value: Any, path: str) -> StrEnum | None:
    if value in list(type_):
        return type_(value)
    if isinstance(value, str):
        document.report(path, f"unknown value {value!r}; {nearest(value, type_)}")
    else:
        document.report(path, f"expected text, got {_word(value)}")
    return None


def _word(value: Any) -> str:
    names = {str: "str", bool: "bool", int: "int", float: "float", list: "array", dict: "object"}
    return WORDS[names.get(type(value), "null")]


def _in_words(said: str) -> str:
    """What msgspec said, for somebody who writes YAML.

    >>> _in_words("Expected `array | null`, got `str`"), _in_words("Expected `float` > 0.0")
    ('expected a list or nothing, got text', 'expected a number > 0.0')
    """

    def words(match: re.Match[str]) -> str:
        return " or ".join(WORDS.get(name, name) for name in match[1].split(" | "))

    return (said[:1].lower() + re.sub(r"`([^`]*)`", words, said[1:])).strip()
