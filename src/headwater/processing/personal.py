"""What the state holds about a user, table by table, and how it gets out. A stage whose table keeps what somebody
sent adds its rule to RULES; tables of counts and of hashes hold nobody.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Final, NamedTuple

import msgspec

from headwater.errors import InputError
from headwater.event import encode_collected, sent_user_ids
from headwater.flow import DROPPED, DeadLetter, Dropped, Effects
from headwater.processing import dead_letters, violations
from headwater.state.port import Changes, Table

_decode_letter = msgspec.msgpack.Decoder(DeadLetter).decode
_decode_dropped = msgspec.msgpack.Decoder(Dropped).decode


class Users:
    def __init__(self, ids: Collection[str], *, before: int) -> None:
        """Events that arrived from the offset `before` on are left alone."""
        self.before = before
        self._ids = frozenset(ids)
        self._quoted = [msgspec.json.encode(user_id) for user_id in self._ids]
        self._written = [user_id.encode() for user_id in self._ids]

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._ids

    def sent(self, event: bytes) -> bool:
        """Whether an event, as it was sent, is theirs. One that cannot be read is when it has an id as a value."""
        try:
            return not self._ids.isdisjoint(sent_user_ids(event))
        except (msgspec.MsgspecError, RecursionError):
            return any(quoted in event for quoted in self._quoted)

    def are_named(self, text: str) -> bool:
        """Whether a text of ours quotes one of the ids."""
        raw = text.encode()
        return any(b'"%b"' % w in raw or b"'%b'" % w in raw or b"`%b`" % w in raw for w in self._written)


class Outcome(NamedTuple):
    changes: Changes
    events: int
    """Taken out."""


Rule = Callable[[bytes, bytes, Users], Outcome | None]
"""(key, value, users) → what has to change so that the row holds nothing of theirs; None: it holds nothing."""


def _letter(_key: bytes, value: bytes, users: Users) -> Outcome | None:
    letter = _decode_letter(value)
    if letter.offset >= users.before:
        return None
    if letter.index >= 0:
        return Outcome(_gone(letter), 1) if users.sent(letter.payload) else None
    request = dead_letters.whole_request(letter)
    if request is None:  # a damaged record: nobody can tell its parts from each other
        return Outcome(_gone(letter), letter.events) if users.sent(letter.payload) else None
    try:
        events, shared = dead_letters.opened(request)
    except (msgspec.MsgspecError, RecursionError, InputError):
        return Outcome(_gone(letter), letter.events) if users.sent(dead_letters.sent(letter)) else None
    kept = [event for event in events if not users.sent(event)]
    if len(kept) == len(events):
        return None
    changes = _gone(letter)
    if kept:
        body = b'{"batch":[' + b",".join(kept) + b"]" + (b"," + shared[1:-1] if shared else b"") + b"}"
        smaller = msgspec.structs.replace(
            request, body=body, gzipped=False, events=len(kept), inflated_bytes=len(body)
        )
        letter = msgspec.structs.replace(letter, payload=encode_collected(smaller), events=len(kept))
        effects = Effects()
        dead_letters.add([letter], effects)
        for table in (dead_letters.TABLE, dead_letters.MESSAGES):
            changes.setdefault(table, {}).update(effects.changes[table])
    return Outcome(changes, len(events) - len(kept))


def _gone(letter: DeadLetter) -> Changes:
    changes: Changes = {}
    dead_letters.remove(letter, changes)
    return changes


def _dropped(key: bytes, value: bytes, users: Users) -> Outcome | None:
    return Outcome({DROPPED: {key: None}}, 1) if users.are_named(_decode_dropped(value).detail) else None


def _sample(key: bytes, value: bytes, users: Users) -> Outcome | None:
    sample = violations.decode_sample(value)
    if sample.user_id in users or users.sent(sample.payload):
        return Outcome({violations.SAMPLES: {key: None}}, 1)
    return None


RULES: Final[dict[Table, Rule]] = {
    dead_letters.TABLE: _letter,
    DROPPED: _dropped,
    violations.SAMPLES: _sample,
}


def merged(changes: Iterable[Changes]) -> Changes:
    together: Changes = {}
    for one in changes:
        for table, rows in one.items():
            together.setdefault(table, {}).update(rows)
    return together
