"""What destinations get to read."""

import re

import msgspec
import pytest
from planning import ACME, ANN, AT_MS, BOB, Platform, audience, body, change, told, trait, workspace

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.changes import Change
from headwater.config.definitions import (
    AudienceDefinition,
    Collection,
    Connection,
    IdChoice,
    Send,
    TraitDefinition,
)
from headwater.config.workspace import Workspace
from headwater.event import OutboundEvent

AT = "2026-01-01T00:00:00.000Z"
ACCOUNTS = Collection.ACCOUNTS


def planned(
    definition: AudienceDefinition | TraitDefinition, *ids: str, of: bytes = ANN, **fields: object
) -> list[OutboundEvent]:
    platform = Platform(workspace(definition))
    platform.knows(of, *ids)
    return platform.plan(change(key=definition.key, profile=of, **fields))


def in_list(type_: str, value: str) -> dict[str, object]:
    """In the context, for types that have no place of their own."""
    return {"externalIds": [{"id": value, "type": type_, "collection": "users", "encoding": "none"}]}


def only(call: Send, **more: object) -> Connection:
    return Connection(name="hook", send=(call,), **more)  # type: ignore[arg-type]


def test_message_when_an_audience_is_entered_then_identify_says_so_as_documented() -> None:
    (message,) = planned(audience(only(Send.IDENTIFY)), "user_id:ann")
    said = body(message)
    personas = said["context"].pop("personas")
    assert said == {
        "type": "identify",
        "messageId": message.message_id,
        "userId": "ann",
        "traits": {"big": True},
        "context": {},
        "integrations": {"All": False, "hook": True},
        "timestamp": AT,
        "originalTimestamp": AT,
        "sentAt": AT,
        "receivedAt": AT,
        "channel": "server",
        "version": 2,
        "projectId": said["projectId"],
    }
    assert personas["computation_class"] == "audience"
    assert personas["computation_key"] == "big"
    assert re.fullmatch(r"aud_[0-9a-f]{18}", personas["computation_id"])
    assert re.fullmatch(r"spa_[0-9a-f]{18}", personas["space_id"])
    assert personas["namespace"] == personas["space_id"]
    assert len(personas) == 5


def test_message_when_made_then_the_outbound_event_says_the_same() -> None:
    (message,) = planned(audience(only(Send.TRACK)), "user_id:ann", index=3)
    assert msgspec.structs.asdict(message) | {"body": b"", "message_id": ""} == {
        "offset": 9,
        "index": 3,
        "message_id": "",
        "type": "track",
        "event": "Audience Entered",
        "name": None,
        "user_id": "ann",
        "anonymous_id": None,
        "group_id": None,
        "profile_id": tables.segment_id(ANN),
        "source": "profiles",
        "received_at_ms": AT_MS,
        "timestamp_ms": AT_MS,
        "original_timestamp_ms": AT_MS,
        "sent_at_ms": AT_MS,
        "body": b"",
        "trace": b"",
        "destinations": ("hook",),
        "is_stored": False,
    }


@pytest.mark.parametrize(
    ("definition", "value", "event", "properties"),
    [
        (audience(only(Send.TRACK)), True, "Audience Entered", {"audience_key": "big", "big": True}),
        (audience(only(Send.TRACK)), False, "Audience Exited", {"audience_key": "big", "big": False}),
        (audience(only(Send.TRACK)), None, "Audience Exited", {"audience_key": "big", "big": False}),
        (audience(only(Send.TRACK, entered="In", exited="Out")), True, "In", {"audience_key": "big", "big": True}),
        (
            audience(only(Send.TRACK, entered="In", exited="Out")),
            False,
            "Out",
            {"audience_key": "big", "big": False},
        ),
        (trait(only(Send.TRACK)), 5, "Trait Computed", {"trait_key": "orders", "orders": 5}),
        (trait(only(Send.TRACK, computed="Counted")), [1], "Counted", {"trait_key": "orders", "orders": [1]}),
        (trait(only(Send.TRACK)), None, "Trait Computed", {"trait_key": "orders", "orders": None}),
    ],
)
def test_message_when_it_is_a_track_call_then_name_and_properties_say_what_happened(
    definition: AudienceDefinition | TraitDefinition, value: object, event: str, properties: dict[str, object]
) -> None:
    (message,) = planned(definition, "user_id:ann", value=value, previous=None if value else True)
    said = body(message)
    assert (said["event"], said["properties"]) == (event, properties)
    assert "traits" not in said


