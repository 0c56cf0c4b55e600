"""No secret of a destination lies in the clear in what a running platform writes, says or keeps."""

import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from headwater.config.vault import new_key

from .stand import SETTLE_S_MAX, WRITE_KEY, Stand, stand, until, workspace
from .system import HEADWATER

SECRETS = {"shared_secret": "hush-shared-4711", "api_key": "hush-api-4711"}
HEADERS = {"X-Account": "hush-header-4711"}
QUERY = "hush-query-4711"
WORDS = (b"hush-shared-4711", b"hush-api-4711", b"hush-header-4711", b"hush-query-4711")


@contextmanager
def echoing() -> Iterator[tuple[str, list[str]]]:
    """An endpoint that refuses everything and repeats, in its answer, what it was sent; its address, and the value
    of a header in each request.
    """
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.headers["X-Account"])
            said = f"{self.path} {dict(self.headers)} {WORDS}"
            body = json.dumps({"message": said}).encode()
            self.send_response(400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_POST  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/in?token={QUERY}", seen
    finally:
        server.shutdown()
        server.server_close()


def given(url: str) -> dict[str, Any]:
    settings = {"url": url, "headers": HEADERS, **SECRETS}
    return workspace() | {"destinations": [{"name": "crm", "type": "webhook", "settings": settings}]}


def command(system: Stand, *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [HEADWATER, *words, "--data", str(system.data)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout + done.stderr


def leaks(system: Stand) -> list[str]:
    files = [path for path in [*system.data.rglob("*"), system._output] if path.is_file()]
    assert any(path.name == "config.db" for path in files)
    return [f"{path.name}: {word.decode()}" for path in files for word in WORDS if word in path.read_bytes()]


def test_secrets_when_deliveries_fail_and_the_endpoint_repeats_them_then_no_file_and_no_command_has_them(
    tmp_path: Path,
) -> None:
    with echoing() as (url, seen), stand(tmp_path, given(url)) as system:
        body = {"writeKey": WRITE_KEY, "userId": "u1", "messageId": "m1", "event": "Order"}
        assert system.request("POST", "/v1/track", json.dumps(body))[0] == 200
        until(lambda: "hush-header-4711" in seen, SETTLE_S_MAX, lambda: f"no request:\n{system.output()}")
        until(
            lambda: "m1" in command(system, "dead-letters", "list", "--json"),
            SETTLE_S_MAX,
            lambda: "no dead letter",
        )
        said = [
            command(system, "export"),
            command(system, "history"),
            command(system, "destinations", "list", "--json"),
            command(system, "destinations", "test", "crm", "--json"),
            command(system, "dead-letters", "list", "--json"),
            command(system, "explain", "m1", "--json"),
        ]
        assert [word for word in WORDS for text in said if word.decode() in text] == []
        assert "••••" in said[0]
        assert leaks(system) == []

        # An export is edited and applied: the platform goes on with the secrets that are stored.
        file = tmp_path / "edited.yaml"
        file.write_text(command(system, "export").replace("name: faults", "name: faults\n  rate_limit: 1000.0"))
        assert "+ sources[faults].rate_limit" in command(system, "apply", str(file))
        assert all(word.decode() in command(system, "export", "--with-secrets") for word in WORDS[:4])

        # The key is changed while everything runs.
        before = (system.data / "secret-key").read_text()
        assert "2 versions encrypted" in command(system, "secrets", "rotate")
        assert (system.data / "secret-key").read_text() != before
        command(system, "apply", str(file), "--note", "the same")
        system.request("POST", "/v1/track", json.dumps(body | {"messageId": "m2"}))
        until(lambda: len(set(seen)) == 1 and len(seen) > 2, SETTLE_S_MAX, lambda: str(seen))
        assert leaks(system) == []
        assert system.stop() == 0
        assert leaks(system) == []


def test_key_when_it_is_another_one_then_up_says_so_once_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stand(tmp_path, given("http://127.0.0.1:9/in")) as system:
        assert system.stop() == 0
        monkeypatch.setenv("HEADWATER_SECRET_KEY", new_key())
        done = subprocess.run(
            [HEADWATER, "up", "--data", str(system.data), *system.port_flags],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.count("the workspace is encrypted with the key") == 1, done.stderr
        assert "HEADWATER_SECRET_KEY gives another one" in done.stderr
        assert "Traceback" not in done.stderr
