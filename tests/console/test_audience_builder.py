"""Audiences and traits in the console: built as a form or as YAML, looked at before they are saved, and filled
while somebody watches.
"""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from acceptance.stand import until

from .person import Person
from .running import Running

SETTLE_S_MAX = 30
"""For what goes through the platform and comes back, on a machine that tests other things at once."""


def buys(platform: Running, user: str, total: float) -> None:
    platform.track("wk_backend", user, "Order Completed", total=total, order_id=f"o-{user}-{total}")


def option(page: Page, field: Locator, name: str | re.Pattern[str]) -> None:
    """Chooses one of what a field offers."""
    field.click()
    page.get_by_role("option", name=name, exact=isinstance(name, str)).click()


def yaml(page: Page) -> Locator:
    return page.get_by_role("textbox", name="The definition as YAML")


def writes_yaml(page: Page, text: str) -> None:
    """In place of what is there; the editor would indent what is typed line by line."""
    yaml(page).click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def conditions(*lines: str) -> str:
    return "where:\n  all:\n" + "".join(f"    - {line}\n" for line in lines)


def test_audience_when_it_is_built_as_a_form_then_it_fills_while_one_watches(
    platform: Running, admin: Person
) -> None:
    for user, total in (("ann", 120), ("bob", 20), ("cleo", 90)):
        buys(platform, user, total)
    page = admin.page
    admin.goes_to("/audiences")
    page.get_by_role("link", name="New audience").first.click()
    admin.heading("New audience")
    page.get_by_role("link", name="Start from scratch").click()
    page.get_by_label("Name", exact=True).fill("Big spenders")
    expect(page.get_by_label("Key")).to_have_value("big_spenders")

    # The event is proposed because it was sent; so are its properties, with what their values are.
    name = page.get_by_role("combobox", name="Name of the event")
    name.fill("Order")
    page.get_by_role("option", name="Order Completed").click()
    admin.presses("Add filter")
    page.get_by_role("menuitem", name="Property").click()
    page.get_by_role("combobox", name="property", exact=True).fill("total")
    option(page, page.get_by_role("combobox", name="Comparison"), "is more than")
    page.get_by_role("textbox", name="Value").fill("80")

    # Seen before it is saved.
    expect(page.get_by_text("of 3 people")).to_be_visible()
    expect(page.get_by_text("66.7%")).to_be_visible()
    sample = page.get_by_role("table", name="Sample of people")
    expect(sample.get_by_role("link")).to_have_text(["ann", "cleo"], use_inner_text=True)
    expect(yaml(page)).to_contain_text("value: 80")
    admin.presses("Create audience")
    admin.heading("Big spenders")

    # It has been computed from the past, and follows what comes: nobody reloads.
    members = page.get_by_role("tab", name="Members")
    expect(members).to_contain_text("2")
    members.click()
    rows = page.get_by_role("region", name="Members of Big spenders").get_by_role("link")
    expect(rows).to_have_count(2)
    buys(platform, "dora", 500)
    expect(rows).to_have_count(3)
    expect(members).to_contain_text("3")
    assert sorted(rows.all_inner_texts()) == ["ann", "cleo", "dora"]
    built = {"event": "Order Completed", "where": {"property": "total", "op": ">", "value": 80}}
    assert platform.ask("GET", "/audiences/big_spenders")["definition"] == {"all": [built]}
    assert admin.problems == []


def test_audience_when_it_begins_with_a_template_then_it_is_about_what_was_sent_and_people_are_excluded(
    platform: Running, admin: Person
) -> None:
    for user, total in (("ann", 300), ("ann", 250), ("bob", 900), ("cleo", 90)):
        buys(platform, user, total)
    platform.track("wk_backend", "bob", "Refund Requested")
    until(lambda: len(platform.sql("SELECT 1 FROM events")) == 5, SETTLE_S_MAX)
    # Templates are about what was observed, and observations are looked at every few seconds.
    seen = "/schema/suggestions?kind=property&event=Order%20Completed&prefix=total"
    until(lambda: platform.ask("GET", seen)["data"] != [], SETTLE_S_MAX)
    page = admin.page
    admin.goes_to("/audiences/-/new")
    page.get_by_role("link", name="High lifetime value").click()
    expect(page.get_by_role("combobox", name="Name of the event")).to_have_value("Order Completed")
    expect(page.get_by_role("combobox", name="Property", exact=True)).to_have_value("total")
    expect(page.get_by_text("of 3 people")).to_be_visible()
    sample = page.get_by_role("table", name="Sample of people")
    expect(sample.get_by_role("link")).to_have_count(2)

    admin.presses("Exclude people")
    page.get_by_role("menuitem", name=re.compile("^Event")).click()
    expect(page.get_by_role("combobox", name="Include or exclude").last).to_have_value("who did not do")
    page.get_by_role("combobox", name="Name of the event").last.fill("Refund Requested")
    expect(sample.get_by_role("link")).to_have_text(["ann"], use_inner_text=True)

    # What somebody sends to a colleague leads to the same beginning.
    assert "template=high-value" in page.url
    admin.presses("Create audience")
    admin.heading("High lifetime value")
    assert platform.ask("GET", "/audiences/high_lifetime_value")["definition"] == {
        "all": [
            {"event": "Order Completed", "sum": {"property": "total", "op": ">=", "value": 500}},
            {"not": {"event": "Refund Requested"}},
        ]
    }
    assert admin.problems == []


