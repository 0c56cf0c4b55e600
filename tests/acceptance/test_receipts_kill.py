"""Every event has one receipt at every destination, however often delivery is killed on the way."""

import json
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from .stand import Hook, Load, Stand, stand, workspace
from .system import HEADWATER, System

SETTLED_S_MAX = 60
EVENTS = 120


def receipts(system: System, *filters: str) -> list[dict[str, Any]]:
    """All of them, page by page."""
    found: list[dict[str, Any]] = []
    more: list[str] = []
    while True:
        command = [HEADWATER, "receipts", "list", "--json", "--limit", "500", "--data", str(system.data), *filters]
        done = subprocess.run([*command, *more], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr + system.output()
        page = json.loads(done.stdout)
        found += page["data"]
        if page["next"] is None:
            return found
        more = ["--cursor", page["next"]]


def kill_delivery(platform: Stand, hook: Hook) -> None:
    """Returns when it delivers again."""
    killed, accepted = platform.pid("deliver"), len(hook.accepted)
    platform.kill_role("deliver")
    deadline = time.monotonic() + SETTLED_S_MAX
    while platform.pid("deliver") == killed or len(hook.accepted) == accepted:
        assert time.monotonic() < deadline, platform.output()
        time.sleep(0.01)


def test_receipts_when_delivery_is_killed_again_and_again_then_each_event_has_one_at_each_destination(
    tmp_path: Path,
) -> None:
    with Hook() as well, Hook() as refusing:
        refusing.status = 400
        with stand(tmp_path, workspace(hooks={"well": well.url, "refusing": refusing.url})) as platform:
            with Load(platform.collect_port, pause_s=0.01) as load:
                for _ in range(3):
                    load.wait_for_answers(EVENTS // 4)
                    kill_delivery(platform, well)
                load.wait_for_answers(EVENTS // 4)
            well.wait_for(load.ids, SETTLED_S_MAX)
            deadline = time.monotonic() + SETTLED_S_MAX
            expected = {(name, message_id) for name in ("well", "refusing") for message_id in load.ids}
            while True:
                found = receipts(platform)
                there = Counter((each["destination"], each["message_id"]) for each in found)
                if there.keys() >= expected:
                    break
                assert time.monotonic() < deadline, (
                    f"{len(expected - there.keys())} have none\n{platform.output()}"
                )
                time.sleep(0.2)
            assert there == Counter(expected), "none is there twice, and none of anything else"
            outcomes = Counter((each["destination"], each["status"], each["reason"]) for each in found)
            assert outcomes.keys() == {("well", "delivered", ""), ("refusing", "failed", "BAD_REQUEST")}
            assert len(receipts(platform, "--status", "failed", "--destination", "refusing")) == len(load.ids)
            assert platform.stop() == 0
