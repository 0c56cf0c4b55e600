"""Sources in the console: from nothing to the first event, what a website pastes, what is not taken any more."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from acceptance.stand import until

from .person import PASSWORD, Person
from .running import ADMIN, Running, running

SDK_S_MAX = 60
SETTLE_S_MAX = 30


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Running]:
    """With a workspace in which nothing is configured yet."""
    started = running(tmp_path, {"workspace": "shop", "settings": {"lake_visible_s": 0.5}})
    yield started
    assert started.stop() == 0, started.output()


def sets_up(person: Person, platform: Running) -> None:
    """The first visit: somebody follows the link that `headwater up` has printed."""
    page = person.page
    page.goto(f"{platform.console}/setup#token={platform.token}")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Email").fill(ADMIN)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    person.presses("Create admin account")
    person.heading("Overview")


def adds_source(person: Person, kind: str, name: str) -> None:
    person.page.get_by_role("link", name="Sources", exact=True).click()
    person.heading("Sources")
    person.page.get_by_role("link", name="Add source").click()
    person.heading("Add source")
    person.page.get_by_role("radio", name=kind).click()
    person.page.get_by_label("Name").fill(name)
    person.presses("Create source")
    person.heading(name)
    person.sees("Waiting for the first event")


def shown(page: Page, title: str) -> str:
    """The code in the box of this title."""
    box = page.get_by_role("region", name=title)
    box.wait_for()
    return box.inner_text()


def opens(person: Person, tab: str) -> None:
    person.page.get_by_role("tab", name=tab).click()


def test_first_event_when_the_code_that_is_shown_is_run_then_the_page_turns_green(
    platform: Running, visit: Callable[..., Person]
) -> None:
    person = visit()
    sets_up(person, platform)
    person.page.get_by_role("link", name="Sources", exact=True).click()
    person.sees("No sources yet")
    adds_source(person, "Server", "backend")
    person.page.get_by_role("tab", name="Python", exact=True).click()
    code = shown(person.page, "Send an event")
    assert platform.url in code
    # The real SDK, as somebody who has pasted it: nothing of it is changed.
    subprocess.run([sys.executable, "-c", code], check=True, timeout=SDK_S_MAX)
    person.sees("It works")
    opens(person, "Schema")
    person.page.get_by_role("row", name="Order Completed").wait_for()
    person.page.get_by_role("row", name="Order Completed").click()
    dialog = person.page.get_by_role("dialog", name="Order Completed")
    dialog.get_by_text("total", exact=True).wait_for()
    assert "event=track" in person.page.url, "what is open can be sent to somebody"
    assert person.problems == []


def test_first_event_when_a_page_has_the_snippet_then_its_view_arrives(
    platform: Running, visit: Callable[..., Person], browser: Browser
) -> None:
    person = visit()
    sets_up(person, platform)
    adds_source(person, "Website", "website")
    snippet = shown(person.page, "Add this code")
    with site(f"<!doctype html><title>Shop</title>{snippet}<h1>Shop</h1>") as address:
        shop = browser.new_page()
        shop.goto(address)
        person.sees("It works")
        # Somebody's own calls, made before the script may have arrived.
        shop.evaluate("analytics.track('Order Completed', {total: 42})")
        opens(person, "Schema")
        person.page.get_by_role("row", name="Order Completed").wait_for()
        shop.close()
    assert person.problems == []


def test_event_when_it_is_blocked_then_it_is_a_dead_letter_and_said_so_before(
    platform: Running, visit: Callable[..., Person]
) -> None:
    platform.ask("PUT", "/sources/backend", {"write_key": "wk_backend"})
    platform.track("wk_backend", "ann", "Debug", noise=1)
    person = visit()
    sets_up(person, platform)
    person.goes_to("/sources/backend?tab=schema")
    person.page.get_by_role("switch", name="Allow Debug").locator("..").click()
    dialog = person.page.get_by_role("dialog", name="Block Debug")
    dialog.get_by_text("sources[backend].schema").wait_for()
    dialog.get_by_text("1 event received so far").wait_for()
    dialog.get_by_label("Note").fill("nobody reads it")
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="hidden")
    assert platform.ask("GET", "/sources/backend")["source"]["schema"] == {"block_events": ["Debug"]}
    versions = platform.ask("GET", "/workspace/versions")["data"]
    assert (versions[0]["author"], versions[0]["note"]) == ("Ada", "source backend changed: nobody reads it")
    platform.track("wk_backend", "ann", "Debug", noise=2)
    until(lambda: "event_setting" in reasons(platform), SETTLE_S_MAX)


def test_source_when_it_is_renamed_and_deleted_then_its_page_goes_along_and_numbers_come_first(
    platform: Running, visit: Callable[..., Person]
) -> None:
    platform.ask("PUT", "/sources/backend", {"write_key": "wk_backend"})
    platform.track("wk_backend", "ann", "Order Completed", total=42)
    person = visit()
    sets_up(person, platform)
    person.goes_to("/sources/backend?tab=settings")
    person.page.get_by_label("Name").fill("orders")
    person.presses("Review and save")
    dialog = person.page.get_by_role("dialog", name="Save orders")
    dialog.get_by_text("sources[backend].name").wait_for()
    dialog.get_by_role("button", name="Save").click()
    person.heading("orders")
    assert platform.ask("GET", "/sources/orders")["source"]["write_key"] == "wk_backend"
    person.presses("Delete source")
    dialog = person.page.get_by_role("dialog", name="Delete orders")
    button = dialog.get_by_role("button", name="Delete source")
    assert button.is_disabled()
    dialog.get_by_text("unknown_write_key").wait_for()
    dialog.get_by_label("Type orders to confirm").fill("orders")
    button.click()
    person.sees("No sources yet")
    assert platform.ask("GET", "/sources")["data"] == []


def test_source_when_it_is_called_new_then_it_has_a_page(platform: Running, visit: Callable[..., Person]) -> None:
    person = visit()
    sets_up(person, platform)
    person.page.goto(f"{platform.console}/sources/-/new?type=server")
    person.heading("Add source")
    person.page.get_by_label("Name").fill("new")
    person.presses("Create source")
    person.heading("new")
    person.page.reload()
    person.sees("Waiting for the first event")
    assert "/sources/new?" in person.page.url


def reasons(platform: Running) -> set[str]:
    return {letter["reason"] for letter in platform.ask("GET", "/dead-letters")["data"]}


@contextmanager
def site(page: str) -> Iterator[str]:
    """The address of a website of another origin, whose every page is this one."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
