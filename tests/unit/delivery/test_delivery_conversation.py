"""Exchanges, driven: whatever a type does wrong ends as an outcome for each item."""

import asyncio
from typing import Any

import pytest

from headwater.delivery.conversation import BROKEN, UNBUILT, Spoken, converse
from headwater.destinations.kit.exchange import ask, ask_all
from headwater.destinations.kit.model import Answer, Call, Delivered, Exchange, Request, Response


def call(number: int = 0) -> Request:
    return Request("POST", f"https://a.example/{number}", {}, b"", 1.0)


async def echo(asked: Call) -> Answer:
    assert isinstance(asked, Request)
    await asyncio.sleep(0)
    return Response(200, {}, asked.url[-1].encode(), 0.0)


def talk(begin: Any, items: int = 1) -> Spoken:
    return asyncio.run(converse(begin, items, echo, name="crm"))


def test_converse_when_asked_one_after_the_other_and_at_once_then_answers_come_back_in_their_order() -> None:
    def exchange() -> Exchange:
        first = yield from ask(call(1))
        others = yield from ask_all([call(2), call(3)])
        return [Delivered(b"".join(a.body for a in [first, *others] if isinstance(a, Response)).decode())]

    spoken = talk(exchange)
    assert spoken.outcomes == [Delivered("123")]
    assert [asked for asked, _ in spoken.talk] == [call(1), call(2), call(3)]


def test_converse_when_nothing_is_asked_then_the_outcomes_stand() -> None:
    def exchange() -> Exchange:
        yield from ()
        return [Delivered("nothing to do")]

    assert talk(exchange) == Spoken([Delivered("nothing to do")], [])


def test_converse_when_it_breaks_before_it_asks_then_rejected_without_a_request() -> None:
    def exchange() -> Exchange:
        raise KeyError("customer@example.com")
        yield

    assert talk(exchange, 3).outcomes == [UNBUILT] * 3


def test_converse_when_even_beginning_breaks_then_the_same() -> None:
    def exchange() -> Exchange:
        raise ValueError("no generator at all")

    assert talk(exchange).outcomes == [UNBUILT]


def test_converse_when_it_breaks_at_an_answer_then_tried_again() -> None:
    def exchange() -> Exchange:
        yield from ask(call())
        raise KeyError("no such member")

    assert talk(exchange, 2).outcomes == [BROKEN] * 2


@pytest.mark.parametrize("asks", [lambda: ask(call()), lambda: ask_all([call(1), call(2)])])
def test_converse_when_what_carries_the_first_call_breaks_then_tried_again(asks: Any) -> None:
    def exchange() -> Exchange:
        yield from asks()
        return [Delivered("200")]

    async def broken(_: Call) -> Answer:
        raise RuntimeError("a transport with a mistake")

    assert asyncio.run(converse(exchange, 1, broken, name="crm")).outcomes == [BROKEN]


@pytest.mark.parametrize("outcomes", [[], [Delivered("200")] * 3])
def test_converse_when_the_outcomes_are_not_one_for_each_item_then_tried_again(outcomes: Any) -> None:
    def exchange() -> Exchange:
        yield from ask(call())
        return outcomes

    assert talk(exchange, 2).outcomes == [BROKEN] * 2


def test_converse_when_a_type_asks_for_ever_then_it_ends() -> None:
    def exchange() -> Exchange:
        while True:
            yield from ask(call())

    spoken = talk(exchange)
    assert spoken.outcomes == [BROKEN]
    assert len(spoken.talk) < 200
