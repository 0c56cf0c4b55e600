"""One Kafka cluster, by librdkafka: an idempotent producer, and the thread that hears its reports.

librdkafka has threads of its own; ours sleeps while nothing is under way. What blocks has a thread for each
cluster, so that a dead one takes none from the others.
"""

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from headwater.delivery.guard import AddressRefusedError, refused_kind
from headwater.delivery.transports.kafka_errors import MESSAGES, failure
from headwater.delivery.transports.trust import authorities_file
from headwater.destinations.kit.model import Failure, KafkaRecord, KafkaRecords, Written

QUEUE_KIB_MAX: Final = 64 * 1024
"""Of records under way to one cluster; what does not fit is tried again later."""

CHECKED_S: Final = 60.0
"""How long a look at the cluster's addresses holds."""

FLUSH_S: Final = 5.0
"""At the end, for what is under way."""

REPORT_S: Final = 1.5
"""librdkafka looks once a second for what has not gone out in time."""

OURS: Final[Mapping[str, Any]] = {
    "enable.idempotence": True,
    "acks": "all",
    "client.id": "headwater",
    "linger.ms": 5,
    "queue.buffering.max.kbytes": QUEUE_KIB_MAX,
    "log_level": 0,  # it names addresses; what matters comes as an error
    "topic.metadata.propagation.max.ms": 5_000,  # how long a topic may be unknown before that is believed
}

BY_KEY: Final = -1
"""Instead of a partition's number."""

VAGUE: Final = frozenset({"_TRANSPORT", "_ALL_BROKERS_DOWN", "_TIMED_OUT"})
"""Errors of a connection that only follow from the one before."""

_SILENT: Final = logging.getLogger("headwater.librdkafka")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class GoneError(Exception):
    """Somebody else has found that it is of no use."""


class UnusableError(Exception):
    """librdkafka takes none of it: a certificate or a key is not one."""


