"""A viewer on every page: nothing that can be pressed asks for what the API refuses. All of it is pressed."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response

from acceptance.stand import LONG

from .addresses import addresses
from .conftest import WAIT_MS
from .looking import SETTLED
from .person import Person
from .pressing import OPEN, Hand
from .shop import Shop


@pytest.fixture(scope="module")
def viewer(browser: Browser, shop: Shop) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    Person(context, shop.platform.console).signs_in(shop.viewer)
    yield context
    context.close()


class Viewer:
    """Presses whatever can be pressed, and notes what was refused."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.refused: list[str] = []
        self._url = url
        self._hand = Hand(page)
        self._last = ""
        page.on("response", self._note)
        page.on("dialog", lambda dialog: dialog.accept())

    def presses_everything(self) -> None:
        """Each button of the page, and each of a dialog or a menu that one has opened."""
        self._begins()
        for name in self._hand.names():
            self._begins()
            self._presses(name)
            if self.page.locator(OPEN).count():
                for inner in self._hand.names():
                    self._presses(inner)

    def _begins(self) -> None:
        self.page.goto(self._url)
        self.page.wait_for_function(SETTLED)

    def _presses(self, name: str) -> None:
        self._last = name
        self._hand.presses(name)

    def _note(self, answer: Response) -> None:
        if answer.status == 403:
            self.refused.append(f"“{self._last}”: {answer.request.method} {answer.url}")


PRESSED: Final = [address for address in addresses() if LONG or "?" not in address]
"""Without their tabs: to press everything takes seconds for each. `make nightly` presses all of it."""


@pytest.mark.parametrize("address", PRESSED)
def test_viewer_when_everything_on_a_page_is_pressed_then_nothing_is_refused(
    viewer: BrowserContext, shop: Shop, address: str
) -> None:
    page = viewer.new_page()
    somebody = Viewer(page, shop.platform.console + shop.address(address))
    somebody.presses_everything()
    page.close()
    assert somebody.refused == []
