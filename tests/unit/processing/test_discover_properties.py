"""discover agrees with a slow and obvious model, however events are cut into batches and whatever breaks one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from arriving import RECEIVED_MS, context, objects, values
from discovering import Rows, Stored, discovered, events_in, flowing, source_in, types_of
from hypothesis import example, given
from hypothesis import strategies as st

from headwater import limits
from headwater.flow import Context, Effects, Stage, run_stage
from headwater.flowing import FlowingEvent
from headwater.processing import discover, schema
from headwater.processing.schema import TYPES, EventKey, SeenEvent, SeenProperty, SeenSource

instants = st.datetimes(timezones=st.just(UTC)).map(lambda at: json.dumps(at.isoformat()))
payloads = objects(values | instants)
events = st.builds(
    lambda payload, call, event, source, at: flowing(
        payload, call=call, event=event, source=source, at_ms=RECEIVED_MS + at
    ),
    payloads,
    st.sampled_from(["track", "track", "page", "screen", "identify", "group", "alias"]),
    st.sampled_from(["A", "B", "C", "Größe", "x" * 13]),
    st.sampled_from(["website", "backend"]),
    st.integers(-2, 2),
)


@pytest.fixture(autouse=True, scope="module")
def small_bounds() -> Iterator[None]:
    """So that a few events reach them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits.processing, "SCHEMA_EVENTS_MAX", 3)
        patch.setattr(limits.processing, "SCHEMA_PROPERTIES_MAX", 5)
        patch.setattr(limits.processing, "SCHEMA_SOURCE_PROPERTIES_MAX", 8)
        patch.setattr(limits.processing, "SCHEMA_NAME_CHARS_MAX", 12)
        patch.setattr(limits.processing, "SCHEMA_DEPTH_MAX", 3)
        patch.setattr(limits.processing, "SCHEMA_SHAPES_MAX", 4)
        yield


# --- the model: one event, one value at a time ---------------------------------------------------------------


class Model:
    def __init__(self) -> None:
        self.events: dict[EventKey, SeenEvent] = {}
        self.sources: dict[str, SeenSource] = {}

    def see(self, flowing: FlowingEvent) -> None:
        call = flowing.event.type or ""
        key = EventKey(flowing.source, call, flowing.event.event or flowing.event.name or "")
        source = self.sources.setdefault(key.source, SeenSource())
        if key not in self.events:
            is_full = (
                source.events >= limits.processing.SCHEMA_EVENTS_MAX
                or len(key.name) > limits.processing.SCHEMA_NAME_CHARS_MAX
            )
            if key.name and is_full:
                source.events_overflow += 1
                return
            source.events += 1
            self.events[key] = SeenEvent(flowing.received_at_ms, flowing.received_at_ms)
        event = self.events[key]
        event.volume += 1
        widen(event, flowing.received_at_ms)
        try:
            payload = flowing.payload()
        except (msgspec.MsgspecError, RecursionError):
            event.unreadable += 1
            source.unreadable += 1
            return
        # What a parent lists comes before what its children list.
        self.see_members(event, source, "", payload, flowing.received_at_ms, 1)

    def see_members(
        self, event: SeenEvent, source: SeenSource, prefix: str, members: dict[str, Any], at_ms: int, depth: int
    ) -> None:
        for name, value in members.items():
            self.see_value(event, source, prefix + schema.escaped(name), value, at_ms)
        for name, value in members.items():
            self.see_inside(event, source, prefix + schema.escaped(name), value, at_ms, depth)

    def see_inside(
        self, event: SeenEvent, source: SeenSource, path: str, value: Any, at_ms: int, depth: int
    ) -> None:
        if depth == limits.processing.SCHEMA_DEPTH_MAX or len(path) + len(
            ".$." if isinstance(value, list) else "."
        ) > (limits.processing.SCHEMA_NAME_CHARS_MAX):
            return
        if isinstance(value, dict):
            self.see_members(event, source, f"{path}.", value, at_ms, depth + 1)
        elif isinstance(value, list):
            self.see_items(event, source, path + ".$", value, at_ms, depth + 1)

    def see_items(
        self, event: SeenEvent, source: SeenSource, path: str, items: list[Any], at_ms: int, depth: int
    ) -> None:
        for item in items:
            self.see_value(event, source, path, item, at_ms)
        if depth < limits.processing.SCHEMA_DEPTH_MAX:
            for item in items:
                if isinstance(item, dict):
                    self.see_members(event, source, path + ".", item, at_ms, depth + 1)
                elif isinstance(item, list):
                    self.see_items(event, source, path + ".$", item, at_ms, depth + 1)

    def see_value(self, event: SeenEvent, source: SeenSource, path: str, value: Any, at_ms: int) -> None:
        if path not in event.properties:
            if (
                len(event.properties) >= limits.processing.SCHEMA_PROPERTIES_MAX
                or source.properties >= limits.processing.SCHEMA_SOURCE_PROPERTIES_MAX
                or len(path) > limits.processing.SCHEMA_NAME_CHARS_MAX
            ):
                event.overflow += 1
                source.properties_overflow += 1
                return
            source.properties += 1
            event.properties[path] = SeenProperty(at_ms, at_ms, [0] * len(TYPES))
        found = event.properties[path]
        widen(found, at_ms)
        for type_ in types(value):
            found.counts[TYPES.index(type_)] += 1


