"""Destinations in the console: from nothing to the first receipt; broken, understood, mended, replayed."""

import http.server
import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from acceptance.stand import until

from .person import Person
from .running import Running

SETTLE_S_MAX = 30


class Tool(http.server.ThreadingHTTPServer):
    """Somebody else's tool: it notes what it is asked, and answers as it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.status = 200
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class Answering(http.server.BaseHTTPRequestHandler):
    server: Tool

    def do_HEAD(self) -> None:
        self.answer(200)

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"] or 0)))
        self.answer(self.server.status)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def tool() -> Iterator[Tool]:
    with Tool() as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield listening
        listening.shutdown()


def chooses(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def writes(page: Page, label: str, text: str) -> None:
    """Into a code editor, instead of what is there."""
    editor = page.get_by_role("textbox", name=label)
    editor.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def saves(person: Person) -> None:
    """After a look at what changes."""
    person.presses("Review and save")
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save", exact=True).click()
    dialog.wait_for(state="hidden")


def adds_member(field: Locator, number: int, name: str, kind: str, value: str) -> None:
    """To the object that a field gets."""
    page = field.page
    field.get_by_role("button", name="Add a member").click()
    named = field.get_by_role("textbox", name=re.compile(rf"name {number}$"))
    named.fill(name)
    named.blur()
    chooses(page, f"{name}: kind of value", kind)
    written = field.get_by_label(re.compile(rf"^{name}: (place in the event|template|text)$"))
    written.fill(value)
    written.press("Escape")


def sets_up(person: Person, tool: Tool) -> None:
    """From the catalogue to a destination that has been tried."""
    page = person.page
    page.get_by_role("link", name="Destinations", exact=True).click()
    person.heading("Destinations")
    page.get_by_role("link", name="Add destination").click()
    person.heading("Add a destination")
    page.get_by_label("Search the catalogue").fill("webhook actions")
    page.get_by_role("link", name=re.compile(r"Webhook \(Actions\)")).click()
    person.heading("Set up Webhook (Actions)")
    person.presses("Create the destination")
    assert page.get_by_text("This is needed.").count() == 2
    page.get_by_label("Name").fill("orders")
    page.get_by_role("textbox", name="URL").fill(tool.url)
    person.presses("Test the connection")
    person.sees("It works")
    person.presses("Create the destination")
    person.heading("orders")


def writes_mapping(person: Person) -> None:
    page = person.page
    page.get_by_role("button", name="Add mapping").click()
    page.get_by_role("menuitem", name="An empty one").click()
    page.get_by_label("Name").fill("Order to line")
    writes(page, "Trigger", 'type = "track" and event = "Order Completed"')
    page.get_by_role("checkbox", name=re.compile("Keep the preset")).uncheck()
    person.sees("Would match 1 of the last 2 events.")
    field = page.get_by_role("group", name="Data", exact=True)
    field.get_by_role("button", name="Change").click()
    chooses(page, "Data: kind of value", "Object")
    adds_member(field, 1, "messageId", "From the event", "$.messageId")
    adds_member(field, 2, "text", "Text with values", "{{properties.order_id}} for {{properties.total}} EUR")
    preview = page.get_by_role("region", name="Payload")
    expect(preview).to_contain_text("o-1 for 5 EUR")
    saves(person)
    person.sees("Matches 1 of the last 2 events")


def test_webhook_when_it_is_set_up_with_a_mapping_then_its_receipt_shows_what_was_sent(
    admin: Person, platform: Running, tool: Tool
) -> None:
    platform.track("wk_backend", "ann", "Order Completed", order_id="o-1", total=5)
    platform.track("wk_website", "ann", "Product Viewed", name="Mug")
    until(lambda: len(platform.ask("GET", "/events")["data"]) == 2, SETTLE_S_MAX)
    sets_up(admin, tool)
    writes_mapping(admin)
    tool.bodies.clear()
    platform.track("wk_backend", "bob", "Order Completed", order_id="o-2", total=7)
    until(lambda: any(b"o-2 for 7 EUR" in body for body in tool.bodies), SETTLE_S_MAX)
    until(lambda: _receipts(platform, "orders", "delivered&user_id=bob") == 1, SETTLE_S_MAX)
    page = admin.page
    page.get_by_role("tab", name="Receipts").click()
    row = page.get_by_role("row", name=re.compile("Order Completed.*delivered.*bob"))
    row.click()
    drawer = page.get_by_role("dialog", name="Receipt")
    expect(drawer.get_by_role("region", name="Body of the request")).to_contain_text("o-2 for 7 EUR")
    expect(drawer).to_contain_text("answered 200")
    expect(drawer).to_contain_text("Order to line")
    assert "receipt=" in page.url
    # A mapping that is not finished is refused when it is tried, and the browser notes that.
    assert [problem for problem in admin.problems if "422" not in problem] == []


def test_webhook_when_it_refuses_then_the_failure_says_why_and_is_replayed_after_it_was_mended(
    admin: Person, platform: Running, tool: Tool
) -> None:
    person = admin
    platform.ask("PUT", "/destinations/crm?new=true", {"type": "webhook", "settings": {"url": tool.url}})
    tool.status = 400
    platform.track("wk_backend", "ann", "Order Completed", order_id="o-1", total=5)
    until(lambda: _receipts(platform, "crm", "failed") == 1, SETTLE_S_MAX)
    page = person.page
    person.goes_to("/destinations/crm")
    person.sees("The endpoint answered 400")
    person.sees("What to do:")
    page.get_by_role("link", name="All receipts like this").click()
    person.heading("Deliveries")
    page.get_by_role("row", name=re.compile("Order Completed.*failed")).click()
    drawer = page.get_by_role("dialog", name="Receipt")
    expect(drawer).to_contain_text("answered 400")
    drawer.get_by_role("button", name="Close").click()
    tool.status = 200
    page.get_by_role("link", name="Replay these failures").click()
    person.heading("New replay")
    person.sees("event would be sent, of 1 looked at")
    person.presses("Begin the replay")
    person.heading(re.compile("Dead letters with BAD_REQUEST to crm"))
    page.get_by_text("done", exact=True).wait_for()
    until(lambda: _receipts(platform, "crm", "delivered") == 1, SETTLE_S_MAX)
    person.goes_to("/deliveries?status=delivered&destination=crm")
    page.get_by_role("row", name=re.compile("Order Completed.*delivered")).wait_for()
    assert person.problems == []


def _receipts(platform: Running, destination: str, status: str) -> int:
    return len(platform.ask("GET", f"/receipts?destination={destination}&status={status}")["data"])
