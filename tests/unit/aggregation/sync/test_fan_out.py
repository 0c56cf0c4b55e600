"""What is too much for one commit: it streams, in order, whatever the memory."""

import tracemalloc
from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning import ACME, ANN, BOB, Platform, audience, body, change, destination, told, trait, workspace

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.changes import Change
from headwater.aggregation.plan import is_due
from headwater.config.definitions import Collection, Connection, IdChoice, Send
from headwater.event import OutboundEvent
from headwater.units import MIB

IDENTIFY = (Send.IDENTIFY,)


def many(count: int) -> list[str]:
    return [f"anonymous_id:{number:06}" for number in range(count)]


def stepwise(platform: Platform, messages_max: int = 20_000) -> Iterator[list[OutboundEvent]]:
    """Until nothing waits any more."""
    after = b""
    while platform.state.changes.get(tables.FAN_OUTS) and list(platform.state.scan(tables.FAN_OUTS)):
        messages, after = platform.go_on(messages_max, after=after)
        assert 0 < len(messages) <= messages_max
        yield messages


def drained(platform: Platform, messages_max: int = 20_000) -> list[OutboundEvent]:
    return [message for step in stepwise(platform, messages_max) for message in step]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds at which a few ids are many."""
    monkeypatch.setattr(limits.sync, "INLINE_MESSAGES_MAX", 4)
    monkeypatch.setattr(limits.sync, "FAN_OUT_PAGE_IDS", 3)


def test_fan_out_when_one_profile_has_too_many_messages_then_the_rest_follows_in_later_commits() -> None:
    platform = Platform(workspace(audience(Connection(name="hook", send=IDENTIFY))))
    platform.knows(ANN, *many(5_000))
    now = platform.plan(change())
    assert len(now) == limits.sync.INLINE_MESSAGES_MAX
    later = drained(platform, 2_000)
    assert [told(message) for message in now + later] == many(5_000)
    assert platform.go_on().messages == []


def test_fan_out_when_150_000_messages_are_planned_then_memory_stays_bounded() -> None:
    """10,000 ids for 15 destinations that share no message, because each takes another set of ids."""
    connections = [
        Connection(name=f"d{n}", send=(Send.TRACK,), ids=dict.fromkeys(("anonymous_id", f"t{n}"), IdChoice.ALL))
        for n in range(15)
    ]
    platform = Platform(workspace(audience(*connections)))
    platform.knows(ANN, *many(10_000), *(f"t{n}:x" for n in range(15)))
    tracemalloc.start()
    try:
        seen = len(platform.plan(change()))
        for messages in stepwise(platform, 2_000):
            seen += len(messages)
            del messages
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen == 150_015
    assert peak_bytes < 24 * MIB, "all messages together would take 300"


def test_fan_out_when_more_is_told_about_the_profile_then_it_waits_behind_and_others_do_not(small: None) -> None:
    configured = workspace(audience(Connection(name="hook", send=IDENTIFY)))
    platform = Platform(configured)
    platform.knows(ANN, *many(6))
    platform.knows(BOB, "user_id:bob")
    left = change(value=False, previous=True, offset=10)
    now = platform.plan(change(), left, change(profile=BOB))
    assert [(told(m), body(m)["traits"]["big"]) for m in now] == [
        *((id_, True) for id_ in many(4)),
        ("user_id:bob", True),
    ]
    assert platform.plan(change(offset=11)) == []
    later = drained(platform)
    assert [(told(m), body(m)["traits"]["big"]) for m in later] == [
        *((id_, True) for id_ in many(6)[4:]),
        *((id_, False) for id_ in many(6)),
        *((id_, True) for id_ in many(6)),
    ]
    assert len(platform.plan(change(offset=12))) == 4, "nothing waits any more"


def test_fan_out_when_the_profile_is_merged_then_the_other_one_waits_behind_it(small: None) -> None:
    platform = Platform(workspace(audience(Connection(name="hook", send=IDENTIFY))))
    platform.knows(ANN, *many(6))
    platform.plan(change())
    platform.merges(ANN, BOB)
    platform.has(BOB, parts=[ANN])
    platform.knows(BOB, "user_id:bob")
    assert platform.plan(change(profile=BOB, offset=10)) == []
    assert [told(message) for message in drained(platform)] == [*many(6)[4:], "user_id:bob"]


def test_fan_out_when_ids_and_workspace_change_meanwhile_then_it_goes_on_as_planned(small: None) -> None:
    platform = Platform(workspace(audience(Connection(name="hook", send=IDENTIFY))))
    platform.knows(ANN, *many(6))
    platform.plan(change())
    platform.state.change(tables.PROFILE_IDS).clear()
    platform.apply(workspace())
    assert [told(message) for message in drained(platform)] == many(6)[4:]


def test_fan_out_when_several_profiles_wait_then_they_take_turns(small: None) -> None:
    platform = Platform(workspace(audience(Connection(name="hook", send=IDENTIFY))))
    for profile in (ANN, BOB):
        platform.knows(profile, *many(16))
        platform.plan(change(profile=profile))
    profiles = [[message.profile_id for message in step] for step in stepwise(platform, 4)]
    ann, bob = tables.segment_id(ANN), tables.segment_id(BOB)
    assert profiles == [[ann] * 4, [bob] * 4] * 3


def test_fan_out_when_a_batch_has_too_much_of_many_profiles_then_the_last_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits.sync, "BATCH_MESSAGES_MAX", 5)
    platform = Platform(workspace(audience(Connection(name="hook", send=IDENTIFY))))
    people = [b"u" + bytes([number]) * 15 for number in range(1, 5)]
    for profile in people:
        platform.knows(profile, *many(2))
    now = platform.plan(*(change(profile=profile) for profile in people))
    assert [m.profile_id for m in now + drained(platform)] == [
        tables.segment_id(profile) for profile in people for _ in range(2)
    ]
    assert len(now) == 5


def test_fan_out_when_waiting_then_it_can_be_seen(small: None) -> None:
    platform = Platform(workspace(audience(Connection(name="hook", send=IDENTIFY))))
    platform.knows(ANN, *many(5))
    platform.plan()
    assert not is_due(platform.view, platform.context)
    platform.plan(change())
    assert is_due(platform.view, platform.context)


# --- the users of an account ------------------------------------------------------------------------------------


def test_fan_out_when_an_account_has_many_users_then_they_are_told_step_by_step(small: None) -> None:
    connection = Connection(name="hook", send=(Send.GROUP, Send.TRACK))
    platform = Platform(workspace(audience(connection, collection=Collection.ACCOUNTS)))
    platform.knows(ACME, "group_id:acme")
    users = [b"u" + number.to_bytes(15, "big") for number in range(20)]
    platform.links(ACME, *users)
    for number, user in enumerate(users):
        if number % 5:  # some have no id that anybody wants
            platform.knows(user, f"user_id:{number}")
    now = platform.plan(change(profile=ACME))
    assert len(now) <= 5
    assert platform.plan(change(profile=ACME, value=False, previous=True, offset=10)) == []
    events: dict[str, list[str | None]] = defaultdict(list)
    steps = [[*platform.go_on(4).messages] for _ in range(20)]
    for message in now + [message for step in steps for message in step]:
        events[told(message)].append(message.event)
    assert events.pop("group_id:acme") == [None, None]
    assert events == {f"user_id:{n}": ["Audience Entered", "Audience Exited"] for n in range(20) if n % 5}
    assert not list(platform.state.scan(tables.FAN_OUTS))


def test_fan_out_when_a_user_of_an_account_has_too_many_ids_then_they_wait_in_the_users_own_queue(
    small: None,
) -> None:
    connection = Connection(name="hook", send=(Send.TRACK,))
    platform = Platform(workspace(audience(connection, collection=Collection.ACCOUNTS)))
    platform.links(ACME, ANN)
    platform.knows(ACME, "group_id:acme")
    platform.knows(ANN, *many(10))
    now = platform.plan(change(profile=ACME))
    assert {key[: tables.KEY_BYTES] for key, _ in platform.state.scan(tables.FAN_OUTS)} == {ANN}
    assert [told(message) for message in now + drained(platform)] == many(10)


# --- against a plan without bounds ------------------------------------------------------------------------------

people = [b"u" + bytes([number]) * 15 for number in range(1, 4)]
batches = st.lists(
    st.lists(st.tuples(st.sampled_from(people), st.sampled_from(["big", "orders"]), st.booleans()), max_size=4),
    max_size=4,
)


def planned(
    sizes: list[int], changes: list[list[Change]], *, bounds: tuple[int, int, int] | None
) -> dict[str | None, list[tuple[str, str, tuple[str, ...]]]]:
    """What is told about each profile, in order."""
    monkeypatch = pytest.MonkeyPatch()
    with monkeypatch.context() as patch:
        steps_max = 1_000
        if bounds:
            inline_max, page, steps_max = bounds
            patch.setattr(limits.sync, "INLINE_MESSAGES_MAX", inline_max)
            patch.setattr(limits.sync, "BATCH_MESSAGES_MAX", 2 * inline_max)
            patch.setattr(limits.sync, "FAN_OUT_PAGE_IDS", page)
        first = {"anonymous_id": IdChoice.FIRST_ADDED, "user_id": IdChoice.ALL}
        platform = Platform(
            workspace(
                audience(Connection(name="one"), Connection(name="two", ids=first)),
                trait(Connection(name="one"), Connection(name="once")),
                destinations=[destination("once", dedupes_on="anonymous_id")],
            )
        )
        for profile, size in zip(people, sizes, strict=True):
            platform.knows(profile, *many(size), "user_id:x")
        messages = []
        after = b""
        for batch in changes:
            messages += platform.plan(*batch)
            step = platform.go_on(steps_max, after=after)
            messages += step.messages
            after = step.after
        messages += drained(platform, steps_max)
    found = defaultdict(list)
    for message in messages:
        found[message.profile_id].append((message.message_id, told(message), message.destinations or ()))
    return found


@settings(max_examples=settings.default.max_examples // 2)
@given(
    st.lists(st.integers(0, 9), min_size=3, max_size=3),
    batches,
    st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 7)),
)
def test_fan_out_when_anything_is_bounded_then_each_profile_is_told_the_same_in_the_same_order(
    sizes: list[int], drawn: list[list[tuple[bytes, str, bool]]], bounds: tuple[int, int, int]
) -> None:
    changes = [
        [
            change(profile=profile, key=key, value=value, previous=not value, offset=100 * at + number)
            for number, (profile, key, value) in enumerate(batch)
        ]
        for at, batch in enumerate(drawn)
    ]
    assert planned(sizes, changes, bounds=bounds) == planned(sizes, changes, bounds=None)
