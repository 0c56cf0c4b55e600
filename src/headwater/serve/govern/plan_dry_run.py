"""A dry run of a tracking plan over what really came: the newest events of the collected log, led through the
stage before the plan as the pipeline leads them, and decided about twice: by the plan that holds for them today,
and by the one that is tried. Nothing is written.

What the collected log has is what was sent. The lake would not do: blocked events are not in it, and of others
there may have been left something out.
"""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from headwater import limits
from headwater.config.tracking_plans import TrackingPlan
from headwater.config.workspace import Source, Workspace
from headwater.errors import InputError, nearest
from headwater.event import CALLS, decode_collected
from headwater.flow import Context, Effects, run_stage
from headwater.flowing import Arrival, FlowingEvent, encode_event
from headwater.log.port import Log, Record
from headwater.processing import normalise
from headwater.processing.govern.decision import Decision, carry_out
from headwater.processing.govern.governor import AS_IT_IS, Governor, governors
from headwater.processing.timestamps import render

LAST_DEFAULT: Final = 2_000
HOURS_DEFAULT: Final = 24

SAMPLES: Final = 3
"""Of each event, and of each way in which it would not pass whole."""

_WINDOW_RECORDS: Final = 64
"""Of the log, read at first; each time that is not enough, twice as many."""

_WINDOW_RECORDS_MAX: Final = 128
"""Held in memory at once: mostly some megabytes, 64 MB at most."""

_CALLS: Final = frozenset({*CALLS, "batch"})
"""Others are no requests of senders, but decisions and ticks."""

ALLOWED: Final = "allowed"


class Broken(msgspec.Struct, frozen=True):
    """One thing that is wrong with an event."""

    type: str
    field: str
    description: str


class Breach(msgspec.Struct, frozen=True):
    """The same for many events."""

    type: str
    field: str
    description: str
    """Of the newest one."""
    events: int


class TriedEvent(msgspec.Struct, frozen=True):
    """A sample."""

    message_id: str
    source: str
    received_at: str
    user_id: str | None
    anonymous_id: str | None
    outcome: str
    """`blocked`, `omitted`, or `allowed` with what is wrong with it."""
    outcome_now: str
    """By the plan that holds for it today."""
    code: str
    """Why it would be blocked."""
    detail: str
    broken: list[Broken]
    omitted: list[str]
    """What would be left out of it."""
    before: Any
    """The whole event as it came, in its envelope; null when the answer would have become too long."""
    after: Any
    """As it would pass; null when it would not, or as for `before`."""


class EventOutcomes(msgspec.Struct, frozen=True):
    """What would become of the events of one name."""

    call: str
    event: str
    looked_at: int
    blocked: int
    omitted: int
    """They would pass without some of their properties or traits."""
    reported: int
    """They would pass whole, though something is wrong with them."""
    newly_blocked: int
    """Of `blocked`, those that pass today."""
    breaches: list[Breach]
    """Most frequent first."""
    samples: list[TriedEvent]
    """The newest of each outcome."""


class PlanDryRun(msgspec.Struct, frozen=True):
    looked_at: int
    """Events. Those that are no events at all, and refused before any plan, are not among them."""
    looked_back_to: str | None
    """When the oldest of them was received; null: there were none."""
    is_whole: bool
    """Whether that is everything of the time that was asked for, as far as the log goes back."""
    sources: list[str]
    """Whose events these are."""
    sources_with_controls: list[str]
    """Those of them with controls of their own, which say more than the plan's."""
    blocked: int
    omitted: int
    reported: int
    blocked_now: int
    """By the plan that holds for them today, as are the next two."""
    omitted_now: int
    newly_blocked: int
    newly_passing: int
    """Blocked today, and not any more."""
    events: list[EventOutcomes]
    """Those that would be blocked most first; at most limits.govern.PLAN_TEST_NAMES_MAX."""
    names: int
    """How many different ones there are."""


