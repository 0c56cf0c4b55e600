"""Records for Kafka, by librdkafka: an idempotent producer for each set of connection settings.

*Answers.* A record counts when all replicas in sync have it. Until the call's time is up librdkafka tries again by
itself, without doubling or reordering what it sends.
*Threads.* librdkafka has its own. One of ours per cluster hands its reports to the event loop, and sleeps while
nothing is under way.
*Addresses.* librdkafka makes its own sockets, so they cannot be looked at one by one as for HTTP. Instead the
addresses in the settings are looked up and checked before it may begin, and those that the cluster tells before a
record goes out, and again every CHECKED_S. A cluster that tells a private address is let go at once. What this
leaves open: by then librdkafka may have said hello there (in Kafka's protocol, nothing else), and a name may
lead elsewhere when librdkafka looks it up a moment later.
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
from headwater.delivery.transports.http import failure as network_failure
from headwater.delivery.transports.trust import authorities_file
from headwater.destinations.kit.model import Answer, Failure, KafkaRecords, Written

QUEUE_KIB_MAX: Final = 64 * 1024
"""Of records under way to one cluster; what does not fit is tried again later."""

IDLE_S: Final = 300.0
"""A cluster that nothing is sent to for so long is let go: librdkafka keeps threads and connections for each."""

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

REASONS: Final[Mapping[str, tuple[str, bool]]] = {
    "MSG_SIZE_TOO_LARGE": ("MESSAGE_REJECTED", True),
    "RECORD_LIST_TOO_LARGE": ("MESSAGE_REJECTED", True),
    "INVALID_RECORD": ("MESSAGE_REJECTED", True),
    "INVALID_MSG": ("MESSAGE_REJECTED", True),
    "TOPIC_EXCEPTION": ("MESSAGE_REJECTED", True),
    "_INVALID_ARG": ("MESSAGE_REJECTED", True),
    "UNKNOWN_TOPIC_OR_PART": ("404", True),
    "_UNKNOWN_TOPIC": ("404", True),
    "_UNKNOWN_PARTITION": ("404", True),
    "TOPIC_AUTHORIZATION_FAILED": ("403", True),
    "CLUSTER_AUTHORIZATION_FAILED": ("403", True),
    "SASL_AUTHENTICATION_FAILED": ("401", True),
    "_AUTHENTICATION": ("401", True),
    "_SSL": ("TLS", False),
    "_RESOLVE": ("ENOTFOUND", False),
    "_TRANSPORT": ("ECONNREFUSED", False),
    "_ALL_BROKERS_DOWN": ("ECONNREFUSED", False),
    "_MSG_TIMED_OUT": ("ETIMEDOUT", False),
    "_TIMED_OUT": ("ETIMEDOUT", False),
    "_QUEUE_FULL": ("429", False),
    "THROTTLING_QUOTA_EXCEEDED": ("429", False),
}
"""Kafka's names for errors: our reason, and whether it lasts. Those that are not here may pass."""

VAGUE: Final = frozenset({"_TRANSPORT", "_ALL_BROKERS_DOWN", "_TIMED_OUT"})

MESSAGES: Final[Mapping[str, str]] = {
    "401": "the cluster does not know these credentials",
    "TLS": "no encrypted connection could be made, or the certificate is not one that we trust for this name",
    "ENOTFOUND": "a broker's name could not be resolved",
    "ECONNREFUSED": "no broker could be connected to",
    "ETIMEDOUT": "the cluster did not confirm it in time",
    "429": "more is under way to the cluster than may be held in memory",
}
"""Instead of librdkafka's own, which name brokers."""


