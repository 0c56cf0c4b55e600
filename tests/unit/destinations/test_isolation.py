"""A batch that is refused because of some of its items costs only those."""

import math
from collections.abc import Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import ok, outbound

from headwater.destinations.kit.answers import ISOLATION_REQUESTS_MAX, besides, isolated, json_of, unsent
from headwater.destinations.kit.exchange import json_request
from headwater.destinations.kit.model import (
    Answer,
    Answers,
    Delivered,
    Exchange,
    Item,
    Outcome,
    Rejected,
    Request,
    RetryLater,
)

ITEMS = [Item(outbound(messageId=f"m-{n}"), {"n": n}, f"m-{n}") for n in range(128)]


def build(items: Sequence[Item]) -> Request:
    return json_request("POST", "https://x.example", [item.payload["n"] for item in items])


def blame(answer: Answer, items: Sequence[Item]) -> Mapping[int, Outcome]:
    return {index: Rejected("BAD_REQUEST", "named") for index in json_of(answer)["named"]}


def serve(exchange: Exchange, bad: set[int], *, names: bool, status: int = 400) -> tuple[int, list[Outcome]]:
    """A server that refuses a request whole when there is any bad item in it; how often it was asked."""
    asked = 0
    replies: Answers | None = None
    while True:
        try:
            calls = exchange.send(replies)  # type: ignore[arg-type]
        except StopIteration as end:
            return asked, list(end.value)
        answers: list[Answer] = []
        assert isinstance(calls, tuple)
        for call in calls:
            assert isinstance(call, Request)
            asked += 1
            numbers = msgspec.json.decode(call.body)
            assert numbers, "nobody is asked with nothing"
            named = [index for index, number in enumerate(numbers) if number in bad]
            answers.append(ok({"named": named if names else []}, status if named else 200))
        replies = answers


@given(st.integers(1, 128), st.sets(st.integers(0, 127), max_size=4), st.booleans())
def test_batch_when_few_items_are_bad_then_exactly_those_are_rejected(n: int, bad: set[int], names: bool) -> None:
    exchange = isolated(ITEMS[:n], build, blame=blame) if names else isolated(ITEMS[:n], build)
    asked, outcomes = serve(exchange, bad, names=names)
    assert [isinstance(outcome, Rejected) for outcome in outcomes] == [index in bad for index in range(n)]
    assert all(isinstance(outcome, Delivered) for index, outcome in enumerate(outcomes) if index not in bad)
    if names:
        assert asked <= 2
    else:
        assert asked <= 1 + 2 * max(1, len(bad)) * math.ceil(math.log2(max(2, n)))


def test_batch_when_everything_is_bad_then_some_are_settled_with_bounded_requests_and_the_rest_waits() -> None:
    asked, outcomes = serve(isolated(ITEMS, build), set(range(128)), names=False)
    assert asked < ISOLATION_REQUESTS_MAX + 4
    assert {type(outcome) for outcome in outcomes} == {Rejected, RetryLater}
    assert sum(isinstance(outcome, Rejected) for outcome in outcomes) >= 20


@pytest.mark.parametrize("status", [401, 403, 413, 429, 500])
def test_batch_when_the_refusal_is_no_items_fault_then_nobody_is_asked_again(status: int) -> None:
    asked, outcomes = serve(isolated(ITEMS, build), {5}, names=False, status=status)
    assert asked == 1
    assert len({type(outcome) for outcome in outcomes}) == 1
    assert not isinstance(outcomes[0], Delivered)


@given(st.sets(st.integers(0, 9)))
def test_besides_when_some_are_refused_beforehand_then_each_keeps_its_own_outcome(refused: set[int]) -> None:
    why = unsent("no address")
    outcomes = serve(
        besides(ITEMS[:10], dict.fromkeys(refused, why), lambda rest: isolated(rest, build)), set(), names=False
    )[1]
    assert outcomes == [why if index in refused else Delivered("200") for index in range(10)]
