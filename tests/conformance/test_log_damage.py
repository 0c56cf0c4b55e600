"""What a log must do when its bytes rot: return nothing wrong, keep what can be read, go on, reuse no offset.

The damage is done to files, so what is damaged is one engine's own business; what must hold is every engine's.
"""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from headwater.log.port import Log, Producer
from headwater.log.sqlite import SqliteLog
from headwater.units import MIB

PAGE = 8192
FUZZ_ROUNDS = int(os.environ.get("HEADWATER_TEST_LOG_FUZZ", "60"))
SEED = int(os.environ.get("HEADWATER_TEST_SEED", "0")) or random.SystemRandom().randrange(1 << 32)

Model = dict[int, bytes]


class Folder:
    """A log that was written, and whose files are then at rest."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def opened(self, **options: Any) -> Iterator[SqliteLog]:
        log = SqliteLog(self.path / "log", bells=self.path / "bells", **options)
        try:
            yield log
        finally:
            log.close()

    @property
    def segments(self) -> list[Path]:
        return sorted((self.path / "log").glob("*.db"))

    @property
    def wal(self) -> Path:
        return Path(f"{self.segments[-1]}-wal")

    def copied_to(self, target: Path) -> "Folder":
        shutil.copytree(self.path / "log", target / "log")
        return Folder(target)


def fill(log: Log, *, appends: int = 200, seed: int = 1) -> Model:
    """Groups of one to five records of zero to 3,000 bytes; a seldom one spans many pages."""
    dice = random.Random(seed)
    written: Model = {}
    for _ in range(appends):
        size = 60_000 if dice.random() < 0.02 else 3_000
        records = [dice.randbytes(dice.randrange(size)) for _ in range(dice.randint(1, 5))]
        first = log.append(records, producer=Producer("filler", len(written)) if dice.random() < 0.2 else None)
        written.update(enumerate(records, first))
    log.report("reader", len(written) // 2)
    return written


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, Model]:
    """Closed cleanly: everything is in the one file."""
    folder = Folder(tmp_path_factory.mktemp("rest"))
    with folder.opened() as log:
        written = fill(log)
    assert not folder.wal.exists()
    return folder, written


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, Model]:
    """As a kill -9 leaves it: the newest frames are in the -wal file only."""
    folder = Folder(tmp_path_factory.mktemp("killed"))
    with folder.opened() as log:
        written = fill(log)
        left = folder.copied_to(tmp_path_factory.mktemp("left"))
    Path(f"{left.segments[-1]}-shm").unlink(missing_ok=True)
    assert left.wal.stat().st_size > 20 * PAGE
    return left, written


def contents(log: Log, offset: int = 0) -> Model:
    found: Model = {}
    while records := log.read(offset, bytes_max=MIB):
        for at, data in records:
            assert at >= offset, "offsets grow"
            assert at not in found
            found[at] = data
        offset = records[-1].offset + 1
    return found


def check(folder: Folder, written: Model) -> tuple[Model, list[Any]]:
    """Whatever happened to the files; what survived, and what was logged about it."""
    with capture_logs() as lines, folder.opened() as log:
        survivors = contents(log)
        assert survivors.items() <= written.items(), "something is returned that was never written there"
        assert log.end() > max(written), "an offset would be given out twice"
        log.lag(0)
        new = [log.append([b"new %d" % n], producer=Producer("after", n)) for n in range(3)]
        new += [log.append([b"plain a", b"plain b"])]
        assert min(new) > max(written), "an offset was given out twice"
        assert sorted(new) == new
        expected = dict(zip(new, (b"new 0", b"new 1", b"new 2", b"plain a"), strict=True))
        expected[new[-1] + 1] = b"plain b"
        assert contents(log, max(written) + 1) == expected, "what is appended after the damage can be read"
        assert contents(log) == survivors | expected
        assert log.lag(new[-1])[0] == 2
        assert log.lag(new[-1] + 2) == (0, 0, 0.0)
        log.trim(retention_s=3600, retention_bytes=1 << 40)
    with folder.opened() as log:
        assert contents(log) == survivors | expected, "it is the same after another start"
        assert log.produced("after") == 2
        assert log.append([b"again"]) == new[-1] + 2
    return survivors, [line for line in lines if line["log_level"] == "error"]


def overwrite(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def garbage(count: int) -> bytes:
    return random.Random(7).randbytes(count)


def test_damage_when_the_last_page_is_garbage_then_what_was_before_is_there(
    at_rest: tuple[Folder, Model], tmp_path: Path
) -> None:
    folder, written = at_rest[0].copied_to(tmp_path), at_rest[1]
    segment = folder.segments[-1]
    overwrite(segment, segment.stat().st_size - PAGE, garbage(PAGE))
    survivors, errors = check(folder, written)
    assert len(survivors) > 0.9 * len(written)
    assert errors, "and it says what was lost"


def test_damage_when_the_last_ten_pages_are_garbage_then_what_was_before_is_there(
    at_rest: tuple[Folder, Model], tmp_path: Path
) -> None:
    folder, written = at_rest[0].copied_to(tmp_path), at_rest[1]
    segment = folder.segments[-1]
    overwrite(segment, segment.stat().st_size - 10 * PAGE, garbage(10 * PAGE))
    survivors, errors = check(folder, written)
    assert len(survivors) > 0.8 * len(written)
    assert errors


def test_damage_when_a_middle_page_is_garbage_then_both_sides_are_there(
    at_rest: tuple[Folder, Model], tmp_path: Path
) -> None:
    folder, written = at_rest[0].copied_to(tmp_path), at_rest[1]
    segment = folder.segments[-1]
    overwrite(segment, segment.stat().st_size // 2 // PAGE * PAGE, garbage(PAGE))
    survivors, errors = check(folder, written)
    assert min(survivors) == 0
    assert max(survivors) == max(written)
    assert len(survivors) > 0.9 * len(written)
    assert errors


def test_damage_when_one_bit_of_a_record_flips_then_only_its_group_is_lost(
    at_rest: tuple[Folder, Model], tmp_path: Path
) -> None:
    folder, written = at_rest[0].copied_to(tmp_path), at_rest[1]
    segment = folder.segments[-1]
    content = segment.read_bytes()
    record = next(data for offset, data in written.items() if offset > 50 and 500 < len(data) < 2_000)
    at = content.index(record[:100]) + 50
    overwrite(segment, at, bytes([content[at] ^ 1]))
    survivors, errors = check(folder, written)
    assert 1 <= len(written) - len(survivors) <= 5
    assert [line["event"] for line in errors].count("log_frame_damaged") >= 1


@pytest.mark.parametrize("kept", [0.99, 0.5, 0.02])
def test_damage_when_the_file_is_cut_short_then_the_log_goes_on(
    at_rest: tuple[Folder, Model], tmp_path: Path, kept: float
) -> None:
    folder, written = at_rest[0].copied_to(tmp_path), at_rest[1]
    segment = folder.segments[-1]
    os.truncate(segment, int(segment.stat().st_size * kept))
    _, errors = check(folder, written)
    assert errors


def test_damage_when_the_file_is_empty_then_the_log_goes_on(at_rest: tuple[Folder, Model], tmp_path: Path) -> None:
    folder, written = at_rest[0].copied_to(tmp_path), at_rest[1]
    os.truncate(folder.segments[-1], 0)
    survivors, errors = check(folder, written)
    assert not survivors
    assert errors


def test_damage_when_the_header_is_garbage_then_the_log_goes_on(
    at_rest: tuple[Folder, Model], tmp_path: Path
) -> None:
    folder, written = at_rest[0].copied_to(tmp_path), at_rest[1]
    overwrite(folder.segments[-1], 0, garbage(100))
    _, errors = check(folder, written)
    assert errors


def test_kill_when_the_wal_is_whole_then_nothing_is_lost(killed: tuple[Folder, Model], tmp_path: Path) -> None:
    folder, written = killed[0].copied_to(tmp_path), killed[1]
    survivors, errors = check(folder, written)
    assert survivors == written
    assert not errors


@pytest.mark.parametrize(
    ("where", "lost_max"), [("last", 0.1), ("middle", 0.9), ("header", 1.0), ("cut", 0.9), ("gone", 1.0)]
)
def test_kill_when_the_wal_is_damaged_then_the_log_says_so_and_goes_on(
    killed: tuple[Folder, Model], tmp_path: Path, where: str, lost_max: float
) -> None:
    """SQLite ends the -wal at the first frame whose checksum is wrong, without a word."""
    folder, written = killed[0].copied_to(tmp_path), killed[1]
    size = folder.wal.stat().st_size
    if where == "cut":
        os.truncate(folder.wal, size // 2)
    elif where == "gone":
        folder.wal.unlink()
    else:
        at = {"last": size - PAGE // 2, "middle": size // 2, "header": 0}[where]
        overwrite(folder.wal, at, garbage(100))
    survivors, errors = check(folder, written)
    assert len(written) - len(survivors) <= lost_max * len(written)
    lost = [line for line in errors if line["event"] == "log_tail_lost"]
    assert sum(line["records_lost"] for line in lost) == len(written) - len(survivors)


def test_damage_when_a_sealed_segment_is_garbage_then_the_others_are_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with folder.opened(segment_bytes_max=100_000) as log:
        written = fill(log, appends=100)
    assert len(folder.segments) > 4
    overwrite(folder.segments[2], 0, garbage(folder.segments[2].stat().st_size))
    survivors, errors = check(folder, written)
    first, following = (int(path.stem) for path in folder.segments[2:4])
    assert survivors == {at: data for at, data in written.items() if not first <= at < following}
    assert errors


def damage_at_random(dice: random.Random, folder: Folder) -> str:
    path = dice.choice([p for p in (*folder.segments, folder.wal) if p.exists()])
    size = path.stat().st_size
    kind = dice.choice(("bytes", "bytes", "bytes", "zeroes", "page", "cut", "grown"))
    at = dice.randrange(size)
    if kind == "bytes":
        for _ in range(dice.choice((1, 1, 5, 50))):
            overwrite(path, dice.randrange(size), bytes([dice.randrange(256)]))
    elif kind == "zeroes":
        overwrite(path, at, bytes(min(size - at, dice.choice((16, 512, PAGE)))))
    elif kind == "page":
        at = at // PAGE * PAGE
        overwrite(path, at, dice.randbytes(min(PAGE, size - at)))
    elif kind == "cut":
        os.truncate(path, at)
    else:
        with path.open("ab") as file:
            file.write(dice.randbytes(dice.choice((10, PAGE, 3 * PAGE))))
    return f"{kind} in {path.name} at {at}"


@pytest.mark.parametrize("state", ["at_rest", "killed"])
def test_damage_when_it_is_random_then_nothing_wrong_is_returned_and_the_log_goes_on(
    request: pytest.FixtureRequest, tmp_path: Path, state: str
) -> None:
    origin, written = request.getfixturevalue(state)
    for number in range(FUZZ_ROUNDS):
        folder = origin.copied_to(tmp_path / str(number))
        what = damage_at_random(random.Random(SEED + number), folder)
        try:
            check(folder, written)
        except BaseException as error:
            error.add_note(f"HEADWATER_TEST_SEED={SEED}, round {number}: {what}")
            raise
        shutil.rmtree(folder.path)
