"""Computed traits and audiences as the workspace file has them. What they mean: docs/reference/definitions.md."""

from enum import StrEnum
from typing import Annotated, Any

import msgspec

from headwater.config.section import Section


class Collection(StrEnum):
    USERS = "users"
    ACCOUNTS = "accounts"


class TraitKind(StrEnum):
    """How one value is made of many events."""

    EVENT_COUNT = "event_count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    FIRST = "first"
    LAST = "last"
    MOST_FREQUENT = "most_frequent"
    UNIQUE_LIST = "unique_list"
    UNIQUE_COUNT = "unique_count"


class ValueType(StrEnum):
    NUMBER = "number"
    STRING = "string"
    ARRAY = "array"


class Send(StrEnum):
    """A call that a destination is told with."""

    TRACK = "track"
    IDENTIFY = "identify"
    GROUP = "group"
    """Of accounts only."""


class IdChoice(StrEnum):
    """Which of several values of one type of external id a destination is told."""

    ALL = "all"
    LAST_ADDED = "last_added"
    FIRST_ADDED = "first_added"


class Connection(Section, frozen=True):
    """A destination that is told what becomes of a definition, and how."""

    name: str
    """Of the destination."""
    send: tuple[Send, ...] = ()
    """Empty: see `calls`."""
    entered: str = "Audience Entered"
    """The event that says that somebody has become a member ..."""
    exited: str = "Audience Exited"
    """... and that they are none any more."""
    computed: str = "Trait Computed"
    """The event that says that a trait has another value."""
    ids: dict[str, IdChoice] = {}
    """Type of external id → which values. Empty: all values of all default types and of no other; otherwise only
    the types that are named. Of exits all are told.
    """
    traits: tuple[str, ...] = ()
    """Keys of traits that are sent along."""

    def calls(self, collection: Collection, *, is_audience: bool) -> tuple[Send, ...]:
        """What is sent; by default identify of users or group of accounts, and of audiences track as well."""
        if self.send:
            return self.send
        about = Send.IDENTIFY if collection is Collection.USERS else Send.GROUP
        return (Send.TRACK, about) if is_audience else (about,)


EventName = str | bool
"""The name of an event, page or screen; true: any. Of calls without names only true."""


class TraitDefinition(Section, frozen=True):
    """A computed trait: either `query`, or `kind` and what it is about."""

    key: str
    """The trait on the profile."""
    name: str = ""
    collection: Collection = Collection.USERS
    kind: TraitKind | None = None
    event: EventName | None = None
    """Which events, by exactly one of this and the next five."""
    page: EventName | None = None
    screen: EventName | None = None
    identify: bool | None = None
    group: bool | None = None
    alias: bool | None = None
    where: dict[str, Any] | str | None = None
    """FQL, or a tree of comparisons."""
    without_sources: tuple[str, ...] = ()
    """Sources whose events do not count."""
    property: str = ""
    """A path inside the event's properties, or `path`, one from its top."""
    path: str = ""
    within: str = ""
    """A duration, as in `90d`: only events younger than that."""
    between: tuple[str, ...] = ()
    """Two durations: events at least as old as the first and younger than the second."""
    session: str = ""
    """A duration: only events of the session that goes on, which a pause so long ends."""
    as_type: ValueType | None = None
    """Of min, max, most_frequent: values as what are compared."""
    frequency_min: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Of most_frequent: so often at least; None: twice."""
    query: str = ""
    """The same in Segment's query language."""
    destinations: tuple[Connection, ...] = ()
    version: int = 0
    """The workspace version that brought what it computes; filled in when it is applied."""


class AudienceDefinition(Section, frozen=True):
    key: str
    """The trait on the profile that says whether it is a member."""
    where: dict[str, Any] | str
    """Who is a member: a tree of conditions, or text in Segment's query language."""
    name: str = ""
    collection: Collection = Collection.USERS
    destinations: tuple[Connection, ...] = ()
    version: int = 0
    """The workspace version that brought what it computes; filled in when it is applied."""
