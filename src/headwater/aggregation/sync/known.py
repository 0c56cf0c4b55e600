"""What planning knows of one profile, read when it is asked for."""

from collections.abc import Collection
from functools import cached_property
from typing import Any, Final

from headwater.aggregation import tables
from headwater.aggregation.changes import Change
from headwater.aggregation.sync.ids import KnownId, known_ids
from headwater.aggregation.tables import Profile
from headwater.flow import Effects

_LAST_INDEX: Final = 1 << 32


class Known:
    def __init__(self, profile: bytes, effects: Effects) -> None:
        self.profile = profile
        self._effects = effects

    @cached_property
    def ids(self) -> list[KnownId]:
        return known_ids(self._effects, self.profile)

    @cached_property
    def user_id(self) -> str:
        """The first; empty: it has none."""
        return self._first("user_id")

    @cached_property
    def group_id(self) -> str:
        return self._first("group_id")

    @cached_property
    def parts(self) -> list[bytes]:
        """Profiles that were merged into it."""
        return self._row.parts if self._row else []

    def until(self, change: Change) -> list[KnownId]:
        """The ids that it had when the change came about. What time has changed has no place of its own in the
        record that brought the clock so far, so everything in that record counts; and of a first sync, which no
        record brings about, everything does.
        """
        has_place = change.is_of_event
        if not has_place and not change.offset:
            return self.ids
        place = (change.offset, change.index if has_place else _LAST_INDEX)
        return [known for known in self.ids if known.place <= place]

    def traits(self, keys: Collection[str]) -> dict[str, Any]:
        """The values of those of these traits that it has; a computed one comes before one that was sent."""
        if self._row is None:
            return {}
        sent = tables.decode_traits(self._row.traits)
        computed = tables.decode_computed(self._row.computed).values
        values = {
            key: computed[key].value if key in computed else sent[key].value
            for key in keys
            if key in computed or key in sent
        }
        return {key: value for key, value in values.items() if value is not None}

    def was_told(self, definition: str, destination: str) -> bool:
        """Whether the destination was told about this definition and the profile, or one that is in it now."""
        keys = [synced_key(profile, definition, destination) for profile in (self.profile, *self.parts)]
        return any(row is not None for row in self._effects.read(tables.SYNCED, keys))

    def note_told(self, definition: str, destination: str, at_ms: int) -> None:
        rows = self._effects.change(tables.SYNCED)
        rows[synced_key(self.profile, definition, destination)] = tables.pack_ms(at_ms)

    @cached_property
    def _row(self) -> Profile | None:
        (row,) = self._effects.read(tables.PROFILES, [self.profile])
        return tables.decode_profile(row) if row else None

    def _first(self, type_: str) -> str:
        return next((known.id.value for known in self.ids if known.id.type == type_), "")


def synced_key(profile: bytes, definition: str, destination: str) -> bytes:
    """In SYNCED; the value is the time of the change that it was told last."""
    return b"%b%b\0%b" % (profile, definition.encode(), destination.encode())
