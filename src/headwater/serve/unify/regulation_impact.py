"""What a regulation would do, in numbers, before anybody asks for it."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from litestar import post

from headwater import limits
from headwater.aggregation import reading
from headwater.aggregation.reading import Found, Rows
from headwater.aggregation.tables import ComputedValue, ExternalId, segment_id
from headwater.config.workspace import Workspace
from headwater.destinations import registry
from headwater.errors import AbsentError
from headwater.lake.port import Lake
from headwater.privacy.port import Regulations
from headwater.privacy.regulation import RegulationType, checked
from headwater.processing.timestamps import render
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS
from headwater.serve.errors import ERRORS
from headwater.serve.instants import now_ms
from headwater.serve.unify.profile_summary import ProfileSummary, summarise
from headwater.serve.unify.regulations import NewRegulation

_AT_ONCE: Final = asyncio.Semaphore(1)
"""It may ask the lake, which takes every core."""

LAKE_S_MAX: Final = 15.0
"""For the number of stored events: somebody waits in front of a dialog."""


class AudienceLeft(msgspec.Struct, frozen=True):
    key: str
    name: str
    members: int
    """Of these users."""
    destinations: list[str]
    """They are not told that somebody has left because of a deletion."""


class RegulationImpact(msgspec.Struct, frozen=True):
    regulation_type: str
    subjects: int
    """Users that it is about."""
    looked_at: int
    """Of these users: the first 500. All that is counted below, but the events of the lake, is about them."""
    profiles: int
    """Of these users that there are."""
    profile_events: int
    """In the histories of these profiles, those included from before somebody signed in."""
    lake_events: int | None
    """Stored for good, of these users or in one of these profiles. Null: counting took too long."""
    audiences: list[AudienceLeft]
    """That these profiles are in, those with the most of them first."""
    accounts: int
    """Links to accounts."""
    asked: list[str]
    """Destinations that are asked to delete; empty when the request is not forwarded."""
    not_asked: list[str]
    """Enabled destinations of types that cannot be asked: it has to be done there."""
    already_suppressed: int
    open_requests: int
    """Requests about these users that are still under way."""
    logs_gone_by: str | None
    """When the last copy in the logs goes at the latest, if everybody reads on. Null: nothing is deleted."""
    people: list[ProfileSummary]
    """The first 10 profiles."""


class _People(NamedTuple):
    """What the state knows of the users."""

    found: list[Found]
    summaries: list[ProfileSummary]
    members: Counter[str]
    accounts: int

    @property
    def segment_ids(self) -> list[str]:
        return [segment_id(key) for each in self.found for key in (each.key, *each.profile.parts)]


_NOBODY: Final = _People([], [], Counter(), 0)


def impact(
    state: Rows | None,
    lake: Lake,
    regulations: Regulations,
    workspace: Workspace,
    new: NewRegulation,
    *,
    at_ms: int,
) -> RegulationImpact:
    """Blocking. `state` None: no pipeline has run yet."""
    type_, user_ids = checked(new.regulation_type, new.subject_type, new.subject_ids)
    shown = user_ids[: limits.privacy.REGULATION_IMPACT_USERS]
    people = _NOBODY if state is None else _people(state, workspace, shown)
    enabled = [each for each in workspace.destinations if each.enabled] if type_.forwards else []
    suppressed = regulations.barred().suppressed
    about = {each.id: each for user_id in shown for each in regulations.about(user_id)}
    names = {each.key: each for each in workspace.audiences if each.collection.value == "users"}
    return RegulationImpact(
        regulation_type=type_.value,
        subjects=len(user_ids),
        looked_at=len(shown),
        profiles=len(people.found),
        profile_events=sum(each.profile.events for each in people.found),
        lake_events=_stored(lake, user_ids, people.segment_ids),
        audiences=[
            AudienceLeft(key, names[key].name or key, count, [each.name for each in names[key].destinations])
            for key, count in people.members.most_common()
        ],
        accounts=people.accounts,
        asked=[each.name for each in enabled if registry.can_delete(each.type)],
        not_asked=[each.name for each in enabled if not registry.can_delete(each.type)],
        already_suppressed=sum(regulations.fingerprint(each) in suppressed for each in shown),
        open_requests=sum(each.finished_at_ms is None for each in about.values()),
        logs_gone_by=_gone_by(type_, workspace, at_ms),
        people=people.summaries,
    )


def _people(state: Rows, workspace: Workspace, user_ids: Sequence[str]) -> _People:
    audiences = {each.key for each in workspace.audiences if each.collection.value == "users"}
    found: dict[bytes, Found] = {}
    for user_id in user_ids:
        if each := reading.find(state, "users", ExternalId("user_id", user_id)):
            found[each.key] = each
    members: Counter[str] = Counter()
    accounts = 0
    for each in found.values():
        known = reading.traits(each.profile).items()
        members.update(
            key
            for key, value in known
            if key in audiences and isinstance(value, ComputedValue) and value.value is True
        )
        accounts += sum(1 for _ in reading.links(state, each.key))
    shown = list(found.values())[: limits.privacy.REGULATION_PEOPLE_SHOWN]
    summaries = [summarise(state, each, workspace.identity) for each in shown]
    return _People(list(found.values()), summaries, members, accounts)


def _stored(lake: Lake, user_ids: Sequence[str], profiles: Sequence[str]) -> int | None:
    import duckdb

    from headwater.lake.query import ask

    sql = "SELECT count(*) FROM events WHERE list_contains(?, user_id) OR list_contains(?, profile_id)"

    def count(connection: duckdb.DuckDBPyConnection) -> int | None:
        timer = threading.Timer(LAKE_S_MAX, connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            row = connection.execute(sql, [list(user_ids), list(profiles)]).fetchone()
            return int(row[0]) if row else 0
        except duckdb.InterruptException:
            return None
        finally:
            timer.cancel()

    return ask(lake, count)


def _gone_by(type_: RegulationType, workspace: Workspace, at_ms: int) -> str | None:
    if not type_.deletes:
        return None
    return render(at_ms + round(workspace.settings.log_retention_s * 1000))


@post("/regulations/impact", status_code=200, responses=ERRORS, opt=READS)
async def read_regulation_impact(desk: Desk, data: NewRegulation) -> RegulationImpact:
    """What the same request to `POST /regulations` would do, in numbers. Nothing is asked for."""
    workspace = (await desk.version()).workspace
    checked(data.regulation_type, data.subject_type, data.subject_ids)

    def work() -> RegulationImpact:
        lake, at_ms = desk.lake(), now_ms()
        try:
            with desk.view.reading() as state:
                return impact(state, lake, desk.regulations, workspace, data, at_ms=at_ms)
        except AbsentError:
            return impact(None, lake, desk.regulations, workspace, data, at_ms=at_ms)

    async with _AT_ONCE:
        return await asyncio.to_thread(work)


HANDLERS: Final[list[Callable[..., Any]]] = [read_regulation_impact]
