"""The example package, installed as a third party's would be, and used by a running platform."""

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .stand import SETTLE_S_MAX, WRITE_KEY, Stand, stand, until, workspace
from .system import HEADWATER

EXAMPLE = Path(__file__).parents[2] / "examples" / "destination"


class Ntfy:
    """A server of ntfy, as far as the example asks it."""

    def __init__(self) -> None:
        self.published: list[tuple[str, dict[str, Any]]] = []
        """The token, and what was published."""
        self.url = ""

    @contextmanager
    def running(self) -> Iterator["Ntfy"]:
        ntfy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                ntfy.published.append((self.headers["Authorization"], body))
                self._answer(200)

            def do_GET(self) -> None:
                self._answer(200 if self.headers["Authorization"] == "Bearer tk_right" else 401)

            def _answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network: hatchling builds it from here."""
    folder = tmp_path / "site"
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "install", *offline, "--target", str(folder), str(EXAMPLE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv("PYTHONPATH", str(folder))


def send(system: Stand, event: str) -> None:
    body = {"writeKey": WRITE_KEY, "userId": "u1", "event": event, "properties": {"message": f"{event}!"}}
    status, _, answer = system.request("POST", "/v1/track", json.dumps(body))
    assert status == 200, answer


@pytest.mark.usefixtures("installed")
def test_plugin_when_its_package_is_installed_then_the_platform_delivers_through_it(tmp_path: Path) -> None:
    with Ntfy().running() as ntfy:
        settings = {"topic": "orders", "server": ntfy.url, "token": "tk_right"}
        given = workspace() | {"destinations": [{"name": "phone", "type": "ntfy", "settings": settings}]}
        with stand(tmp_path, given) as system:
            send(system, "Product Viewed")
            send(system, "Order Completed")
            until(lambda: bool(ntfy.published), SETTLE_S_MAX, lambda: f"nothing was published:\n{system.output()}")
            command = [HEADWATER, "destinations", "types", "--data", str(system.data), "--json"]
            listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        message = {"topic": "orders", "title": "Order Completed", "message": "Order Completed!"}
        assert ntfy.published == [("Bearer tk_right", message)]
        (line,) = [each for each in listed["data"] if each["name"] == "ntfy"]
        assert line["package"] == "headwater-ntfy 1.0"
