"""The collect role's body: the app behind Granian, embedded in this process's event loop."""

import asyncio
from pathlib import Path

import structlog
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from headwater import garbage, limits
from headwater.collection import metrics
from headwater.collection.app import App, reload_on_change
from headwater.collection.oauth import Tokens, load_or_create_secret
from headwater.config.live import LiveWorkspace
from headwater.log.group_commit import GroupCommit
from headwater.log.port import Log
from headwater.scheduling import prefer_throughput
from headwater.telemetry import Health

logger = structlog.get_logger()

BACKLOG = 2_048
"""Connections the kernel holds while the loop is busy; a burst of SDK start-ups fits."""


class Collector:
    def __init__(
        self,
        collected: Log,
        live: LiveWorkspace,
        health: Health,
        *,
        host: str,
        port: int,
        data: Path,
        limits_share: float = 1.0,
    ) -> None:
        self._collected = collected
        self._live = live
        self._health = health
        self._host = host
        self._port = port
        self._data = data
        self._limits_share = limits_share

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`; then no new connections, and every request under way gets its answer."""
        prefer_throughput()
        tallies = metrics.Tallies()
        log = GroupCommit(self._collected, observe=tallies.committed)
        tokens = Tokens(load_or_create_secret(self._data / "oauth-secret"))
        app = App(log, self._live, self._health, tokens, tallies, limits_share=self._limits_share)
        server = Server(
            app,
            address=self._host,
            port=self._port,
            interface=Interfaces.RSGI,
            websockets=False,
            log_enabled=False,
            backlog=BACKLOG,
            backpressure=limits.collection.CONNECTIONS_MAX,
            http1_settings=HTTP1Settings(header_read_timeout=limits.collection.HEADER_READ_S_MAX * 1000),
        )
        reloading = asyncio.create_task(reload_on_change(app, self._live))
        serving = asyncio.create_task(server.serve())
        stopping = asyncio.create_task(stop.wait())
        self._health.clear("start")
        garbage.settle()
        logger.info("collecting", address=f"http://{self._host}:{self._port}")
        try:
            await asyncio.wait({serving, stopping, reloading}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()  # it failed to start: say so
        finally:
            server.stop()  # type: ignore[no-untyped-call]
            await asyncio.wait_for(serving, limits.operations.DRAIN_S_MAX)
            reloading.cancel()
            stopping.cancel()
            await asyncio.gather(reloading, stopping, return_exceptions=True)
            await log.close()
            tallies.close()
