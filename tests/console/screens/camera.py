"""Takes a page in both colour schemes, and at 390 pixels, in one visit; never before it has all it shows."""

import io
import sys
import time
from collections import Counter
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Browser, Page, Request, ViewportSize
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import TimeoutError as TooLate

from console.person import Person

from .screens import Screen

WAIT_MS: Final = 60_000

NARROW: Final[ViewportSize] = {"width": 390, "height": 844}

ENDLESS: Final = ("/events/live",)

SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")

SETTLED: Final = """
async (scheme) => {
  const loads = "[role=status][aria-label^=Loading], [aria-busy=true]";
  const busy = `${loads}, .mantine-Skeleton-root, .mantine-Loader-root`;
  const isDone = () => document.querySelector("h1")
    && document.documentElement.dataset.mantineColorScheme === scheme
    && ![...document.querySelectorAll(busy)].some((each) => each.checkVisibility());
  for (let quiet = 0; quiet < 8; quiet++) {
    await new Promise((later) => setTimeout(later, 100));
    if (!isDone()) return false;
  }
  await document.fonts.ready;
  await new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
  return isDone();
}
"""
"""It has what it shows, and has had it for a while."""


class Camera:
    def __init__(self, browser: Browser, url: str, folder: Path, darkroom: Executor) -> None:
        self._url = url
        self._darkroom = darkroom
        self._kept: list[Future[None]] = []
        self._folder = folder
        self._context = browser.new_context(color_scheme="light", locale="en-GB", reduced_motion="reduce")
        self._context.set_default_timeout(WAIT_MS)
        self._person = Person(self._context, url)
        self._asked: set[Request] = set()
        self._person.page.on("request", self._note)
        self._person.page.on("requestfinished", self._forget)
        self._person.page.on("requestfailed", self._forget)

    def signs_in(self, email: str) -> None:
        self._person.signs_in(email)

    def takes(self, screen: Screen, address: str) -> list[str]:
        """What went wrong."""
        page = self._person.page
        self._person.problems.clear()
        wide: ViewportSize = {"width": 1280, "height": screen.height}
        page.set_viewport_size(wide)
        page.emulate_media(color_scheme="light")
        try:
            page.goto(f"{self._url}{address}")
            self._settles("light")
            if screen.act:
                screen.act(page)
            for suffix, size in (("", wide), ("-390", NARROW))[: 1 + screen.is_narrow]:
                page.set_viewport_size(size)
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme)
                    self._settles(scheme)
                    path = self._folder / f"{screen.name}{suffix}-{scheme}.png"
                    self._kept.append(self._darkroom.submit(keep, page.screenshot(), path))
        except TooLate as error:
            return [f"{screen.name}: {error.message.splitlines()[0]} {_busy(page)}"]
        return [f"{screen.name}: {problem}" for problem in self._person.problems]

    def closes(self) -> None:
        self._context.close()
        for each in self._kept:
            each.result()

    def _note(self, request: Request) -> None:
        """That it is under way; what never ends, as live events, is not waited for."""
        if not any(endless in request.url for endless in ENDLESS):
            self._asked.add(request)

    def _forget(self, request: Request) -> None:
        self._asked.discard(request)

    def _settles(self, scheme: str) -> None:
        deadline = time.monotonic() + WAIT_MS / 1000
        while not self._person.page.evaluate(SETTLED, scheme) or self._asked:
            if time.monotonic() > deadline:
                raise TooLate("something on it is still loading")


def _busy(page: Page) -> str:
    """Why it is not ready, as far as it can be seen."""
    try:
        return page.locator("main").inner_text(timeout=1_000)[:300].replace("\n", " | ")
    except BrowserError:
        return ""


def keep(picture: bytes, path: Path) -> None:
    """In 256 colours: what a page of flat colours needs, in a third of the bytes. Rare ones stay, too, and each is
    what most of its pixels are, so that no ground changes its colour.
    """
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    few = whole.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    colours = memoryview(whole.convert("RGBX").tobytes()).cast("I")
    counted = Counter(zip(few.tobytes(), colours, strict=True))
    palette = bytearray(3 * 256)
    for index, colour in sorted(counted, key=counted.__getitem__):  # the most frequent comes last
        palette[3 * index : 3 * index + 3] = colour.to_bytes(4, sys.byteorder)[:3]
    few.putpalette(bytes(palette))
    few.save(path, optimize=True)
