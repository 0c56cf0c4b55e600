"""The syntax tree of traits and audiences. What each node means is said here, once: the live evaluator, the
compiler to SQL and both notations follow it.

*Time.* Every instant is Unix milliseconds, UTC. An event counts at its *effective time*: the earlier of its
timestamp and its time of receipt, so nothing happens in the future. Its *place* (offset and index in the collected
log) decides between events of the same millisecond. `now` is the clock of the log.

*Truth.* A condition is true or false, never unknown: a comparison with a value that is missing, null or of another
type is false, and so is its opposite operator. `not` turns any condition around.

*Properties.* A path names members from the event's top level down, as FQL does: ("properties", "total"). Of an
identify or group call, `properties` reads its traits. A dot inside a name needs no escape here.
"""

from typing import Any, Final, Literal, TypeAlias

import msgspec

Scalar: TypeAlias = str | int | float | bool


class _Node(msgspec.Struct, frozen=True, tag_field="node", omit_defaults=True):
    pass


# --- values an event, a person or a definition has ------------------------------------------------------------


class Path(_Node, frozen=True, tag="path"):
    """A value inside the event in question."""

    segments: tuple[str, ...]


class TraitOf(_Node, frozen=True, tag="trait_of"):
    """A trait of the profile as it is now; a computed trait or audience of that key, when there is one."""

    segments: tuple[str, ...]
    """The trait's key, then names inside its value when that is an object."""


class ParentPath(_Node, frozen=True, tag="parent_path"):
    """Inside a `Followed` condition: a value of the event that the condition is about."""

    segments: tuple[str, ...]


Operand: TypeAlias = Scalar | Path | TraitOf | ParentPath

Operator: TypeAlias = Literal[
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "in",
    "not_in",
    "exists",
    "not_exists",
    "before",
    "after",
    "within_last",
    "before_last",
    "within_next",
    "after_next",
]
"""How a value is asked about.

`=` `!=`          the same JSON value of the same kind (1 = 1.0, and true is not 1). `!=`: there is a value, it is
                  not null, and it is another one. A boolean and the texts "true" and "false" are the same here, as
                  Segment's own examples have it
`<` … `>=`        numbers with numbers; anything else is false
`contains`        text: has one of the operands as a part. List: has one of them as an item. Case matters
`not_contains`    the value is a text or a list, and `contains` is false
`starts_with` …   text: begins, or ends, with one of the operands
`in`, `not_in`    `=` with one of the operands; `!=` with all of them
`exists`          there is a value and it is not null; `not_exists` the opposite. No operand
`before`, `after` the value is an ISO 8601 instant with a time zone, or a date (midnight UTC), strictly before or
                  after the operand, another such text
`within_last`     the operand is a duration in milliseconds: now - operand < value <= now
`before_last`     value <= now - operand
`within_next`     now < value <= now + operand
`after_next`      value > now + operand
"""

NO_OPERAND: Final = frozenset({"exists", "not_exists"})
MANY_OPERANDS: Final = frozenset({"contains", "not_contains", "starts_with", "ends_with", "in", "not_in"})
DURATION_OPERAND: Final = frozenset({"within_last", "before_last", "within_next", "after_next"})


# --- predicates: what is asked about one event -----------------------------------------------------------------


class Compare(_Node, frozen=True, tag="compare"):
    left: Path | TraitOf | ParentPath
    operator: Operator
    operands: tuple[Operand, ...] = ()
    """None for `exists`; one or more for contains, starts_with, ends_with, in and their opposites; else one."""


class Fql(_Node, frozen=True, tag="fql"):
    """A filter in FQL that no Compare says in the same way. An event that it has no value for does not match."""

    text: str


class AllOf(_Node, frozen=True, tag="all_of"):
    items: tuple["Predicate", ...]


class AnyOf(_Node, frozen=True, tag="any_of"):
    items: tuple["Predicate", ...]


class NotOf(_Node, frozen=True, tag="not_of"):
    item: "Predicate"


class Followed(_Node, frozen=True, tag="followed"):
    """A funnel step: events that come after the event in question (by effective time, then place) and at most
    `within_ms` later, are counted and compared. Their `where` may use ParentPath.
    """

    events: "EventQuery"
    within_ms: int
    operator: Operator
    count: int


Predicate: TypeAlias = Compare | Fql | AllOf | AnyOf | NotOf | Followed


# --- which events -----------------------------------------------------------------------------------------------


class EventQuery(_Node, frozen=True, tag="events"):
    """Some of a profile's events."""

    call: Literal["track", "page", "screen", "identify", "group", "alias"] = "track"
    name: str | None = None
    """Of a track event, a page or a screen; None: any. Case matters."""
    where: Predicate | None = None
    without_sources: tuple[str, ...] = ()
    """Names of sources whose events do not count."""


