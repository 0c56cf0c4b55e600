"""Unmerge: afterwards everything is as if the pair of ids had been kept apart from the beginning, to the byte."""

import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from world import DAY, HOUR, World, identify, track

from headwater.aggregation import tables
from headwater.aggregation.identity import severed_key
from headwater.aggregation.tables import ExternalId, SeveredPair

LONG = bool(os.environ.get("HEADWATER_TEST_LONG"))

DEFINITIONS = """
identity: {external_ids: [{type: user_id, limit: 2}, {type: email, limit: 2}, {type: anonymous_id, limit: 3}]}
traits:
  - {key: orders, kind: event_count, event: Order}
  - {key: spent_30d, kind: sum, event: Order, property: total, within: 30d}
  - {key: shops, kind: unique_list, event: Order, property: shop}
  - {key: latest, kind: last, event: Order, property: shop}
audiences:
  - {key: buyers, where: {event: Order, count: {op: ">=", value: 2}, within: 7d}}
  - {key: vips, where: {all: [{audience: buyers}, {trait: plan, op: "=", value: gold}]}}
  - {key: returned, where: {sequence: [{event: Seen}, {event: Order}], within: 2d}}
"""

COMPARED = (
    tables.PROFILES,
    tables.PROFILE_IDS,
    tables.IDENTITIES,
    tables.MERGED,
    tables.CONFLICTS,
    tables.HISTORY,
    tables.COLLECTED_VALUES,
    tables.TIMERS,
    tables.MEMBERS,
    tables.LINKS,
)

ids = st.fixed_dictionaries(
    {},
    optional={
        "userId": st.sampled_from(["u1", "u2", "u3"]),
        "anonymousId": st.sampled_from(["a1", "a2", "a3", "a4"]),
    },
).filter(bool)
events = st.one_of(
    st.tuples(ids, st.sampled_from(["Order", "Seen"]), st.integers(0, 40), st.sampled_from(["s1", "s2"])).map(
        lambda t: {
            **t[0],
            "type": "track",
            "event": t[1],
            "properties": {"total": t[2], "shop": t[3]},
            "ago": t[2] * HOUR,
        }
    ),
    st.tuples(ids, st.sampled_from(["gold", "none"]), st.sampled_from(["e1@x.org", "e2@x.org", None])).map(
        lambda t: {**t[0], "type": "identify", "traits": {"plan": t[1], **({"email": t[2]} if t[2] else {})}}
    ),
)
histories = st.lists(st.tuples(events, st.sampled_from([1_000, HOUR, DAY, 9 * DAY])), min_size=2, max_size=25)


def merges(world: World) -> list[tuple[bytes, Any]]:
    """(profile, decision) of every merge that still holds."""
    found = []
    for profile in world.profiles():
        (row,) = world.state.get_many(tables.PROFILES, [profile])
        assert row is not None
        parts = tables.decode_profile(row).parts
        for part in (profile, *parts):
            for _, value in world.state.scan(tables.IDENTITY_LOG, part):
                decision = tables.decode_decision(value)
                if decision.kind == "merged" and decision.other in parts:
                    found.append((profile, decision))
    return found


def played(history: list[tuple[dict[str, Any], int]], *severed: tuple[ExternalId, ExternalId]) -> World:
    world = World(DEFINITIONS)
    rows = world.state.tables.setdefault(tables.SEVERED, {})
    for one, other in severed:
        for pair in ((one, other), (other, one)):
            rows[severed_key(*pair)] = tables.encode_row(SeveredPair(*pair, 0))
    for event, after_ms in history:
        world.send(event, after_ms=after_ms)
    return world


@settings(max_examples=5_000 if LONG else 150, deadline=None)
@given(histories, st.data())
def test_unmerge_when_any_merge_is_undone_then_it_is_as_if_the_pair_had_never_met(
    history: list[tuple[dict[str, Any], int]], data: st.DataObject
) -> None:
    world = played(history)
    found = merges(world)
    if not found:
        return
    profile, decision = data.draw(st.sampled_from(found))
    some_id = next(iter(world.ids_of(profile)))
    world.unmerge(some_id, decision.message_id, decision.other)
    pairs = [(one, other) for one in decision.ids for other in decision.other_ids]
    reference = played(history, *pairs)
    assert not world.dead
    assert world.dump(*COMPARED) == reference.dump(*COMPARED)
    assert {k: world.size(k) for k in ("buyers", "vips", "returned")} == {
        k: reference.size(k) for k in ("buyers", "vips", "returned")
    }


