"""Profiles written as the pipeline writes them, with as little said as a test is about."""

import time
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from headwater.aggregation import tables
from headwater.aggregation.tables import (
    Computed,
    ComputedValue,
    Decision,
    ExternalId,
    Link,
    Profile,
    ProfileId,
    Trait,
)
from headwater.serve.lasting_view import AGE_S_MAX
from headwater.state.port import Changes, Commit
from headwater.state.rocksdb import RocksState

AT_MS = 1_700_000_000_000


def ids(*texts: str) -> list[ExternalId]:
    """`user_id:u1` → an external id."""
    return [ExternalId(*text.split(":", 1)) for text in texts]


class Writer:
    """A state with profiles in it; each call is a commit of its own."""

    def __init__(self, data: Path) -> None:
        self.state = RocksState(data / "state")
        self._position = 0

    def commit(self, changes: Changes) -> None:
        self._position += 1
        self.state.commit(Commit(self._position, changes, at_ms=AT_MS))
        time.sleep(AGE_S_MAX)  # so that whoever reads now sees it

    def profile(
        self,
        *external_ids: str,
        collection: str = "users",
        name: str = "",
        traits: dict[str, Any] | None = None,
        computed: dict[str, Any] | None = None,
        parts: list[bytes] | None = None,
        **fields: Any,
    ) -> bytes:
        """The key of a new profile; `name` tells apart those that have no external ids."""
        key = tables.profile_key(collection, name or "+".join(external_ids), 0, 0)
        sent = {key: Trait(value, AT_MS, 1, 0, "website") for key, value in (traits or {}).items()}
        values = {key: ComputedValue(value, AT_MS + 1) for key, value in (computed or {}).items()}
        row = Profile(
            **{
                "created_ms": AT_MS,
                "first_message_id": "m-first",
                "first_source": "website",
                "updated_ms": AT_MS + 5,
                "last_message_id": "m-last",
                "last_source": "backend",
                "ids": len(external_ids),
                "parts": parts or [],
                "traits": Raw(tables.encode_row(sent)),
                "computed": Raw(tables.encode_row(Computed(1, AT_MS, None, values, {"a": [1]}))),
            }
            | fields
        )
        changes: Changes = {tables.PROFILES: {key: tables.encode_row(row)}}
        for at, each in enumerate(ids(*external_ids)):
            known = ProfileId(AT_MS + at, "website", f"m{at}", at, 0, *each)
            changes.setdefault(tables.IDENTITIES, {})[tables.identity_key(collection, each)] = key
            changes.setdefault(tables.PROFILE_IDS, {})[tables.profile_id_key(key, each)] = tables.encode_row(known)
        self.commit(changes)
        return key

    def event(
        self,
        part: bytes,
        *,
        at_ms: int = AT_MS,
        offset: int = 0,
        index: int = 0,
        source: str = "website",
        **event: Any,
    ) -> None:
        """An event in the history of this part. The text `<huge>` stands for a number that no program can hold."""
        body = {
            "type": "track",
            "messageId": f"m{offset}.{index}",
            "timestamp": "2023-11-14T22:13:20.000Z",
        } | event
        kind = tables.kind_of(body["type"], body.get("event") or body.get("name"))
        text = msgspec.json.encode(body).replace(b'"<huge>"', b"1e999")
        row = tables.history_row(kind, at_ms, source, text)
        self.commit({tables.HISTORY: {tables.history_key(part, at_ms, offset, index): row}})

    def link(self, user: bytes, account: bytes) -> None:
        row = tables.encode_row(Link(AT_MS, "website", "m-link"))
        self.commit({tables.LINKS: {user + account: row, account + user: row}})

    def merged(self, gone: bytes, into: bytes) -> None:
        self.commit({tables.MERGED: {gone: into}, tables.PROFILES: {gone: None}})

    def decide(self, profile: bytes, kind: str, *, offset: int = 0, n: int = 0, **fields: Any) -> None:
        row = Decision(
            **{"kind": kind, "at_ms": AT_MS + offset, "message_id": f"m{offset}", "source": "website"} | fields
        )
        key = tables.decision_key(profile, offset, 0, n)
        self.commit({tables.IDENTITY_LOG: {key: tables.encode_row(row)}})

    def close(self) -> None:
        self.state.close()
