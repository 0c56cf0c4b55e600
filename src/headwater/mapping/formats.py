"""What texts are good for: instants, addresses of mail, addresses of pages."""

import contextlib
import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from headwater.mapping.coercion import Unfit

_INSTANT: Final = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)",
    re.ASCII,
)
"""The usual shape; days that a month does not have pass, as with `new Date`."""
_NUMBER: Final = re.compile(r"-?\d{1,16}(?:\.\d{1,9})?", re.ASCII)
_SHORT_DATE: Final = re.compile(r"\d{4}(?:-\d{2})?|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}/\d{1,2}/\d{4}", re.ASCII)
_INSTANT_CHARS_MAX: Final = 64
_EMAIL_NAME: Final = re.compile(r"[^\s@<>()\[\]\\,;:\"]+")
_LABEL: Final = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
_EMAIL_CHARS_MAX: Final = 320
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def is_instant(value: Any) -> bool:
    """Whether it says when: ISO 8601, RFC 2822, a short date, Unix seconds or milliseconds.

    >>> texts = "2026-01-02T03:04:05Z", "2026-01-02", "Fri, 2 Jan 2026 03:04:05 GMT", "1767323045", "soon"
    >>> [is_instant(text) for text in texts], is_instant(1767323045)
    ([True, True, True, True, False], True)
    """
    if value.__class__ is not str:
        return True
    if len(value) > _INSTANT_CHARS_MAX:
        return False
    if _INSTANT.fullmatch(value) or _NUMBER.fullmatch(value) or _SHORT_DATE.fullmatch(value):
        return True
    for read in (datetime.fromisoformat, date.fromisoformat, parsedate_to_datetime):
        with contextlib.suppress(ValueError, TypeError, IndexError, OverflowError):
            read(value)
            return True
    return False


def is_email(text: str) -> bool:
    """Whether it has the form of one; whether it exists nobody knows.

    >>> is_email("ann.lee+shop@example.co.uk"), is_email("ann@localhost"), is_email("ann lee@example.com")
    (True, False, False)
    """
    name, _, host = text.rpartition("@")
    labels = host.split(".")
    return (
        len(text) <= _EMAIL_CHARS_MAX
        and len(labels) > 1
        and all(map(_LABEL.fullmatch, labels))
        and _EMAIL_NAME.fullmatch(name) is not None
        and ".." not in name
    )


def is_uri(text: str) -> bool:
    """Whether it is absolute.

    >>> is_uri("https://example.com/a?b=c"), is_uri("mailto:x@y"), is_uri("/a"), is_uri("https://a b")
    (True, True, False, False)
    """
    return _URI.fullmatch(text) is not None


def instant(value: Any) -> Any:
    if not is_instant(value):
        raise Unfit("should be a date or an instant, like 2026-01-02T03:04:05Z")
    return value


def exact_instant(value: Any) -> Any:
    if value.__class__ is not str or not _INSTANT.fullmatch(value):
        raise Unfit("should be an instant with its zone, like 2026-01-02T03:04:05Z")
    return value


def email(value: Any) -> Any:
    if value.__class__ is str and not is_email(value):
        raise Unfit("should be an email address")
    return value


def uri(value: Any) -> Any:
    if value.__class__ is str and not is_uri(value):
        raise Unfit("should be an address with its scheme, like https://example.com/")
    return value


FORMATS: Final = {"email": email, "uri": uri, "date-time": exact_instant}
