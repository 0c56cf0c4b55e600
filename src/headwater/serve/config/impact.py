"""What would be lost, or would go on without it, if something were removed: in numbers, before anybody does it.

Everything here is counted already or counted within a bound; a number that is only a part says so.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import msgspec
from litestar import get

from headwater import limits
from headwater.config.workspace import Workspace, as_data
from headwater.delivery.engine import reader_name
from headwater.delivery.jobs import Standing
from headwater.delivery.receipt_store import Delivery
from headwater.delivery.receipts import DELIVERED
from headwater.log.port import Lag, Log
from headwater.processing import totals, violations
from headwater.serve.compute import audiences
from headwater.serve.compute.audiences import Collection
from headwater.serve.compute.definitions import one
from headwater.serve.config import definition_edits, references, sources
from headwater.serve.config.sections import Section
from headwater.serve.deliver import destinations
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.govern import tracking_plans
from headwater.serve.instants import now_ms
from headwater.state.port import State
from headwater.units import DAY_MS

DAYS: Final = limits.processing.EVENT_HOURS_KEPT // 24
"""So far back events and deliveries are counted by the hour."""


NO_DELIVERY: Final = Standing(0, 0)


class Figure(msgspec.Struct, frozen=True):
    what: str
    """Stable, for programs."""
    count: int
    at_least: bool
    """There may be more: not everything was looked at."""
    text: str
    """The same for people, without the number: `events in the last 14 days`."""


class Referrer(msgspec.Struct, frozen=True):
    """An item of the workspace that names the one that would be removed."""

    section: Section
    name: str
    """Or key."""
    path: str
    """Where inside it."""
    is_removable: bool
    """Whether it means the same once the name is taken out of it, as `leave_out` does; else it has to be changed
    first.
    """


class Impact(msgspec.Struct, frozen=True):
    figures: list[Figure]
    referrers: list[Referrer]
    consequences: list[str]
    """What would follow, in words."""


# --- what is counted, as values ---------------------------------------------------------------------------------


def of_source(workspace: Workspace, name: str, counts: Mapping[str, int]) -> Impact:
    """`counts`: its events by what became of them, of so many days."""
    accepted = counts.get("accepted", 0)
    fed = len(_fed_by(workspace, name))
    figures = [
        _figure("events", accepted, f"{_events(accepted)} accepted in the last {DAYS} days"),
        _figure(
            "destinations", fed, _of(fed, "destination receives its events", "destinations receive its events")
        ),
    ]
    dropped = sum(counts.values()) - accepted
    if dropped:
        figures.append(_figure("dropped", dropped, f"{_events(dropped)} not accepted in the last {DAYS} days"))
    consequences = [
        "Events that it still sends are answered with 200, counted as `unknown_write_key`, and not stored.",
        "Past events stay in the lake and in profiles.",
    ]
    return Impact(figures, _referrers(workspace, Section.SOURCES, name), consequences)


def _fed_by(workspace: Workspace, source: str) -> list[str]:
    return [d.name for d in workspace.destinations if d.sources is None or source in d.sources]


def of_destination(
    workspace: Workspace, name: str, standing: Standing, lag: Lag | None, delivery: Delivery
) -> Impact:
    delivered = sum(each.times for each in delivery.reasons if each.status == DELIVERED)
    connected = destinations.connected_to(workspace, name)
    unread = lag.events if lag else 0
    figures = [
        _figure("delivered", delivered, f"{_of(delivered, 'delivery', 'deliveries')} in the last {DAYS} days"),
        _figure("unread", unread, f"{_events(unread)} not sent yet"),
        _figure("retries", standing.retries, f"{_events(standing.retries)} waiting for a retry"),
        _figure("dead_letters", standing.dead_letters, _of(standing.dead_letters, "dead letter", "dead letters")),
        _figure("connected", len(connected), f"connected {_definitions(len(connected))}"),
    ]
    consequences = ["It keeps what it has received, and is not told that anybody leaves an audience."]
    if standing.retries:
        consequences.append("Events waiting for a retry become dead letters.")
    if unread:
        consequences.append("Events not sent yet will not be sent.")
    return Impact(figures, _referrers(workspace, Section.DESTINATIONS, name), consequences)


def of_plan(workspace: Workspace, name: str, lately: int, *, at_least: bool) -> Impact:
    """`lately`: events that broke it in seven days."""
    plan = tracking_plans.known(workspace, name)
    held = [source.name for source in workspace.sources if source.tracking_plan == name]
    figures = [
        _figure("sources", len(held), _of(len(held), "source uses it", "sources use it")),
        _figure("rules", len(plan.rules), _of(len(plan.rules), "rule", "rules")),
        _figure(
            "violations",
            lately,
            f"{_of(lately, 'violation', 'violations')} in the last 7 days",
            at_least=at_least,
        ),
    ]
    consequences = ["Its violations are no longer shown."]
    if held:
        consequences.insert(0, f"Without a plan, what was blocked or omitted is let through: {', '.join(held)}.")
    return Impact(figures, _referrers(workspace, Section.TRACKING_PLANS, name), consequences)


def of_definition(
    workspace: Workspace, section: Section, key: str, collection: str, told: list[str], size: int | None
) -> Impact:
    """`size`: members, of an audience."""
    users = definition_edits.users_of(workspace, collection, key)
    figures = [] if size is None else [_figure("members", size, _of(size, "member", "members"))]
    figures += [
        _figure("destinations", len(told), _of(len(told), "connected destination", "connected destinations")),
        _figure("definitions", len(users), f"{_definitions(len(users))} built on it"),
    ]
    consequences = [
        "Its members and the history of its size are deleted."
        if section is Section.AUDIENCES
        else "Its value is removed from every profile."
    ]
    if told:
        consequences.append(
            f"{', '.join(told)} {_of(len(told), 'keeps', 'keep')} what was sent, and will not hear of this."
            " Do not use the key again."
        )
    referrers = [Referrer(of, name, "", is_removable=False) for of, name in users]
    return Impact(figures, referrers, consequences)


def _figure(what: str, count: int, text: str, *, at_least: bool = False) -> Figure:
    return Figure(what, count, at_least, text)


def _of(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _events(count: int) -> str:
    return _of(count, "event", "events")


def _definitions(count: int) -> str:
    return _of(count, "trait or audience", "traits and audiences")


def _referrers(workspace: Workspace, section: Section, name: str) -> list[Referrer]:
    found = references.references(as_data(workspace), section, name)
    return [Referrer(each.section, each.item, each.path, each.is_removable) for each in found]


# --- handlers ---------------------------------------------------------------------------------------------------


@get("/sources/{name:str}/impact", responses=NAMED_ERRORS)
async def read_source_impact(desk: Desk, name: str) -> Impact:
    """What removing it would mean."""
    workspace = (await desk.version()).workspace
    sources.known(workspace, name)
    from_ms = now_ms() - DAYS * DAY_MS

    def count(state: State | None) -> dict[str, int]:
        found: dict[str, int] = {}
        for each in totals.read_hours(state, from_ms=from_ms) if state is not None else ():
            if each.source == name:
                found[each.outcome] = found.get(each.outcome, 0) + each.events
        return found

    return of_source(workspace, name, await desk.look(count))


@get("/destinations/{name:str}/impact", responses=NAMED_ERRORS)
async def read_destination_impact(desk: Desk, name: str) -> Impact:
    """What removing it would mean."""
    workspace = (await desk.version()).workspace
    destinations.known(workspace, name)
    at_ms = now_ms()
    standings = await desk.call(desk.jobs.standings)
    outbound = desk.logs[1]
    lag = await desk.call(lambda: _lag(outbound, name))
    delivery = await desk.ask_receipts(
        lambda receipts: receipts.delivery(
            name, from_ms=at_ms - DAYS * DAY_MS, to_ms=at_ms, step_minutes=DAYS * 24 * 60
        )
    )
    return of_destination(workspace, name, standings.get(name, NO_DELIVERY), lag, delivery)


def _lag(outbound: Log, destination: str) -> Lag | None:
    offset = outbound.readers().get(reader_name(destination))
    return None if offset is None else outbound.lag(offset)


@get("/tracking-plans/{name:str}/impact", responses=NAMED_ERRORS)
async def read_plan_impact(desk: Desk, name: str) -> Impact:
    """What removing it would mean."""
    workspace = (await desk.version()).workspace
    tracking_plans.known(workspace, name)
    at_ms = now_ms()

    def count(state: State | None) -> tuple[int, int]:
        rows: Iterator[Any] = violations.counted(state, name) if state is not None else iter(())
        found = [row.within(7 * 24, at_ms) for _, row in islice(rows, limits.govern.VIOLATION_KEYS_MAX)]
        return sum(found), len(found)

    lately, looked_at = await desk.look(count)
    return of_plan(workspace, name, lately, at_least=looked_at == limits.govern.VIOLATION_KEYS_MAX)


@get("/traits/{key:str}/impact", responses=NAMED_ERRORS)
async def read_trait_impact(desk: Desk, key: str, collection: Collection = None) -> Impact:
    """What removing it would mean."""
    workspace = (await desk.version()).workspace
    trait = one(workspace.traits, Section.TRAITS, key, collection)
    told = [connection.name for connection in trait.destinations]
    return of_definition(workspace, Section.TRAITS, key, trait.collection.value, told, None)


@get("/audiences/{key:str}/impact", responses=NAMED_ERRORS)
async def read_audience_impact(desk: Desk, key: str, collection: Collection = None) -> Impact:
    """What removing it would mean."""
    workspace = (await desk.version()).workspace
    line = await desk.look(lambda state: audiences.find(state, workspace, key, collection))
    return of_definition(workspace, Section.AUDIENCES, key, line.collection, line.destinations, line.size)


HANDLERS: Final[list[Callable[..., Any]]] = [
    read_source_impact,
    read_destination_impact,
    read_plan_impact,
    read_trait_impact,
    read_audience_impact,
]