class KafkaTransport:
    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._clusters: dict[tuple[frozenset[tuple[str, str]], float], _Cluster] = {}

    async def send(self, call: KafkaRecords, /) -> Answer:
        """A call without records asks whether the cluster lets us in."""
        cluster = await self._cluster(call)
        try:
            async with asyncio.timeout(call.timeout_s):
                await cluster.open()
                if not call.records:
                    await cluster.brokers()
                    return Written()
                return await cluster.write(call)
        except (AddressRefusedError, socket.gaierror, TimeoutError) as error:
            return network_failure(error)
        except KafkaException as error:
            return failure(error.args[0])
        except _GoneError:
            return Failure("RETRY", "the connection to the cluster was closed just then")
        finally:
            if cluster.is_broken:
                await self._let_go(lambda each: each is cluster)

    async def close(self) -> None:
        await self._let_go(lambda _: True)

    async def _cluster(self, call: KafkaRecords) -> "_Cluster":
        known = frozenset(call.connection.items()), call.timeout_s
        cluster = self._clusters.get(known)
        if cluster is None:
            cluster = _Cluster(call.connection, call.timeout_s, allow_private=self._allow_private)
            self._clusters[known] = cluster
            await self._let_go(lambda each: each.idle_s > IDLE_S)
        return cluster

    async def _let_go(self, unwanted: "Callable[[_Cluster], bool]") -> None:
        leaving = [(key, each) for key, each in self._clusters.items() if unwanted(each)]
        for key, _ in leaving:
            del self._clusters[key]
        await asyncio.gather(*(cluster.close() for _, cluster in leaving))


class _GoneError(Exception):
    """Somebody else has found that it is of no use."""


class _Cluster:
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
        """Once this returns it may be used, until the next await. KafkaException if the settings are none,
        AddressRefusedError, or _GoneError.
        """
        self._used_s = time.monotonic()
        if self._ending:
            raise _GoneError
        if self._producer is not None and (self._allow_private or self._checked_s > time.monotonic() - CHECKED_S):
            return
        async with self._opening:
            if self._ending:
                raise _GoneError
            if self._producer is None:
                if not self._allow_private:
                    await _check(_addresses(self._connection.get("bootstrap.servers", "")))
                self._producer = Producer(self._configuration(), logger=_SILENT)
                self._reports.start()
            if not self._allow_private and self._checked_s <= time.monotonic() - CHECKED_S:
                try:
                    await _check(await self.brokers())
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

    def _produce(self, record: Any, report: Callable[[KafkaError | None, Any], None]) -> Failure | None:
        assert self._producer is not None
        named = {} if record.partition is None else {"partition": record.partition}
        try:
            self._producer.produce(
                record.topic,
                record.value,
                record.key,
                headers=list(record.headers),
                on_delivery=report,
                **named,
            )
        except BufferError:
            return Failure("429", MESSAGES["429"])
        except KafkaException as error:
            return failure(error.args[0])
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


def failure(error: KafkaError) -> Failure:
    """What went wrong, without addresses or credentials: it is stored and shown."""
    reason, lasting = REASONS.get(error.name(), ("RETRY", False))
    return Failure(reason, MESSAGES.get(reason, f"{error.name()}: {error.str()}")[:500], lasting)


def _addresses(servers: str) -> list[tuple[str, int]]:
    """Of `bootstrap.servers`; a port that is none is for librdkafka to complain about.

    >>> _addresses("a.example:9092, [2606:4700::1]:9093,b.example")
    [('a.example', 9092), ('2606:4700::1', 9093), ('b.example', 9092)]
    """
    found = []
    for server in filter(None, (each.strip() for each in servers.split(","))):
        host, colon, port = server.rpartition("://")[2].rpartition(":")
        if not colon:
            host, port = port, ""
        found.append((host.strip("[]"), int(port) if port.isdigit() else 9092))
    return found


async def _check(addresses: Iterable[tuple[str, int]]) -> None:
    """AddressRefusedError if any name leads to an address that is not public: librdkafka tries them all."""
    loop = asyncio.get_running_loop()
    for host, port in addresses:
        for *_, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            if kind := refused_kind(str(address[0])):
                raise AddressRefusedError(kind)


_SILENT: Final = logging.getLogger("headwater.librdkafka")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