class Window(_Node, frozen=True, tag="window"):
    """By age, which is now - effective time: newest_ms <= age < oldest_ms. So "within 30 days" is (0, 30 d), and
    "between 7 and 10 days ago" is (7 d, 10 d). An event leaves exactly when it has become as old as `oldest_ms`.
    """

    oldest_ms: int
    newest_ms: int = 0


class Session(_Node, frozen=True, tag="session"):
    """The events of the current session: going back from the newest, while the gap to the one before is less than
    `gap_ms`. It is over, and nothing counts, when the newest is `gap_ms` old. Only in computed traits.
    """

    gap_ms: int


Reducer: TypeAlias = Literal[
    "count", "sum", "avg", "min", "max", "first", "last", "most_frequent", "unique_list", "unique_count"
]


class Aggregate(_Node, frozen=True, tag="aggregate"):
    """One value from many events of a profile.

    count           how many
    sum, avg        of the numbers at `path`. Summed exactly, in units of 10^-9: a number is first rounded to nine
                    decimals (halves away from zero), so the order of events cannot matter. Numbers of 10^15 or
                    more, and what is no number, are left out. `sum` of no number at all is no value, as `avg` is
    min, max        number, or with `as_type` "string" text, by code point; other types are left out. No value if
                    none
    first, last     the value at `path` of the first or last event (effective time, place) where it exists
    most_frequent   the value at `path` that occurs most often, at least `frequency_min` times; of equals, the
                    first in order of its text. Only text, numbers and booleans count; as_type "string" (the
                    default) compares them as texts, "number" takes numbers only, "array" counts the items of lists
                    as well
    unique_list     the distinct values at `path` (text, number, boolean, and items of lists) as texts, sorted by
                    code point
    unique_count    how many those are
    A number as text is JSON's shortest form: 5, 5.5. Whole floats lose the fraction: 5.0 is "5".
    """

    events: EventQuery
    reducer: Reducer = "count"
    path: tuple[str, ...] = ()
    """Segments from the event's top level, as in Path. Empty for count."""
    window: Window | Session | None = None
    as_type: Literal["", "number", "string", "array"] = ""
    frequency_min: int = 2
    """Of most_frequent."""


# --- conditions: what is asked about a profile -------------------------------------------------------------------


class All(_Node, frozen=True, tag="all"):
    """Every one is true. Of none: true."""

    items: tuple["Condition", ...]


class Any_(_Node, frozen=True, tag="any"):  # noqa: N801 - Any is taken
    """At least one is true. Of none: false."""

    items: tuple["Condition", ...]


class Not(_Node, frozen=True, tag="not"):
    item: "Condition"


class EventCondition(_Node, frozen=True, tag="event"):
    """What the events come to, compared with a value. A count is a number always; an aggregate without a value is
    compared like a missing one.
    """

    aggregate: Aggregate
    operator: Operator
    operands: tuple[Operand, ...] = ()


class TraitCondition(_Node, frozen=True, tag="trait"):
    """A trait that was sent (identify; group for accounts). Its value is the newest by effective time."""

    segments: tuple[str, ...]
    operator: Operator
    operands: tuple[Operand, ...] = ()
    """Scalars or TraitOf."""


class Computed(_Node, frozen=True, tag="computed"):
    """The value of another definition that is a trait."""

    key: str
    operator: Operator
    operands: tuple[Operand, ...] = ()


class InAudience(_Node, frozen=True, tag="audience"):
    """Whether the profile is a member of another audience."""

    key: str


class Sequence(_Node, frozen=True, tag="sequence"):
    """There are events, one for each step, each after the one before (effective time, then place), the last at
    most `within_ms` after the first. Once true it stays true.
    """

    steps: tuple[EventQuery, ...]
    within_ms: int | None = None


class OfUsers(_Node, frozen=True, tag="users"):
    """Of accounts: how many of the users linked to it meet a condition. `all` of no users is false."""

    quantifier: Literal["any", "all", "none"]
    condition: "Condition"


Condition: TypeAlias = (
    All | Any_ | Not | EventCondition | TraitCondition | Computed | InAudience | Sequence | OfUsers
)


# --- definitions ------------------------------------------------------------------------------------------------


class Definition(_Node, frozen=True, tag="definition"):
    key: str
    """The trait's key on the profile; no two definitions of a collection share it."""
    body: Aggregate | Condition
    """An Aggregate: a computed trait. A condition: an audience."""
    collection: Literal["users", "accounts"] = "users"
    version: int = 0
    """The workspace version that brought it as it is."""

    @property
    def is_audience(self) -> bool:
        return not isinstance(self.body, Aggregate)


encode: Any = msgspec.json.Encoder(order="deterministic").encode
"""Canonical: equal trees give equal bytes."""
