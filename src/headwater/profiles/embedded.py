"""Everything in one folder, no other service: SQLite, RocksDB, Parquet.

Engines are imported when a role asks for them: the public edge must not carry RocksDB and Arrow in its memory.
"""

from functools import partial
from pathlib import Path

from headwater.config.port import ConfigStore
from headwater.config.vault import Vault
from headwater.delivery.jobs import Jobs
from headwater.delivery.receipt_store import Receipts
from headwater.lake.letters import LetterArea
from headwater.lake.port import Lake
from headwater.lake.receipts import ReceiptArea
from headwater.log.port import Log
from headwater.privacy.port import Regulations
from headwater.profiles import Platform
from headwater.replay.port import Replays
from headwater.state.port import State
from headwater.team.port import Team


def embedded(data: Path) -> Platform:
    bells = data / "bells"
    vault = Vault(data)

    def config() -> ConfigStore:
        from headwater.config.sqlite import SqliteConfigStore

        return SqliteConfigStore(data / "config.db", bells=bells, vault=vault)

    def log(name: str) -> Log:
        from headwater.log.sqlite import SqliteLog

        return SqliteLog(data / "log" / name, bells=bells)

    def state(*, read_only: bool) -> State:
        from headwater.state.rocksdb import RocksState

        return RocksState(data / "state", read_only=read_only)

    def lake() -> Lake:
        from headwater.lake.parquet import ParquetLake

        return ParquetLake(data / "lake")

    def jobs() -> Jobs:
        from headwater.delivery.jobs_sqlite import SqliteJobs

        return SqliteJobs(data / "delivery.db", partial(_letter_area, data / "lake"))

    def receipts() -> Receipts:
        from headwater.delivery.receipt_store_sqlite import SqliteReceipts

        return SqliteReceipts(data / "delivery.db", partial(_receipt_area, data / "lake"))

    def regulations() -> Regulations:
        from headwater.privacy.sqlite import SqliteRegulations

        return SqliteRegulations(data / "regulations.db", bells=bells, secret=data / "privacy-secret")

    def replays() -> Replays:
        from headwater.replay.sqlite import SqliteReplays

        return SqliteReplays(data / "replays.db", bells=bells)

    def team() -> Team:
        from headwater.team.sqlite import SqliteTeam

        return SqliteTeam(data / "team.db")

    return Platform(
        data=data,
        vault=vault,
        config=config,
        collected=lambda: log("collected"),
        outbound=lambda: log("outbound"),
        state=lambda: state(read_only=False),
        state_view=lambda: state(read_only=True),
        lake=lake,
        jobs=jobs,
        receipts=receipts,
        regulations=regulations,
        replays=replays,
        team=team,
    )


def _letter_area(lake: Path) -> LetterArea:
    from headwater.lake.letters_parquet import ParquetLetters

    return ParquetLetters(lake)


def _receipt_area(lake: Path) -> ReceiptArea:
    from headwater.lake.receipts_parquet import ParquetReceipts

    return ParquetReceipts(lake)
