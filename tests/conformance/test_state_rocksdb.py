"""What only RocksDB does behind the port's back."""

from pathlib import Path

from headwater.state.port import Commit
from headwater.state.rocksdb import RocksState


def test_view_when_one_table_went_to_disk_before_it_looked_then_it_never_shows_half_a_commit(
    tmp_path: Path,
) -> None:
    """RocksDB flushes tables one by one, and keeps the log for those that it has not flushed."""
    writer, view = RocksState(tmp_path), None
    try:
        writer.commit(Commit(1, {"profiles": {b"k": b"old"}, "sweeps": {b"k": b"old"}}))
        view = RocksState(tmp_path, read_only=True)
        writer.commit(Commit(2, {"profiles": {b"k": b"new"}, "sweeps": {b"k": b"new"}}))
        writer._families["profiles"].flush(wait=True)
        if not view.refresh():  # it says so when it cannot follow; then another one is opened
            view.close()
            view = RocksState(tmp_path, read_only=True)
        found = [view.get_many(table, [b"k"]) for table in ("profiles", "sweeps")]
        assert found == [[b"new"], [b"new"]]
        assert view.refresh()
    finally:
        if view:
            view.close()
        writer.close()


def test_view_when_a_table_goes_to_disk_that_it_has_read_then_it_can_follow(tmp_path: Path) -> None:
    writer, view = RocksState(tmp_path), None
    try:
        writer.commit(Commit(1, {"profiles": {b"k": b"old"}, "sweeps": {b"k": b"old"}}))
        view = RocksState(tmp_path, read_only=True)
        writer._families["profiles"].flush(wait=True)
        assert view.refresh()
        writer.commit(Commit(2, {"profiles": {b"k": b"new"}}))
        assert view.refresh()
        assert view.get_many("profiles", [b"k"]) == [b"new"]
    finally:
        if view:
            view.close()
        writer.close()


def test_view_when_tables_went_to_disk_and_more_was_committed_before_it_looked_then_it_can_follow(
    tmp_path: Path,
) -> None:
    """What it has not read is in a log that nobody has put into a table yet."""
    writer, view = RocksState(tmp_path), None
    try:
        writer.commit(Commit(1, {"profiles": {b"k": b"1"}, "sweeps": {b"k": b"1"}}))
        view = RocksState(tmp_path, read_only=True)
        for n in range(2, 6):
            assert view.refresh()
            for table in ("profiles", "sweeps"):
                writer._families[table].flush(wait=True)
            writer.commit(Commit(n, {"profiles": {b"k": b"%d" % n}, "sweeps": {b"k": b"%d" % n}}))
            assert view.refresh()
            assert [view.get_many(table, [b"k"]) for table in ("profiles", "sweeps")] == [[b"%d" % n]] * 2
    finally:
        if view:
            view.close()
        writer.close()
