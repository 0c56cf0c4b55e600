"""Whatever happens in whatever order, what was computed live is what brute force says of all events at once."""

from typing import Any

import reference
import strategies as definitions_of
from hypothesis import given
from hypothesis import strategies as st
from living import DAY, HOUR, START_MS, Life, Sent

from headwater.definitions import ast

_values = st.sampled_from([0, 1, 2, 5, 5.0, 5.5, 0.1, -3, "basic", "pro", "5", "true", "", True, False, None, "x1"])
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
_steps = st.sampled_from([0, 1, HOUR, 6 * HOUR, 12 * HOUR, 12 * HOUR - 1, DAY, DAY - 1, 3 * DAY, 7 * DAY, 30 * DAY])


@st.composite
def sent_events(draw: st.DrawFn, call: str | None = None) -> Sent:
    call = call or draw(st.sampled_from(["track"] * 6 + ["identify", "identify", "page", "screen", "group", "alias"]))
    name = None
    if call == "track":
        name = draw(st.sampled_from(["Order", "Order", "Visit", "Refund", "Other"]))
    elif call in {"page", "screen"}:
        name = draw(st.sampled_from(["Home", "Cart", None]))
    return Sent(
        at_ms=START_MS,
        call=call,
        name=name,
        payload=draw(_traits if call in {"identify", "group"} else _properties),
        source=draw(st.sampled_from(["web", "web", "app"])),
        context=draw(st.sampled_from([{}, {"page": {"url": "https://x/test"}}, {"page": {"url": "basic"}}])),
    )


@st.composite
def arrivals(draw: st.DrawFn, most: int = 10) -> list[tuple[int, Sent]]:
    """Events in the order in which they arrive, with the clock at which they do. Many come at once, some are late."""
    clock_ms = START_MS
    found = []
    for event in draw(st.lists(sent_events(), max_size=most)):
        clock_ms += draw(_steps)
        late_ms = draw(st.sampled_from([0, 0, 0]) | _steps)
        at_ms = max(clock_ms - late_ms, START_MS - 40 * DAY)
        found.append((clock_ms, msgspec_replace(event, at_ms=at_ms, received_ms=clock_ms)))
    return found


def msgspec_replace(event: Sent, **changed: Any) -> Sent:
    return Sent(**{**event.__dict__, **changed})


def person(arrived: list[tuple[int, Sent]], offsets: list[int] | None = None) -> reference.Person:
    places = offsets if offsets is not None else list(range(len(arrived)))
    return reference.Person(
        [
            reference.Occurrence(
                event.at_ms, offset, 0, event.call, event.name, event.source, event.event(f"m{offset}.0")
            )
            for offset, (_, event) in zip(places, arrived, strict=True)
        ]
    )


def judged(catalogue: tuple[ast.Definition, ...], who: reference.Person, now_ms: int) -> dict[str, Any]:
    found = {each.key: reference.evaluate(each, catalogue, who, now_ms) for each in catalogue}
    return {
        each.key: found[each.key]
        for each in catalogue
        if found[each.key] is not None and not (each.is_audience and found[each.key] is False)
    }


@given(definitions_of.catalogues(), arrivals(), st.lists(_steps, max_size=4))
def test_program_when_events_arrive_then_it_agrees_with_brute_force_at_every_step(
    catalogue: tuple[ast.Definition, ...], arrived: list[tuple[int, Sent]], waits: list[int]
) -> None:
    life = Life(catalogue)
    for offset, (clock_ms, event) in enumerate(arrived):
        life.wait(clock_ms)
        life.sent(event, offset)
        assert life.values() == judged(catalogue, person(arrived[: offset + 1]), life.clock_ms)
    for wait_ms in waits:
        life.wait(life.clock_ms + wait_ms)
        if arrived:
            assert life.values() == judged(catalogue, person(arrived), life.clock_ms)
