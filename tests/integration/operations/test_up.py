"""`headwater up` with real processes: starting, being hurt, stopping."""

import os
import select
import signal
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from platforms import Platform, ask, free_ports, headwater, port_flags

from headwater.serve.health.fleet import ROLES, Role

Start = Callable[..., Platform]


def test_first_start_makes_folder_workspace_and_token_and_says_what_to_do(start: Start) -> None:
    platform = start()
    assert stat.S_IMODE(platform.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((platform.data / "admin-token").stat().st_mode) == 0o600
    assert platform.token() in platform.welcome
    assert f"curl http://127.0.0.1:{platform.collect_port}/v1/track -u wk_" in platform.welcome
    sources = platform.api("/sources").json()["data"]
    assert {s["name"] for s in sources} == {"website", "backend"}
    assert all(s["write_key"] in platform.welcome for s in sources)


def test_both_ports_are_ready_once_it_says_so(start: Start) -> None:
    platform = start()
    for port in (platform.collect_port, platform.serve_port):
        assert ask(f"http://127.0.0.1:{port}/readyz").status == 200
        assert ask(f"http://127.0.0.1:{port}/healthz").status == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_the_roles_in_path_order_and_exits_0(start: Start, number: signal.Signals) -> None:
    platform = start()
    assert platform.stop(number) == 0
    ended = [
        line for line in platform.log().splitlines() if '"event":"stopped"' in line and '"role":"up"' not in line
    ]
    assert [next(role for role in ROLES if f'"role":"{role}"' in line) for line in ended] == list(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_killed_role_comes_back_ready(start: Start, role: Role) -> None:
    platform = start()
    before = platform.pid(role)
    os.kill(before, signal.SIGKILL)
    platform.wait_for_log('"role":"up"', f'"process":"{role}"', '"ended":"signal SIGKILL"')
    platform.wait_for_status(lambda status: status["ready"] and status["roles"][role]["pid"] not in {None, before})


def test_a_killed_supervisor_leaves_nothing_running_and_the_next_one_starts(start: Start) -> None:
    platform = start()
    orphans = [os.pidfd_open(platform.pid(role)) for role in ROLES]
    platform.process.kill()
    platform.process.wait()
    again = Platform(platform.data)
    again.collect_port, again.serve_port = platform.collect_port, platform.serve_port
    try:
        again.start()  # on the same ports: it waited for the orphans
        for orphan in orphans:
            assert has_ended(orphan)
        assert again.get("/readyz").status == 200
        assert again.token() not in again.welcome, "the token is shown at the first start only"
        assert again.stop() == 0
    finally:
        again.close()
        for orphan in orphans:
            os.close(orphan)


def test_a_second_up_on_the_same_folder_is_refused(start: Start) -> None:
    platform = start()
    second = headwater("up", "--data", str(platform.data), "--collect-port", "1", "--serve-port", "2")
    assert second.returncode == 1
    assert f"already running on {platform.data} (process {platform.process.pid})" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("role", ["pipeline", "deliver", "serve"])
def test_a_second_process_of_a_role_is_refused(start: Start, role: str) -> None:
    platform = start()
    second = headwater(role, "--data", str(platform.data))
    assert second.returncode == 1
    assert "already running" in second.stderr


@pytest.mark.parametrize("flag", ["--collect-port", "--serve-port"])
def test_a_taken_port_is_named_with_its_flag(tmp_path: Path, flag: str) -> None:
    free = port_flags(*free_ports(2))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = headwater("up", "--data", str(tmp_path / "data"), *free, flag, str(port))  # the last one counts
    assert refused.returncode == 1
    assert f"port {port} on 127.0.0.1 is already in use" in refused.stderr
    assert flag in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_wrong_workspace_file_is_refused_with_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "workspace.yaml"
    file.write_text("workspace: shop\nsurces: []\n")
    refused = headwater(
        "up", "--data", str(tmp_path / "data"), "--workspace", str(file), *port_flags(*free_ports(2))
    )
    assert refused.returncode == 1
    assert f"{file}:2: surces: " in refused.stderr


def test_a_workspace_file_is_applied_at_start(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "workspace.yaml"
    file.write_text("workspace: shop\nsources:\n  - {name: till, write_key: wk_till}\n")
    platform = start("--workspace", str(file))
    assert platform.api("/workspace").json()["workspace"]["workspace"] == "shop"
    assert "wk_till" in platform.welcome


def test_a_deep_data_folder_works(start: Start, tmp_path: Path) -> None:
    """Socket addresses are short; folders need not be."""
    platform = start(data=tmp_path / ("d" * 60) / ("e" * 60) / "data")
    assert platform.api("/status").json()["ready"]
    assert platform.stop() == 0


def test_several_collectors_share_the_port(start: Start) -> None:
    platform = start("--collectors", "2")
    status = platform.api("/status").json()
    assert len({p["pid"] for p in status["roles"]["collect"]["processes"]}) == 2
    metrics = platform.get("/metrics").body.decode()
    assert 'headwater_up{role="collect",worker="1"} 1' in metrics


def test_metrics_need_the_token_where_others_can_reach_them(start: Start) -> None:
    platform = start("--serve-host", "0.0.0.0")
    assert platform.get("/metrics").status == 401
    assert platform.get("/metrics", Authorization=f"Bearer {platform.token()}").status == 200
    assert platform.get("/readyz").status == 200


def has_ended(pidfd: int) -> bool:
    """A pidfd is readable once its process has ended, whether or not anybody has collected its exit code."""
    return bool(select.select([pidfd], [], [], 0)[0])
