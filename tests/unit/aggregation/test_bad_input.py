"""What nobody should send or ask for: bounded rows, nothing that breaks, and nobody else who notices.

Beside this: aliases in a circle and values of a trait in test_resolve, test_update and the scenarios; an event of
more than 32 KB is refused at the edge (tests/acceptance/test_bad_input.py).
"""

import pytest
from world import DAY, World, identify, track, workspace

from headwater import limits
from headwater.aggregation import tables
from headwater.errors import ConfigError

PEOPLE = 3_000


def bytes_of(world: World, text: str, *names: str) -> int:
    """Of all rows in these tables that belong to the profile."""
    rows = [row for name in names for row in world.state.scan(name, world.owner(text))]
    return sum(len(key) + len(value) for key, value in rows)


def test_shared_id_when_thousands_of_users_have_it_then_its_rows_stop_growing() -> None:
    """The owner of the id keeps what it was, and each of the others costs the same."""
    world = World("traits: [{key: seen, kind: event_count, event: Seen}]")
    sizes = {}
    for number in range(PEOPLE):
        world.send(track("Seen", f"u{number}", anonymous="kiosk"))
        if number + 1 in {100, PEOPLE}:
            owned = (tables.PROFILE_IDS, tables.IDENTITY_LOG, tables.PROFILES, tables.HISTORY)
            sizes[number + 1] = bytes_of(world, "anonymous_id:kiosk", *owned)
    assert sizes[PEOPLE] == sizes[100]
    assert len(world.dump(tables.CONFLICTS)[tables.CONFLICTS]) == 1
    assert len(world.quarantined()["anonymous_id:kiosk"].refused_at) == limits.identity.CONFLICTS_MAX
    assert len(world.profiles()) == PEOPLE
    assert {len(world.decisions(f"user_id:u{number}")) for number in range(100, PEOPLE)} == {1}
    assert world.values(f"user_id:u{PEOPLE - 1}") == {"seen": 1}
    assert world.dead == []


def test_shared_id_when_somebody_is_tied_to_thousands_of_devices_then_a_profile_keeps_its_bound() -> None:
    world = World("identity: {ids_max: 50, external_ids: [{type: user_id}, {type: anonymous_id, limit: 100000}]}")
    for number in range(PEOPLE):
        world.send(track("Seen", "u1", anonymous=f"a{number}"))
    assert len(world.ids("user_id:u1")) == 50
    assert len(world.history("user_id:u1")) == PEOPLE
    assert world.profiles() == [world.owner("user_id:u1")]


def test_traits_when_a_profile_is_sent_a_hundred_thousand_then_it_keeps_as_many_as_the_bound() -> None:
    world = World(
        "audiences: [{key: known, where: {trait: t99999, op: exists}},"
        " {key: gold, where: {trait: plan, value: gold}}]"
    )
    per_call = limits.compute.TRAITS_PER_CALL_MAX
    for start in range(0, 100_000, per_call):
        end = min(start + per_call, 100_000)
        world.send(identify("u1", **{f"t{number}": "x" * 100 for number in range(start, end)}))
    row = world.row("user_id:u1")
    assert len(world.traits("user_id:u1")) == limits.compute.TRAITS_MAX
    assert row.traits_overflow == 100_000 - limits.compute.TRAITS_MAX
    assert len(bytes(row.traits)) <= limits.compute.TRAITS_BYTES_MAX
    assert world.values("user_id:u1") == {}, "what was not kept is nobody's trait"
    world.send(identify("u1", t0="new"), identify("u2", plan="gold"))
    assert world.traits("user_id:u1")["t0"] == "new", "what is there can still change"
    assert world.traits("user_id:u2") == {"plan": "gold"}
    assert world.dead == []


@pytest.mark.parametrize(
    "timestamp", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1900-06-01T00:00:00+14:00"]
)
def test_time_when_an_event_is_older_than_anything_then_it_counts_for_all_times_and_in_no_window(
    timestamp: str,
) -> None:
    world = World(
        "traits: [{key: orders, kind: event_count, event: Order}]\n"
        "audiences: [{key: recent, where: {event: Order, within: 3660d}}]"
    )
    world.send({**track("Order", "u1"), "timestamp": timestamp})
    assert world.values("user_id:u1") == {"orders": 1}
    assert world.dead == []


def test_window_when_it_is_the_longest_then_it_ends_as_well() -> None:
    world = World("audiences: [{key: buyers, where: {event: Order, within: 3660d}}]")
    world.send(track("Order", "u1"))
    world.wait(3_660 * DAY - 1)
    assert world.size("buyers") == 1
    world.wait(1)
    assert world.size("buyers") == 0


NOTHING = "a window of 0 holds no event"
TOO_LONG = "a window has at most 3,660 days"


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ("audiences: [{key: a, where: {event: X, within: 0d}}]", NOTHING),
        ("audiences: [{key: a, where: {event: X, within: 3661d}}]", TOO_LONG),
        ("audiences: [{key: a, where: {event: X, between: [1d, 3661d]}}]", TOO_LONG),
        ("audiences: [{key: a, where: {event: X, between: [5d, 5d]}}]", "which must be longer ago"),
        ("audiences: [{key: a, where: {event: X, within: -1d}}]", "'-1d' is no duration"),
        ("audiences: [{key: a, where: {sequence: [{event: A}, {event: B}], within: 0d}}]", NOTHING),
        ("audiences: [{key: a, where: {sequence: [{event: A}, {event: B}], within: 3661d}}]", TOO_LONG),
        ("audiences: [{key: a, where: \"event('X').within(0 days).count() >= 1\"}]", NOTHING),
        ("audiences: [{key: a, where: \"event('X').within(3661 days).count() >= 1\"}]", TOO_LONG),
        ("traits: [{key: a, kind: event_count, event: X, within: 0h}]", NOTHING),
        ("traits: [{key: a, kind: event_count, event: X, within: 99999d}]", TOO_LONG),
        ("traits: [{key: a, kind: event_count, event: X, session: 0m}]", NOTHING),
    ],
)
def test_window_when_it_is_nothing_or_too_long_then_it_is_refused_where_it_stands(
    definition: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as refusal:
        workspace(definition)
    (problem,) = refusal.value.problems
    assert problem.line == 3
    assert problem.path.partition(".")[0] in {"audiences[0]", "traits[0]"}


def test_reference_when_what_it_names_is_deleted_then_the_file_is_refused_and_everything_goes_on() -> None:
    world = World(
        "traits: [{key: orders, kind: event_count, event: Order}]\n"
        "audiences:\n"
        "  - {key: buyers, where: {computed: orders, op: '>=', value: 1}}\n"
        "  - {key: vips, where: {all: [{audience: buyers}, {trait: plan, value: gold}]}}"
    )
    world.send(identify("u1", plan="gold"), track("Order", "u1"))
    with pytest.raises(ConfigError) as refusal:
        world.apply("audiences: [{key: vips, where: {all: [{audience: buyers}, {computed: orders, value: 1}]}}]")
    assert [problem.message for problem in refusal.value.problems] == [
        "no audience 'buyers' of users; known are: vips",
        "no computed trait 'orders' of users; there are none",
    ]
    world.send(track("Order", "u1"))
    assert world.values("user_id:u1") == {"orders": 2, "buyers": True, "vips": True}
    assert world.sweep() == []
