"""Numbers, names and addresses as a sentence has them."""

from collections.abc import Sequence
from urllib.parse import quote

from headwater.units import GIB


def destination_page(name: str, tab: str) -> str:
    """In the console."""
    return f"/destinations/{part(name)}?tab={tab}"


def source_page(name: str, tab: str) -> str:
    return f"/sources/{part(name)}?tab={tab}"


def part(text: str) -> str:
    """As a part of an address."""
    return quote(text, safe="")


def many(count: int, thing: str) -> str:
    """How many of them, in words.

    >>> many(1, "event"), many(2_000, "event")
    ('1 event', '2,000 events')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def many_are(count: int, thing: str) -> str:
    """The same, before what they are.

    >>> many_are(1, "event"), many_are(2_000, "event")
    ('1 event is', '2,000 events are')
    """
    return f"{many(count, thing)} {'is' if count == 1 else 'are'}"


def listed(names: Sequence[str]) -> str:
    """Some names, in words.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c", "d", "e"])
    ('a', 'a and b', 'a, b, c and 2 more')
    """
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "unknown sources"


def duration(seconds: float) -> str:
    """A duration in its largest unit.

    >>> duration(75), duration(7_300), duration(200_000)
    ('1 minute', '2 hours', '2 days')
    """
    for length_s, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= length_s:
            return many(int(seconds // length_s), name)
    return many(round(seconds), "second")


def size(bytes_count: int) -> str:
    """A size, rounded.

    >>> size(3 * GIB), size(5 << 20)
    ('3.0 GiB', '5 MiB')
    """
    return f"{bytes_count / GIB:.1f} GiB" if bytes_count >= GIB else f"{bytes_count >> 20} MiB"
