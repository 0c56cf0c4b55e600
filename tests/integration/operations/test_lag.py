"""What `status` says about readers that have nothing to do."""

import time
from typing import Any

import msgspec
from platforms import Platform, ask


def post(running: Platform, **event: str) -> None:
    source = running.api("/sources").json()["data"][0]
    body = msgspec.json.encode({"writeKey": source["write_key"], "event": "A", **event})
    assert ask(f"http://127.0.0.1:{running.collect_port}/v1/track", method="POST", body=body).status == 200


def is_behind(status: Any) -> bool:
    return any(role["lag_events"] for role in status["roles"].values())


def test_lag_when_everything_is_processed_then_it_is_none(running: Platform) -> None:
    for _ in range(3):  # without ids, so discarded: nothing makes the pipeline look at the clock later
        post(running)
        time.sleep(0.1)
    running.wait_for_status(lambda status: status["sources"] and not is_behind(status), timeout_s=5)


def test_readers_are_shown_with_the_role_that_reads(running: Platform) -> None:
    post(running, userId="ann")
    expected = {"collect": [], "pipeline": ["pipeline", "archive"], "deliver": [], "serve": []}
    running.wait_for_status(lambda status: readers(status) == expected)


def readers(status: Any) -> dict[str, list[str]]:
    return {name: [reader["reader"] for reader in role["readers"]] for name, role in status["roles"].items()}