def sources_to_look_at(workspace: Workspace, plan: str, asked: Collection[str] | None) -> list[str]:
    """The sources asked for, else those that the plan holds for. InputError for one that is not there."""
    if asked is None:
        return [source.name for source in workspace.sources if source.tracking_plan == plan]
    known = [source.name for source in workspace.sources]
    for name in asked:
        if name not in known:
            raise InputError(
                "unknown_source", f"there is no source {name!r}; {nearest(name, known)}", field="sources"
            )
    return [name for name in known if name in asked]


class Newest:
    """What these sources have sent, newest first, as it comes to the plan. Blocking."""

    def __init__(self, collected: Log, workspace: Workspace, sources: Collection[str], *, since_ms: int) -> None:
        self._log = collected
        self._context = Context(workspace)
        self._sources = sources
        self._since_ms = since_ms
        self.is_cut = False
        """Whether there may be more, and no more of the log is looked through."""

    def __iter__(self) -> Iterator[FlowingEvent]:
        for arrival in self._requests():
            request = arrival.request
            if request.source in self._sources and request.call in _CALLS and not request.replayed:
                yield from reversed(run_stage(normalise.STAGE, [arrival], self._context, Effects()))

    def _requests(self) -> Iterator[Arrival]:
        start, end, window = self._log.start(), self._log.end(), _WINDOW_RECORDS
        room_bytes = limits.govern.PLAN_TEST_LOG_BYTES_MAX
        while end > start:
            first = max(start, end - window)
            for offset, data in reversed(self._records(first, end)):
                room_bytes -= len(data)
                if room_bytes < 0:
                    self.is_cut = True
                    return
                try:
                    request = decode_collected(data)
                except msgspec.MsgspecError:
                    continue  # the pipeline makes a dead letter of it
                if request.received_at_ms < self._since_ms:
                    return
                yield Arrival(offset, request)
            end, window = first, min(window * 2, _WINDOW_RECORDS_MAX)

    def _records(self, first: int, end: int) -> list[Record]:
        records: list[Record] = []
        while first < end:
            found = self._log.read(first, records_max=end - first, bytes_max=limits.observe.LIVE_READ_BYTES_MAX)
            if not found:
                break
            records += found
            first = found[-1].offset + 1
        return records


def held_to(workspace: Workspace, plan: str, sources: Collection[str]) -> Workspace:
    """The workspace, if these sources were held to the plan."""

    def held(source: Source) -> Source:
        return replace(source, tracking_plan=plan) if source.name in sources else source

    return replace(workspace, sources=tuple(map(held, workspace.sources)))


def tried(
    collected: Log,
    current: Workspace,
    changed: Workspace,
    plan: TrackingPlan,
    sources: list[str],
    *,
    since_ms: int,
    last: int,
) -> PlanDryRun:
    """What `plan`, one of `changed`, would make of what `sources` have sent. Blocking."""
    today = governors(current)
    then = governors(held_to(changed, plan.name, sources))
    tally = _Tally()
    newest = Newest(collected, current, set(sources), since_ms=since_ms)
    events = iter(newest)
    for flowing in islice(events, last):
        tally.add(flowing, today.get(flowing.source), then.get(flowing.source))
    is_whole = next(events, None) is None and not newest.is_cut
    own = [source.name for source in changed.sources if source.name in sources and source.controls is not None]
    return tally.told(sources, own, is_whole=is_whole)


# --- counting ---------------------------------------------------------------------------------------------------


class _Name:
    """What became of the events of one name."""

    def __init__(self) -> None:
        self.outcomes: dict[str, int] = {}
        self.newly_blocked = 0
        self.breaches: dict[tuple[str, str], list[Any]] = {}
        """(type, field) → description, events."""
        self.samples: dict[str, list[TriedEvent]] = {}


