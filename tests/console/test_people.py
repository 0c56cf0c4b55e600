"""People in the console: found, explained, put apart, forgotten."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator

from acceptance.stand import until

from .person import Person
from .running import Running

SEEN_S_MAX = 30
"""For what the pipeline does with a few events, beside a busy browser."""


def device(platform: Running, device: str, event: str, user: str = "") -> None:
    named = {"userId": user} if user else {}
    platform.send("wk_website", "track", {"anonymousId": device, "event": event, **named})


def identify(platform: Running, name: str, **who: str) -> None:
    traits = {"name": name, "email": f"{name.lower()}@example.com"}
    platform.send("wk_website", "identify", {**who, "traits": traits})


def one_of_two(platform: Running) -> None:
    """Ann, and Bob, whose tablet she has used to sign in: one profile since then."""
    identify(platform, "Ann", userId="ann", anonymousId="laptop")
    identify(platform, "Bob", anonymousId="tablet")
    device(platform, "tablet", "Lamp Viewed")
    device(platform, "tablet", "Signed In", "ann")
    until(lambda: owner(platform, "user_id:ann") == owner(platform, "email:bob@example.com"), SEEN_S_MAX)


def owner(platform: Running, who: str) -> str:
    found = platform.ask("POST", "/profiles/search", {"text": who})["data"]
    return str(found[0]["segment_id"]) if found else who


def finds(person: Person, text: str) -> None:
    """By what somebody has on a note; the one profile that is found is opened."""
    person.page.get_by_role("link", name="Profiles", exact=True).click()
    person.heading("Profiles")
    person.page.get_by_label("Find a profile").fill(text)
    person.sees("exactly this id")
    person.page.get_by_role("region", name="Profiles found").get_by_role("link").first.click()
    person.page.get_by_role("tab", name="Traits").wait_for()


def opens(person: Person, tab: str) -> None:
    person.page.get_by_role("tab", name=tab).click()


def dialog(person: Person, title: str) -> Locator:
    found = person.page.get_by_role("dialog", name=title)
    found.wait_for()
    return found


def test_merge_when_it_was_a_mistake_then_it_is_found_explained_and_undone(
    platform: Running, admin: Person
) -> None:
    one_of_two(platform)
    finds(admin, "bob@example.com")
    opens(admin, "Identity")
    admin.sees("2 profiles merged into one, known by 5 external ids.")
    admin.page.get_by_role("button", name="Merged profile").click()
    admin.page.get_by_text("Merged by", exact=True).wait_for()
    admin.page.get_by_role("link", name="Signed In").wait_for()
    admin.presses("Undo this merge")
    asked = dialog(admin, "Undo merge")
    stays, comes_back = asked.get_by_label("Side 1"), asked.get_by_label("Side 2")
    stays.get_by_text("ann@example.com").first.wait_for()
    comes_back.get_by_text("bob@example.com").first.wait_for()
    assert comes_back.get_by_text("ann@example.com").count() == 0
    asked.get_by_text("will never be merged again").wait_for()
    asked.get_by_role("button", name="Split profiles").click()
    admin.sees("Profiles were split")
    admin.sees("Never merged, known by")
    admin.sees("Undone merges")
    assert "tab=identity" in admin.page.url, "what is seen can be sent to somebody"
    assert owner(platform, "user_id:ann") != owner(platform, "email:bob@example.com")
    assert admin.problems == []


def test_merge_when_it_is_read_with_the_keyboard_then_arrows_lead_and_the_table_says_the_same(
    platform: Running, admin: Person
) -> None:
    one_of_two(platform)
    admin.goes_to("/profiles/user_id:ann?tab=identity")
    root = admin.page.get_by_role("button", name="This profile")
    root.focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        admin.page.keyboard.press(key)
    admin.page.wait_for_url("**node=**")
    admin.page.get_by_text("Table", exact=True).click()
    table = admin.page.get_by_role("table", name="External ids and merges")
    for value in ("ann", "laptop", "tablet", "bob@example.com"):
        table.get_by_text(value, exact=True).first.wait_for()
    table.get_by_role("link", name="Signed In").wait_for()
    assert admin.problems == []


def test_profile_when_it_is_opened_then_its_story_and_why_it_is_in_an_audience(
    platform: Running, admin: Person
) -> None:
    platform.ask("PUT", "/audiences/buyers", {"name": "Buyers", "where": {"event": "Order Completed"}})
    platform.ask("PUT", "/traits/orders", {"kind": "event_count", "event": "Order Completed"})
    identify(platform, "Ann", userId="ann", anonymousId="laptop")
    platform.track("wk_backend", "ann", "Order Completed", total=42)
    until(lambda: platform.ask("GET", "/audiences/buyers")["size"] == 1, SEEN_S_MAX)
    page = admin.page
    admin.goes_to("/profiles/user_id:ann")
    activity = page.get_by_role("list", name="Recent activity")
    activity.get_by_text("Order Completed").wait_for()
    activity.get_by_text("total: 42").wait_for()
    page.get_by_role("region", name="Audiences").get_by_role("link", name="Buyers").wait_for()
    page.get_by_role("button", name="All traits").click()
    traits = page.get_by_role("region", name="Traits")
    traits.get_by_text("The number of Order Completed events").wait_for()
    traits.get_by_text("Changed by").wait_for()
    opens(admin, "Audiences")
    page.get_by_role("region", name="Audiences").get_by_role("link", name="Order Completed").click()
    page.wait_for_url("**/events/**")
    assert admin.problems == []


def test_person_when_they_want_to_be_forgotten_then_numbers_come_first_and_nothing_is_left(
    platform: Running, admin: Person
) -> None:
    identify(platform, "Ann", userId="ann", anonymousId="laptop")
    platform.track("wk_backend", "ann", "Order Completed", total=42)
    identify(platform, "Bob", userId="bob")
    until(lambda: len(platform.sql("SELECT 1 FROM events")) == 3, SEEN_S_MAX)
    finds(admin, "ann")
    opens(admin, "Privacy")
    admin.presses("Suppress and delete…")
    asked = dialog(admin, "Suppress and delete: user ann")
    asked.get_by_text("1 profile with 2 events will be permanently deleted").wait_for()
    asked.get_by_text("2 stored events in the lake will be deleted").wait_for()
    button = asked.get_by_role("button", name="Suppress and delete")
    assert button.is_disabled()
    asked.get_by_label("Type ann to confirm").fill("ann")
    button.click()
    admin.sees("Request submitted")
    admin.sees("Profile not found")
    admin.page.get_by_role("link", name="Privacy", exact=True).click()
    admin.heading("Privacy")
    admin.sees("Suppress and delete: 1 user")
    admin.sees("Deleted everywhere but in the logs")
    opens(admin, "Suppressed users")
    admin.page.get_by_label("Find a user").fill("ann")
    admin.sees("Id not kept")
    opens(admin, "Audit")
    admin.sees("looked through again: no stored event of these users is left")
    platform.track("wk_backend", "ann", "Order Completed", total=43)
    platform.track("wk_backend", "bob", "Order Completed", total=44)
    until(lambda: len(platform.sql("SELECT 1 FROM events WHERE user_id = 'bob'")) == 2, SEEN_S_MAX)
    assert platform.sql("SELECT 1 FROM events WHERE user_id = 'ann'") == []


@pytest.mark.parametrize("width", [1280, 390])
def test_people_when_conditions_are_asked_then_the_address_has_them(
    platform: Running, visit: Callable[..., Person], width: int
) -> None:
    for number in range(3):
        traits = {"name": f"Ann {number}", "age": 30 + number}
        platform.send("wk_website", "identify", {"userId": f"ann-{number}", "traits": traits})
    until(lambda: len(platform.ask("POST", "/profiles/search", {"text": "ann"})["data"]) == 3, SEEN_S_MAX)
    person = visit(viewport={"width": width, "height": 844})
    person.signs_in(platform.has_admin())
    person.goes_to("/profiles")
    person.sees("Recently active")
    person.presses("Filter by trait")
    person.page.get_by_role("combobox", name="Trait").fill("age")
    person.page.keyboard.press("Tab")  # puts away the suggestions, which lie over what is below at 390
    person.page.get_by_role("combobox", name="Comparison").click()
    person.page.get_by_role("option", name="is more than").click()
    person.page.get_by_role("textbox", name="Value").fill("30")
    found = person.page.get_by_role("region", name="Profiles found")
    found.get_by_role("link", name="Ann 2").wait_for()
    assert found.get_by_role("link", name="Ann 0").count() == 0
    person.goes_to(person.page.url.removeprefix(platform.console))
    found.get_by_role("link", name="Ann 1").wait_for()
    assert person.page.evaluate("document.documentElement.scrollWidth") <= width
    assert person.problems == []
