"""How a running role can be asked about itself: HTTP on the Unix socket `DIR/run/<role>.<n>.sock`.

`GET /health` answers a SelfReport as JSON, `GET /metrics` Prometheus text; `curl --unix-socket` reads both. The
answering side is one daemon thread in every role, so a role whose event loop is stuck can still say so, and the
synchronous pipeline needs nothing special. The thread sleeps in `accept`.
"""

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import prometheus_client

from headwater import __version__
from headwater.doorbell import socket_address
from headwater.serve.health.fleet import ROLES, Role, RoleReport, SelfReport
from headwater.telemetry import Health
from headwater.units import KIB, MIB

ANSWER_S_MAX: Final = 1.0
"""A role that needs longer is reported as stuck; a scrape must not wait for it."""

STUCK_S: Final = 0.5
"""An event loop that has not run for so long is reported; shorter than ANSWER_S_MAX, so the report arrives."""

_REQUEST_BYTES_MAX: Final = 4 * KIB
_ANSWER_BYTES_MAX: Final = 8 * MIB


def socket_path(run: Path, role: Role, worker: int) -> Path:
    return run / f"{role}.{worker}.sock"


class Introspection:
    """The answering side, until `close`. Hold the role's lock first: the socket file is replaced."""

    def __init__(
        self,
        path: Path,
        health: Health,
        *,
        config_version: Callable[[], int | None] = lambda: None,
        listens: tuple[str, int] = ("", 0),
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._path = path
        self._health = health
        self._config_version = config_version
        self._host, self._port = listens
        self._loop = loop
        self._started_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the text, unread
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with socket_address(path) as address:
            self._socket.bind(address)
        path.chmod(0o600)
        self._socket.listen(16)
        threading.Thread(target=self._answer_all, name="introspection", daemon=True).start()

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread out of `accept`
        self._socket.close()

    def _answer_all(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed
                return
            with connection, contextlib.suppress(OSError):  # an asker that went away
                connection.settimeout(ANSWER_S_MAX)
                connection.sendall(self._answer(_path_asked(connection)))

    def _answer(self, path: str) -> bytes:
        if path == "/health":
            return _response("200 OK", "application/json", msgspec.json.encode(self.report()))
        if path == "/metrics":
            return _response("200 OK", prometheus_client.CONTENT_TYPE_LATEST, prometheus_client.generate_latest())
        return _response("404 Not Found", "text/plain", b"/health or /metrics\n")

    def report(self) -> SelfReport:
        reasons = self._health.reasons
        if self._stuck():
            reasons.append(f"the event loop has not run for {STUCK_S} s")
        return SelfReport(
            ready=not reasons,
            reasons=reasons,
            pid=os.getpid(),
            started_at=self._started_at,
            version=__version__,
            config_version=self._config_version(),
            host=self._host,
            port=self._port,
        )

    def _stuck(self) -> bool:
        if self._loop is None or self._loop.is_closed():
            return False
        ran = threading.Event()
        with contextlib.suppress(RuntimeError):  # closed since
            self._loop.call_soon_threadsafe(ran.set)
            return not ran.wait(STUCK_S)
        return False


def _path_asked(connection: socket.socket) -> str:
    head = b""
    while b"\r\n" not in head and len(head) < _REQUEST_BYTES_MAX:
        received = connection.recv(_REQUEST_BYTES_MAX)
        if not received:
            break
        head += received
    words = head.split(b" ", 2)
    return words[1].decode("latin-1") if len(words) == 3 else ""


def _response(status: str, content_type: str, body: bytes) -> bytes:
    head = f"HTTP/1.0 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def ask_fleet(run: Path, *, metrics: bool) -> Sequence[RoleReport]:
    """A report for every role process on this data folder, and for every role that has none."""
    reports = await asyncio.gather(
        *(_ask_role(run, role, worker, metrics=metrics) for role in ROLES for worker in _workers(run, role))
    )
    return list(reports)


def _workers(run: Path, role: Role) -> list[int]:
    """Numbers of the sockets of a role. A killed process leaves its socket: it is asked, and does not answer."""
    numbers = [path.name.split(".")[1] for path in run.glob(f"{role}.*.sock")]
    return sorted(int(number) for number in numbers if number.isdecimal()) or [0]


async def _ask_role(run: Path, role: Role, worker: int, *, metrics: bool) -> RoleReport:
    path = socket_path(run, role, worker)
    try:
        async with asyncio.timeout(ANSWER_S_MAX):
            health = msgspec.json.decode(await _ask(path, "/health"), type=SelfReport)
            exposition = (await _ask(path, "/metrics")).decode() if metrics else ""
    except (FileNotFoundError, ConnectionRefusedError):
        return RoleReport(role, worker, None, ["not running"])
    except TimeoutError:
        return RoleReport(role, worker, None, [f"running, but gave no answer for {ANSWER_S_MAX:g} s"])
    except (OSError, ValueError, msgspec.MsgspecError) as error:  # it died while it answered
        return RoleReport(role, worker, None, [f"no proper answer: {error}"])
    return RoleReport(role, worker, health, health.reasons, exposition)


async def _ask(path: Path, what: str) -> bytes:
    with socket_address(path) as address:
        reader, writer = await asyncio.open_unix_connection(address, limit=_ANSWER_BYTES_MAX)
    try:
        writer.write(f"GET {what} HTTP/1.0\r\n\r\n".encode())
        head, _, body = (await reader.read(_ANSWER_BYTES_MAX)).partition(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.splitlines()
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        while len(body) < min(length, _ANSWER_BYTES_MAX):
            more = await reader.read(_ANSWER_BYTES_MAX)
            if not more:
                raise ValueError("it was cut off")
            body += more
        return body
    finally:
        writer.close()
