"""Profiles follow from the log: whatever the batches, and as if what was merged had always been one."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_unmerge import COMPARED, DEFINITIONS, LONG, events
from world import DAY, HOUR, SECOND, World, group, identify, track

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.changes import Reason

histories = st.lists(st.tuples(events, st.sampled_from([SECOND, HOUR, DAY, 9 * DAY])), min_size=1, max_size=20)
WHERE = {"collection": "users", "encoding": "none"}
ACCOUNTS = """
audiences:
  - {key: active, collection: accounts, where: {users: {any: {event: Order}}}}
  - {key: quiet, collection: accounts, where: {users: {none: {event: Order, within: 7d}}}}
  - {key: eager, collection: accounts, where: {users: {all: {event: Order}}}}
  - {key: large, collection: accounts, where: {trait: employees, op: ">", value: 100}}
"""


@settings(max_examples=2_000 if LONG else 100, deadline=None)
@given(histories, st.integers(1, 7))
def test_update_when_the_log_is_cut_anywhere_then_it_gives_the_same_profiles(
    history: list[tuple[dict[str, Any], int]], size: int
) -> None:
    one_by_one, in_batches = World(DEFINITIONS), World(DEFINITIONS)
    arrivals = []
    for event, after_ms in history:
        one_by_one.send(event, after_ms=after_ms)
        in_batches.now_ms += after_ms
        arrivals.append(in_batches.arrival(event))
    for at in range(0, len(arrivals), size):
        in_batches.take(arrivals[at : at + size])
    everything = [table for table in tables.ALL if table != tables.AUDIENCE_SIZES]
    assert in_batches.dump(*everything) == one_by_one.dump(*everything)
    sizes = [
        {key: world.size(key) for key in ("buyers", "vips", "returned")} for world in (in_batches, one_by_one)
    ]
    assert sizes[0] == sizes[1]
    assert in_batches.dead == []

    def told(world: World) -> list[Any]:
        return sorted(
            (c.profile, c.at_ms, c.key, str(c.value), str(c.previous), c.reason, c.message_id)
            for c in world.changes
        )

    assert told(in_batches) == told(one_by_one)


def known(world: World) -> dict[str, Any]:
    """What u1 comes to. Who left an audience has False, who never was a member nothing: strangers who would have
    been members together, and left before they met, were none.
    """
    return {key: value for key, value in world.values("user_id:u1").items() if value is not False}


@settings(max_examples=2_000 if LONG else 100, deadline=None)
@given(histories, st.lists(st.booleans(), min_size=20, max_size=20))
def test_merge_when_two_histories_become_one_then_it_is_as_if_they_had_always_been(
    history: list[tuple[dict[str, Any], int]], sides: list[bool]
) -> None:
    """Each event is sent by one of two strangers, who then turn out to be one."""
    definitions = DEFINITIONS.replace("limit: 2", "limit: 9").replace("limit: 3", "limit: 9")
    apart, together = World(definitions), World(definitions)
    for (event, after_ms), is_left in zip(history, sides, strict=False):
        named = {k: v for k, v in event.items() if k not in {"userId", "anonymousId"}}
        apart.send({**named, "anonymousId": "left" if is_left else "right"}, after_ms=after_ms)
        together.send({**named, "userId": "u1"}, after_ms=after_ms)
    both = [{"id": side, "type": "anonymous_id", **WHERE} for side in ("left", "right")]
    tie = {"type": "track", "event": "Tied", "userId": "u1", "context": {"externalIds": both}}
    apart.send(tie)
    together.send({"type": "track", "event": "Tied", "userId": "u1"})
    assert known(apart) == known(together)
    assert apart.traits("user_id:u1") == together.traits("user_id:u1")
    assert apart.history("user_id:u1") == together.history("user_id:u1")
    for world in (apart, together):
        world.wait(60 * DAY)
    assert known(apart) == known(together)
    assert {k: apart.size(k) for k in ("buyers", "vips", "returned")} == {
        k: together.size(k) for k in ("buyers", "vips", "returned")
    }


def test_update_when_an_old_event_comes_late_then_a_newer_trait_stays() -> None:
    world = World()
    world.send(identify("u1", plan="gold"))
    world.send({**identify("u1", plan="iron", colour="red"), "ago": HOUR})
    assert world.traits("user_id:u1") == {"plan": "gold", "colour": "red"}


def test_update_when_a_trait_is_null_then_it_is_gone_also_for_what_comes_late() -> None:
    world = World()
    world.send(identify("u1", plan="gold"))
    world.send(identify("u1", plan=None))
    world.send({**identify("u1", plan="iron"), "ago": HOUR})
    assert world.traits("user_id:u1") == {}


def test_update_when_an_event_is_from_the_future_then_it_counts_from_when_it_came() -> None:
    world = World("audiences: [{key: recent, where: {event: Order, within: 1d}}]")
    world.send({**track("Order", "u1"), "ago": -365 * DAY})
    assert world.values("user_id:u1") == {"recent": True}
    world.wait(DAY)
    assert world.values("user_id:u1") == {"recent": False}
    world.send({**identify("u1", plan="gold"), "ago": -365 * DAY})
    world.send(identify("u1", plan="iron"))
    assert world.traits("user_id:u1") == {"plan": "iron"}


def test_expire_when_nothing_arrives_then_an_audience_ends_at_the_very_millisecond() -> None:
    world = World("audiences: [{key: buyers, where: {event: Order, within: 7d}}]")
    world.send(track("Order", "u1"))
    entered_ms = world.now_ms
    assert world.members("buyers") == {world.owner("user_id:u1")}
    assert world.wait(7 * DAY - 1) == []
    (change,) = world.wait(HOUR)
    assert (change.key, change.value, change.at_ms, change.reason) == (
        "buyers",
        False,
        entered_ms + 7 * DAY,
        Reason.VALUE_CHANGED,
    )
    assert (world.members("buyers"), world.size("buyers")) == (set(), 0)
    assert world.dump(tables.TIMERS) == {}


def test_expire_when_the_system_was_down_for_long_then_everything_happens_in_order() -> None:
    world = World(
        "audiences: [{key: a, where: {event: Order, within: 1d}}, {key: b, where: {event: Order, within: 3d}}]"
    )
    for user in ("u1", "u2"):
        world.send(track("Order", user), after_ms=HOUR)
    changes = world.wait(30 * DAY)
    assert [(world.name_of(c.profile), c.key) for c in sorted(changes, key=lambda c: c.at_ms)] == [
        ("user_id:u1", "a"),
        ("user_id:u2", "a"),
        ("user_id:u1", "b"),
        ("user_id:u2", "b"),
    ]


def test_update_when_an_identify_has_too_many_traits_then_none_is_kept_and_the_trace_says_so() -> None:
    world = World()
    world.send(
        identify("u1", **{f"t{number}": number for number in range(limits.compute.TRAITS_PER_CALL_MAX + 1)})
    )
    assert world.traits("user_id:u1") == {}
    assert b"traits_not_kept" in world.events[0].trace


def test_update_when_traits_never_end_then_a_profile_keeps_as_many_as_the_bound() -> None:
    world = World()
    for start in range(0, 2 * limits.compute.TRAITS_MAX, 250):
        world.send(identify("u1", **{f"t{number}": number for number in range(start, start + 250)}))
    assert len(world.traits("user_id:u1")) == limits.compute.TRAITS_MAX
    assert world.row("user_id:u1").traits_overflow == limits.compute.TRAITS_MAX


def test_update_when_traits_are_large_then_all_of_them_together_stay_within_the_bound() -> None:
    world = World()
    for number in range(20):
        world.send(identify("u1", **{f"t{number}": "x" * 30_000}))
    row = world.row("user_id:u1")
    assert 200_000 < len(bytes(row.traits)) <= limits.compute.TRAITS_BYTES_MAX
    assert row.traits_overflow > 0


@pytest.mark.parametrize("value", [0, -1.5, True, "", "text", [], [1, "a", None], {"a": {"b": [1]}}, 2**63])
def test_update_when_a_trait_is_any_json_then_it_is_kept_as_it_is(value: object) -> None:
    world = World()
    world.send(identify("u1", trait=value))
    assert world.traits("user_id:u1") == {"trait": value}


def test_update_when_a_trait_is_an_integer_that_no_row_holds_then_it_becomes_a_float() -> None:
    world = World("traits: [{key: last, kind: last, event: Order, property: total}]")
    world.send(identify("u1", trait=10**30), track("Order", "u1", total=10**31))
    assert (world.traits("user_id:u1"), world.values("user_id:u1")) == ({"trait": 1e30}, {"last": 1e31})


def test_accounts_when_users_belong_to_them_then_their_conditions_follow_the_users() -> None:
    world = World(ACCOUNTS)
    world.send(group("acme", "u1", name="Acme", employees=500), group("acme", "u2"))
    assert world.traits("group_id:acme", "accounts") == {"name": "Acme", "employees": 500}
    assert world.values("group_id:acme", "accounts") == {"large": True, "quiet": True}
    world.send(track("Order", "u1"))
    assert world.values("group_id:acme", "accounts") == {"large": True, "quiet": False, "active": True}
    world.send(track("Order", "u2"))
    assert world.values("group_id:acme", "accounts")["eager"] is True
    world.wait(7 * DAY)
    assert world.values("group_id:acme", "accounts")["quiet"] is True


def test_accounts_when_two_of_its_users_become_one_then_they_count_once() -> None:
    world = World(ACCOUNTS)
    world.send({**group("acme"), "anonymousId": "a1"}, group("acme", "u1"))
    world.send(track("Order", "u1"))
    assert "eager" not in world.values("group_id:acme", "accounts")
    world.send(track("Signed In", "u1", anonymous="a1"))
    assert world.values("group_id:acme", "accounts")["eager"] is True


def test_accounts_when_two_accounts_become_one_then_all_users_count() -> None:
    world = World(ACCOUNTS)
    world.send(group("acme", "u1"), group("umbrella", "u2"))
    world.send(track("Order", "u1"))
    tie = [{"id": i, "type": "tax_id", "collection": "accounts", "encoding": "none"} for i in ("t1",)]
    world.send({**group("acme", "u1"), "context": {"externalIds": tie}})
    world.send({**group("umbrella", "u2"), "context": {"externalIds": tie}})
    assert world.owner("group_id:acme", "accounts") == world.owner("group_id:umbrella", "accounts")
    assert world.values("group_id:acme", "accounts")["eager"] is False
    world.send(track("Order", "u2"))
    assert world.values("group_id:acme", "accounts")["eager"] is True


def test_sweep_when_an_audience_is_new_then_everybody_is_computed_from_the_past() -> None:
    world = World()
    for number in range(30):
        world.send(*(track("Order", f"u{number}") for _ in range(number % 3)), identify(f"u{number}"))
    world.apply("audiences: [{key: buyers, where: {event: Order, count: {op: '>=', value: 2}, within: 30d}}]")
    changes = world.sweep()
    assert {change.reason for change in changes} == {Reason.BACKFILLED}
    assert (len(changes), world.size("buyers"), len(world.members("buyers"))) == (10, 10, 10)
    assert world.sweep() == []


def test_sweep_when_an_event_comes_first_then_the_profile_is_computed_once() -> None:
    world = World()
    world.send(track("Order", "u1"), track("Order", "u2"))
    world.apply("traits: [{key: orders, kind: event_count, event: Order}]")
    changes = world.send(track("Order", "u1"))
    assert [(c.value, c.reason) for c in changes] == [(1, Reason.BACKFILLED), (2, Reason.VALUE_CHANGED)]
    assert [(world.name_of(c.profile), c.value) for c in world.sweep()] == [("user_id:u2", 1)]
    assert world.values("user_id:u1") == {"orders": 2}


def test_sweep_when_an_audience_is_edited_then_only_what_differs_is_told() -> None:
    world = World("audiences: [{key: buyers, where: {event: Order}}]")
    world.send(track("Order", "u1"), track("Order", "u1"), track("Order", "u2"))
    world.apply("audiences: [{key: buyers, where: {event: Order, count: {op: '>=', value: 2}}}]")
    changes = world.sweep()
    assert [(world.name_of(c.profile), c.value) for c in changes] == [("user_id:u2", False)]
    assert world.size("buyers") == 1


def test_sweep_when_an_audience_is_deleted_then_nothing_of_it_stays() -> None:
    world = World("audiences: [{key: buyers, where: {event: Order}}, {key: others, where: {event: Other}}]")
    world.sweep()
    world.send(track("Order", "u1"))
    world.apply("audiences: [{key: others, where: {event: Other}}]")
    assert world.sweep() == []
    assert world.values("user_id:u1") == {}
    assert world.dump(tables.MEMBERS, tables.AUDIENCE_SIZES) == {}


def test_sizes_when_people_come_and_go_then_both_are_counted_by_the_hour() -> None:
    world = World("audiences: [{key: buyers, where: {event: Order, within: 2h}}]")
    world.send(track("Order", "u1"), track("Order", "u2"))
    world.send(track("Order", "u3"))
    world.wait(3 * 3_600_000)
    rows = {
        key: tables.read_hour(row)
        for key, row in world.state.scan(tables.AUDIENCE_SIZES)
        if key != tables.size_key("buyers")
    }
    assert [tuple(row) for row in rows.values()] == [(3, 3, 0), (0, 0, 3)]


def test_profiles_when_compared_then_every_table_that_counts_is() -> None:
    """COMPARED leaves out only what tells of the past: the log of decisions, sizes by the hour, what was sent."""
    left_out = {
        tables.IDENTITY_LOG,
        tables.AUDIENCE_SIZES,
        tables.SEVERED,
        tables.SYNCED,
        tables.FAN_OUTS,
        tables.SWEEPS,
    }
    assert set(COMPARED) | left_out == set(tables.ALL)


def test_update_when_a_profile_is_known_by_more_then_what_it_has_is_told_and_nothing_hidden() -> None:
    world = World(
        """
traits: [{key: vip, kind: last, event: Order, property: vip}]
audiences:
  - {key: buyers, where: {event: Order}}
  - {key: left, where: {event: Order, within: 1d}}
  - {key: active, collection: accounts, where: {users: {any: {event: Order}}}}
"""
    )
    world.send(track("Order", anonymous="a1", vip=False))
    world.wait(2 * DAY)
    changes = world.send(track("Seen", "u1", anonymous="a1"))
    told = {(c.key, c.is_audience, c.value) for c in changes if c.reason is Reason.NEW_EXTERNAL_ID}
    assert told == {("vip", False, False), ("buyers", True, True)}
