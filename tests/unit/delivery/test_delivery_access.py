"""Access tokens: one request for all who ask, renewed in time, and once when one is refused."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from headwater.delivery import access as module
from headwater.delivery.access import Tokens
from headwater.destinations.kit.model import Access, Answer, Failure, Request, Response, Token
from headwater.destinations.kit.oauth import read_token

REQUEST = Request("POST", "https://auth.example/token", {}, b"", 10.0)


def read(response: Response) -> Token | Failure:
    if response.status != 200:
        return Failure("OAUTH_REFRESH_FAILED", "no", lasting=True)
    return Token(response.body.decode(), 3_600.0)


class Issuer:
    """Numbers its tokens."""

    def __init__(self, *answers: Answer) -> None:
        self.asked = 0
        self._answers = list(answers)

    async def send(self, request: Request) -> Answer:
        assert request == REQUEST
        self.asked += 1
        number = self.asked
        await asyncio.sleep(0)
        return self._answers.pop(0) if self._answers else Response(200, {}, b"t%d" % number, 0.0)


def tokens(issuer: Issuer) -> Tokens:
    return Tokens(Access(request=lambda *_: REQUEST, read=read), None, issuer.send)


def run(then: Coroutine[Any, Any, None]) -> None:
    asyncio.run(then)


def test_token_when_many_ask_at_once_then_one_request_is_made() -> None:
    async def ask() -> None:
        issuer = Issuer()
        subject = tokens(issuer)
        assert set(await asyncio.gather(*(subject.token() for _ in range(20)))) == {"t1"}
        assert await subject.token() == "t1"
        assert issuer.asked == 1

    run(ask())


def test_token_when_it_will_soon_expire_then_renewed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 1_000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now_s)

    async def ask() -> None:
        nonlocal now_s
        subject = tokens(Issuer())
        assert await subject.token() == "t1"
        now_s += 3_600 - 61
        assert await subject.token() == "t1"
        now_s += 2
        assert await subject.token() == "t2"

    run(ask())


def test_token_when_refused_then_a_new_one_and_only_once_for_all_who_had_it() -> None:
    async def ask() -> None:
        issuer = Issuer()
        subject = tokens(issuer)
        await subject.token()
        subject.refused("t1")
        assert await subject.token() == "t2"
        subject.refused("t1")
        assert await subject.token() == "t2"
        assert issuer.asked == 2

    run(ask())


@pytest.mark.parametrize("answer", [Failure("ETIMEDOUT", "no answer in time"), Response(400, {}, b"", 0.0)])
def test_token_when_none_is_given_then_the_failure_and_the_next_asks_again(answer: Answer) -> None:
    async def ask() -> None:
        subject = tokens(Issuer(answer))
        assert isinstance(await subject.token(), Failure)
        assert await subject.token() == "t2"

    run(ask())


@pytest.mark.parametrize("body", [b"[" * 30_000, b'{"access_token":"t","expires_in":%s}' % (b"9" * 400)])
def test_token_when_the_answer_is_nonsense_then_a_failure_that_passes(body: bytes) -> None:
    async def ask() -> None:
        issuer = Issuer(Response(200, {}, body, 0.0))
        subject = Tokens(Access(request=lambda *_: REQUEST, read=read_token), None, issuer.send)
        failure = await subject.token()
        assert isinstance(failure, Failure)
        assert not failure.lasting

    run(ask())


def test_token_when_the_request_cannot_be_made_then_a_failure_without_the_key() -> None:
    def unmade(*_: Any) -> Request:
        raise ValueError("-----BEGIN PRIVATE KEY-----")

    async def ask() -> None:
        assert await Tokens(Access(request=unmade, read=read), None, Issuer().send).token() == module.BROKEN

    run(ask())
