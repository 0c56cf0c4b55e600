"""The profiles that one batch works on, and everything that has to happen to them: made, merged, advanced,
changed.

Both stages that change profiles (`update` for events, `expire` and `sweep` for what happens without one) go
through here, so that members, sizes, timers, links and counts follow from the profiles in one place.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from headwater.aggregation import tables
from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.program import Program
from headwater.aggregation.links import Links
from headwater.aggregation.resolution import Resolution
from headwater.aggregation.subject import NewEvent, Subject
from headwater.aggregation.subjects import Subjects
from headwater.aggregation.tables import ComputedValue, Profile
from headwater.config.workspace import Workspace
from headwater.flow import Effects
from headwater.flowing import FlowingEvent
from headwater.units import HOUR_MS

CLOCK_KEY: Final = b"clock"
_COUNT_KEY: Final = b"count"
_FOREVER_MS: Final = 1 << 62


def program_of(workspace: Workspace) -> Program:
    """The definitions of a workspace, compiled; `Context.built` keeps it."""
    definitions = workspace.definitions
    return Program.build(definitions, max((each.version for each in definitions), default=0))


def read_clock(effects: Effects) -> int:
    """The newest time of receipt of everything that was processed, Unix milliseconds."""
    (row,) = effects.read(tables.SWEEPS, [CLOCK_KEY])
    return tables.unpack_ms(row) if row else 0


def move_clock(effects: Effects, at_ms: int) -> int:
    """It is at least this late; how late it is now."""
    clock_ms = max(read_clock(effects), at_ms)
    effects.change(tables.SWEEPS)[CLOCK_KEY] = tables.pack_ms(clock_ms)
    return clock_ms


class WorkingSet:
    def __init__(self, effects: Effects, program: Program, clock_ms: int) -> None:
        self.program = program
        self.clock_ms = clock_ms
        """Every verb happens at this instant; whoever calls moves it on."""
        self._effects = effects
        self._subjects = Subjects(effects, program)
        self._entered: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._profiles: Counter[str] = Counter()
        self._links = Links(effects, program, self._subjects.get)

    def look_up(self, profiles: Iterable[bytes]) -> None:
        """Read the rows of these profiles, all at once."""
        self._subjects.look_up(profiles)

    def subject(self, profile: bytes) -> Subject | None:
        """None: there is no such profile (any more)."""
        return self._subjects.get(profile)

    # --- what happens to a profile --------------------------------------------------------------------------

    def take(
        self, resolution: Resolution, flowing: FlowingEvent, entry: Entry, traits: dict[str, Any]
    ) -> list[Change]:
        """An event of this profile: everything that it changes."""
        subject = self._made_by(flowing, resolution) if resolution.created else self.subject(resolution.profile)
        assert subject is not None, "resolve only names profiles that there are"
        changes: list[Change] = []
        for profile in resolution.merged:
            other = self.subject(profile)
            assert other is not None, "what is merged away was there before"
            changes += self._merge(subject, other)
        changes += self.bring_up(subject)
        row = subject.row
        row.events += 1
        row.updated_ms = max(row.updated_ms, flowing.received_at_ms)
        row.last_message_id = flowing.event.message_id or ""
        row.last_source = flowing.source
        changed = subject.take_traits(traits, entry) if traits else ()
        place = (entry.at_ms, entry.offset, entry.index)
        subject.history.add(NewEvent(place, subject.profile, entry, flowing.received_at_ms, flowing.body))
        caused = self.program.apply(subject, entry, self.clock_ms, changed)
        if caused:
            self._subjects.note(caused)
        if resolution.new_ids:
            row.ids += len(resolution.new_ids)
            if not resolution.created:
                # Not what time has changed: that may have come before, with another record.
                merged = [change for change in changes if change.reason is Reason.PROFILE_MERGED]
                caused += self._known_by_more(subject, resolution, caused + merged)
        for change in caused:
            change.message_id = row.last_message_id
        changes += caused
        self._propagate(subject)
        return changes

    def bring_up(self, subject: Subject) -> list[Change]:
        """To the definitions of today, and to the clock: what was due until now happens now, in order."""
        computed = subject.computed
        changes: list[Change] = []
        if computed.version != self.program.version:
            changes += self.refresh(subject)
        if computed.due_ms is not None and computed.due_ms <= self.clock_ms:
            changes += self._noted(self.program.advance(subject, self.clock_ms))
            self._propagate(subject)
        return changes

    def expire(self, subject: Subject) -> list[Change]:
        """What was due for a profile until now, and nothing else: it stays as it was at the last of these
        instants, whenever somebody came to look.
        """
        clock_ms = self.clock_ms
        changes: list[Change] = []
        while (due_ms := subject.computed.due_ms) is not None and due_ms <= clock_ms:
            self.clock_ms = due_ms
            changes += self.bring_up(subject)
            changes += self.account_changes()
        self.clock_ms = clock_ms
        return changes

    def refresh(self, subject: Subject) -> list[Change]:
        """Compute anew what is defined in another way than it was computed."""
        true = {key for key, value in subject.computed.values.items() if value.value is True}
        changes = self._noted(self.program.refresh(subject, self.clock_ms))
        if deleted := true - subject.computed.values.keys() - {change.key for change in changes}:
            rows = self._effects.change(tables.MEMBERS)
            rows.update((tables.member_key(key, subject.profile), None) for key in deleted)
        self._propagate(subject)
        return changes

    def compute_again(self, subject: Subject) -> list[Change]:
        """Everything from the history, which has changed beside the events."""
        return self._noted(self.program.rebuild(subject, self.clock_ms, Reason.BACKFILLED))

    def link(self, user: Resolution, account: Resolution, flowing: FlowingEvent) -> list[Change]:
        """The event says that this user belongs to this account."""
        return self._noted(self._links.add(user.profile, account.profile, flowing, self.clock_ms))

    def look_up_links(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._links.look_up(pairs)

    def remove(self, subject: Subject) -> None:
        """The profile goes, with everything that follows from it; its ids and its history are others' business."""
        self._links.retract(subject)
        self._links.cut(subject)
        self._leave_all(subject)
        subject.gone = True
        self._profiles[subject.collection] -= 1

    def account_changes(self) -> list[Change]:
        """What has changed for accounts since the last call, because something changed for their users."""
        return self._noted(self._links.settle(self.clock_ms))

    def _noted(self, changes: list[Change]) -> list[Change]:
        self._subjects.note(changes)
        return changes

    def _leave_all(self, subject: Subject) -> None:
        """It is about to go: it was a member where the state says so, and is of nothing any more."""
        rows = self._effects.change(tables.MEMBERS)
        for key in self._subjects.members_before(subject):
            rows[tables.member_key(key, subject.profile)] = None
            self._left[key] += 1
        subject.was_member.clear()

    def _propagate(self, subject: Subject) -> None:
        if self.program.hidden_keys and subject.collection == "users":
            self._links.user_changed(subject)

    def _made_by(self, flowing: FlowingEvent, resolution: Resolution) -> Subject:
        at_ms, message_id, source = flowing.received_at_ms, flowing.event.message_id or "", flowing.source
        row = Profile(at_ms, message_id, source, at_ms, message_id, source)
        subject = Subject(resolution.profile, row, self._effects, is_stored=False)
        subject.computed.version = self.program.version
        subject.computed.at_ms = self.clock_ms
        self._subjects.add(subject)
        self._profiles[subject.collection] += 1
        return subject

    def _merge(self, subject: Subject, other: Subject) -> list[Change]:
        """Two profiles become one, as if everything had always happened to one."""
        changes = self.bring_up(subject) + self.bring_up(other)
        self._links.retract(other)
        self._leave_all(other)
        is_smaller = other.row.events > subject.row.events
        if is_smaller:  # the events of the smaller side are applied to what was computed of the larger one
            subject.take_over_computed(other)
            added = list(subject.history.entries(0, _FOREVER_MS, None))
        else:
            added = list(other.history.entries(0, _FOREVER_MS, None))
        row, gone = subject.row, other.row
        row.parts = [*row.parts, other.profile, *gone.parts]
        row.events += gone.events
        row.ids += gone.ids
        row.merges += gone.merges + 1
        row.traits_overflow += gone.traits_overflow
        if gone.created_ms < row.created_ms:
            row.created_ms, row.first_message_id, row.first_source = (
                gone.created_ms,
                gone.first_message_id,
                gone.first_source,
            )
        if gone.updated_ms > row.updated_ms:
            row.updated_ms, row.last_message_id, row.last_source = (
                gone.updated_ms,
                gone.last_message_id,
                gone.last_source,
            )
        subject.absorb_traits(other)
        subject.history.absorb(other.history)
        subject.is_stored |= other.is_stored
        other.gone = True
        subject.is_merged = True
        self._profiles[subject.collection] -= 1
        merged = self.program.absorb(subject, [other.computed], added, self.clock_ms)
        if is_smaller:
            for change in merged:
                change.before = change.before[::-1]
        changes += self._noted(merged)
        self._links.move(other, subject)
        self._propagate(subject)
        return changes

    def _known_by_more(self, subject: Subject, resolution: Resolution, told: Sequence[Change]) -> list[Change]:
        """For every value that stays as it is: destinations may want to hear it under the new ids too."""
        passed_over = {change.key for change in told if change.profile == subject.profile and not _is_same(change)}
        passed_over.update(self.program.hidden_keys)
        audiences = self.program.audiences[subject.collection]
        return [
            Change(
                profile=subject.profile,
                key=key,
                is_audience=key in audiences,
                value=value.value,
                previous=value.value,
                reason=Reason.NEW_EXTERNAL_ID,
                at_ms=self.clock_ms,
                new_ids=resolution.new_ids,
            )
            for key, value in subject.computed.values.items()
            if key not in passed_over and _is_worth_telling(value, is_audience=key in audiences)
        ]

    # --- what follows ---------------------------------------------------------------------------------------

    def write(self) -> None:
        """Everything, into the effects."""
        for subject in self._subjects:
            if not subject.gone and (subject.was_member or subject.is_merged):
                self._write_members(subject)
            subject.write()
        self._links.write()
        self._write_sizes()
        sweeps = self._effects.change(tables.SWEEPS)
        for collection, delta in self._profiles.items():
            key = _COUNT_KEY + tables.COLLECTIONS[collection]
            (row,) = self._effects.read(tables.SWEEPS, [key])
            sweeps[key] = tables.pack_ms((tables.unpack_ms(row) if row else 0) + delta)
        sweeps[CLOCK_KEY] = tables.pack_ms(self.clock_ms)

    def _write_members(self, subject: Subject) -> None:
        rows = self._effects.change(tables.MEMBERS)
        values = subject.computed.values
        concerned = self.program.audiences[subject.collection] if subject.is_merged else subject.was_member
        for key in concerned:
            is_member = key in values and values[key].value is True
            was_member = subject.was_member.get(key, is_member)
            if is_member:  # also when it was one: since when may have changed
                rows[tables.member_key(key, subject.profile)] = tables.pack_ms(values[key].changed_ms)
            elif was_member and not is_member:
                rows[tables.member_key(key, subject.profile)] = None
            self._entered[key] += is_member and not was_member
            self._left[key] += was_member and not is_member

    def _write_sizes(self) -> None:
        changed = [key for key in {**self._entered, **self._left} if self._entered[key] or self._left[key]]
        hour = self.clock_ms // HOUR_MS
        now = [tables.size_key(key) for key in changed]
        in_hour = [tables.size_key(key, hour) for key in changed]
        read = self._effects.read(tables.AUDIENCE_SIZES, [*now, *in_hour])
        rows = self._effects.change(tables.AUDIENCE_SIZES)
        for at, key in enumerate(changed):
            entered, left = self._entered[key], self._left[key]
            sized, so_far = read[at], tables.read_hour(read[at + len(changed)])
            size = max((tables.unpack_ms(sized) if sized else 0) + entered - left, 0)
            rows[now[at]] = tables.pack_ms(size)
            rows[in_hour[at]] = tables.hour_row(size, (so_far.entered or 0) + entered, (so_far.left or 0) + left)


def profile_count(effects: Effects, collection: str) -> int:
    (row,) = effects.read(tables.SWEEPS, [_COUNT_KEY + tables.COLLECTIONS[collection]])
    return tables.unpack_ms(row) if row else 0


def _is_same(change: Change) -> bool:
    """A merge of profiles that all had this value: nobody is told of it, so the new ids are not either."""
    return change.reason is Reason.PROFILE_MERGED and all(
        before == change.value and type(before) is type(change.value) for before in change.before
    )


def _is_worth_telling(value: ComputedValue, *, is_audience: bool) -> bool:
    return value.value is True if is_audience else value.value is not None
