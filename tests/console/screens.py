"""`make screenshots`: every page of the console with the demo's shop on it, light and dark, into docs/images/.

No test: pictures are for people, who look at every one. What is wrong with a page is found by test_quality_*.
"""

import argparse
import io
import itertools
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

from acceptance.browser import chromium_path

from .conftest import QUIET
from .person import PASSWORD, Person

ROOT: Final = Path(__file__).parents[2]
IMAGES: Final = ROOT / "docs" / "images"
DEMO: Final = ROOT / "examples" / "shop" / "demo.py"

DEMO_S_MAX: Final = 300
WAIT_MS: Final = 60_000
SETTLE_MS: Final = 1_200
"""Charts draw themselves, live figures arrive."""

WIDE: Final = {"width": 1280, "height": 860}
NARROW: Final = {"width": 390, "height": 844}

VISIT_EVERY_S: Final = 0.15
PLACES: Final = ("Home", "Tents", "Boots", "Kitchen", "Sale", "Basket", "Checkout")

SETTLED: Final = """
() => document.querySelector("h1") && !document.querySelector("[role=status][aria-label^=Loading]")
"""

DAILY_ORDERS: Final = (
    "select date_trunc('day', timestamp) as day, count(*) as orders, "
    "sum((body->>'$.properties.total')::decimal(12, 2)) as revenue\n"
    "from events where event = 'Order Completed'\ngroup by day order by day"
)

Act = Callable[[Page], None]


class Screen(NamedTuple):
    name: str
    address: str
    """`{event}` and its like are filled in with what the demo has."""
    is_narrow: bool = False
    """Taken at 390 pixels too."""
    act: Act | None = None
    """What is done before the picture is taken."""