class _Tally:
    def __init__(self) -> None:
        self._names: dict[tuple[str, str], _Name] = {}
        self._now: dict[str, int] = {}
        self._oldest_ms: int | None = None
        self._newly_passing = 0
        self._room_bytes = limits.govern.PLAN_TEST_SAMPLES_BYTES_MAX

    def add(self, flowing: FlowingEvent, today: Governor | None, then: Governor | None) -> None:
        now = today.decide(flowing) if today else AS_IT_IS
        decision = then.decide(flowing) if then else AS_IT_IS
        outcome = _outcome(decision)
        event = flowing.event
        name = self._names.setdefault((event.type or "", event.event or event.name or ""), _Name())
        name.outcomes[outcome] = name.outcomes.get(outcome, 0) + 1
        self._now[_outcome(now)] = self._now.get(_outcome(now), 0) + 1
        name.newly_blocked += bool(decision.code and not now.code)
        self._newly_passing += bool(now.code and not decision.code)
        self._oldest_ms = flowing.received_at_ms
        if outcome == ALLOWED:
            return
        broken = [
            Broken(each.type, each.field, each.description) for each in (*decision.violations, *decision.unplanned)
        ]
        for each in broken:
            name.breaches.setdefault((each.type, each.field), [each.description, 0])[1] += 1
        samples = name.samples.setdefault(outcome, [])
        if len(samples) < SAMPLES:
            samples.append(self._sample(flowing, decision, broken, now.outcome, then))

    def _sample(
        self, flowing: FlowingEvent, decision: Decision, broken: list[Broken], now: str, then: Governor | None
    ) -> TriedEvent:
        event = flowing.event
        sample = TriedEvent(
            event.message_id or "",
            flowing.source,
            render(flowing.received_at_ms),
            event.user_id,
            event.anonymous_id,
            decision.outcome,
            now,
            decision.code,
            decision.detail,
            broken,
            [*decision.omitted, *decision.omitted_on_violation],
            None,
            None,
        )
        before = encode_event(event, flowing.extra)
        after = b"null"
        if not decision.code and then is not None:
            carry_out(decision, flowing, then.source.id)
            after = encode_event(event, flowing.extra)
        self._room_bytes -= len(before) + len(after)
        return replace(sample, before=Raw(before), after=Raw(after)) if self._room_bytes >= 0 else sample

    def told(self, sources: list[str], own: list[str], *, is_whole: bool) -> PlanDryRun:
        lines = [_line(call, event, name) for (call, event), name in self._names.items()]
        lines.sort(key=lambda line: (-line.newly_blocked, -line.blocked, -line.omitted, -line.looked_at))
        return PlanDryRun(
            sum(line.looked_at for line in lines),
            None if self._oldest_ms is None else render(self._oldest_ms),
            is_whole,
            sources,
            own,
            sum(line.blocked for line in lines),
            sum(line.omitted for line in lines),
            sum(line.reported for line in lines),
            self._now.get("blocked", 0),
            self._now.get("omitted", 0),
            sum(line.newly_blocked for line in lines),
            self._newly_passing,
            lines[: limits.govern.PLAN_TEST_NAMES_MAX],
            len(lines),
        )


def _outcome(decision: Decision) -> str:
    """`reported`: it passes whole, and something is wrong with it."""
    passes_whole = decision.outcome == ALLOWED
    return "reported" if passes_whole and (decision.violations or decision.unplanned) else decision.outcome


def _line(call: str, event: str, name: _Name) -> EventOutcomes:
    breaches = [Breach(type_, field, *said) for (type_, field), said in name.breaches.items()]
    breaches.sort(key=lambda breach: -breach.events)
    return EventOutcomes(
        call,
        event,
        sum(name.outcomes.values()),
        name.outcomes.get("blocked", 0),
        name.outcomes.get("omitted", 0),
        name.outcomes.get("reported", 0),
        name.newly_blocked,
        breaches[: limits.govern.VIOLATIONS_PER_EVENT_MAX],
        [sample for samples in name.samples.values() for sample in samples],
    )
