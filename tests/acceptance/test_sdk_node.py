"""`@segment/analytics-node`, as published, pointed at a running Headwater by its host setting alone."""

from collections.abc import Callable
from typing import Any

from .comparison import assert_kept
from .conftest import Key
from .system import System

CALLS = ["identify", "track", "page", "screen", "group", "alias"]


def test_node_sdk_when_it_makes_every_call_loses_nothing(system: System, node: Callable[..., Any]) -> None:
    said = node("node.js", settings={"writeKey": "wk_node", "host": system.url})
    assert said["errors"] == []
    bodies = [request["body"] for request in said["requests"]]
    assert [event["type"] for body in bodies for event in body["batch"]] == CALLS
    assert_kept(bodies, system.events("node", count=len(CALLS)), channel="server")


def test_node_sdk_when_it_uses_oauth_gets_a_token_and_loses_nothing(
    system: System, node: Callable[..., Any], oauth_key: Key
) -> None:
    oauth = {
        "clientId": "client-1",
        "clientKey": oauth_key.private,
        "keyId": "key-1",
        "authServer": system.url,
    }
    settings = {"writeKey": "wk_node_oauth", "host": system.url, "oauthSettings": oauth}
    said = node("node.js", settings=settings)
    assert said["errors"] == []
    assert all(request["headers"]["Authorization"].startswith("Bearer ") for request in said["requests"])
    bodies = [request["body"] for request in said["requests"]]
    assert_kept(bodies, system.events("node_oauth", count=len(CALLS)), channel="server")
