"""The audiences that a profile is in, and what was delivered of it, through the private API."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from private_api import Api, enter, paged
from storing import AT_MS, Writer

from headwater.aggregation.tables import segment_id
from headwater.delivery.receipts import DELIVERED, FAILED, Receipt

FILE = """
workspace: shop
sources: [{name: web, write_key: wk_web}]
destinations:
  - {name: crm, type: webhook, settings: {url: "https://crm.example.com/"}}
audiences:
  - {key: buyers, name: Buyers, where: {event: Order}, destinations: [{name: crm, send: [track]}]}
  - {key: fresh, where: {event: Visit}}
  - {key: never, where: {event: Never}}
"""


@pytest.fixture
def api(tmp_path: Path, written: Writer) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def test_audiences_when_it_is_in_some_then_since_when_and_who_is_told(api: Api, written: Writer) -> None:
    user = written.profile("user_id:u1", computed={"buyers": True, "fresh": False})
    enter(written, "buyers", user, at_ms=AT_MS - 1_000)
    found = api.json("/profiles/audiences/user_id:u1")["data"]
    assert found == [
        {
            "key": "buyers",
            "name": "Buyers",
            "is_member": True,
            "changed_at": "2023-11-14T22:13:19.000Z",
            "message_id": "",
            "event_type": "",
            "event_name": "",
            "destinations": ["crm"],
        },
        {
            "key": "fresh",
            "name": "fresh",
            "is_member": False,
            "changed_at": "2023-11-14T22:13:20.001Z",
            "message_id": "",
            "event_type": "",
            "event_name": "",
            "destinations": [],
        },
    ]


def receipt(profile: bytes, message_id: str, *, ago_s: int, status: str = DELIVERED) -> Receipt:
    at_ms = (int(time.time()) - ago_s) * 1000
    about = (message_id, "crm", "web", "track", "Order", segment_id(profile), None, None, 7, status)
    return Receipt(*about, reason="", message="", attempts=1, latency_ms=40, at_ms=at_ms)


def test_deliveries_when_it_was_merged_then_those_from_before_too_newest_first_and_each_once(
    api: Api, written: Writer
) -> None:
    part = written.profile(name="part")
    user = written.profile("user_id:u1", parts=[part])
    written.merged(part, user)
    other = written.profile("user_id:u2")
    notes = [
        receipt(user, "m0", ago_s=0),
        receipt(part, "m1", ago_s=1, status=FAILED),
        receipt(other, "m2", ago_s=2),
        receipt(part, "m3", ago_s=3),
        receipt(user, "m4", ago_s=4),
    ]
    api.desk.jobs.advance("crm", 9, receipts=notes)

    def page(cursor: str | None) -> tuple[list[Any], str | None]:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        found = api.json("/profiles/deliveries/user_id:u1", **query)
        return found["data"], found["next"]

    assert [each["message_id"] for each in paged(page)] == ["m0", "m1", "m3", "m4"]
    failed = api.json("/profiles/deliveries/user_id:u1", status="failed")["data"]
    assert [each["message_id"] for each in failed] == ["m1"]
    assert msgspec.json.encode(api.json("/profiles/deliveries/user_id:u1", destination="none")["data"]) == b"[]"
