"""`headwater up`: the whole platform on one machine."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from headwater.errors import InputError
from headwater.operations import logs
from headwater.operations.first_start import prepare
from headwater.operations.introspection import ask_fleet
from headwater.operations.options import Options
from headwater.operations.ownership import Hold, wait_for_orphans
from headwater.operations.ports import check_port
from headwater.operations.role import arguments
from headwater.operations.supervisor import Post, Supervisor
from headwater.operations.welcome import welcome
from headwater.serve.health.fleet import ROLES, Role, RoleReport

_START_S_MAX: Final = 30.0
"""After this the welcome is printed whatever the roles say; it tells which are not ready."""

_START_LOOK_S: Final = 0.1


def up(options: Options, *, workspace_file: Path | None = None) -> int:
    """Run the platform until SIGTERM or SIGINT; the exit code.

    HeadwaterError when it cannot start: the folder or a port belongs to someone else, the file is wrong.
    """
    logs.configure("up")
    if options.collect_port == options.serve_port:
        raise InputError(
            "invalid_option",
            f"--collect-port and --serve-port are both {options.serve_port}: choose two different ports",
            field="--serve-port",
        )
    with contextlib.ExitStack() as ownership:
        # The folder first: what comes after may change it.
        options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        hold = Hold(options.data / "lock", data=options.data, holder="`headwater up`")
        ownership.callback(hold.release)
        options.run_folder.mkdir(mode=0o700, exist_ok=True)
        wait_for_orphans(options.run_folder)
        check_port(options.host, options.collect_port, "--collect-port")
        check_port(options.private_host, options.serve_port, "--serve-port")
        is_first = prepare(options.data, workspace_file=workspace_file)
        _forget_dead_sockets(options.run_folder)
        return asyncio.run(_supervise(options, is_first=is_first))


async def _supervise(options: Options, *, is_first: bool) -> int:
    welcoming: list[asyncio.Task[None]] = []  # the loop itself would let an unreferenced task go
    supervisor = Supervisor([_posts(role, options) for role in ROLES])
    code = await supervisor.run(
        ready=lambda: welcoming.append(asyncio.create_task(_welcome_when_ready(options, is_first=is_first)))
    )
    for task in welcoming:
        task.cancel()
    return code


def _posts(role: Role, options: Options) -> list[Post]:
    start = partial(_role_arguments, role, options)
    if role is Role.COLLECT and options.collectors > 1:
        return [Post(f"{role} {number}", start) for number in range(options.collectors)]
    return [Post(role, start)]


def _role_arguments(role: Role, options: Options, parent_fd: int) -> list[str]:
    return arguments(role, options, parent_fd=parent_fd)


async def _welcome_when_ready(options: Options, *, is_first: bool) -> None:
    """Looks a few times a second, until the roles are ready and never again after that."""
    deadline = time.monotonic() + _START_S_MAX
    while True:
        reports = await ask_fleet(options.run_folder, metrics=False)
        waiting = [report for report in reports if report.reasons]
        if not waiting and _all_collectors(reports, options):
            structlog.get_logger().info("ready", pid=os.getpid(), data=str(options.data))
            break
        if time.monotonic() > deadline:
            for report in waiting:
                structlog.get_logger().warning("not ready", process=report.role, reasons=report.reasons)
            break
        await asyncio.sleep(_START_LOOK_S)
    sys.stdout.write(welcome(options, is_first=is_first))
    sys.stdout.flush()


def _all_collectors(reports: Sequence[RoleReport], options: Options) -> bool:
    return sum(report.role is Role.COLLECT for report in reports) >= options.collectors


def _forget_dead_sockets(run: Path) -> None:
    """Sockets of roles that were killed; every role has just been seen not to run."""
    for path in run.glob("*.sock"):
        path.unlink(missing_ok=True)
