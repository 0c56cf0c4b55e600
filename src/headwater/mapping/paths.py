"""Places in an event: `$.properties.products[0].name`, and the `{{…}}` of templates, which hold some."""

import functools
import re
from collections.abc import Iterator
from typing import Any, Final

from headwater.mapping.javascript import SPACES, step

_BETWEEN: Final = re.compile(r"""\[(?=["'0-9])|\.|(?<=["'0-9])\]+""")
"""Brackets around anything but a number or a quoted name belong to the name."""

Part = str | tuple[str, ...]
"""Of a template: text, or a path."""


def path_of(text: str) -> tuple[str, ...]:
    """The names in the argument of `@path`; none: the whole event.

    >>> path_of("$.a.b[0]['c']"), path_of("$."), path_of("a[b].c")
    (('a', 'b', '0', 'c'), (), ('a[b]', 'c'))
    """
    return names(text.replace("$.", "", 1))


@functools.lru_cache(1_024)
def names(text: str) -> tuple[str, ...]:
    """The names of a path without `$.`."""
    found = (name.replace("'", "").replace('"', "") for name in _BETWEEN.split(text) if name)
    return tuple(found)


def get(value: Any, path: tuple[str, ...]) -> Any:
    """What is there. It goes no further than to something falsy, and gives that."""
    for name in path:
        value = step(value, name)
    return value


def parts(template: str, braces: int) -> Iterator[Part]:
    """The texts and paths of a template whose paths stand between so many braces.

    >>> list(parts("Hi {{ traits.name }}!", 2))
    ['Hi ', ('traits', 'name'), '!']
    >>> list(parts("{{}} {{a} {{{b}}}", 2))
    ['{{}} {{a} ', ('{b',), '}']
    """
    opening, closing = "{" * braces, "}" * braces
    written = start = 0
    while (start := template.find(opening, start)) >= 0:
        end = template.find("}", start + braces)
        if end < 0:
            break
        if end > start + braces and template.startswith(closing, end):
            if start > written:
                yield template[written:start]
            yield names(template[start + braces : end].strip(SPACES))
            written = end + braces
        # No other beginning before this brace can do better: all of them end here.
        start = max(end + 1, written)
    if written < len(template):
        yield template[written:]
