"""What the fields of a part of the workspace file mean: the sentences below them in the source, which is where
they are written, once; and the bounds that their types have.
"""

import ast
import functools
import inspect
import re
import textwrap
from collections.abc import Mapping
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin

import msgspec

from headwater.config.workspace import as_data

UNITS: Final = {"per_s": "per second", "s": "seconds", "bytes": "bytes", "rate_limit": "requests per second"}
"""What the last words of a name say about its numbers; the first that fits."""


class FieldDoc(NamedTuple):
    name: str
    """As the file has it."""
    description: str
    """Empty: nothing more than the name says."""
    type: str
    """`boolean`, `integer`, `number`, `text`, `list` or `mapping`."""
    unit: str
    """Of a number: `seconds`, `bytes`, …; may be empty."""
    default: Any
    """Plain data, as the file would have it; None when the field has to be given, or nothing is the default."""
    required: bool
    minimum: float | None
    exclusive_minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    """All values that there are; empty: they are not listed."""


@functools.cache
def field_docs(type_: type[msgspec.Struct]) -> tuple[FieldDoc, ...]:
    """In the order of the format."""
    said = _sentences(type_)
    return tuple(_doc(field, said.get(field.name, "")) for field in msgspec.structs.fields(type_))


def _sentences(type_: type[msgspec.Struct]) -> Mapping[str, str]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(type_))).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            found[field.target.id] = re.sub(r"\s+", " ", below.value.value).strip()
    return found


def _doc(field: msgspec.structs.FieldInfo, description: str) -> FieldDoc:
    bounds, plain = _bounds(field.type), _plain(field.type)
    default = None
    if not field.required:
        value = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        default = as_data(value)
    is_choice = inspect.isclass(plain) and issubclass(plain, StrEnum)
    return FieldDoc(
        field.encode_name,
        description,
        _word(plain),
        _unit(field.name),
        default,
        field.required,
        bounds.ge if bounds else None,
        bounds.gt if bounds else None,
        bounds.le if bounds else None,
        tuple(plain) if is_choice else (),
    )


def _unit(name: str) -> str:
    return next((unit for suffix, unit in UNITS.items() if name.endswith(f"_{suffix}") or name == suffix), "")


def _bounds(type_: Any) -> msgspec.Meta | None:
    if get_origin(type_) is Annotated:
        return next((each for each in get_args(type_)[1:] if isinstance(each, msgspec.Meta)), None)
    return next((found for part in _alternatives(type_) if (found := _bounds(part))), None)


def _plain(type_: Any) -> Any:
    """Without bounds, and without the nothing that may stand in its place."""
    if get_origin(type_) is Annotated:
        return _plain(get_args(type_)[0])
    parts = [part for part in _alternatives(type_) if part is not NoneType]
    return _plain(parts[0]) if parts else type_


def _alternatives(type_: Any) -> tuple[Any, ...]:
    return get_args(type_) if get_origin(type_) is UnionType or str(get_origin(type_)) == "typing.Union" else ()


def _word(type_: Any) -> str:
    origin = get_origin(type_) or type_
    if inspect.isclass(origin):
        for known, word in (
            (bool, "boolean"),
            (int, "integer"),
            (float, "number"),
            (str, "text"),
            (tuple, "list"),
            (list, "list"),
        ):
            if issubclass(origin, known):
                return word
    return "mapping"
