"""Rows for Postgres: one transaction for each call, a bad row alone refused.

*Addresses.* The host is looked up and checked here, and libpq is given the numbers (`hostaddr`) beside the name,
which only serves TLS. So what was checked is what is connected to.
*Bad rows.* Rows go in as one batch. If the server refuses a value, the batch is undone to where it began and goes
in halves, until the bad rows are found; the others are written.
"""

import asyncio
import contextlib
import os
import socket
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from headwater import limits
from headwater.delivery.guard import AddressRefusedError, refused_kind
from headwater.delivery.transports.http import failure as network_failure
from headwater.delivery.transports.trust import authorities_file
from headwater.destinations.kit.model import Answer, Failure, Rows, Written

IDLE_S: Final = 30.0
"""A connection that nobody uses for so long is closed: each is a process on the other side."""

_Connection = psycopg.AsyncConnection[tuple[Any, ...]]
_Row = tuple[Any, ...]

OURS: Final = {
    "application_name": "headwater",
    "target_session_attrs": "read-write",  # a standby answers politely and cannot write
    "gssencmode": "disable",  # its look-ups go where nobody has checked
    "client_encoding": "UTF8",
}
"""What every connection has besides what the destination says."""

STATES: Final[tuple[tuple[str, str, bool], ...]] = (
    ("28", "401", True),
    ("42501", "403", True),
    ("42P01", "404", True),
    ("3D", "404", True),
    ("3F", "404", True),
    ("22", "MESSAGE_REJECTED", True),
    ("23", "MESSAGE_REJECTED", True),
    ("42", "BAD_REQUEST", True),
    ("0A", "BAD_REQUEST", True),
    ("53300", "429", False),
    ("57P", "503", False),
    ("08", "ECONNRESET", False),
    ("", "RETRY", False),
)
"""SQLSTATEs by their beginning, first match wins: our reason, and whether it lasts."""

REFUSALS: Final[tuple[tuple[str, str, str, bool], ...]] = (
    ("authentication failed", "401", "the database does not know this user and password", True),
    ("no password supplied", "401", "the database wants a password", True),
    ("pg_hba.conf", "401", "the database lets nobody in from here as this user (pg_hba.conf)", True),
    ("does not exist", "404", "there is no such database or user", True),
    ("too many c", "429", "the database has no connection left", False),
    ("remaining connection slots", "429", "the database has no connection left", False),
    ("starting up", "503", "the database is starting", False),
    ("shutting down", "503", "the database is shutting down", False),
    ("recovery", "503", "the database is recovering", False),
    ("read-only", "503", "the database can only be read at the moment", False),
    ("certificate", "TLS", "the database's certificate is not one that we trust for this name", False),
    ("ssl", "TLS", "no encrypted connection could be made", False),
    ("refused", "ECONNREFUSED", "nothing listens at this address", False),
    ("timeout", "ETIMEDOUT", "no answer in time", False),
    ("unreachable", "EHOSTUNREACH", "the address cannot be reached", False),
)
"""What libpq says of a connection that was not made: it has no codes, only sentences, which name addresses."""


UNWRITABLE: Final = Failure("MESSAGE_REJECTED", "text that UTF-8 has no bytes for", lasting=True)


class PostgresTransport:
    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._pools: dict[frozenset[tuple[str, str]], _Pool] = {}

    async def send(self, call: Rows, /) -> Answer:
        pool = self._pool(call.connection)
        try:
            async with asyncio.timeout(call.timeout_s), pool.connection() as connection:
                return await _written(connection, call)
        except (AddressRefusedError, socket.gaierror, TimeoutError) as error:
            return network_failure(error)
        except psycopg.Error as error:
            return failure(error)

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.close()
        self._pools.clear()

    def _pool(self, connection: Mapping[str, str]) -> "_Pool":
        known = frozenset(connection.items())
        pool = self._pools.get(known)
        if pool is None:
            # Settings that were changed leave their pool behind.
            self._pools = {of: kept for of, kept in self._pools.items() if not kept.is_empty}
            pool = self._pools[known] = _Pool(connection, allow_private=self._allow_private)
        return pool


