"""`GET /overview`: how everything is going, in one answer, for the first page of the console.

It is worked out when somebody asks, from what the roles measure and the stores hold; rates are the difference to
what was measured when somebody asked last. What takes longer to find out is kept for half a minute.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from litestar import get

from headwater.config.vault import Vault
from headwater.config.workspace import Workspace
from headwater.delivery.jobs import Standing
from headwater.delivery.receipts import DELIVERED, FAILED, FILTERED, RETRYING
from headwater.processing import timestamps
from headwater.processing.timestamps import render
from headwater.processing.totals import HourCount
from headwater.serve.deliver.destination_types import refused_types
from headwater.serve.desk import Desk
from headwater.serve.errors import ERRORS
from headwater.serve.health.attention import attention
from headwater.serve.health.attention.facts import (
    Attention,
    DestinationFacts,
    Facts,
    LagFacts,
    LetterFacts,
    RoleFacts,
)
from headwater.serve.health.fleet import ROLES
from headwater.serve.health.overview_stores import (
    DECISIONS,
    HOURS_SHOWN,
    Deliveries,
    Slow,
    read_deliveries,
    read_slowly,
)
from headwater.serve.health.samples import Movement, Passed, Samples
from headwater.serve.health.status import Gathered, Reader, RoleStatus, Status, gather
from headwater.serve.health.storage import Storage
from headwater.serve.instants import now_ms
from headwater.serve.letters.letter_reasons import explained
from headwater.serve.unify.people import People
from headwater.units import HOUR_MS

FRESH_S: Final = 1.0
"""Several pages that are open at once share an answer."""

SLOW_S: Final = 30.0
"""So long what takes reading is kept: sizes on disk, counts by the hour, dead letters by reason."""

RATE_S: Final = 5.0
"""Rates are over at least so long, once somebody has asked twice."""

WEEK_MS: Final = 7 * 24 * HOUR_MS

DELIVERY_LATENCY: Final = "headwater_delivery_latency_seconds"


class SourceNow(msgspec.Struct, frozen=True):
    name: str
    type: str
    enabled: bool
    per_second: float | None
    """Events stored; null: nobody has asked a moment ago, so there is nothing to compare with."""
    accepted: int
    """In the last 24 hours, like the next one."""
    dropped: int
    """Duplicates and whatever else was not accepted."""
    hours: list[int]
    """Accepted events of each of the last 24 hours, the present one last."""
    last_hour_at: str | None
    """When the last hour began in which anything arrived; null: in none of the last two weeks."""


class DestinationNow(msgspec.Struct, frozen=True):
    name: str
    type: str
    enabled: bool
    state: str
    """`ok`, `retrying`, `failing`, `down` (only probed), `off` (disabled)."""
    per_second: float | None
    """Events delivered."""
    delivered: int
    """In the last 24 hours, like the next three."""
    failed: int
    filtered: int
    retrying: int
    """Attempts that failed and were to be repeated."""
    retries: int
    """Events that wait for another attempt now."""
    dead_letters: int
    """Kept until somebody decides."""
    p50_ms: int
    """Of attempts in the last 24 hours."""
    p95_ms: int
    lag_events: int
    lag_seconds: float
    hours: list[int]
    """Delivered events of each of the last 24 hours, the present one last."""


class Latencies(msgspec.Struct, frozen=True):
    """Seconds; percentiles are upper bounds of what was measured in the last minute, null: nothing was."""

    collect_p50_s: float | None
    """Of a group commit: what a sender waits for."""
    collect_p95_s: float | None
    lake_s: float
    """Age of the oldest event that cannot be asked about yet."""
    delivery_p50_s: float | None
    """From the collector's answer to the destination's."""
    delivery_p95_s: float | None


class Rates(msgspec.Struct, frozen=True):
    """Events per second; null: nobody has asked a moment ago."""

    collected: float | None
    accepted: float | None
    dropped: float | None
    """Duplicates and whatever else was not accepted."""
    delivered: float | None


class LetterCount(msgspec.Struct, frozen=True):
    stage: str
    reason: str
    """Empty: of several reasons."""
    title: str
    """The reason in a few words; empty: of several."""
    source: str
    destination: str
    count: int


class OverviewNow(msgspec.Struct, frozen=True):
    at: str
    workspace: str
    version: int
    is_new: bool
    """Nothing has ever arrived."""
    attention: list[Attention]
    """Worst first."""
    rates: Rates
    latencies: Latencies
    sources: list[SourceNow]
    destinations: list[DestinationNow]
    roles: dict[str, RoleStatus]
    readers: list[Reader]
    dead_letters: list[LetterCount]
    """Most frequent first. Of the stages' the newest 20,000 are counted."""
    dead_letters_total: int
    storage: Storage | None
    """Null: it is being measured."""
    people: People | None


