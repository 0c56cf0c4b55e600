"""`headwater plan`, `apply`, `export` and `history`: on a folder, and over the private API."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import typer
from destination_types import Anything
from typer.testing import CliRunner

from headwater.cli import config
from headwater.config.loader import load
from headwater.errors import BusyError, ConfigError, InputError
from headwater.profiles.embedded import embedded

SHOP = """\
workspace: shop
sources:
  - {name: website, write_key: wk_website}
destinations:
  - {name: hook, type: webhook, settings: {url: "https://hook.example", shared_secret: s3cret}}
"""

app = typer.Typer()
config.register(app)


class Session:
    """Runs commands as `headwater` would, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.file = folder / "shop.yaml"
        self.code = 0

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        result = CliRunner().invoke(app, arguments, input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code = result.exit_code
        return result.output

    def write(self, text: str) -> str:
        self.file.write_text(text)
        return str(self.file)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    session = Session(tmp_path)
    monkeypatch.setenv("HEADWATER_DATA", str(session.data))
    monkeypatch.delenv("HEADWATER_URL", raising=False)
    return session


def test_plan_when_there_is_no_data_folder_then_it_shows_everything_and_makes_none(session: Session) -> None:
    shown = session.run("plan", session.write(SHOP))
    assert "+ sources[website]\n" in shown
    assert "s3cret" not in shown
    assert session.code == 2
    assert not session.data.exists()


def test_apply_when_nothing_runs_then_the_store_is_written_for_the_owner_only(session: Session) -> None:
    shown = session.run("apply", session.write(SHOP), "--note", "first")
    assert shown.endswith("version 1 is current\n")
    assert session.code == 0
    assert session.data.stat().st_mode & 0o777 == 0o700
    with closing(embedded(session.data).config()) as store:
        current = store.current()
    assert current is not None
    assert current.workspace == load(SHOP, Anything())
    assert current.note == "first"
    assert "@" in current.author


def test_plan_when_applied_then_no_changes_until_the_file_changes(session: Session) -> None:
    file = session.write(SHOP)
    session.run("apply", file)
    assert (session.run("plan", file), session.code) == ("no changes\n", 0)
    other = SHOP.replace("hook.example", "other.example")
    changes = json.loads(session.run("plan", "-", "--json", stdin=other))["changes"]
    assert changes == [
        {
            "action": "change",
            "path": "destinations[hook].settings.url",
            "before": "https://hook.example",
            "after": "https://other.example",
        }
    ]
    assert session.code == 2


def test_export_when_applied_again_then_nothing_changes(session: Session, tmp_path: Path) -> None:
    session.run("apply", session.write(SHOP))
    text = session.run("export", "--with-secrets")
    assert load(text, Anything()) == load(SHOP, Anything())
    copy = tmp_path / "copy.yaml"
    assert session.run("export", "--output", str(copy)) == ""
    assert copy.read_text() != text
    assert "••••" in copy.read_text()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert (session.run("plan", str(copy)), session.code) == ("no changes\n", 0)


def test_history_when_there_are_versions_then_newest_first(session: Session) -> None:
    session.run("apply", session.write(SHOP), "--note", "first")
    session.run("apply", session.write(SHOP.replace("shop", "store")))
    lines = session.run("history").splitlines()
    assert [line.split()[0] for line in lines] == ["2", "1"]
    assert lines[1].endswith("first")
    versions = json.loads(session.run("history", "--json", "--limit", "1"))["versions"]
    assert [v["version"] for v in versions] == [2]


def test_apply_when_the_file_is_wrong_then_every_problem_names_file_and_line(session: Session) -> None:
    wrong = SHOP.replace("write_key", "writekey").replace("url:", "urll:")
    for command in ("plan", "apply"):
        with pytest.raises(ConfigError) as caught:
            session.run(command, "-", stdin=wrong)
        assert caught.value.lines()[0] == "<stdin>:3: sources[0].writekey: unknown key; did you mean write_key?"
        assert "<stdin>:5: destinations[0].settings.urll: unknown key; did you mean url?" in caught.value.lines()


@pytest.mark.parametrize("command", [["plan", "missing.yaml"], ["apply", "missing.yaml"], ["export"], ["history"]])
def test_commands_when_there_is_nothing_to_read_then_they_say_so(session: Session, command: list[str]) -> None:
    with pytest.raises(InputError, match=r"missing\.yaml|no Headwater data"):
        session.run(*command)
    assert not session.data.exists()


class Api:
    """A platform's private port that answers as told and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: tuple[int, bytes] = (200, b"{}")
        self.asked: list[tuple[str, str, dict[str, list[str]], bytes]] = []
        self.tokens: set[str | None] = set()
        api = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                url = urlsplit(self.path)
                api.asked.append((self.command, url.path, parse_qs(url.query), body))
                api.tokens.add(self.headers["Authorization"])
                status, text = api.answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = answer  # noqa: N815 - the names http.server looks for

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def api(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    api = Api()
    monkeypatch.delenv("HEADWATER_DATA")
    monkeypatch.setenv("HEADWATER_URL", f"http://127.0.0.1:{api.server.server_port}/")
    monkeypatch.setenv("HEADWATER_TOKEN", "t0ken")
    thread = threading.Thread(target=api.server.serve_forever)
    thread.start()
    yield api
    api.server.shutdown()
    thread.join()
    api.server.server_close()
    assert api.tokens == {"Bearer t0ken"}


CHANGE = {"action": "change", "path": "workspace", "before": "a", "after": "b"}


def test_plan_when_remote_then_the_platform_compares(session: Session, api: Api) -> None:
    api.answer = (200, json.dumps({"changes": [CHANGE], "text": "~ …\n"}).encode())
    assert (session.run("plan", session.write(SHOP)), session.code) == ("~ …\n", 2)
    api.answer = (200, json.dumps({"changes": [], "text": "no changes\n"}).encode())
    assert (session.run("plan", session.write(SHOP)), session.code) == ("no changes\n", 0)
    assert api.asked == [("POST", "/api/v1/workspace/plan", {}, SHOP.encode())] * 2


def test_apply_when_remote_then_who_and_why_go_along(session: Session, api: Api) -> None:
    api.answer = (200, json.dumps({"version": 7, "changes": [CHANGE]}).encode())
    shown = session.run("apply", "-", "--note", "why", stdin=SHOP)
    assert shown == "~ workspace: a → b\n\n0 to add, 1 to change, 0 to remove\nversion 7 is current\n"
    ((method, path, query, body),) = api.asked
    assert (method, path, body, query["note"]) == ("PUT", "/api/v1/workspace", SHOP.encode(), ["why"])
    assert "@" in query["author"][0]


def test_export_and_history_when_remote_then_they_print_what_the_platform_says(session: Session, api: Api) -> None:
    api.answer = (200, b"workspace: caf\xc3\xa9\n")
    assert session.run("export") == "workspace: café\n"
    assert session.run("export", "--with-secrets") == "workspace: café\n"
    version = {"version": 3, "at": "2026-01-02T03:04:05.678Z", "author": "ann", "note": ""}
    api.answer = (200, json.dumps({"data": [version], "next": None}).encode())
    assert session.run("history", "--limit", "5") == "    3  2026-01-02 03:04:05Z  ann\n"
    assert [(path, query) for _, path, query, _ in api.asked] == [
        ("/api/v1/workspace/export", {}),
        ("/api/v1/workspace/export", {"secrets": ["true"]}),
        ("/api/v1/workspace/versions", {"limit": ["5"]}),
    ]


def test_apply_when_the_platform_refuses_then_the_problems_get_the_name_of_the_file(
    session: Session, api: Api
) -> None:
    problem = {"line": 3, "path": "sources[0].x", "message": "unknown key"}
    error = {"code": "invalid_config", "message": "…", "problems": [problem]}
    api.answer = (422, json.dumps({"error": error}).encode())
    for command in ("plan", "apply"):
        with pytest.raises(ConfigError) as caught:
            session.run(command, session.write(SHOP))
        assert caught.value.lines() == [f"{session.file}:3: sources[0].x: unknown key"]


def test_apply_when_somebody_was_faster_on_the_platform_then_busy(session: Session, api: Api) -> None:
    api.answer = (409, json.dumps({"error": {"code": "conflict", "message": "version 9 by now"}}).encode())
    with pytest.raises(BusyError, match="version 9 by now"):
        session.run("apply", session.write(SHOP))
