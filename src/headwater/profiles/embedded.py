"""Everything in one folder, no other service: SQLite, RocksDB, Parquet."""

from pathlib import Path

from headwater.config.sqlite import SqliteConfigStore
from headwater.delivery.jobs_sqlite import SqliteJobs
from headwater.lake.parquet import ParquetLake
from headwater.log.sqlite import SqliteLog
from headwater.profiles import Platform
from headwater.state.rocksdb import RocksState


def embedded(data: Path) -> Platform:
    bells = data / "bells"
    return Platform(
        data=data,
        config=lambda: SqliteConfigStore(data / "config.db", bells=bells),
        collected=lambda: SqliteLog(data / "log" / "collected", bells=bells),
        outbound=lambda: SqliteLog(data / "log" / "outbound", bells=bells),
        state=lambda: RocksState(data / "state"),
        state_view=lambda: RocksState(data / "state", read_only=True),
        lake=lambda: ParquetLake(data / "lake"),
        jobs=lambda: SqliteJobs(data / "delivery.db"),
    )
