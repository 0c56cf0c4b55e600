"""The archive on real engines: what goes into the lake, and under which offsets."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.event import OutboundEvent, encode_outbound
from headwater.lake.port import Lake
from headwater.lake.query import connect
from headwater.log.port import Log
from headwater.processing.archive import READER, Archive
from headwater.profiles.embedded import embedded


def event(name: str, *, destinations: tuple[str, ...] | None = None) -> OutboundEvent:
    empty = (None, None, None, None, None)
    return OutboundEvent(
        0, 0, name, "track", "A", *empty, "website", 1, 1, None, None, b"{}", destinations=destinations
    )


def derived(name: str) -> OutboundEvent:
    return event(name, destinations=("hook",))


class Written:
    """An outbound log, the lake beside it, and an archive that is closed and opened again at every step."""

    def __init__(self, data: Path) -> None:
        platform = embedded(data)
        self.log: Log = platform.outbound()
        self.lake: Lake = platform.lake()

    def take(self, *records: list[OutboundEvent]) -> None:
        archive = Archive(self.log, self.lake, visible_s=lambda: 60.0)
        archive.catch_up()
        first = self.log.append([encode_outbound(events) for events in records])
        archive.add(first, records)
        archive.close()

    @property
    def message_ids(self) -> list[str]:
        with connect(self.lake) as connection:
            rows = connection.execute("SELECT message_id FROM events ORDER BY message_id").fetchall()
        return [row[0] for row in rows]

    @property
    def spans(self) -> list[str]:
        return [path.stem for path in self.lake.files()]


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Written]:
    opened = Written(tmp_path)
    with contextlib.closing(opened.log):
        yield opened


def test_archive_when_messages_were_made_for_destinations_then_only_the_others_are_in_the_lake(
    written: Written,
) -> None:
    written.take([derived("d1"), event("e1")], [derived("d2")], [event("e2", destinations=())])
    assert written.message_ids == ["e1", "e2"]
    assert written.spans == [f"{0:020d}-{2:020d}"]


def test_archive_when_only_derived_messages_came_then_it_has_read_them_and_wrote_no_file(written: Written) -> None:
    written.take([derived("d1")], [derived("d2")])
    assert written.spans == []
    assert written.log.readers()[READER] == 2


def test_archive_when_derived_messages_come_between_files_then_their_offsets_are_in_the_next_name(
    written: Written,
) -> None:
    written.take([event("e1")])
    written.take([derived("d1")])
    written.take([event("e2")])
    assert written.message_ids == ["e1", "e2"]
    assert written.spans == [f"{0:020d}-{0:020d}", f"{1:020d}-{2:020d}"]
