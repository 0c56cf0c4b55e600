"""Where traits come from and what they were, of profiles that the stages have made."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api
from storing import Writer
from test_identities import OnDisk
from world import HOUR, World, identify, track

from headwater import limits

DEFINITIONS = """
traits:
  - {key: orders, name: Orders, kind: event_count, event: Order}
audiences:
  - {key: fresh, where: {event: Order, within: 1h}}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, "workspace: shop\nsources: [{name: website, write_key: wk_website}]\n" + DEFINITIONS)
    yield made
    made.close()


@pytest.fixture
def world(written: Writer) -> World:
    return World(DEFINITIONS, state=OnDisk(written))


def traits(api: Api) -> dict[str, Any]:
    return {each["key"]: each for each in api.json("/profiles/traits/user_id:u1")["traits"]}


def test_traits_when_sent_then_each_names_the_event_it_came_with(api: Api, world: World) -> None:
    world.send(identify("u1", city="Oslo", plan="free"))
    world.send(identify("u1", plan="pro"), source="app")
    found = traits(api)
    assert (found["city"]["message_id"], found["city"]["source"]) == ("m0-0", "website")
    assert (found["plan"]["value"], found["plan"]["message_id"], found["plan"]["source"]) == ("pro", "m1-0", "app")
    assert found["plan"]["kind"] == "sent"
    assert (found["plan"]["event_type"], found["plan"]["event_name"]) == ("identify", "")


def test_traits_when_the_event_came_before_a_merge_then_it_is_still_found(api: Api, world: World) -> None:
    world.send(identify("u1", city="Oslo"))
    world.send(identify(None, anonymous="a1", plan="pro"))
    world.send(track("Sign In", "u1", anonymous="a1"))
    assert traits(api)["plan"]["message_id"] == "m1-0"


def test_traits_when_computed_then_the_definition_and_why_it_changed_last(api: Api, world: World) -> None:
    world.send(track("Order", "u1"))
    world.send(track("Order", "u1"))
    found = traits(api)
    assert (found["orders"]["value"], found["orders"]["name"]) == (2, "Orders")
    assert found["orders"]["query"] == "event('Order').count()"
    assert (found["orders"]["reason"], found["orders"]["message_id"]) == ("event", "m1-0")
    assert (found["fresh"]["kind"], found["fresh"]["reason"], found["fresh"]["message_id"]) == (
        "audience",
        "event",
        "m0-0",
    )
    assert (found["orders"]["event_type"], found["orders"]["event_name"]) == ("track", "Order")
    (fresh,) = api.json("/profiles/audiences/user_id:u1")["data"]
    assert (fresh["message_id"], fresh["event_name"]) == ("m0-0", "Order")
    world.wait(2 * HOUR)
    assert (traits(api)["fresh"]["value"], traits(api)["fresh"]["reason"]) == (False, "time")
    (fresh,) = api.json("/profiles/audiences/user_id:u1")["data"]
    assert (fresh["is_member"], fresh["message_id"]) == (False, "")


def test_history_when_a_trait_has_changed_then_every_value_that_was_sent(api: Api, world: World) -> None:
    for plan in ("free", "pro", "pro"):
        world.send(identify("u1", plan=plan))
    world.send(identify("u1", plan="old") | {"ago": HOUR})
    world.send(identify("u1", city="Oslo"))
    page = api.json("/profiles/trait-history/user_id:u1", key="plan")
    assert [(each["value"], each["message_id"], each["is_current"]) for each in page["data"]] == [
        ("pro", "m2-0", True),
        ("pro", "m1-0", False),
        ("free", "m0-0", False),
        ("old", "m3-0", False),
    ]
    assert page["next"] is None


def test_history_when_paged_then_each_once(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.unify, "PROFILE_EVENTS_LOOKED", 3)
    for number in range(8):
        world.send(identify("u1", n=number) if number % 2 else track("Other", "u1"))
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.json("/profiles/trait-history/user_id:u1", key="n", **cursor)
        found += [each["value"] for each in page["data"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == [7, 5, 3, 1]
