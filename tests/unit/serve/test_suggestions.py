"""What editors propose: what was sent, most frequent first, and what the workspace knows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api
from storing import AT_MS, Writer

from headwater.processing import schema
from headwater.processing.schema import EventKey, SeenEvent, SeenProperty
from headwater.serve.observe.observed import KEPT_PER_COST, KEPT_S, NOTHING, Observation
from headwater.state.rocksdb import RocksState

FILE = """\
workspace: shop
sources: [{name: website, type: javascript}, {name: backend}]
traits: [{key: orders, kind: event_count, event: Order Completed}]
audiences: [{key: buyers, where: {event: Order Completed}}]
identity: {external_ids: [{type: phone}]}
"""


def seen(volume: int, **properties: list[int]) -> bytes:
    found = {path.replace("__", "."): SeenProperty(AT_MS, AT_MS, counts) for path, counts in properties.items()}
    return schema.encode_row(SeenEvent(AT_MS, AT_MS, volume, properties=found))


ROWS: dict[bytes, bytes | None] = {
    schema.event_key(EventKey(*key)): row
    for key, row in {
        ("website", "track", "Order Completed"): seen(5, total=[0, 3, 2, 0, 0, 0, 0, 0], coupon=[1] + [0] * 7),
        ("backend", "track", "Order Completed"): seen(9, total=[4, 0, 0, 0, 0, 0, 0, 0]),
        ("website", "track", "Cart Viewed"): seen(100, cart__size=[0, 100, 0, 0, 0, 0, 0, 0]),
        ("website", "track", "Reordered"): seen(1),
        ("website", "page", "Home"): seen(40, title=[40] + [0] * 7),
        ("website", "page", ""): seen(4),
        ("website", "identify", ""): seen(7, email=[7] + [0] * 7),
    }.items()
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("suggestions")
    writer = Writer(folder)
    writer.commit({schema.TABLE: ROWS})
    writer.close()
    made = Api(folder, FILE)
    yield made
    made.close()


def texts(api: Api, kind: str, **query: Any) -> list[str]:
    return [each["text"] for each in api.json("/schema/suggestions", kind=kind, **query)["data"]]


def test_events_when_several_sources_send_one_then_once_with_the_sum_most_frequent_first(api: Api) -> None:
    found = api.json("/schema/suggestions", kind="event")
    assert [(each["text"], each["volume"]) for each in found["data"]] == [
        ("Cart Viewed", 100),
        ("Order Completed", 14),
        ("Reordered", 1),
    ]
    assert found["data"][1]["detail"] == "of backend, website"
    assert not found["more"]


def test_events_when_something_was_typed_then_what_begins_so_comes_first(api: Api) -> None:
    assert texts(api, "event", prefix="ORDER") == ["Order Completed", "Reordered"]
    assert api.json("/schema/suggestions", kind="event", prefix="r", limit=1)["more"]
    assert texts(api, "event", source="backend") == ["Order Completed"]
    assert texts(api, "page") == ["Home"]


def test_properties_when_of_one_event_then_theirs_with_their_types(api: Api) -> None:
    found = api.json("/schema/suggestions", kind="property", event="Order Completed")["data"]
    assert [(each["text"], each["types"], each["volume"]) for each in found] == [
        ("total", ["string", "integer", "number"], 9),
        ("coupon", ["string"], 1),
    ]
    assert texts(api, "property") == ["cart.size", "title", "total", "coupon"]


def test_others_when_the_workspace_knows_them_then_they_are_there(api: Api) -> None:
    assert texts(api, "trait") == ["orders", "email"]
    assert texts(api, "audience") == ["buyers"]
    assert texts(api, "source") == ["website", "backend"]
    assert texts(api, "id_type", limit=2) == ["phone", "user_id"]
    assert texts(api, "context", prefix="page.u") == ["page.url"]


def test_suggestions_when_an_event_is_named_for_something_else_then_refused(api: Api) -> None:
    status, error = api.error("GET", "/schema/suggestions", params={"kind": "trait", "event": "X"})
    assert (status, error["field"]) == (400, "event")
    assert api.error("GET", "/schema/suggestions", params={"kind": "weather"})[0] == 400


def test_suggestions_when_no_pipeline_has_run_then_only_what_the_workspace_knows(tmp_path: Path) -> None:
    api = Api(tmp_path, FILE)
    assert texts(api, "event") == []
    assert texts(api, "property", event="X") == []
    assert texts(api, "trait") == ["orders"]
    api.close()


def test_observation_when_it_is_fresh_then_nothing_is_read_again(tmp_path: Path) -> None:
    state = RocksState(tmp_path / "state")
    clock = iter([0.0, 0.5, 0.6, 0.5 + KEPT_PER_COST * 0.5, 100.0])
    reads: list[int] = []

    observation = Observation(lambda: next(clock))
    whole = state.scan

    def scan(*args: Any, **kwargs: Any) -> Any:
        reads.append(1)
        return whole(*args, **kwargs)

    state.scan = scan  # type: ignore[method-assign]
    assert observation.look(None) == NOTHING
    for _ in range(3):  # at 0 it takes half a second; at 0.6 it is good still; at 10.5 no more
        observation.look(state)
    assert len(reads) == 2
    assert KEPT_S < KEPT_PER_COST * 0.5
    state.close()
