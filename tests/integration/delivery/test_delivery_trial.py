"""Connections tried against endpoints that answer, refuse, hang, and against addresses on the inside."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import web

from delivering import Behaviour, answer, hang, ok
from headwater.config.workspace import Destination
from headwater.delivery import trial
from headwater.delivery.conversation import CALLS_MAX
from headwater.destinations import registry
from headwater.destinations.kit.exchange import ask
from headwater.destinations.kit.model import (
    Access,
    Action,
    Attempt,
    DestinationType,
    Exchange,
    Failure,
    Rejected,
    Request,
    Response,
    Token,
)
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.plugins import Plugin
from headwater.errors import ConfigError, InputError


@asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[tuple[str, list[Any]]]:
    """Its address, and the value of `X-Token` in each request."""
    seen: list[Any] = []

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.headers.get("X-Token"))
        return await behaviour(request)

    runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", seen
    finally:
        await runner.cleanup()


class Settings(msgspec.Struct, frozen=True):
    url: str


def asked(settings: Settings, attempt: Attempt) -> Exchange:
    reply = yield from ask(Request("GET", settings.url, {"X-Token": attempt.token}, b"", 5.0))
    return [http_outcome(reply)]


def in_circles(settings: Settings, _: Attempt) -> Exchange:
    while True:
        yield from ask(Request("GET", settings.url, {}, b"", 5.0))


def broken(_: Settings, __: Attempt) -> Exchange:
    raise RuntimeError("of somebody else's package")


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Tries a destination of a type that is only there for one test."""

    async def try_(url: str, test: Any = asked, *, private: bool = True, **more: Any) -> trial.Trial:
        action = Action[Settings](name="send", label="S", description="S", perform=lambda _: lambda *_: asked)  # type: ignore[arg-type,return-value]
        described = {"label": "T", "category": "webhooks", "description": "T"}
        type_ = DestinationType(
            name="trial", settings=Settings, actions=(action,), presets=(), test=test, **described, **more
        )
        monkeypatch.setitem(registry.found().plugins, "trial", Plugin(type_, "a package of a test"))
        destination = Destination(name="d", type="trial", settings={"url": url})
        return await trial.try_connection(destination, allow_private=private)

    return try_


@pytest.mark.parametrize(
    ("behaviour", "verdict", "reason"),
    [
        (ok, "works", "200"),
        (answer(204), "works", "204"),
        (answer(401), "refused", "401"),
        (answer(400), "refused", "BAD_REQUEST"),
        (answer(503), "not now", "503"),
        (answer(429), "not now", "429"),
    ],
)
async def test_trial_when_answered_then_the_verdict_is_what_delivery_would_make_of_it(
    *, tried: Callable[..., Any], behaviour: Behaviour, verdict: str, reason: str
) -> None:
    async with serving(behaviour) as (url, seen):
        found = await tried(url)
    assert (found.verdict, found.outcome.reason) == (verdict, reason)
    assert (len(found.talk), seen) == (1, [""])


async def test_trial_when_the_address_is_on_the_inside_then_nothing_is_sent(tried: Callable[..., Any]) -> None:
    async with serving(ok) as (url, seen):
        found = await tried(url, private=False)
    assert (found.verdict, found.outcome.reason) == ("refused", "PRIVATE_ADDRESS")
    assert seen == []


async def test_trial_when_nobody_answers_then_it_ends_in_time(
    tried: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "TRIAL_S_MAX", 0.2)
    async with serving(hang) as (url, _):
        found = await tried(url)
    assert (found.verdict, found.outcome.reason) == ("refused", "ETIMEDOUT")


async def test_trial_when_a_type_asks_without_end_then_it_is_stopped(tried: Callable[..., Any]) -> None:
    async with serving(ok) as (url, _):
        found = await tried(url, in_circles)
    assert (found.verdict, found.outcome.reason) == ("not now", "INTERNAL")
    assert len(found.talk) <= CALLS_MAX + 1


async def test_trial_when_a_type_breaks_then_it_says_so(tried: Callable[..., Any]) -> None:
    found = await tried("http://127.0.0.1:9/", broken)
    assert (found.verdict, found.outcome.reason) == ("refused", "INTERNAL")


async def test_trial_when_a_token_is_needed_then_it_is_asked_for_first(tried: Callable[..., Any]) -> None:
    def read(response: Response) -> Token | Failure:
        return Token("t-1", 60.0) if response.status == 200 else Failure("401", "no token", lasting=True)

    access = Access[Settings](request=lambda s, _: Request("POST", s.url, {}, b"{}", 5.0), read=read)
    async with serving(ok) as (url, seen):
        found = await tried(url, access=access)
    assert (found.verdict, found.token) == ("works", "t-1")
    assert seen == [None, "t-1"]
    async with serving(answer(403)) as (url, seen):
        refused = await tried(url, access=access)
    assert (refused.verdict, refused.outcome) == ("refused", Rejected("401", "no token"))
    assert seen == [None]


async def test_trial_when_the_settings_are_wrong_then_every_problem_is_named() -> None:
    with pytest.raises(ConfigError, match=r"destinations\[d\]\.ulr: unknown key"):
        await trial.try_connection(
            Destination(name="d", type="webhook", settings={"ulr": "x", "url": "http://x/"}), allow_private=True
        )


async def test_trial_when_the_type_cannot_be_tested_then_that_is_said(tried: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="cannot be tested"):
        await tried("http://127.0.0.1:9/", None)
