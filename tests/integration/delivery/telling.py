"""Everything between an event and a destination, in a folder: the pipeline with its state, the outbound log, a
Deliverer that runs all the time, and endpoints. Time is that of the log, so a week is over at once.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from flowing import collect, drain
from prometheus_client import REGISTRY

from delivering import Delivery, Endpoint, delivery
from headwater import limits
from headwater.aggregation import decisions, tables
from headwater.aggregation.sync.messages import SOURCE
from headwater.aggregation.sync.paths import PATHS
from headwater.aggregation.tables import ExternalId
from headwater.config.loader import complete, load
from headwater.definitions.durations import parse_duration
from headwater.delivery.receipt_store import Wanted
from headwater.delivery.receipts import Receipt
from headwater.destinations import registry
from headwater.event import CollectedRequest, encode_collected
from headwater.profiles.embedded import embedded

START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""
SECOND_MS = 1_000
TICKS = 4
"""Sweeps, first syncs and what waits go a step with each: so many that there is nothing left for any of ours."""


class Call(NamedTuple):
    """One message as it came in at a destination."""

    message_id: str
    about: str
    """The external id, as `type:value`."""
    kind: str
    facts: dict[str, Any]
    integrations: dict[str, Any]


class Hook(Endpoint):
    """Takes what sync says; other events it only takes."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        event = json.loads(await request.read())
        if "personas" in event.get("context", {}):
            facts = event["properties" if event["type"] == "track" else "traits"]
            self.calls.append(Call(event["messageId"], about(event), event["type"], facts, event["integrations"]))
        return web.Response()


def about(event: Mapping[str, Any]) -> str:
    """The external id that a call is about: where destinations look for it, by docs/reference/sync.md."""
    for member, type_ in (("userId", "user_id"), ("anonymousId", "anonymous_id"), ("groupId", "group_id")):
        if member in event:
            return f"{type_}:{event[member]}"
    for named in event["context"].get("externalIds", ()):
        return f"{named['type']}:{named['id']}"
    return f"email:{(event.get('traits') or event['context']['traits'])['email']}"


class Happened(NamedTuple):
    """What one step has brought about."""

    paths: list[str]
    """Of the decision table, one for each decision, sorted."""
    calls: dict[str, list[Call]]
    """By destination."""
    receipts: list[Receipt]
    """Of messages of sync."""


class Telling:
    """A story on real engines. A step is a mapping with one of these, and `wait`, which says how long it is since
    the one before it (without it: a second):

        send: […]        events that arrive in one batch, each a track call when it does not say
        apply: {…}       another workspace; everybody is brought up to date with it
        unmerge: {…}     `profile`, a `type:value` of it, and `event`, which has merged something into it
        nothing          time passes
    """

    def __init__(self, folder: Path, system: Delivery, hooks: Mapping[str, Hook]) -> None:
        self._folder = folder
        self._system = system
        self.hooks = hooks
        self._now_ms = START_MS
        self._offset = 0

    def apply(self, workspace: Mapping[str, Any]) -> None:
        """The rest of the file is filled in, and for classic webhooks where they are."""
        filled = [
            {"type": "webhook", "settings": {"url": self.hooks[each["name"]].url}} | each
            for each in workspace.get("destinations", ())
        ]
        rest = {
            "workspace": "shop",
            "settings": {"allow_private_destinations": True},
            "sources": [{"name": "website", "write_key": "wk_website"}],
        }
        whole = load(json.dumps({**rest, **workspace, "destinations": filled}), registry)
        before = self._system.store.current()
        previous, number = (before.workspace, before.number + 1) if before else (None, 1)
        self._system.store.put(complete(whole, previous, number), author="a test")

    async def step(self, step: Mapping[str, Any]) -> Happened:
        """Do it, and wait until every destination is through with what followed from it."""
        self._now_ms += parse_duration(step["wait"]) if "wait" in step else SECOND_MS
        calls_before = {name: len(hook.calls) for name, hook in self.hooks.items()}
        receipts_before = {receipt.id for receipt in self.receipts()}
        counted_before = _counted()
        if "send" in step:
            collect(self._folder, self._batch(step["send"]))
        elif "unmerge" in step:
            collect(self._folder, encode_collected(self._unmerge(**step["unmerge"])))
        elif "apply" in step:
            self.apply(step["apply"])
        if "send" not in step and "unmerge" not in step:
            ticks = [decisions.as_tick(self._now_ms + number) for number in range(TICKS)]
            collect(self._folder, *map(encode_collected, ticks))
        await asyncio.to_thread(self._drain)
        await self._system.until(self._is_through)
        counted = _counted()
        return Happened(
            sorted(path for path in counted for _ in range(counted[path] - counted_before[path])),
            {name: hook.calls[calls_before[name] :] for name, hook in self.hooks.items()},
            [receipt for receipt in self.receipts() if receipt.id not in receipts_before],
        )

    def receipts(self) -> list[Receipt]:
        """All that messages of sync have got."""
        page = self._system.receipts.find(Wanted(source=SOURCE), limit=1000)
        assert page.cursor is None
        return page.receipts

    def _batch(self, events: Iterable[Mapping[str, Any]]) -> bytes:
        self._offset += 1
        batch = [
            {"type": "track", "messageId": f"m{self._offset}-{index}", **event}
            for index, event in enumerate(events)
        ]
        body = json.dumps({"batch": batch}).encode()
        return encode_collected(
            CollectedRequest(self._now_ms, "website", "batch", "", "", False, body, len(batch), len(body))
        )

    def _unmerge(self, profile: str, event: str) -> CollectedRequest:
        with contextlib.closing(embedded(self._folder).state()) as state:
            key = tables.identity_key("users", ExternalId(*profile.split(":", 1)))
            (owner,) = state.get_many(tables.IDENTITIES, [key])
            assert owner is not None, f"nobody has {profile}"
            log = [tables.decode_decision(row) for _, row in state.scan(tables.IDENTITY_LOG, owner)]
        (gone,) = {each.other for each in log if each.kind == "merged" and each.message_id == event}
        decision = decisions.Unmerge(tables.segment_id(owner), event, tables.segment_id(gone))
        return decisions.as_record(decision, self._now_ms)

    def _drain(self) -> None:
        """One record at a time, as a pipeline does that is never behind."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(limits.processing, "MICRO_BATCH_BYTES_MAX", 1)
            drain(self._folder)

    def _is_through(self) -> bool:
        positions, end = self._system.jobs.positions(), self._system.log.end()
        workspace = self._system.live.workspace
        return all(positions.get(each.name, 0) >= end for each in workspace.destinations if each.enabled)


def _counted() -> dict[str, int]:
    """Decisions so far, by path."""
    name = "headwater_sync_decisions_total"
    return {path.name: int(REGISTRY.get_sample_value(name, {"path": path.name}) or 0) for path in PATHS}


@contextlib.asynccontextmanager
async def telling(
    folder: Path, workspace: Mapping[str, Any], hooks: Sequence[str] | Mapping[str, Hook]
) -> AsyncIterator[Telling]:
    """`hooks`: names of destinations that get an endpoint, or the endpoints."""
    by_name = dict(hooks) if isinstance(hooks, Mapping) else {name: Hook() for name in hooks}
    async with contextlib.AsyncExitStack() as stack:
        for hook in dict.fromkeys(by_name.values()):
            await hook.up()
            stack.push_async_callback(hook.down)
        system = await stack.enter_async_context(delivery(folder))
        told = Telling(folder, system, by_name)
        told.apply(workspace)
        await system.start()
        yield told