def test_unmerge_when_two_histories_were_tied_by_a_mistake_then_each_side_is_what_it_was() -> None:
    world = World(DEFINITIONS)
    for person in ("1", "2"):
        world.send(identify(f"u{person}", anonymous=f"a{person}", plan="gold", name=f"person {person}"))
        for _ in range(3):
            world.send(track("Order", f"u{person}", total=int(person), shop=f"s{person}"))
    before = world.dump(*COMPARED)
    younger = world.owner("user_id:u2")
    world.send(track("Shared Device", "u1", anonymous="a2"))
    assert len(world.profiles()) == 1
    assert world.values("user_id:u1")["shops"] == ["s1", "s2"]
    world.unmerge("user_id:u1", "m8-0", younger)
    after = world.dump(*COMPARED)
    assert world.owner("user_id:u2") == younger
    assert after[tables.MEMBERS] == before[tables.MEMBERS]
    assert world.traits("user_id:u2") == {"plan": "gold", "name": "person 2"}
    assert world.values("user_id:u2")["shops"] == ["s2"]
    assert world.values("user_id:u1")["shops"] == ["s1"]
    assert world.history("user_id:u2") == [f"m{number}-0" for number in range(4, 8)]
    assert world.history("user_id:u1")[-1] == "m8-0", "the event itself goes to the id of the higher priority"


def test_unmerge_when_the_pair_comes_again_then_it_stays_apart() -> None:
    world = World(DEFINITIONS)
    world.send(track("Seen", "u1"))
    world.send(track("Seen", anonymous="a2"))
    younger = world.owner("anonymous_id:a2")
    world.send(track("Tied", "u1", anonymous="a2"))
    world.unmerge("user_id:u1", "m2-0", younger)
    world.send(track("Tied", "u1", anonymous="a2"))
    assert world.owner("anonymous_id:a2") == younger
    assert world.owner("user_id:u1") != younger
    rules = [each.rule for each in world.decisions("user_id:u1") if each.kind == "demoted"]
    assert rules == ["anonymous_id and user_id of this event were put apart by an unmerge"]


def test_unmerge_when_it_was_undone_before_then_nothing_changes() -> None:
    world = World(DEFINITIONS)
    world.send(track("Seen", "u1"))
    world.send(track("Seen", anonymous="a2"))
    younger = world.owner("anonymous_id:a2")
    world.send(track("Tied", "u1", anonymous="a2"))
    world.unmerge("user_id:u1", "m2-0", younger)
    before = world.dump(*COMPARED)
    assert world.unmerge("user_id:u1", "m2-0", younger) == []
    assert world.dump(*COMPARED) == before


def test_unmerge_when_done_then_the_log_tells_of_the_merge_and_of_its_end() -> None:
    world = World(DEFINITIONS)
    world.send(track("Seen", "u1"))
    world.send(track("Seen", anonymous="a2"))
    younger = world.owner("anonymous_id:a2")
    world.send(track("Tied", "u1", anonymous="a2"))
    world.unmerge("user_id:u1", "m2-0", younger)
    assert [each.kind for each in world.decisions("user_id:u1")] == ["created", "merged", "demoted", "unmerged"]
    kinds = [each.kind for each in world.decisions("anonymous_id:a2")]
    assert sorted(kinds) == ["created", "demoted", "merged_into", "unmerged"]


def test_unmerge_when_values_differ_then_each_side_is_told() -> None:
    world = World(DEFINITIONS)
    world.send(track("Order", "u1", total=1, shop="s1"))
    world.send(track("Order", anonymous="a2", total=1, shop="s2"))
    younger = world.owner("anonymous_id:a2")
    world.send(track("Tied", "u1", anonymous="a2"))
    assert world.values("user_id:u1")["buyers"] is True
    changes = world.unmerge("user_id:u1", "m2-0", younger)
    told = {(world.name_of(change.profile), change.key): (change.previous, change.value) for change in changes}
    assert told["user_id:u1", "buyers"] == (True, None)
    assert told["anonymous_id:a2", "orders"] == (2, 1)
