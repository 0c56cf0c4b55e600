"""Whatever kills the pipeline, wherever: afterwards every event is in the outbound log and in the lake, once."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dying_child import DIED
from flowing import assert_exactly_once, collect, drain, find, outbound_events, request

from headwater import limits
from headwater.profiles.embedded import embedded

CHILD = Path(__file__).with_name("dying_child.py")

MOMENTS = [  # with the step of pipeline.py's docstring that it comes after
    "collected.read:after:1",  # 1
    "state.commit:before:1",  # 2, the very first batch
    "state.commit:before:2",  # 2
    "state.commit:after:1",  # 3
    "state.commit:after:3",  # 3
    "outbound.append:before:2",  # 3, the outbox must be sent again
    "outbound.append:after:1",  # 4
    "outbound.append:after:3",  # 4, the outbox must not be sent again
    "lake.write:before:1",  # 4
    "file.fsync:before:1",  # in the middle of 5: a file without its name
    "file.fsync:after:1",
    "lake.write:after:1",  # 5, nobody was told
    "lake.compact:before:1",
    "outbound.report:after:1",
    "collected.report:before:1",
]


def die(data: Path, moment: str) -> None:
    child = subprocess.run(
        [sys.executable, str(CHILD), str(data), moment], capture_output=True, text=True, timeout=120, check=False
    )
    assert child.returncode == DIED, f"it lived through {moment}: {child.stdout} {child.stderr}"


@pytest.mark.parametrize("moment", MOMENTS)
def test_pipeline_when_killed_then_everything_is_there_exactly_once(moment: str, tmp_path: Path) -> None:
    collect(tmp_path, *map(request, range(4)))
    die(tmp_path, moment)
    drain(tmp_path)
    assert_exactly_once(find(tmp_path), 4)


def test_pipeline_when_killed_again_and_again_while_more_arrives_then_everything_is_there_exactly_once(
    tmp_path: Path,
) -> None:
    moments = [
        "state.commit:after:1",
        "outbound.append:after:1",
        "state.commit:after:1",
        "outbound.append:before:1",
    ]
    for number, moment in enumerate(moments):
        collect(tmp_path, request(number))
        die(tmp_path, moment)
    drain(tmp_path)
    drain(tmp_path)
    assert_exactly_once(find(tmp_path), len(moments))


# --- the power goes: the state may be older than the outbound log -------------------------------------------


def keep_state(data: Path, kept: Path) -> None:
    shutil.copytree(data / "state", kept)


def restore_state(data: Path, kept: Path) -> None:
    shutil.rmtree(data / "state")
    shutil.copytree(kept, data / "state")


def test_pipeline_when_the_state_is_older_than_the_outbound_log_then_nothing_is_sent_twice(tmp_path: Path) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    collect(data, *map(request, range(2)))
    drain(data)
    keep_state(data, kept)
    collect(data, *map(request, range(2, 4)))
    drain(data)
    assert_exactly_once(find(data), 4)

    restore_state(data, kept)
    drain(data)
    assert_exactly_once(find(data), 4)
    collect(data, request(4))
    drain(data)
    assert_exactly_once(find(data), 5)


def test_pipeline_when_new_requests_share_a_batch_with_those_sent_before_the_cut_then_only_they_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    collect(data, request(0))
    drain(data)
    keep_state(data, kept)
    collect(data, *map(request, range(1, 4)))
    with monkeypatch.context() as one_by_one:
        one_by_one.setattr(limits.processing, "MICRO_BATCH_BYTES_MAX", 1)
        drain(data)

    restore_state(data, kept)
    collect(data, *map(request, range(4, 6)))
    drain(data)
    assert_exactly_once(find(data), 6)


def test_pipeline_when_the_whole_state_is_lost_then_it_is_made_again_and_nothing_is_sent_twice(
    tmp_path: Path,
) -> None:
    collect(tmp_path, *map(request, range(3)))
    drain(tmp_path)
    shutil.rmtree(tmp_path / "state")
    drain(tmp_path)
    assert_exactly_once(find(tmp_path), 3)


def test_pipeline_when_the_cut_came_between_commit_and_a_later_outbox_then_both_are_kept_apart(
    tmp_path: Path,
) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    collect(data, request(0))
    die(data, "outbound.append:before:1")
    keep_state(data, kept)  # holds an outbox that was not sent yet
    collect(data, request(1))
    drain(data)

    restore_state(data, kept)  # and has been by now
    drain(data)
    assert_exactly_once(find(data), 2)


def test_lake_when_it_is_lost_then_it_is_written_again_from_the_outbound_log(tmp_path: Path) -> None:
    collect(tmp_path, *map(request, range(3)))
    drain(tmp_path)
    shutil.rmtree(tmp_path / "lake")
    drain(tmp_path)
    assert_exactly_once(find(tmp_path), 3)


def test_outbound_when_processed_in_batches_of_any_size_then_the_same_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [request(number) for number in range(5)]
    found = []
    for bytes_max in (1, 400, limits.processing.MICRO_BATCH_BYTES_MAX):
        data = tmp_path / str(bytes_max)
        monkeypatch.setattr(limits.processing, "MICRO_BATCH_BYTES_MAX", bytes_max)
        collect(data, *records)
        drain(data)
        with contextlib.closing(embedded(data).outbound()) as log:
            found.append(outbound_events(log))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 10
