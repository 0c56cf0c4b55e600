"""resolve: whose event it is. Ties external ids together, makes and merges profiles (see `identity`), and leaves
the result on the event; what follows from it for the profiles themselves, the stage `update` does.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import UNSET

from headwater.aggregation import tables
from headwater.aggregation.external_ids import ANONYMOUS_ID, USER_ID, ExternalIds, Found
from headwater.aggregation.identity import Identities, Severed, identities_of
from headwater.aggregation.resolution import Resolutions
from headwater.aggregation.tables import ExternalId
from headwater.flow import Context, Effects, Stage, bury_event
from headwater.flowing import FlowingEvent

OPTED_OUT: Final = "Personas"
"""The name under which an event's `integrations` keeps it out of profiles (spec 4.3)."""


class _Integrations(msgspec.Struct, gc=False):
    profiles: bool | None = msgspec.field(default=None, name=OPTED_OUT)


_decode_integrations = msgspec.json.Decoder(_Integrations).decode


def resolve(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[FlowingEvent]:
    users, accounts = identities_of(context, effects, Severed(effects))
    resolve_with(users, accounts, events, context, effects)
    return list(events)


def resolve_with(
    users: Identities, accounts: Identities, events: Sequence[FlowingEvent], context: Context, effects: Effects
) -> None:
    """The same with identities that somebody goes on working with."""
    external_ids = context.built(ExternalIds)
    named = [_NOBODY if _opted_out(flowing) else external_ids.of(flowing) for flowing in events]
    users.look_up(_with_aliases(events, named))
    accounts.look_up(each for found in named for each in found.accounts)
    unsettled = (found.users for found in named if len(found.users) > 1 and not users.are_settled(found.users))
    users.look_up_conflicts(each for ids in unsettled for each in ids)
    for flowing, found in zip(events, named, strict=True):
        if flowing.first_place is not None:  # its profile knows it, and it must not count twice
            continue
        if found.blocked:
            effects.identity["blocked"] += found.blocked
        ids = _without_unknown_alias(flowing, found.users, users) if flowing.event.type == "alias" else found.users
        user = users.resolve(ids, flowing)
        account = accounts.resolve(found.accounts, flowing) if found.accounts else None
        if user is None and account is None:
            flowing.note(
                "resolve", "nobody", why="opted out" if found is _NOBODY else "no external id was promoted"
            )
            continue
        flowing.resolution = Resolutions(user, account)
        profile = user or account
        assert profile is not None
        flowing.profile_id = tables.segment_id(profile.profile)


_NOBODY: Final = Found([], [], 0)


def _opted_out(flowing: FlowingEvent) -> bool:
    raw = flowing.event.integrations
    if raw is UNSET or b"Personas" not in bytes(raw):
        return False
    try:
        return _decode_integrations(raw).profiles is False
    except (msgspec.MsgspecError, RecursionError):
        return False


def _with_aliases(events: Sequence[FlowingEvent], named: Sequence[Found]) -> list[ExternalId]:
    """All ids of users, and what an alias calls its previousId, should that be a user id."""
    wanted = [each for found in named for each in found.users]
    wanted += [
        ExternalId(USER_ID, flowing.event.previous_id)
        for flowing in events
        if flowing.event.type == "alias" and flowing.event.previous_id
    ]
    return wanted


def _without_unknown_alias(flowing: FlowingEvent, ids: list[ExternalId], users: Identities) -> list[ExternalId]:
    """A previousId is an anonymous id, unless it is known as a user id and not as an anonymous one."""
    previous = flowing.event.previous_id
    if not previous:
        return ids
    as_anonymous, as_user = ExternalId(ANONYMOUS_ID, previous), ExternalId(USER_ID, previous)
    if as_anonymous not in ids or users.owner(as_anonymous) is not None or users.owner(as_user) is None:
        return ids
    return list(dict.fromkeys(as_user if each == as_anonymous else each for each in ids))


STAGE: Final = Stage("resolve", resolve, bury_event("resolve"), quiet="belongs to the profile that has its ids")
