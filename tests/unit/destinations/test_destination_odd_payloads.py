"""Whatever a mapping makes of an event, if it passes the check of the fields an action can deal with it."""

import contextlib
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import goldens
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from talk import AT_S, converse, ok, outbound, settings_of

from headwater.destinations import registry
from headwater.destinations.kit.model import Action, Answer, Attempt, Call, Item, Request, Written
from headwater.mapping.fields import Field
from headwater.mapping.payload import PayloadError, checker

ACTIONS = [
    (name, action.name) for name in registry.known_types() if (t := registry.get(name)) for action in t.actions
]
TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        *("0", "-1", "null", " ", "a@b", "ann@example.com", "+14155552671", "(415) 555-2671", "not a date"),
        *("2026-01-01T00:00:00.000Z", "2026-13-01", "9999-12-31T23:59:59Z", "1767225600", "1e400", "vip", "../x"),
        *("https://a.example/x", "ftp://x", "İ", "\x00", "a" * 300),
    ]
)
NUMBERS = (
    st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([1e308, -1e308, 5e-324, 0.1 + 0.2])
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(
    st.sampled_from(["email", "id", "name", "price", "quantity", "product_id", "x"]) | TEXTS, JSON, max_size=4
)
OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXTS,
    "text": TEXTS,
    "number": NUMBERS,
    "integer": st.integers(-(2**60), 2**60),
    "datetime": TEXTS | NUMBERS,
    "boolean": st.booleans(),
    "object": OBJECTS,
}


def values(field: Field) -> st.SearchStrategy[Any]:
    one = st.sampled_from(field.choices) if field.choices else OF_TYPE[field.type]
    several = st.lists(one, max_size=3) if field.multiple else one
    return several if field.required else st.none() | several


class Tried(NamedTuple):
    settings: Any
    action: Action[Any]
    check: Callable[[dict[str, Any]], dict[str, Any]]
    payloads: st.SearchStrategy[list[dict[str, Any]]]


@functools.cache
def tried(name: str, action_name: str) -> Tried:
    """Made once: strategies and checks cost more than what they are for."""
    type_, parsed = settings_of(name, goldens.load(name).get("settings", {}))
    action = type_.action(action_name)
    assert action
    drawn = st.fixed_dictionaries({field.name: values(field) for field in action.fields})
    return Tried(parsed, action, checker(action.fields), st.lists(drawn, min_size=1, max_size=3))


@pytest.mark.parametrize(("name", "action_name"), ACTIONS, ids=[f"{name}: {action}" for name, action in ACTIONS])
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_outcomes_when_a_payload_is_odd_then_each_item_has_one(
    name: str, action_name: str, data: st.DataObject
) -> None:
    parsed, action, check, drawn = tried(name, action_name)
    payloads = []
    for payload in data.draw(drawn):
        with contextlib.suppress(PayloadError):  # as delivery would refuse it
            payloads.append(check(payload))
    batch = action.batch(parsed) if callable(action.batch) else action.batch
    together = [p for p in payloads if batch.key(p) == batch.key(payloads[0])] if batch else payloads[:1]
    if not together:
        return

    def answer(call: Call) -> Answer:
        return ok({}) if isinstance(call, Request) else Written()

    items = [Item(outbound(), payload, f"m-{n}") for n, payload in enumerate(together)]
    asked, outcomes = converse(action.perform(parsed)(items, Attempt(AT_S, token="t0ken")), answer)
    assert len(outcomes) == len(items)
    for call in asked:
        if isinstance(call, Request):
            assert call.url.isascii(), call.url
            assert call.url.isprintable()
            assert " " not in call.url