def told(
    at_ms: int,
    workspace: Workspace,
    gathered: Gathered,
    movement: Movement,
    slow: Slow,
    sent: Deliveries,
    *,
    key_beside_data: bool,
) -> OverviewNow:
    """Everything there is to say, from what was read."""
    status = gathered.status
    now = Samples([family for role in ROLES for family in gathered.families[role]])
    lags = {(each.log, each.reader): each.events for each in _readers(status)}
    movement.add(now, lags, gathered.answered)
    passed, last_minute = movement.passed(RATE_S), movement.passed(60.0)
    paused = {name for name, value in now.by("destination", "headwater_delivery_paused").items() if value}
    facts = Facts(
        at_ms,
        workspace,
        status.version,
        roles=[_role_facts(name, role, at_ms) for name, role in status.roles.items()],
        lags=[
            LagFacts(
                each.log,
                each.reader,
                each.events,
                each.seconds,
                last_minute.lag_events.get((each.log, each.reader)) if last_minute else None,
            )
            for each in _readers(status)
        ],
        destinations=[
            _destination_facts(each.name, each.enabled, sent, paused) for each in workspace.destinations
        ],
        letters=[LetterFacts(*key, count) for key, count in _tallied(slow)],
        hours=[each for each in slow.hours if each.hour_ms >= at_ms - WEEK_MS],
        requests=_refused(last_minute),
        violations=slow.violations,
        storage=slow.storage,
        quarantined=status.people.quarantined if status.people else 0,
        refused_types=[(each.name, each.why) for each in refused_types()],
        has_key_beside_data=key_beside_data,
    )
    letters = _letter_counts(slow, sent)
    return OverviewNow(
        render(at_ms),
        status.workspace,
        status.version,
        # What is kept for half a minute would let somebody wait for their first event as long.
        not (slow.accepted or slow.hours or now.total("headwater_events_total")),
        attention(facts),
        _rates(passed),
        _latencies(status, last_minute),
        [
            _source(each.name, each.type.value, each.enabled, slow.hours, passed, at_ms)
            for each in workspace.sources
        ],
        [
            _destination(each.name, each.type, each.enabled, sent, status, passed, each.name in paused, at_ms)
            for each in workspace.destinations
        ],
        status.roles,
        _readers(status),
        letters,
        sum(each.count for each in letters),
        slow.storage,
        status.people,
    )


def _readers(status: Status) -> list[Reader]:
    return [reader for role in status.roles.values() for reader in role.readers]


def _role_facts(name: str, role: RoleStatus, at_ms: int) -> RoleFacts:
    versions = [each.config_version for each in role.processes if each.config_version is not None]
    started = [each.started_at for each in role.processes if each.started_at]
    up_s = None if not started else (at_ms - _ms(max(started))) / 1_000
    return RoleFacts(name, role.up, role.reasons, min(versions, default=None), up_s)


def _ms(instant: str) -> int:
    read = timestamps.read(instant)
    return read[0] if read else 0


def _destination_facts(name: str, enabled: bool, sent: Deliveries, paused: set[str]) -> DestinationFacts:
    hour = sent.last_hour[name]
    standing = sent.standings.get(name, Standing(0, 0))
    count = {status: sum(each.times for each in hour.reasons if each.status == status) for status in _STATUSES}
    return DestinationFacts(
        name,
        enabled,
        name in paused,
        standing.retries,
        standing.dead_letters,
        count[DELIVERED],
        count[FAILED],
        count[RETRYING],
        [(each.reason, each.times) for each in hour.reasons if each.status in {FAILED, RETRYING}],
    )


_STATUSES: Final = (DELIVERED, FAILED, FILTERED, RETRYING)


def _refused(last_minute: Passed | None) -> dict[tuple[str, str], int]:
    if last_minute is None:
        return {}
    return {
        (labels.get("source", ""), labels.get("outcome", "")): round(value)
        for labels, value in last_minute.samples.each("headwater_collect_requests_total")
        if labels.get("outcome") != "stored"
    }


def _tallied(slow: Slow) -> Sequence[tuple[tuple[str, str, str], int]]:
    return slow.letters.counts.most_common() if slow.letters else []


def _letter_counts(slow: Slow, sent: Deliveries) -> list[LetterCount]:
    found = [
        LetterCount(stage, reason, explained(stage, reason).title, source, "", count)
        for (stage, reason, source), count in _tallied(slow)
    ]
    found += [
        LetterCount("delivery", "", "", "", name, standing.dead_letters)
        for name, standing in sent.standings.items()
        if standing.dead_letters
    ]
    return sorted(found, key=lambda each: -each.count)


