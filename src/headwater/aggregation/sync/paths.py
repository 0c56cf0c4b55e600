"""The decision table: for a change and a destination, which external ids of the profile are told.

Every combination of what the table asks about (`Facts`) is on exactly one path, which is checked when this module
is imported; combinations that cannot be are on a path of their own, so that their counter shows when they are. The
same table stands in docs/reference/sync.md, where a test compares it, and as expectations in the tests.
"""

from enum import StrEnum
from itertools import product
from typing import Final, NamedTuple

from headwater.aggregation.changes import Reason


class Kind(StrEnum):
    """What a change does to the value, as destinations see it."""

    ENTERED = "entered"
    EXITED = "exited"
    VALUE_SET = "value set"
    VALUE_REMOVED = "value removed"
    SAME = "same"
    """A member, or a value, as before."""
    ABSENT = "absent"
    """No member, or no value, as before."""


class Sides(StrEnum):
    """Which of the profiles that became one were members, or had a value, before."""

    NEITHER = "neither"
    SOME = "some"
    ALL = "all"


class Sends(StrEnum):
    """Which external ids are told."""

    CHOSEN = "chosen"
    """Those that the connection asks for: by default all values of all default types."""
    EVERY = "every"
    """All values of all types, whatever the connection asks for."""
    NEW = "new"
    """Of the chosen ones, those that the profile was not known by before."""
    LATEST = "latest"
    """Of the type that the destination dedupes on, the one that was added last."""
    NONE = "none"


class Facts(NamedTuple):
    """What the table asks about a change and a destination."""

    reason: Reason
    kind: Kind
    dedupes: bool
    """The destination takes each person once and only once, by one type of id, and the flag for that is on."""
    matches: bool
    """There is an id of that type; of NEW_EXTERNAL_ID: among the new ones. Only asked when it dedupes."""
    sent: bool
    """It was told something about this profile and definition before. Only asked when it dedupes."""
    sides: Sides
    """Only asked of PROFILE_MERGED."""


class Path(NamedTuple):
    """A row: what has to hold for it (None: does not matter), and what follows."""

    name: str
    reasons: frozenset[Reason]
    kinds: frozenset[Kind]
    dedupes: bool | None
    matches: bool | None
    sent: bool | None
    sides: frozenset[Sides] | None
    sends: Sends
    why: str

    def takes(self, facts: Facts) -> bool:
        return (
            facts.reason in self.reasons
            and facts.kind in self.kinds
            and self.dedupes in {None, facts.dedupes}
            and self.matches in {None, facts.matches}
            and self.sent in {None, facts.sent}
            and (self.sides is None or facts.sides in self.sides)
        )


_CHANGED: Final = Reason.VALUE_CHANGED
_NEW_ID: Final = Reason.NEW_EXTERNAL_ID
_MERGED: Final = Reason.PROFILE_MERGED
_BACKFILLED: Final = Reason.BACKFILLED
_UNMERGED: Final = Reason.UNMERGED

_ENTERED: Final = (Kind.ENTERED,)
_SET: Final = (Kind.VALUE_SET,)
_TOLD: Final = (Kind.ENTERED, Kind.VALUE_SET)
_LEFT: Final = (Kind.EXITED, Kind.VALUE_REMOVED)
_SAME: Final = (Kind.SAME,)
_ABSENT: Final = (Kind.ABSENT,)
_UNCHANGED: Final = (Kind.SAME, Kind.ABSENT)

_NEITHER: Final = (Sides.NEITHER,)
_SOME: Final = (Sides.SOME,)
_ALL: Final = (Sides.ALL,)
_ANY: Final = (Sides.SOME, Sides.ALL)


def _path(
    name: str,
    reasons: Reason | tuple[Reason, ...],
    kinds: tuple[Kind, ...],
    sends: Sends,
    why: str,
    *,
    dedupes: bool | None = None,
    matches: bool | None = None,
    sent: bool | None = None,
    sides: tuple[Sides, ...] | None = None,
) -> Path:
    given = (reasons,) if isinstance(reasons, Reason) else reasons
    wanted = frozenset(sides) if sides else None
    return Path(name, frozenset(given), frozenset(kinds), dedupes, matches, sent, wanted, sends, why)