def widen(seen: SeenEvent | SeenProperty, at_ms: int) -> None:
    seen.first_ms = min(seen.first_ms, at_ms)
    seen.last_ms = max(seen.last_ms, at_ms)


def types(value: Any) -> list[str]:
    match value:
        case bool():
            return ["boolean"]
        case str():
            return ["string", "date-time"] if discover.type_of(value) is not str else ["string"]
        case int():
            return ["integer"]
        case float():
            return ["number"]
        case dict():
            return ["object"]
        case list():
            return ["array"]
        case _:
            return ["null"]


# --- the tests ---------------------------------------------------------------------------------------------


def modelled(sent: list[FlowingEvent]) -> Model:
    model = Model()
    for event in sent:
        model.see(event)
    return model


def assert_agrees(rows: Rows, model: Model) -> None:
    assert events_in(rows) == model.events
    assert {key: list(event.properties) for key, event in events_in(rows).items()} == {
        key: list(event.properties) for key, event in model.events.items()
    }
    assert {name: source_in(rows, name) for name in model.sources} == model.sources


@given(st.lists(events, max_size=12))
@example([flowing('{"a":[1,{"b":[]},[{"c":2}]],"b":{"c":{"d":1}}}'), flowing("null"), flowing('{"a":1E400}')])
@example([flowing('{"' + "x" * 12 + '":{"a":1},"' + "y" * 9 + '":[[1]]}')])
def test_discover_when_given_any_events_then_agrees_with_the_model(sent: list[FlowingEvent]) -> None:
    assert_agrees(discovered(sent), modelled(sent))


@given(st.lists(events, max_size=12), st.data())
def test_discover_when_batches_are_split_anywhere_then_the_rows_are_the_same(
    sent: list[FlowingEvent], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(sent)))))
    batches = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert discovered(*batches) == discovered(sent)


@given(st.lists(events, min_size=1, max_size=8), st.data())
def test_discover_when_a_batch_is_halved_for_poison_then_the_others_are_counted_once(
    sent: list[FlowingEvent], data: st.DataObject
) -> None:
    poison = data.draw(st.sampled_from(sent))

    def run(items: Any, given_context: Context, effects: Effects) -> list[FlowingEvent]:
        passed = discover.STAGE.run(items, given_context, effects)
        if any(item is poison for item in items):
            raise ValueError("poison")
        return passed

    effects = Effects(Stored({}))
    broken = Stage("discover", run, discover.STAGE.bury)
    healthy = [event for event in sent if event is not poison]
    assert run_stage(broken, sent, context(), effects) == healthy
    assert_agrees(effects.changes.get(schema.TABLE, {}), modelled(healthy))


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_path_when_names_hold_anything_then_splits_into_them_again(names: list[str]) -> None:
    path = ".".join(schema.escaped(name) for name in names)
    parts = schema.split(path)
    assert [schema.plain(part) for part in parts] == names
    assert "$" not in parts, "only the content of an array is called so"


@given(st.text(max_size=40) | instants.map(json.loads))
def test_type_when_it_is_a_date_time_then_python_reads_it_as_one(text: str) -> None:
    if discover.type_of(text) is not str:
        assert datetime.fromisoformat(text).tzinfo is not None


def test_discover_when_an_event_has_ten_thousand_properties_then_lists_the_first_and_counts_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits.processing, "SCHEMA_PROPERTIES_MAX", 300)
    monkeypatch.setattr(limits.processing, "SCHEMA_SOURCE_PROPERTIES_MAX", 1_000)
    rows = discovered([flowing({f"p{n}": n for n in range(10_000)})] * 2)
    ((_, event),) = events_in(rows).items()
    assert list(types_of(event)) == [f"p{n}" for n in range(300)]
    assert event.overflow == source_in(rows).properties_overflow == 2 * 9_700
    assert sum(len(row or b"") for row in rows.values()) < 10_000


def test_discover_when_objects_have_ever_new_names_then_its_memory_stays_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes = []
    fold = discover._Book.fold
    monkeypatch.setattr(limits.processing, "SCHEMA_SHAPES_MAX", 100)
    monkeypatch.setattr(
        discover._Book,
        "fold",
        lambda book, kinds: (sizes.append(sum(map(len, kinds.values()))), fold(book, kinds)),
    )
    discovered([flowing({f"p{n}": {f"q{n}": n}}) for n in range(1_000)])
    assert sum(sizes) == 2_000
    assert max(sizes) <= 102


def test_discover_when_every_event_of_a_source_is_wide_then_what_one_batch_rewrites_stays_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits.processing, "SCHEMA_EVENTS_MAX", 100)
    monkeypatch.setattr(limits.processing, "SCHEMA_PROPERTIES_MAX", 50)
    monkeypatch.setattr(limits.processing, "SCHEMA_SOURCE_PROPERTIES_MAX", 200)
    wide = {f"p{n}": n for n in range(50)}
    rows = discovered(*([flowing(wide, event=f"e{n}")] for n in range(100)))
    assert source_in(rows).properties == 200
    assert source_in(rows).properties_overflow == 100 * 50 - 200
    assert sum(len(row or b"") for row in rows.values()) < 10_000