@pytest.mark.parametrize(
    ("id_", "call", "expected"),
    [
        ("user_id:ann", Send.IDENTIFY, {"userId": "ann", "traits": {"big": True}}),
        ("anonymous_id:7", Send.IDENTIFY, {"anonymousId": "7", "traits": {"big": True}}),
        ("email:a@x", Send.IDENTIFY, {"traits": {"email": "a@x", "big": True}}),
        ("email:a@x", Send.TRACK, {"context": {"traits": {"email": "a@x"}}}),
        (
            "phone:+1",
            Send.IDENTIFY,
            {"traits": {"phone": "+1", "big": True}, "context": in_list("phone", "+1")},
        ),
        ("phone:+1", Send.TRACK, {"context": {"traits": {"phone": "+1"}} | in_list("phone", "+1")}),
        ("android.idfa:9", Send.TRACK, {"context": in_list("android.idfa", "9")}),
    ],
)
def test_message_when_told_under_an_id_then_it_stands_where_destinations_look(
    id_: str, call: Send, expected: dict[str, object]
) -> None:
    (message,) = planned(audience(only(call, ids={id_.partition(":")[0]: IdChoice.ALL})), id_)
    said = body(message)
    said["context"].pop("personas")
    named = {"userId", "anonymousId", "groupId", "traits", "context"}
    assert {name: value for name, value in said.items() if name in named} == {"context": {}} | expected


def test_message_when_it_is_about_an_email_then_the_row_still_says_whose_it_is() -> None:
    """Suppression and deletion know people by their user id."""
    messages = {
        told(message): message for message in planned(audience(only(Send.IDENTIFY)), "user_id:ann", "email:a@x")
    }
    assert messages["email:a@x"].user_id == "ann"
    assert "userId" not in body(messages["email:a@x"])


# --- accounts ---------------------------------------------------------------------------------------------------


def test_message_when_it_is_about_an_account_then_it_is_a_group_call() -> None:
    (message,) = planned(audience(only(Send.GROUP), collection=ACCOUNTS), "group_id:acme", of=ACME)
    said = body(message)
    assert (said["type"], said["groupId"], said["traits"]) == ("group", "acme", {"big": True})
    assert (message.group_id, message.profile_id) == ("acme", tables.segment_id(ACME))


def test_message_when_users_of_an_account_are_told_then_each_of_them_under_their_own_ids() -> None:
    connection = Connection(name="hook", send=(Send.TRACK, Send.GROUP))
    platform = Platform(workspace(audience(connection, collection=ACCOUNTS)))
    platform.knows(ACME, "group_id:acme")
    platform.knows(ANN, "user_id:ann", "email:a@x")
    platform.knows(BOB, "user_id:bob")
    platform.links(ACME, ANN, BOB)
    messages = platform.plan(change(profile=ACME))
    assert [(m.type, told(m), m.profile_id) for m in messages] == [
        ("group", "group_id:acme", tables.segment_id(ACME)),
        ("track", "email:a@x", tables.segment_id(ANN)),
        ("track", "user_id:ann", tables.segment_id(ANN)),
        ("track", "user_id:bob", tables.segment_id(BOB)),
    ]
    assert [body(m)["context"].get("groupId") for m in messages] == [None, "acme", "acme", "acme"]


def test_message_when_another_account_has_the_same_user_and_key_then_the_ids_differ() -> None:
    platform = Platform(workspace(audience(only(Send.TRACK), collection=ACCOUNTS)))
    other = b"a" + b"\4" * 15
    platform.knows(ACME, "group_id:acme")
    platform.knows(other, "group_id:other")
    platform.knows(ANN, "user_id:ann")
    platform.links(ACME, ANN)
    platform.links(other, ANN)
    one, another = platform.plan(change(profile=ACME), change(profile=other))
    assert one.message_id != another.message_id


