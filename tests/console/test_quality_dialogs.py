"""Every dialog, drawer and menu that a click opens, and what a click in there opens: as good as the pages."""

import json
import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Request, Route
from playwright.sync_api import TimeoutError as TooLate

from acceptance.stand import LONG

from .addresses import addresses
from .looking import Visit, first_look
from .person import Person
from .pressing import OPEN, Hand
from .shop import Shop

OPENED_MS: Final = 500
"""What has not opened by then is none that opens anything."""

KNOWN: Final = """
() => {
  for (const each of document.querySelectorAll("[role=dialog], [role=menu]")) each.setAttribute("data-known", "");
}
"""

NEW: Final = ":is([role=dialog], [role=menu]):not([data-known]):visible"

DEPTH_MAX: Final = 2 if LONG else 1
"""A menu, and the dialog that one of its entries opens."""

LEAVES: Final = re.compile(r"^(Cancel|Close|Done|Dismiss|Keep|Sign out)\b")

ASKS: Final = re.compile(
    r"/(preview|search|check|convert|plan|test|trial|impact|sql|recent|session)(/|\?|$)|dry_run=true"
)
"""What is sent to ask something, and changes nothing."""

SHORTLY: Final = ("/dead-letters", "/audiences/buyers?tab=settings", "/team")
"""A menu, a drawer, dialogs; `make nightly` opens everything there is."""

LOOKED_AT: Final = addresses() if LONG else SHORTLY


@pytest.fixture(scope="module")
def inside(browser: Browser, shop: Shop) -> Iterator[BrowserContext]:
    """Signed in as an admin, who sees more than others; what they say there is not heard."""
    context = first_look(browser)
    Person(context, shop.platform.console).signs_in(shop.admin)
    context.route("**/api/v1/**", _unheard)
    yield context
    context.close()


def _unheard(route: Route, request: Request) -> None:
    """Others look at the same shop: nothing is changed there."""
    if request.method == "GET" or ASKS.search(request.url) or '"dry_run":true' in (request.post_data or ""):
        route.continue_()
        return
    error = {"error": {"code": "busy", "message": "nobody listens to this"}}
    route.fulfill(status=503, content_type="application/json", body=json.dumps(error))


Way = tuple[str, ...]
"""Buttons, one after the other, from the page as it is first shown."""


class Opener:
    """Opens whatever a page has, one after the other, and looks at each."""

    def __init__(self, visit: Visit, within: str) -> None:
        self._visit = visit
        self._page = visit.page
        self._hand = Hand(visit.page, within)
        self._at: Way | None = ()
        self.opened: list[Way] = []
        self.wrong: list[str] = []
        self._page.on("dialog", lambda dialog: dialog.accept())

    def opens_everything(self, way: Way = ()) -> None:
        """That is in what this way leads to."""
        for name in self._hand.names():
            if LEAVES.match(name) or not self._goes(way):
                continue
            before = self._page.url
            if self._opens(name):
                self._looks((*way, name))
            if self._page.url != before or self._page.locator(OPEN).count() != bool(way):
                self._at = None

    def _goes(self, way: Way) -> bool:
        if self._at != way:
            self._visit.begins()
            self._at = way if all(self._opens(name) for name in way) else None
        return self._at == way

    def _opens(self, name: str) -> bool:
        self._page.evaluate(KNOWN)
        if not self._hand.presses(name):
            return False
        try:
            self._page.locator(NEW).first.wait_for(timeout=OPENED_MS)
        except TooLate:
            return False
        self._visit.settles()
        return self._page.locator(NEW).count() > 0

    def _looks(self, way: Way) -> None:
        self.opened.append(way)
        self.wrong += [f"{' → '.join(way)}: {each}" for each in self._visit.looks()]
        if len(way) < DEPTH_MAX:
            self._at = way
            self.opens_everything(way)


@pytest.mark.parametrize("address", LOOKED_AT)
def test_dialogs_when_they_are_opened_then_nothing_is_wrong(
    inside: BrowserContext, shop: Shop, address: str
) -> None:
    visit = Visit(Person(inside, shop.platform.console), shop)
    visit.opens(address)
    opener = Opener(visit, "main, header" if address == "/" else "main")
    opener.opens_everything()
    visit.page.close()
    assert opener.opened or address not in SHORTLY
    if opener.wrong:
        pytest.fail("\n".join(opener.wrong), pytrace=False)
