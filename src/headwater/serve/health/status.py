"""How the platform is doing, in one value: for `headwater status` and `GET /api/v1/status`."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from litestar import get
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from headwater.config.port import ConfigStore
from headwater.log.port import Log
from headwater.processing import archive
from headwater.serve.desk import Desk
from headwater.serve.errors import ERRORS
from headwater.serve.health.fleet import ROLES, Role, RoleReport
from headwater.serve.instants import now_ms
from headwater.serve.metrics import reader_lags
from headwater.serve.unify.people import People, people


class Process(msgspec.Struct, frozen=True):
    worker: int
    up: bool
    ready: bool
    reasons: list[str]
    pid: int | None
    started_at: str | None
    version: str | None
    config_version: int | None


class Reader(msgspec.Struct, frozen=True):
    """A reader's distance from the end of the log it reads."""

    log: str
    reader: str
    records: int
    events: int
    seconds: float


class RoleStatus(msgspec.Struct, frozen=True):
    up: bool
    """All its processes answer."""
    ready: bool
    """All its processes can do their work."""
    reasons: list[str]
    pid: int | None
    """Of the first process; all of them are in `processes`."""
    lag_events: int
    """Of its slowest reader; 0 for a role that reads no log."""
    lag_seconds: float
    events_per_second: float | None
    """Over the last minute; null when the role is down or has no such figure."""
    dead_letters: int | None
    """Kept by the pipeline; by delivery, set aside since it was started. Null: down, or sets nothing aside."""
    processes: list[Process]
    readers: list[Reader]


class Status(msgspec.Struct, frozen=True):
    workspace: str
    version: int
    """Of the workspace; 0: there is none."""
    up: bool
    """Every role is."""
    ready: bool
    roles: dict[str, RoleStatus]
    sources: dict[str, dict[str, float]]
    """Source → metric → count since its role was started."""
    destinations: dict[str, dict[str, float]]
    people: People | None
    """Null: there is no workspace."""


_ENDS: Final = {"events": "outcome", "delivery_events": "result"}
"""Counters of events, and the label that says how they ended."""

Labels = Mapping[str, Sequence[str]]
NO_LABELS: Final[Labels] = {}

RATES: Final = {
    Role.COLLECT: "headwater_collect_events_per_second",
    Role.PIPELINE: "headwater_pipeline_events_per_second",
}
"""The gauge that each role keeps of its own speed."""

DEAD_LETTERS: Final[dict[Role, tuple[str, Labels]]] = {
    Role.PIPELINE: ("headwater_dead_letters", {}),
    Role.DELIVER: ("headwater_delivery_events_total", {"result": ("rejected", "dead")}),
}
"""What a role has set aside: the samples to add up, and the label values that count."""

OUTBOUND_READERS_OF_PIPELINE: Final = (archive.READER,)
"""The pipeline writes the lake from the outbound log; every other reader of that log is a delivery."""


class Stores(NamedTuple):
    """What the stores say, whether or not any role is running."""

    workspace: str
    version: int
    readers: list[Reader]


def read_stores(config: ConfigStore, logs: Sequence[Log]) -> Stores:
    """Blocking."""
    current = config.current()
    readers = [
        Reader(log.name, reader, lag.records, lag.events, round(lag.age_s, 3))
        for log in logs
        for reader, lag in sorted(reader_lags(log).items())
    ]
    if current is None:
        return Stores("", 0, readers)
    return Stores(current.workspace.workspace, current.number, readers)


Families = Mapping[Role, Sequence[Metric]]


class Gathered(NamedTuple):
    """Everything about the roles, read once."""

    status: Status
    families: Families
    answered: frozenset[tuple[Role, int]]
    """The processes, role and worker, that told their metrics."""


def families_of(reports: Sequence[RoleReport]) -> Families:
    """The metrics of each role, all its processes together."""
    return {
        role: [
            family
            for report in reports
            if report.role is role
            for family in text_string_to_metric_families(report.exposition)
        ]
        for role in ROLES
    }


