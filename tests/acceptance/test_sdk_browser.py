"""`@segment/analytics-next` in a real browser, on a page of another origin, both ways people install it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from .comparison import assert_kept
from .system import System

CALLS = ["alias", "group", "identify", "page", "screen", "track"]
PATH_PER_CALL = {"/v1/a", "/v1/g", "/v1/i", "/v1/p", "/v1/s", "/v1/t"}
BATCHING = {"strategy": "batching", "config": {"size": 10, "timeout": 300}}


class Page(NamedTuple):
    source: str
    kind: str
    paths: set[str]
    delivery: dict[str, Any] | None = None


PAGES = [
    Page("snippet_standard", "snippet", PATH_PER_CALL),
    Page("snippet_batching", "snippet", {"/v1/b"}, BATCHING),
    Page("npm_standard", "npm", PATH_PER_CALL),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.source)
def test_browser_sdk_when_it_makes_every_call_loses_nothing(
    system: System, node: Callable[..., Any], chromium: str, page: Page
) -> None:
    key = f"wk_{page.source}"
    load = {"integrations": {"Segment.io": {"deliveryStrategy": page.delivery}}} if page.delivery else None
    options = {"chromium": chromium, "host": system.url, "writeKey": key, "loadOptions": load}
    said = node("browser.js", page=page.kind, **options)

    assert said["problems"] == []
    assert said["foreign"] == [], "the page talked to somebody else"
    assert {answer["status"] for answer in said["answered"]} == {200}
    assert {path.removeprefix("POST ") for path in said["paths"] if path.startswith("POST ")} == page.paths
    assert f"GET /v1/projects/{key}/settings" in said["paths"]
    assert (f"GET /analytics.js/v1/{key}/analytics.min.js" in said["paths"]) == (page.kind == "snippet")

    bodies = [answer["body"] for answer in said["answered"]]
    assert sorted(event["type"] for body in bodies for event in body.get("batch", [body])) == CALLS
    assert_kept(bodies, system.events(page.source, count=len(CALLS)), channel="client")
