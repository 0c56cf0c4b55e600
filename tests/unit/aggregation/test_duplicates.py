"""Likely duplicates: who is found, by what, how likely; and that memory is bounded."""

import doctest
import tracemalloc
from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import MemoryState, World, group, identify, track

from headwater import limits
from headwater.aggregation import duplicates, likeness, tables
from headwater.aggregation.duplicates import Duplicates
from headwater.aggregation.likeness import Shared, signs
from headwater.aggregation.tables import ExternalId
from headwater.units import MIB

LIMITED = "identity: {external_ids: [{type: user_id, limit: 1}, {type: email, limit: 2}]}\n"


def found(world: World, *by: str, limit: int = 100) -> Duplicates:
    return duplicates.find(world.state, by or duplicates.SIGNS, limit=limit)  # type: ignore[arg-type]


def pairs(world: World, *by: str, limit: int = 100) -> list[tuple[set[str], float]]:
    return [
        ({world.name_of(each.one), world.name_of(each.other)}, each.score)
        for each in found(world, *by, limit=limit).pairs
    ]


def test_examples_when_run_then_they_are_right() -> None:
    tested = doctest.testmod(likeness)
    assert tested.attempted == 3
    assert tested.failed == 0


# --- forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "A@x.io"}, {"email": " a@X.io "}),
        ({"email": "a.b+c@gmail.com"}, {"email": "ab@googlemail.com"}),
        ({"email": "a+b@outlook.com"}, {"email": "a@outlook.com"}),
        ({"phone": "+1 (415) 555-0123"}, {"mobile": "415 555 0123"}),
        ({"phone": 4155550123}, {"phoneNumber": "4155550123"}),
        (
            {"name": "Ann Lee", "birthday": "1990-01-31"},
            {"name": "LEE, ann", "dateOfBirth": "1990-01-31T00:00:00Z"},
        ),
        (
            {"name": "José Díaz", "dob": "1990-01-31"},
            {"firstName": "jose", "last_name": "DIAZ", "dob": "1990-01-31"},
        ),
        ({"crm": "X-1"}, {"crm": "x 1"}),
    ],
)
def test_signs_when_written_in_another_way_then_the_same(one: dict[str, object], other: dict[str, object]) -> None:
    by = ("email", "phone", "name_birthday", "crm")
    assert signs(one, [], by) == signs(other, [], by) != set()


@pytest.mark.parametrize(
    "traits",
    [
        {"email": "ann"},
        {"email": "@x.io"},
        {"email": "+x@gmail.com"},
        {"email": None},
        {"email": ["a@x.io"]},
        {"email": "a" * 600 + "@x.io"},
        {"phone": "12345"},
        {"phone": "1" * 20},
        {"phone": "ext. 4155550123"},
        {"phone": True},
        {"name": "Ann Lee"},
        {"name": "Ann", "birthday": "1990-01-31"},
        {"name": "Ann Lee", "birthday": "31.1.1990"},
        {"crm": {"id": 1}},
        {"crm": "--"},
    ],
)
def test_signs_when_a_value_names_nobody_then_none(traits: dict[str, object]) -> None:
    assert signs(traits, [], ("email", "phone", "name_birthday", "crm")) == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "a.b@x.io"}, {"email": "ab@x.io"}),
        ({"email": "a+b@x.io"}, {"email": "a@x.io"}),
        ({"phone": "4155550123"}, {"phone": "4155550124"}),
        ({"crm": "a b"}, {"crm": "ab"}),
    ],
)
def test_signs_when_they_mean_something_else_then_not_the_same(one: dict[str, str], other: dict[str, str]) -> None:
    by = ("email", "phone", "crm")
    assert signs(one, [], by) != signs(other, [], by)


def test_signs_when_an_external_id_names_somebody_then_it_counts_like_the_trait() -> None:
    ids = [ExternalId("email", "A@x.io"), ExternalId("phone", "+4155550123"), ExternalId("user_id", "b@x.io")]
    assert signs({}, ids, ("email", "phone")) == {Shared("email", "a@x.io"), Shared("phone", "155550123")}


# --- pairs ------------------------------------------------------------------------------------------------------


def test_find_when_several_signs_speak_for_a_pair_then_it_is_likelier_and_comes_first() -> None:
    world = World()
    world.send(identify("u1", email="ann@x.io", phone="4155550123"))
    world.send(identify("u2", email="ANN+shop@x.io", phone="+1 415 5550123"))
    world.send(identify("u3", email="Ann+shop@x.io"))
    world.send(identify("u4", email="bob@x.io"))
    assert pairs(world) == [({"user_id:u2", "user_id:u3"}, 0.9), ({"user_id:u1", "user_id:u2"}, 0.75)]
    world.send(identify("u3", phone="415-555-0123", email="Ann+shop@x.io"))
    (first, *others) = found(world).pairs
    assert {world.name_of(first.one), world.name_of(first.other)} == {"user_id:u2", "user_id:u3"}
    assert first.score == round(1 - 0.1 * (1 - 0.75 / 2), 4), "three share the number, so it says half as much"
    assert first.reasons == [
        "both have the same email: ann+shop@x.io",
        "both have the same phone: 155550123",
    ]
    assert len(others) == 2


