"""Settings, flags and identity rules in the console: what is changed is shown before, and is what is made."""

from playwright.sync_api import Locator

from .person import Person
from .running import Running


def saves(person: Person, title: str) -> Locator:
    """Reviews and saves; the dialog that was shown, gone by now."""
    person.presses("Review and save")
    dialog = person.page.get_by_role("dialog", name=title)
    dialog.get_by_label("Why").wait_for()
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="hidden")
    return dialog


def test_settings_when_one_is_changed_then_only_that_is_in_the_file_and_the_default_is_one_click_away(
    platform: Running, admin: Person
) -> None:
    before = platform.ask("GET", "/settings")["settings"]
    admin.goes_to("/settings")
    admin.page.get_by_label("Window for duplicates", exact=True).fill("7")
    admin.presses("Review and save")
    dialog = admin.page.get_by_role("dialog", name="Save the settings")
    dialog.get_by_text("settings.dedupe_window_s").wait_for()
    dialog.get_by_text("604800").wait_for()
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="hidden")
    assert platform.ask("GET", "/settings")["settings"] == before | {"dedupe_window_s": 7 * 86_400}
    admin.page.get_by_role("textbox", name="Public address").fill("nowhere")
    admin.presses("Review and save")
    dialog = admin.page.get_by_role("dialog", name="Save the settings")
    dialog.get_by_text("expected http:// or https://").wait_for()
    dialog.get_by_role("button", name="Back").click()
    admin.sees("expected http:// or https://")
    admin.page.get_by_role("tab", name="Profile API").click()
    question = admin.page.get_by_role("dialog", name="What you have changed is not saved")
    question.get_by_role("button", name="Stay here").click()
    question.wait_for(state="hidden")
    admin.presses("Discard")
    assert admin.page.get_by_role("textbox", name="Public address").input_value() == ""


def test_settings_when_somebody_else_was_faster_then_nothing_of_theirs_is_lost(
    platform: Running, admin: Person
) -> None:
    admin.goes_to("/settings")
    admin.page.get_by_label("Window for duplicates", exact=True).fill("7")
    admin.presses("Review and save")
    dialog = admin.page.get_by_role("dialog", name="Save the settings")
    dialog.get_by_text("settings.dedupe_window_s").wait_for()
    platform.ask("PUT", "/settings/tier", {"tier": "gold"})
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_text("somebody else has changed it").wait_for()
    assert "dedupe_window_s" not in platform.ask("GET", "/settings")["settings"]


def test_flag_when_it_is_turned_then_it_is_in_force_and_can_be_what_it_was(
    platform: Running, admin: Person
) -> None:
    admin.goes_to("/flags")
    admin.page.get_by_role("switch", name="Use shadow_sync").locator("..").click()
    slider = admin.page.get_by_role("slider").nth(1)
    slider.focus()
    slider.press("Home")
    for _ in range(10):
        slider.press("ArrowRight")
    admin.page.get_by_role("button", name="Review and save").nth(1).click()
    dialog = admin.page.get_by_role("dialog", name="Turn shadow_sync")
    dialog.get_by_text("flags[shadow_sync]").wait_for()
    dialog.get_by_role("button", name="Save").click()
    admin.sees("on for 10%")
    flags = {line["name"]: line for line in platform.ask("GET", "/flags")["data"]}
    assert flags["shadow_sync"]["percentage_now"] == 10
    admin.presses("Back to the default")
    dialog = admin.page.get_by_role("dialog", name="shadow_sync as by default")
    dialog.get_by_text("By default it is off for everyone").wait_for()
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="hidden")
    flags = {line["name"]: line for line in platform.ask("GET", "/flags")["data"]}
    assert flags["shadow_sync"]["flag"] is None


def test_identity_when_a_rule_is_changed_then_the_order_of_all_others_stays(
    platform: Running, admin: Person
) -> None:
    order = [rule["type"] for rule in platform.ask("GET", "/identity")["rules"]]
    admin.goes_to("/settings?tab=identity")
    admin.presses("Change: rule of email")
    drawer = admin.page.get_by_role("dialog", name="email")
    drawer.get_by_label("Values of one profile", exact=True).fill("3")
    drawer.get_by_role("button", name="Done").click()
    saves(admin, "Save the identity rules")
    found = platform.ask("GET", "/identity")
    assert found["identity"]["external_ids"] == [{"type": "user_id"}, {"type": "email", "limit": 3}]
    assert [rule["type"] for rule in found["rules"]] == order
    admin.presses("Move anonymous_id up")
    admin.page.get_by_label("Another type").fill("phone")
    admin.presses("Add it")
    saves(admin, "Save the identity rules")
    assert "phone" in [rule["type"] for rule in platform.ask("GET", "/identity")["rules"]]


def test_profile_api_when_a_token_is_made_then_it_opens_profiles_and_is_shown_once(
    platform: Running, admin: Person
) -> None:
    admin.goes_to("/settings?tab=profile-api")
    admin.page.get_by_label("Another token").fill("shop front")
    admin.presses("Make it")
    dialog = admin.page.get_by_role("dialog", name="The token shop front")
    token = dialog.locator("code").inner_text()
    assert token.startswith("pa_")
    dialog.get_by_role("button", name="I have it").click()
    admin.presses("Delete shop front")
    dialog = admin.page.get_by_role("dialog", name="Delete the token shop front")
    dialog.get_by_role("button", name="Delete the token").click()
    admin.sees("There is none")
    assert platform.ask("GET", "/profile-api")["tokens"] == []