def test_definition_when_it_is_written_as_yaml_then_the_form_follows_and_mistakes_stand_at_their_places(
    platform: Running, admin: Person
) -> None:
    platform.ask("PUT", "/audiences/buyers", {"where": {"event": "Order Completed"}})
    buys(platform, "ann", 10)
    page = admin.page
    admin.goes_to("/audiences/buyers?tab=definition")
    expect(yaml(page)).to_contain_text("event: Order Completed")

    writes_yaml(
        page, "where:\n  all:\n    - {event: Order Completed, cuont: 2}\n    - {trait: country, value: NO}\n"
    )
    expect(page.get_by_role("alert").filter(has_text="where.all[0].cuont")).to_contain_text("did you mean count?")
    expect(page.get_by_text("The YAML has a mistake")).to_be_visible()
    expect(page.get_by_role("button", name="Save…")).to_be_disabled()

    writes_yaml(
        page, "where:\n  all:\n    - {event: Order Completed, within: 7d}\n    - {trait: country, value: NO}\n"
    )
    expect(page.get_by_role("combobox", name="Trait", exact=True)).to_have_value("country")
    expect(page.get_by_role("textbox", name="Window: how many days")).to_have_value("7")

    # Moved with the keyboard, from inside of the condition.
    page.get_by_role("combobox", name="Trait", exact=True).press("Alt+ArrowUp")
    expect(yaml(page)).to_contain_text(re.compile("trait: country.*event: Order", re.DOTALL))
    expect(page.get_by_role("textbox", name="The definition as query")).to_contain_text("trait('country') = 'NO'")

    admin.presses("Save…")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("audiences[buyers].where")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    assert platform.ask("GET", "/audiences/buyers")["definition"] == {
        "all": [
            {"trait": "country", "op": "=", "value": "NO"},
            {"event": "Order Completed", "within": "7d"},
        ]
    }
    assert admin.problems == []


def test_condition_when_no_form_shows_it_then_it_is_kept_as_code(platform: Running, admin: Person) -> None:
    condition = {
        "event": "Search",
        "where": {"any": ["length(properties.tags) > 2", {"property": "a", "op": "=", "value": 1}]},
    }
    platform.ask("PUT", "/audiences/searchers", {"where": condition})
    page = admin.page
    admin.goes_to("/audiences/searchers?tab=definition")
    expect(page.get_by_role("textbox", name="FQL")).to_contain_text("length(properties.tags) > 2")
    page.get_by_role("button", name="Actions of event Search").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    expect(page.get_by_role("combobox", name="Name of the event")).to_have_count(2)
    page.get_by_role("button", name="Actions of event Search").last.click()
    page.get_by_role("menuitem", name="Show as code").click()
    expect(page.get_by_role("textbox", name="Code of the condition")).to_contain_text("length(properties.tags)")
    admin.presses("Save…")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert platform.ask("GET", "/audiences/searchers")["definition"] == {"all": [condition] * 2}


def test_trait_when_it_is_made_then_its_values_are_shown_and_it_can_be_deleted(
    platform: Running, admin: Person
) -> None:
    for user, total in (("ann", 120), ("ann", 30), ("bob", 20)):
        buys(platform, user, total)
    page = admin.page
    admin.goes_to("/traits/-/new")
    page.get_by_label("Name", exact=True).fill("Revenue")
    page.get_by_role("radio", name="Sum").click()
    page.get_by_role("combobox", name="Property", exact=True).fill("total")
    page.get_by_role("combobox", name="Name of the event").fill("Order Completed")
    expect(page.get_by_text("of 2 people get a value")).to_be_visible()
    admin.presses("Create trait")
    admin.heading("Revenue")
    expect(page.get_by_role("table", name="Top profiles")).to_contain_text(
        re.compile("ann.*150.*bob.*20", re.DOTALL)
    )

    page.get_by_role("tab", name="Settings").click()
    admin.presses("Delete…")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Its value is removed from every profile.")
    dialog.get_by_label("Type revenue to confirm").fill("revenue")
    dialog.get_by_role("button", name="Delete trait").click()
    admin.heading("Traits")
    assert platform.ask("GET", "/traits")["data"] == []
    assert admin.problems == []


def test_audience_when_a_destination_is_connected_then_numbers_first_and_the_file_has_everybody(
    platform: Running, admin: Person, tmp_path: Path
) -> None:
    platform.ask("PUT", "/destinations/crm", {"type": "webhook", "settings": {"url": "http://127.0.0.1:9/x"}})
    platform.ask("PUT", "/audiences/buyers", {"where": {"event": "Order Completed"}})
    for user in ("ann", "bob"):
        buys(platform, user, 10)
    page = admin.page
    admin.goes_to("/audiences/buyers?tab=members")
    expect(page.get_by_role("region", name="Members of buyers").get_by_role("link")).to_have_count(2)
    admin.presses("Export 2")
    with page.expect_download() as started:
        page.get_by_role("menuitem", name="CSV").click()
    started.value.save_as(tmp_path / "buyers.csv")
    head, *rows = (tmp_path / "buyers.csv").read_text().splitlines()
    assert (head.split(",")[:3], len(rows)) == (["segment_id", "entered_at", "user_id"], 2)

    page.get_by_role("tab", name="Destinations").click()
    page.get_by_role("button", name="Connect a destination").first.click()
    drawer = page.get_by_role("dialog")
    option(page, drawer.get_by_role("combobox", name="Destination"), "crm")
    expect(drawer).to_contain_text("2 of 2 members are sent to crm: 4 messages")
    drawer.get_by_role("checkbox", name=re.compile("track")).uncheck()
    expect(drawer).to_contain_text("2 of 2 members are sent to crm: 2 messages")
    drawer.get_by_role("button", name="Connect").click()
    expect(drawer).to_be_hidden()
    assert platform.ask("GET", "/audiences/buyers")["connections"] == [{"name": "crm", "send": ["identify"]}]
    assert admin.problems == []
