"""What the overview reads from the stores."""

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.delivery.jobs import Standing
from headwater.delivery.receipt_store import Delivery, Receipts
from headwater.processing import dead_letters, recall, totals, violations
from headwater.processing.totals import HourCount
from headwater.serve.desk import Desk
from headwater.serve.health.attention.facts import ViolationFacts
from headwater.serve.health.storage import Storage, measure
from headwater.serve.instants import now_ms
from headwater.state.port import State
from headwater.units import HOUR_MS

HOURS_SHOWN: Final = 24

USUAL_HOURS_LEAST: Final = 6
"""What is usual shows after so many hours; a plan that is new is broken more often than before, of course."""

DECISIONS: Final = frozenset({recall.REPLAYED, recall.DISCARDED, recall.GONE, recall.SENT_AGAIN})
"""Outcomes that the pipeline counts and that are no event's end: what follows from them is counted as well."""


class Slow(NamedTuple):
    """What is kept for half a minute."""

    hours: list[HourCount]
    """Of the last two weeks."""
    letters: dead_letters.Tally | None
    violations: list[ViolationFacts]
    accepted: int
    """In all."""
    storage: Storage


class Deliveries(NamedTuple):
    standings: Mapping[str, Standing]
    last_day: Mapping[str, Delivery]
    """By the hour."""
    last_hour: Mapping[str, Delivery]


def read_hours(state: State | None, at_ms: int) -> tuple[list[HourCount], int]:
    """Counts by the hour, and how many events were ever accepted."""
    if state is None:
        return [], 0
    accepted = sum(count for (_, outcome), count in totals.read(state).items() if outcome == "accepted")
    return totals.read_hours(state, from_ms=at_ms - limits.processing.EVENT_HOURS_KEPT * HOUR_MS), accepted


def violation_facts(state: State | None, workspace: Workspace, at_ms: int) -> list[ViolationFacts]:
    """Of each plan that has been broken for some hours: what the last full hour had, and what one before had."""
    if state is None:
        return []
    last = at_ms // HOUR_MS - 1
    found = []
    for plan in workspace.tracking_plans:
        now = before = 0
        began = last
        for _, row in violations.counted(state, plan.name):
            began = min(began, row.first_ms // HOUR_MS)
            now += row.hours.get(last, 0)
            before += sum(count for hour, count in row.hours.items() if hour < last)
        hours = min(last - began, limits.govern.VIOLATION_HOURS - 2)
        if hours >= USUAL_HOURS_LEAST:
            found.append(ViolationFacts(plan.name, now, before / hours))
    return found


async def read_slowly(desk: Desk, workspace: Workspace) -> Slow:
    at_ms = now_ms()
    hours, accepted = await desk.look(lambda state: read_hours(state, at_ms))
    letters = await desk.look(
        lambda state: dead_letters.tally(state, letters_max=limits.letters.TALLIED) if state else None
    )
    broken = await desk.look(lambda state: violation_facts(state, workspace, at_ms))
    collected = desk.logs[0]
    oldest_s = await desk.call(lambda: collected.lag(collected.start()).age_s)
    kept = await asyncio.to_thread(
        measure, desk.data, oldest_s=oldest_s, accepted=accepted, hours=hours, at_ms=at_ms
    )
    return Slow(hours, letters, broken, accepted, kept)


async def read_deliveries(desk: Desk, workspace: Workspace) -> Deliveries:
    at_ms = now_ms()
    names = [each.name for each in workspace.destinations]
    day_ms = (at_ms // HOUR_MS - HOURS_SHOWN + 1) * HOUR_MS

    def ask(receipts: Receipts) -> tuple[dict[str, Delivery], dict[str, Delivery]]:
        return (
            {name: receipts.delivery(name, from_ms=day_ms, to_ms=at_ms, step_minutes=60) for name in names},
            {
                name: receipts.delivery(name, from_ms=at_ms - HOUR_MS, to_ms=at_ms, step_minutes=60)
                for name in names
            },
        )

    last_day, last_hour = await desk.ask_receipts(ask)
    return Deliveries(await desk.call(desk.jobs.standings), last_day, last_hour)
