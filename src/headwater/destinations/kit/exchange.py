"""How an action asks: pieces of the generators that `Action.perform` returns.

    def perform(items, attempt):
        answer = yield from ask(json_request("POST", url, [item.payload for item in items], headers))
        return same_for_all(items, http_outcome(answer))

A plain generator instead of `await`: whoever drives it decides how the question travels, and a test is a list of
answers.
"""

from collections import Counter
from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

import msgspec

from headwater.destinations.kit.model import (
    Answer,
    Answers,
    Attempt,
    Call,
    Calls,
    Exchange,
    Item,
    Outcome,
    Perform,
    Request,
)
from headwater.destinations.kit.outcome import http_outcome

TIMEOUT_S = 10.0
"""Spec 2.8: what an action's request may take."""

_encode = msgspec.json.Encoder().encode


def ask(call: Call) -> Generator[Calls, Answers, Answer]:
    return cast(Answer, (yield call))


def ask_all(calls: Sequence[Call]) -> Generator[Calls, Answers, list[Answer]]:
    """Several at the same time; answers in their order."""
    return cast(list[Answer], (yield tuple(calls)))


def json_request(
    method: str, url: str, body: Any, headers: Mapping[str, str] | None = None, *, timeout_s: float = TIMEOUT_S
) -> Request:
    """With `body` as compact JSON."""
    sent = {"Content-Type": "application/json", "User-Agent": "Headwater", **(headers or {})}
    return Request(method, url, sent, _encode(body), timeout_s)


def get_request(url: str, headers: Mapping[str, str] | None = None, *, timeout_s: float = TIMEOUT_S) -> Request:
    """For JSON."""
    sent = {"Accept": "application/json", "User-Agent": "Headwater", **(headers or {})}
    return Request("GET", url, sent, b"", timeout_s)


def form_request(
    method: str,
    url: str,
    fields: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
    *,
    timeout_s: float = TIMEOUT_S,
) -> Request:
    """With `fields` as an HTML form sends them."""
    sent = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Headwater", **(headers or {})}
    return Request(method, url, sent, urlencode(fields).encode(), timeout_s)


def same_for_all(items: Sequence[Item], outcome: Outcome) -> list[Outcome]:
    """A destination that takes or refuses a batch whole."""
    return [outcome] * len(items)


def one_request(
    build: Callable[[Sequence[Item], Attempt], Request], outcome: Callable[[Answer], Outcome] = http_outcome
) -> Perform:
    """The common case: one request, one verdict for all items."""

    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        answer = yield from ask(build(items, attempt))
        return same_for_all(items, outcome(answer))

    return perform


def rounds(items: Sequence[Item], key: Callable[[Item], Hashable]) -> list[list[int]]:
    """Indexes that may share a request if of equal keys only one may; the others go later, in their order."""
    found: list[list[int]] = []
    seen: Counter[Hashable] = Counter()
    for index, item in enumerate(items):
        of = key(item)
        if seen[of] == len(found):
            found.append([])
        found[seen[of]].append(index)
        seen[of] += 1
    return found
