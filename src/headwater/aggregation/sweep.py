"""sweep: a new or edited definition applies to everyone, exactly once, while events keep flowing.

Each profile carries the version of the definitions that it was computed with. One that an event touches is brought
up to date there and then, from its history; the sweep goes through all others in the order of their keys, a
bounded step for each tick in the log. How far it is stands in one row, in the same commit as what it did, so it
goes on after a crash where it was, and everybody can see its progress.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Final

import msgspec

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.changes import Change
from headwater.aggregation.tables import Sweep
from headwater.aggregation.working_set import WorkingSet, profile_count, program_of, read_clock
from headwater.config.workspace import Workspace
from headwater.flow import Context, DeadLetter, Effects, Reader, Stage

_ROW_KEY: Final = b"sweep"


class _Generation(msgspec.Struct, frozen=True):
    """The definitions of a workspace, as far as profiles have to follow them."""

    fingerprint: bytes
    version: int
    audiences: frozenset[str]


def generation_of(workspace: Workspace) -> _Generation:
    definitions = workspace.definitions
    names = "\0".join(f"{each.collection}.{each.key}@{each.version}" for each in definitions)
    return _Generation(
        blake2b(names.encode(), digest_size=16).digest() if definitions else b"",
        max((each.version for each in definitions), default=0),
        frozenset(each.key for each in definitions if each.is_audience),
    )


def read_sweep(state: Reader) -> Sweep:
    """The last one that has begun."""
    (row,) = state.get_many(tables.SWEEPS, [_ROW_KEY])
    return tables.decode_sweep(row) if row else Sweep()


def is_due(state: Reader, context: Context) -> bool:
    """Whether there is anything to do."""
    sweep = read_sweep(state)
    is_under_way = sweep.started_ms > 0 and not sweep.finished_ms
    return is_under_way or sweep.definitions != context.built(generation_of).fingerprint


def step(context: Context, effects: Effects) -> list[bytes]:
    """Note the next step in the effects; the profiles that it is about. The last step of all drops what deleted
    audiences have left behind.
    """
    generation = context.built(generation_of)
    clock_ms = read_clock(effects)
    (row,) = effects.read(tables.SWEEPS, [_ROW_KEY])
    sweep = tables.decode_sweep(row) if row else Sweep()
    if sweep.definitions != generation.fingerprint:
        total = sum(profile_count(effects, collection) for collection in tables.COLLECTIONS)
        swept = sweep.version if sweep.finished_ms else sweep.swept
        sweep = Sweep(
            generation.fingerprint, generation.version, total=total, started_ms=clock_ms or 1, swept=swept
        )
    found = list(_next(effects, sweep.cursor))
    if found:
        sweep.cursor = found[-1]
        sweep.done += len(found)
    else:
        sweep.finished_ms = clock_ms or 1
        sweep.done = sweep.total = max(sweep.done, sweep.total)
        _forget_deleted(generation.audiences, effects)
    effects.change(tables.SWEEPS)[_ROW_KEY] = tables.encode_row(sweep)
    return found


def _next(effects: Effects, cursor: bytes) -> Iterator[bytes]:
    """Profiles behind the cursor, as many as are a step's work."""
    events = 0
    rows = effects.scan(tables.PROFILES, start=cursor + b"\0" if cursor else None)
    for profile, row in islice(rows, limits.compute.SWEEP_PROFILES):
        yield profile
        events += tables.decode_profile(row).events
        if events >= limits.compute.SWEEP_EVENTS:
            return


def _forget_deleted(audiences: frozenset[str], effects: Effects) -> None:
    """Sizes of audiences that are defined no more. Their members went with the profiles' values."""
    rows = effects.change(tables.AUDIENCE_SIZES)
    for key, _ in effects.scan(tables.AUDIENCE_SIZES):
        if key.partition(b"\0")[0].decode() not in audiences:
            rows[key] = None


def sweep(profiles: Sequence[bytes], context: Context, effects: Effects) -> list[Change]:
    """Bring these profiles up to date."""
    working = WorkingSet(effects, context.built(program_of), read_clock(effects))
    working.look_up(profiles)
    changes: list[Change] = []
    for profile in profiles:
        subject = working.subject(profile)
        if subject is not None:
            changes += working.refresh(subject)
            changes += working.bring_up(subject)
    changes += working.account_changes()
    working.write()
    return changes


def bury(profile: bytes, error: BaseException) -> DeadLetter:
    return DeadLetter(
        0, -1, "sweep", "poison", f"{tables.segment_id(profile)}: {error!r}"[:500], "", "", 0, b"", 0
    )


STAGE: Final = Stage("sweep", sweep, bury)
