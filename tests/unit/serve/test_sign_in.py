"""Setting up, signing in and out, invitations, one's own password and sessions."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from private_api import Api
from team_api import PASSWORD, Browser, TeamApi

from headwater import limits
from headwater.serve.entry import sessions
from headwater.serve.instants import now_ms
from headwater.team.roles import Role


@pytest.fixture
def api(tmp_path: Path) -> Iterator[TeamApi]:
    made = TeamApi(tmp_path)
    yield made
    made.close()


def test_setup_when_somebody_can_sign_in_then_nobody_else_is_made_admin_so(api: TeamApi) -> None:
    assert api.browser().done("GET", "/setup") == {"needed": False}
    second = {"email": "eve@example.com", "password": PASSWORD}
    assert api.browser().error("POST", "/setup", json=second) == (401, "unauthorized")
    refused = api.error("POST", "/setup", json=second)
    assert (refused[0], refused[1]["code"]) == (400, "already_set_up")


def test_setup_when_the_password_is_weak_then_it_waits_still(tmp_path: Path) -> None:
    with closing(Api(tmp_path, "workspace: shop\n")) as api:
        body = {"email": "ann@example.com", "password": "ann@example.com"}
        status, error = api.error("POST", "/setup", json=body)
        assert (status, error["code"], error["field"]) == (400, "weak_password", "password")
        assert api.json("/setup") == {"needed": True}


def test_session_when_signed_in_then_it_says_who_and_of_which_workspace(api: TeamApi) -> None:
    me = api.ann.done("GET", "/session")
    assert (me["name"], me["role"], me["means"], me["email"]) == ("Ann", "admin", "session", "ann@example.com")
    assert (me["workspace"], me["version"], bool(me["csrf_token"])) == ("shop", 1, True)
    assert api.browser().error("GET", "/session") == (401, "unauthorized")
    assert api.json("/session")["means"] == "admin token"


def test_cookie_when_it_is_set_then_only_this_origin_gets_it(api: TeamApi) -> None:
    body = {"email": "ann@example.com", "password": PASSWORD}
    plain = api.browser().ask("POST", "/session", json=body).headers["set-cookie"]
    name, _, rest = plain.partition("=")
    assert name == f"headwater_{api.desk.team.installation}"
    assert {part.strip().lower() for part in rest.split(";")[1:]} >= {"httponly", "path=/", "samesite=strict"}
    assert "secure" not in plain.lower()
    assert "domain" not in plain.lower()
    https = api.browser(**{"x-forwarded-proto": "https"}).ask("POST", "/session", json=body).headers["set-cookie"]
    assert https.startswith("__Host-headwater_")
    assert "; secure" in https.lower()


def test_cookie_when_it_was_set_over_http_then_it_counts_for_nothing_over_https(api: TeamApi) -> None:
    assert api.ann.error("GET", "/session", headers={"x-forwarded-proto": "https"}) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-csrf-token": ""}, "csrf_token_needed"),
        ({"x-csrf-token": "ä"}, "csrf_token_needed"),
        ({"sec-fetch-site": "cross-site"}, "foreign_origin"),
        ({"sec-fetch-site": "same-site"}, "foreign_origin"),
        ({"sec-fetch-site": "none"}, "foreign_origin"),
    ],
)
def test_change_when_it_may_be_from_another_site_then_refused(
    api: TeamApi, headers: dict[str, str], code: str
) -> None:
    raw = {name: value.encode() for name, value in headers.items()}
    assert api.ann.error("PUT", "/workspace", content="workspace: other\n", headers=raw) == (403, code)
    assert api.json("/workspace")["version"] == 1


@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [
        ("http://test", True),
        ("http://test:81", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_change_when_the_browser_only_says_an_origin_then_it_is_compared(
    api: TeamApi, origin: str, is_ours: bool
) -> None:
    """Over plain HTTP to another machine, browsers leave Sec-Fetch-Site out."""
    old = Browser(api)
    old.cookies, old.csrf_token = api.ann.cookies, api.ann.csrf_token
    del old._headers["sec-fetch-site"]
    answer = old.ask("PUT", "/workspace", content="workspace: other\n", headers={"origin": origin})
    assert answer.is_success == is_ours, answer.text


def test_csrf_token_when_it_is_of_another_session_then_refused(api: TeamApi) -> None:
    other = api.browser().sign_in("ann@example.com")
    stolen = {"x-csrf-token": other.csrf_token}
    assert api.ann.error("DELETE", "/sessions", headers=stolen) == (403, "csrf_token_needed")


def test_sign_in_when_something_is_wrong_then_the_answer_does_not_tell_what(api: TeamApi) -> None:
    gone = api.joined("gone@example.com", Role.VIEWER)
    id_ = gone.done("GET", "/session")["id"]
    api.ann.done("PATCH", f"/team/members/{id_}", json={"is_disabled": True})
    api.ann.done("POST", "/team/members", json={"email": "invited@example.com", "role": "viewer"})
    answers = [
        api.browser().ask("POST", "/session", json={"email": email, "password": password})
        for email, password in (
            ("ann@example.com", "correct horse batter"),
            ("nobody@example.com", PASSWORD),
            ("gone@example.com", PASSWORD),
            ("invited@example.com", PASSWORD),
            ("invited@example.com", ""),
        )
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}
    assert not any("set-cookie" in answer.headers for answer in answers)


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_sign_in_when_it_failed_often_then_it_pauses_whether_there_is_such_an_account(
    api: TeamApi, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_ms = now_ms()
    monkeypatch.setattr(sessions, "now_ms", lambda: at_ms)  # to hash may take longer than the pause
    for _ in range(5):
        assert api.browser().error("POST", "/session", json={"email": email, "password": "x"})[0] == 401
    answer = api.browser().ask("POST", "/session", json={"email": email, "password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_attempts")
    assert answer.headers["retry-after"] == "1"


def test_sign_in_when_it_comes_from_another_site_then_refused(api: TeamApi) -> None:
    body = {"email": "ann@example.com", "password": PASSWORD}
    foreign = api.browser(**{"sec-fetch-site": "cross-site"})
    assert foreign.error("POST", "/session", json=body) == (403, "foreign_origin")


def test_sign_in_when_too_many_wait_then_busy_and_no_attempt_is_counted(
    api: TeamApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(limits.team, "PASSWORD_HASHES_WAITING_MAX", 0)
        for _ in range(9):
            answer = api.browser().error("POST", "/session", json={"email": "ann@example.com", "password": "x"})
            assert answer == (503, "busy")
    api.browser().sign_in("ann@example.com")


def test_sign_in_when_the_browser_was_signed_in_then_the_session_before_ends(api: TeamApi) -> None:
    api.ann.sign_in("ann@example.com")
    assert len(api.ann.done("GET", "/sessions")["sessions"]) == 1


def test_sign_out_when_it_is_done_then_the_cookie_opens_nothing(api: TeamApi) -> None:
    kept = dict(api.ann.cookies)
    assert kept
    assert api.ann.done("DELETE", "/session") == {"count": 1}
    assert api.ann.error("GET", "/session") == (401, "unauthorized")
    api.ann.cookies.update(kept)
    assert api.ann.error("GET", "/session") == (401, "unauthorized")


def test_invitation_when_it_is_used_then_they_are_in_and_it_is_used_up(api: TeamApi) -> None:
    invited = api.ann.done("POST", "/team/members", json={"email": "Bob@Example.com", "role": "editor"})
    assert invited["teammate"]["is_invited"]
    token = {"token": invited["link"]["token"]}
    known = api.browser().done("POST", "/invitations/check", json=token)["invited"]
    assert known == {"email": "bob@example.com", "name": "bob", "role": "editor", "is_new": True}
    weak = token | {"password": "bob@example.com"}
    assert api.browser().error("POST", "/invitations/accept", json=weak) == (400, "weak_password")
    bob = api.browser()
    me = bob.done("POST", "/invitations/accept", json=token | {"password": PASSWORD, "name": "Bob B"})
    assert (me["name"], me["role"]) == ("Bob B", "editor")
    assert bob.done("GET", "/session")["name"] == "Bob B"
    assert api.browser().done("POST", "/invitations/check", json=token) == {"invited": None}
    used = token | {"password": PASSWORD}
    assert api.browser().error("POST", "/invitations/accept", json=used) == (400, "link_used_up")


def test_reset_when_the_link_is_used_then_the_old_password_and_sessions_are_over(api: TeamApi) -> None:
    bob = api.joined("bob@example.com", Role.VIEWER)
    id_ = bob.done("GET", "/session")["id"]
    link = api.ann.done("POST", f"/team/members/{id_}/password-reset")
    assert bob.done("GET", "/session")["id"] == id_, "nothing has happened yet"
    again = api.browser()
    again.done("POST", "/invitations/accept", json={"token": link["token"], "password": "another fine password"})
    assert bob.error("GET", "/session") == (401, "unauthorized")
    body = {"email": "bob@example.com", "password": PASSWORD}
    assert api.browser().error("POST", "/session", json=body) == (401, "wrong_password")
    api.browser().sign_in("bob@example.com", "another fine password")


def test_name_when_somebody_changes_their_own_then_it_is_theirs_everywhere_and_in_the_audit_log(
    api: TeamApi,
) -> None:
    bob = api.joined("bob@example.com", Role.VIEWER)
    assert bob.done("PUT", "/session/name", json={"name": "  Bob Byte "})["name"] == "Bob Byte"
    assert bob.done("GET", "/session")["name"] == "Bob Byte"
    names = {each["email"]: each["name"] for each in api.json("/team/members")["data"]}
    assert names["bob@example.com"] == "Bob Byte"
    entry = api.audit(operation="change_name")[0]
    assert (entry["actor"], entry["role"], entry["subject"]) == ("bob", "viewer", "Bob Byte")


def test_name_when_it_is_none_or_nobody_is_signed_in_then_refused(api: TeamApi) -> None:
    for name in ("", "   ", "two\nlines", "x" * 101):
        assert api.ann.error("PUT", "/session/name", json={"name": name})[0] == 400
    assert api.ann.done("GET", "/session")["name"] == "Ann"
    assert api.error("PUT", "/session/name", json={"name": "Admin"})[0] == 409


def test_password_when_it_is_changed_then_this_browser_stays_in_and_others_do_not(api: TeamApi) -> None:
    other = api.browser().sign_in("ann@example.com")
    wrong = {"current": "not the password", "new": "another fine password"}
    assert api.ann.error("PUT", "/session/password", json=wrong) == (401, "wrong_password")
    assert other.done("GET", "/session")
    api.ann.done("PUT", "/session/password", json={"current": PASSWORD, "new": "another fine password"})
    assert api.ann.done("GET", "/session")["name"] == "Ann"
    assert other.error("GET", "/session") == (401, "unauthorized")
    assert api.error("PUT", "/session/password", json={"current": PASSWORD, "new": PASSWORD})[0] == 409


def test_sessions_when_there_are_several_then_they_are_ones_own_and_can_be_ended(api: TeamApi) -> None:
    bob = api.joined("bob@example.com", Role.VIEWER)
    second, third = (api.browser().sign_in("bob@example.com") for _ in range(2))
    listed = bob.done("GET", "/sessions")["sessions"]
    assert [each["is_current"] for each in listed].count(True) == 1
    assert {each["agent"] for each in listed} == {"a browser"}
    anns = api.ann.done("GET", "/sessions")["sessions"][0]["id"]
    assert bob.done("DELETE", f"/sessions/{anns}") == {"count": 0}
    assert bob.done("DELETE", f"/sessions/{second.done('GET', '/session')['session']}") == {"count": 1}
    assert second.error("GET", "/session") == (401, "unauthorized")
    assert bob.done("DELETE", "/sessions") == {"count": 1}
    assert third.error("GET", "/session") == (401, "unauthorized")
    assert bob.done("GET", "/session")


def test_roles_when_somebody_is_demoted_then_they_are_signed_out_at_once(api: TeamApi) -> None:
    bob = api.joined("bob@example.com", Role.EDITOR)
    id_ = bob.done("GET", "/session")["id"]
    api.ann.done("PATCH", f"/team/members/{id_}", json={"role": "viewer"})
    assert bob.error("GET", "/session") == (401, "unauthorized")
    assert bob.sign_in("bob@example.com").done("GET", "/session")["role"] == "viewer"


def test_team_when_it_is_about_the_last_admin_then_refused(api: TeamApi) -> None:
    id_ = api.ann.done("GET", "/session")["id"]
    assert api.ann.error("DELETE", f"/team/members/{id_}") == (400, "last_admin")
    assert api.ann.error("PATCH", f"/team/members/{id_}", json={"role": "viewer"}) == (400, "last_admin")
    assert [each["email"] for each in api.ann.done("GET", "/team/members")["data"]] == ["ann@example.com"]


def test_token_when_it_is_revoked_then_it_opens_nothing_at_once(api: TeamApi) -> None:
    secret = api.token(Role.VIEWER)
    program = api.browser(authorization=f"Bearer {secret}")
    assert program.done("GET", "/session")["means"] == "token"
    (line,) = api.ann.done("GET", "/team/tokens")["data"]
    assert line["prefix"] == secret[: len(line["prefix"])]
    assert secret not in str(line)
    api.ann.done("DELETE", f"/team/tokens/{line['id']}")
    assert program.error("GET", "/session") == (401, "unauthorized")


def test_token_when_it_is_an_admins_then_it_needs_an_end(api: TeamApi) -> None:
    body = {"name": "x", "role": "admin"}
    assert api.ann.error("POST", "/team/tokens", json=body) == (400, "invalid_request")
    assert api.ann.done("POST", "/team/tokens", json=body | {"days": 1})["token"]["ends_at"]


def test_token_when_a_wrong_one_comes_with_a_right_cookie_then_the_token_counts(api: TeamApi) -> None:
    wrong = {"authorization": "Bearer hwt_nothing"}
    assert api.ann.error("GET", "/session", headers=wrong) == (401, "unauthorized")
