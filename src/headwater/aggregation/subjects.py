"""The profiles that one batch works on, each of them read once.

Apart from the working set, because links look at them too: two objects that hold each other, and through them a
few thousand profiles, would stay in memory until Python's cycle collector comes, which then does nothing else.
"""

from collections.abc import Iterable, Iterator

from headwater.aggregation import tables
from headwater.aggregation.changes import Change
from headwater.aggregation.compute.program import Program
from headwater.aggregation.subject import Subject
from headwater.flow import Effects


class Subjects:
    def __init__(self, effects: Effects, program: Program) -> None:
        self._effects = effects
        self._audiences = program.audiences
        self._subjects: dict[bytes, Subject] = {}
        self._rows: dict[bytes, bytes | None] = {}

    def look_up(self, profiles: Iterable[bytes]) -> None:
        """Read the rows of these profiles, all at once."""
        keys = list({each: None for each in profiles if each not in self._rows})
        self._rows.update(zip(keys, self._effects.read(tables.PROFILES, keys), strict=True))

    def get(self, profile: bytes) -> Subject | None:
        """None: there is no such profile (any more)."""
        subject = self._subjects.get(profile)
        if subject is None:
            if profile not in self._rows:
                self.look_up([profile])
            row = self._rows[profile]
            if row is None:
                return None
            subject = Subject(profile, tables.decode_profile(row), self._effects, is_stored=True)
            self._subjects[profile] = subject
        return None if subject.gone else subject

    def add(self, subject: Subject) -> None:
        """One that was not there before."""
        self._subjects[subject.profile] = subject

    def __iter__(self) -> Iterator[Subject]:
        """All that were asked for, those that are gone included."""
        return iter(self._subjects.values())

    def note(self, changes: Iterable[Change]) -> None:
        """What the values were that the state has; once for each, before anything else changes it."""
        for change in changes:
            if change.is_audience:
                subject = self._subjects[change.profile]
                was = change.before[0] if change.before else change.previous
                subject.was_member.setdefault(change.key, was is True)

    def members_before(self, subject: Subject) -> set[str]:
        """The audiences that the state has it in."""
        values = subject.computed.values
        was = subject.was_member
        now = {key for key in self._audiences[subject.collection] if key in values and values[key].value is True}
        return {key for key in now | was.keys() if was.get(key, key in now)}
