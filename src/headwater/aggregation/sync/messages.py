"""The calls that destinations are told with (spec 4.6 and 4.9): one for each external id of a group.

A group is what its calls have in common, ready to be written into each of them. It can be stored, so that a
fan-out goes on in later commits exactly as it was planned, whatever has changed since.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from headwater.aggregation import tables
from headwater.aggregation.tables import ExternalId
from headwater.config.definitions import Send
from headwater.config.workspace import Source
from headwater.event import Event, OutboundEvent, instant
from headwater.flowing import encode_event

SOURCE: Final = "profiles"
"""The source of all these messages. No source of a workspace may have this name."""

SPEC_VERSION: Final = 2

_PROJECT_ID: Final = Source(name=SOURCE).id
_EMAIL: Final = "email"
_TRAITS: Final = frozenset({_EMAIL, "phone"})
"""Types that tools look for among the traits of a person."""
_encode_json = msgspec.json.Encoder(order="deterministic").encode


class Group(msgspec.Struct, array_like=True):
    """Calls to the same destinations that say the same, but for the external id."""

    profile: bytes
    """Whom they are about."""
    call: str
    event: str
    """Of track calls."""
    facts: dict[str, Any]
    """What is said, as traits or properties."""
    personas: dict[str, str]
    """Which computation says it."""
    destinations: tuple[str, ...]
    offset: int
    index: int
    """Where the change came from that they tell of."""
    at_ms: int
    user_id: str = ""
    """The user id of the profile, for suppression and deletion; destinations are told by id, and not this one."""
    account: str = ""
    """Of calls about a user of an account: the account's group id."""
    is_of_event: bool = True
    """Whether the place is that of an event; else the instant tells it from others."""

    def messages(self, ids: Sequence[ExternalId], start: int = 0) -> Iterator[OutboundEvent]:
        """One for each id, from the one at `start` on."""
        common = _Common(self)
        for at in range(start, len(ids)):
            yield common.message(ids[at])


class _Common:
    """What is encoded once for all messages of a group."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.segment_id = tables.segment_id(group.profile)
        self.collection = tables.collection_of(group.profile)
        self.seed = blake2b(_seed(group), digest_size=16, person=b"hw-sync").digest()
        self.facts = Raw(_encode_json(group.facts))
        self.context: dict[str, Any] = {"personas": group.personas}
        if group.account:
            self.context["groupId"] = group.account
        self.raw_context = Raw(_encode_json(self.context))
        self.integrations = Raw(_encode_json({"All": False} | dict.fromkeys(group.destinations, True)))
        self.at = instant(group.at_ms)

    def message(self, external_id: ExternalId) -> OutboundEvent:
        group = self.group
        event = Event(
            type=group.call,
            message_id=self._message_id(external_id),
            context=self.raw_context,
            integrations=self.integrations,
            timestamp=self.at,
            original_timestamp=self.at,
            sent_at=self.at,
            received_at=self.at,
            channel="server",
            version=SPEC_VERSION,
            project_id=_PROJECT_ID,
        )
        if group.call == Send.TRACK:
            event.event, event.properties = group.event, self.facts
        else:
            event.traits = self.facts
        self._name(external_id, event)
        return OutboundEvent(
            offset=group.offset,
            index=group.index,
            message_id=event.message_id or "",
            type=group.call,
            event=event.event,
            name=None,
            user_id=event.user_id or group.user_id or None,
            anonymous_id=event.anonymous_id,
            group_id=event.group_id,
            profile_id=self.segment_id,
            source=SOURCE,
            received_at_ms=group.at_ms,
            timestamp_ms=group.at_ms,
            original_timestamp_ms=group.at_ms,
            sent_at_ms=group.at_ms,
            body=encode_event(event),
            destinations=group.destinations,
        )

    def _name(self, external_id: ExternalId, event: Event) -> None:
        """Say whom the event is about, in the place where destinations look for this type."""
        match external_id.type:
            case "user_id":
                event.user_id = external_id.value
            case "anonymous_id":
                event.anonymous_id = external_id.value
            case "group_id":
                event.group_id = external_id.value
            case other:
                self._name_inside(other, external_id.value, event)

    def _name_inside(self, type_: str, value: str, event: Event) -> None:
        """As a trait, and with the other ids: all but addresses, which are known as ids wherever they stand."""
        added: dict[str, Any] = {}
        if type_ in _TRAITS and event.properties is UNSET:
            # Not the trait of this name that may be sent along: the call is about this one.
            event.traits = Raw(_encode_json(self.group.facts | {type_: value}))
        elif type_ in _TRAITS:
            added["traits"] = {type_: value}
        if type_ != _EMAIL:
            named = {"id": value, "type": type_, "collection": self.collection, "encoding": "none"}
            added["externalIds"] = [named]
        if added:
            event.context = Raw(_encode_json(self.context | added))

    def _message_id(self, external_id: ExternalId) -> str:
        name = self.seed + external_id.type.encode() + b"\0" + external_id.value.encode()
        return "hw-sync-" + blake2b(name, digest_size=16, person=b"hw-sync").hexdigest()


def _seed(group: Group) -> bytes:
    """Everything that tells this group from all others. The user id is not in it: nobody sees it."""
    computation = group.personas["computation_id"]
    named = [
        group.profile.hex(),
        computation,
        *((group.offset, group.index) if group.is_of_event else (-1, -1)),
        group.at_ms,
        *(group.call, group.event, group.facts, group.destinations, group.account),
    ]
    return _encode_json(named)
