"""Every kind of call through one door."""

from collections.abc import Callable
from typing import Final

from headwater.delivery.transports.port import Transport
from headwater.destinations.kit.model import Answer, Call, Failure, KafkaRecords, Request, Rows


def _http(*, allow_private: bool) -> Transport:
    from headwater.delivery.transports.http import HttpTransport

    return HttpTransport(allow_private=allow_private)


def _kafka(*, allow_private: bool) -> Transport:
    from headwater.delivery.transports.kafka import KafkaTransport

    return KafkaTransport(allow_private=allow_private)


def _postgres(*, allow_private: bool) -> Transport:
    from headwater.delivery.transports.postgres import PostgresTransport

    return PostgresTransport(allow_private=allow_private)


MAKERS: Final[dict[type[Call], Callable[..., Transport]]] = {
    Request: _http,
    KafkaRecords: _kafka,
    Rows: _postgres,
}
"""A new kind of call is a tuple in the kit's model, a module beside this one, and a line here."""


EXTRAS: Final[dict[type[Call], str]] = {KafkaRecords: "kafka", Rows: "postgres"}
"""Who has not installed them can do so while events wait: it is no lasting failure."""


class Carrier:
    """Sends whatever is asked. Transports are made when their first call comes: most workspaces need one."""

    def __init__(self, *, allow_private: bool) -> None:
        self.allow_private = allow_private
        self._transports: dict[type[Call], Transport] = {}

    async def send(self, call: Call) -> Answer:
        kind = type(call)
        transport = self._transports.get(kind)
        if transport is None:
            try:
                transport = MAKERS[kind](allow_private=self.allow_private)
            except ImportError:
                extra = EXTRAS.get(kind, "")
                return Failure("INVALID_SETTINGS", f"the client is missing: pip install 'headwater[{extra}]'")
            self._transports[kind] = transport
        return await transport.send(call)

    async def close(self) -> None:
        for transport in self._transports.values():
            await transport.close()
        self._transports.clear()
