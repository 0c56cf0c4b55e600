"""Watching events arrive: what became of each, and that a flood of them leaves the page in one's hands."""

import base64
import contextlib
import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Page, expect

from acceptance.stand import Hook, until

from .person import Person
from .running import Running

PER_S = 2_000
BATCH = 100
SETTLE_S_MAX = 30

SHOWN_MAX = 80
"""Rows in the document at most, however many there are: a screen of them, and some around it."""

MEASURE = """
() => {
  const seen = (window.seen = { tasks: [], gaps: [], from: performance.now() });
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({ entryTypes: ["longtask"] });
  let last = performance.now();
  const frame = (now) => { seen.gaps.push(now - last); last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}
"""

MEASURED = """
() => {
  const { tasks, gaps, from } = window.seen;
  const sorted = [...gaps].sort((a, b) => a - b);
  return {
    seconds: (performance.now() - from) / 1000,
    frames: gaps.length,
    gap_p95_ms: sorted[Math.floor(sorted.length * 0.95)],
    long_tasks: tasks.length,
    long_task_max_ms: Math.max(0, ...tasks),
    heap_mb: performance.memory.usedJSHeapSize / 1e6,
  };
}
"""


@contextlib.contextmanager
def flood(platform: Running) -> Iterator[list[int]]:
    """2,000 events a second until the block ends; how many were answered so far."""
    stop, sent, failures = threading.Event(), [0], []
    authorization = base64.b64encode(b"wk_website:").decode()
    headers = {"Authorization": f"Basic {authorization}", "Content-Type": "application/json"}

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", platform.collect_port, timeout=30)
        began = time.monotonic()
        with contextlib.closing(connection):
            while not stop.is_set():
                if sent[0] >= (time.monotonic() - began) * PER_S:
                    stop.wait(0.01)
                    continue
                batch = [event(sent[0] + number) for number in range(BATCH)]
                connection.request("POST", "/v1/batch", json.dumps({"batch": batch}), headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    failures.append(answer.status)
                    return
                sent[0] += BATCH

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield sent
    finally:
        stop.set()
        thread.join(30)
    assert failures == []


def event(number: int) -> dict[str, Any]:
    return {
        "type": "track",
        "event": ("Product Viewed", "Cart Opened", "Order Completed")[number % 3],
        "userId": f"u{number % 500}",
        "messageId": f"flood-{number}",
        "properties": {"total": number % 97, "category": "shoes", "sku": f"s-{number}"},
        "context": {"page": {"url": f"https://shop.example/p/{number}"}, "userAgent": "x" * 80},
    }


def rows(page: Page) -> list[str]:
    return [each.get_attribute("id") or "" for each in page.get_by_role("option").all()]


def test_flood_when_two_thousand_arrive_a_second_then_the_page_stays_in_ones_hands(
    platform: Running, admin: Person, record_property: Callable[[str, object], None]
) -> None:
    page = admin.page
    admin.goes_to("/debugger")
    page.get_by_text("Live", exact=True).wait_for()
    page.evaluate(MEASURE)
    with flood(platform) as sent:
        admin.sees(re.compile(r"Showing [\d,]+ of [\d,]{4,} per second"))
        expect(page.get_by_role("option").first).to_be_visible()

        # What is typed stands there, and is answered.
        filter_ = page.get_by_role("textbox", name="Filter")
        filter_.click()
        page.keyboard.type('event = "Order Completed"')
        expect(filter_).to_contain_text('event = "Order Completed"')
        admin.sees("Valid")
        page.wait_for_url(re.compile("filter="))
        expect(page.get_by_role("option").first).to_contain_text("Order Completed")

        # Paused, the list stays as it is, and says what waits.
        admin.presses("Pause")
        before = rows(page)
        admin.sees(re.compile(r"[\d,]{3,} new"))
        assert rows(page) == before
        assert len(before) <= SHOWN_MAX
        admin.presses("Resume")
        expect(page.get_by_role("option").first).not_to_have_id(before[0])

        # However long it goes on, a thousand are kept, and a screen of them is in the document.
        page.wait_for_function("() => window.seen.frames !== 0 && performance.now() - window.seen.from > 15000")
        assert len(rows(page)) <= SHOWN_MAX
        measured = page.evaluate(MEASURED)
    told = {name: round(value, 1) for name, value in measured.items()} | {"sent": sent[0]}
    record_property("debugger under 2,000 events/s", told)
    # A page that hangs has no frames. Machines differ; a screen that is drawn less than twice a second is stuck.
    assert measured["frames"] > 2 * measured["seconds"], told


def test_event_when_it_is_refused_then_it_says_why_and_what_to_do(platform: Running, admin: Person) -> None:
    page = admin.page
    admin.goes_to("/debugger?outcome=dropped")
    page.get_by_text("Live", exact=True).wait_for()
    platform.send("wk_website", "track", {"event": "Nobody's", "messageId": "why-1"})
    page.get_by_role("option", name=re.compile("Nobody's")).click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("neither a userId nor an anonymousId")
    expect(drawer).to_contain_text("What to do:")
    expect(drawer.get_by_role("link", name="Edit and replay")).to_have_attribute(
        "href", re.compile(r"/dead-letters\?letter=")
    )
    assert "id=why-1" in page.url

    # The same, as a page of its own that one can send to somebody.
    drawer.get_by_role("link", name="Open full page").click()
    admin.heading("Nobody's")
    expect(page.get_by_label("Stages")).to_contain_text("Stopped here: No user ID.")
    page.reload()
    admin.heading("Nobody's")
    assert admin.problems == []


def test_trace_when_the_event_was_changed_and_delivered_then_shows_the_change_and_what_was_said(
    platform: Running, admin: Person
) -> None:
    with Hook() as hook:
        platform.ask("PUT", "/destinations/crm", {"type": "webhook", "settings": {"url": hook.url}})
        platform.ask("PUT", "/transformations/names", {"map_properties": {"country": {"DE": "Germany"}}})
        platform.send(
            "wk_website", "identify", {"userId": "ann", "messageId": "path-1", "traits": {"country": "DE"}}
        )
        until(lambda: len(platform.ask("GET", "/receipts?destination=crm")["data"]) == 1, SETTLE_S_MAX)
    page = admin.page
    admin.goes_to("/events/path-1")
    admin.heading("Identify")
    stages = page.get_by_label("Stages")
    expect(stages).to_contain_text("Changed by names (version 3).")
    expect(stages.get_by_role("listitem").filter(has_text="Changed by names")).to_contain_text("Germany")
    changes = page.get_by_role("region", name="Changes to the event")
    expect(changes).to_contain_text('removed: "country": "DE"')
    expect(changes).to_contain_text('added: "country": "Germany"')
    expect(page.get_by_text("Delivered to 1 of 1 destination")).to_be_visible()
    page.get_by_role("button", name="Request and response").click()
    expect(page.get_by_label("Deliveries").get_by_text("200", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Open receipt")).to_have_attribute("href", re.compile("receipt="))
    assert admin.problems == []


def test_trace_when_the_plan_blocks_it_then_lists_and_marks_every_violation(
    platform: Running, admin: Person
) -> None:
    of = {"properties": {"total": {"type": "number"}, "order_id": {"type": "string"}}}
    rule = {"type": "track", "event": "Order Completed", "schema": {"properties": {"properties": of}}}
    platform.ask(
        "PUT", "/tracking-plans/commerce", {"rules": [rule], "controls": {"allow_event_on_violations": False}}
    )
    platform.ask("PUT", "/sources/backend", {"write_key": "wk_backend", "tracking_plan": "commerce"})
    properties = {"total": "much", "order_id": 7}
    event = {"userId": "ann", "event": "Order Completed", "messageId": "bad-1", "properties": properties}
    platform.send("wk_backend", "track", event)
    page = admin.page
    admin.goes_to("/debugger?id=bad-1")
    drawer = page.get_by_role("dialog")
    violations = drawer.get_by_role("list", name="Violations").get_by_role("listitem")
    expect(violations).to_have_count(2)
    expect(drawer.get_by_text('"total": "much", (breaks the plan)')).to_be_visible()
    expect(drawer.get_by_role("link", name="Plan and violations")).to_have_attribute(
        "href", "/sources/backend?tab=plan"
    )
    assert admin.problems == []


def test_keys_when_pressed_then_one_walks_through_the_events(platform: Running, admin: Person) -> None:
    page = admin.page
    for number in range(3):
        platform.send("wk_website", "track", {"userId": "u1", "event": f"E{number}", "messageId": f"k{number}"})
    admin.goes_to("/debugger")
    expect(page.get_by_role("option")).to_have_count(3)
    page.keyboard.press("j")
    expect(page.get_by_role("option", selected=True)).to_contain_text("E2")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    expect(page.get_by_role("option", selected=True)).to_contain_text("E1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("k1")
    page.keyboard.press("j")
    expect(page.get_by_role("dialog")).to_contain_text("k0")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    # What arrives while one reads waits.
    platform.send("wk_website", "track", {"userId": "u1", "event": "Late", "messageId": "k3"})
    admin.sees("1 new")
    page.keyboard.press("Escape")
    expect(page.get_by_role("option").first).to_contain_text("Late")
    assert admin.problems == []


def test_event_when_copied_as_curl_then_it_can_be_sent_again(platform: Running, admin: Person) -> None:
    page = admin.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    platform.send("wk_website", "track", {"userId": "u1", "event": "It's here", "messageId": "curl-1"})
    admin.goes_to("/debugger?id=curl-1")
    page.get_by_role("button", name="Copy as cURL").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"http://127.0.0.1:{platform.collect_port}/v1/track" in copied
    assert "wk_website:" in copied
    assert "It'\\''s here" in copied


def test_overview_when_the_first_event_comes_then_what_to_do_first_makes_room(
    platform: Running, admin: Person
) -> None:
    page = admin.page
    admin.heading("Overview")
    admin.sees("Send your first event")
    expect(page.get_by_role("link", name="Set up website")).to_have_attribute("href", "/sources/website")
    platform.track("wk_website", "u1", "First")
    page.get_by_role("heading", name="Events", exact=True).wait_for()
    expect(page.get_by_text("Send your first event")).to_have_count(0)
    page.get_by_text("7 days").click()
    page.wait_for_url(re.compile("range=7d"))
    page.get_by_role("img", name=re.compile("Accepted events of website")).wait_for()
    assert admin.problems == []
