"""forget: a deleted user leaves no profile behind. Events that arrived before the deletion go from the history of
the profile and of its accounts, aliases that name the user from the histories of others; and what is left, if
anything, makes profiles again (`doing_over`).
"""

from collections.abc import Collection, Iterator
from typing import Final

from headwater.aggregation import tables
from headwater.aggregation.doing_over import canonical, make_again, take_apart
from headwater.aggregation.external_ids import ANONYMOUS_ID, USER_ID
from headwater.aggregation.tables import ExternalId
from headwater.aggregation.working_set import WorkingSet, program_of, read_clock
from headwater.flow import Context, Effects, Reader
from headwater.flowing import FlowingEvent
from headwater.state.port import Changes

SLICE_ROWS: Final = 10_000
"""Rows of a history that go with one commit."""


def forget(user_ids: Collection[str], before: int, context: Context, state: Reader) -> Iterator[Changes]:
    """What has to change so that nothing of these users' events below the offset `before` is left; each is to be
    committed before the next is asked for. Broken off at any point, it can be begun again.
    """
    for user_id in sorted(user_ids):
        effects = Effects(state)
        profile = owner(user_id, effects)
        parts = [] if profile is None else [profile, *_parts(profile, effects)]
        if profile is not None:
            yield from _thin_out(profile, parts, before, context, state)
        effects = Effects(state)
        others = _named_by(user_id, effects) - {profile}
        if profile is None and not others:
            continue
        if profile is not None:
            _forget_log(parts, before, effects)
            _forget_severed(profile, effects)
        taken = take_apart(
            [*([] if profile is None else [profile]), *sorted(each for each in others if each)], context, effects
        )
        for part in parts:
            for table in (tables.SYNCED, tables.FAN_OUTS):
                gone = [key for key, _ in effects.scan(table, part)]
                effects.change(table).update(dict.fromkeys(gone))
        effects.change(tables.CONFLICTS).update(dict.fromkeys(_keys_of(user_id)))
        left = [each for each in taken.events if each.offset >= before or not _names(each, user_id)]
        make_again(left, context, effects)
        yield effects.changes


def is_left(user_ids: Collection[str], before: int, state: Reader) -> bool:
    """Whether there is still an event of these users, or a trace of one, from below that offset."""
    effects = Effects(state)
    for user_id in user_ids:
        profile = owner(user_id, effects)
        if profile is not None:
            for part in [profile, *_parts(profile, effects)]:
                keys = (key for key, _ in effects.scan(tables.HISTORY, part))
                if any(tables.history_place(key).offset < before for key in keys):
                    return True
    return False


def places(user_ids: Collection[str], before: int, state: Reader) -> set[tuple[int, int]]:
    """Where in the collected log the events of these users are below that offset; those included that name a
    device only.
    """
    effects = Effects(state)
    found = set()
    for user_id in user_ids:
        profile = owner(user_id, effects)
        for part in [] if profile is None else [profile, *_parts(profile, effects)]:
            for key, _ in effects.scan(tables.HISTORY, part):
                place = tables.history_place(key)
                if place.offset < before:
                    found.add((place.offset, place.event_index))
    return found


def _keys_of(user_id: str) -> list[bytes]:
    """Under which the tables of ids may have it: an alias calls a user id an anonymous one."""
    return [tables.identity_key("users", ExternalId(type_, user_id)) for type_ in (USER_ID, ANONYMOUS_ID)]


def _named_by(user_id: str, effects: Effects) -> set[bytes | None]:
    """Profiles whose events may name the user: they have the id, or were refused it."""
    keys = _keys_of(user_id)
    found = {canonical(effects, each) for each in effects.read(tables.IDENTITIES, keys) if each is not None}
    for row in effects.read(tables.CONFLICTS, keys):
        if row is not None:
            found.update(canonical(effects, each) for each in tables.decode_conflict(row).refused_at)
    rows = effects.read(tables.PROFILES, sorted(found))
    return {each for each, row in zip(sorted(found), rows, strict=True) if row is not None}


def _names(flowing: FlowingEvent, user_id: str) -> bool:
    return user_id in {flowing.event.user_id, flowing.event.previous_id}


def owner(user_id: str, effects: Effects) -> bytes | None:
    """The profile of a user; None: there is none."""
    key = tables.identity_key("users", ExternalId(USER_ID, user_id))
    (profile,) = effects.read(tables.IDENTITIES, [key])
    return None if profile is None else canonical(effects, profile)


def _parts(profile: bytes, effects: Effects) -> list[bytes]:
    (row,) = effects.read(tables.PROFILES, [profile])
    return tables.decode_profile(row).parts if row else []


def _thin_out(
    profile: bytes, parts: list[bytes], before: int, context: Context, state: Reader
) -> Iterator[Changes]:
    """Take the events out of the histories, a slice at a time; then what accounts came to without them."""
    accounts = [
        each
        for account in {key[tables.KEY_BYTES :] for key, _ in state.scan(tables.LINKS, profile)}
        for each in [account, *_parts(account, Effects(state))]
    ]
    touched = False
    for part in parts:
        while rows := _slice(part, before, accounts, state):
            touched = True
            yield {tables.HISTORY: rows}
    if touched and accounts:
        effects = Effects(state)
        working = WorkingSet(effects, context.built(program_of), read_clock(effects))
        for account in sorted(accounts):
            subject = working.subject(account)
            if subject is not None:
                working.compute_again(subject)
        working.write()
        yield effects.changes


def _slice(part: bytes, before: int, accounts: list[bytes], state: Reader) -> dict[bytes, bytes | None]:
    """An event is in the history of its account under the same place."""
    rows: dict[bytes, bytes | None] = {}
    for key, _ in state.scan(tables.HISTORY, part):
        if tables.history_place(key).offset < before:
            rows[key] = None
            rows.update(dict.fromkeys(account + key[tables.KEY_BYTES :] for account in accounts))
            if len(rows) >= SLICE_ROWS:
                break
    return rows


def _forget_log(parts: list[bytes], before: int, effects: Effects) -> None:
    """Decisions about the profile, and those of others that quote its ids."""
    log = effects.change(tables.IDENTITY_LOG)
    others: set[bytes] = set()
    for part in parts:
        for key, row in effects.scan(tables.IDENTITY_LOG, part):
            others.add(tables.decode_decision(row).other)
            if tables.place_of_decision(key)[0] < before:
                log[key] = None
    for other in sorted(others - {b"", *parts}):
        for key, row in effects.scan(tables.IDENTITY_LOG, other):
            if tables.decode_decision(row).other in parts:
                log[key] = None


def _forget_severed(profile: bytes, effects: Effects) -> None:
    """Pairs that nobody is left for."""
    known = {tables.decode_profile_id(row).external_id for _, row in effects.scan(tables.PROFILE_IDS, profile)}
    for key, row in effects.scan(tables.SEVERED):
        pair = tables.decode_severed(row)
        if pair.one in known or pair.other in known:
            effects.change(tables.SEVERED)[key] = None
