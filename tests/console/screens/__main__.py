"""`make screenshots`: every page of the console with a week of a small shop on it, into docs/images.

No test: pictures are for people, who look at every one. What is wrong with a page is found by test_quality_*.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from acceptance.browser import chromium_path
from console.conftest import QUIET

from . import week
from .camera import Camera
from .clock import Clock
from .known import known
from .screens import SCREENS, SET_UP, Screen
from .shop import ADA, VERA, Shop, opened
from .visitors import visitors

IMAGES: Final = Path(__file__).parents[3] / "docs" / "images"

EVERYTHING: Final = (SET_UP, *SCREENS)

STARTS: Final = week.BEGAN + week.minutes(10)
"""So long ago the platform is started: before anything happens."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these; default: all")
    parser.add_argument("--into", type=Path, default=IMAGES, help="the folder; default: docs/images")
    parser.add_argument("--again", action="store_true", help="wait for more names afterwards, a line each time")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped
    options.into.mkdir(exist_ok=True)
    wanted = chosen(options.names)
    with (
        tempfile.TemporaryDirectory(prefix="screens-") as folder,
        opened(Path(folder), Clock(Path(folder), STARTS)) as shop,
        sync_playwright() as playwright,
        ProcessPoolExecutor(1, get_context("spawn")) as darkroom,
    ):
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=QUIET)
        studio = Studio(browser, shop, options.into, darkroom)
        failed = studio.takes_set_up() if SET_UP in wanted else []
        week.lives_through(shop)
        invitation = shop.invites("lena@shop.example", "editor", "Lena Sand")
        with visitors(shop):
            failed += studio.takes(wanted, invitation)
            while options.again and (line := sys.stdin.readline()):
                tell(studio.takes(chosen(line.split()), invitation))
        browser.close()
    if wanted == EVERYTHING:
        failed += tidied(options.into)
    tell(failed)
    return 1 if failed else 0


def chosen(names: Sequence[str]) -> tuple[Screen, ...]:
    if unknown := set(names) - {screen.name for screen in EVERYTHING}:
        raise SystemExit(f"no such picture: {', '.join(sorted(unknown))}")
    return tuple(screen for screen in EVERYTHING if not names or screen.name in names)


def tidied(folder: Path) -> list[str]:
    """Pictures that nothing makes any more are thrown away; those that are not there are told."""
    made = {name for screen in EVERYTHING for name in screen.files}
    found = {path.name for path in folder.glob("*.png")}
    for name in found - made:
        (folder / name).unlink()
    return [f"{name} is missing" for name in sorted(made - found)]


def tell(failed: list[str]) -> None:
    for line in failed:
        sys.stderr.write(f"{line}\n")


class Studio:
    def __init__(self, browser: Browser, shop: Shop, folder: Path, darkroom: Executor) -> None:
        self._browser = browser
        self._shop = shop
        self._folder = folder
        self._darkroom = darkroom

    def takes_set_up(self) -> list[str]:
        """While nobody can sign in yet."""
        return self._as(None, [(SET_UP, f"{SET_UP.address}#token={self._shop.platform.token}")])

    def takes(self, wanted: Sequence[Screen], invitation: str) -> list[str]:
        failed: list[str] = []
        facts = known(self._shop, invitation)
        for screen in wanted:
            failed += [f"{screen.name}: there is no {name}" for name in screen.asks if not facts[name]]
        for who, email in (("nobody", None), ("viewer", VERA), ("admin", ADA)):
            theirs = [
                (screen, screen.address.format(**facts))
                for screen in wanted
                if screen.who == who and screen is not SET_UP and all(facts[name] for name in screen.asks)
            ]
            failed += self._as(email, theirs) if theirs else []
        return failed

    def _as(self, email: str | None, pictures: Sequence[tuple[Screen, str]]) -> list[str]:
        camera = Camera(self._browser, self._shop.platform.console, self._folder, self._darkroom)
        if email:
            camera.signs_in(email)
        failed: list[str] = []
        for screen, address in pictures:
            began = time.monotonic()
            wrong = camera.takes(screen, address)
            sys.stdout.write(f"{screen.name}  {time.monotonic() - began:.1f} s\n")
            tell(wrong)
            failed += wrong
        camera.closes()
        return failed


if __name__ == "__main__":
    sys.exit(main())
