"""Random events that have something to do with each other and with the definitions of `strategies.SMALL`."""

from dataclasses import replace
from typing import Any

import reference
from hypothesis import strategies as st
from living import DAY, HOUR, START_MS, Life, Sent

from headwater.definitions import ast

_values = st.sampled_from(
    [0, 1, 2, 5, 5.0, 5.5, 0.1, -3, "basic", "pro", "5", "true", "", True, False, None, "x1"]
)
_dates = st.sampled_from(["2026-01-01", "2026-01-03T12:00:00Z", "2026-01-05T00:00:00+02:00", "2026-01-05", "soon"])
_tags = st.lists(st.sampled_from(["red", "b", 5, 5.0, True, None]), max_size=3)
_properties = st.fixed_dictionaries(
    {},
    optional={
        "total": _values,
        "price": _values,
        "plan": _values,
        "tags": _tags | _values,
        "done": st.booleans() | _values,
        "at": _dates,
        "cart": st.fixed_dictionaries({}, optional={"size": _values}),
    },
)
_traits = st.fixed_dictionaries(
    {},
    optional={
        "plan": _values,
        "country": st.sampled_from(["US", "DE", None]),
        "score": _values,
        "born": _dates,
        "vip": st.booleans(),
        "address": st.fixed_dictionaries({"city": _values}),
        "total": _values,
    },
)
STEPS = st.sampled_from(
    [0, 0, 1, HOUR, 6 * HOUR, 12 * HOUR, 12 * HOUR - 1, DAY, DAY - 1, 3 * DAY, 7 * DAY, 30 * DAY]
)
_CALLS = ["track"] * 6 + ["identify", "identify", "page", "screen", "group", "alias"]
_CONTEXTS = ({}, {"page": {"url": "https://x/test"}}, {"page": {"url": "basic"}})


@st.composite
def sent_events(draw: st.DrawFn) -> Sent:
    call = draw(st.sampled_from(_CALLS))
    name = None
    if call == "track":
        name = draw(st.sampled_from(["Order", "Order", "Visit", "Refund", "Other"]))
    elif call in {"page", "screen"}:
        name = draw(st.sampled_from(["Home", "Cart", None]))
    return Sent(
        call=call,
        name=name,
        payload=draw(_traits if call in {"identify", "group"} else _properties),
        source=draw(st.sampled_from(["web", "web", "app"])),
        context=draw(st.sampled_from(_CONTEXTS)),
    )


@st.composite
def arrivals(draw: st.DrawFn, most: int = 10) -> list[Sent]:
    """Events in the order in which they arrive, some long after they happened."""
    clock_ms = START_MS
    found = []
    for event in draw(st.lists(sent_events(), max_size=most)):
        clock_ms += draw(STEPS)
        late_ms = draw(st.just(0) | st.just(0) | STEPS)
        found.append(replace(event, at_ms=clock_ms - late_ms, received_ms=clock_ms))
    return found


def person(arrived: list[Sent]) -> reference.Person:
    return reference.Person(
        [
            reference.Occurrence(
                each.at_ms, offset, 0, each.call, each.name, each.source, each.event(f"m{offset}.0")
            )
            for offset, each in enumerate(arrived)
        ]
    )


def judged(catalogue: tuple[ast.Definition, ...], who: reference.Person, now_ms: int) -> dict[str, Any]:
    """What brute force says, without what is not told of: no value, and no member."""
    found = {}
    for each in catalogue:
        value = reference.evaluate(each, catalogue, who, now_ms)
        if value is not None and not (each.is_audience and value is False):
            found[each.key] = value
    return found


def lived(catalogue: tuple[ast.Definition, ...], arrived: list[Sent]) -> Life:
    life = Life(catalogue)
    for offset, event in enumerate(arrived):
        life.sent(event, offset)
    return life
