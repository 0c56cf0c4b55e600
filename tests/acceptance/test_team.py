"""Setting up, inviting, signing in from a second browser, being a viewer, taking a change back: through the real
processes and the real command line, over HTTP.
"""

import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .system import HEADWATER, START_S_MAX, System

PASSWORD = "correct horse battery"
WORKSPACE = {"workspace": "shop", "sources": [{"name": "web", "type": "server", "write_key": "wk_web"}]}


class Browser:
    """Keeps the one cookie, and sends what goes with it."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._cookie = ""
        self._csrf_token = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        origin = f"http://127.0.0.1:{self._system.serve_port}"
        sent = {"Sec-Fetch-Site": "same-origin", "Origin": origin, "Content-Type": "application/json"}
        sent |= {"Cookie": self._cookie} if self._cookie else {}
        sent |= {"X-CSRF-Token": self._csrf_token} if self._csrf_token else {}
        connection = http.client.HTTPConnection("127.0.0.1", self._system.serve_port, timeout=60)
        with closing(connection):
            connection.request(
                method, f"/api/v1{path}", json.dumps(body) if body is not None else None, sent | headers
            )
            answer = connection.getresponse()
            if cookie := answer.headers["Set-Cookie"]:
                self._cookie = cookie.partition(";")[0]
            read = json.loads(answer.read())
        self._csrf_token = read.get("csrf_token", self._csrf_token)
        return answer.status, read

    def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        status, answer = self.ask(method, path, body, **headers)
        assert status < 300, answer
        return answer


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = System(tmp_path_factory.mktemp("team"), WORKSPACE)
    system.wait_until_ready()
    yield system
    assert system.stop() == 0


@pytest.fixture(scope="module")
def ann(system: System) -> Browser:
    """The first admin, made with the link that `headwater up` has printed."""
    link = welcomed(system)
    assert link.startswith(f"http://127.0.0.1:{system.serve_port}/")
    token = link.partition("#token=")[2]
    browser = Browser(system)
    assert browser.done("GET", "/setup") == {"needed": True}
    first = {"email": "ann@example.com", "password": PASSWORD, "name": "Ann"}
    browser.done("POST", "/setup", first, Authorization=f"Bearer {token}")
    return browser


def welcomed(system: System) -> str:
    """The link of the welcome, which is printed once all roles have said that they are ready."""
    deadline = time.monotonic() + START_S_MAX
    while "/setup#token=" not in system.output() and time.monotonic() < deadline:
        time.sleep(0.05)
    return next(line.strip() for line in system.output().splitlines() if "/setup#token=" in line)


def headwater(system: System, *arguments: str, **environment: str) -> str:
    command = [HEADWATER, *arguments]
    data = {} if environment else {"HEADWATER_DATA": str(system.data)}
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={"PATH": "", **data, **environment}
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_first_run_when_the_link_was_used_then_the_admin_is_in_and_nobody_else_can_be(
    system: System, ann: Browser
) -> None:
    assert ann.done("GET", "/session")["role"] == "admin"
    assert Browser(system).done("GET", "/setup") == {"needed": False}
    second = {"email": "eve@example.com", "password": PASSWORD}
    status, answer = Browser(system).ask("POST", "/setup", second, Authorization=f"Bearer {system.token}")
    assert (status, answer["error"]["code"]) == (400, "already_set_up")


def test_viewer_when_they_try_then_they_can_read_and_not_edit(system: System, ann: Browser) -> None:
    link = ann.done("POST", "/team/members", {"email": "bob@example.com", "role": "viewer"})["link"]
    bob = Browser(system)
    bob.done("POST", "/invitations/accept", {"token": link["token"], "password": PASSWORD})
    assert [each["name"] for each in bob.done("GET", "/sources")["data"]] == ["web"]
    before = ann.done("GET", "/session")["version"]
    for method, path, body in (
        ("PUT", "/sources/other", {"type": "server"}),
        ("DELETE", "/sources/web", None),
        ("POST", "/workspace/versions/1/rollback", None),
        ("POST", "/team/tokens", {"name": "mine", "role": "admin", "days": 1}),
        ("GET", "/audit", None),
        ("GET", "/workspace?secrets=true", None),
    ):
        status, answer = bob.ask(method, path, body)
        assert (status, answer["error"]["code"]) == (403, "forbidden"), path
    assert ann.done("GET", "/session")["version"] == before


def test_roll_back_when_a_bad_change_was_made_then_the_source_is_there_again_with_its_key(ann: Browser) -> None:
    good = ann.done("GET", "/session")["version"]
    ann.done("DELETE", "/sources/web")
    assert ann.done("GET", "/sources")["data"] == []
    tried = ann.done("POST", f"/workspace/versions/{good}/rollback?dry_run=true")
    assert [each["text"] for each in tried["consequences"]] == ["1 source is added: web"]
    ann.done("POST", f"/workspace/versions/{good}/rollback")
    (source,) = ann.done("GET", "/sources")["data"]
    assert source["write_key"] == "wk_web"
    newest = ann.done("GET", "/audit?versions=true")["data"][:2]
    assert [(each["actor"], each["operation"]) for each in newest] == [
        ("Ann", "roll_back"),
        ("Ann", "delete_source"),
    ]


def test_lost_password_when_there_is_a_shell_then_there_is_a_way_back_in(system: System, ann: Browser) -> None:
    assert "ann@example.com" in headwater(system, "team", "list")
    printed = headwater(system, "team", "reset-password", "ann@example.com")
    link = printed.split()[-1]
    assert link.startswith(f"http://127.0.0.1:{system.serve_port}/join#token=")
    again = Browser(system)
    body = {"token": link.partition("#token=")[2], "password": "another fine password"}
    again.done("POST", "/invitations/accept", body)
    assert ann.ask("GET", "/session")[0] == 401
    ann.done("POST", "/session", {"email": "ann@example.com", "password": "another fine password"})
    entries = ann.done("GET", "/audit?operation=reset_teammate_password")["data"]
    assert [(each["subject"], each["means"]) for each in entries] == [("ann@example.com", "command")]


def test_token_when_a_command_uses_it_then_its_role_decides(system: System, tmp_path: Path) -> None:
    secret = headwater(system, "team", "tokens", "add", "ci", "--role", "viewer").strip()
    remote = {"HEADWATER_URL": f"http://127.0.0.1:{system.serve_port}", "HEADWATER_TOKEN": secret}
    assert "workspace: shop" in headwater(system, "export", **remote)
    file = tmp_path / "workspace.yaml"
    file.write_text("workspace: other\n")
    command = [HEADWATER, "apply", str(file)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=remote)
    assert refused.returncode == 1
    assert "this needs the role editor" in refused.stderr
    headwater(system, "team", "tokens", "revoke", "ci")
    gone = subprocess.run(
        [HEADWATER, "export"], capture_output=True, text=True, timeout=60, check=False, env=remote
    )
    assert gone.returncode == 1


def test_secrets_when_all_of_this_was_done_then_no_log_has_them(system: System) -> None:
    output = system.output()
    assert output.count(system.token) == 2, "as the welcome says it, and in its link"
    assert PASSWORD not in output
    assert "hwt_" not in output
