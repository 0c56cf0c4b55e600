"""Every page, as it must be whatever is on it: for everybody, on every screen, asking nobody but us."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

from . import accessibility
from .addresses import ADDRESSES, addresses, router_paths
from .conftest import WAIT_MS
from .person import Person
from .shop import Shop

WIDTHS = (1280, 390)

HEIGHT = 900

EXPECTED = re.compile(r"status of 401")
"""Who opens the door is told that they have to sign in."""

OVERFLOW = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const scrolls = (element) => {
    for (let each = element.parentElement; each && each !== document.body; each = each.parentElement)
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(each).overflowX)) return true;
    return false;
  };
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element))
    .slice(0, 5)
    .map((element) => element.outerHTML.slice(0, 200));
}
"""

SETTLED = """
() => document.querySelector("h1") && !document.querySelector("[role=status][aria-label^=Loading]")
"""


DARK = """
() => document.documentElement.dataset.mantineColorScheme === "dark"
"""


PAINTED = """
async () => {
  await new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
  const changing = document.getAnimations().filter((each) => each instanceof CSSTransition);
  await Promise.allSettled(changing.map((each) => each.finished));
}
"""


@pytest.fixture(scope="module")
def inside(browser: Browser, shop: Shop) -> Iterator[BrowserContext]:
    """Signed in as an admin."""
    context = _context(browser, shop)
    Person(context, shop.platform.console).signs_in(shop.admin)
    yield context
    context.close()


@pytest.fixture(scope="module")
def outside(browser: Browser, shop: Shop) -> Iterator[BrowserContext]:
    """Not signed in."""
    context = _context(browser, shop)
    yield context
    context.close()


def _context(browser: Browser, shop: Shop) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": WIDTHS[0], "height": HEIGHT},
        locale="en-GB",
        reduced_motion="reduce",
        color_scheme="light",
    )
    context.set_default_timeout(WAIT_MS)
    accessibility.prepare(context)
    return context


class Visit:
    """One page, and everything that goes wrong on it."""

    def __init__(self, context: BrowserContext, shop: Shop, address: str) -> None:
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self._home = shop.platform.console
        self.page.on("console", lambda said: said.type == "error" and self.problems.append(said.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.route("**/*", self._at_home)
        self.page.goto(self._home + shop.address(address))
        self.page.wait_for_function(SETTLED)

    def _at_home(self, route: Route, request: Request) -> None:
        if request.url.startswith((self._home, "data:", "blob:")):
            route.continue_()
            return
        self.problems.append(f"asks {request.url}")
        route.abort()

    def look(self) -> list[str]:
        """At both widths and in both colour schemes: everything that is wrong."""
        found = self._looked("light, wide")
        self.page.set_viewport_size({"width": WIDTHS[1], "height": HEIGHT})
        self.page.emulate_media(color_scheme="dark")
        self.page.wait_for_function(DARK)
        self.page.evaluate(PAINTED)
        found += self._looked("dark, narrow")
        self.page.close()
        return [*found, *self.problems]

    def _looked(self, how: str) -> list[str]:
        wrong = accessibility.grave(self.page)
        wrong += [f"wider than the screen: {html}" for html in self.page.evaluate(OVERFLOW)]
        return [f"{how}: {each}" for each in wrong]


def test_addresses_when_the_router_has_a_path_then_it_is_in_the_table() -> None:
    assert router_paths() == ADDRESSES.keys()


@pytest.mark.parametrize("address", addresses())
def test_page_when_it_is_looked_at_then_nothing_is_wrong(inside: BrowserContext, shop: Shop, address: str) -> None:
    tell(Visit(inside, shop, address).look())


@pytest.mark.parametrize("address", addresses(signed_in=False))
def test_door_when_it_is_looked_at_then_nothing_is_wrong(
    outside: BrowserContext, shop: Shop, address: str
) -> None:
    tell([each for each in Visit(outside, shop, address).look() if not EXPECTED.search(each)])


def tell(wrong: list[str]) -> None:
    """All of it: an assertion would cut it short."""
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
