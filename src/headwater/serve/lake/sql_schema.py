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
    "name": "page or screen name",
    "user_id": "user id sent with the event",
    "anonymous_id": "device or visitor id",
    "group_id": "account id",
    "profile_id": "profile at the time of arrival (segment id); empty if none",
    "source": "source it was sent to",
    "received_at": "when it was received",
    "timestamp": "when it happened, corrected for clock skew",
    "original_timestamp": "when it happened, by the sender's clock",
    "sent_at": "when it was sent, by the sender's clock",
    "body": "the full event as JSON: body->>'$.properties.total' is text, body->'$.context' is JSON",
    "log_offset": "offset of its request in the collected log",
    "log_index": "position within that request",
    "trace": "what each pipeline stage noted",
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
    return SqlSchema([SqlTable("events", "Every accepted event, a few seconds after it arrives", columns)])


@get("/sql/schema", responses=ERRORS, sync_to_thread=True)
def read_sql_schema() -> SqlSchema:
    """The tables and columns that statements can ask."""
    return schema()


HANDLERS: Final[list[Callable[..., Any]]] = [read_sql_schema]
