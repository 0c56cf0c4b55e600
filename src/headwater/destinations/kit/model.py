"""What a destination type is: data, and pure functions.

    event ──trigger, mapping──▶ payload ──batching──▶ Item… ──perform──▶ Request ⇄ Answer … ──▶ an Outcome for each

A type declares settings, actions (what can be done there, and the fields each takes) and presets (which events do
what, out of the box). An action's `perform` is a generator: it yields what to ask, is sent the answer, and returns
what became of each item. Nothing here opens a socket or reads a clock, so a type is tested by comparing values;
delivery sends, batches, waits, retries and keeps the receipts.
"""

from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from headwater.destinations.kit.deletion import Deletion
from headwater.errors import Problem
from headwater.event import OutboundEvent
from headwater.mapping.fields import Field

# --- what goes out, what comes back -----------------------------------------------------------------------


class Request(NamedTuple):
    """An HTTP request."""

    method: str
    url: str
    headers: Mapping[str, str]
    """Sent as they are; only `Host` and `Content-Length` are added."""
    body: bytes
    timeout_s: float
    """From the wish to connect to the last byte of the answer."""


class KafkaRecord(NamedTuple):
    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None
    """None: by the key."""


class KafkaRecords(NamedTuple):
    """Records for a Kafka cluster. Answered by `Written`."""

    connection: Mapping[str, str]
    """librdkafka's own settings; equal ones share a connection."""
    records: tuple[KafkaRecord, ...]
    timeout_s: float


class Rows(NamedTuple):
    """Rows for a Postgres, written in one transaction. Answered by `Written`."""

    connection: Mapping[str, str]
    """libpq's own parameters; equal ones share a pool."""
    statements: tuple[tuple[str, tuple[tuple[Any, ...], ...]], ...]
    """SQL with `%s`, and the parameters of each row it is run for. Statements without rows run once."""
    timeout_s: float


class Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    """Names compare without case."""
    body: bytes
    """At most limits.delivery.RESPONSE_BYTES_MAX of it; empty when it did not come in time."""
    at_s: float
    """When it came, Unix seconds: what a date in `Retry-After` is relative to."""


class Written(NamedTuple):
    """What a place that is no HTTP server answers."""

    failures: Mapping[int, "Failure"] = {}
    """By index of the record or row; none: all were taken."""


class Failure(NamedTuple):
    """No answer. `reason` is a code of spec 2.5 (`ETIMEDOUT`, …); `lasting` if trying again cannot help."""

    reason: str
    message: str
    lasting: bool = False


Answer = Response | Written | Failure
Call = Request | KafkaRecords | Rows
Calls = Call | tuple[Call, ...]
"""A tuple is asked at the same time and answered by a list in its order."""
Answers = Answer | list[Answer]

# --- what became of it ------------------------------------------------------------------------------------


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


Outcome = Delivered | RetryLater | Rejected
"""Of an attempt."""

Exchange = Generator[Calls, Answers, Sequence[Outcome]]
"""One attempt, as a conversation without a line: see `kit.exchange`. Returns an outcome per item, in order."""

# --- actions ----------------------------------------------------------------------------------------------


class Item(NamedTuple):
    """One event as one mapping made it."""

    event: OutboundEvent
    payload: dict[str, Any]
    """What the fields of the action say, checked; empty for a `whole_event` action, which has `event.body`."""
    key: str
    """The same at every attempt, and of no other item: what an `Idempotency-Key` wants."""


class Attempt(NamedTuple):
    """What an action may know besides its items."""

    at_s: float
    """Unix seconds: signatures and expiries are made for this instant."""
    number: int = 1
    """The first is 1. Of a batch: the highest."""
    token: str = ""
    """A valid access token, if the type declares `access`."""


Perform = Callable[[Sequence[Item], Attempt], Exchange]
"""Pure. One item at least; several only if the action declares a `batch`, and then with equal `key`."""

S = TypeVar("S", bound=msgspec.Struct)


def _one_group(_: Mapping[str, Any]) -> Hashable:
    return None


@dataclass(frozen=True, kw_only=True)
class Batch:
    """How many items one request may carry. Whichever bound is met first closes a batch."""

    items_max: int
    bytes_max: int
    """Of the payloads as JSON, together."""
    wait_s: float = 0.0
    """So long may an item wait for company; 0: only what is there already goes together."""
    key: Callable[[Mapping[str, Any]], Hashable] = _one_group
    """Only payloads for which this is equal go into one request."""
    person_order: bool = True
    """A person's items leave in the order of the log. False: only those that may share a request do, as rows and
    files need it; else a person who goes back and forth between sources or tables would break up every batch.
    """


@dataclass(frozen=True, kw_only=True)
class Action(Generic[S]):
    name: str
    """What a mapping calls it: `track_event`."""
    label: str
    description: str
    perform: Callable[[S], Perform]
    """From settings to the function, so that what only settings decide is made once."""
    fields: tuple[Field, ...] = ()
    batch: Batch | Callable[[S], Batch | None] | None = None
    """None: one item per request."""
    whole_event: bool = False
    """It takes the event's own bytes: no mapping, nothing is decoded."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A mapping that is there from the start."""

    name: str
    action: str
    trigger: str
    """FQL with the semantics of triggers (spec 2.8)."""
    mapping: dict[str, Any] = field(default_factory=dict)
    """Laid over the defaults of the action's fields."""


# --- a type -----------------------------------------------------------------------------------------------


class Token(NamedTuple):
    value: str
    expires_in_s: float


@dataclass(frozen=True, kw_only=True)
class Access(Generic[S]):
    """How to get an access token. Delivery keeps it until shortly before it expires, shares it between all
    attempts, and asks for a new one once when an attempt is answered 401.
    """

    request: Callable[[S, float], Request | Token]
    """From settings and the instant (Unix seconds). A token where the settings say that none need be asked for."""
    read: Callable[[Response], Token | Failure]


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast a type may be asked; a destination's own `pace` in the workspace lowers or raises it."""

    per_s: float | None = None
    """Requests; None: as fast as it answers."""
    concurrency: int | None = None
    """Requests under way; None: delivery's own default, adapted to what the destination stands."""


@dataclass(frozen=True, kw_only=True)
class DestinationType(Generic[S]):
    name: str
    """What the workspace file calls it."""
    label: str
    """What people call it."""
    category: str
    """`analytics`, `advertising`, `crm`, `email`, `messaging`, `support`, `storage`, `streaming`, `webhooks`."""
    description: str
    """One sentence: what it does with events."""
    settings: type[S]
    """A frozen struct; unknown keys are refused by the registry. See `kit.settings` for secrets and labels."""
    actions: tuple[Action[S], ...]
    presets: tuple[Preset, ...]
    problems: Callable[[S], list[Problem]] = lambda _: []
    """What types alone cannot say about settings; paths relative to the settings."""
    test: Callable[[S, Attempt], Exchange] | None = None
    """Asks something harmless that needs the settings to be right; returns one outcome. None: cannot be tested."""
    access: Access[S] | None = None
    deletions: Callable[[S], Callable[[Deletion, Attempt], Exchange]] | None = None
    """How to ask it to forget a user; None: destinations of this type cannot be asked. Returns one outcome."""
    pace: Pace = Pace()
    strict_order: bool = False
    """A person's later events wait behind a failing one."""
    dedupes_on: str = ""
    """What a destination's own `dedupes_on` is when the workspace says nothing."""

    def action(self, name: str) -> Action[S] | None:
        return next((action for action in self.actions if action.name == name), None)


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
