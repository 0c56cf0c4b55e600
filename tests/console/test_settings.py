"""Settings, flags and identity rules in the console: what is changed is shown before, and is what is made."""

from playwright.sync_api import Locator

from .person import Person
from .running import Running


def saves(person: Person, title: str) -> Locator:
    """Reviews and saves; the dialog that was shown, gone by now."""
    person.presses("Review and save")
    dialog = person.page.get_by_role("dialog", name=title)
    dialog.get_by_label("Note").wait_for()
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="hidden")
    return dialog


def test_settings_when_one_is_changed_then_only_that_is_in_the_file_and_the_default_is_one_click_away(
    platform: Running, admin: Person
) -> None:
    before = platform.ask("GET", "/settings")["settings"]
    admin.goes_to("/settings")
    admin.page.get_by_label("Deduplication window", exact=True).fill("7")
    admin.presses("Review and save")
    dialog = admin.page.get_by_role("dialog", name="Save settings")
    dialog.get_by_text("settings.dedupe_window_s").wait_for()
    dialog.get_by_text("30 days").wait_for()
    dialog.get_by_text("7 days").wait_for()
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="hidden")
    assert platform.ask("GET", "/settings")["settings"] == before | {"dedupe_window_s": 7 * 86_400}
    admin.page.get_by_role("textbox", name="Public URL").fill("nowhere")
    admin.presses("Review and save")
    dialog = admin.page.get_by_role("dialog", name="Save settings")
    dialog.get_by_text("expected http:// or https://").wait_for()
    dialog.get_by_role("button", name="Back").click()
    admin.sees("expected http:// or https://")
    admin.page.get_by_role("tab", name="Profile API").click()
    question = admin.page.get_by_role("dialog", name="You have unsaved changes")
    question.get_by_role("button", name="Keep editing").click()
    question.wait_for(state="hidden")
    admin.presses("Discard")
    assert admin.page.get_by_role("textbox", name="Public URL").input_value() == ""


def test_settings_when_somebody_else_was_faster_then_nothing_of_theirs_is_lost(
    platform: Running, admin: Person
) -> None:
    admin.goes_to("/settings")
    admin.page.get_by_label("Deduplication window", exact=True).fill("7")
    admin.presses("Review and save")
    dialog = admin.page.get_by_role("dialog", name="Save settings")
    dialog.get_by_text("settings.dedupe_window_s").wait_for()
    platform.ask("PUT", "/settings/tier", {"tier": "gold"})
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_text("somebody else has changed it").wait_for()
    assert "dedupe_window_s" not in platform.ask("GET", "/settings")["settings"]


def test_flag_when_it_is_turned_then_it_is_in_force_and_can_be_what_it_was(
    platform: Running, admin: Person
) -> None:
    admin.goes_to("/flags")
    admin.page.get_by_role("switch", name="Turn on Shadow sync").locator("..").click()
    slider = admin.page.get_by_role("slider").nth(1)
    slider.focus()
    slider.press("Home")
    for _ in range(10):
        slider.press("ArrowRight")
    admin.presses("Review and save")
    dialog = admin.page.get_by_role("dialog", name="Save Shadow sync")
    dialog.get_by_text("flags[shadow_sync]").wait_for()
    dialog.get_by_role("button", name="Save").click()
    admin.sees("on for 10%")
    flags = {line["name"]: line for line in platform.ask("GET", "/flags")["data"]}
    assert flags["shadow_sync"]["percentage_now"] == 10
    admin.presses("Reset to default")
    dialog = admin.page.get_by_role("dialog", name="Reset Shadow sync")
    dialog.get_by_text("Its default is off for everyone").wait_for()
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="hidden")
    flags = {line["name"]: line for line in platform.ask("GET", "/flags")["data"]}
    assert flags["shadow_sync"]["flag"] is None


def test_identity_when_a_rule_is_changed_then_the_order_of_all_others_stays(
    platform: Running, admin: Person
) -> None:
    order = [rule["type"] for rule in platform.ask("GET", "/identity")["rules"]]
    admin.goes_to("/settings?tab=identity")
    admin.presses("Edit email")
    drawer = admin.page.get_by_role("dialog", name="email")
    drawer.get_by_label("Values per profile", exact=True).fill("3")
    drawer.get_by_role("button", name="Done").click()
    saves(admin, "Save identity rules")
    found = platform.ask("GET", "/identity")
    assert found["identity"]["external_ids"] == [{"type": "user_id"}, {"type": "email", "limit": 3}]
    assert [rule["type"] for rule in found["rules"]] == order
    admin.presses("Move anonymous_id up")
    admin.page.get_by_label("New type").fill("phone")
    admin.presses("Add type")
    saves(admin, "Save identity rules")
    assert "phone" in [rule["type"] for rule in platform.ask("GET", "/identity")["rules"]]


def test_profile_api_when_a_token_is_made_then_it_opens_profiles_and_is_shown_once(
    platform: Running, admin: Person
) -> None:
    admin.goes_to("/settings?tab=profile-api")
    admin.page.get_by_label("New token").fill("shop front")
    admin.presses("Create token")
    dialog = admin.page.get_by_role("dialog", name="Token shop front")
    token = dialog.locator("code").inner_text()
    assert token.startswith("pa_")
    dialog.get_by_role("button", name="Done").click()
    admin.presses("Delete shop front")
    dialog = admin.page.get_by_role("dialog", name="Delete token shop front")
    dialog.get_by_role("button", name="Delete token").click()
    admin.sees("No tokens yet")
    assert platform.ask("GET", "/profile-api")["tokens"] == []
