"""What the gates of quality look at, on a page or in a dialog of it: in both colour schemes, on large and small
screens, everything that is wrong there.
"""

from typing import Final, Literal, NamedTuple

from playwright.sync_api import Browser, BrowserContext

from acceptance.stand import LONG

from . import accessibility
from .conftest import WAIT_MS
from .person import Person
from .shop import Shop

HEIGHT: Final = 900


class How(NamedTuple):
    scheme: Literal["light", "dark"]
    width: int


EVERY: Final = (How("light", 1280), How("dark", 1280), How("dark", 390), How("light", 390))
"""In the order in which the least changes from one to the next."""

HOWS: Final = EVERY if LONG else EVERY[::2]
"""All of them cost a minute more, which `make nightly` has."""

SETTLED: Final = """
() => document.querySelector("h1") && !document.querySelector("[role=status][aria-label^=Loading]")
"""

SHOWN_AS: Final = """
(scheme) => document.documentElement.dataset.mantineColorScheme === scheme
"""

PAINTED: Final = """
async () => {
  await new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
  const changing = document.getAnimations().filter((each) => each instanceof CSSTransition);
  await Promise.allSettled(changing.map((each) => each.finished));
}
"""

OVERFLOW: Final = """
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


def first_look(browser: Browser) -> BrowserContext:
    """Whoever looks, as they look first: the other ways are turned to on the page."""
    context = browser.new_context(
        viewport={"width": HOWS[0].width, "height": HEIGHT},
        locale="en-GB",
        reduced_motion="reduce",
        color_scheme=HOWS[0].scheme,
    )
    context.set_default_timeout(WAIT_MS)
    accessibility.prepare(context)
    return context


class Visit:
    """One page after the other in one tab, and everything that goes wrong there."""

    def __init__(self, person: Person, shop: Shop) -> None:
        self.page = person.page
        self._person = person
        self._shop = shop
        self._address = ""

    @property
    def problems(self) -> list[str]:
        """Of the page that was opened last."""
        return [*self._person.problems, *(f"asks {url}" for url in self._person.foreign)]

    def opens(self, address: str) -> None:
        """`address`: of the table."""
        self._person.problems.clear()
        self._person.foreign.clear()
        self._address = self._person.url + self._shop.address(address)
        self.begins()

    def begins(self) -> None:
        """The page anew, as somebody sees it who opens its address."""
        self.page.goto(self._address)
        self.settles()

    def settles(self) -> None:
        self.page.wait_for_function(SETTLED)
        self.page.evaluate(PAINTED)

    def looks(self, within: str = "html") -> list[str]:
        """Everything that is wrong, however it is looked at."""
        found: list[str] = []
        for how in HOWS:
            self._turns(how)
            found += [f"{how.scheme}, {how.width}: {each}" for each in self._wrong(within)]
        self._turns(HOWS[0])
        return found

    def _turns(self, how: How) -> None:
        self.page.set_viewport_size({"width": how.width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=how.scheme)
        self.page.wait_for_function(SHOWN_AS, arg=how.scheme)
        self.page.evaluate(PAINTED)

    def _wrong(self, within: str) -> list[str]:
        wrong = accessibility.grave(self.page, within)
        return wrong + [f"wider than the screen: {html}" for html in self.page.evaluate(OVERFLOW)]
