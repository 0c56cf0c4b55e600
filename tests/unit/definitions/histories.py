"""Random histories about the same few names that `strategies.SMALL` has, and a `now` to ask them at.

Instants are few and meet: events tie in their millisecond, stand exactly at the edge of a window, and dates are
just as far away as a definition may ask.
"""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from reference import Occurrence, Person
from strategies import DAY, HOUR

NOW_MS = 1_768_046_400_000
"""2026-01-10T12:00:00Z, which is one of the instants that definitions ask about."""

nows = st.sampled_from([NOW_MS, NOW_MS + 1, NOW_MS - 1, NOW_MS + HOUR, NOW_MS + 3 * DAY])
_ages = st.sampled_from([0, HOUR, 2 * HOUR, 12 * HOUR, DAY, DAY + HOUR, 3 * DAY, 7 * DAY, 10 * DAY, 30 * DAY])
_instants = st.builds(lambda age, odd: NOW_MS - age + odd, _ages, st.sampled_from([0, 0, 0, 1, -1]))

dates = st.sampled_from(
    [
        "2026-01-01",
        "2026-01-10T12:00:00Z",
        "2026-01-10T12:00:00.000999Z",
        "2026-01-10T14:00:00+02:00",
        "2026-01-10T12:00Z",
        "2026-01-09T12:00:00.001Z",
        "2026-01-10T12:00:00.123456789-00:30",
        "2026-01-17T12:00:00.5Z",
        "1990-05-17",
        "1969-12-31T23:59:59.9Z",
        "0001-01-01T00:00:00Z",
        "2026-01-10T12:00:00",
        "2026-02-30",
        "2023-02-29T00:00:00Z",
        "2026-01-10 12:00:00Z",
        "2026-01-10T24:00:00Z",
        "2026-01-10T12:00:60Z",
        "0000-01-01",
    ]
)
texts = st.sampled_from(["basic", "pro", "US", "DE", "red", "b", "5", "5.0", "true", "false", "", "Größe", "\n"])
numbers: st.SearchStrategy[Any] = st.integers(-2, 6) | st.sampled_from(
    [5.0, 0.5, 5.5, 19.99, 0.1, 0.2, 1e-9, 5e-10, -5e-10, 1.0000000015, 10**15, 10**15 - 1, 1e20, 2**53]
)
scalars: st.SearchStrategy[Any] = texts | numbers | st.booleans() | st.none() | dates
values: st.SearchStrategy[Any] = (
    scalars
    | scalars
    | st.lists(scalars | st.lists(scalars, max_size=1), max_size=4)
    | st.dictionaries(st.sampled_from(["size", "city", "0"]), scalars, max_size=2)
)
_few = texts.filter(lambda text: text in {"red", "b", "5", "true", ""}) | st.integers(4, 6) | st.just(5.0)
properties = st.fixed_dictionaries(
    {"total": numbers | values, "plan": _few, "tags": st.lists(_few, max_size=3) | _few},
    optional=dict.fromkeys(("price", "done", "at", "cart"), values),
)
traits = st.fixed_dictionaries(
    {},
    optional={"plan": _few} | dict.fromkeys(("country", "score", "born", "vip", "address", "total"), values),
)
_calls = st.sampled_from(["track"] * 8 + ["identify", "identify", "page", "screen", "group", "alias"])


@st.composite
def occurrences(draw: st.DrawFn, offset: int) -> Occurrence:
    """An event at this place in the log."""
    at_ms, call = draw(_instants), draw(_calls)
    name = None
    event: dict[str, Any] = {"type": call}
    if call == "track":
        name = event["event"] = draw(st.sampled_from(["Order"] * 4 + ["Visit", "Refund"]))
    elif call in {"page", "screen"} and draw(st.booleans()):
        name = event["name"] = draw(st.sampled_from(["Home", "Cart"]))
    if call in {"identify", "group"}:
        event["traits"] = draw(traits)
    if call not in {"identify", "group"} or draw(st.integers(0, 3)) == 0:
        event["properties"] = draw(properties) if draw(st.integers(0, 9)) else draw(values)
    if draw(st.booleans()):
        event["context"] = {"page": {"url": draw(st.sampled_from(["/test", "/", 5]))}}
    event["timestamp"] = draw(dates)
    source = draw(st.sampled_from(["web", "app"]))
    return Occurrence(at_ms, offset // 2, offset % 2, call, name, source, event)


@st.composite
def users(draw: st.DrawFn, *, most: int = 8) -> Person:
    count = draw(st.integers(0, most) | st.integers(most // 2, most))
    return Person([draw(occurrences(offset)) for offset in range(count)])


@st.composite
def accounts(draw: st.DrawFn) -> Person:
    members = draw(st.lists(users(most=4), max_size=3))
    count = draw(st.integers(0, 4))
    return Person([draw(occurrences(offset)) for offset in range(count)], "accounts", members)


def people(*, size: int) -> st.SearchStrategy[list[Person]]:
    return st.lists(users() | users() | accounts(), min_size=size, max_size=size)


def rows(persons: Sequence[Person]) -> dict[str, list[dict[str, Any]]]:
    """The four relations that SQL asks, with everybody in them; a person's id is `p` and a number, in the order of
    the list, the users of accounts after it.
    """
    found: dict[str, list[dict[str, Any]]] = {"events": [], "traits": [], "profiles": [], "links": []}
    everybody = list(persons)
    for person in everybody:
        mine = {"profile_id": f"p{len(found['profiles'])}", "collection": person.collection}
        found["profiles"].append(mine)
        found["events"] += [_row(mine, event) for event in person.events]
        found["traits"] += [
            {"profile_id": mine["profile_id"], "key": key, "value": json.dumps(value)}
            for key, value in person.traits.items()
        ]
        for user in person.users:
            found["links"].append({"account_id": mine["profile_id"], "user_id": f"p{len(everybody)}"})
            everybody.append(user)
    return found


def _row(person: dict[str, Any], event: Occurrence) -> dict[str, Any]:
    return {
        **person,
        "call": event.call,
        "name": event.name,
        "source": event.source,
        "at_ms": event.at_ms,
        "log_offset": event.offset,
        "log_index": event.index,
        "body": json.dumps(event.event),
    }
