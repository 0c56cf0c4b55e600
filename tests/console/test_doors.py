"""Getting in, what one may do inside, and the way back: first run, invitation, viewer, a bad change undone."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from .person import PASSWORD, Person
from .running import Running

Visit = Callable[..., Person]

ASK_AS_THE_PAGE_DOES = """
async ([method, path]) => {
  const { csrf_token } = await (await fetch("/api/v1/session")).json();
  const answer = await fetch(path, { method, headers: { "X-CSRF-Token": csrf_token }, body: "{}" });
  return answer.status;
}
"""


def test_first_run_when_somebody_follows_the_link_then_they_are_admin_and_the_link_is_forgotten(
    platform: Running, visit: Visit
) -> None:
    ada = visit()
    ada.page.goto(platform.console)
    ada.heading("Welcome to Headwater")
    ada.page.goto("about:blank")  # a link that is only another part of the same page would not load it
    ada.page.goto(f"{platform.console}/setup#token={platform.token}")
    ada.page.get_by_label("Your name").fill("Ada")
    ada.page.get_by_label("Email").fill("ada@shop.example")
    password = ada.page.get_by_role("textbox", name="Password")
    password.fill("ada@shop.example")
    ada.presses("Create admin account")
    ada.sees("among the first that somebody would try")
    assert platform.token not in ada.page.url
    password.fill(PASSWORD)
    ada.presses("Create admin account")
    ada.heading("Overview")
    late = visit()
    late.page.goto(f"{platform.console}/setup")
    late.heading("Headwater is already set up")


def test_viewer_when_they_are_invited_then_they_can_look_and_not_edit(
    admin: Person, platform: Running, visit: Visit
) -> None:
    admin.goes_to("/team")
    admin.presses("Invite teammate")
    admin.page.get_by_label("Email").fill("vera@shop.example")
    admin.page.get_by_role("radio", name="Viewer").check()
    admin.presses("Create invitation")
    link = admin.page.get_by_label("Link", exact=True)
    link.wait_for()
    invitation = link.input_value()
    admin.presses("Done")
    admin.page.get_by_role("row").filter(has_text="vera@shop.example").get_by_text("invited").wait_for()

    vera = visit()
    vera.page.goto(invitation)
    vera.heading("Welcome to the team")
    vera.page.get_by_label("Your name").fill("Vera")
    vera.page.get_by_role("textbox", name="Password").fill(PASSWORD)
    vera.presses("Join")
    vera.heading("Overview")
    vera.goes_to("/sources")
    vera.sees("website")
    vera.goes_to("/history?version=1")
    vera.sees("Compared with")
    vera.goes_to("/history?tab=log")
    vera.sees("Only admins can see the audit log")
    vera.goes_to("/team")
    vera.sees("Only admins can see and manage the team")

    before = platform.ask("GET", "/workspace")["version"]
    for method, path in (
        ("DELETE", "/api/v1/sources/website"),
        ("POST", "/api/v1/workspace/versions/1/rollback"),
        ("POST", "/api/v1/team/tokens"),
    ):
        assert vera.page.evaluate(ASK_AS_THE_PAGE_DOES, [method, path]) == 403
    assert platform.ask("GET", "/workspace")["version"] == before

    again = visit()
    again.page.goto(invitation)
    again.heading("This link does not work")


def test_viewer_when_there_is_something_to_undo_then_the_button_tells_who_may(
    platform: Running, visit: Visit
) -> None:
    platform.has_admin()
    invited = platform.ask("POST", "/team/members", {"email": "vera@shop.example", "role": "viewer"}, status=201)
    platform.ask("DELETE", "/sources/website")
    vera = visit()
    vera.page.goto(f"{platform.console}/join#token={invited['link']['token']}")
    vera.page.get_by_role("textbox", name="Password").fill(PASSWORD)
    vera.presses("Join")
    vera.heading("Overview")
    vera.goes_to("/history")
    undo = vera.page.get_by_role("button", name="Undo")
    expect(undo).to_be_disabled()
    vera.page.locator("span", has=undo).last.focus()
    vera.sees("Only editors and admins can do this")


def test_bad_change_when_it_is_undone_then_the_source_is_there_again_with_its_key(
    admin: Person, platform: Running
) -> None:
    platform.ask("DELETE", "/sources/website")
    admin.goes_to("/history")
    newest = admin.page.get_by_role("row").filter(has_text="current")
    expect(newest).to_contain_text("Source website deleted")
    newest.get_by_role("button", name="Undo").click()
    dialog = admin.page.get_by_role("dialog", name="Undo version 2")
    dialog.get_by_text("1 source is added: website").wait_for()
    dialog.get_by_role("button", name="Undo change").click()
    admin.sees("This is now version 3 of the workspace.")
    expect(admin.page.get_by_role("row").filter(has_text="current")).to_contain_text("Back to version 1")
    keys = {each["name"]: each["write_key"] for each in platform.ask("GET", "/sources")["data"]}
    assert keys["website"] == "wk_website"
    admin.goes_to("/history?tab=log")
    entry = admin.page.get_by_role("row").filter(has_text="Restored an earlier version")
    expect(entry).to_contain_text("Ada")


def test_bad_change_when_only_a_part_of_it_is_taken_back_then_the_rest_stays(
    admin: Person, platform: Running
) -> None:
    file = {"workspace": "shop", "sources": [{"name": "website", "type": "javascript", "enabled": False}]}
    platform.ask("PUT", "/workspace", file)
    admin.goes_to("/history?version=2")
    admin.presses("Undo only source website")
    dialog = admin.page.get_by_role("dialog", name="Undo only source website")
    dialog.get_by_text("1 source changes: website").wait_for()
    dialog.get_by_role("button", name="Undo").click()
    admin.sees("This is now version 3 of the workspace.")
    assert [(each["name"], each["enabled"]) for each in platform.ask("GET", "/sources")["data"]] == [
        ("website", True)
    ]


def test_session_when_it_has_ended_then_one_signs_in_and_comes_back_to_where_one_was(
    admin: Person, platform: Running
) -> None:
    admin.goes_to("/history?tab=log&since=7d")
    (ada,) = platform.ask("GET", "/team/members")["data"]
    bob = platform.ask("POST", "/team/members", {"email": "bob@shop.example", "role": "admin"}, status=201)
    accepted = {"token": bob["link"]["token"], "password": PASSWORD}
    platform.ask("POST", "/invitations/accept", accepted)  # so that Ada is not the last admin
    platform.ask("PATCH", f"/team/members/{ada['id']}", {"role": "editor"})
    platform.ask("PATCH", f"/team/members/{ada['id']}", {"role": "admin"})
    admin.page.get_by_role("tab", name="Versions").click()
    admin.page.reload()
    admin.heading("Sign in")
    assert "next=" in admin.page.url
    admin.page.get_by_label("Email").fill("ada@shop.example")
    admin.page.get_by_role("textbox", name="Password").fill("not the password")
    admin.presses("Sign in")
    admin.sees("Wrong email or password.")
    admin.page.get_by_role("textbox", name="Password").fill(PASSWORD)
    admin.presses("Sign in")
    admin.heading("History")


def test_password_when_the_old_one_is_wrong_then_one_stays_where_one_is(admin: Person, visit: Visit) -> None:
    other = visit()
    other.signs_in("ada@shop.example")
    admin.goes_to("/account")
    now, new = (
        admin.page.get_by_role("textbox", name=re.compile(name)) for name in ("Current password", "New password")
    )
    now.fill("not the password")
    new.fill("another fine password")
    admin.presses("Change password")
    admin.sees("This is not your current password.")
    now.fill(PASSWORD)
    admin.presses("Change password")
    admin.sees("Your password has been changed")
    admin.goes_to("/history")
    other.page.goto(other.url + "/sources")
    other.heading("Sign in")


def test_account_when_somebody_changes_their_name_then_it_is_theirs_in_the_header_and_the_log(
    admin: Person, platform: Running, visit: Visit
) -> None:
    for _ in range(5):  # with this one and that of the setup, more places than are shown at once
        visit().signs_in("ada@shop.example")
    admin.goes_to("/account")
    admin.presses("Show 2 more sessions")
    admin.page.get_by_label("Your name").fill("Ada Lovelace")
    admin.presses("Save name")
    admin.sees("Your name has been changed.")
    admin.page.get_by_role("button", name="AL: Ada Lovelace, admin, your menu").wait_for()
    (ada,) = platform.ask("GET", "/team/members")["data"]
    assert ada["name"] == "Ada Lovelace"
    admin.goes_to("/history?tab=log&kind=entering")
    entry = admin.page.get_by_role("row").filter(has_text="Changed their name")
    expect(entry).to_contain_text("Ada Lovelace")