PATHS: Final[tuple[Path, ...]] = (
    # --- a destination that takes every call ------------------------------------------------------------------
    _path("changed", _CHANGED, _TOLD, Sends.CHOSEN, "news for every id", dedupes=False),
    _path("left", _CHANGED, _LEFT, Sends.EVERY, "whoever may have been told hears that it is over", dedupes=False),
    _path("new_id", _NEW_ID, _SAME, Sends.NEW, "the other ids have been told", dedupes=False),
    _path(
        "merged",
        _MERGED,
        _ENTERED,
        Sends.CHOSEN,
        "the ids of the side that was no member were not told",
        dedupes=False,
        sides=(Sides.NEITHER, Sides.SOME),
    ),
    _path("merged_value", _MERGED, _SET, Sends.CHOSEN, "another value than one of the sides had", dedupes=False),
    _path(
        "merged_left",
        _MERGED,
        _LEFT,
        Sends.EVERY,
        "the ids of the side that was a member have to hear it",
        dedupes=False,
        sides=_ANY,
    ),
    _path("first_sync", _BACKFILLED, _TOLD, Sends.CHOSEN, "the first sync tells all members", dedupes=False),
    _path("backfilled_left", _BACKFILLED, _LEFT, Sends.EVERY, "no member any more as it is now", dedupes=False),
    _path("unmerged", _UNMERGED, _TOLD, Sends.CHOSEN, "true of this side after all", dedupes=False),
    _path("unmerged_left", _UNMERGED, _LEFT, Sends.EVERY, "was true of the other side only", dedupes=False),
    # --- a destination that takes each person once ------------------------------------------------------------
    _path("once_changed", _CHANGED, _TOLD, Sends.LATEST, "one id stands for them all", dedupes=True, matches=True),
    _path(
        "once_no_id",
        (_CHANGED, _BACKFILLED, _UNMERGED),
        _TOLD,
        Sends.NONE,
        "it does not know the person",
        dedupes=True,
        matches=False,
    ),
    _path(
        "once_left",
        (_CHANGED, _BACKFILLED, _UNMERGED),
        _LEFT,
        Sends.NONE,
        "what happens once is not taken back",
        dedupes=True,
    ),
    _path(
        "once_new_id",
        _NEW_ID,
        _SAME,
        Sends.LATEST,
        "now it can know the person",
        dedupes=True,
        matches=True,
        sent=False,
    ),
    _path(
        "once_new_id_sent",
        _NEW_ID,
        _SAME,
        Sends.NONE,
        "the person was told under another id",
        dedupes=True,
        matches=True,
        sent=True,
    ),
    _path("once_new_id_other", _NEW_ID, _SAME, Sends.NONE, "not of its type", dedupes=True, matches=False),
    _path(
        "once_merged",
        _MERGED,
        _TOLD,
        Sends.LATEST,
        "only together they are a member",
        dedupes=True,
        matches=True,
        sides=_NEITHER,
    ),
    _path(
        "once_merged_no_id",
        _MERGED,
        _TOLD,
        Sends.NONE,
        "it does not know the person",
        dedupes=True,
        matches=False,
        sides=_NEITHER,
    ),
    _path(
        "once_merged_member",
        _MERGED,
        _ENTERED,
        Sends.NONE,
        "the person was told as one of the sides",
        dedupes=True,
        sides=_SOME,
    ),
    _path(
        "once_merged_value",
        _MERGED,
        _SET,
        Sends.NONE,
        "the person was told as one of the sides",
        dedupes=True,
        sides=_ANY,
    ),
    _path(
        "once_merged_left",
        _MERGED,
        _LEFT,
        Sends.NONE,
        "what happens once is not taken back",
        dedupes=True,
        sides=_ANY,
    ),
    _path(
        "once_first_sync",
        _BACKFILLED,
        _ENTERED,
        Sends.LATEST,
        "the first sync tells all members",
        dedupes=True,
        matches=True,
        sent=False,
    ),
    _path(
        "once_first_sync_sent",
        _BACKFILLED,
        _ENTERED,
        Sends.NONE,
        "an edit is no reason to tell the person again",
        dedupes=True,
        matches=True,
        sent=True,
    ),
    _path("once_backfilled_value", _BACKFILLED, _SET, Sends.LATEST, "another value", dedupes=True, matches=True),
    _path(
        "once_unmerged",
        _UNMERGED,
        _ENTERED,
        Sends.LATEST,
        "true of this side after all",
        dedupes=True,
        matches=True,
        sent=False,
    ),
    _path(
        "once_unmerged_sent",
        _UNMERGED,
        _ENTERED,
        Sends.NONE,
        "this side was told before the merge",
        dedupes=True,
        matches=True,
        sent=True,
    ),
    _path("once_unmerged_value", _UNMERGED, _SET, Sends.LATEST, "another value", dedupes=True, matches=True),
    # --- any destination --------------------------------------------------------------------------------------
    _path("new_id_absent", _NEW_ID, _ABSENT, Sends.NONE, "there is nothing to tell"),
    _path("merged_same", _MERGED, _SAME, Sends.NONE, "every side was told just that", sides=_ALL),
    _path("merged_absent", _MERGED, _ABSENT, Sends.NONE, "there is nothing to tell", sides=_NEITHER),
    _path("backfilled_same", _BACKFILLED, _UNCHANGED, Sends.NONE, "computed another way, and the same"),
    _path("unmerged_same", _UNMERGED, _UNCHANGED, Sends.NONE, "the merge had changed nothing here"),
    # --- what cannot be ---------------------------------------------------------------------------------------
    _path(
        "impossible_new_id",
        _NEW_ID,
        (*_TOLD, *_LEFT),
        Sends.NONE,
        "impossible: that has another reason",
    ),
    _path("impossible_unchanged", _CHANGED, _UNCHANGED, Sends.NONE, "impossible: nothing has changed"),
    _path(
        "impossible_merge_entered",
        _MERGED,
        _ENTERED,
        Sends.NONE,
        "impossible: all were members",
        sides=_ALL,
    ),
    _path("impossible_merge_left", _MERGED, _LEFT, Sends.NONE, "impossible: none was a member", sides=_NEITHER),
    _path(
        "impossible_merge_same",
        _MERGED,
        _SAME,
        Sends.NONE,
        "impossible: one of them was none before",
        sides=(Sides.NEITHER, Sides.SOME),
    ),
    _path("impossible_merge_absent", _MERGED, _ABSENT, Sends.NONE, "impossible: one of them was one", sides=_ANY),
)


def combinations() -> list[Facts]:
    """All that there are."""
    booleans = (False, True)
    return [Facts(*each) for each in product(Reason, Kind, booleans, booleans, booleans, Sides)]


def _laid_out() -> dict[Facts, Path]:
    found = {}
    for facts in combinations():
        (found[facts],) = [path for path in PATHS if path.takes(facts)]
    return found


_PATH_OF: Final = _laid_out()


def decide(facts: Facts) -> Path:
    """The one path for these facts."""
    return _PATH_OF[facts]
