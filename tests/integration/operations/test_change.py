"""A change of the workspace while the platform is running, and a platform that is not."""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from platforms import Platform, headwater

Start = Callable[..., Platform]


def test_apply_reaches_every_role_within_a_second(start: Start, tmp_path: Path) -> None:
    platform = start()
    file = tmp_path / "workspace.yaml"
    file.write_text("workspace: shop\nsources:\n  - {name: till, write_key: wk_till}\n")
    applied = platform.command("apply", str(file))
    assert applied.returncode == 0, applied.stderr
    deadline = time.monotonic() + 1
    while True:
        roles = platform.api("/status").json()["roles"].values()
        versions = {process["config_version"] for role in roles for process in role["processes"]}
        if versions == {2}:
            break
        assert time.monotonic() < deadline, versions


def test_status_of_a_stopped_platform_says_down(start: Start) -> None:
    platform = start()
    assert platform.stop() == 0
    result = platform.command("status", "--json")
    assert result.returncode == 1
    status = msgspec.json.decode(result.stdout)
    assert not status["up"]
    assert all(not role["up"] for role in status["roles"].values())
    assert "down" in platform.command("status").stdout


def test_status_of_a_folder_without_a_platform_does_not_make_one(tmp_path: Path) -> None:
    result = headwater("status", "--data", str(tmp_path / "nothing"))
    assert result.returncode == 1
    assert "headwater up" in result.stderr
    assert not (tmp_path / "nothing").exists()
