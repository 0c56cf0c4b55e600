"""What is particular to the SQLite engine; what every engine does is in tests/conformance."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from workspaces import workspace

from headwater.config import sqlite
from headwater.config.sqlite import SqliteConfigStore
from headwater.errors import CorruptionError


def opened(folder: Path) -> closing[SqliteConfigStore]:
    return closing(SqliteConfigStore(folder / "config.db", bells=folder / "bells"))


def test_files_when_in_use_then_only_their_owner_can_read_them(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.put(workspace(), author="ann")
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("config.db*")}
    assert modes == {"config.db": 0o600, "config.db-wal": 0o600, "config.db-shm": 0o600}


def test_put_when_the_process_dies_then_a_returned_version_was_synced(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store._db.using() as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_put_when_there_are_too_many_versions_then_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "VERSIONS_KEPT", 3)
    with opened(tmp_path) as store:
        for n in range(5):
            store.put(workspace(workspace=f"w{n}"), author="ann")
        assert [v.number for v in store.history()] == [5, 4, 3]


@pytest.mark.parametrize("document", [b"{", b'{"workspace": "w", "from_the_future": 1}', b"\xff"])
def test_current_when_a_document_is_not_what_was_put_then_the_version_is_named(
    tmp_path: Path, document: bytes
) -> None:
    with opened(tmp_path) as store:
        store.put(workspace(), author="ann")
        with closing(sqlite3.connect(tmp_path / "config.db")) as db, db:
            db.execute("UPDATE versions SET document = ?", (document,))
        with pytest.raises(CorruptionError, match=r"config\.db: version 1 of the workspace"):
            store.current()


def test_open_when_the_file_is_not_a_database_then_corruption(tmp_path: Path) -> None:
    (tmp_path / "config.db").write_bytes(b"not a database, but long enough to have a header" * 100)
    with pytest.raises(CorruptionError):
        opened(tmp_path)
