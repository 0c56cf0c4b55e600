"""Sending events on to a host that speaks Segment's tracking API: `/v1/batch`, within its limits (spec 1.4)."""

from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from itertools import accumulate

import msgspec

from headwater import limits
from headwater.destinations.kit.answers import each, unsent
from headwater.destinations.kit.authorization import basic
from headwater.destinations.kit.exchange import ask, ask_all
from headwater.destinations.kit.model import (
    Answer,
    Answers,
    Batch,
    Calls,
    Delivered,
    Exchange,
    Outcome,
    Rejected,
    Request,
)
from headwater.destinations.kit.outcome import http_outcome

TIMEOUT_S = 10.0
_FRAME = (b'{"batch":[', b"]}")
_BODY_BYTES_MAX = limits.collection.BATCH_BYTES_MAX - sum(map(len, _FRAME))
BATCH = Batch(items_max=1_000, bytes_max=_BODY_BYTES_MAX)
"""Hosts take 2,500 events; bytes decide long before."""

_OF_THE_WAY = ("sentAt", "receivedAt", "originalTimestamp", "projectId", "writeKey")
"""Members that say how an event came to us. The next host writes its own; with our `sentAt` it would correct a
clock that has been corrected already, and so move `timestamp`.
"""

Members = dict[str, msgspec.Raw]
_decode = msgspec.json.Decoder(Members).decode
encoded = msgspec.json.Encoder().encode


def members(body: bytes) -> Members:
    """Of an event, those that are passed on, unread."""
    found = _decode(body)
    for name in _OF_THE_WAY:
        found.pop(name, None)
    return found


def forward(host: str, write_key: str, events: Sequence[bytes]) -> Generator[Calls, Answers, list[Outcome]]:
    """An outcome for each. However they were batched: several requests if one would be too large."""
    fitting = [event for event in events if len(event) <= limits.collection.EVENT_BYTES_MAX]
    parts = list(_parts(fitting))
    answers = yield from ask_all([_request(host, write_key, part) for part in parts])
    outcomes: list[Outcome] = []
    for part, answer in zip(parts, answers, strict=True):
        outcomes += [http_outcome(answer)] * len(part)
    for index, event in enumerate(events):
        if len(event) > limits.collection.EVENT_BYTES_MAX:
            outcomes.insert(
                index, unsent(f"{len(event):,} bytes; Segment's limit is {limits.collection.EVENT_BYTES_MAX:,}")
            )
    return outcomes


def test_connection(host: str, write_key: str) -> Exchange:
    """With a batch of nothing. A host that finds that wrong (400) has understood us all the same."""
    answer = yield from ask(_request(host, write_key, []))
    return each([answer], {}, _understood(answer))


def _understood(answer: Answer) -> Outcome:
    outcome = http_outcome(answer)
    return Delivered("400") if isinstance(outcome, Rejected) and outcome.reason == "BAD_REQUEST" else outcome


def _parts(events: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """What goes together into one request."""
    ends = list(accumulate(len(event) + 1 for event in events))  # with a comma
    first = begin = 0
    while first < len(events):
        next_ = bisect_right(ends, begin + _BODY_BYTES_MAX, lo=first + 1)
        yield events[first:next_]
        first, begin = next_, ends[next_ - 1]


def _request(host: str, write_key: str, events: Sequence[bytes]) -> Request:
    head, tail = _FRAME
    headers = {"Content-Type": "application/json", "User-Agent": "Headwater", **basic(write_key)}
    return Request("POST", host.rstrip("/") + "/v1/batch", headers, head + b",".join(events) + tail, TIMEOUT_S)
