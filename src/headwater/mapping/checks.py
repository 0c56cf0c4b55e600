"""Whether a mapping is well-formed: what there is to say about it before the first event (spec 2.9).

What a directive's arguments are is checked here. Some mistakes only show when a directive is reached (an
`@flatten` without separator, an `@if` without condition): they are errors of the events that reach it, as they are
at Segment.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from headwater import limits
from headwater.errors import Problem, nearest
from headwater.mapping import liquid
from headwater.mapping.errors import join
from headwater.mapping.javascript import UNDEFINED, a, has_half_characters, length, type_name

METADATA: Final = "_metadata"
"""May stand beside a directive; it is somebody's note."""


def directive_of(value: Any) -> str | None:
    """The name of a directive; None: a raw value."""
    if value.__class__ is not dict:
        return None
    return next((key for key in value if key.__class__ is str and key.startswith("@")), None)


def problems(mapping: Any) -> list[Problem]:
    """Everything that is wrong; paths are inside the mapping."""
    size = _Size()
    found = list(_any(mapping, "", size, 0))
    if size.values > limits.mapping.VALUES_MAX:
        found.append(Problem(f"it has {size.values:,} values, {limits.mapping.VALUES_MAX:,} are allowed", ""))
    if size.chars > limits.mapping.CHARS_MAX:
        found.append(Problem(f"it has {size.chars:,} characters, {limits.mapping.CHARS_MAX:,} are allowed", ""))
    return found


class _Size:
    values = 0
    chars = 0


Check = Callable[[Any, str, _Size, int], Iterator[Problem]]
"""Of a value, its path, the size so far, and how deep it is."""


def _any(value: Any, path: str, size: _Size, depth: int) -> Iterator[Problem]:
    size.values += 1
    if size.values > limits.mapping.VALUES_MAX:
        return
    if depth > limits.mapping.DEPTH_MAX:
        yield Problem(f"more than {limits.mapping.DEPTH_MAX} levels inside each other", path)
    elif value.__class__ is dict:
        yield from _object_or_directive(value, path, size, depth)
    elif value.__class__ is list:
        for index, item in enumerate(value):
            yield from _any(item, join(path, index), size, depth + 1)
    elif value.__class__ is str:
        size.chars += len(value)
        if has_half_characters(value):
            yield Problem("has half a character (a lone surrogate), which is no text", path)
    elif value.__class__ not in (int, float, bool, type(None)):
        yield Problem(f"should be a JSON value, but is {a(type(value).__name__)}", path)


def _object_or_directive(value: dict[Any, Any], path: str, size: _Size, depth: int) -> Iterator[Problem]:
    strange = [key for key in value if key.__class__ is not str]
    if strange:
        yield Problem(f"keys should be strings, but {strange[0]!r} is {a(type(strange[0]).__name__)}", path)
        return
    if any(map(has_half_characters, value)):
        yield Problem("a key has half a character (a lone surrogate), which is no text", path)
    directives = [key for key in value if key.startswith("@")]
    if not directives:
        yield from _members(value, path, size, depth)
        return
    others = [key for key in value if not key.startswith("@") and key != METADATA]
    if len(directives) > 1:
        yield Problem(f"should have one directive, but has {', '.join(sorted(directives))}", path)
    elif others:
        yield Problem(f"should have nothing beside {directives[0]}, but has {', '.join(sorted(others))}", path)
    elif directives[0] not in DIRECTIVES:
        yield Problem(f"there is no directive {directives[0]}; {nearest(directives[0], DIRECTIVES)}", path)
    else:
        yield from DIRECTIVES[directives[0]](value[directives[0]], join(path, directives[0]), size, depth + 1)


def _members(value: dict[str, Any], path: str, size: _Size, depth: int) -> Iterator[Problem]:
    for key, member in value.items():
        size.chars += len(key)
        yield from _any(member, join(path, key), size, depth + 1)


# --- kinds of arguments -----------------------------------------------------------------------------------


def _is(kind: str) -> Check:
    def check(value: Any, path: str, size: _Size, depth: int) -> Iterator[Problem]:
        if type_name(value) != kind:
            yield Problem(f"should be {a(kind)}, but is {_kind(value)}", path)
        elif kind in ("array", "object"):
            yield from _any(value, path, size, depth)

    return check


