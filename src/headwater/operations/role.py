"""One role, as a process: `python -m headwater.operations.role collect --data DIR …`.

The supervisor and the command line start roles through the same `run_role`. This module imports nothing that
only one role needs: what a role does not use, it does not pay for in memory.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

# structlog's console module loads rich where it is installed: 8 MB in every role, for tracebacks that ours never
# prints. The entry makes that import fail, as if it were not there; it must stand before the first structlog.
if __name__ == "__main__":
    sys.modules["rich"] = None  # type: ignore[assignment]

import structlog

from headwater.errors import HeadwaterError
from headwater.operations import logs
from headwater.operations.introspection import Introspection, ask_fleet, socket_path
from headwater.operations.options import COLLECTORS_MAX, Options
from headwater.operations.ownership import take_slot
from headwater.operations.ports import check_port
from headwater.operations.stopping import StopBell, ring_on_signal, set_on_signal, stop_with_parent
from headwater.serve.health.fleet import ROLES, Role
from headwater.telemetry import Health

if TYPE_CHECKING:
    from headwater.config.live import LiveWorkspace
    from headwater.profiles import Platform


def run_role(role: Role, options: Options, *, parent_fd: int | None = None) -> int:
    """Work until told to stop, then drain; the exit code. `parent_fd` is given by a supervisor: see
    `stop_with_parent`. Every failure is logged here, once.
    """
    logs.configure(role)
    try:
        _run(role, options, parent_fd)
    except HeadwaterError as error:
        structlog.get_logger().error("cannot run", reason=str(error))
        return 1
    except Exception:
        structlog.get_logger().exception("ended by an error")
        return 1
    return 0


def _run(role: Role, options: Options, parent_fd: int | None) -> None:
    if parent_fd is None:
        from headwater.operations.first_start import prepare

        prepare(options.data)
    else:
        stop_with_parent(parent_fd)
    slot = take_slot(
        options.data,
        role,
        slots=COLLECTORS_MAX if role is Role.COLLECT else 1,
        supervisor=0 if parent_fd is None else os.getppid(),
    )
    logs.configure(role, worker=slot.number if role is Role.COLLECT else None)

    from headwater.config.live import LiveWorkspace
    from headwater.profiles.embedded import embedded

    platform = embedded(options.data)
    with contextlib.closing(platform.config()) as config, contextlib.closing(LiveWorkspace(config)) as live:
        process = _Process(role, slot.number, options, platform, live, supervised=parent_fd is not None)
        if role is Role.PIPELINE:
            process.run_pipeline()
        else:
            process.run_async(
                {Role.COLLECT: process.collect, Role.DELIVER: process.deliver, Role.SERVE: process.serve}[role]
            )


class _Process:
    """What the bodies of the roles share."""

    def __init__(
        self,
        role: Role,
        worker: int,
        options: Options,
        platform: "Platform",
        live: "LiveWorkspace",
        *,
        supervised: bool,
    ) -> None:
        self._role = role
        self._worker = worker
        self._options = options
        self._platform = platform
        self._live = live
        self._supervised = supervised
        self._health = Health()
        self._log = structlog.get_logger()

    def run_async(self, body: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        import uvloop

        async def run() -> None:
            stop = asyncio.Event()
            set_on_signal(stop)
            with contextlib.closing(self._introspect(asyncio.get_running_loop())):
                await body(stop)
            self._log.info("stopped")

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())

    def run_pipeline(self) -> None:
        from headwater.pipeline import Pipeline

        stop = StopBell()
        ring_on_signal(stop)
        with (
            contextlib.closing(self._introspect(None)),
            contextlib.closing(self._platform.collected()) as collected,
            contextlib.closing(self._platform.outbound()) as outbound,
            contextlib.closing(self._platform.state()) as state,
            contextlib.closing(self._platform.regulations()) as regulations,
        ):
            Pipeline(
                collected=collected,
                outbound=outbound,
                state=state,
                lake=self._platform.lake(),
                regulations=regulations,
                live=self._live,
                health=self._health,
            ).run(stop)
        self._log.info("stopped")

    async def collect(self, stop: asyncio.Event) -> None:
        from headwater.collection.server import Collector

        # Collectors share the port; the first one makes sure that nobody else has it.
        if not self._supervised and self._worker == 0:
            check_port(self._options.host, self._options.collect_port, "--collect-port")
        with contextlib.closing(self._platform.collected()) as collected:
            await Collector(
                collected,
                self._live,
                self._health,
                host=self._options.host,
                port=self._options.collect_port,
                data=self._options.data,
                limits_share=1 / self._options.collectors,
            ).run(stop)

    async def deliver(self, stop: asyncio.Event) -> None:
        from headwater import garbage
        from headwater.delivery.engine import Deliverer
        from headwater.scheduling import prefer_latency

        prefer_latency()
        garbage.settle(garbage.BATCHES)
        with (
            contextlib.closing(self._platform.outbound()) as outbound,
            contextlib.closing(self._platform.jobs()) as jobs,
            contextlib.closing(self._platform.receipts()) as receipts,
            contextlib.closing(self._platform.regulations()) as regulations,
        ):
            await Deliverer(outbound, jobs, receipts, regulations, self._live, self._health).run(stop)

    async def serve(self, stop: asyncio.Event) -> None:
        from headwater.serve.deliver.replayer import replaying
        from headwater.serve.desk import Desk
        from headwater.serve.server import Server

        check_port(self._options.private_host, self._options.serve_port, "--serve-port")
        desk = Desk(
            config=self._platform.config,
            collected=self._platform.collected,
            outbound=self._platform.outbound,
            state_view=self._platform.state_view,
            lake=self._platform.lake,
            jobs=self._platform.jobs,
            receipts=self._platform.receipts,
            regulations=self._platform.regulations,
            replays=self._platform.replays,
            team=self._platform.team,
            ask_fleet=lambda metrics: ask_fleet(self._options.run_folder, metrics=metrics),
            health=self._health,
            data=self._options.data,
            token_path=self._options.token_path,
        )
        with contextlib.closing(desk), replaying(self._platform, lambda: self._live.workspace):
            server = Server(desk, self._live, host=self._options.private_host, port=self._options.serve_port)
            await server.run(stop)

    def _introspect(self, loop: asyncio.AbstractEventLoop | None) -> Introspection:
        self._log.info("starting", pid=os.getpid())
        return Introspection(
            socket_path(self._options.run_folder, self._role, self._worker),
            self._health,
            config_version=lambda: self._live.version,
            listens=self._listens(),
            loop=loop,
        )

    def _listens(self) -> tuple[str, int]:
        match self._role:
            case Role.COLLECT:
                return self._options.host, self._options.collect_port
            case Role.SERVE:
                return self._options.private_host, self._options.serve_port
            case _:
                return "", 0


def arguments(role: Role, options: Options, *, parent_fd: int) -> list[str]:
    """The command line that `main` reads back: how the supervisor starts a role."""
    return [
        *(sys.executable, "-m", "headwater.operations.role", role),
        *("--data", str(options.data)),
        *("--host", options.host),
        *("--serve-host", options.serve_host),
        *("--collect-port", str(options.collect_port)),
        *("--serve-port", str(options.serve_port)),
        *("--collectors", str(options.collectors)),
        *("--parent-fd", str(parent_fd)),
    ]


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there is something to drain, end quietly
    parser = argparse.ArgumentParser(prog="headwater.operations.role")
    parser.add_argument("role", type=Role, choices=ROLES)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--serve-host", required=True)
    parser.add_argument("--collect-port", type=int, required=True)
    parser.add_argument("--serve-port", type=int, required=True)
    parser.add_argument("--collectors", type=int, required=True)
    parser.add_argument("--parent-fd", type=int, required=True)
    given = vars(parser.parse_args())
    role, parent_fd = given.pop("role"), given.pop("parent_fd")
    sys.exit(run_role(role, Options(**given), parent_fd=parent_fd))


if __name__ == "__main__":
    main()
