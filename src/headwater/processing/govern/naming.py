"""Variants of a name: `sign_up`, `signup`, `SignUp` and `Sign Up` are one name written in four ways."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

_SEPARATORS: Final = re.compile(r"[\W_]+")


def normalised(name: str) -> str:
    """Equal for names that differ in case, in spaces, `_`, `-` and the like, or in how words are joined.

    >>> normalised("Sign Up"), normalised("sign_up"), normalised("SignUp"), normalised("sign-up!")
    ('signup', 'signup', 'signup', 'signup')
    """
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", name).casefold())


class Variants:
    """Which planned name another one is a variant of. Where two planned names are variants of each other, a third
    way of writing them could mean either, and stands for none.
    """

    def __init__(self, planned: Iterable[str], aliases: Mapping[str, str] | None = None) -> None:
        self._by_key: dict[str, str | None] = {}
        for name in planned:
            key = normalised(name)
            self._by_key[key] = None if key in self._by_key else name
        for alias, name in (aliases or {}).items():
            self._by_key.setdefault(normalised(alias), name)
        self._aliases = dict(aliases or {})

    def of(self, name: str) -> str | None:
        """The planned name that this one, which is not planned, seems to mean."""
        return self._aliases.get(name) or self._by_key.get(normalised(name))
