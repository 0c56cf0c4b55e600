"""The message that asks a destination to forget a user (spec 2.2)."""

import uuid
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from headwater.event import instant


class Deletion(NamedTuple):
    message_id: str
    """The same at every attempt."""
    user_id: str
    project_id: str
    at_ms: int
    """When it was asked for, Unix milliseconds."""

    @property
    def body(self) -> bytes:
        """JSON. `context` and `integrations` are empty arrays: partners are told to expect exactly that."""
        at = instant(self.at_ms)
        return msgspec.json.encode(
            {
                "type": "delete",
                "channel": "server",
                "messageId": self.message_id,
                "projectId": self.project_id,
                "userId": self.user_id,
                "context": [],
                "integrations": [],
                "receivedAt": at,
                "sentAt": at,
                "originalTimestamp": at,
                "timestamp": at,
            }
        )


def message_id(regulation: str, destination: str, fingerprint: bytes) -> str:
    """`delete-<uuid>`, which a repeat after a crash gives again."""
    named = blake2b(digest_size=16, person=b"hw-deletion")
    for part in (regulation.encode(), b"\0", destination.encode(), b"\0", fingerprint):
        named.update(part)
    return f"delete-{uuid.UUID(bytes=named.digest(), version=4)}"
