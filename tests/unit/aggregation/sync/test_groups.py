"""Which destinations share a message."""

from planning import ANN, Platform, audience, change, destination, told, workspace

from headwater.config.definitions import Connection, IdChoice, Send
from headwater.event import OutboundEvent


def planned(*connections: Connection, dedupes_on: dict[str, str] | None = None) -> list[OutboundEvent]:
    """Ann has two emails and a user id."""
    destinations = [destination(name, dedupes_on=type_) for name, type_ in (dedupes_on or {}).items()]
    platform = Platform(workspace(audience(*connections), destinations=destinations))
    platform.knows(ANN, "user_id:ann", "email:a@x", "email:b@x")
    return platform.plan(change())


def seen(messages: list[OutboundEvent]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(message.type, told(message), message.destinations or ()) for message in messages]


def test_groups_when_destinations_are_told_the_same_then_they_share_one_message_for_each_id() -> None:
    identify = (Send.IDENTIFY,)
    messages = planned(*(Connection(name=name, send=identify) for name in ("crm", "ads", "mail")))
    together = ("crm", "ads", "mail")
    assert seen(messages) == [
        ("identify", "email:a@x", together),
        ("identify", "email:b@x", together),
        ("identify", "user_id:ann", together),
    ]


def test_groups_when_the_ids_differ_then_so_do_the_messages() -> None:
    identify = (Send.IDENTIFY,)
    messages = planned(
        Connection(name="crm", send=identify),
        Connection(name="ads", send=identify, ids={"email": IdChoice.LAST_ADDED}),
        Connection(name="mail", send=identify),
        dedupes_on={"mail": "email"},
    )
    assert seen(messages) == [
        ("identify", "email:a@x", ("crm",)),
        ("identify", "email:b@x", ("crm",)),
        ("identify", "user_id:ann", ("crm",)),
        ("identify", "email:b@x", ("ads", "mail")),
    ]
    assert len({message.message_id for message in messages}) == 4


def test_groups_when_names_or_traits_differ_then_only_what_is_the_same_is_shared() -> None:
    ids = {"user_id": IdChoice.ALL}
    both = (Send.TRACK, Send.IDENTIFY)
    messages = planned(
        Connection(name="crm", send=both, ids=ids),
        Connection(name="ads", send=both, ids=ids, entered="In"),
        Connection(name="mail", send=both, ids=ids, traits=("plan",)),
    )
    assert [(m.type, m.event, m.destinations) for m in messages] == [
        ("track", "Audience Entered", ("crm",)),
        ("identify", None, ("crm", "ads")),
        ("track", "In", ("ads",)),
        ("track", "Audience Entered", ("mail",)),
        ("identify", None, ("mail",)),
    ]


def test_groups_when_a_destination_is_disabled_or_gone_then_nobody_tells_it() -> None:
    connections = [Connection(name=name, send=(Send.IDENTIFY,)) for name in ("on", "off")]
    platform = Platform(workspace(audience(*connections), destinations=[destination("off", enabled=False)]))
    platform.knows(ANN, "user_id:ann")
    assert seen(platform.plan(change())) == [("identify", "user_id:ann", ("on",))]


def test_groups_when_nobody_wants_to_hear_of_a_definition_then_nothing_is_planned() -> None:
    platform = Platform(workspace(audience()))
    platform.knows(ANN, "user_id:ann")
    assert platform.plan(change(), change(key="deleted")) == []
    assert platform.paths == {}
