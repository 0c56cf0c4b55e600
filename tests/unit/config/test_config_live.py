"""The snapshot that roles work with."""

import select
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from workspaces import workspace

from headwater.config.live import LiveWorkspace
from headwater.config.port import ConfigStore, Version
from headwater.config.sqlite import SqliteConfigStore
from headwater.config.workspace import Workspace
from headwater.doorbell import Bell, Doorbell
from headwater.errors import HeadwaterError, StorageError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with closing(SqliteConfigStore(tmp_path / "config.db", bells=tmp_path / "bells")) as opened:
        yield opened


def is_rung(live: LiveWorkspace) -> bool:
    return bool(select.select([live], [], [], 0)[0])


def test_live_when_nothing_was_applied_then_an_empty_workspace(store: ConfigStore) -> None:
    with closing(LiveWorkspace(store)) as live:
        assert (live.version, live.workspace.sources, live.workspace.destinations) == (0, (), ())
        assert not live.refresh()


def test_live_when_a_version_is_put_then_it_is_rung_for_and_seen_after_refresh(store: ConfigStore) -> None:
    first, second = workspace(workspace="first"), workspace(workspace="second")
    store.put(first, author="ann")
    with closing(LiveWorkspace(store)) as live:
        assert (live.version, live.workspace, is_rung(live)) == (1, first, False)
        store.put(second, author="ann")
        assert live.wait(20)
        assert (live.version, live.workspace, is_rung(live)) == (1, first, True)
        assert live.refresh()
        assert (live.version, live.workspace, is_rung(live)) == (2, second, False)
        assert not live.refresh()


class FailingStore:
    """Reads what it is told to, or fails as it is told to."""

    def __init__(self, bells: Path) -> None:
        self.answer: Version | HeadwaterError | None = None
        self._bell = Doorbell(bells, "config")

    def current(self) -> Version | None:
        if isinstance(self.answer, HeadwaterError):
            raise self.answer
        return self.answer

    def put(self, workspace: Workspace, *, author: str, note: str = "", expected: int | None = None) -> Version:
        raise NotImplementedError

    def history(self, *, limit: int = 50) -> list[Version]:
        raise NotImplementedError

    def listen(self) -> Bell:
        return self._bell.listen()

    def close(self) -> None:
        self._bell.close()


def test_refresh_when_the_store_cannot_be_read_then_the_last_snapshot_stays(tmp_path: Path) -> None:
    kept = Version(7, datetime.now(UTC), "ann", "", workspace(workspace="kept"))
    with closing(FailingStore(tmp_path)) as store:
        store.answer = kept
        with closing(LiveWorkspace(store)) as live:
            store.answer = StorageError("disk I/O error")
            with capture_logs() as logs:
                assert not live.refresh()
            assert [(log["log_level"], log["reason"]) for log in logs] == [("warning", "disk I/O error")]
            store.answer = None  # an emptied store is no workspace either
            assert not live.refresh()
            assert (live.version, live.workspace) == (7, kept.workspace)


def test_live_when_the_store_cannot_be_read_at_the_start_then_it_fails_and_leaves_no_bell(tmp_path: Path) -> None:
    with closing(FailingStore(tmp_path)) as store:
        store.answer = StorageError("disk I/O error")
        with pytest.raises(StorageError):
            LiveWorkspace(store)
    assert list(tmp_path.iterdir()) == []
