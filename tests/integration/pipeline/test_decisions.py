"""Decisions about dead letters through real files: whatever dies in between, each is carried out once."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from deciding import EVERYTHING, letters, office
from dying_child import DIED
from flowing import collect, drain, find, put, request, workspace

from headwater.errors import InputError, NotFoundError
from headwater.serve.letters.letter import letter_id
from headwater.serve.letters.letter_filter import Filter

CHILD = Path(__file__).with_name("dying_child.py")
MENDED = json.dumps({"type": "track", "event": "A", "userId": "u9", "messageId": "mended"}).encode()

MOMENTS = [
    "collected.read:after:1",
    "state.commit:before:1",
    "state.commit:after:1",
    "outbound.append:before:1",
    "outbound.append:after:1",
    "lake.write:before:1",
]


def die(data: Path, moment: str) -> None:
    child = subprocess.run(
        [sys.executable, str(CHILD), str(data), moment], capture_output=True, text=True, timeout=120, check=False
    )
    assert child.returncode == DIED, f"it lived through {moment}: {child.stdout} {child.stderr}"


@pytest.mark.parametrize("moment", MOMENTS)
def test_replay_when_the_pipeline_is_killed_on_the_way_then_the_event_is_there_once(
    moment: str, tmp_path: Path
) -> None:
    collect(tmp_path, request(0))
    drain(tmp_path)
    with office(tmp_path) as opened:
        opened.replay("0.2", MENDED)
    die(tmp_path, moment)
    with office(tmp_path) as opened:  # whoever sees that nothing has happened yet tries again
        for letter in opened.find(EVERYTHING, limit=10).letters:
            opened.replay(letter_id(letter), MENDED)
    drain(tmp_path)
    found = find(tmp_path)
    assert found.outbound == ["0.0", "0.1", "mended"]
    assert found.lake == sorted(found.outbound)
    assert found.dead == []
    assert found.totals["website", "accepted"] == 3


@pytest.mark.parametrize("moment", MOMENTS[:3])
def test_discard_when_the_pipeline_is_killed_on_the_way_then_it_is_gone_and_counted_once(
    moment: str, tmp_path: Path
) -> None:
    collect(tmp_path, request(0, bad=3))
    drain(tmp_path)
    with office(tmp_path) as opened:
        opened.discard("0.3")
    die(tmp_path, moment)
    drain(tmp_path)
    found = find(tmp_path)
    assert [letter.index for letter in found.dead] == [4, 2]
    assert found.totals["website", "discarded"] == 1
    assert found.outbound == ["0.0", "0.1"]


def test_replay_when_the_power_fails_and_the_state_is_older_than_the_letter_then_it_is_there_once(
    tmp_path: Path,
) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    drain(data)
    shutil.copytree(data / "state", kept)
    collect(data, request(0))
    drain(data)
    with office(data) as opened:
        opened.replay("0.2", MENDED)
    shutil.rmtree(data / "state")
    shutil.copytree(kept, data / "state")
    drain(data)
    found = find(data)
    assert found.outbound == ["0.0", "0.1", "mended"]
    assert found.dead == []


def test_decide_when_there_are_many_letters_then_every_page_is_done_once(tmp_path: Path) -> None:
    put(tmp_path, workspace(enabled=False))
    collect(tmp_path, *(request(number, bad=0) for number in range(6)))
    drain(tmp_path)
    put(tmp_path, workspace())
    with office(tmp_path) as opened:
        wanted = Filter(reason="source_disabled")
        tried = opened.decide(opened.replay_all, ids=None, wanted=wanted, dry_run=True)
        assert (tried.count, tried.dry_run) == (6, True)
        done = opened.decide(opened.replay_all, ids=["0.-1", "3.-1", "9.9", "no id"], wanted=None)
        assert (done.count, done.skipped) == (2, ["9.9", "no id"])
        opened.decide(opened.replay_all, ids=None, wanted=wanted)  # two of them a second time
    drain(tmp_path)
    found = find(tmp_path)
    assert sorted(found.outbound) == sorted(f"{number}.{n}" for number in range(6) for n in range(2))
    assert found.totals["website", "dead_letter_gone"] == 4
    assert found.dead == []


@pytest.mark.parametrize(
    ("wanted", "indexes"),
    [
        ({}, [4, 3, 2]),
        ({"stage": "normalise"}, [4, 3, 2]),
        ({"stage": "delivery"}, []),
        ({"reason": "no_user_anon_id"}, [4, 3, 2]),
        ({"source": "app"}, []),
        ({"message_id": "0.1"}, []),
        ({"since": "2026-01-02T03:04:05.678Z"}, [4, 3, 2]),
        ({"since": "2026-01-02T03:04:05.679Z"}, []),
        ({"until": "2026-01-02T03:04:05.679Z"}, [4, 3, 2]),
        ({"until": "2026-01-02T03:04:05.678Z"}, []),
        ({"text": "EVENT"}, [4, 3, 2]),
        ({"text": "is required"}, [4, 3, 2]),
        ({"text": "nowhere"}, []),
    ],
    ids=str,
)
def test_find_when_filtered_then_only_those(wanted: dict[str, Any], indexes: list[int], tmp_path: Path) -> None:
    collect(tmp_path, request(0, bad=3))
    drain(tmp_path)
    assert [letter_id(letter) for letter in letters(tmp_path, Filter(**wanted))] == [f"0.{i}" for i in indexes]


def test_find_when_a_message_is_asked_for_then_its_letters_are_found_without_a_scan(tmp_path: Path) -> None:
    collect(tmp_path, request(0, bad=2), request(1, bad=1))
    drain(tmp_path)
    made_up = letters(tmp_path)[0]
    assert letters(tmp_path, Filter(message_id=made_up.message_id)) == [made_up]  # type: ignore[union-attr]


def test_find_when_read_in_pages_while_letters_come_and_go_then_none_twice_and_none_missed(tmp_path: Path) -> None:
    collect(tmp_path, request(0, bad=5))
    drain(tmp_path)
    with office(tmp_path) as opened:
        first = opened.find(EVERYTHING, limit=2)
        assert [letter_id(each) for each in first.letters] == ["0.6", "0.5"]
        opened.discard("0.5")
        collect(tmp_path, request(1, bad=1))
        drain(tmp_path)
        rest = opened.find(EVERYTHING, limit=10, cursor=first.cursor)
        assert [letter_id(each) for each in rest.letters] == ["0.4", "0.3", "0.2"]
        assert rest.cursor is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[1]", "invalid_request"),
        (b"{", "invalid_request"),
        (b"[" * 10_000, "invalid_request"),
        (b'{"a":"' + b"x" * 32_768 + b'"}', "too_large"),
    ],
    ids=["a list", "half", "deep", "large"],
)
def test_edit_when_the_body_is_no_event_then_refused_and_nothing_happens(
    body: bytes, code: str, tmp_path: Path
) -> None:
    collect(tmp_path, request(0))
    drain(tmp_path)
    with office(tmp_path) as opened:
        with pytest.raises(InputError) as refusal:
            opened.replay("0.2", body)
        assert refusal.value.code == code
        with pytest.raises(NotFoundError):
            opened.replay("0.1")
        with pytest.raises(InputError, match="either"):
            opened.decide(opened.discard_all, ids=None, wanted=None)
    drain(tmp_path)
    assert [letter_id(letter) for letter in letters(tmp_path)] == ["0.2"]
