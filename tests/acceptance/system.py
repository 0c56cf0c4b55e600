"""The real processes, started the way a person starts them, and the questions a person would ask them."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

HEADWATER = str(Path(sys.executable).with_name("headwater"))
START_S_MAX = 60
STOP_S_MAX = 30
VISIBLE_S_MAX = 30
COLUMNS = (
    "message_id, type, event, name, user_id, anonymous_id, group_id, source, "
    "epoch_ms(received_at) AS received_at_ms, epoch_ms(timestamp) AS timestamp_ms, "
    "epoch_ms(original_timestamp) AS original_timestamp_ms, epoch_ms(sent_at) AS sent_at_ms, body"
)


class System:
    """`headwater up` on two free ports of this machine."""

    def __init__(self, folder: Path, workspace: dict[str, Any]) -> None:
        self.data = folder / "data"
        self.collect_port, self.serve_port = free_ports(2)
        self.url = f"http://127.0.0.1:{self.collect_port}"
        self._output = folder / "output.txt"
        file = folder / "workspace.yaml"
        file.write_text(json.dumps(workspace))  # JSON is YAML
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [HEADWATER, "up", "--data", str(self.data), "--workspace", str(file), *self.port_flags],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
            )

    @property
    def port_flags(self) -> list[str]:
        return ["--collect-port", str(self.collect_port), "--serve-port", str(self.serve_port)]

    def wait_until_ready(self) -> None:
        for port in (self.collect_port, self.serve_port):
            deadline = time.monotonic() + START_S_MAX
            while not self._is_ready(port):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise AssertionError(f"`headwater up` is not ready on port {port}:\n{self.output()}")
                time.sleep(0.05)

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {STOP_S_MAX} s after SIGTERM:\n{self.output()}") from None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def output(self) -> str:
        return self._output.read_text(errors="replace")[-10_000:]

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **options: Any
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of one request to the public port, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.collect_port, timeout=10)
        with closing(connection):
            connection.request(method, path, body, headers or {}, **options)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def _is_ready(self, port: int) -> bool:
        with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        return False

    @property
    def token(self) -> str:
        return (self.data / "admin-token").read_text().strip()

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """The answer of the private API, to the admin token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.serve_port, timeout=60)
        with closing(connection):
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        assert answer.status == status, (method, path, answer.status, content)
        return json.loads(content) if content else None

    def sql(self, query: str) -> list[dict[str, Any]]:
        """What `headwater sql` says. While `serve` runs it is asked: tests look again and again, and a process for
        each look would take a second of a core that the platform needs.
        """
        try:
            answer = self.ask("POST", "/sql", {"sql": query})
        except (OSError, http.client.HTTPException):
            return self._sql_by_command(query)
        names = [column["name"] for column in answer["columns"]]
        return [dict(zip(names, row, strict=True)) for row in answer["rows"]]

    def _sql_by_command(self, query: str) -> list[dict[str, Any]]:
        command = [HEADWATER, "sql", "--data", str(self.data), "--format", "json", query]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert result.returncode == 0, result.stderr
        rows: list[dict[str, Any]] = json.loads(result.stdout or "[]")
        return rows

    def events(self, source: str, *, count: int) -> list[dict[str, Any]]:
        """The events of a source once there are `count`, oldest first; `body` is decoded."""
        query = f"SELECT {COLUMNS} FROM events WHERE source = '{source}' ORDER BY timestamp, message_id"
        rows = self.wait_for_rows(query, lambda rows: len(rows) >= count)
        assert len(rows) == count, rows
        for row in rows:
            row["body"] = json.loads(row["body"])
        return rows

    def wait_for_rows(self, query: str, is_enough: Callable[[list[Any]], bool]) -> list[dict[str, Any]]:
        """The answer of `query` as soon as it is enough, or after the time in which it must have been."""
        deadline = time.monotonic() + VISIBLE_S_MAX
        while not is_enough(rows := self.sql(query)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert is_enough(rows), f"still not there after {VISIBLE_S_MAX} s: {query}\n{rows}"
        return rows


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now. All are held until all are known, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [held.getsockname()[1] for held in sockets]
    for held in sockets:
        held.close()
    return ports
