"""Destinations that are connected to what was there before."""

import pytest
from planning import ACME, ANN, AT_MS, BOB, Platform, audience, body, change, destination, told, trait, workspace

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.plan import is_due
from headwater.config.definitions import Collection, Connection, Send
from headwater.event import OutboundEvent

CRM = Connection(name="crm", send=(Send.TRACK,))
ADS = Connection(name="ads", send=(Send.IDENTIFY,))


def members(platform: Platform, *profiles: bytes, key: str = "big") -> None:
    rows = platform.state.change(tables.MEMBERS)
    for number, profile in enumerate(profiles):
        rows[tables.member_key(key, profile)] = tables.pack_ms(AT_MS - 1_000 * number)


def drained(platform: Platform, messages_max: int = 20_000) -> list[OutboundEvent]:
    messages: list[OutboundEvent] = []
    for _ in range(100):
        if not is_due(platform.view, platform.context):
            break
        messages += platform.go_on(messages_max).messages
    return messages


def test_first_sync_when_a_destination_is_connected_later_then_it_alone_is_told_of_all_members() -> None:
    platform = Platform(workspace(audience(CRM)))
    platform.plan()
    platform.knows(ANN, "user_id:ann", "email:a@x", offset=5)
    platform.knows(BOB, "user_id:bob")
    members(platform, ANN, BOB)
    assert not is_due(platform.view, platform.context)
    platform.apply(workspace(audience(CRM, ADS)))
    assert is_due(platform.view, platform.context)
    messages = drained(platform)
    assert [(told(m), m.destinations, body(m)["traits"]["big"], m.timestamp_ms) for m in messages] == [
        ("email:a@x", ("ads",), True, AT_MS),
        ("user_id:ann", ("ads",), True, AT_MS),
        ("user_id:bob", ("ads",), True, AT_MS - 1_000),
    ]
    assert platform.plan() == []
    assert drained(platform) == []


def test_first_sync_when_a_trait_is_connected_later_then_those_who_have_a_value_are_told() -> None:
    platform = Platform(workspace(trait()))
    platform.plan()
    for profile, value in ((ANN, 3), (BOB, None)):
        platform.knows(profile, "user_id:x")
        platform.has(profile, computed={"orders": value})
    platform.knows(ACME, "group_id:acme")
    platform.has(ACME, computed={"orders": 7})
    platform.apply(workspace(trait(ADS)))
    (message,) = drained(platform)
    assert (message.profile_id, body(message)["traits"]["orders"]) == (tables.segment_id(ANN), 3)


def test_first_sync_when_the_definition_is_new_then_everybody_is_told_as_it_is_computed() -> None:
    platform = Platform(workspace(trait(CRM)))
    platform.plan()
    platform.knows(ANN, "user_id:ann")
    members(platform, ANN)
    platform.apply(workspace(trait(CRM), audience(ADS)))
    assert drained(platform) == []


def test_first_sync_when_a_destination_was_off_then_it_is_told_once_it_is_on() -> None:
    off = workspace(audience(CRM, ADS), destinations=[destination("ads", enabled=False)])
    platform = Platform(off)
    platform.plan()
    platform.knows(ANN, "user_id:ann")
    members(platform, ANN)
    platform.apply(workspace(audience(CRM, ADS)))
    assert [message.destinations for message in drained(platform)] == [("ads",)]


def test_first_sync_when_the_destination_dedupes_then_whom_it_knows_is_not_told_again() -> None:
    hooks = [destination("ads", dedupes_on="email")]
    platform = Platform(workspace(audience(ADS), destinations=hooks))
    platform.knows(ANN, "email:a@x")
    platform.knows(BOB, "email:b@x")
    assert len(platform.plan(change())) == 1
    members(platform, ANN, BOB)
    platform.apply(workspace(audience()))
    platform.plan()
    platform.apply(workspace(audience(ADS), destinations=hooks))
    assert [told(message) for message in drained(platform)] == ["email:b@x"]


def test_first_sync_when_it_is_about_accounts_then_their_users_hear_of_it_from_the_new_one_only() -> None:
    collection = Collection.ACCOUNTS
    platform = Platform(workspace(audience(CRM, collection=collection)))
    platform.plan()
    platform.knows(ACME, "group_id:acme")
    platform.knows(ANN, "user_id:ann")
    platform.links(ACME, ANN)
    members(platform, ACME, ANN)  # Ann is one of a users' audience with the same key
    both = Connection(name="ads", send=(Send.GROUP, Send.TRACK))
    platform.apply(workspace(audience(CRM, both, collection=collection)))
    messages = drained(platform)
    assert [(m.type, told(m), m.destinations) for m in messages] == [
        ("group", "group_id:acme", ("ads",)),
        ("track", "user_id:ann", ("ads",)),
    ]


@pytest.mark.parametrize("messages_max", [1, 3, 100])
def test_first_sync_when_there_are_many_then_it_goes_on_in_steps_beside_what_else_happens(
    monkeypatch: pytest.MonkeyPatch, messages_max: int
) -> None:
    monkeypatch.setattr(limits.sync, "INLINE_MESSAGES_MAX", 4)
    platform = Platform(workspace(audience(CRM)))
    platform.plan()
    people = [b"u" + bytes([number]) * 15 for number in range(1, 21)]
    for profile in people:
        platform.knows(profile, "user_id:x")
    members(platform, *people)
    platform.apply(workspace(audience(CRM, ADS)))
    (live,) = platform.plan(change(profile=ANN, value=False, previous=True))[:1]
    assert live.destinations == ("crm",)
    found = drained(platform, messages_max)
    assert [message.profile_id for message in found] == [tables.segment_id(profile) for profile in people]


def test_first_sync_when_the_connection_goes_meanwhile_then_nobody_is_told() -> None:
    platform = Platform(workspace(audience(CRM)))
    platform.plan()
    platform.knows(ANN, "user_id:ann")
    members(platform, ANN)
    platform.apply(workspace(audience(CRM, ADS)))
    platform.plan()
    platform.apply(workspace(audience(CRM)))
    assert drained(platform) == []
    platform.apply(workspace())
    assert drained(platform) == []
