"""A viewer on every page: nothing that can be pressed asks for what the API refuses. All of it is pressed."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response
from playwright.sync_api import Error as BrowserError

from acceptance.stand import LONG

from .addresses import addresses
from .conftest import WAIT_MS
from .person import Person
from .shop import Shop

PRESSED_MAX: Final = 60
"""Of one page. More have the same name many times: one in each row."""

BUTTONS: Final = """
() => {
  const open = [...document.querySelectorAll("[role=dialog]")].filter((each) => each.checkVisibility()).at(-1);
  const within = open ?? document.querySelector("main");
  const seen = new Map();
  for (const button of within.querySelectorAll("button:not([disabled])")) {
    if (!button.checkVisibility()) continue;
    const name = (button.getAttribute("aria-label") ?? button.textContent).replace(/\\d+/g, "#").trim();
    if (!seen.has(name)) seen.set(name, button);
  }
  const names = [...seen.keys()];
  names.forEach((name, index) => seen.get(name).setAttribute("data-pressed", String(index)));
  return names;
}
"""


@pytest.fixture(scope="module")
def viewer(browser: Browser, shop: Shop) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    Person(context, shop.platform.console).signs_in(shop.viewer)
    yield context
    context.close()


class Hand:
    """Presses whatever can be pressed, and notes what was refused."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.refused: list[str] = []
        self._url = url
        self._last = ""
        page.on("response", self._note)
        page.on("dialog", lambda dialog: dialog.accept())

    def press_everything(self) -> None:
        """Each button of the page, and each of a dialog that one has opened."""
        self._begin()
        for name in self._names():
            self._begin()
            self._press(name)
            if self.page.locator("[role=dialog]:visible").count():
                for inner in self._names():
                    self._press(inner)

    def _begin(self) -> None:
        self.page.goto(self._url)
        self.page.get_by_role("heading", level=1).wait_for()
        self.page.wait_for_function("() => !document.querySelector('[role=status][aria-label=Loading]')")

    def _names(self) -> list[str]:
        names: list[str] = self.page.evaluate(BUTTONS)
        return names[:PRESSED_MAX]

    def _press(self, name: str) -> None:
        names = self._names()
        if name not in names:  # it was of a moment: "Try again", a row that is gone
            return
        self._last = name
        try:
            self.page.locator(f'[data-pressed="{names.index(name)}"]').first.click(timeout=2_000)
        except BrowserError:  # covered by what the press before has opened: it cannot be pressed either
            return
        self.page.wait_for_load_state()

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
    hand = Hand(page, shop.platform.console + shop.address(address))
    hand.press_everything()
    page.close()
    assert hand.refused == []
