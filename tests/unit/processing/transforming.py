"""Transformations for tests: a workspace with some, and what becomes of events that pass through them."""

import json
from typing import Any

from arriving import batch, context, request, source

from headwater.config.loader import complete, load
from headwater.config.workspace import Workspace
from headwater.destinations import registry
from headwater.flow import Context, Effects, run_stage
from headwater.flowing import Arrival, FlowingEvent, encode_event
from headwater.processing import normalise, transform

VERSION = 7


def workspace_of(*transformations: dict[str, Any]) -> Workspace:
    """As a file with these would be applied; those without a name get one."""
    named = [{"name": f"rule {number}", **rule} for number, rule in enumerate(transformations, 1)]
    sources = [{"name": name, "write_key": f"wk_{name}"} for name in ("website", "backend")]
    hook = {"name": "hook", "type": "webhook", "settings": {"url": "https://example.com"}}
    data = {"workspace": "shop", "sources": sources, "destinations": [hook], "transformations": named}
    return complete(load(json.dumps(data, ensure_ascii=False), registry), None, VERSION)


def flow(*events: dict[str, Any], from_: str = "website") -> list[FlowingEvent]:
    """These events as normalise passes them on."""
    arrival = Arrival(0, request(batch(*events), source=from_))
    return run_stage(normalise.STAGE, [arrival], context(source("website"), source("backend")), Effects())


def transformed(
    workspace: Workspace, *events: dict[str, Any], from_: str = "website"
) -> tuple[list[FlowingEvent], Effects]:
    effects = Effects()
    return run_stage(transform.STAGE, flow(*events, from_=from_), Context(workspace), effects), effects


def body_of(flowing: FlowingEvent) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(encode_event(flowing.event, flowing.extra))
    return body
