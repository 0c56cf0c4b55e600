"""What the shadow of sync planning has found: `GET /sync/differences`."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from litestar import get

from headwater.aggregation.sync.shadow import Difference, Differences, differences
from headwater.errors import AbsentError
from headwater.processing.timestamps import render
from headwater.serve.desk import Desk


class PathPair(msgspec.Struct, frozen=True):
    """How often the decision that counts took `path` while the other way took `other_path`."""

    path: str
    other_path: str
    same: int
    """Times that both told the same ids."""
    different: int


class Example(msgspec.Struct, frozen=True):
    """A change for which the two ways told a destination different ids."""

    profile: str
    definition: str
    destination: str
    reason: str
    kind: str
    path: str
    ids: int
    """How many were told."""
    other_path: str
    other_ids: int
    """How many the other way would have told."""
    at: str


class SyncDifferences(msgspec.Struct, frozen=True):
    since: str | None
    """The first change that was compared since the flags were changed; null: none was."""
    pairs: list[PathPair]
    examples: list[Example]
    """At most 100, spread over all differences; in no order."""


def report(found: Differences) -> SyncDifferences:
    pairs = [PathPair(each.path, each.other_path, each.same, each.different) for each in found.pairs]
    return SyncDifferences(
        render(found.since_ms) if found.since_ms else None, pairs, [_example(each) for each in found.examples]
    )


def _example(each: Difference) -> Example:
    return Example(
        profile=each.profile,
        definition=each.key,
        destination=each.destination,
        reason=each.reason,
        kind=each.kind,
        path=each.path,
        ids=each.ids,
        other_path=each.other_path,
        other_ids=each.other_ids,
        at=render(each.at_ms),
    )


@get("/sync/differences")
async def read_sync_differences(desk: Desk) -> SyncDifferences:
    """Where the two ways to plan syncs differ, while the flag `shadow_sync` is on."""
    try:
        return report(await desk.read_state(differences))
    except AbsentError:  # the pipeline has not run yet
        return report(Differences())


HANDLERS: Final[list[Callable[..., Any]]] = [read_sync_differences]
