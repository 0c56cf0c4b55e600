"""Tracking plans in the console: from what was sent to a plan that blocks, and what is wrong with what it did."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from acceptance.stand import until

from .person import Person
from .running import Running

SETTLE_S_MAX = 30


def sends_orders(platform: Running) -> None:
    """Enough for an inferred rule to ask for what they all have; and something that nobody wants."""
    for number in range(24):
        platform.track("wk_backend", f"u{number}", "Order Completed", order_id=f"o_{number}", total=number + 0.5)
    platform.track("wk_backend", "u1", "Debug", noise=1)
    until(lambda: volume(platform) == 25, SETTLE_S_MAX, lambda: str(volume(platform)))


def volume(platform: Running) -> int:
    """Events of the source `backend`, as far as they are counted."""
    found = platform.ask("GET", "/sources/backend/schema")["data"]
    return sum(event["volume"] for event in found)


def opens(page: Page, tab: str | re.Pattern[str]) -> None:
    page.get_by_role("tab", name=tab).click()


def chooses(field: Locator, option: str) -> None:
    field.click()
    field.page.get_by_role("option", name=option, exact=True).click()


def saves(person: Person) -> None:
    """What is changed is shown first."""
    person.presses("Review and save")
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Note").wait_for()
    dialog.get_by_role("button", name="Save", exact=True).click()
    dialog.wait_for(state="hidden")


def test_plan_when_made_of_what_was_sent_and_enforced_then_blocks_what_breaks_it(
    platform: Running, admin: Person
) -> None:
    sends_orders(platform)
    page = admin.page
    admin.goes_to("/tracking-plans")
    page.get_by_role("button", name="New plan").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("commerce")
    dialog.get_by_role("radio", name="An empty plan").check()
    dialog.get_by_role("button", name="Create plan").click()
    admin.heading("commerce")

    opens(page, "From events")
    chooses(page.get_by_role("combobox", name="Source"), "backend")
    page.get_by_label("Select Order Completed").check()
    admin.presses("Add to plan")

    page.get_by_role("link", name="Order Completed").click()
    page.get_by_label("More about order_id").click()
    page.get_by_label("Pattern").fill("^o_")
    expect(page.get_by_role("textbox", name="JSON Schema")).to_contain_text('"pattern": "^o_"')
    saves(admin)
    rule = platform.ask("GET", "/tracking-plans/commerce")["plan"]["rules"][0]
    properties = rule["schema"]["properties"]["properties"]
    assert properties["properties"]["order_id"] == {"type": "string", "pattern": "^o_"}
    assert sorted(properties["required"]) == ["order_id", "total"]

    opens(page, re.compile("Sources"))
    page.get_by_role("switch", name="Use this plan for backend").locator("..").click()
    page.get_by_role("dialog").get_by_role("button", name="Use plan").click()
    expect(page.get_by_role("switch", name="Use this plan for backend")).to_be_checked()

    opens(page, "Dry run")
    admin.sees("1 event that passes today would be blocked")
    page.get_by_role("button", name="Debug").click()
    admin.sees("no rule for track 'Debug'")
    admin.presses("Enforce the plan")
    admin.sees("This plan blocks unplanned events")
    saves(admin)

    opens(page, "Dry run")
    admin.sees("The plan already works like this: it blocks 1 of 25 events")
    expect(page.get_by_role("button", name="Enforce the plan")).to_have_count(0)

    platform.track("wk_backend", "ann", "Order Completed", order_id="7", total=1)
    until(lambda: letters(platform) == ["schema_violation"], SETTLE_S_MAX, lambda: str(letters(platform)))
    admin.goes_to("/tracking-plans/commerce?tab=violations")
    page.get_by_role("row", name=re.compile("Order Completed.*properties.order_id")).click()
    sample = page.get_by_role("dialog").get_by_role("region", name=re.compile("^Event "))
    expect(sample.get_by_text('"order_id": "7", (breaks the plan)')).to_be_visible()
    assert "violation=" in page.url, "what is open can be sent to somebody"
    admin.goes_to("/dead-letters?stage=govern")
    admin.sees("Order Completed")
    assert admin.problems == []


def letters(platform: Running) -> list[str]:
    return [letter["reason"] for letter in platform.ask("GET", "/dead-letters?stage=govern")["data"]]


RULE: dict[str, Any] = {
    "type": "track",
    "event": "Order Completed",
    "schema": {
        "if": {"properties": {"properties": {"required": ["coupon"]}}},
        "then": {"properties": {"properties": {"required": ["discount"]}}},
        "properties": {
            "properties": {
                "properties": {"total": {"type": "number", "exclusiveMinimum": 0}, "rest": True},
                "minProperties": 1,
            }
        },
    },
}


def test_rule_when_edited_as_a_form_then_what_the_form_cannot_show_stays(platform: Running, admin: Person) -> None:
    platform.ask("PUT", "/tracking-plans/commerce", {"rules": [RULE]})
    page = admin.page
    admin.goes_to("/tracking-plans/commerce?tab=rules&rule=track.1.Order Completed")
    page.get_by_label("New property").fill("currency")
    page.get_by_label("New property").press("Enter")
    page.get_by_label("currency is required").check()
    chooses(page.get_by_role("combobox", name="Type of total"), "Whole number")
    name = page.get_by_label("Name of rest")
    name.fill("remainder")
    name.press("Enter")
    expect(page.get_by_label("Name of remainder")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name of remainder")).to_be_visible()  # a draft outlives the page
    saves(admin)
    schema = platform.ask("GET", "/tracking-plans/commerce")["plan"]["rules"][0]["schema"]
    assert {name: schema[name] for name in ("if", "then")} == {
        name: RULE["schema"][name] for name in ("if", "then")
    }
    assert schema["properties"]["properties"] == {
        "type": "object",
        "minProperties": 1,
        "properties": {
            "total": {"type": "integer", "exclusiveMinimum": 0},
            "remainder": True,
            "currency": {"type": "string"},
        },
        "required": ["currency"],
    }
    assert admin.problems == []


def test_plan_when_it_was_changed_then_can_be_taken_back(platform: Running, admin: Person) -> None:
    platform.ask("PUT", "/tracking-plans/commerce", {"rules": [RULE]})
    platform.ask(
        "PUT", "/tracking-plans/commerce?note=too%20strict", {"controls": {"allow_unplanned_events": False}}
    )
    page = admin.page
    admin.goes_to("/tracking-plans/commerce?tab=versions")
    admin.sees("too strict")
    admin.presses("Restore this version")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Removes controls").wait_for()
    dialog.get_by_role("button", name="Restore").click()
    dialog.wait_for(state="hidden")
    plan = platform.ask("GET", "/tracking-plans/commerce")["plan"]
    assert [rule["event"] for rule in plan["rules"]] == ["Order Completed"]
    assert "allow_unplanned_events" not in plan.get("controls", {})
    assert admin.problems == []