def summarise(
    reports: Sequence[RoleReport], stores: Stores, people: People | None, families: Families | None = None
) -> Status:
    """`families`: those of the reports, if they have been read already."""
    readers: dict[Role, list[Reader]] = {role: [] for role in ROLES}
    for reader in stores.readers:
        readers[_role_of(reader)].append(reader)
    families = families_of(reports) if families is None else families
    roles = {
        str(role): _role_status(role, [r for r in reports if r.role is role], readers[role], families[role])
        for role in ROLES
    }
    everything = [family for role in ROLES for family in families[role]]
    return Status(
        workspace=stores.workspace,
        version=stores.version,
        up=all(role.up for role in roles.values()),
        ready=all(role.ready for role in roles.values()),
        roles=roles,
        sources=_counts_by("source", everything),
        destinations=_counts_by("destination", everything),
        people=people,
    )


def _role_of(reader: Reader) -> Role:
    if reader.log == "collected" or reader.reader in OUTBOUND_READERS_OF_PIPELINE:
        return Role.PIPELINE
    return Role.DELIVER


def _role_status(
    role: Role, reports: Sequence[RoleReport], readers: list[Reader], families: Sequence[Metric]
) -> RoleStatus:
    processes = [_process(report) for report in reports]
    return RoleStatus(
        up=bool(processes) and all(process.up for process in processes),
        ready=bool(processes) and all(process.ready for process in processes),
        reasons=[reason for process in processes for reason in process.reasons],
        pid=processes[0].pid if processes else None,
        lag_events=max((reader.events for reader in readers), default=0),
        lag_seconds=max((reader.seconds for reader in readers), default=0.0),
        events_per_second=_sum(families, RATES[role]) if families and role in RATES else None,
        dead_letters=_dead_letters(families, role),
        processes=processes,
        readers=readers,
    )


def _process(report: RoleReport) -> Process:
    health = report.health
    return Process(
        worker=report.worker,
        up=report.up,
        ready=not report.reasons,
        reasons=report.reasons,
        pid=health.pid if health else None,
        started_at=health.started_at if health else None,
        version=health.version if health else None,
        config_version=health.config_version if health else None,
    )


def _dead_letters(families: Sequence[Metric], role: Role) -> int | None:
    if not families or role not in DEAD_LETTERS:
        return None
    name, labels = DEAD_LETTERS[role]
    return int(_sum(families, name, labels))


def _sum(families: Sequence[Metric], sample_name: str, labels: Labels = NO_LABELS) -> float:
    """Of the samples with this name; for each label in `labels` only those with one of its values."""
    values = [
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == sample_name and all(sample.labels.get(key) in allowed for key, allowed in labels.items())
    ]
    return round(sum(values), 3)


def _counts_by(label: str, families: Sequence[Metric]) -> dict[str, dict[str, float]]:
    """Every counter that is told apart by `label`, summed over its other labels; events also by how they ended."""
    counts: dict[str, dict[str, float]] = {}
    for family in families:
        if family.type != "counter":
            continue
        for sample in family.samples:
            if label in sample.labels and sample.name.endswith("_total"):
                mine = counts.setdefault(sample.labels[label], {})
                name = sample.name.removeprefix("headwater_").removesuffix("_total")
                names = [name, sample.labels[_ENDS[name]]] if name in _ENDS else [name]
                for each in names:
                    mine[each] = mine.get(each, 0.0) + sample.value
    return counts


async def gather(desk: Desk) -> Gathered:
    reports, stores = await asyncio.gather(
        desk.ask_fleet(True), desk.call(lambda: read_stores(desk.config, desk.logs))
    )
    current = await desk.call(desk.config.current)
    found = None
    if current is not None:
        workspace = current.workspace
        found = await desk.look(lambda state: people(state, workspace, now_ms()))
    families = families_of(reports)
    answered = frozenset((report.role, report.worker) for report in reports if report.exposition)
    return Gathered(summarise(reports, stores, found, families), families, answered)


@get("/status", responses=ERRORS)
async def get_status(desk: Desk) -> Status:
    """Per role: up, ready, lag, rate, dead letters; counts per source and destination; people."""
    return (await gather(desk)).status


HANDLERS: Final = [get_status]