def test_find_when_a_rule_has_kept_an_id_from_tying_them_then_a_pair_until_the_id_is_in_quarantine() -> None:
    world = World(LIMITED)
    world.send(identify("u1", anonymous="a1"))
    world.send(identify("u2", anonymous="a1"))
    ((names, score),) = pairs(world)
    assert (names, score) == ({"user_id:u1", "user_id:u2"}, 0.8)
    (pair,) = found(world, "refused").pairs
    assert pair.reasons == ["anonymous_id:a1 belongs to one of them and came with the other, against a rule"]
    world.send(identify("u3", anonymous="a1"))
    assert [score for _, score in pairs(world)] == [0.4, 0.4]
    for number in range(4, limits.identity.CONFLICTS_MAX + 3):
        world.send(identify(f"u{number}", anonymous="a1"))
    assert pairs(world) == []


def test_find_when_a_pair_was_put_apart_then_it_is_left_out() -> None:
    world = World()
    for person in ("1", "2"):
        world.send(identify(f"u{person}", anonymous=f"a{person}", phone="4155550123"))
    world = World("identity: {external_ids: [{type: user_id, limit: 2}]}", state=world.state)
    world._offset = 2
    world.now_ms += 10_000
    assert len(pairs(world)) == 1
    younger = world.owner("user_id:u2")
    world.send(track("Tied", "u1", anonymous="a2"))
    assert pairs(world) == [], "they are one"
    world.unmerge("user_id:u1", "m2-0", younger)
    assert len(world.profiles()) == 2
    assert pairs(world) == []


def test_find_when_too_many_share_a_value_then_it_says_nothing() -> None:
    world = World()
    world.send(
        *(identify(f"u{number}", phone="4155550123") for number in range(limits.identity.DUPLICATE_GROUP_MAX))
    )
    assert len(pairs(world)) == limits.identity.DUPLICATE_GROUP_MAX * (limits.identity.DUPLICATE_GROUP_MAX - 1) / 2
    world.send(identify("one more", phone="4155550123"))
    assert found(world) == Duplicates([], is_complete=True)


def test_find_when_it_is_an_account_then_it_is_no_person() -> None:
    world = World()
    world.send(group("g1", "u1", phone="4155550123"), group("g2", "u2", phone="4155550123"))
    assert pairs(world) == []


def test_find_when_a_trait_is_named_then_by_that_and_nothing_else() -> None:
    world = World()
    world.send(identify("u1", crm="X1", phone="4155550123"), identify("u2", crm="x1", phone="4155550123"))
    assert pairs(world, "crm") == [({"user_id:u1", "user_id:u2"}, 0.5)]
    assert pairs(world, "city") == []


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=9), st.integers(1, 6))
def test_find_when_compared_with_every_pair_then_the_same(people: list[tuple[int, int]], limit: int) -> None:
    world = World()
    traits = [{"phone": f"41555501{phone}0", "crm": f"c{crm}"} for phone, crm in people]
    world.send(*(identify(f"u{number}", **each) for number, each in enumerate(traits)))
    by = ("phone", "crm")
    told = [signs(each, [], by) for each in traits]
    expected = {
        frozenset((f"user_id:u{a}", f"user_id:u{b}"))
        for a, b in combinations(range(len(people)), 2)
        if told[a] & told[b]
    }
    everything = pairs(world, *by)
    assert {frozenset(names) for names, _ in everything} == expected
    assert [score for _, score in everything] == sorted((score for _, score in everything), reverse=True)
    assert pairs(world, *by, limit=limit) == everything[:limit]


def test_find_when_there_are_more_values_or_pairs_than_are_held_then_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.send(*(identify(f"u{number}", phone=f"415555{number // 2:04}") for number in range(20)))
    assert found(world).is_complete
    for bound, most in (("DUPLICATE_VALUES_MAX", 3), ("DUPLICATE_PAIRS_MAX", 4)):
        with monkeypatch.context() as patch:
            patch.setattr(limits.identity, bound, most)
            some = found(world)
            assert (len(some.pairs), some.is_complete) == (most, False)


class _Endless(MemoryState):
    """So many users, each with values of their own, that are in no memory."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def scan(
        self, table: str, prefix: bytes = b"", *, start: bytes | None = None
    ) -> Iterator[tuple[bytes, bytes]]:
        if table == tables.PROFILES:
            for number in range(self._count):
                sent = {"phone": tables.Trait(f"{1_000_000_000 + number}", 0, 0, 0, "")}
                row = tables.Profile(0, "", "", 0, "", "", traits=tables.Raw(tables.encode_row(sent)))
                yield b"u" + number.to_bytes(15, "big"), tables.encode_row(row)


def test_find_when_nobody_shares_anything_then_memory_does_not_grow_with_people() -> None:
    tracemalloc.start()
    duplicates.find(_Endless(20_000), ("phone",), limit=10)  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * limits.identity.DUPLICATE_BITS / 8 + 2 * MIB
