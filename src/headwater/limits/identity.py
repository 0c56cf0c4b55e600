"""External ids and what ties them together: rules, conflicts, merges, unmerges, likely duplicates."""

from typing import Final

EXTERNAL_ID_CHARS_MAX: Final = 500
"""Spec 4.3: a longer groupId is dropped. It stands in keys of several tables; an id is never this long."""

EXTERNAL_IDS_REMEMBERED: Final = 100_000
"""Values that are known to be blocked or not; some 20 MB."""

RULES_MAX: Final = 200
"""Types of external ids with a rule of their own. Companies have ten."""

IDS_MAX: Final = 100_000
"""The most that a workspace may allow one profile. Each is a row, and is read when the profile is merged."""

MERGES_MAX: Final = 10_000
"""The same for merges: each leaves a part whose history is read along with the profile's own."""

BLOCKED_VALUES_MAX: Final = 10_000
"""Of one type. They are held in memory."""

BLOCK_PATTERNS_MAX: Final = 50
"""Of one type. A value that has not been seen lately is held against all of them."""

BLOCK_PATTERN_CHARS_MAX: Final = 512
"""One pattern; what it may become once compiled is bounded by PATTERN_BYTES_MAX of `govern`."""

CONFLICTS_MAX: Final = 10
"""So many other profiles an external id may be refused at; then it is quarantined: a device or an address that
many people share ties nothing together any more. A family shares one with fewer."""

QUARANTINE_ROWS_LOOKED: Final = 20_000
"""External ids with a conflict that are looked at for one page of those in quarantine; most are not."""

MERGED_FOLLOWED_MAX: Final = 1_000
"""Steps from a profile to the one it has become part of. A profile is made of 100 merges, each of which may be of
one that was merged before; beyond this the rows lead in a circle."""

SEVERED_MAX: Final = 10_000
"""Pairs of ids that people have put apart. They are held in memory, and looked through when profiles meet."""

UNMERGE_EVENTS_MAX: Final = 250_000
"""Events of the profiles that an unmerge resolves anew, in memory: some 500 MB. More is refused."""

UNMERGE_PROFILES_MAX: Final = 1_000
"""Profiles that had anything to do with each other; beyond it is no mistake of one event any more."""

UNMERGE_PREVIEW_EVENTS_MAX: Final = 20_000
"""Events of a profile whose unmerge is tried out before it is asked for: some 2 s and 50 MB. That of a larger one
is only checked.
"""

DUPLICATE_SIGNS_MAX: Final = 10
"""Kinds of values by which likely duplicates are looked for at once."""

DUPLICATE_BITS: Final = 1 << 27
"""Of each of the two bit sets, 16 MiB, that find out which values occur more than once. Of a million profiles with
three values each, two in a hundred are then kept for nothing.
"""

DUPLICATE_VALUES_MAX: Final = 200_000
"""Values that several profiles share and that are kept at once, some 60 MB."""

DUPLICATE_GROUP_MAX: Final = 10
"""Profiles that share one value. What more of them share says nothing about who they are."""

DUPLICATE_PAIRS_MAX: Final = 100_000
"""Pairs that are weighed against each other, some 40 MB."""

assert UNMERGE_PREVIEW_EVENTS_MAX < UNMERGE_EVENTS_MAX
