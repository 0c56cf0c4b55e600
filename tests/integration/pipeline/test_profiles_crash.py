"""Whatever kills the pipeline, wherever: afterwards everybody's profile is what it would have been, to the byte,
and destinations are told the same, each message once.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dying_child import DIED
from flowing import drain
from peopled import Tables, collect_all, drain_singly, tables_of, told

CHILD = Path(__file__).with_name("dying_child.py")

MOMENTS = [  # records of `peopled.log`, from 1; each is a batch of its own here
    "collected.read:after:3",
    "state.commit:before:3",  # the merge
    "state.commit:after:3",
    "outbound.append:before:3",
    "outbound.append:after:3",
    "state.commit:before:5",  # the unmerge
    "outbound.append:before:5",
    "state.commit:after:7",
    "state.commit:before:8",  # windows close, by a tick
    "outbound.append:before:8",
    "lake.write:before:1",
]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tables, list[str]]:
    """What comes of the log when nothing happens on the way: tables, and ids of messages in order."""
    data = tmp_path_factory.mktemp("untouched")
    collect_all(data)
    drain_singly(data)
    messages = [event.message_id for event in told(data)]
    assert len(messages) == len(set(messages)) > 20
    return tables_of(data), messages


def die(data: Path, moment: str) -> None:
    child = subprocess.run(
        [sys.executable, str(CHILD), str(data), moment], capture_output=True, text=True, timeout=120, check=False
    )
    assert child.returncode == DIED, f"it lived through {moment}: {child.stdout} {child.stderr}"


def outcome(data: Path) -> tuple[Tables, list[str]]:
    return tables_of(data), [event.message_id for event in told(data)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_profiles_when_the_pipeline_is_killed_then_they_are_what_they_would_have_been(
    moment: str, untouched: tuple[Tables, list[str]], tmp_path: Path
) -> None:
    collect_all(tmp_path)
    die(tmp_path, moment)
    drain_singly(tmp_path)
    assert outcome(tmp_path) == untouched


def test_profiles_when_it_is_killed_after_every_commit_then_they_are_what_they_would_have_been(
    untouched: tuple[Tables, list[str]], tmp_path: Path
) -> None:
    for number in range(collect_all(tmp_path)):
        die(tmp_path, f"{('state.commit:after', 'outbound.append:before')[number % 2]}:1")
    drain_singly(tmp_path)
    assert outcome(tmp_path) == untouched


def test_profiles_when_the_power_fails_and_the_state_is_older_than_the_messages_then_none_is_another(
    untouched: tuple[Tables, list[str]], tmp_path: Path
) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    collect_all(data)
    die(data, "state.commit:after:4")
    shutil.copytree(data / "state", kept)
    drain_singly(data)
    shutil.rmtree(data / "state")
    shutil.copytree(kept, data / "state")
    drain_singly(data)
    found, messages = outcome(data)
    assert found == untouched[0]
    assert set(messages) == set(untouched[1])


def test_profiles_when_the_log_is_one_batch_then_they_are_the_same(
    untouched: tuple[Tables, list[str]], tmp_path: Path
) -> None:
    collect_all(tmp_path)
    drain(tmp_path)
    assert tables_of(tmp_path) == untouched[0]