def runs(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Download CSV").wait_for()


def finds(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Search pages, audiences, people, events…").fill("aud")


def discards(page: Page) -> None:
    page.get_by_role("button", name="Discard all").click()
    page.get_by_role("dialog").get_by_text("What this does").wait_for()


SCREENS: Final = (
    Screen("overview", "/", is_narrow=True),
    Screen("search", "/", act=finds),
    Screen("sources", "/sources", is_narrow=True),
    Screen("source-new", "/sources/-/new"),
    Screen("source-setup", "/sources/backend?tab=setup"),
    Screen("source-schema", "/sources/backend?tab=schema"),
    Screen("source-plan", "/sources/backend?tab=plan"),
    Screen("source-settings", "/sources/backend?tab=settings"),
    Screen("debugger", "/debugger", is_narrow=True),
    Screen("event", "/events/{event}", is_narrow=True),
    Screen("tracking-plans", "/tracking-plans"),
    Screen("tracking-plan", "/tracking-plans/commerce"),
    Screen("tracking-plan-infer", "/tracking-plans/commerce?tab=infer"),
    Screen("tracking-plan-violations", "/tracking-plans/commerce?tab=violations"),
    Screen("tracking-plan-dry-run", "/tracking-plans/commerce?tab=dry-run"),
    Screen("transformations", "/transformations"),
    Screen("transformation", "/transformations/country%20names"),
    Screen("profiles", "/profiles", is_narrow=True),
    Screen("profile-traits", "/profiles/user_id:{person}", is_narrow=True),
    Screen("profile-timeline", "/profiles/user_id:{person}?tab=timeline"),
    Screen("profile-identity", "/profiles/user_id:{person}?tab=identity", is_narrow=True),
    Screen("profile-audiences", "/profiles/user_id:{person}?tab=audiences"),
    Screen("profile-deliveries", "/profiles/user_id:{person}?tab=deliveries"),
    Screen("profile-privacy", "/profiles/user_id:{person}?tab=privacy"),
    Screen("identities", "/identities"),
    Screen("traits", "/traits"),
    Screen("trait", "/traits/revenue"),
    Screen("trait-new", "/traits/-/new"),
    Screen("audiences", "/audiences", is_narrow=True),
    Screen("audience", "/audiences/big_spenders", is_narrow=True),
    Screen("audience-members", "/audiences/big_spenders?tab=members"),
    Screen("audience-overlap", "/audiences/big_spenders?tab=overlap"),
    Screen("audience-destinations", "/audiences/big_spenders?tab=destinations"),
    Screen("audience-definition", "/audiences/big_spenders?tab=definition"),
    Screen("audience-new", "/audiences/-/new"),
    Screen("destinations", "/destinations", is_narrow=True),
    Screen("destination-new", "/destinations/-/new"),
    Screen("destination-health", "/destinations/crm-hook?tab=health"),
    Screen("destination-mappings", "/destinations/books-hook?tab=mappings"),
    Screen("destination-filters", "/destinations/crm-hook?tab=filters"),
    Screen("destination-receipts", "/destinations/crm-hook?tab=receipts"),
    Screen("destination-settings", "/destinations/crm-hook?tab=settings"),
    Screen("deliveries", "/deliveries"),
    Screen("replays", "/replays"),
    Screen("replay-new", "/replays/-/new"),
    Screen("replay", "/replays/{replay}"),
    Screen("dead-letters", "/dead-letters", is_narrow=True),
    Screen("dead-letter", "/dead-letters?letter=%22{letter}%22", is_narrow=True),
    Screen("dead-letters-discard", "/dead-letters", act=discards),
    Screen("privacy", "/privacy"),
    Screen("privacy-suppressions", "/privacy?tab=suppressions"),
    Screen("sql", "/sql?q={sql}", is_narrow=True, act=runs),
    Screen("history", "/history"),
    Screen("team", "/team"),
    Screen("team-tokens", "/team?tab=tokens"),
    Screen("flags", "/flags"),
    Screen("settings", "/settings"),
    Screen("settings-identity", "/settings?tab=identity"),
    Screen("settings-profile-api", "/settings?tab=profile-api"),
    Screen("account", "/account"),
)
DOORS: Final = (Screen("sign-in", "/sign-in", is_narrow=True),)


class Platform(NamedTuple):
    """The demo's, as a program sees it."""

    url: str
    token: str
    collect: str
    """Where events go."""

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", content, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def known(self) -> dict[str, str]:
        """What addresses are made of."""
        order = "event=Order%20Completed&limit=1"
        return {
            "event": self.ask("GET", f"/events?{order}")["data"][0]["message_id"],
            "replay": self.ask("GET", "/replays")["data"][0]["id"],
            "letter": self.ask("GET", "/dead-letters?stage=govern&reason=schema_violation")["data"][0]["id"],
            "person": "cust-003",
            "sql": urllib.parse.quote(DAILY_ORDERS),
        }


@contextmanager
def demo() -> Iterator[Platform]:
    """A week of the shop, as `make demo` has it."""
    with tempfile.TemporaryDirectory(prefix="screens-") as folder, (Path(folder) / "demo.log").open("w+") as log:
        process = subprocess.Popen([sys.executable, str(DEMO), "--folder", folder], stdout=log, stderr=log)
        try:
            said = _until_running(process, Path(log.name))
            ports = re.search(r"events to (http://[\d.:]+), API (http://[\d.:]+)", said)
            assert ports is not None, said
            yield Platform(ports[2], (Path(folder) / "data" / "admin-token").read_text().strip(), ports[1])
        finally:
            process.terminate()
            process.wait(60)


def _until_running(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + DEMO_S_MAX
    while "Headwater is running" not in (said := log.read_text()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the demo is not running:\n{said[-3000:]}")
        time.sleep(0.5)
    return said


@contextmanager
def visitors(platform: Platform) -> Iterator[None]:
    """People who look around in the shop meanwhile, so that what is live lives."""
    gone = threading.Event()

    def come() -> None:
        for number in itertools.count():
            name = PLACES[number % len(PLACES)]
            event = {"userId": f"cust-{number % 40:03}", "name": name, "properties": {"path": f"/{name.lower()}"}}
            body = json.dumps({**event, "writeKey": "wk_shop_website"}).encode()
            headers = {"Content-Type": "application/json"}
            urllib.request.urlopen(urllib.request.Request(f"{platform.collect}/v1/page", body, headers)).close()
            if gone.wait(VISIT_EVERY_S):
                return

    thread = threading.Thread(target=come, daemon=True)
    thread.start()
    yield
    gone.set()
    thread.join()


def take(browser: Browser, platform: Platform, email: str, wanted: set[str]) -> list[str]:
    """Take them; the names of those that could not be."""
    failed = []
    known = platform.known()
    for scheme in ("light", "dark"):
        context = browser.new_context(
            viewport=WIDE,  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(WAIT_MS)
        person = Person(context, platform.url)
        for door in DOORS:
            failed += _shoot(person.page, platform.url, door, known, scheme, wanted)
        person.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        person.signs_in(email)
        for screen in SCREENS:
            failed += _shoot(person.page, platform.url, screen, known, scheme, wanted)
        context.close()
    return failed


def _shoot(
    page: Page, url: str, screen: Screen, known: dict[str, str], scheme: str, wanted: set[str]
) -> list[str]:
    if wanted and screen.name not in wanted:
        return []
    address = screen.address
    for name, value in known.items():
        address = address.replace("{" + name + "}", value)
    sizes = [("", WIDE), ("-390", NARROW)] if screen.is_narrow else [("", WIDE)]
    for suffix, size in sizes:
        try:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.goto(url + address)
            page.wait_for_function(SETTLED)
            if screen.act:
                screen.act(page)
            page.wait_for_timeout(SETTLE_MS)
            _keep(page.screenshot(), IMAGES / f"{screen.name}{suffix}-{scheme}.png")
        except TooLate as error:
            return [f"{screen.name}{suffix}, {scheme}: {error.message.splitlines()[0]}"]
    return []


def _keep(picture: bytes, path: Path) -> None:
    """In 256 colours, which is what a page of flat colours needs: a third of the bytes."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    few = whole.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these; default: all")
    parser.add_argument("--platform", help="private address of a demo that runs already; with the next two")
    parser.add_argument("--token", help="its admin token")
    parser.add_argument("--collect", help="its public address")
    options = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    if options.platform:
        return photograph(Platform(options.platform, options.token, options.collect), set(options.names))
    with demo() as platform:
        return photograph(platform, set(options.names))


def photograph(platform: Platform, wanted: set[str]) -> int:
    email = "ada@shop.example"
    if platform.ask("GET", "/setup")["needed"]:
        platform.ask("POST", "/setup", {"email": email, "name": "Ada", "password": PASSWORD})
        platform.ask("POST", "/team/members", {"email": "vera@shop.example", "role": "viewer", "name": "Vera"})
        platform.ask("POST", "/team/members", {"email": "ed@shop.example", "role": "editor", "name": "Ed"})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=QUIET)
        with visitors(platform):
            failed = take(browser, platform, email, wanted)
        browser.close()
    for line in failed:
        sys.stderr.write(f"{line}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
