"""Connections that wait for their next request, by where they lead; and how new ones are made."""

import asyncio
import socket
import ssl
from collections import deque
from typing import Final, NamedTuple

import aiohappyeyeballs

from headwater.delivery import guard
from headwater.delivery.transports.http_connection import Connection

KEEP_ALIVE_S: Final = 4.0
"""Idle connections are closed by us: Node, uvicorn and Apache do so after 5 s, and a request written into
that very moment fails."""

NAMES_KEPT_S: Final = 10.0
"""A name is looked up again after this long: whoever moves a service moves it within seconds."""

NAMES_MAX: Final = 1_000
"""Names kept. Templates may make addresses of events, and then there is no end of them."""

HAPPY_EYEBALLS_S: Final = 0.25
"""RFC 8305: how long one address may take before the next is tried beside it."""

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[str | int, ...]]


class Origin(NamedTuple):
    scheme: str
    host: str
    port: int


class Pool:
    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._loop = asyncio.get_running_loop()
        self._tls = ssl.create_default_context()
        self._tls.set_alpn_protocols(["http/1.1"])
        self._idle: dict[Origin, deque[tuple[Connection, float]]] = {}
        """With when each became idle (loop time); the newest last."""
        self._names: dict[tuple[str, int], tuple[float, list[AddressInfo]]] = {}
        self._look_ups: dict[tuple[str, int], asyncio.Task[list[AddressInfo]]] = {}
        """Under way, one for each name: the system has a handful of threads for them, none of which can be called
        back, and a name whose server is silent would take them all from other destinations.
        """
        self._sweep: asyncio.TimerHandle | None = None

    def waiting(self, origin: Origin) -> Connection | None:
        """An open one that nobody uses: the one that was used last."""
        idle = self._idle.get(origin)
        while idle:
            connection, _ = idle.pop()
            if connection.is_open:
                return connection
        return None

    def give_back(self, origin: Origin, connection: Connection) -> None:
        if connection.is_open:
            self._idle.setdefault(origin, deque()).append((connection, self._loop.time()))
            if self._sweep is None:
                self._sweep = self._loop.call_later(KEEP_ALIVE_S, self._close_idle)

    def close(self) -> None:
        if self._sweep:
            self._sweep.cancel()
        for idle in self._idle.values():
            for connection, _ in idle:
                connection.close()
        self._idle.clear()
        for look_up in self._look_ups.values():
            look_up.cancel()

    def _close_idle(self) -> None:
        """Those that have waited long enough, and look again when the next will have."""
        self._sweep = None
        now_s, oldest_s = self._loop.time(), None
        for origin, idle in list(self._idle.items()):
            while idle and (idle[0][1] <= now_s - KEEP_ALIVE_S or not idle[0][0].is_open):
                idle.popleft()[0].close()
            if not idle:
                del self._idle[origin]
            elif oldest_s is None or idle[0][1] < oldest_s:
                oldest_s = idle[0][1]
        if oldest_s is not None:
            self._sweep = self._loop.call_at(oldest_s + KEEP_ALIVE_S, self._close_idle)

    async def connect(self, origin: Origin) -> Connection:
        """A new one. What the system, the name service and TLS raise, all of it OSError."""
        factory = None if self._allow_private else guard.public_socket
        sock = await aiohappyeyeballs.start_connection(
            await self._addresses(origin.host, origin.port),
            happy_eyeballs_delay=HAPPY_EYEBALLS_S,
            interleave=1,
            loop=self._loop,
            socket_factory=factory,
        )
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            is_tls = origin.scheme == "https"
            _, connection = await self._loop.create_connection(
                Connection,
                sock=sock,
                ssl=self._tls if is_tls else None,
                server_hostname=origin.host if is_tls else None,
            )
        except BaseException:
            sock.close()
            raise
        return connection

    async def _addresses(self, host: str, port: int) -> list[AddressInfo]:
        known = self._names.get((host, port))
        if known and known[0] > self._loop.time():
            return known[1]
        look_up = self._look_ups.get((host, port))
        if look_up is None:
            look_up = self._look_ups[host, port] = self._loop.create_task(self._look_up(host, port))
            look_up.add_done_callback(lambda done: self._looked_up(host, port, done))
        return await asyncio.shield(look_up)

    async def _look_up(self, host: str, port: int) -> list[AddressInfo]:
        found: list[AddressInfo] = await self._loop.getaddrinfo(  # type: ignore[assignment]
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
        if len(self._names) >= NAMES_MAX:
            del self._names[next(iter(self._names))]
        self._names.pop((host, port), None)
        self._names[host, port] = self._loop.time() + NAMES_KEPT_S, found
        return found

    def _looked_up(self, host: str, port: int, done: "asyncio.Task[list[AddressInfo]]") -> None:
        del self._look_ups[host, port]
        if not done.cancelled():
            done.exception()  # heard by whoever still waits; the others have given up
