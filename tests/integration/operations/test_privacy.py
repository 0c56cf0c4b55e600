"""Privacy as people and programs ask for it: over the private API and on the command line, here and remote."""

import json
import subprocess
from typing import Any

import msgspec
import pytest
from platforms import HEADWATER, Platform, environment

SECRET_ID = "id-nobody-may-log-77"


def post(platform: Platform, path: str, body: Any) -> Any:
    return platform.api(path, method="POST", body=msgspec.json.encode(body))


def regulate(platform: Platform, type_: str, *ids: str) -> str:
    body = {"regulationType": type_, "subjectType": "USER_ID", "subjectIds": list(ids)}
    answer = post(platform, "/regulations", body)
    assert answer.status == 200, answer.body
    found: str = answer.json()["data"]["regulateId"]
    return found


def command(
    platform: Platform, *arguments: str, remote: bool = False, stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    where = [] if remote else ["--data", str(platform.data)]
    variables = {
        "HEADWATER_URL": f"http://127.0.0.1:{platform.serve_port}",
        "HEADWATER_TOKEN": (platform.data / "admin-token").read_text().strip(),
    }
    return subprocess.run(
        [*HEADWATER, "privacy", *arguments, *where],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        input=stdin,
        env=environment() | (variables if remote else {}),
    )


def test_api_when_a_user_is_suppressed_then_listed_until_it_is_lifted(running: Platform) -> None:
    regulation = regulate(running, "SUPPRESS_ONLY", "api-ann")

    def suppressed() -> list[str]:
        lines = running.api("/suppressions?limit=1000").json()["data"]
        assert all(line["subjectType"] == "USER_ID" for line in lines)
        return [user for line in lines for user in line["subjectIds"]]

    assert "api-ann" in suppressed()
    found = running.api(f"/regulations/{regulation}").json()
    assert (found["id"], found["regulationType"], found["subjects"]) == (regulation, "SUPPRESS_ONLY", 1)
    assert {system["system"] for system in found["systems"]} == {"processing", "sending"}
    assert regulation in [each["id"] for each in running.api("/regulations").json()["data"]]
    searched = post(running, "/regulations/search", {"subjectId": "api-ann"}).json()["data"]
    assert [each["id"] for each in searched] == [regulation]
    lines = running.api(f"/privacy/audit?regulation={regulation}").json()["data"]
    assert {line["regulation"] for line in lines} == {regulation}
    regulate(running, "UNSUPPRESS", "api-ann")
    assert "api-ann" not in suppressed()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"regulationType": "FORGET", "subjectIds": [SECRET_ID]}, "regulationType"),
        ({"regulationType": "SUPPRESS_ONLY", "subjectType": "EMAIL", "subjectIds": [SECRET_ID]}, "subjectType"),
        ({"regulationType": "SUPPRESS_ONLY", "subjectIds": []}, "subjectIds"),
        ({"regulationType": "SUPPRESS_ONLY", "subjectIds": [SECRET_ID, ""]}, "subjectIds[1]"),
        ({"regulationType": "SUPPRESS_ONLY", "subjectIds": [SECRET_ID] * 5_001}, "subjectIds"),
        ({"regulationType": "SUPPRESS_ONLY", "subjectIds": [SECRET_ID * 2_000]}, "subjectIds[0]"),
    ],
)
def test_api_when_the_request_is_wrong_then_it_says_which_part_and_names_nobody(
    running: Platform, body: dict[str, Any], field: str
) -> None:
    answer = post(running, "/regulations", body)
    assert answer.status == 400
    error = answer.json()["error"]
    assert (error["code"], error["field"]) == ("invalid_regulation", field)
    assert SECRET_ID.encode() not in answer.body
    assert SECRET_ID not in running.log()


def test_api_when_there_is_no_such_regulation_then_404(running: Platform) -> None:
    assert running.api("/regulations/reg_none").status == 404


def test_api_when_lists_are_long_then_pages_go_on(running: Platform) -> None:
    made = [regulate(running, "SUPPRESS_ONLY", f"page-{n}") for n in range(3)]
    seen, cursor = list[str](), ""
    while len(seen) < 3:
        page = running.api(f"/regulations?limit=1{cursor}").json()
        seen += [each["id"] for each in page["data"]]
        cursor = f"&cursor={page['next']}"
    assert seen == made[::-1]


@pytest.mark.parametrize("remote", [False, True])
def test_command_when_users_are_deleted_then_it_says_what_it_does_and_waits(
    running: Platform, remote: bool
) -> None:
    user = f"cli-{remote}"
    planned = command(running, "delete", user, "--dry-run", remote=remote)
    assert planned.returncode == 0, planned.stderr
    assert "1 user, 0 events in the lake" in planned.stdout
    assert post(running, "/regulations/search", {"subjectId": user}).json()["data"] == []

    done = command(
        running,
        "suppress-and-delete",
        "--file",
        "-",
        "--internal-only",
        "--wait",
        remote=remote,
        stdin=f"{user}\n",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for system in ("state", "lake", "delivery", "processing", "sending"):
        assert f"{system}: verified" in done.stdout
    assert user not in done.stdout
    (found,) = json.loads(command(running, "status", "--user", user, "--format", "json", remote=remote).stdout)
    assert found["regulationType"] == "SUPPRESS_WITH_DELETE_INTERNAL"
    listed = command(running, "list", remote=remote).stdout
    assert "deleted as well" in listed
    assert user not in listed
    audited = command(running, "audit", found["id"], remote=remote).stdout
    assert audited.count("lake: ") == 4, "requested, running, done, verified"
    assert user not in running.log()


def test_command_when_nobody_is_named_then_wrong_usage(running: Platform) -> None:
    assert command(running, "suppress").returncode == 2


def test_command_when_too_many_are_named_then_refused_and_nobody_is_repeated(running: Platform) -> None:
    text = "\n".join(f"{SECRET_ID}-{n}" for n in range(5_001))
    refused = command(running, "suppress", "--file", "-", stdin=text)
    assert refused.returncode == 1
    assert "at most 5,000" in refused.stderr
    assert SECRET_ID not in refused.stderr
