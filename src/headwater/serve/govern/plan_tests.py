"""Tracking plans tried out over HTTP, on events that really came, before they decide anything."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from typing import Annotated, Any, Final

import msgspec
from litestar import post

from headwater import limits
from headwater.destinations import registry
from headwater.serve.config import edits
from headwater.serve.config.edits import Terms
from headwater.serve.config.sections import Section
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS
from headwater.serve.errors import CONFIG_ERRORS
from headwater.serve.govern.plan_dry_run import HOURS_DEFAULT, LAST_DEFAULT, PlanDryRun, sources_to_look_at, tried
from headwater.serve.govern.tracking_plans import known
from headwater.serve.instants import now_ms
from headwater.units import HOUR_MS

_AT_ONCE: Final = asyncio.Semaphore(1)
"""Each is some seconds of one core."""


class PlanTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    plan: dict[str, Any] | None = None
    """What it would say, as the workspace file has it; left out: what it says."""
    sources: list[str] | None = None
    """Whose events are looked at, as if they were held to it; left out: those that are."""
    hours: Annotated[int, msgspec.Meta(ge=1, le=limits.govern.PLAN_TEST_HOURS_MAX)] = HOURS_DEFAULT
    """How far back."""
    last: Annotated[int, msgspec.Meta(ge=1, le=limits.govern.PLAN_TEST_EVENTS_MAX)] = LAST_DEFAULT
    """At most so many events, the newest."""


@post("/tracking-plans/{name:str}/test", status_code=200, responses=CONFIG_ERRORS, opt=READS)
async def test_plan(desk: Desk, name: str, data: PlanTest) -> PlanDryRun:
    """What a tracking plan, which need not be there yet, would make of what sources have sent lately: which events
    it would block, which it would not let pass whole, and which of them pass today. Nothing is written.
    """
    current = (await desk.version()).workspace
    changed = current
    if data.plan is not None:
        edit = edits.put(Section.TRACKING_PLANS, name, data.plan | {"name": name})
        made = await desk.call(lambda: edits.make(desk.config, edit, registry, Terms("", dry_run=True)))
        changed = made.workspace
    plan = known(changed, name)
    sources = sources_to_look_at(changed, plan.name, data.sources)
    since_ms = now_ms() - data.hours * HOUR_MS

    def run() -> PlanDryRun:
        with closing(desk.open_collected()) as collected:
            return tried(collected, current, changed, plan, sources, since_ms=since_ms, last=data.last)

    async with _AT_ONCE:
        return await asyncio.to_thread(run)


HANDLERS: Final[list[Callable[..., Any]]] = [test_plan]
