"""Metrics that `serve` adds to those of the roles. All but the requests are computed when they are asked for."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from headwater.log.port import Lag, Log
from headwater.serve.health.exposition import Source, merge
from headwater.serve.health.fleet import ROLES, RoleReport

API_REQUESTS = Counter("headwater_api_requests", "Requests to the private port, by status.", ["method", "status"])
AUDIT_FAILURES = Counter(
    "headwater_audit_failures", "Entries of the audit log that could not be written; the log of `serve` has them."
)

FLEET = CollectorRegistry(auto_describe=True)
"""What is known about the roles and logs rather than by them; filled anew for every scrape."""

UP = Gauge("headwater_up", "Whether the role process answers.", ["role", "worker"], registry=FLEET)
READY = Gauge("headwater_ready", "Whether the role is able to do its work.", ["role", "worker"], registry=FLEET)
LOG_END = Gauge("headwater_log_end_offset", "The offset the next record of the log gets.", ["log"], registry=FLEET)
LOG_BYTES = Gauge("headwater_log_bytes", "Size of the log on disk.", ["log"], registry=FLEET)
LAG_RECORDS = Gauge(
    "headwater_log_lag_records", "Records that the reader has not finished.", ["log", "reader"], registry=FLEET
)
LAG_EVENTS = Gauge(
    "headwater_log_lag_events", "Events that the reader has not finished.", ["log", "reader"], registry=FLEET
)
LAG_SECONDS = Gauge(
    "headwater_log_lag_seconds",
    "Age of the oldest record that the reader has not finished.",
    ["log", "reader"],
    registry=FLEET,
)
DISK_FREE = Gauge("headwater_disk_free_bytes", "Free space where the data folder is.", registry=FLEET)


def reader_lags(log: Log) -> dict[str, Lag]:
    return {reader: log.lag(offset) for reader, offset in log.readers().items()}


def observe_logs(logs: Sequence[Log], data: Path) -> None:
    """Blocking; logs are kept under `log/<name>` when they are kept in the data folder."""
    for gauge in (LAG_RECORDS, LAG_EVENTS, LAG_SECONDS):
        gauge.clear()  # a reader that was removed must not keep its last value
    for log in logs:
        LOG_END.labels(log.name).set(log.end())
        LOG_BYTES.labels(log.name).set(_bytes_below(data / "log" / log.name))
        for reader, lag in reader_lags(log).items():
            LAG_RECORDS.labels(log.name, reader).set(lag.records)
            LAG_EVENTS.labels(log.name, reader).set(lag.events)
            LAG_SECONDS.labels(log.name, reader).set(lag.age_s)
    DISK_FREE.set(shutil.disk_usage(data).free)


def render(reports: Sequence[RoleReport]) -> str:
    """Everything in one exposition: each role's own metrics and what is known about them."""
    UP.clear()
    READY.clear()
    for report in reports:
        UP.labels(report.role, report.worker).set(report.up)
        READY.labels(report.role, report.worker).set(not report.reasons)
    return merge([Source({}, generate_latest(FLEET).decode()), *_sources(reports)])


def _sources(reports: Sequence[RoleReport]) -> list[Source]:
    processes: Mapping[str, int] = {role: sum(r.role is role for r in reports) for role in ROLES}
    return [
        Source(
            {"role": r.role, "worker": str(r.worker)} if processes[r.role] > 1 else {"role": r.role}, r.exposition
        )
        for r in reports
        if r.exposition
    ]


def _bytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # trimmed just now
            continue
    return total
