"""Every error Headwater raises on purpose, sorted by who can act on it.

HeadwaterError
├── InputError          the sender: fix what was sent
│   ├── ConfigError     the person who wrote the workspace file
│   └── NotFoundError   what was asked for is not there, or no longer
├── ConflictError       the sender: look at what there is now, and decide again
├── BusyError           time: the same call may succeed after `retry_after_s`
│   └── StorageError    time, once a person has made room or mended the disk
│       └── AbsentError  there is nothing to read yet
├── OwnershipError      another process holds what this one needs
├── SecretKeyError      a person: the key that opens what is stored is missing, or is another one
└── CorruptionError     a person: stored bytes do not say what was written
"""

import difflib
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

CHOICES_MAX: Final = 12
"""So many known names are listed when none is near; more would bury the message."""


class HeadwaterError(Exception):
    """Something Headwater refuses or cannot do; the text is written for the person who reads it."""


class InputError(HeadwaterError):
    """The sender's bytes break a documented rule.

    `code` is stable and machine-readable, `message` says what was wrong and what is allowed,
    `field` is the path of the offending part, when there is one.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class Problem(NamedTuple):
    """One mistake in a workspace file. `line` counts from 1; 0 means the place is not known."""

    message: str
    path: str
    line: int = 0


class ConfigError(InputError):
    """A workspace that cannot be applied; carries every mistake found, in file order."""

    def __init__(self, problems: Sequence[Problem], *, file: str = "") -> None:
        self.problems = tuple(problems)
        self.file = file
        super().__init__("invalid_config", "\n".join(self.lines()))

    def lines(self) -> list[str]:
        """`file:line: path: message`, one per mistake, as compilers print them."""
        return [
            ":".join(part for part in (self.file, str(p.line) if p.line else "") if part)
            + f"{': ' if self.file or p.line else ''}{p.path or 'workspace'}: {p.message}"
            for p in self.problems
        ]


class NotFoundError(InputError):
    """What was asked for by name is not there."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)


class ConflictError(HeadwaterError):
    """Somebody has changed meanwhile what this call was about. Nothing was changed."""


class BusyError(HeadwaterError):
    """Not now. Nothing was changed; the same call may succeed after `retry_after_s` seconds."""

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StorageError(BusyError):
    """The disk refused (full, read-only, failing): nothing of this call was made durable."""


class AbsentError(StorageError):
    """What would be read has never been written: the role that does so has not run yet."""


class OwnershipError(HeadwaterError):
    """Another process owns the data folder, the role or the address."""


class SecretKeyError(HeadwaterError):
    """What is stored is encrypted, and the key at hand does not open it."""


class CorruptionError(HeadwaterError):
    """Stored bytes fail their checksum; what could be read was read, the rest is named here."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name.

    >>> nearest("webhok", ["webhook", "log"])
    'did you mean webhook?'
    >>> nearest("x", ["webhook", "log"]), nearest("x", [])
    ('known are: log, webhook', 'there are none')
    """
    known = sorted(known)
    if close := difflib.get_close_matches(word, known, n=1):
        return f"did you mean {close[0]}?"
    if not known:
        return "there are none"
    more = f" and {len(known) - CHOICES_MAX} more" if len(known) > CHOICES_MAX else ""
    return f"known are: {', '.join(known[:CHOICES_MAX])}{more}"
