"""Bytes that turn into a mapping, fields and an event: nothing but a result, MappingError or PayloadError may come
out, the event stays as it was, the same event gives the same again, and what comes out is JSON.

    python tests/fuzz/fuzz_mapping.py SECONDS [atheris's options]
"""

import copy
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from driver import instrumented, run

from headwater.mapping.fields import Field

with instrumented("headwater.mapping"):
    from headwater.mapping.kit import MappingError, compile_mapping
    from headwater.mapping.payload import PayloadError, checker

KEYS: Final = re.findall(
    r"\S+",
    """@path @template @if @case @replace @arrayPath @flatten @json @merge @transform @excludeWhenNull @liquid
    @literal exists blank then else operator value pattern replacement pattern2 replacement2 ignorecase global
    separator
    omitArrays mode objects direction apply mapping a b 0 @foo _metadata __segment_internal_directive""",
)
DIRECTIVES_COUNT: Final = 13
ARGUMENTS_COUNT: Final = 20
TEXTS: Final = re.findall(
    r"\S+",
    r"""$. $.a $.a.b a[0] a['b'] $.a.length lower upper encode decode left right . _ a b $&$'$` {{a}} {{{a}}}
    [1,{}]
    {"a":1} "\ud800" true 1e999 12 2026-01-02 x@example.com https://x.y ß🙂""",
)
TEMPLATES: Final = """
{{ a.b }}{{b}}
{{ a | upcase }}
{% if a > b %}{{ a }}{% endif %}
{{ a | split: b | join: a | size }}
{{ a | json }}{{ a | date: b }}
{{ a | plus: b | round: a }}
{% assign x = a | append: a %}{{ x | replace: b, x }}
{{ a | slice: b, 2 | default: b | truncate: b }}
{{ a.b[0] | sum: b | divided_by: a }}
{{ (1..a) | join }}
""".strip().splitlines()
VALUES: Final[list[Any]] = [None, True, False, 0, 1, -2.5, 1e21, 2**70, "", *TEXTS, *TEMPLATES]
TYPES: Final[list[Any]] = ["string", "text", "number", "integer", "datetime", "boolean", "object"]
FORMATS: Final[list[Any]] = ["", "email", "uri", "date-time"]
DEPTH_MAX: Final = 8


def one(data: bytes) -> None:
    """One input: each byte is a choice."""
    choices = iter(data)
    mapping, event = _value(choices, 0, is_mapping=True), {"a": _value(choices, 0), "b": _value(choices, 0)}
    try:
        compiled = compile_mapping(mapping)
    except MappingError as error:
        if not error.problems:
            raise AssertionError(f"{mapping!r} is refused without a problem") from error
        return
    before = copy.deepcopy(event)
    first, again = _resolved(compiled, event), _resolved(compiled, event)
    if repr(first) != repr(again) or repr(event) != repr(before):
        raise AssertionError(f"{mapping!r} made {first!r} and {again!r} of {before!r}, now {event!r}")
    msgspec.json.encode(first)
    try:
        msgspec.json.encode(checker(list(_fields(choices, 0)))(first))
    except PayloadError:
        return


def _resolved(compiled: Any, event: dict[str, Any]) -> Any:
    try:
        return compiled.resolve(event)
    except MappingError as error:
        return error.message


def _value(choices: Iterator[int], depth: int, *, is_mapping: bool = False) -> Any:
    choice = next(choices, 2)
    if choice < 110 or depth == DEPTH_MAX:
        return VALUES[choice % len(VALUES)]
    if choice < 140:
        return [_value(choices, depth + 1, is_mapping=is_mapping) for _ in range(choice % 4)]
    keys = KEYS if is_mapping else ("a", "b", "0", "")
    if choice < 190 and is_mapping:
        return {KEYS[choice % DIRECTIVES_COUNT]: _arguments(choices, depth + 1)}
    return {
        keys[next(choices, 0) % len(keys)]: _value(choices, depth + 1, is_mapping=is_mapping)
        for _ in range(choice % 5)
    }


def _arguments(choices: Iterator[int], depth: int) -> Any:
    """Of a directive: often an object with some of the members that directives have."""
    if next(choices, 0) < 128:
        return _value(choices, depth, is_mapping=True)
    members = {KEYS[DIRECTIVES_COUNT + index]: next(choices, 0) for index in range(ARGUMENTS_COUNT)}
    return {name: _value(choices, depth + 1, is_mapping=True) for name, choice in members.items() if choice > 170}


def _fields(choices: Iterator[int], depth: int) -> Iterator[Field]:
    for name in ("a", "b"):
        choice = next(choices, 0)
        yield Field(
            name=name,
            label=name,
            type=TYPES[choice % 7],
            required=choice > 200,
            multiple=choice % 2 == 1,
            format=FORMATS[choice % 4],
            choices=("a", "1") if choice % 11 == 1 else (),
            minimum=0 if choice % 7 in (2, 3) and choice % 3 else None,
            properties=tuple(_fields(choices, depth + 1)) if choice % 7 == 6 and depth < 2 else (),
            additional=choice % 5 > 0,
            allow_null=choice % 3 == 0,
        )


if __name__ == "__main__":
    run(one, bytes_max=200)
