"""The private API on a data folder of its own, asked without a network."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
from storing import AT_MS, Writer

from headwater.aggregation import tables
from headwater.config import changes
from headwater.destinations import registry
from headwater.profiles.embedded import embedded
from headwater.serve.desk import Desk
from headwater.serve.server import build
from headwater.telemetry import Health


class Api:
    """`workspace`: the file that is applied first."""

    def __init__(self, data: Path, workspace: str) -> None:
        (data / "admin-token").write_text("admin\n")
        (data / "bells").mkdir(exist_ok=True)
        platform = embedded(data)
        self.desk = Desk(
            config=platform.config,
            collected=platform.collected,
            outbound=platform.outbound,
            state_view=platform.state_view,
            lake=platform.lake,
            jobs=platform.jobs,
            receipts=platform.receipts,
            regulations=platform.regulations,
            replays=platform.replays,
            team=platform.team,
            ask_fleet=_nobody,
            health=Health(),
            data=data,
            token_path=data / "admin-token",
        )
        self.app = build(self.desk, metrics_need_token=False)
        self.apply(workspace)

    def apply(self, workspace: str) -> None:
        changes.apply(self.desk.config, workspace, "", registry, "test")

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]
            headers = {"Authorization": "Bearer admin"}
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
                return await client.request(method, f"/api/v1{path}", timeout=60, **request)

        return asyncio.run(ask())

    def json(self, path: str, **query: Any) -> Any:
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def error(self, method: str, path: str, **request: Any) -> tuple[int, dict[str, Any]]:
        answer = self.ask(method, path, **request)
        assert answer.is_error, answer.text
        return answer.status_code, answer.json()["error"]

    def close(self) -> None:
        self.desk.close()


def _nobody(metrics: bool) -> Coroutine[Any, Any, list[Any]]:
    async def ask() -> list[Any]:
        return []

    return ask()


def enter(writer: Writer, audience: str, *profiles: bytes, at_ms: int = AT_MS) -> None:
    """They become members, without regard for what is computed."""
    rows: dict[bytes, bytes | None] = {
        tables.member_key(audience, profile): tables.pack_ms(at_ms + number)
        for number, profile in enumerate(profiles)
    }
    size = sum(1 for _ in writer.state.scan(tables.MEMBERS, audience.encode() + b"\0")) + len(rows)
    sizes: dict[bytes, bytes | None] = {
        tables.size_key(audience): tables.pack_ms(size),
        tables.size_key(audience, at_ms // 3_600_000): tables.pack_ms(size),
    }
    writer.commit({tables.MEMBERS: rows, tables.AUDIENCE_SIZES: sizes})


def paged(get: Callable[[str | None], tuple[list[Any], str | None]]) -> list[Any]:
    """Everything, page after page."""
    found, cursor = get(None)
    while cursor is not None:
        more, cursor = get(cursor)
        found = [*found, *more]
    return found
