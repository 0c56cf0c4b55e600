"""Why a profile is one, as a graph, of profiles that the stages have made."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api
from storing import Writer
from test_identities import OnDisk
from world import World, group, identify, track

from headwater import limits
from headwater.aggregation.tables import key_of_segment_id, segment_id

DEFINITIONS = """
identity: {external_ids: [{type: user_id, limit: 1}, {type: email, limit: 2}, {type: anonymous_id}]}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, "workspace: shop\nsources: [{name: website, write_key: wk_website}]\n" + DEFINITIONS)
    yield made
    made.close()


@pytest.fixture
def world(written: Writer) -> World:
    return World(DEFINITIONS, state=OnDisk(written))


def graph(api: Api, who: str = "user_id:u1") -> dict[str, Any]:
    found: dict[str, Any] = api.json(f"/profiles/identity/{who}")
    return found


def ids(nodes: list[dict[str, Any]]) -> set[str]:
    return {f"{each['type']}:{each['value']}" for each in nodes}


def tied(world: World) -> tuple[str, str]:
    """Segment ids of u1 and of a device that event m3-0 has tied to it."""
    world.send(identify("u1", name="Ann"))
    world.send(track("Visit", None, anonymous="a1"))
    user, device = world.owner("user_id:u1"), world.owner("anonymous_id:a1")
    world.send(track("Visit", "u1", anonymous="a2"))
    world.send(track("Sign In", "u1", anonymous="a1"))
    assert world.owner("anonymous_id:a1") == user
    return segment_id(user), segment_id(device)


def test_graph_when_profiles_were_merged_then_nodes_with_the_event_that_tied_each(api: Api, world: World) -> None:
    user, device = tied(world)
    found = graph(api)
    assert (found["segment_id"], found["name"]) == (user, "Ann")
    root, part = found["profiles"]
    assert (root["segment_id"], root["is_root"], root["merged"]) == (user, True, None)
    assert (root["began"]["message_id"], root["began"]["type"]) == ("m0-0", "identify")
    assert (part["segment_id"], part["is_root"], part["began"]["message_id"]) == (device, False, "m1-0")
    merged = part["merged"]
    assert (merged["into"], merged["can_undo"]) == (user, True)
    assert (merged["event"]["message_id"], merged["event"]["name"]) == ("m3-0", "Sign In")
    assert (ids(merged["ids"]), ids(merged["other_ids"])) == ({"user_id:u1"}, {"anonymous_id:a1"})
    assert {(each["value"], each["profile"], each["event"]["message_id"]) for each in found["ids"]} == {
        ("u1", user, "m0-0"),
        ("a1", device, "m1-0"),
        ("a2", user, "m2-0"),
    }
    assert [each["type"] for each in found["ids"]] == ["user_id", "anonymous_id", "anonymous_id"]
    assert found["log_complete"]


def test_graph_when_a_merged_profile_had_been_made_of_two_then_each_edge_leads_to_where_it_went(
    api: Api, world: World
) -> None:
    world.send(identify("u1"))
    world.send(track("A", None, anonymous="a1"))
    world.send(track("B", None, anonymous="a2"))
    first, second = world.owner("anonymous_id:a1"), world.owner("anonymous_id:a2")
    other = {"id": "a2", "type": "anonymous_id", "collection": "users", "encoding": "none"}
    both = {"context": {"externalIds": [other]}}
    world.send(track("Both", None, anonymous="a1") | both)
    world.send(track("Sign In", "u1", anonymous="a1"))
    into = {each["segment_id"]: each["merged"]["into"] for each in graph(api)["profiles"][1:]}
    assert into == {segment_id(second): segment_id(first), segment_id(first): graph(api)["segment_id"]}


def test_graph_when_an_unmerge_has_put_it_apart_then_it_is_told_and_no_edge_any_more(
    api: Api, world: World
) -> None:
    user, device = tied(world)
    key = key_of_segment_id(device)
    assert key is not None
    world.unmerge("user_id:u1", "m3-0", key)
    found = graph(api)
    assert [each["segment_id"] for each in found["profiles"]] == [user]
    (undone,) = found["undone"]
    assert (undone["other"], undone["message_id"]) == (device, "m3-0")
    assert found["suspects"] == [], "somebody has said that it is another person"


def test_graph_when_an_id_was_refused_then_why_and_the_other_side_is_a_suspect(api: Api, world: World) -> None:
    world.send(identify("u1", anonymous="a1", name="Ann"))
    world.send(identify("u2", name="Bob"))
    bob = segment_id(world.owner("user_id:u2"))
    world.send(track("Visit", "u2", anonymous="a1"))
    found = graph(api)
    (refusal,) = found["refusals"]
    assert ids(refusal["ids"]) == {"anonymous_id:a1"}
    assert "at most 1 user_id" in refusal["rule"]
    assert (refusal["other"], refusal["event"]["message_id"]) == (bob, "m2-0")
    assert refusal["event"]["name"] == "Visit", "it is in the history of the other side"
    (suspect,) = found["suspects"]
    assert (suspect["segment_id"], suspect["name"]) == (bob, "Bob")


def test_graph_when_somebody_else_has_the_address_then_a_suspect(api: Api, world: World) -> None:
    world.send({"type": "identify", "userId": "u1", "traits": {"email": "Ann.Lee@Gmail.com"}})
    world.send({"type": "identify", "anonymousId": "a9", "traits": {"email": "annlee@gmail.com"}})
    (suspect,) = graph(api)["suspects"]
    assert suspect["segment_id"] == segment_id(world.owner("email:annlee@gmail.com"))
    assert suspect["reasons"] == ["both have the same email: annlee@gmail.com"]


def test_graph_when_there_is_too_much_then_it_says_how_much_more(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.unify, "IDENTITY_IDS_DRAWN", 2)
    tied(world)
    found = graph(api)
    assert (len(found["ids"]), found["ids_more"]) == (2, 1)


def test_graph_when_it_is_an_account_then_its_ids_and_users(api: Api, world: World) -> None:
    world.send(group("g1", "u1"))
    found = graph(api, "group_id:g1")
    assert ids(found["ids"]) == {"group_id:g1"}
    assert [each["external_ids"][0]["value"] for each in found["links"]] == ["u1"]
    assert found["suspects"] == []
