"""Transformations in the console: seen on real events first, then done; and in which order."""

from typing import Any

from playwright.sync_api import Locator, expect

from acceptance.stand import until

from .person import Person
from .running import Running

SETTLE_S_MAX = 30


def events(platform: Running) -> list[dict[str, Any]]:
    """The newest accepted events, newest first."""
    found: list[dict[str, Any]] = platform.ask("GET", "/events?limit=10")["data"]
    return found


def rows_of_lake(platform: Running) -> int:
    answer = platform.ask("POST", "/transformations/-/test", {"last": 10})
    return int(answer["tested"])


def test_transformation_when_seen_on_real_events_and_saved_then_done_to_the_next_one(
    platform: Running, admin: Person
) -> None:
    platform.track("wk_backend", "ann", "Order Completed", total=7, country="DE")
    platform.track("wk_backend", "ann", "Hello")
    until(lambda: rows_of_lake(platform) == 2, SETTLE_S_MAX)
    page = admin.page
    admin.goes_to("/transformations")
    page.get_by_role("link", name="New transformation").first.click()
    admin.heading("New transformation")
    page.get_by_label("Name").fill("tidy")
    page.get_by_role("textbox", name="Condition").fill('event = "Order Completed"')
    admin.presses("Add a change")
    page.get_by_role("menuitem", name="Rename properties").click()
    page.locator("input[aria-label='Property of a new line']").fill("total")
    name = page.get_by_role("textbox", name="New name of a new line")
    name.fill("revenue")
    name.press("Enter")
    page.get_by_text("Affects 1 of the newest 2 events").wait_for()
    before = page.get_by_role("region", name="The event before")
    after = page.get_by_role("region", name="The event after")
    expect(before.get_by_text('"total": 7, (changes)')).to_be_visible()
    expect(after.get_by_text('"revenue": 7 (new)')).to_be_visible()
    assert [event["body"]["properties"] for event in events(platform)][-1] == {"total": 7, "country": "DE"}

    admin.presses("Review and save")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    admin.heading("tidy")
    platform.track("wk_backend", "bob", "Order Completed", total=8)
    until(
        lambda: events(platform)[0]["body"]["properties"] == {"revenue": 8},
        SETTLE_S_MAX,
        lambda: str(events(platform)[0]),
    )
    assert admin.problems == []


def test_transformation_when_written_as_yaml_then_the_form_follows_and_the_other_way_round(
    platform: Running, admin: Person
) -> None:
    platform.ask("PUT", "/transformations/tidy", {"drop_properties": ["noise"]})
    page = admin.page
    admin.goes_to("/transformations/tidy?view=yaml")
    editor = page.get_by_role("textbox", name="The definition as YAML")
    expect(editor).to_contain_text("drop_properties:")
    writes(editor, "name: tidy\nrename_event: Order Paid\n")
    expect(page.get_by_label("New name", exact=True)).to_have_value("Order Paid")
    expect(page.get_by_role("region", name="Remove properties")).to_have_count(0)
    page.get_by_label("Description").fill("from an old app")
    expect(editor).to_contain_text("description: from an old app")

    writes(editor, "name: tidy\nrename_event: [")
    admin.sees("The YAML has an error. The form shows the last valid version.")
    expect(page.get_by_role("button", name="Review and save")).to_be_disabled()
    writes(editor, "name: tidy\nrename_event: Order Paid\n")
    admin.presses("Review and save")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    until(lambda: "rename_event" in definition(platform), SETTLE_S_MAX, lambda: str(definition(platform)))
    assert definition(platform) == {"name": "tidy", "rename_event": "Order Paid"}
    assert admin.problems == []


def test_order_when_the_arrow_keys_move_one_then_it_is_applied_earlier(platform: Running, admin: Person) -> None:
    for name in ("first", "second", "third"):
        platform.ask("PUT", f"/transformations/{name}", {"drop_properties": [name]})
    page = admin.page
    admin.goes_to("/transformations")
    handle = page.get_by_role("button", name="Move third, number 3 of 3")
    handle.focus()
    handle.press("ArrowUp")
    moved = page.get_by_role("button", name="Move third, number 2 of 3")
    expect(moved).to_be_focused()
    moved.press("ArrowUp")
    expect(page.get_by_role("button", name="Move third, number 1 of 3")).to_be_focused()
    until(lambda: names(platform) == ["third", "first", "second"], SETTLE_S_MAX, lambda: str(names(platform)))
    page.get_by_role("button", name="Move third").drag_to(page.get_by_role("link", name="second"))
    expect(page.get_by_role("button", name="Move third, number 3 of 3")).to_be_visible()
    until(lambda: names(platform) == ["first", "second", "third"], SETTLE_S_MAX, lambda: str(names(platform)))
    assert admin.problems == []


def test_transformation_when_deleted_then_says_first_how_many_events_it_touches(
    platform: Running, admin: Person
) -> None:
    platform.ask("PUT", "/transformations/quiet", {"if": 'event = "Debug"', "drop": True})
    platform.track("wk_backend", "ann", "Order Completed", total=7)
    until(lambda: rows_of_lake(platform) == 1, SETTLE_S_MAX)
    page = admin.page
    admin.goes_to("/transformations/quiet")
    admin.presses("Delete")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("It affects 0 of the newest 1 event").wait_for()
    dialog.get_by_role("button", name="Delete transformation").click()
    admin.heading("Transformations")
    assert names(platform) == []
    assert admin.problems == []


def names(platform: Running) -> list[str]:
    return [rule["name"] for rule in platform.ask("GET", "/transformations")["data"]]


def writes(editor: Locator, text: str) -> None:
    """In place of what stands there."""
    editor.click()
    editor.press("ControlOrMeta+a")
    editor.press("Delete")
    editor.page.keyboard.insert_text(text)


def definition(platform: Running) -> dict[str, Any]:
    found: dict[str, Any] = platform.ask("GET", "/transformations")["data"][0]["definition"]
    return {key: value for key, value in found.items() if key != "version"}
