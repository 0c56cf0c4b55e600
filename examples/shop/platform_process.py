"""`headwater up` as a child process, and the questions one can ask it from outside."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from prometheus_client.parser import text_string_to_metric_families

START_S_MAX = 60
STOP_S_MAX = 40
HOST = "127.0.0.1"

Series = dict[tuple[str, ...], int]


class DemoError(Exception):
    """The demo cannot go on; the text says why."""


def choose_port(wanted: int, *, taken: Sequence[int] = ()) -> int:
    """`wanted` if nobody listens there, else one that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            chosen: int = probe.getsockname()[1]
            if chosen not in taken:
                return chosen
    raise DemoError("no free port on this machine")


class Platform:
    def __init__(self, folder: Path, workspace: Path, *, collect_port: int, serve_port: int) -> None:
        self.data = folder / "data"
        self.url = f"http://{HOST}:{collect_port}"
        self.private_url = f"http://{HOST}:{serve_port}"
        self.log = folder / "headwater.log"
        ports = ["--collect-port", str(collect_port), "--serve-port", str(serve_port), "--host", HOST]
        # What the person who runs the demo has set for a platform of their own does not count here.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("HEADWATER_")}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*_headwater("up"), "--data", str(self.data), "--workspace", str(workspace), *ports],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                process_group=0,  # Ctrl-C reaches the demo alone, which then ends the platform in order
            )

    def wait_until_ready(self) -> None:
        """Both ports answer, and every role says that it can work."""
        deadline = time.monotonic() + START_S_MAX
        while not (_is_ready(self.url) and _is_ready(self.private_url) and self.status()["ready"]):
            if self._process.poll() is not None:
                raise DemoError(
                    f"`headwater up` ended with exit code {self._process.returncode}:\n{self.log_end()}"
                )
            if time.monotonic() > deadline:
                raise DemoError(f"`headwater up` is not ready after {START_S_MAX} s:\n{self.log_end()}")
            time.sleep(0.1)

    def wait(self) -> int:
        """The exit code, when it ends by itself."""
        return self._process.wait()

    def stop(self) -> int:
        """The exit code after SIGTERM: 0 when everything under way was finished."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def log_end(self) -> str:
        return self.log.read_text(errors="replace")[-3_000:]

    # --- what it says -------------------------------------------------------------------------------------

    def sql(self, statement: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self._ask("sql", "--format", "json", statement))
        return rows

    def dead_letters(self) -> list[dict[str, Any]]:
        letters: list[dict[str, Any]] = json.loads(self._ask("dead-letters", "--json", "--limit", "1000"))
        return letters

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(self._ask("status", "--json", may_fail=True))
        return status

    def delivery(self, destination: str) -> dict[str, Any]:
        """What the receipts of a destination come to: events by status, reasons, latency."""
        report: dict[str, Any] = json.loads(self._ask("receipts", "delivery", destination, "--json"))
        return report

    def replay(self, *selection: str, to: str, timeout_s: float) -> tuple[int, dict[str, Any]]:
        """How many events a replay would send, and how it went when it is over, or when the time is."""
        asked = ("--to", to, "--json", *selection)
        count: dict[str, Any] = json.loads(self._ask("replay", "start", *asked, "--dry-run"))
        replay: dict[str, Any] = json.loads(self._ask("replay", "start", *asked))
        deadline = time.monotonic() + timeout_s
        while replay["state"] in {"running", "paused"} and time.monotonic() < deadline:
            time.sleep(0.1)
            replay = json.loads(self._ask("replay", "show", replay["id"], "--json"))
        return count["events"], replay

    def profile(self, external_id: str, token: str) -> tuple[dict[str, Any], float]:
        """What the Profile API knows of somebody, and how many seconds it took to answer."""
        path = f"/v1/spaces/shop/collections/users/profiles/{quote(external_id)}/traits?limit=100"
        credentials = base64.b64encode(f"{token}:".encode()).decode()
        request = urllib.request.Request(
            self.private_url + path, headers={"Authorization": f"Basic {credentials}"}
        )
        started = time.monotonic()
        with urllib.request.urlopen(request, timeout=10) as answer:
            traits: dict[str, Any] = json.loads(answer.read())["traits"]
        return traits, time.monotonic() - started

    def counters(self, metric: str, *labels: str) -> Series:
        """`{(label values): count}` of one counter, from `GET /metrics` on the private port."""
        with urllib.request.urlopen(f"{self.private_url}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found: Counter[tuple[str, ...]] = Counter()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == metric:
                    found[tuple(sample.labels[label] for label in labels)] += int(sample.value)
        return dict(found)

    def _ask(self, command: str, *arguments: str, may_fail: bool = False) -> str:
        asked = subprocess.run(
            [*_headwater(command), *arguments, "--data", str(self.data)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if asked.returncode != 0 and not may_fail:
            raise DemoError(f"`headwater {command}` failed: {asked.stderr.strip()}")
        return asked.stdout


def _headwater(command: str) -> list[str]:
    return [sys.executable, "-m", "headwater", command]


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
