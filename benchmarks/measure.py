"""What the flows share: running processes on chosen cores, wrk, a platform to measure, figures to report."""

import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HEADWATER = str(Path(sys.executable).with_name("headwater"))
START_S_MAX = 30


class Figure(NamedTuple):
    flow: str
    what: str
    value: float
    shown: str
    bar: str = ""
    aim: str = ""
    is_met: bool | None = None
    """None: there is no bar."""


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """Inside the checkout, so that the disk is the real one: /tmp is memory on many machines."""
    root = Path(__file__).parent / "results"
    root.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix="data-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def process(*command: str, core: int | None = None, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child on one core (None: any), ended by SIGTERM."""
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    with log.open("ab") as output:
        child = subprocess.Popen([*pinned, *command], stdout=output, stderr=output)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(60)


def wait_ready(port: int) -> None:
    deadline = time.monotonic() + START_S_MAX
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing is ready on port {port}")
        time.sleep(0.05)


def wait_listening(port: int) -> None:
    deadline = time.monotonic() + START_S_MAX
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing listens on port {port}")
        time.sleep(0.05)


def apply_workspace(data: Path, workspace: dict[str, Any]) -> None:
    file = data.with_suffix(".yaml")
    file.write_text(json.dumps(workspace))
    try:
        subprocess.run([HEADWATER, "apply", str(file), "--data", str(data)], check=True, stdout=subprocess.DEVNULL)
    finally:
        file.unlink()


class Wrk(NamedTuple):
    requests_per_s: float
    p99_ms: float
    failed: int


def wrk(url: str, script: Path, *, connections: int, seconds: int, core: int | None, threads: int = 1) -> Wrk:
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    command = [
        *pinned,
        "wrk",
        f"-t{threads}",
        f"-c{connections}",
        f"-d{seconds}",
        "--latency",
        "-s",
        str(script),
        url,
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    if not rate or not p99:
        raise RuntimeError(f"wrk said: {text}")
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[p99[2]]
    return Wrk(float(rate[1]), float(p99[1]) * scale, int(failed[1]) if failed else 0)


def cpu_s(pids: Sequence[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int, field: str) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    match = re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)
    return int(match[1]) / 1024 if match else 0.0


def descendants(pid: int) -> list[int]:
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *descendants(int(child))]
    return found
