"""A tracking plan in the running platform: broken, asked about, mended, and what it blocked replayed."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from .system import HEADWATER, System

PLAN: dict[str, Any] = {
    "name": "online shop",
    "rules": [
        {
            "type": "track",
            "event": "Order Completed",
            "schema": {
                "properties": {
                    "properties": {
                        "properties": {"order_id": {"type": "string"}, "quantity": {"type": "integer"}},
                        "required": ["order_id"],
                    }
                }
            },
        }
    ],
    "controls": {"allow_unplanned_events": False, "allow_properties_on_violations": False},
}


def workspace(**plan: Any) -> dict[str, Any]:
    return {
        "workspace": "shop",
        "settings": {"lake_visible_s": 0.5},
        "sources": [
            {"name": "web", "write_key": "wk_web", "tracking_plan": "online shop"},
            {"name": "quality", "write_key": "wk_quality"},
        ],
        "tracking_plans": [PLAN | plan],
    }


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    running = System(tmp_path_factory.mktemp("plans"), workspace())
    running.wait_until_ready()
    yield running
    assert running.stop() == 0, running.output()


def headwater(system: System, *arguments: str) -> str:
    return run([HEADWATER, *arguments, "--data", str(system.data)])


def remotely(system: System, *arguments: str) -> str:
    """The same over the private API."""
    where = {"HEADWATER_URL": f"http://127.0.0.1:{system.serve_port}", "HEADWATER_TOKEN": system.token}
    return run([HEADWATER, *arguments], env={**os.environ, **where})


def run(command: list[str], **options: Any) -> str:
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
    assert result.returncode == 0, result.stderr
    return result.stdout


def send(system: System, *events: dict[str, Any]) -> None:
    complete = [{"type": "track", "userId": "u1", **event} for event in events]
    key = base64.b64encode(b"wk_web:").decode()
    status, _, _ = system.request(
        "POST", "/v1/batch", json.dumps({"batch": complete}), {"Authorization": f"Basic {key}"}
    )
    assert status == 200


def test_plan_when_it_is_broken_then_everything_about_it_can_be_seen_and_mended(
    system: System, tmp_path: Path
) -> None:
    clean = {"event": "Order Completed", "messageId": "clean", "properties": {"order_id": "o1", "quantity": 2}}
    odd = {"event": "Order Completed", "messageId": "odd", "properties": {"order_id": "o2", "quantity": "two"}}
    variant = {"event": "order_completed", "messageId": "variant", "properties": {"order_id": "o3"}}
    send(system, clean, odd, variant)
    by_id = {row["message_id"]: row["body"] for row in system.events("web", count=2)}
    assert by_id["clean"]["properties"] == clean["properties"]
    assert by_id["odd"]["properties"] == {"order_id": "o2"}
    assert by_id["odd"]["context"]["protocols"]["omitted_on_violation"] == ["quantity"]

    (letter,) = json.loads(headwater(system, "dead-letters", "--stage", "govern", "--json"))
    assert (letter["reason"], letter["source"]) == ("unplanned", "web")
    assert "did you mean 'Order Completed'?" in letter["detail"]

    found = json.loads(headwater(system, "violations", "online shop", "--since", "24h", "--json"))
    assert [(line["event"], line["type"], line["last_hour"]) for line in found] == [
        ("Order Completed", "Invalid Type", 1),
        ("order_completed", "Naming Variant", 1),
    ]
    assert json.loads(found[0]["samples"][0]["payload"])["properties"] == odd["properties"]
    assert "Naming Variant" in headwater(system, "violations")
    assert json.loads(remotely(system, "violations", "--json")) == json.loads(
        headwater(system, "violations", "--json")
    )

    listed = system.ask("GET", "/tracking-plans")
    assert [line["name"] for line in listed["data"]] == ["online shop"]
    assert listed["data"][0]["sources"] == ["web"]
    plan = f"/tracking-plans/{quote('online shop')}"
    one = system.ask("GET", plan)
    assert (one["plan"]["rules"], one["version"]) == (PLAN["rules"], 1)
    page = system.ask("GET", f"{plan}/violations?event=order_completed")
    assert [line["type"] for line in page["data"]] == ["Naming Variant"]
    system.ask("GET", "/tracking-plans/nobody/violations", status=404)
    error = system.ask("GET", f"{plan}/violations?since=yesterday", status=400)["error"]
    assert (error["code"], error["field"]) == ("invalid_instant", "since")

    file = tmp_path / "mended.yaml"
    file.write_text(json.dumps(workspace(unify_names=True)))
    headwater(system, "apply", str(file))
    headwater(system, "dead-letters", "replay", "--stage", "govern")
    rows = system.wait_for_rows("SELECT event FROM events WHERE message_id = 'variant'", bool)
    assert rows == [{"event": "Order Completed"}]
    assert system.ask("GET", "/tracking-plans")["data"][0]["version"] == 2
