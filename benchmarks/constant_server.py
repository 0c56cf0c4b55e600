"""The same server as collection's, with the same settings, answering a constant after it read the body.

With `as-ours` it is also scheduled as the collector schedules itself.
"""

import asyncio
import sys
from typing import Any

import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server

from headwater import garbage, limits
from headwater.collection.answers import OK_BODY, OK_HEADERS
from headwater.collection.server import BACKLOG
from headwater.scheduling import prefer_throughput


async def app(scope: Any, proto: Any) -> None:
    if scope.path == "/readyz":
        proto.response_bytes(200, OK_HEADERS, OK_BODY)
        return
    await proto()
    proto.response_bytes(200, OK_HEADERS, OK_BODY)


async def main() -> None:
    if "as-ours" in sys.argv:
        prefer_throughput()
    garbage.settle()
    await Server(
        app,
        port=int(sys.argv[1]),
        interface=Interfaces.RSGI,
        websockets=False,
        log_enabled=False,
        backlog=BACKLOG,
        backpressure=limits.collection.CONNECTIONS_MAX,
    ).serve()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
