"""Versions of the workspace: what each changed, and the way back; and who did it, in the audit log."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from team_api import FILE, TeamApi

from headwater.config import changes
from headwater.destinations import registry
from headwater.profiles.embedded import embedded
from headwater.team.roles import Role

MORE = (
    FILE
    + """
  - {name: mail, type: webhook, settings: {url: "https://mail.example/in?key=other"}}
audiences:
  - {key: buyers, where: {event: Order Completed, count: {op: ">=", value: 1}}}
settings: {lake_visible_s: 7}
"""
)
OTHER = MORE.replace("hush-hush", "new-secret").replace("value: 1", "value: 2")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[TeamApi]:
    """Version 1 is FILE, 2 is MORE, 3 is OTHER."""
    made = TeamApi(tmp_path)
    for text in (MORE, OTHER):
        made.ann.done("PUT", "/workspace", content=text, params={"note": "more"})
    yield made
    made.close()


def paths(answer: dict[str, Any]) -> list[str]:
    return [change["path"] for change in answer["changes"]]


def said(answer: dict[str, Any]) -> list[str]:
    return [each["text"] for each in answer["consequences"]]


def test_versions_when_they_are_paged_then_newest_first(api: TeamApi) -> None:
    first = api.json("/workspace/versions", limit=2)
    assert [(line["version"], line["author"], line["note"]) for line in first["data"]] == [
        (3, "Ann", "more"),
        (2, "Ann", "more"),
    ]
    second = api.json("/workspace/versions", limit=2, cursor=first["next"])
    assert ([line["version"] for line in second["data"]], second["next"]) == ([1], None)
    assert api.error("GET", "/workspace/versions", params={"cursor": "x"})[1]["code"] == "invalid_cursor"


def test_version_when_it_is_looked_at_then_it_says_what_it_changed_and_no_secret(api: TeamApi) -> None:
    second = api.json("/workspace/versions/2")
    assert (second["against"], second["is_current"]) == (1, False)
    assert paths(second) == ["settings", "destinations[mail]", "audiences[buyers]"]
    third = api.json("/workspace/versions/3")
    assert third["is_current"]
    assert "destinations[crm].settings.shared_secret" in paths(third)
    assert "1 audience is computed anew for everybody: buyers" in said(third)
    for secret in ("hush-hush", "new-secret", "key=other", "wk_web"):
        assert secret not in str(second) + str(third)


def test_version_when_it_is_compared_with_another_one_then_both_ways(api: TeamApi) -> None:
    forth, back = (api.json(f"/workspace/versions/{n}", against=m) for n, m in ((3, 1), (1, 3)))
    assert (forth["against"], back["against"]) == (1, 3)
    assert "1 destination is added: mail" in said(forth)
    assert "1 destination goes: mail" in said(back)
    assert api.json("/workspace/versions/3", against=3)["changes"] == []
    assert "sources[web]" in paths(api.json("/workspace/versions/1"))
    for path in ("/workspace/versions/9", "/workspace/versions/1?against=9"):
        assert api.error("GET", path)[0] == 404


def test_roll_back_when_it_is_a_dry_run_then_it_says_what_it_would_do_and_does_nothing(api: TeamApi) -> None:
    answer = api.ann.done("POST", "/workspace/versions/1/rollback", params={"dry_run": True})
    assert (answer["dry_run"], answer["version"]) == (True, 3)
    assert said(answer) == [
        "1 destination goes: mail",
        "1 destination changes: crm",
        "1 audience goes, with what was computed: buyers",
        "the settings change",
    ]
    assert api.json("/workspace")["version"] == 3


def test_roll_back_when_it_is_done_then_it_is_a_new_version_with_the_secrets_of_then(api: TeamApi) -> None:
    then = api.json("/workspace", secrets=True)
    api.ann.done("POST", "/workspace/versions/1/rollback")
    now = api.json("/workspace", secrets=True)
    assert (now["version"], now["author"]) == (4, "Ann")
    assert now["workspace"] != then["workspace"]
    assert now["workspace"]["destinations"][0]["settings"]["shared_secret"] == "hush-hush"
    assert api.json("/workspace/versions/4", against=1)["changes"] == []
    assert api.json("/workspace/versions")["data"][0]["note"] == "back to version 1"
    again = api.ann.done("POST", "/workspace/versions/1/rollback")
    assert (again["version"], again["changes"]) == (4, [])


def test_roll_back_when_it_is_one_item_then_the_others_stay(api: TeamApi) -> None:
    def back(number: int, path: str) -> list[str]:
        answer = api.ann.done("POST", f"/workspace/versions/{number}/rollback", params={"path": path})
        return paths(answer)

    assert back(2, "destinations[crm].settings.shared_secret") == ["destinations[crm].settings.shared_secret"]
    assert back(1, "destinations[mail]") == ["destinations[mail]"]
    assert back(2, "destinations[mail]") == ["destinations[mail]"]
    assert back(1, "settings") == ["settings"]
    assert back(2, "settings.lake_visible_s") == ["settings"]
    names = [each["name"] for each in api.json("/destinations")["data"]]
    assert names == ["crm", "mail"]
    assert api.json("/workspace/versions")["data"][0]["note"] == "settings back to version 2"


@pytest.mark.parametrize(
    ("path", "status"), [("destinations[none]", 404), ("nothing[x]", 400), ("nothing", 400), ("[", 400)]
)
def test_roll_back_when_there_is_no_such_part_then_refused(api: TeamApi, path: str, status: int) -> None:
    assert api.ann.error("POST", "/workspace/versions/1/rollback", params={"path": path})[0] == status
    assert api.json("/workspace")["version"] == 3


def test_roll_back_when_what_was_right_is_not_any_more_then_every_mistake_is_named(
    api: TeamApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [each for each in registry.known_types() if each != "webhook"]
    monkeypatch.setattr(registry, "known_types", lambda: known)
    status, error = api.error("POST", "/workspace/versions/1/rollback")
    assert (status, error["code"]) == (422, "invalid_config")
    assert any("destinations[crm]" in problem["path"] for problem in error["problems"])
    assert api.json("/workspace")["version"] == 3


def test_roll_back_when_somebody_was_faster_then_conflict(api: TeamApi) -> None:
    assert api.ann.error("POST", "/workspace/versions/1/rollback", params={"version": 2}) == (409, "conflict")


# --- the audit log -----------------------------------------------------------------------------------------------


def test_audit_when_versions_are_made_here_and_elsewhere_then_each_stands_once(
    api: TeamApi, tmp_path: Path
) -> None:
    with closing(embedded(tmp_path).config()) as elsewhere:
        changes.apply(elsewhere, FILE, "", registry, "bob@shell", "by hand")
    api.ann.done("POST", "/workspace/versions/3/rollback")
    lines = api.audit(versions=True)
    assert [
        (line["version"], line["actor"], line["operation"], line["means"], line["note"]) for line in lines
    ] == [
        (5, "Ann", "roll_back", "session", "back to version 3"),
        (4, "bob@shell", "workspace_applied", "command", "by hand"),
        (3, "Ann", "put_workspace", "session", "more"),
        (2, "Ann", "put_workspace", "session", "more"),
        (1, "test", "workspace_applied", "command", ""),
    ]
    assert lines == api.audit(versions=True), "to look changes nothing"


def test_audit_when_things_happen_then_who_what_and_by_which_means(api: TeamApi) -> None:
    program = api.browser(authorization=f"Bearer {api.token(Role.EDITOR)}")
    program.done("DELETE", "/destinations/mail")
    api.browser().error("POST", "/session", json={"email": "ann@example.com", "password": "wrong"})
    api.browser().error("POST", "/session", json={"email": "nobody@example.com", "password": "wrong"})
    api.ann.done("POST", "/workspace/versions/1/rollback", params={"dry_run": True})
    api.ann.error("PUT", "/workspace", content="workspace: [")
    api.ask("PUT", "/workspace", content=FILE, params={"author": "carl"})
    keys = ("actor", "role", "means", "operation", "subject", "status", "version")
    assert [tuple(line[key] for key in keys) for line in api.audit(limit=5)] == [
        ("admin token", "admin", "admin token", "put_workspace", "", 200, 5),
        ("somebody unknown", None, None, "sign_in_failed", "", 401, None),
        ("Ann", None, None, "sign_in_failed", "", 401, None),
        ("editor program", "editor", "token", "delete_destination", "mail", 200, 4),
        ("Ann", "admin", "session", "create_team_token", "editor program as editor", 201, None),
    ]
    assert api.json("/workspace")["author"] == "carl"
    assert api.audit(limit=5)[1]["note"] == "127.0.0.1"


def test_audit_when_it_is_filtered_then_by_who_what_and_when(api: TeamApi) -> None:
    me = api.ann.done("GET", "/session")["id"]
    assert {line["actor"] for line in api.audit(actor=me)} == {"Ann"}
    assert {line["operation"] for line in api.audit(operation=["set_up", "sign_in"])} == {"set_up"}
    assert api.audit(until="1h") == []
    assert len(api.audit(since="1h")) == 4
    first = api.json("/audit", limit=3)
    rest = api.json("/audit", limit=3, cursor=first["next"])
    assert [*first["data"], *rest["data"]] == api.audit()
    assert api.error("GET", "/audit", params={"cursor": "1-x"})[1]["code"] == "invalid_cursor"


def test_audit_when_the_disk_refuses_then_the_answer_stands_and_the_log_has_it(
    api: TeamApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from headwater.errors import StorageError

    def refuse(_entry: object) -> None:
        raise StorageError("no room")

    monkeypatch.setattr(api.desk.team.audit, "write", refuse)
    assert api.ann.done("PUT", "/workspace", content=FILE)["version"] == 4
    logged = capsys.readouterr()
    assert "audit entry not written" in logged.out + logged.err
    assert "put_workspace" in logged.out + logged.err


def test_audit_when_it_is_about_one_of_the_customers_people_then_their_id_is_not_there(api: TeamApi) -> None:
    api.ask("POST", "/profiles/email:ann@customer.example/unmerge", json={})
    body = {"regulationType": "SUPPRESS_ONLY", "subjectType": "USER_ID", "subjectIds": ["u-4711"]}
    assert api.ask("POST", "/regulations", json=body).is_success
    shown = str(api.audit())
    assert "create_regulation" in shown
    assert "customer.example" not in shown
    assert "u-4711" not in shown
