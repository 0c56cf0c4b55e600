"""How many people there are, and what is still to be done about them: for the status."""

from collections.abc import Iterator
from itertools import islice, takewhile

import msgspec

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.reading import Rows
from headwater.aggregation.working_set import profile_count
from headwater.config.workspace import Workspace
from headwater.flow import Effects
from headwater.processing.timestamps import render
from headwater.serve.compute.definitions import sizes_now, standing
from headwater.state.port import State


class SweepReport(msgspec.Struct, frozen=True):
    """How far everybody has been brought up to date with new definitions."""

    under_way: bool
    """Or about to begin."""
    done: int
    total: int
    progress: float
    """0 to 1."""


class People(msgspec.Struct, frozen=True):
    users: int
    """Profiles."""
    accounts: int
    audiences: dict[str, int]
    """Key → members."""
    sweep: SweepReport
    timers_due: int
    """Profiles about which something should have changed by itself by now; 2,000 at most are counted."""
    next_timer_at: str | None
    """When the next thing does; null: nothing will."""
    quarantined: int
    """External ids that tie nothing together any more, among the first 2,000 with a conflict."""


def people(state: State | None, workspace: Workspace, now_ms: int) -> People:
    """`state` None: no pipeline has run yet."""
    effects = Effects(state)
    now = standing(state, workspace)
    is_idle = now.is_of_today and (bool(now.sweep.finished_ms) or not workspace.definitions)
    keys = [each.key for each in workspace.audiences]
    return People(
        users=profile_count(effects, "users"),
        accounts=profile_count(effects, "accounts"),
        audiences=dict(zip(keys, sizes_now(state, keys), strict=True)),
        sweep=SweepReport(not is_idle, now.done, now.sweep.total, 1.0 if is_idle else now.progress),
        timers_due=_count(takewhile(lambda due_ms: due_ms <= now_ms, _timers(state))),
        next_timer_at=next((render(due_ms) for due_ms in _timers(state)), None),
        quarantined=_quarantined(state),
    )


def _timers(state: Rows | None) -> Iterator[int]:
    """When each is due, in order."""
    rows = [] if state is None else state.scan(tables.TIMERS)
    return (tables.timer_of(key)[0] for key, _ in rows)


def _count(rows: Iterator[int]) -> int:
    return sum(1 for _ in islice(rows, limits.unify.STATUS_ROWS_LOOKED))


def _quarantined(state: Rows | None) -> int:
    rows = [] if state is None else islice(state.scan(tables.CONFLICTS), limits.unify.STATUS_ROWS_LOOKED)
    return sum(1 for _, row in rows if tables.decode_conflict(row).quarantined_ms)
