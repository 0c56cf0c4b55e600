"""A destination driven as delivery does it: its own generators, over the real transports."""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from headwater.delivery.access import Tokens
from headwater.delivery.conversation import converse
from headwater.delivery.transports.carrier import Carrier
from headwater.destinations import registry
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.model import Attempt, Failure, Item, Outcome
from headwater.event import OutboundEvent

RECEIVED_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z"""


def event(message_id: str, *, source: str = "web", at_ms: int = RECEIVED_MS, **members: Any) -> OutboundEvent:
    whole = {"type": "track", "messageId": message_id, "event": "Order Completed", "userId": "ann"} | members
    named = (whole.get(name) for name in ("event", "name", "userId", "anonymousId", "groupId"))
    body = msgspec.json.encode(whole)
    return OutboundEvent(0, 0, message_id, whole["type"], *named, None, source, at_ms, at_ms, None, None, body)


def item(message_id: str, payload: Mapping[str, Any] | None = None, **members: Any) -> Item:
    return Item(event(message_id, **members), dict(payload or {}), message_id)


class Database(NamedTuple):
    port: int
    password: str
    authority: str
    """The certificate (PEM) of whoever signed that of the server, which is for `localhost`."""

    @property
    def settings(self) -> dict[str, str | int]:
        named = {"host": "127.0.0.1", "database": "postgres", "user": "headwater", "tls": "off"}
        return named | {"port": self.port, "password": self.password}

    @property
    def url(self) -> str:
        return f"postgresql://headwater:{self.password}@127.0.0.1:{self.port}/postgres"


def certified(host: str) -> tuple[str, str, str]:
    """An authority's certificate, and a certificate and key of its for a host; PEM."""
    now = dt.datetime.now(dt.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, of)]) for of in ("a test", host)]
    certificates = []
    for subject, key, extension in (
        (names[0], keys[0], x509.BasicConstraints(ca=True, path_length=None)),
        (names[1], keys[1], x509.SubjectAlternativeName([x509.DNSName(host)])),
    ):
        builder = x509.CertificateBuilder(names[0], subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        certificates.append(builder.add_extension(extension, critical=False).sign(keys[0], hashes.SHA256()))
    authority, certificate = (each.public_bytes(serialization.Encoding.PEM).decode() for each in certificates)
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return authority, certificate, keys[1].private_bytes(serialization.Encoding.PEM, *plain).decode()


class Driven:
    """A destination of a type, with a carrier of its own. Use as a context."""

    def __init__(self, type_: str, settings: Mapping[str, Any], *, allow_private: bool = True) -> None:
        assert registry.validate_settings(type_, dict(settings)) == []
        known = registry.get(type_)
        assert known
        self.type, self.settings = known, msgspec.convert(settings, known.settings)
        self.allow_private = allow_private

    async def __aenter__(self) -> Self:
        self._carrier = Carrier(allow_private=self.allow_private)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._carrier.close()

    async def perform(self, action: str, items: Sequence[Item]) -> Sequence[Outcome]:
        known = self.type.action(action)
        assert known
        perform, attempt = known.perform(self.settings), await self._attempt()
        spoken = await converse(lambda: perform(items, attempt), len(items), self._carrier.send, name="driven")
        return spoken.outcomes

    async def test(self) -> Outcome:
        asks, attempt = self.type.test, await self._attempt()
        assert asks
        spoken = await converse(lambda: asks(self.settings, attempt), 1, self._carrier.send, name="driven")
        return spoken.outcomes[0]

    async def forget(self, user_id: str) -> Outcome:
        deletions, attempt = self.type.deletions, await self._attempt()
        assert deletions
        asks, deletion = deletions(self.settings), Deletion("delete-1", user_id, "p1", RECEIVED_MS)
        spoken = await converse(lambda: asks(deletion, attempt), 1, self._carrier.send, name="driven")
        return spoken.outcomes[0]

    async def _attempt(self) -> Attempt:
        if not self.type.access:
            return Attempt(time.time())
        token = await Tokens(self.type.access, self.settings, self._carrier.send).token()
        assert not isinstance(token, Failure), token
        return Attempt(time.time(), token=token)
