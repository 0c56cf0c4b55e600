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


def saves(person: Person) -> None:
    """After a look at what changes."""
    person.presses("Review and save")
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save", exact=True).click()
    dialog.wait_for(state="hidden")


def adds_member(field: Locator, number: int, name: str, kind: str, value: str) -> None:
    """To the object that a field gets."""
    page = field.page
    field.get_by_role("button", name="Add property").click()
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
    person.heading("Connect Webhook (Actions)")
    expect(page.get_by_label("Name")).to_have_value("actions-webhook")
    page.get_by_label("Name").fill("")
    person.presses("Test connection")
    assert page.get_by_text("Required.").count() == 2
    page.get_by_label("Name").fill("orders")
    page.get_by_role("textbox", name="URL").fill(tool.url)
    person.presses("Test connection")
    person.sees(re.compile("^Connected"))
    page.get_by_role("textbox", name="URL").fill(f"{tool.url}?a")
    person.sees("The settings have changed since the last test.")
    page.get_by_role("textbox", name="URL").fill(tool.url)
    person.sees(re.compile("^Connected"))
    person.presses("Create destination")
    person.heading("orders")


def writes_mapping(person: Person) -> None:
    page = person.page
    page.get_by_role("button", name="Add mapping").click()
    page.get_by_role("menuitem", name="Start from scratch").click()
    page.get_by_label("Name").fill("Order to line")
    chooses(page, "Which track events", "Only these")
    page.get_by_role("combobox", name="Events", exact=True).click()
    page.get_by_role("option", name="Order Completed").click()
    page.keyboard.press("Escape")
    page.get_by_text("Condition", exact=True).click()
    expect(page.get_by_role("textbox", name="Condition")).to_contain_text('event = "Order Completed"')
    page.get_by_role("checkbox", name=re.compile("Keep the default mapping")).uncheck()
    person.sees("Matches 1 of the last 2 events.")
    field = page.get_by_role("group", name="Data", exact=True)
    field.get_by_role("button", name="Change").click()
    chooses(page, "Data: kind of value", "Object")
    adds_member(field, 1, "messageId", "Event field", "$.messageId")
    adds_member(field, 2, "text", "Text template", "{{properties.order_id}} for {{properties.total}} EUR")
    preview = page.get_by_role("region", name="Mapped data")
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
    row = page.get_by_role("row", name=re.compile("Order Completed.*Delivered.*bob"))
    row.click()
    drawer = page.get_by_role("dialog", name="Receipt")
    expect(drawer.get_by_role("region", name="Request body")).to_contain_text("o-2 for 7 EUR")
    expect(drawer).to_contain_text(re.compile("Response\\s*200"))
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
    person.sees("The destination responded with 400")
    person.sees("What to do:")
    page.get_by_role("link", name="View receipts").click()
    person.heading("Deliveries")
    page.get_by_role("row", name=re.compile("Order Completed.*Failed")).click()
    drawer = page.get_by_role("dialog", name="Receipt")
    expect(drawer).to_contain_text(re.compile("Response\\s*400"))
    drawer.get_by_role("button", name="Close").click()
    tool.status = 200
    page.get_by_role("link", name="Replay failed events").click()
    person.heading("New replay")
    person.sees("event would be sent, out of 1 checked")
    person.presses("Start replay")
    person.heading(re.compile("Dead letters with BAD_REQUEST to crm"))
    page.get_by_text("Done", exact=True).wait_for()
    until(lambda: _receipts(platform, "crm", "delivered") == 1, SETTLE_S_MAX)
    person.goes_to("/deliveries?status=delivered&destination=crm")
    page.get_by_role("row", name=re.compile("Order Completed.*Delivered")).wait_for()
    assert person.problems == []


def test_receipt_when_it_was_tried_again_then_it_tells_of_each_attempt_and_new_ones_wait_for_a_click(
    admin: Person, platform: Running, tool: Tool
) -> None:
    settings = {"type": "webhook", "settings": {"url": tool.url}, "retry": {"base_s": 0.2, "delay_max_s": 0.2}}
    platform.ask("PUT", "/destinations/crm?new=true", settings)
    page = admin.page
    admin.goes_to("/destinations/crm?tab=receipts")
    admin.sees("No receipts yet")
    tool.status = 503
    platform.track("wk_backend", "ann", "Order Completed", order_id="o-1", total=5)
    # An empty list fills by itself.
    page.get_by_role("row", name=re.compile("Order Completed.*Retrying.*503.*ann")).wait_for()
    until(lambda: len(tool.bodies) > 5, SETTLE_S_MAX)
    tool.status = 200
    until(lambda: _receipts(platform, "crm", "delivered") == 1, SETTLE_S_MAX)
    platform.track("wk_backend", "bob", "Order Refunded", order_id="o-1")
    until(lambda: _receipts(platform, "crm", "delivered") == 2, SETTLE_S_MAX)
    expect(page.get_by_role("row", name=re.compile("Order Refunded"))).to_have_count(0)
    page.get_by_role("button", name="2 new").click()
    page.get_by_role("row", name=re.compile("Order Refunded.*Delivered.*bob")).wait_for()
    page.get_by_role("row", name=re.compile("Order Completed.*Delivered.*ann")).click()
    drawer = page.get_by_role("dialog", name="Receipt")
    drawer.get_by_role("button", name=re.compile("earlier attempt")).click()
    first = drawer.get_by_text("Attempt 1", exact=True)
    first.wait_for()
    drawer.get_by_role("button", name="Request and response of attempt 1", exact=True).click()
    expect(drawer.get_by_text("503", exact=True).last).to_be_visible()
    expect(drawer).to_contain_text(re.compile("Response\\s*503"))
    assert admin.problems == []


def _receipts(platform: Running, destination: str, status: str) -> int:
    return len(platform.ask("GET", f"/receipts?destination={destination}&status={status}")["data"])
