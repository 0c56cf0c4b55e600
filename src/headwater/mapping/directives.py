"""What directives do with values, once their arguments are resolved (spec 2.9). Nothing here changes a value that
it was given.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NoReturn

from headwater.mapping.errors import MappingError
from headwater.mapping.javascript import (
    UNDEFINED,
    a,
    case_key,
    expanded,
    is_blank,
    number_to_string,
    quoted,
    step,
    to_string,
    type_name,
)
from headwater.mapping.paths import Part, get, parts, path_of
from headwater.mapping.work import Work

__all__ = ["get", "is_blank", "step"]

_VALUES_COST: Final = 4
"""A value that is made, in characters."""


def fail(message: str, path: str) -> NoReturn:
    raise MappingError(message, path)


def absent(value: Any) -> bool:
    return value is UNDEFINED or value is None


# --- text -------------------------------------------------------------------------------------------------


def read(place: Any, payload: Any, path: str) -> Any:
    """`@path` whose argument is a directive."""
    if place.__class__ is not str:
        fail(f"expected a string, got {a(type_name(place))}", path)
    return get(payload, path_of(place))


def text(value: Any) -> str:
    """A value in a template."""
    return value if value.__class__ is str else "" if absent(value) else to_string(value)


def filled(template: Sequence[Part], payload: Any, work: Work, path: str) -> str:
    """A template with its values."""
    made: list[str] = []
    for part in template:
        made.append(part if part.__class__ is str else text(get(payload, part)))  # type: ignore[arg-type]
        work.spend(len(made[-1]) + 1, path)
    return "".join(made)


def twice_filled(template: Sequence[Part], payload: Any, work: Work, path: str) -> str:
    """A template with three braces. Its values may bring places of their own: two braces are looked for after."""
    return filled(list(parts(filled(template, payload, work, path), 2)), payload, work, path)


def template(template: Any, payload: Any, work: Work, path: str) -> str:
    """`@template` whose argument is a directive."""
    if template.__class__ is not str:
        fail(f"expected a string, got {a(type_name(template))}", path)
    work.spend(len(template), path)
    return twice_filled(list(parts(template, 3)), payload, work, path)


def lower(value: Any) -> Any:
    return value.lower() if value.__class__ is str else value


def upper(value: Any) -> Any:
    return value.upper() if value.__class__ is str else value


def unknown_case(value: Any, path: str) -> Any:
    if value.__class__ is str:
        fail('`operator` is "lower" or "upper"', path)
    return value


Change = tuple[str, str]
"""Of text: what is looked for, and what comes in its place."""


def replaced(
    value: Any, changes: Sequence[Change], *, ignore_case: bool, everywhere: bool, work: Work, path: str
) -> str:
    """`@replace`. Text, numbers and booleans are changed; anything else becomes empty."""
    if value.__class__ is not str:
        if value.__class__ not in (int, float, bool):
            return ""
        value = to_string(value)
    for pattern, replacement in changes:
        if ignore_case or "$" in replacement:
            value = _replaced(value, pattern, replacement, ignore_case, everywhere, work, path)
        else:
            value = value.replace(pattern, replacement, -1 if everywhere else 1)
        work.spend(len(value), path)
    return value  # type: ignore[no-any-return]


def _replaced(
    value: str, pattern: str, replacement: str, ignore_case: bool, everywhere: bool, work: Work, path: str
) -> str:
    searched, wanted = (case_key(value), case_key(pattern)) if ignore_case else (value, pattern)
    made: list[str] = []
    done = 0
    while (at := searched.find(wanted, done)) >= 0:
        end = at + len(pattern)
        new = replacement
        if "$" in replacement:
            new = expanded(replacement, value[:at], value[at:end], value[end:])
        work.spend(len(new), path)
        made += value[done:at], new
        done = end
        if not everywhere:
            break
    return "".join([*made, value[done:]])


# --- arrays and objects -----------------------------------------------------------------------------------


def each(root: Any, shape: Callable[[Any, Work], Any], weight: int, work: Work, path: str) -> Any:
    """`@arrayPath` with a shape: of each item what the shape makes of it. One object counts as a list of it."""
    if root.__class__ is dict:
        root = [root]
    elif root.__class__ is not list:
        return root
    work.spend(len(root) * weight, path)
    return [shape(item, work) for item in root]


def each_filled(root: Any, shape: Callable[[Any, Work], Any], weight: int, work: Work, path: str) -> Any:
    """The same without undefined items."""
    made = each(root, shape, weight, work, path)
    return made if made is root else [None if item is UNDEFINED else item for item in made]


def flattened(value: Any, separator: str, omit_arrays: bool, work: Work, path: str) -> dict[str, Any]:
    """`@flatten`: one level, keys joined. What is empty vanishes; what is no object is under an empty key."""
    made: dict[str, Any] = {}

    def add(value: Any, key: str, prefix: str) -> None:
        if value.__class__ is dict:
            members: Iterable[tuple[str, Any]] = value.items()
        elif value.__class__ is list and not omit_arrays:
            members = zip(map(str, range(len(value))), value, strict=True)
        elif value is UNDEFINED:
            made.pop(key, None)
            return
        else:
            made[key] = value
            return
        for name, member in members:
            inner = prefix + name
            work.spend(len(inner) + _VALUES_COST, path)
            add(member, inner, inner + separator)

    add(value, "", "")
    return made


def merged(items: Sequence[Any], work: Work, path: str) -> dict[str, Any]:
    """`@merge`: later items win. Texts and lists count as objects of their items, as for `Object.assign`."""
    made: dict[str, Any] = {}
    for item in items:
        if item.__class__ is dict:
            work.spend(len(item), path)
            made.update(item)
        elif item.__class__ in (list, str):
            work.spend(len(item), path)
            made.update((str(index), member) for index, member in enumerate(item))
    return made


def directed(items: list[Any], direction: Any) -> list[Any]:
    """In the order in which later ones win."""
    return items[::-1] if direction == "left" else items


def without_nulls(value: Any, work: Work, path: str) -> Any:
    """`@excludeWhenNull`: null members of objects inside objects vanish; arrays are left alone."""
    if value is None:
        return UNDEFINED
    if value.__class__ is not dict:
        return value
    work.spend(len(value), path)
    return {
        key: without_nulls(member, work, path) if member.__class__ is dict else member
        for key, member in value.items()
        if member is not None
    }


def cleaned(value: Any, work: Work, path: str) -> Any:
    """Without undefined members; undefined items are holes, which JSON writes as null."""
    if value.__class__ is dict:
        work.spend(len(value), path)
        return {key: cleaned(member, work, path) for key, member in value.items() if member is not UNDEFINED}
    if value.__class__ is list:
        work.spend(len(value), path)
        return [None if item is UNDEFINED else cleaned(item, work, path) for item in value]
    return value


def weighed(value: Any, work: Work, path: str) -> None:
    """Spend what it takes to write a result down. The same part counts each time it is found."""
    if value.__class__ is dict:
        work.spend(sum(map(len, value)) + _VALUES_COST * len(value), path)
        for member in value.values():
            weighed(member, work, path)
    elif value.__class__ is list:
        work.spend(_VALUES_COST * len(value), path)
        for item in value:
            weighed(item, work, path)
    elif value.__class__ is str:
        work.spend(len(value), path)


# --- JSON -------------------------------------------------------------------------------------------------


def encoded(value: Any, work: Work, path: str) -> Any:
    """`@json` that encodes, as `JSON.stringify` does."""
    if value is UNDEFINED:
        return UNDEFINED
    made: list[str] = []
    _encode(value, made, work, path)
    return "".join(made)


def _encode(value: Any, made: list[str], work: Work, path: str) -> None:
    kind = value.__class__
    if kind is dict:
        opening = "{"
        for key, member in value.items():
            if member is not UNDEFINED:
                _write(f"{opening}{quoted(key)}:", made, work, path)
                _encode(member, made, work, path)
                opening = ","
        made.append("}" if opening == "," else "{}")
    elif kind is list:
        opening = "["
        for item in value:
            made.append(opening)
            _encode(item, made, work, path)
            opening = ","
        made.append("]" if value else "[]")
    elif kind is str:
        _write(quoted(value), made, work, path)
    elif kind is int or kind is float:
        number = number_to_string(value)
        _write("null" if number[-1] in "Ny" else number, made, work, path)
    else:
        _write("null" if absent(value) else to_string(value), made, work, path)


def _write(piece: str, made: list[str], work: Work, path: str) -> None:
    work.spend(len(piece) + _VALUES_COST, path)
    made.append(piece)


def decoded(value: Any, work: Work, path: str) -> Any:
    """`@json` that decodes; what is no JSON stays as it is."""
    if value.__class__ is not str:
        return value
    work.spend(len(value), path)
    try:
        made = json.loads(value, parse_constant=_refuse, parse_int=_integer)
        if "\\u" in value:
            json.dumps(made, ensure_ascii=False).encode()  # halves of characters cannot be sent on
    except ValueError:
        return value
    return made


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_INT_DIGITS: Final = 18


def _integer(digits: str) -> float:
    """Whole as long as it fits into 64 bits, as in events; what is larger is a double."""
    return int(digits) if len(digits) <= _INT_DIGITS else float(digits)
