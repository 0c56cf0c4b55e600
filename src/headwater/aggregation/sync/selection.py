"""Which ids a path means for a destination. Destinations that ask for the same get the same list."""

from collections.abc import Sequence
from typing import Final

from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.sync import ids
from headwater.aggregation.sync.connections import Told
from headwater.aggregation.sync.ids import KnownId
from headwater.aggregation.sync.paths import Sends
from headwater.aggregation.tables import ExternalId

_Asked = tuple[Sends, str, tuple[tuple[str, str], ...]]

_NOBODY: Final[list[ExternalId]] = []


class Selection:
    """Among the ids that a profile had at a change."""

    def __init__(self, change: Change, known: Sequence[KnownId]) -> None:
        self._change = change
        self._known = known
        self._new = frozenset(change.new_ids)
        self._made: dict[_Asked, list[ExternalId]] = {}

    def matches(self, type_: str) -> bool:
        """Whether there is an id of this type; if the change is about new ids, whether a new one is."""
        if self._change.reason is Reason.NEW_EXTERNAL_ID:
            return any(known.id.type == type_ and known.id in self._new for known in self._known)
        return any(known.id.type == type_ for known in self._known)

    def ids(self, sends: Sends, told: Told) -> list[ExternalId]:
        """In order of type and value."""
        if sends is Sends.NONE:
            return _NOBODY
        type_ = told.dedupes_on if sends is Sends.LATEST else ""
        choices = told.connection.ids if sends in {Sends.CHOSEN, Sends.NEW} else {}
        asked = sends, type_, tuple(sorted(choices.items()))
        made = self._made.get(asked)
        if made is None:
            made = self._made[asked] = self._select(sends, told)
        return made

    def _select(self, sends: Sends, told: Told) -> list[ExternalId]:
        if sends is Sends.EVERY:
            return [known.id for known in self._known]
        if sends is Sends.LATEST:
            return ids.latest(self._known, told.dedupes_on)
        found = ids.chosen(self._known, told.connection.ids)
        return [each for each in found if each in self._new] if sends is Sends.NEW else found