class _Pool:
    """Connections with the same parameters."""

    def __init__(self, parameters: Mapping[str, str], *, allow_private: bool) -> None:
        self._parameters = dict(parameters)
        self._allow_private = allow_private
        self._loop = asyncio.get_running_loop()
        self._free = asyncio.Semaphore(limits.delivery.POSTGRES_CONNECTIONS_MAX)
        self._idle: deque[tuple[_Connection, float]] = deque()
        """With when each became idle (loop time); the newest last."""
        self._lent = 0
        self._sweep: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def is_empty(self) -> bool:
        return not self._lent and not self._idle

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[_Connection]:
        """One of one's own; kept for others afterwards, unless its use was broken off in the middle."""
        async with self._free:
            self._lent += 1
            connection: _Connection | None = None
            try:
                connection = self._waiting() or await self._connect()
                try:
                    yield connection
                except psycopg.Error:
                    raise
                except BaseException:
                    await connection.close()  # in the middle of something
                    raise
            finally:
                self._lent -= 1
                if connection is not None and not connection.closed:
                    self._give_back(connection)

    async def close(self) -> None:
        if self._sweep:
            self._sweep.cancel()
        while self._idle:
            await self._idle.pop()[0].close()

    def _waiting(self) -> _Connection | None:
        while self._idle:
            connection, _ = self._idle.pop()
            if not connection.closed:
                return connection
        return None

    def _give_back(self, connection: _Connection) -> None:
        self._idle.append((connection, self._loop.time()))
        if self._sweep is None:
            self._sweep = self._loop.call_later(IDLE_S, self._close_idle)

    def _close_idle(self) -> None:
        self._sweep = None
        while self._idle and self._idle[0][1] <= self._loop.time() - IDLE_S:
            closing = self._loop.create_task(self._idle.popleft()[0].close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        if self._idle:
            self._sweep = self._loop.call_at(self._idle[0][1] + IDLE_S, self._close_idle)

    async def _connect(self) -> _Connection:
        parameters = self._parameters | OURS
        host, port = parameters.get("host", ""), parameters.get("port", "5432")
        addresses = await self._addresses(host, port)
        parameters |= {
            "hostaddr": ",".join(addresses),
            "host": ",".join([host] * len(addresses)),
            "port": ",".join([port] * len(addresses)),
        }
        with _certificate_file(parameters):
            # No prepared statements: a pooler in between may give each transaction another server process.
            return await psycopg.AsyncConnection.connect(
                make_conninfo("", **parameters), autocommit=True, prepare_threshold=None
            )

    async def _addresses(self, host: str, port: str) -> list[str]:
        """Of a host, those that may be connected to. AddressRefusedError if there is none."""
        if not host or host.startswith(("/", "@")):
            raise AddressRefusedError("a local socket")
        found = await self._loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        if self._allow_private:
            return addresses
        allowed = [address for address in addresses if refused_kind(address) is None]
        if not allowed:
            raise AddressRefusedError(refused_kind(addresses[0]) or "private")
        return allowed


@contextlib.contextmanager
def _certificate_file(parameters: dict[str, str]) -> Iterator[None]:
    """The certificate of an authority of one's own, which libpq only reads from a file: there while connecting."""
    if parameters.get("sslrootcert") == "system":
        parameters["sslrootcert"] = authorities_file() or "system"
    if not parameters.get("sslrootcert", "").lstrip().startswith("-----BEGIN"):
        yield
        return
    handle, path = tempfile.mkstemp(prefix="headwater-", suffix=".pem")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(parameters["sslrootcert"])
        parameters["sslrootcert"] = path
        yield
    finally:
        os.unlink(path)


async def _written(connection: _Connection, call: Rows) -> Written:
    failures: dict[int, Failure] = {}
    first = 0
    async with connection.transaction():
        for sql, rows in call.statements:
            if rows:
                await _put(connection, sql, rows, first, failures)
                first += len(rows)
            else:
                await connection.execute(sql.encode(), ())
    return Written(failures)


async def _put(
    connection: _Connection, sql: str, rows: Sequence[_Row], first: int, failures: dict[int, Failure]
) -> None:
    """All rows but those that the server refuses: they go to `failures`, `first` being the index of the first."""
    try:
        async with connection.transaction(), connection.cursor() as cursor:
            await cursor.executemany(sql.encode(), rows)
    except (psycopg.DataError, psycopg.IntegrityError, UnicodeEncodeError) as error:
        if len(rows) == 1:
            failures[first] = failure(error) if isinstance(error, psycopg.Error) else UNWRITABLE
            return
        half = len(rows) // 2
        await _put(connection, sql, rows[:half], first, failures)
        await _put(connection, sql, rows[half:], first + half, failures)


def failure(error: psycopg.Error) -> Failure:
    """What went wrong, without addresses or credentials: it is stored and shown."""
    state = error.sqlstate
    if state is None and isinstance(error, psycopg.DataError):
        return Failure("MESSAGE_REJECTED", str(error), lasting=True)  # refused before it was sent
    if state is None:
        said = str(error).lower()
        found = next((row for row in REFUSALS if row[0] in said), None)
        if found is None:
            return Failure("ECONNRESET", "the connection to the database ended, or was not made")
        return Failure(found[1], found[2], found[3])
    reason, lasting = next((reason, lasting) for begin, reason, lasting in STATES if state.startswith(begin))
    return Failure(reason, f"{state}: {error.diag.message_primary or type(error).__name__}"[:500], lasting)