def _kind(value: Any) -> str:
    directive = directive_of(value)
    return f"the directive {directive}" if directive else a(type_name(value))


def _string_or_directive(value: Any, path: str, size: _Size, depth: int) -> Iterator[Problem]:
    if value.__class__ is str or directive_of(value):
        yield from _any(value, path, size, depth)
    else:
        yield Problem(f"should be a string or a directive, but is {_kind(value)}", path)


def _text(least: int, most: int) -> Check:
    def check(value: Any, path: str, _size: _Size, _depth: int) -> Iterator[Problem]:
        if value.__class__ is not str:
            yield Problem(f"should be a string, but is {_kind(value)}", path)
        elif not least <= length(value) <= most:
            allowed = f"{least} to {most}" if least else f"at most {most}"
            yield Problem(f"should have {allowed} characters, but has {length(value)}", path)

    return check


def _members_of(**members: tuple[Check, bool]) -> Check:
    """An object: a check for each member that means something, and whether it must be there."""

    def check(value: Any, path: str, size: _Size, depth: int) -> Iterator[Problem]:
        if value.__class__ is not dict or directive_of(value):
            yield Problem(f"should be an object with {_listed(members)}, but is {_kind(value)}", path)
            return
        for name, (of_member, required) in members.items():
            if name in value:
                yield from of_member(value[name], join(path, name), size, depth + 1)
            elif required:
                yield Problem(f"should have `{name}`, but has not", path)
        # What means nothing is not refused, but must be well-formed.
        yield from _members({key: v for key, v in value.items() if key not in members}, path, size, depth)

    return check


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _array_path(value: Any, path: str, size: _Size, depth: int) -> Iterator[Problem]:
    if value.__class__ is not list:
        yield Problem(f"should be an array of a path and a shape, but is {_kind(value)}", path)
        return
    yield from _string_or_directive(value[0] if value else UNDEFINED, join(path, 0), size, depth + 1)
    for index, item in enumerate(value[1:], 1):
        yield from _any(item, join(path, index), size, depth + 1)


def _liquid(value: Any, path: str, size: _Size, depth: int) -> Iterator[Problem]:
    found = list(_text(0, limits.mapping.LIQUID_CHARS_MAX)(value, path, size, depth))
    if not found and (mistake := liquid.mistake(value)):
        found.append(Problem(mistake, path))
    yield from found


_needed, _optional = True, False

DIRECTIVES: Final[dict[str, Check]] = {
    "@path": _string_or_directive,
    "@template": _string_or_directive,
    "@literal": _any,
    "@if": _members_of(
        exists=(_any, _optional), blank=(_any, _optional), then=(_any, _optional), **{"else": (_any, _optional)}
    ),
    "@case": _members_of(operator=(_is("string"), _optional), value=(_string_or_directive, _optional)),
    "@replace": _members_of(
        value=(_string_or_directive, _needed),
        pattern=(_text(1, limits.mapping.PATTERN_CHARS_MAX), _needed),
        replacement=(_text(0, limits.mapping.PATTERN_CHARS_MAX), _optional),
        pattern2=(_text(1, limits.mapping.PATTERN_CHARS_MAX), _optional),
        replacement2=(_text(0, limits.mapping.PATTERN_CHARS_MAX), _optional),
        ignorecase=(_is("boolean"), _optional),
        **{"global": (_is("boolean"), _optional)},
    ),
    "@arrayPath": _array_path,
    "@flatten": _members_of(
        value=(_any, _optional), separator=(_is("string"), _optional), omitArrays=(_is("boolean"), _optional)
    ),
    "@json": _members_of(value=(_any, _needed), mode=(_is("string"), _needed)),
    "@merge": _members_of(objects=(_is("array"), _needed), direction=(_string_or_directive, _optional)),
    "@transform": _members_of(apply=(_any, _needed), mapping=(_any, _needed)),
    "@excludeWhenNull": _any,
    "@liquid": _liquid,
}
"""Every directive, with the check of its argument."""
