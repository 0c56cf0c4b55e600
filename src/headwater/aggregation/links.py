"""Users and accounts: who belongs to which, and what the users of an account come to.

An account's conditions about its users ("any of them has ordered") are kept as counts: how many users are linked,
and how many of them meet the condition. What a user has contributed stands in the link, so a change, a merge or a
new definition can be taken back and added again without looking at the other users, however many they are.
"""

from collections.abc import Callable, Iterable
from typing import Final

from headwater.aggregation import tables
from headwater.aggregation.changes import Change
from headwater.aggregation.compute.program import Program
from headwater.aggregation.subject import Subject
from headwater.aggregation.tables import Link
from headwater.flow import Effects
from headwater.flowing import FlowingEvent

_NOTHING: Final = (0, 0)
_Deltas = dict[str, tuple[int, int]]
"""Condition → (users linked, users that meet it)."""


class Links:
    def __init__(self, effects: Effects, program: Program, subject_of: Callable[[bytes], Subject | None]) -> None:
        self._effects = effects
        self._program = program
        self._subject_of = subject_of
        self._links: dict[tuple[bytes, bytes], Link | None] = {}
        """(user, account) → the row of the account's side; None: there is no link."""
        self._accounts: dict[bytes, set[bytes]] = {}
        """User → its accounts, once all of them were read."""
        self._written: set[tuple[bytes, bytes]] = set()
        self._deltas: dict[bytes, _Deltas] = {}

    def look_up(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        missing = list({pair: None for pair in pairs if pair not in self._links})
        rows = self._effects.read(tables.LINKS, [account + user for user, account in missing])
        for pair, row in zip(missing, rows, strict=True):
            self._links[pair] = tables.decode_link(row) if row else None

    def add(self, user: bytes, account: bytes, flowing: FlowingEvent, clock_ms: int) -> list[Change]:
        """What follows for the account; nothing when they are linked already."""
        self.look_up([(user, account)])
        if self._links[user, account] is not None:
            return []
        self._set(user, account, Link(flowing.received_at_ms, flowing.source, flowing.event.message_id or ""))
        subject = self._subject_of(user)
        if subject is not None:
            self._contribute(subject, account)
        return self.settle(clock_ms)

    def user_changed(self, user: Subject) -> None:
        """Its conditions may have changed: what it contributes follows."""
        for account in self._accounts_of(user.profile):
            self._contribute(user, account)

    def retract(self, profile: Subject) -> None:
        """It is about to be merged away: take back what it has contributed."""
        if profile.collection != "users":
            return
        for account in self._accounts_of(profile.profile):
            link = self._link(profile.profile, account)
            for key, is_met in link.counted.items():
                self._add(account, key, -1, -int(is_met))
            link.counted = {}

    def cut(self, user: Subject) -> None:
        """All its links go; `retract` came before."""
        for account in list(self._accounts_of(user.profile)):
            self._set(user.profile, account, None)

    def move(self, gone: Subject, profile: Subject) -> None:
        """The links of a profile that was merged away; `retract` came before."""
        if gone.collection == "users":
            for account in list(self._accounts_of(gone.profile)):
                link = self._link(gone.profile, account)
                self._set(gone.profile, account, None)
                self.look_up([(profile.profile, account)])
                if self._links[profile.profile, account] is None:
                    self._set(profile.profile, account, link)
            self.user_changed(profile)
            return
        for user in self._users_of(gone.profile):
            link = self._link(user, gone.profile)
            self._set(user, gone.profile, None)
            self.look_up([(user, profile.profile)])
            if self._links[user, profile.profile] is None:
                self._set(user, profile.profile, link)
        self._recount(profile)

    def settle(self, clock_ms: int) -> list[Change]:
        """Tell the accounts what has changed for their users."""
        changes: list[Change] = []
        while self._deltas:
            account, deltas = self._deltas.popitem()
            subject = self._subject_of(account)
            moved = {key: delta for key, delta in deltas.items() if delta != _NOTHING}
            if subject is not None and moved:
                changes += self._program.users_changed(subject, moved, clock_ms)
        return changes

    def write(self) -> None:
        rows = self._effects.change(tables.LINKS)
        for user, account in self._written:
            link = self._links[user, account]
            row = None if link is None else tables.encode_row(link)
            rows[account + user] = rows[user + account] = row

    def _contribute(self, user: Subject, account: bytes) -> None:
        link = self._link(user.profile, account)
        values = user.computed.values
        now = {key: key in values and values[key].value is True for key in self._program.hidden_keys}
        if now == link.counted:
            return
        for key in now.keys() | link.counted.keys():
            before = link.counted.get(key)
            after = now.get(key)
            self._add(
                account,
                key,
                int(after is not None) - int(before is not None),
                int(after is True) - int(before is True),
            )
        link.counted = now
        self._written.add((user.profile, account))

    def _add(self, account: bytes, key: str, linked: int, met: int) -> None:
        deltas = self._deltas.setdefault(account, {})
        before = deltas.get(key, _NOTHING)
        deltas[key] = (before[0] + linked, before[1] + met)

    def _recount(self, account: Subject) -> None:
        """After two accounts became one, whose counts nobody can take apart."""
        links = [self._link(user, account.profile) for user in self._users_of(account.profile)]
        for key in self._program.hidden_keys:
            counted = [link.counted[key] for link in links if key in link.counted]
            linked, met = self._program.user_counts(account, key)
            self._add(account.profile, key, len(counted) - linked, sum(counted) - met)

    def _link(self, user: bytes, account: bytes) -> Link:
        self.look_up([(user, account)])
        link = self._links[user, account]
        assert link is not None, "both sides of a link are written together"
        return link

    def _set(self, user: bytes, account: bytes, link: Link | None) -> None:
        self._links[user, account] = link
        self._written.add((user, account))
        accounts = self._accounts_of(user)
        if link is None:
            accounts.discard(account)
        else:
            accounts.add(account)

    def _accounts_of(self, user: bytes) -> set[bytes]:
        accounts = self._accounts.get(user)
        if accounts is None:
            rows = self._effects.scan(tables.LINKS, user)
            accounts = self._accounts[user] = {key[tables.KEY_BYTES :] for key, _ in rows}
            accounts |= {a for (u, a), link in self._links.items() if u == user and link is not None}
            accounts -= {a for (u, a), link in self._links.items() if u == user and link is None}
        return accounts

    def _users_of(self, account: bytes) -> list[bytes]:
        users = {key[tables.KEY_BYTES :] for key, _ in self._effects.scan(tables.LINKS, account)}
        users |= {u for (u, a), link in self._links.items() if a == account and link is not None}
        users -= {u for (u, a), link in self._links.items() if a == account and link is None}
        return sorted(users)