def _rates(passed: Passed | None) -> Rates:
    if passed is None:
        return Rates(None, None, None, None)
    by_outcome = passed.samples.by("outcome", "headwater_events_total")
    dropped = sum(value for outcome, value in by_outcome.items() if outcome not in {"accepted", *DECISIONS})
    return Rates(
        passed.per_second("headwater_collect_events_total"),
        passed.per_second("headwater_events_total", outcome="accepted"),
        round(dropped / passed.seconds, 2),
        passed.per_second("headwater_delivery_events_total", result="delivered"),
    )


def _latencies(status: Status, last_minute: Passed | None) -> Latencies:
    samples = last_minute.samples if last_minute else Samples(())
    lags = {each.reader: each.seconds for each in _readers(status)}
    return Latencies(
        samples.percentile_s("headwater_collect_commit_seconds", 0.5),
        samples.percentile_s("headwater_collect_commit_seconds", 0.95),
        max(lags.get("pipeline", 0.0), lags.get("archive", 0.0)),
        samples.percentile_s(DELIVERY_LATENCY, 0.5),
        samples.percentile_s(DELIVERY_LATENCY, 0.95),
    )


def _source(
    name: str, type_: str, enabled: bool, hours: Sequence[HourCount], passed: Passed | None, at_ms: int
) -> SourceNow:
    mine = [each for each in hours if each.source == name]
    first_ms = (at_ms // HOUR_MS - HOURS_SHOWN + 1) * HOUR_MS
    line = [0] * HOURS_SHOWN
    dropped = 0
    for each in mine:
        if first_ms <= each.hour_ms < first_ms + HOURS_SHOWN * HOUR_MS:
            if each.outcome == "accepted":
                line[(each.hour_ms - first_ms) // HOUR_MS] += each.events
            elif each.outcome not in DECISIONS:
                dropped += each.events
    return SourceNow(
        name,
        type_,
        enabled,
        passed.per_second("headwater_collect_events_total", source=name) if passed else None,
        sum(line),
        dropped,
        line,
        render(mine[-1].hour_ms) if mine else None,
    )


def _destination(
    name: str,
    type_: str,
    enabled: bool,
    sent: Deliveries,
    status: Status,
    passed: Passed | None,
    is_down: bool,
    at_ms: int,
) -> DestinationNow:
    day = sent.last_day[name]
    standing = sent.standings.get(name, Standing(0, 0))
    count = {status: sum(each.times for each in day.reasons if each.status == status) for status in _STATUSES}
    hour = sent.last_hour[name]
    is_failing = any(each.status == FAILED for each in hour.reasons)
    first_ms = (at_ms // HOUR_MS - HOURS_SHOWN + 1) * HOUR_MS
    line = [0] * HOURS_SHOWN
    for each in day.minutes:
        if 0 <= (number := (each.at_ms - first_ms) // HOUR_MS) < HOURS_SHOWN:
            line[number] += each.delivered
    lag = next((each for each in _readers(status) if each.reader == f"deliver:{name}"), None)
    return DestinationNow(
        name,
        type_,
        enabled,
        "off"
        if not enabled
        else "down"
        if is_down
        else "failing"
        if is_failing
        else "retrying"
        if standing.retries
        else "ok",
        passed.per_second("headwater_delivery_events_total", destination=name, result="delivered")
        if passed
        else None,
        count[DELIVERED],
        count[FAILED],
        count[FILTERED],
        count[RETRYING],
        standing.retries,
        standing.dead_letters,
        day.p50_ms,
        day.p95_ms,
        lag.events if lag else 0,
        lag.seconds if lag else 0.0,
        line,
    )


def is_key_beside(data: Path) -> bool:
    """Whether what is encrypted and what opens it lie in one folder."""
    return Vault(data).is_ours


async def work_out(desk: Desk) -> OverviewNow:
    workspace = (await desk.version()).workspace
    gathered, slow, sent = await asyncio.gather(
        gather(desk),
        desk.answers.get("overview, slowly", lambda: read_slowly(desk, workspace), kept_s=SLOW_S),
        read_deliveries(desk, workspace),
    )
    return told(now_ms(), workspace, gathered, desk.movement, slow, sent, key_beside_data=is_key_beside(desk.data))


@get("/overview", responses=ERRORS)
async def get_overview(desk: Desk) -> OverviewNow:
    """How everything is going, and what needs attention first. Rates compare with the call before this one."""
    return await desk.answers.get("overview", lambda: work_out(desk), kept_s=FRESH_S)


HANDLERS: Final = [get_overview]
