"""What a destination type is: settings, and pure functions from event to requests, from answer to outcome.

    event ──requests──▶ Request… ──(delivery sends)──▶ Response | Failure ──outcome──▶ Delivered
                                                                                     | RetryLater
                                                                                     | Rejected

Nothing here opens a socket or reads a clock, so a type is tested by comparing values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import msgspec

from headwater.destinations.deletion import Deletion
from headwater.errors import Problem
from headwater.event import OutboundEvent


class Request(NamedTuple):
    method: str
    url: str
    headers: Mapping[str, str]
    """Sent as they are; only `Host` and `Content-Length` are added."""
    body: bytes
    timeout_s: float
    """From the wish to connect to the last byte of the answer."""


class Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    """Names compare without case."""
    body: bytes
    """At most limits.DELIVERY_RESPONSE_BYTES_MAX of it; empty when it did not come in time."""
    at_s: float
    """When it came, Unix seconds: what a date in `Retry-After` is relative to."""


class Failure(NamedTuple):
    """No answer. `reason` is a code of spec 2.5 (`ETIMEDOUT`, …); `lasting` if trying again cannot help."""

    reason: str
    message: str
    lasting: bool = False


class Delivered(NamedTuple):
    reason: str


class RetryLater(NamedTuple):
    """`retry_after_s`: what the destination asked for, seconds from now."""

    reason: str
    message: str = ""
    retry_after_s: float | None = None


class Rejected(NamedTuple):
    """The same request would be refused again."""

    reason: str
    message: str = ""
    sent: bool = True
    """False: there was no request, so nobody has answered."""


class Filtered(NamedTuple):
    """Not for this destination: nothing was sent, nothing will be."""

    reason: str
    message: str = ""


Answer = Response | Failure
Outcome = Delivered | RetryLater | Rejected
"""Of an attempt."""
RequestBuilder = Callable[[OutboundEvent], Sequence[Request]]
DeletionBuilder = Callable[[Deletion], Sequence[Request]]

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True)
class DestinationType(Generic[S]):
    name: str
    """What the workspace file calls it."""
    settings: type[S]
    """A frozen struct; unknown keys are refused by the registry."""
    problems: Callable[[S], list[Problem]]
    """What types alone cannot say about settings; paths relative to the settings."""
    requests: Callable[[S], RequestBuilder]
    """From settings to the function applied to each event, so that what only settings decide is made once.

    The function is pure, and each of its requests is one attempt to deliver the same event."""
    outcome: Callable[[Answer], Outcome]
    deletions: Callable[[S], DeletionBuilder] | None = None
    """How to ask it to forget a user; None: destinations of this type cannot be asked."""


def any_delivered(outcomes: Sequence[Outcome]) -> Outcome:
    """One outcome for an event that went to several addresses: delivered if anywhere, else worth a retry if
    any address is (spec 2.3).

    >>> any_delivered([RetryLater("503"), Delivered("200"), Rejected("404")])
    Delivered(reason='200')
    >>> any_delivered([Rejected("404"), RetryLater("503", retry_after_s=9.0)])
    RetryLater(reason='503', message='', retry_after_s=9.0)
    """
    for kind in (Delivered, RetryLater):
        for outcome in outcomes:
            if isinstance(outcome, kind):
                return outcome
    return outcomes[0]
