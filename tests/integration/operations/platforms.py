"""A whole platform, started the way a person starts it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from headwater.serve.health.fleet import Role

START_S_MAX = 60
HEADWATER = (sys.executable, "-m", "headwater")


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: Any

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Platform:
    """`headwater up` on a folder and two free ports; `start` returns when it says that it is running."""

    def __init__(self, data: Path, *flags: str) -> None:
        self.data = data
        self.collect_port, self.serve_port = free_ports(2)
        self.flags = flags

    def start(self) -> "Platform":
        self.process = subprocess.Popen(
            [*HEADWATER, "up", "--data", str(self.data), *self.port_flags(), *self.flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self._log: list[str] = []
        self._logged = threading.Condition()
        self._reader = threading.Thread(target=self._read_log, args=[self.process], daemon=True)
        self._reader.start()
        self.welcome = self._read_welcome()
        return self

    def port_flags(self) -> list[str]:
        return port_flags(self.collect_port, self.serve_port)

    def _read_welcome(self) -> str:
        watchdog = threading.Timer(START_S_MAX, self.process.kill)
        watchdog.start()
        try:
            lines = []
            assert self.process.stdout
            for line in self.process.stdout:
                lines.append(line)
                if "Ctrl-C" in line:
                    return "".join(lines)
        finally:
            watchdog.cancel()
        raise AssertionError(f"`up` ended before it was running:\n{self.log()}")

    def _read_log(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr
        for line in process.stderr:
            with self._logged:
                self._log.append(line)
                self._logged.notify_all()

    def log(self) -> str:
        return "".join(self._log)

    def wait_for_log(self, *words: str, timeout_s: float = 20) -> None:
        """Return when one line has all the words; lines from before the call count, too."""
        with self._logged:
            found = self._logged.wait_for(
                lambda: any(all(word in line for word in words) for line in self._log), timeout_s
            )
        assert found, f"no line with {words} in\n{self.log()}"

    def pid(self, role: Role, worker: int = 0) -> int:
        pid: int = msgspec.json.decode((self.data / "run" / f"{role}.{worker}.lock").read_bytes())["pid"]
        return pid

    def token(self) -> str:
        return (self.data / "admin-token").read_text().strip()

    def get(self, path: str, **headers: str) -> Answer:
        return ask(f"http://127.0.0.1:{self.serve_port}{path}", **headers)

    def api(self, path: str, *, method: str = "GET", body: bytes | None = None, content_type: str = "") -> Answer:
        return ask(
            f"http://127.0.0.1:{self.serve_port}/api/v1{path}",
            method=method,
            body=body,
            Authorization=f"Bearer {self.token()}",
            **({"Content-Type": content_type} if content_type else {}),
        )

    def command(self, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        return headwater(*words, "--data", str(self.data), **env)

    def remotely(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return headwater(*words, HEADWATER_URL=f"http://127.0.0.1:{self.serve_port}", HEADWATER_TOKEN=self.token())

    def wait_for_status(self, wanted: Callable[[Any], bool], timeout_s: float = 20) -> None:
        """Asks again and again: nothing outside tells when a role has become ready."""
        deadline = time.monotonic() + timeout_s
        while True:
            status = msgspec.json.decode(self.command("status", "--json").stdout)
            if wanted(status):
                return
            assert time.monotonic() < deadline, f"{status}\n{self.log()}"

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(40)

    def close(self) -> None:
        if not hasattr(self, "process"):
            return
        while self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)  # the second one kills every role
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.5)
        self._reader.join()  # to the end of the file: no role has it open any more
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()


def headwater(*words: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*HEADWATER, *words], capture_output=True, text=True, timeout=60, check=False, env=environment(**env)
    )


def environment(**env: str) -> dict[str, str]:
    """That of the tests, without what would change how Headwater behaves."""
    return {key: value for key, value in os.environ.items() if not key.startswith("HEADWATER_")} | env


def ask(url: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Answer(answer.status, answer.read(), answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(), error.headers)


def port_flags(collect_port: int, serve_port: int) -> list[str]:
    return ["--collect-port", str(collect_port), "--serve-port", str(serve_port)]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports
