"""Planning: for one change after the other, who is told what, and what of it has to wait.

A change of a user is told under the external ids of the user. A change of an account is told with group calls
under the ids of the account, and with track and identify calls under the ids of each of its users.

*Which ids.* A batch is planned when all of its events have changed the state. So that cutting the log in another
way tells nobody anything else, ids that came after a change do not count for it: they bring a change of their own.

*Order.* What is told about a person is told in order. While something about them waits, everything else waits
behind it, also what is about a profile that theirs was merged into.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import islice
from typing import Final

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.sync import connections, first_sync
from headwater.aggregation.sync.connections import DEDUPE_SYNC, SHADOW_SYNC, Telling, Told
from headwater.aggregation.sync.facts import kind_of
from headwater.aggregation.sync.fan_out import FanOuts, WaitingEverybody, WaitingGroups, WaitingUsers
from headwater.aggregation.sync.groups import Selected, Subject, grouped
from headwater.aggregation.sync.known import Known
from headwater.aggregation.sync.messages import Group
from headwater.aggregation.sync.paths import Facts, Kind, Sides, decide
from headwater.aggregation.sync.selection import Selection
from headwater.aggregation.sync.shadow import Comparison, Way
from headwater.aggregation.tables import ExternalId
from headwater.config.definitions import Send
from headwater.event import OutboundEvent
from headwater.flow import Context, Effects

_ABOUT_USERS: Final = (Send.TRACK, Send.IDENTIFY)
_ABOUT_ACCOUNTS: Final = (Send.GROUP,)


class Planner:
    """Of one batch, or of one step of the fan-outs."""

    def __init__(
        self, context: Context, effects: Effects, outbound: list[OutboundEvent], *, messages_max: int
    ) -> None:
        """`outbound`: where messages go that are sent now."""
        self._outbound = outbound
        self.fan_outs = FanOuts(effects)
        self.room = messages_max
        """So many more messages may be planned now. A user of an account, or a profile of a first sync, of whom
        nothing is told counts as one.
        """
        self._workspace = context.workspace
        self._tellings = context.built(connections.tellings)
        self._space = connections.space_id(context.workspace.workspace)
        self._effects = effects
        self._planned: Counter[bytes] = Counter()
        self._known = Known(b"", effects)
        self._shadow = Comparison(context.workspace, effects)
        first_sync.begin(context, effects, self.fan_outs)

    def tell(self, change: Change, destination: str = "") -> None:
        """Plan everything that follows from a change, for now or as a fan-out. `destination`: the only one that is
        told; empty: all are.
        """
        telling = self._telling(change, destination)
        if telling is None:
            return
        profile = self._surviving(change.profile)
        queue = self._queue_of(profile)
        if tables.collection_of(profile) == "users":
            self._tell(change, telling, profile, queue, _ABOUT_USERS)
            return
        if telling.is_told_with(_ABOUT_ACCOUNTS):
            self._tell(change, telling, profile, queue, _ABOUT_ACCOUNTS)
        # A new id of the account is none of its users'.
        if telling.is_told_with(_ABOUT_USERS) and change.reason is not Reason.NEW_EXTERNAL_ID:
            users = WaitingUsers(change, destination)
            after = b"" if self.fan_outs.is_waiting(queue) else self._tell_users(users)
            if after is not None:
                users.after = after
                self.fan_outs.put(queue, users)

    def go_on(self, profile: bytes) -> None:
        """With what waits for this profile, as much as one profile may have at once."""
        room_left = max(0, self.room - limits.sync.INLINE_MESSAGES_MAX)
        while self.room > room_left and (first := self.fan_outs.first(profile)) is not None:
            number, waiting = first
            match waiting:
                case WaitingGroups():
                    ids = self.fan_outs.page(profile, number, waiting)
                    count = min(len(ids), self.room - room_left)
                    self._emit(profile, waiting.group, ids, count)
                    waiting.done += count
                    is_finished = not ids or waiting.is_finished
                case WaitingUsers():
                    after = self._tell_users(waiting)
                    is_finished, waiting.after = after is None, after or b""
                case WaitingEverybody():
                    after = self._tell_everybody(waiting)
                    is_finished, waiting.after = after is None, after or b""
            if is_finished:
                self.fan_outs.finish(profile, number)
            else:
                self.fan_outs.advance(profile, number, waiting)

    def write(self) -> None:
        """What is noted once, at the end."""
        self._shadow.write()

    # --- about whom -------------------------------------------------------------------------------------------

    def _telling(self, change: Change, destination: str) -> Telling | None:
        telling = self._tellings.get((tables.collection_of(change.profile), change.key))
        return telling.to(destination) if telling and destination else telling

    def _surviving(self, profile: bytes) -> bytes:
        """The profile that this one is by the end of the batch."""
        for _ in range(limits.identity.MERGED_FOLLOWED_MAX):
            (into,) = self._effects.read(tables.MERGED, [profile])
            if into is None:
                break
            profile = into
        return profile

    def _known_of(self, profile: bytes) -> Known:
        if self._known.profile != profile:  # changes of one profile mostly come together
            self._known = Known(profile, self._effects)
        return self._known

    def _queue_of(self, profile: bytes) -> bytes:
        """The profile behind whose fan-outs this one's messages have to wait, if there are any."""
        if not self.fan_outs.are_any:
            return profile
        return next((part for part in self._known_of(profile).parts if self.fan_outs.is_waiting(part)), profile)

    def _tell_everybody(self, waiting: WaitingEverybody) -> bytes | None:
        """Tell of those behind `waiting.after`, while there is room. The last one that was told of; None: all
        were.
        """
        telling = self._tellings.get((waiting.collection, waiting.key))
        if telling is None:
            return None
        after = waiting.after
        room_left = max(0, self.room - limits.sync.INLINE_MESSAGES_MAX)
        for profile, change in first_sync.holders(self._effects, waiting, is_audience=telling.is_audience):
            if self.room <= room_left:
                return after
            after = profile
            room = self.room
            if change is not None:
                self.tell(change, waiting.destination)
            if self.room == room:
                self.room -= 1
        return None

    def _tell_users(self, waiting: WaitingUsers) -> bytes | None:
        """Tell the users behind `waiting.after` about a change of their account, while there is room. The last one
        that was told; None: all were.
        """
        change, after = waiting.change, waiting.after
        telling = self._telling(change, waiting.destination)
        if telling is None:  # nobody wants to hear of it any more
            return None
        account = self._surviving(change.profile)
        group_id = self._known_of(account).group_id
        room_left = max(0, self.room - limits.sync.INLINE_MESSAGES_MAX)
        start = account + after + b"\0" if after else account
        for key, _ in self._effects.scan(tables.LINKS, account, start=start):
            if self.room <= room_left:
                return after
            after = key[tables.KEY_BYTES :]
            room = self.room
            self._tell(change, telling, after, self._queue_of(after), _ABOUT_USERS, account=group_id)
            if self.room == room:
                self.room -= 1
        return None

    # --- one of them ------------------------------------------------------------------------------------------

    def _tell(
        self,
        change: Change,
        telling: Telling,
        profile: bytes,
        queue: bytes,
        calls: Collection[Send],
        *,
        account: str = "",
    ) -> None:
        known = self._known_of(profile)
        selection = Selection(change, known.until(change))
        kind, sides = kind_of(change, is_audience=telling.is_audience)
        selected = [
            Selected(told, self._decide(change, telling, known, selection, told, kind, sides))
            for told in telling.told
            if not told.calls.isdisjoint(calls)
        ]
        wanted = {key for (_, connection, _), ids in selected if ids for key in connection.traits}
        traits = known.traits(wanted) if wanted else {}
        subject = Subject(profile, known.user_id, account)
        for ids, groups in grouped(change, telling, self._space, subject, selected, calls, traits):
            self._put(queue, groups, ids)

    def _decide(
        self,
        change: Change,
        telling: Telling,
        known: Known,
        selection: Selection,
        told: Told,
        kind: Kind,
        sides: Sides,
    ) -> list[ExternalId]:
        """The ids that a destination is told; what is told once is noted, and compared with the other way."""
        name, type_ = told.destination.name, told.dedupes_on
        facts = Facts(change.reason, kind, dedupes=False, matches=False, sent=False, sides=sides)
        if type_:
            facts = facts._replace(
                dedupes=connections.is_on(self._workspace, DEDUPE_SYNC, known.profile),
                matches=selection.matches(type_),
                sent=known.was_told(telling.key, name),
            )
        path = decide(facts)
        ids = selection.ids(path.sends, told)
        self._effects.sync["decided", path.name] += 1
        if type_:
            if connections.is_on(self._workspace, SHADOW_SYNC, known.profile):
                other = decide(facts._replace(dedupes=not facts.dedupes))
                self._shadow.add(change, kind, name, Way(path, ids), Way(other, selection.ids(other.sends, told)))
            if ids:
                known.note_told(telling.key, name, change.at_ms)
        return ids

    def _put(self, queue: bytes, groups: list[Group], ids: Sequence[ExternalId]) -> None:
        """The messages of groups with these ids: now as many as there is room for, the others as a fan-out."""
        done = 0
        if not self.fan_outs.is_waiting(queue):
            for group in groups:
                room = min(self.room, limits.sync.INLINE_MESSAGES_MAX - self._planned[queue])
                count = max(0, min(len(ids), room))
                self._emit(queue, group, ids, count)
                done += count
        if done < len(ids) * len(groups):
            self.fan_outs.put(queue, WaitingGroups(groups, len(ids), done), ids)

    def _emit(self, queue: bytes, group: Group, ids: Sequence[ExternalId], count: int) -> None:
        self._outbound += islice(group.messages(ids), count)
        self.room -= count
        self._planned[queue] += count
        self._effects.sync["planned", group.call] += count
