"""Receipts over the private API, and as the command line shows the same."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from private_api import Api
from typer.testing import CliRunner

from headwater.cli import app
from headwater.delivery.receipts import DELIVERED, FAILED, RETRYING, Receipt

WORKSPACE = """
workspace: shop
sources: [{name: web, write_key: wk_web}]
destinations:
  - {name: crm, type: webhook, settings: {url: "https://crm.example.com/"}}
"""
EXCHANGE = b'[{"request":{"method":"POST"},"answer":{"status":404}}]'


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with contextlib.closing(Api(tmp_path, WORKSPACE)) as opened:
        yield opened


def receipt(message_id: str, status: str = DELIVERED, *, ago_s: int = 0, **given: Any) -> Receipt:
    at_ms = (int(time.time()) - ago_s) * 1000
    about = (message_id, "crm", "web", "track", "Signed Up", "p1", "ann", None, 7, status)
    usual = Receipt(*about, reason="", message="", attempts=1, latency_ms=40, at_ms=at_ms)
    return msgspec.structs.replace(usual, **given)


def note(api: Api, *receipts: Receipt) -> None:
    api.desk.jobs.advance("crm", 9, receipts=receipts)


def command(tmp_path: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["receipts", *arguments, "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    return done.output


def test_receipts_when_listed_then_in_pages_newest_first(api: Api) -> None:
    note(api, *(receipt(f"m{n}", ago_s=n) for n in range(5)))
    first = api.json("/receipts", limit=3)
    assert [each["message_id"] for each in first["data"]] == ["m0", "m1", "m2"]
    rest = api.json("/receipts", limit=3, cursor=first["next"])
    assert [each["message_id"] for each in rest["data"]] == ["m3", "m4"]
    assert rest["next"] is None


def test_receipts_when_filtered_then_only_those(api: Api) -> None:
    note(api, receipt("old", ago_s=7200), receipt("bad", FAILED, reason="404"), receipt("good", user_id="bea"))
    for query, expected in (
        ({"status": "failed"}, ["bad"]),
        ({"reason": "404"}, ["bad"]),
        ({"user_id": "bea"}, ["good"]),
        ({"until": "1h"}, ["old"]),
        ({"message_id": "good", "destination": "crm", "source": "web", "event": "Signed Up"}, ["good"]),
    ):
        assert [each["message_id"] for each in api.json("/receipts", **query)["data"]] == expected, query


@pytest.mark.parametrize("query", [{"status": "lost"}, {"since": "soon"}, {"cursor": "x"}, {"limit": 0}])
def test_receipts_when_the_question_is_wrong_then_400(api: Api, query: dict[str, Any]) -> None:
    assert api.ask("GET", "/receipts", params=query).status_code == 400


def test_receipt_when_asked_for_then_with_its_exchange(api: Api) -> None:
    failed = receipt("m/1", FAILED, reason="404", message="Not Found", exchange=EXCHANGE)
    note(api, failed)
    [line] = api.json("/receipts")["data"]
    assert line["has_exchange"]
    found = api.json(f"/receipts/{quote(line['id'], safe='')}")
    assert found == {
        "receipt": line,
        "exchange": [{"request": {"method": "POST"}, "answer": {"status": 404}}],
        "earlier": [],
    }
    assert api.ask("GET", "/receipts/1.crm.unheard-of").status_code == 404


def test_receipt_when_it_was_tried_again_then_with_its_failed_attempts(api: Api, tmp_path: Path) -> None:
    failed = receipt("m1", RETRYING, ago_s=9, reason="503", message="Busy", exchange=EXCHANGE)
    note(api, failed)
    api.desk.jobs.settle(receipts=[receipt("m1", attempts=2)])
    [line] = api.json("/receipts")["data"]
    found = api.json(f"/receipts/{line['id']}")
    [first] = found["earlier"]
    assert found["exchange"] == []
    assert first["exchange"] == msgspec.json.decode(EXCHANGE)
    assert [first[name] for name in ("number", "reason", "message", "latency_ms")] == [1, "503", "Busy", 40]
    assert first["at"] < line["at"]
    assert "attempt 1 at" in command(tmp_path, "show", line["id"])


def test_delivery_when_asked_for_then_counts_reasons_samples_and_minutes(api: Api) -> None:
    note(
        api,
        *(receipt(f"m{n}") for n in range(3)),
        receipt("bad", FAILED, reason="404", message="Not Found", latency_ms=900),
        receipt("busy", RETRYING, reason="503"),
        receipt("long ago", ago_s=7200),
    )
    told = api.json("/destinations/crm/delivery")
    assert [told[name] for name in ("delivered", "failed", "filtered", "retrying", "pending")] == [3, 1, 0, 1, 0]
    assert 40 <= told["p50_ms"] < 50
    assert told["p95_ms"] >= 900
    samples = {each["reason"]: [s["message_id"] for s in each["samples"]] for each in told["reasons"]}
    assert samples == {"": [], "404": ["bad"], "503": ["busy"]}
    assert sum(minute["delivered"] for minute in told["minutes"]) == 3
    assert api.json("/destinations/crm/delivery", since="3h", samples=0)["delivered"] == 4
    days = api.json("/destinations/crm/delivery", since="3h", step=1_440)["minutes"]
    assert sum(day["delivered"] for day in days) == 4
    assert len(days) <= 2
    assert api.ask("GET", "/destinations/nobody/delivery").status_code == 404


def test_commands_when_there_are_receipts_then_they_tell_the_same(api: Api, tmp_path: Path) -> None:
    failed = receipt("m1", FAILED, reason="404", message="Not Found", exchange=EXCHANGE, mapping="Everything")
    note(api, failed, receipt("m2", ago_s=1))
    listed = command(tmp_path, "list")
    assert "web → crm  failed (404: Not Found)" in listed
    assert f"track Signed Up by Everything, 1 attempt, 40 ms, {failed.id}" in listed
    assert "m2" not in command(tmp_path, "list", "--status", "failed")
    assert '"status": 404' in command(tmp_path, "show", failed.id)
    told = command(tmp_path, "delivery", "crm")
    assert "1 delivered, 1 failed, 0 filtered, 0 retrying; 0 pending now" in told
    assert failed.id in told
