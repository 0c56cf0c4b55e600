"""Every bound of the system, once, with its reason: a module for each room, named as its folder is.

This is the one place for bounds. Each stands in the module of what it bounds, and whoever asks says which one that
is: `limits.lake.FILE_ROWS_MAX`. So a reader sees where a number comes from, a name need not repeat its room, and a
test that tightens a bound does so in one place for all who ask. Only the rooms are imported here, no bound.

Relations between bounds are asserted at the end of the module that sees both sides. A room knows those that come
before it on the path of an event.
"""

from headwater.limits import (
    collection,
    compute,
    definitions,
    delivery,
    fql,
    govern,
    identity,
    lake,
    letters,
    log,
    mapping,
    observe,
    operations,
    privacy,
    processing,
    receipts,
    sync,
    team,
    unify,
)

__all__ = [
    "collection",
    "compute",
    "definitions",
    "delivery",
    "fql",
    "govern",
    "identity",
    "lake",
    "letters",
    "log",
    "mapping",
    "observe",
    "operations",
    "privacy",
    "processing",
    "receipts",
    "sync",
    "team",
    "unify",
]
