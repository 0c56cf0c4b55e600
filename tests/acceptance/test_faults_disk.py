"""The disk: full while it runs, rotten while it does not.

Full: 503 with Retry-After and never 200 for what is not stored; nobody loses anything or restarts in circles; with
room again everything goes on by itself. Rotten: it starts, says what was lost, takes new events and uses no offset
twice; what was before the damage is there.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headwater.units import MIB

from .stand import ROLES, SEED, WRITE_KEY, Hook, Load, Stand, stand, until, workspace

DISK_BYTES = 48 * MIB
PAGE = 8192


def may_mount() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0


@contextmanager
def small_disk(at: Path) -> Iterator[None]:
    at.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "headwater-test", str(at)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def fill(path: Path) -> None:
    with path.open("ab", buffering=0) as file:
        for piece in (MIB, 4096, 512, 1):
            try:
                while file.write(bytes(piece)):
                    pass
            except OSError:
                continue


def post(platform: Stand, message_id: str) -> tuple[int, str | None, bool]:
    event = {"type": "track", "event": "A", "userId": "u", "messageId": message_id, "writeKey": WRITE_KEY}
    status, headers, body = platform.request("POST", "/v1/track", json.dumps(event))
    return status, headers["Retry-After"], json.loads(body)["success"]


@pytest.mark.skipif(not may_mount(), reason="needs root on Linux, for a small file system of its own")
def test_disk_when_full_then_503_and_when_there_is_room_again_everything_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with small_disk(data), Hook() as hook, stand(tmp_path, workspace(hooks={"hook": hook.url})) as platform:
        pids = {role: platform.pid(role) for role in ROLES}
        with Load(platform.collect_port) as load:
            load.wait_for_answers(500)
            fill(data / "filling")
            until(lambda: load.statuses[503] > 10, 30)
            fill(data / "filling")  # what the roles gave back meanwhile
            answered = [f"full-{number}" for number in range(20) if post(platform, f"full-{number}")[0] == 200]
            status, retry_after, success = post(platform, "full-last")
            if status != 200:
                assert (status, success) == (503, False)
                assert int(retry_after or 0) >= 1
            refused = load.statuses[503]
            until(lambda: load.statuses[503] > refused + 300, 60)
            lines_when_full = platform.log().count("\n")
            (data / "filling").unlink()
            stored = load.statuses[200]
            until(
                lambda: load.statuses[200] > stored + 50, 30, lambda: f"collection did not resume: {load.statuses}"
            )
        assert set(load.statuses) <= {200, 503}, "nothing else is answered"
        in_lake = platform.wait_for_lake(load.ids | set(answered))
        sent = load.ids | {one.message_id for one in load.unanswered}
        assert {message_id for message_id in in_lake if not message_id.startswith("full-")} <= sent
        hook.wait_for(set(in_lake))
        until(lambda: platform.metric("headwater_ready") == len(ROLES), 30, platform.output)
        assert lines_when_full < 300, f"it says too much:\n{platform.log()}"
        restarts = [role for role in ROLES if platform.pid(role) != pids[role]]
        assert set(restarts) <= {"pipeline"}, "only RocksDB needs to be opened again, at times"
        assert platform.log().count("ended by itself") <= 2
        assert platform.stop() == 0


def segment(data: Path, log: str) -> Path:
    return max((data / "log" / log).glob("*.db"))


def garble(path: Path, *, at: int, count: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(random.Random(SEED).randbytes(count))


@pytest.mark.parametrize("damage", ["last pages", "wal"])
def test_disk_when_the_collected_log_rots_then_a_restart_says_so_and_goes_on(tmp_path: Path, damage: str) -> None:
    with Hook() as hook, stand(tmp_path, workspace(hooks={"hook": hook.url})) as platform:
        with Load(platform.collect_port) as before:
            before.wait_for_answers(800)
        settled = platform.wait_for_lake(before.ids)
        hook.wait_for(set(settled))
        end = platform.metric("headwater_log_end_offset", log="collected")
        if damage == "wal":
            platform.kill_all()
            wal = Path(f"{segment(platform.data, 'collected')}-wal")
            garble(wal, at=wal.stat().st_size // 2, count=3 * PAGE)
            said = "log_tail_lost"
        else:
            assert platform.stop() == 0
            file = segment(platform.data, "collected")
            garble(file, at=file.stat().st_size - 5 * PAGE, count=5 * PAGE)
            said = "log_segment_abandoned"
        platform.start_again()
        with Load(platform.collect_port, prefix="after-") as after:
            after.wait_for_answers(300)
        counts = platform.wait_for_lake(before.ids | after.ids)
        hook.wait_for(set(counts))
        assert said in platform.log()
        assert platform.metric("headwater_log_end_offset", log="collected") > end
        assert platform.stop() == 0


@pytest.mark.parametrize("damage", ["last pages", "wal"])
def test_disk_when_the_outbound_log_rots_then_new_events_reach_lake_and_webhook(
    tmp_path: Path, damage: str
) -> None:
    with Hook() as hook, stand(tmp_path, workspace(hooks={"hook": hook.url})) as platform:
        with Load(platform.collect_port) as before:
            before.wait_for_answers(800)
        hook.wait_for(set(platform.wait_for_lake(before.ids)))
        if damage == "wal":
            platform.kill_all()
            wal = Path(f"{segment(platform.data, 'outbound')}-wal")
            garble(wal, at=wal.stat().st_size // 2, count=3 * PAGE)
        else:
            assert platform.stop() == 0
            file = segment(platform.data, "outbound")
            garble(file, at=file.stat().st_size - 5 * PAGE, count=5 * PAGE)
        platform.start_again()
        with Load(platform.collect_port, prefix="after-") as after:
            after.wait_for_answers(300)
        # What was sent last may be sent again: that the log had it was written where it rotted.
        last = frozenset(one.message_id for one in before.answered[-200:])
        hook.wait_for(set(platform.wait_for_lake(before.ids | after.ids, may_be_twice=last)))
        assert platform.stop() == 0
