"""What machines ask without a token: alive, ready, metrics. And `/`, for the person who follows the address."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, Router, get

from headwater import __version__
from headwater.errors import HeadwaterError
from headwater.serve import metrics
from headwater.serve.desk import Desk
from headwater.serve.entry.access import Guard
from headwater.serve.health.exposition import CONTENT_TYPE

STORAGE_S_MAX: Final = 1.0
"""Reading a few small rows takes under a millisecond; a disk that needs longer is no disk to work with."""


class Readiness(msgspec.Struct, frozen=True):
    ready: bool
    reasons: list[str]


@get("/", include_in_schema=False)
async def index() -> dict[str, Any]:
    """Where to go from here."""
    return {
        "name": "Headwater",
        "version": __version__,
        "api": "/api/v1/ (bearer token: the content of DIR/admin-token)",
        "openapi": "/api/v1/openapi.json",
        "health": ["/healthz", "/readyz", "/metrics"],
    }


@get("/healthz", include_in_schema=False)
async def healthz() -> dict[str, str]:
    """Alive: the event loop answers."""
    return {"status": "ok"}


@get("/readyz", include_in_schema=False)
async def readyz(desk: Desk) -> Response[Readiness]:
    """200 when `serve` can do its work, else 503 with the reasons. Other roles have their own."""
    reasons = desk.health.reasons + await _storage_reasons(desk)
    return Response(Readiness(not reasons, reasons), status_code=503 if reasons else 200)


async def _storage_reasons(desk: Desk) -> list[str]:
    try:
        async with asyncio.timeout(STORAGE_S_MAX):
            await desk.version()
            await desk.call(lambda: [log.end() for log in desk.logs])
    except TimeoutError:
        return [f"the disk has not answered for {STORAGE_S_MAX:g} s"]
    except HeadwaterError as error:
        return [str(error)]
    return [] if desk.token_path.exists() else [f"{desk.token_path} is missing: no caller can be recognised"]


@get("/metrics", include_in_schema=False)
async def all_metrics(desk: Desk) -> Response[str]:
    """Prometheus text of all roles. A role that does not answer costs a second and is shown as down."""
    reports, _ = await asyncio.gather(desk.ask_fleet(True), _observe_logs(desk))
    return Response(metrics.render(reports), media_type=CONTENT_TYPE)


async def _observe_logs(desk: Desk) -> None:
    try:
        await desk.call(lambda: metrics.observe_logs(desk.logs, desk.data))
    except HeadwaterError:
        return  # a log that cannot be read is what /readyz reports; the roles' metrics are worth having still


def routes(*, metrics_guards: Sequence[Guard]) -> list[Router]:
    return [
        Router("/", route_handlers=[index, healthz, readyz]),
        Router("/", route_handlers=[all_metrics], guards=list(metrics_guards)),
    ]
