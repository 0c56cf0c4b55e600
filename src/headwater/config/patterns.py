"""Patterns that somebody has configured and that run on whatever is sent: on an engine without backtracking, so no
text makes them slow. The price is that look-around and back-references are refused.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

import jsonschema_rs

from headwater import limits

OPTIONS: Final = jsonschema_rs.RegexOptions(
    size_limit=limits.govern.PATTERN_BYTES_MAX, dfa_size_limit=limits.govern.PATTERN_BYTES_MAX
)
"""For whoever compiles JSON Schemas with patterns."""

_BEYOND_RE2: Final = re.compile(r"\(\?<?[=!]|\(\?>|\\[1-9]")


class PatternError(ValueError):
    """A text that is no pattern, or too large a one."""


def found_in(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether one of the patterns is found somewhere in a text. PatternError when one is no pattern."""
    listed = list(patterns)
    for pattern in listed:
        if len(pattern) > limits.identity.BLOCK_PATTERN_CHARS_MAX:
            raise PatternError(f"a pattern has at most {limits.identity.BLOCK_PATTERN_CHARS_MAX} characters")
        _compiled([pattern])
    return _compiled(listed)


def mistake(pattern: str) -> str:
    """What to say about a text that the engine does not take."""
    if _BEYOND_RE2.search(pattern):
        return f"{pattern}: look-around and back-references are not supported (patterns are RE2 style)"
    return f"{pattern} is no regular expression, or too large a one (RE2 style)"


def _compiled(patterns: list[str]) -> Callable[[str], bool]:
    schema = {"anyOf": [{"pattern": pattern} for pattern in patterns]} if patterns else False
    try:
        return jsonschema_rs.Draft7Validator(schema, offline=True, pattern_options=OPTIONS).is_valid
    except (jsonschema_rs.ValidationError, ValueError):
        raise PatternError(mistake(patterns[0])) from None
