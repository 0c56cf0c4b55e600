"""What SQL can ask about, for an editor: the view of the lake with its columns."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from litestar import get

from headwater.serve.errors import ERRORS

ABOUT: Final[Mapping[str, str]] = {
    "message_id": "which event it is; no two have the same",
    "type": "the call: track, identify, page, screen, group or alias",
    "event": "name of a track event",
    "name": "name of a page or screen",
    "user_id": "who it is about, as the sender says",
    "anonymous_id": "the device or visitor",
    "group_id": "the account",
    "profile_id": "whose event it was when it came: a segment id; empty when it belongs to nobody",
    "source": "where it came from",
    "received_at": "when we got it",
    "timestamp": "when it happened, by our clock",
    "original_timestamp": "when it happened, by the sender's clock",
    "sent_at": "when it was sent, by the sender's clock",
    "body": "the whole event: body->>'$.properties.total' is text, body->'$.context' is JSON",
    "log_offset": "its request's place in the collected log",
    "log_index": "its place in that request",
    "trace": "what the stages noted about it",
}


class SqlColumn(msgspec.Struct, frozen=True):
    name: str
    type: str
    about: str


class SqlTable(msgspec.Struct, frozen=True):
    name: str
    about: str
    columns: list[SqlColumn]


class SqlSchema(msgspec.Struct, frozen=True):
    tables: list[SqlTable]


def schema() -> SqlSchema:
    from headwater.lake.query import COLUMNS

    columns = [SqlColumn(name, type_, ABOUT[name]) for name, type_ in COLUMNS.items()]
    return SqlSchema([SqlTable("events", "every event that was accepted, some seconds after it came", columns)])


@get("/sql/schema", responses=ERRORS, sync_to_thread=True)
def read_sql_schema() -> SqlSchema:
    """The tables and columns that statements can ask."""
    return schema()


HANDLERS: Final[list[Callable[..., Any]]] = [read_sql_schema]
