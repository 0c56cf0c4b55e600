"""Forget: what is left of others is as if the deleted user had never sent anything."""

from typing import Any

from hypothesis import given, settings
from test_unmerge import COMPARED, DEFINITIONS, LONG, histories
from world import World, group, track

from headwater.aggregation import tables
from headwater.aggregation.forget import forget, is_left


def forgotten(world: World, user: str, before: int | None = None) -> None:
    end = world.offset if before is None else before
    for changes in forget([user], end, world.context, world.state):
        world.state.commit_changes(changes)
    assert not is_left([user], end, world.state)


@settings(max_examples=1_000 if LONG else 60, deadline=None)
@given(histories)
def test_forget_when_a_user_is_deleted_then_no_row_names_them(history: list[tuple[dict[str, Any], int]]) -> None:
    world = World(DEFINITIONS)
    for event, after_ms in history:
        world.send({key: "gone" if value == "u1" else value for key, value in event.items()}, after_ms=after_ms)
    forgotten(world, "gone")
    rows = [key + value for table in world.dump().values() for key, value in table.items()]
    assert not [row for row in rows if b"gone" in row]


def test_forget_when_others_were_there_then_they_stay_as_they_were() -> None:
    alone, world = World(DEFINITIONS), World(DEFINITIONS)
    for each in (alone, world):
        each.send(track("Order", "u1", total=5, shop="s1"))
    world.send(track("Order", "gone", anonymous="a9", total=7, shop="s2"))
    world.send(track("Seen", anonymous="a9"))
    forgotten(world, "gone")
    assert world.dump(*COMPARED) == alone.dump(*COMPARED)


def test_forget_when_the_user_has_come_back_then_what_came_since_is_kept() -> None:
    world = World(DEFINITIONS)
    world.send(track("Order", "gone", total=5, shop="s1"))
    before = world.offset
    world.send(track("Order", "gone", total=7, shop="s2"))
    forgotten(world, "gone", before)
    assert world.values("user_id:gone")["shops"] == ["s2"]
    assert world.history("user_id:gone") == ["m1-0"]


def test_forget_when_the_user_belonged_to_an_account_then_its_history_is_without_them() -> None:
    world = World("audiences: [{key: active, collection: accounts, where: {users: {any: {event: Order}}}}]")
    world.send(group("acme", "gone", name="Acme"), group("acme", "u2"), track("Order", "gone"))
    assert world.values("group_id:acme", "accounts") == {"active": True}
    forgotten(world, "gone")
    assert world.values("group_id:acme", "accounts") == {"active": False}
    assert world.history("group_id:acme", "accounts") == ["m0-1"]
    account = world.owner("group_id:acme", "accounts")
    assert len(list(world.state.scan(tables.LINKS, account))) == 1
