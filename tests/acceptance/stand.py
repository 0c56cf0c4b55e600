"""A platform to be hurt, a load that remembers what it was answered, a webhook that can be switched off."""

import asyncio
import contextlib
import http.client
import json
import os
import random
import re
import select
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

from .system import HEADWATER, System

SEED = int(os.environ.get("HEADWATER_TEST_SEED", "0")) or random.SystemRandom().randrange(1 << 32)
LONG = bool(os.environ.get("HEADWATER_TEST_LONG"))
"""Set by `make faults`: campaigns in their full length."""

ROLES = ("collect", "pipeline", "deliver", "serve")
WRITE_KEY = "wk_faults"
COME_BACK_S_MAX = 60
SETTLE_S_MAX = 120


def workspace(*, hooks: dict[str, str] | None = None, **source: Any) -> dict[str, Any]:
    return {
        "workspace": "faults",
        "settings": {"lake_visible_s": 0.5, "allow_private_destinations": True},
        "sources": [{"name": "faults", "type": "server", "write_key": WRITE_KEY, **source}],
        "destinations": [
            {"name": name, "type": "webhook", "settings": {"url": url}} for name, url in (hooks or {}).items()
        ],
    }


class Stand(System):
    """`headwater up` that can be killed in parts or whole, and started again on the same folder and ports."""

    def start_again(self) -> None:
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [HEADWATER, "up", "--data", str(self.data), *self.port_flags],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.data.parent,
            )
        self.wait_until_ready()

    def pid(self, role: str) -> int:
        """Of the process that fills the role. One that has just come may not have written it down yet."""
        lock = self.data / "run" / f"{role}.0.lock"
        until(lambda: lock.read_bytes() != b"", COME_BACK_S_MAX)
        pid: int = json.loads(lock.read_bytes())["pid"]
        return pid

    def kill_role(self, role: str) -> None:
        os.kill(self.pid(role), signal.SIGKILL)

    def kill_up(self) -> None:
        """The supervisor only; returns when the roles, who notice, have drained and ended."""
        orphans = [os.pidfd_open(self.pid(role)) for role in ROLES]
        self.kill()
        self._wait_for(orphans)

    def kill_all(self) -> None:
        """Supervisor and roles in one moment, as a power cut does for them."""
        self._process.send_signal(signal.SIGSTOP)  # it must not fill the posts again meanwhile
        roles = [os.pidfd_open(self.pid(role)) for role in ROLES]
        for fd in roles:
            signal.pidfd_send_signal(fd, signal.SIGKILL)
        self.kill()
        self._wait_for(roles)

    def _wait_for(self, pidfds: list[int]) -> None:
        for fd in pidfds:
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            assert poll.poll(COME_BACK_S_MAX * 1000), f"a role did not end:\n{self.output()}"
            os.close(fd)

    def wait_for_another(self, role: str, pid: int) -> None:
        """Until another process than `pid` fills the role and says that it is ready."""
        until(
            lambda: self._filled(role, pid), COME_BACK_S_MAX, lambda: f"{role} did not come back:\n{self.output()}"
        )

    def _filled(self, role: str, pid: int) -> bool:
        with suppress(OSError, ValueError, KeyError):
            return self.pid(role) != pid and self.metric("headwater_ready", role=role) == 1
        return False

    def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples with these labels."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.serve_port, timeout=5)) as connection:
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        lines = [line for line in text.splitlines() if re.match(rf"{name}[{{ ]", line)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if all(label in line for label in wanted))

    def log(self) -> str:
        return self._output.read_text(errors="replace")

    def lake_counts(self) -> Counter[str]:
        rows = self.sql("SELECT message_id, count(*) AS times FROM events GROUP BY message_id")
        return Counter({row["message_id"]: row["times"] for row in rows})

    def wait_for_lake(self, answered: set[str], *, may_be_twice: frozenset[str] = frozenset()) -> Counter[str]:
        """The lake once it has all of these; fails when it has anything twice that may not be."""
        counts: Counter[str] = Counter()

        def complete() -> bool:
            nonlocal counts
            counts = self.lake_counts()
            return answered <= counts.keys()

        missing = lambda: f"{len(answered - counts.keys())} answered events are not in the lake:\n{self.output()}"  # noqa: E731
        until(complete, SETTLE_S_MAX, missing)
        twice = {each: times for each, times in counts.items() if times > 1 and each not in may_be_twice}
        assert not twice, f"in the lake more than once: {twice}"
        return counts

    def end(self) -> None:
        """Whatever state a test left it in."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(40)
        self.kill()


def until(happened: Callable[[], bool], timeout_s: float, why: Callable[[], str] = lambda: "") -> None:
    """Looks again and again, less often the longer it takes: for what nothing signals."""
    began = time.monotonic()
    while not happened():
        waited_s = time.monotonic() - began
        assert waited_s < timeout_s, f"not after {timeout_s} s {why()}"
        time.sleep(min(max(waited_s / 4, 0.02), 0.25))


class Sent(NamedTuple):
    message_id: str
    person: str
    number: int
    """Grows per person."""


class Load:
    """Singles and batches from a few connections. Nothing is ever sent twice: an event whose request was not
    answered may have arrived or not. Each person belongs to one connection, which waits for its answers, so the
    log has a person's events in the order of their numbers.
    """

    def __init__(
        self, port: int, *, prefix: str = "", seed: int = SEED, senders: int = 3, pause_s: float = 0.015
    ) -> None:
        """`prefix` tells the events of several loads apart."""
        self._prefix = prefix
        self.answered: list[Sent] = []
        self.unanswered: list[Sent] = []
        self.statuses: Counter[int] = Counter()
        self.answered_at: list[float] = []
        """`time.monotonic()` of each of `answered`, in the same order."""
        self._port = port
        self._pause_s = pause_s
        self._stop = threading.Event()
        self._noting = threading.Lock()
        self._numbers: Counter[str] = Counter()
        self._failure: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._run, args=(sender, random.Random(seed + sender)), daemon=True)
            for sender in range(senders)
        ]

    @property
    def ids(self) -> set[str]:
        return {sent.message_id for sent in self.answered}

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._failure:
            raise self._failure

    def wait_for_answers(self, count: int) -> None:
        """So many more."""
        wanted = len(self.answered) + count
        until(
            lambda: len(self.answered) >= wanted or self._failure is not None,
            COME_BACK_S_MAX,
            lambda: f"no more answers: {self.statuses}",
        )

    def _run(self, sender: int, dice: random.Random) -> None:
        connection: http.client.HTTPConnection | None = None
        try:
            while not self._stop.wait(self._pause_s * dice.random() * 2):
                connection = connection or http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
                if not self._post(connection, sender, dice):
                    connection.close()
                    connection = None
        except BaseException as error:
            self._failure = error
        finally:
            if connection:
                connection.close()

    def _post(self, connection: http.client.HTTPConnection, sender: int, dice: random.Random) -> bool:
        """Whether the connection can be used again."""
        is_batch = dice.random() < 0.6
        sent = [self._event(sender, dice) for _ in range(dice.randint(1, 12) if is_batch else 1)]
        filling = "x" * dice.randrange(300)
        events = [
            {
                "type": "track",
                "event": "Load",
                "messageId": one.message_id,
                "userId": one.person,
                "properties": {"number": one.number, "filling": filling},
            }
            for one in sent
        ]
        path, body = ("/v1/batch", {"batch": events}) if is_batch else ("/v1/track", events[0])
        try:
            connection.request("POST", path, json.dumps({**body, "writeKey": WRITE_KEY}))
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.unanswered += sent
            return False
        self.statuses[answer.status] += 1
        if answer.status == 200:
            with self._noting:
                self.answered += sent
                self.answered_at += [time.monotonic()] * len(sent)
        else:
            self.unanswered += sent
        return not answer.will_close

    def _event(self, sender: int, dice: random.Random) -> Sent:
        person = f"{self._prefix}person-{sender}-{dice.randrange(10)}"
        self._numbers[person] += 1
        number = self._numbers[person]
        return Sent(f"{person}-{number}", person, number)


class Hook:
    """A webhook endpoint on a port of its own, in a thread of its own, that notes every request."""

    def __init__(self, *, keeps_bodies: bool = False) -> None:
        self.received: list[str] = []
        """Message ids in order of arrival, repeats and refused ones included."""
        self.bodies: dict[str, dict[str, Any]] | None = {} if keeps_bodies else None
        """The last one received of each message."""
        self.accepted: Counter[str] = Counter()
        """Those answered 200."""
        self.arrived_at: dict[str, float] = {}
        """`time.monotonic()` of the first arrival."""
        self.status = 200
        self._port = 0
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hook"

    def up(self) -> None:
        asyncio.run_coroutine_threadsafe(self._up(), self._loop).result(10)

    def down(self) -> None:
        """Nothing listens there any more."""
        asyncio.run_coroutine_threadsafe(self._down(), self._loop).result(10)

    def wait_for(self, message_ids: set[str], timeout_s: float = SETTLE_S_MAX) -> None:
        until(
            lambda: message_ids <= self.accepted.keys(),
            timeout_s,
            lambda: f"{len(message_ids - self.accepted.keys())} of {len(message_ids)} did not arrive",
        )

    def check_order(self) -> None:
        """The first arrivals of each person's events are in the order of their numbers."""
        last: Counter[str] = Counter()
        for message_id in dict.fromkeys(self.received):
            person, _, number = message_id.rpartition("-")
            assert int(number) > last[person], f"{message_id} came after number {last[person]}"
            last[person] = int(number)

    async def _up(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _down(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*list(self._connections), return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection
        self._connections.add(connection)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                assert found
                body = json.loads(await reader.readexactly(int(found[1])))
                if self.bodies is not None:
                    self.bodies[body["messageId"]] = body
                self._note(body["messageId"])
                writer.write(b"HTTP/1.1 %d x\r\ncontent-length: 0\r\n\r\n" % self.status)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # it hung up, or we do
        finally:
            self._connections.discard(connection)
            writer.transport.abort()

    def _note(self, message_id: str) -> None:
        self.received.append(message_id)
        self.arrived_at.setdefault(message_id, time.monotonic())
        if self.status == 200:
            self.accepted[message_id] += 1


@contextlib.contextmanager
def stand(folder: Path, given: dict[str, Any]) -> Iterator[Stand]:
    platform = Stand(folder, given)
    try:
        platform.wait_until_ready()
        yield platform
    except BaseException as error:
        error.add_note(f"HEADWATER_TEST_SEED={SEED}\n{platform.output()}")
        raise
    finally:
        platform.end()
