"""What the flows of delivery share: an outbound log to deliver from, a sink on the other core, and how far
delivery has come.
"""

import asyncio
import contextlib
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec

from benchmarks import events
from benchmarks.measure import HEADWATER, apply_workspace, free_port, process, wait_listening
from headwater.event import OutboundEvent, encode_outbound
from headwater.log.sqlite import SqliteLog
from headwater.profiles.embedded import embedded

DELIVERY_CORE, SINK_CORE = 0, 1
PER_RECORD = 100

NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {folder}/body; keepalive_requests 1000000; client_max_body_size 64m;
  client_body_buffer_size 1m;
  server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ return 200; }} }}
}}
"""


@contextlib.contextmanager
def sink(folder: Path) -> Iterator[str]:
    """Nginx that answers 200 to everything: its address."""
    port, file = free_port(), folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, port=port))
    with process(
        "nginx", "-c", str(file), "-e", str(folder / "nginx.log"), core=SINK_CORE, log=folder / "nginx.out"
    ):
        wait_listening(port)
        yield f"http://127.0.0.1:{port}/"


def outbound_event(rng: random.Random, number: int, *, source: str = "shop", users: int = 10_000) -> OutboundEvent:
    user = rng.randrange(users)
    body = events.order(rng, user=user)
    now_ms = time.time_ns() // 1_000_000
    return OutboundEvent(
        number,
        0,
        str(body["messageId"]),
        "track",
        str(body["event"]),
        None,
        str(body["userId"]),
        None,
        None,
        f"profile-{user}",
        source,
        now_ms,
        now_ms,
        None,
        None,
        msgspec.json.encode(body),
    )


def fill(data: Path, count: int, *, source: str = "shop") -> int:
    """So many events in the outbound log, in records of PER_RECORD; the log's end."""
    rng = random.Random(1)
    log = SqliteLog(data / "log" / "outbound", bells=data / "bells")
    try:
        pool = [outbound_event(rng, number, source=source) for number in range(min(count, 10_000))]
        for at in range(0, count, 10_000):
            some = pool[: min(10_000, count - at)]
            records = [encode_outbound(some[n : n + PER_RECORD]) for n in range(0, len(some), PER_RECORD)]
            log.append(records, events=len(some))
        return log.end()
    finally:
        log.close()


def place(data: Path, positions: dict[str, int]) -> None:
    """Where destinations begin, of a data folder that delivery has not seen yet."""
    jobs = embedded(data).jobs()
    try:
        jobs.first_start()
        for destination, offset in positions.items():
            jobs.advance(destination, offset)
    finally:
        jobs.close()


def workspace(data: Path, destinations: list[dict[str, object]]) -> None:
    apply_workspace(
        data, events.WORKSPACE | {"settings": {"allow_private_destinations": True}, "destinations": destinations}
    )


@contextlib.contextmanager
def delivering(data: Path, *, core: int | None = DELIVERY_CORE) -> Iterator[int]:
    """The role, over this folder; its pid."""
    with process(HEADWATER, "deliver", "--data", str(data), core=core, log=data / "deliver.log") as child:
        yield child.pid


class Progress:
    """How far each destination has come, read from delivery's own store."""

    def __init__(self, data: Path) -> None:
        self._file = f"file:{data / 'delivery.db'}?mode=ro"

    def positions(self) -> dict[str, int]:
        try:
            with contextlib.closing(sqlite3.connect(self._file, uri=True)) as db:
                return dict(db.execute("SELECT destination, next_offset FROM positions"))
        except sqlite3.OperationalError:
            return {}  # not made yet

    def rate(self, destination: str, end: int, *, seconds_max: float = 60.0) -> float:
        """Events a second, between a tenth of the way and nine tenths."""
        first = self._passed(destination, end // 10, seconds_max)
        last = self._passed(destination, end * 9 // 10, seconds_max)
        return PER_RECORD * (last[0] - first[0]) / (last[1] - first[1])

    def _passed(self, destination: str, offset: int, seconds_max: float) -> tuple[int, float]:
        deadline_s = time.monotonic() + seconds_max
        while time.monotonic() < deadline_s:
            position = self.positions().get(destination, 0)
            if position >= offset:
                return position, time.monotonic()
            time.sleep(0.02)
        raise RuntimeError(f"{destination} has not come to {offset} in {seconds_max:.0f} s: {self.positions()}")


def shown(rate: float) -> str:
    return f"{rate:,.0f}/s"


class Hook(asyncio.Protocol):
    """A webhook that asks a function what to answer: a status, and after how many seconds; None: never."""

    def __init__(self, answer: Callable[[bytes], tuple[int, float] | None]) -> None:
        self._answer = answer
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            size = int(head[head.index(b"content-length:") + 15 :].split(b"\r\n", 1)[0])
            if len(self._buffer) < end + 4 + size:
                return
            body = self._buffer[end + 4 : end + 4 + size]
            self._buffer = self._buffer[end + 4 + size :]
            if (said := self._answer(body)) is not None:
                status, after_s = said
                asyncio.get_running_loop().call_later(after_s, self._say, status)

    def _say(self, status: int) -> None:
        self._transport.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)  # type: ignore[attr-defined]


@contextlib.asynccontextmanager
async def hook(answer: Callable[[bytes], tuple[int, float] | None]) -> AsyncIterator[str]:
    """Its address."""
    server = await asyncio.get_running_loop().create_server(lambda: Hook(answer), "127.0.0.1", 0, backlog=1_024)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