# --- what is sent along -----------------------------------------------------------------------------------------


def test_message_when_traits_are_sent_along_then_their_values_are_beside_the_key() -> None:
    connection = Connection(name="hook", send=(Send.TRACK, Send.IDENTIFY), traits=("plan", "orders", "big", "no"))
    platform = Platform(workspace(audience(connection)))
    platform.knows(ANN, "user_id:ann")
    platform.has(ANN, traits={"plan": "pro", "orders": 1, "big": "sent"}, computed={"orders": 5})
    track, identify = (body(message) for message in platform.plan(change()))
    assert track["properties"] == {"audience_key": "big", "big": True, "plan": "pro", "orders": 5}
    assert identify["traits"] == {"big": True, "plan": "pro", "orders": 5}


def test_message_when_the_address_is_sent_along_then_each_call_still_has_the_one_that_it_is_about() -> None:
    connection = Connection(name="hook", send=(Send.TRACK, Send.IDENTIFY), traits=("email",))
    platform = Platform(workspace(audience(connection)))
    platform.knows(ANN, "email:new@x", "email:old@x")
    platform.has(ANN, traits={"email": "new@x"})
    said = [told(message) for message in platform.plan(change())]
    assert said == ["email:new@x", "email:old@x"] * 2


def test_message_when_traits_that_are_sent_along_are_too_much_then_the_first_that_fit_are() -> None:
    connection = only(Send.IDENTIFY, traits=("plan", "essay", "city"))
    platform = Platform(workspace(audience(connection)))
    platform.knows(ANN, "user_id:ann")
    essay = "x" * limits.sync.TRAITS_BYTES_MAX
    platform.has(ANN, traits={"plan": "pro", "essay": essay, "city": "Rome"})
    (message,) = platform.plan(change())
    assert body(message)["traits"] == {"big": True, "plan": "pro"}


# --- message ids ------------------------------------------------------------------------------------------------


def message_id(made: Change | None = None, configured: Workspace | None = None, id_: str = "user_id:ann") -> str:
    platform = Platform(configured or workspace(audience(only(Send.IDENTIFY))))
    platform.knows(ANN, id_)
    (message,) = platform.plan(made or change())
    assert re.fullmatch(r"hw-sync-[0-9a-f]{32}", message.message_id)
    assert len(message.message_id) < limits.processing.MESSAGE_ID_CHARS_MAX
    return message.message_id


def test_message_id_when_planned_again_then_it_is_the_same() -> None:
    assert message_id() == message_id()


def test_message_id_when_anything_that_is_told_differs_then_so_does_it() -> None:
    both = workspace(audience(only(Send.IDENTIFY), Connection(name="other", send=(Send.IDENTIFY,))))
    ids = [
        message_id(),
        message_id(change(offset=10)),
        message_id(change(index=1)),
        message_id(change(at_ms=AT_MS + 1)),
        message_id(change(value=False, previous=True)),
        message_id(change(), workspace(audience(only(Send.TRACK)))),
        message_id(change(key="small"), workspace(audience(only(Send.IDENTIFY), key="small"))),
        message_id(change(), both),
        message_id(id_="user_id:bob"),
        message_id(id_="anonymous_id:ann"),
    ]
    assert len(set(ids)) == len(ids)


def test_plan_when_a_change_cannot_be_told_then_only_it_is_set_aside() -> None:
    platform = Platform(workspace(audience(only(Send.IDENTIFY)), trait(only(Send.IDENTIFY))))
    platform.knows(ANN, "user_id:ann")
    cyclic: list[object] = []
    cyclic.append(cyclic)
    messages = platform.plan(change(), change(key="orders", value=cyclic), change(offset=10))
    assert [message.offset for message in messages] == [9, 10]
    (letter,) = platform.effects.dead
    assert (letter.stage, letter.reason, letter.offset) == ("plan", "poison", 9)
    assert letter.detail.startswith("orders of use_")
