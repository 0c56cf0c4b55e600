"""The port of the lake's area for receipts: files that are written once, and what is asked of them.

A row is the tuple of a Receipt's fields (delivery/receipts.py), in their order. Which files count is written in
the store that the receipts come from; a file that it does not name is nothing.
"""

import json
import re
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote

from headwater.encodings import base64_parts

Row = tuple[Any, ...]


class Batch(NamedTuple):
    """Receipts by column: what is the same in all of them, as most is of what went together, is there once."""

    rows: int
    columns: Sequence[Sequence[Any]]
    """The fields in their order, each with a value for each receipt, or with the one that all have."""


_NAMES_AT_ONCE: Final = 100
"""Alternatives in one pattern; RE2 turns more into a machine that does not fit its memory."""


_BASE64_CHARS_MIN: Final = 6
"""Of an encoded id that is looked for; fewer occur by chance."""


class ReceiptFile(NamedTuple):
    """Its name: the same receipts have the same one."""

    first: int
    """Of the blobs whose receipts it holds ..."""
    last: int
    """... to this one."""
    revision: int = 0
    """How often somebody's receipts were erased from it."""


class Selection(NamedTuple):
    """What is looked for: values that columns have, and a piece of time, both ends included."""

    equal: dict[str, str]
    from_ms: int
    to_ms: int
    before: tuple[int, str, str] | None = None
    """Only what comes after this one (instant, message, destination), newest first."""


class ErasedFile(NamedTuple):
    """The next revision of a file."""

    rows: int
    """Left."""
    removed: int
    """Rows, and texts that mentioned somebody."""
    size_bytes: int


class ReceiptArea(Protocol):
    """Sync, one writer, any number of readers. Errors: StorageError, also when a file is gone."""

    def write(self, file: ReceiptFile, batches: Sequence[Batch]) -> int:
        """Durable on return: its size in bytes. A file of this name is replaced."""
        ...

    def merge(self, files: Sequence[ReceiptFile], into: ReceiptFile) -> int: ...

    def erase(self, file: ReceiptFile, users: Collection[str], *, before: int) -> ErasedFile | None:
        """Write the next revision: without the rows of these users' events below this offset of the collected log,
        and without the words and exchanges of others that mention them, as those of a batch do. None, and nothing
        written, if there is nothing of theirs in it.
        """
        ...

    def find(self, files: Sequence[ReceiptFile], wanted: Selection, *, limit: int) -> list[Row]:
        """Newest first. Instead of an exchange there is an empty one, where there is one."""
        ...

    def whole(self, files: Sequence[ReceiptFile], wanted: Selection) -> list[Row]:
        """The newest one, with its exchange; or none."""
        ...

    def keep_only(self, files: Collection[ReceiptFile]) -> None:
        """All others go, drafts too."""
        ...


def mentions(users: Collection[str]) -> list[str]:
    r"""Patterns that find these ids in text: as they are, or escaped for JSON (once or twice) or for a URL, not as
    part of a longer word; and in Base64, unless they are very short. For `re` and for RE2.

    >>> [bool(re.search(mentions(["zoë"])[0], text)) for text in ('a zoë', 'zo%C3%AB', r'"zo\u00eb"', 'zoës')]
    [True, True, True, False]
    """
    words: list[str] = []
    encoded: list[str] = []
    for user in sorted(users):
        once = json.dumps(user)[1:-1]
        twice = json.dumps(once)[1:-1]
        words += dict.fromkeys(
            (user, once, twice, json.dumps(user, ensure_ascii=False)[1:-1], quote(user, safe=""))
        )
        encoded += (part for part in base64_parts(user.encode()) if len(part) >= _BASE64_CHARS_MIN)
    return [
        *(rf"(?:^|[^0-9A-Za-z])(?:{any_of})(?:$|[^0-9A-Za-z])" for any_of in _alternatives(words)),
        *_alternatives(encoded),
    ]


def _alternatives(texts: Sequence[str]) -> list[str]:
    chunks = (texts[at : at + _NAMES_AT_ONCE] for at in range(0, len(texts), _NAMES_AT_ONCE))
    return ["|".join(map(re.escape, chunk)) for chunk in chunks]
