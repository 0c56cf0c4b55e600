"""A real browser before a real platform."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from acceptance.browser import chromium_path

from .person import Person
from .running import Running, running
from .shop import Shop

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)
"""A browser that does what it is told and asks nobody else for anything."""

WAIT_MS = 30_000
"""For what must come; a machine that tests several things at once is slow."""

expect.set_options(timeout=WAIT_MS)

WORKSPACE: dict[str, Any] = {
    "workspace": "shop",
    "settings": {"allow_private_destinations": True, "lake_visible_s": 0.5},
    "sources": [
        {"name": "website", "type": "javascript", "write_key": "wk_website"},
        {"name": "backend", "type": "server", "write_key": "wk_backend"},
    ],
}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """For the tests of this folder alone: its event loop would be in the way of others'."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path(), args=QUIET)
        yield started
        started.close()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Running]:
    """The workspace is WORKSPACE."""
    started = running(tmp_path, WORKSPACE)
    yield started
    assert started.stop() == 0, started.output()


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A platform on which something has happened. Nobody changes anything there."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    yield shop.open()
    shop.close()


@pytest.fixture
def visit(browser: Browser, platform: Running) -> Iterator[Callable[..., Person]]:
    """A person before the console of `platform`, each in a browser of their own; options are those of a Playwright
    context. At the end nobody may have met an error, nor a request to elsewhere.
    """
    contexts: list[BrowserContext] = []
    people: list[Person] = []

    def come(**options: Any) -> Person:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **options})
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        people.append(Person(context, platform.console))
        return people[-1]

    yield come
    for context in contexts:
        context.close()
    assert [person.foreign for person in people if person.foreign] == []


@pytest.fixture
def admin(platform: Running, visit: Callable[..., Person]) -> Person:
    """Somebody who may do everything, signed in."""
    person = visit()
    person.signs_in(platform.has_admin())
    return person