class Cluster:
    def __init__(self, connection: Mapping[str, str], timeout_s: float, *, allow_private: bool) -> None:
        self._connection = connection
        self._timeout_s = timeout_s
        self._allow_private = allow_private
        self._loop = asyncio.get_running_loop()
        self._opening = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="headwater-kafka")
        """For what blocks: of each cluster one, so that a dead one takes none from the others."""
        self._producer: Producer | None = None
        self._trouble: KafkaError | None = None
        """What was wrong last with the connection, while nothing gets through."""
        self.is_broken = False
        """It is of no use any more: it tells of private addresses, or has given up, as an idempotent producer does
        that cannot know what was written.
        """
        self._checked_s = float("-inf")
        """When its brokers' addresses were looked at (monotonic)."""
        self._used_s = time.monotonic()
        self._under_way = 0
        self._ending = False
        self._change = threading.Condition()
        self._reports = threading.Thread(target=self._report, name="headwater-kafka-reports", daemon=True)

    @property
    def idle_s(self) -> float:
        return 0.0 if self._under_way else time.monotonic() - self._used_s

    async def open(self) -> None:
        """Once this returns it may be used, until the next await. AddressRefusedError, UnusableError,
        GoneError, or KafkaException when the cluster does not tell its addresses.
        """
        self._used_s = time.monotonic()
        if self._ending:
            raise GoneError
        if self._producer is not None and (self._allow_private or self._checked_s > time.monotonic() - CHECKED_S):
            return
        async with self._opening:
            if self._ending:
                raise GoneError
            if self._producer is None:
                if not self._allow_private:
                    await check(addresses_of(self._connection.get("bootstrap.servers", "")))
                try:
                    self._producer = Producer(self._configuration(), logger=_SILENT)
                except KafkaException:
                    raise UnusableError from None  # it quotes what it does not take
                self._reports.start()
            if not self._allow_private and self._checked_s <= time.monotonic() - CHECKED_S:
                try:
                    await check(await self.brokers())
                except AddressRefusedError:
                    self.is_broken = True
                    raise
                self._checked_s = time.monotonic()

    def _configuration(self) -> dict[str, Any]:
        # Its own time ends before the call's, so that it is its report that ends the call.
        timeout_ms = int(max(self._timeout_s - REPORT_S, self._timeout_s / 2) * 1000)
        asked: dict[str, Any] = {"message.timeout.ms": timeout_ms, "error_cb": self._troubled}
        if "ssl.ca.pem" not in self._connection and (trusted := authorities_file()):
            asked["ssl.ca.location"] = trusted
        return {**self._connection, **OURS, **asked}

    async def brokers(self) -> list[tuple[str, int]]:
        """Host and port of each. KafkaException if nobody tells."""
        assert self._producer is not None
        ask = partial(self._producer.list_topics, timeout=self._timeout_s * 0.9)
        with self._reporting():  # or errors of the connection would not be heard of
            try:
                found = await self._loop.run_in_executor(self._thread, ask)
            except KafkaException as error:
                raise KafkaException(self._trouble or error.args[0]) from None
        return [(broker.host, broker.port) for broker in found.brokers.values()]

    async def write(self, call: KafkaRecords) -> Written:
        pending = _Pending(len(call.records), self._loop)
        with self._reporting():
            failed: Failure | None = None
            for index, record in enumerate(call.records):
                # Behind one that has found no room none may go first: it may be the same person's.
                failed = failed or self._produce(record, partial(self._reported, pending, index))
                if failed is not None:
                    pending.done(index, failed)
                    failed = failed if not failed.lasting else None
            return Written(await pending.all)

    async def close(self) -> None:
        with self._change:
            self._ending = True
            self._change.notify()
        await self._loop.run_in_executor(self._thread, self._end)
        self._thread.shutdown(wait=False)

    def _end(self) -> None:
        if self._producer is not None:
            self._producer.flush(FLUSH_S)
            self._reports.join()
            self._producer = None  # here, and not in the event loop: librdkafka waits for its threads

    def _produce(self, record: KafkaRecord, report: Callable[[KafkaError | None, Any], None]) -> Failure | None:
        assert self._producer is not None
        try:
            self._producer.produce(
                record.topic,
                record.value,
                record.key,
                BY_KEY if record.partition is None else record.partition,
                headers=list(record.headers),
                on_delivery=report,
            )
        except BufferError:
            return Failure("429", MESSAGES["429"])
        except KafkaException as error:
            return failure(error.args[0])
        except (ValueError, OverflowError):  # a number that is too large for C
            return Failure("MESSAGE_REJECTED", "the record cannot be written down for Kafka", lasting=True)
        return None

    # --- in the thread of reports -------------------------------------------------------------------------

    @contextlib.contextmanager
    def _reporting(self) -> Iterator[None]:
        """Reports are heard meanwhile."""
        with self._change:
            self._under_way += 1
            self._change.notify()
        try:
            yield
        finally:
            with self._change:
                self._under_way -= 1
            self._used_s = time.monotonic()

    def _report(self) -> None:
        producer = self._producer
        assert producer is not None
        while True:
            with self._change:
                while not self._under_way and not self._ending:
                    self._change.wait()
                if self._ending and not self._under_way:
                    return
            producer.poll(0.1)

    def _reported(self, pending: "_Pending", index: int, error: KafkaError | None, _message: Any) -> None:
        if error is None:
            self._trouble = None
            pending.done(index, None)
            return
        self.is_broken = self.is_broken or error.fatal()
        is_late = error.name() == "_MSG_TIMED_OUT"
        pending.done(index, failure(self._trouble if is_late and self._trouble else error))

    def _troubled(self, error: KafkaError) -> None:
        self.is_broken = self.is_broken or error.fatal()
        # That a connection ended, or that none is left, follows from what was said before, if anything was.
        if self._trouble is None or error.name() not in VAGUE:
            self._trouble = error


class _Pending:
    """The records of a call until each has its report. `done` may be called from any thread."""

    def __init__(self, count: int, loop: asyncio.AbstractEventLoop) -> None:
        self.all: asyncio.Future[dict[int, Failure]] = loop.create_future()
        self._loop = loop
        self._left = count
        self._failures: dict[int, Failure] = {}
        self._lock = threading.Lock()

    def done(self, index: int, why: Failure | None) -> None:
        with self._lock:
            if why is not None:
                self._failures[index] = why
            self._left -= 1
            if self._left:
                return
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever waited
            self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        if not self.all.done():
            self.all.set_result(dict(sorted(self._failures.items())))


def addresses_of(servers: str) -> list[tuple[str, int]]:
    """Of `bootstrap.servers`; a port that is none is for librdkafka to complain about.

    >>> addresses_of("a.example:9092, [2606:4700::1]:9093,b.example")
    [('a.example', 9092), ('2606:4700::1', 9093), ('b.example', 9092)]
    """
    found = []
    for server in filter(None, (each.strip() for each in servers.split(","))):
        host, colon, port = server.rpartition("://")[2].rpartition(":")
        if not colon:
            host, port = port, ""
        found.append((host.strip("[]"), int(port) if port.isdigit() else 9092))
    return found


async def check(addresses: Iterable[tuple[str, int]]) -> None:
    """AddressRefusedError if any name leads to an address that is not public: librdkafka tries them all."""
    loop = asyncio.get_running_loop()
    for host, port in addresses:
        for *_, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            if kind := refused_kind(str(address[0])):
                raise AddressRefusedError(kind)
