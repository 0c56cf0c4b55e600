"""The preview of a definition: what the lake says, with what only the state knows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from private_api import Api
from storing import Writer

from headwater.aggregation import tables
from headwater.aggregation.tables import segment_id
from headwater.event import OutboundEvent
from headwater.lake.parquet import ParquetLake
from headwater.serve.instants import now_ms

FILE = """\
workspace: shop
sources: [{name: website, write_key: wk_website}]
traits:
  - {key: orders, kind: event_count, event: Order Completed}
audiences:
  - {key: buyers, where: {event: Order Completed}}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def store(data: Path, *events: tuple[bytes, dict[str, Any]]) -> None:
    """In the lake, each under the profile that it came in under, received just now."""
    at_ms = now_ms() - 1_000
    rows = [
        OutboundEvent(
            offset, 0, f"m{offset}", event["type"], event.get("event"), None, None, None, event.get("groupId"),
            segment_id(profile), "website", at_ms, at_ms, None, None, msgspec.json.encode(event)
        )
        for offset, (profile, event) in enumerate(events)
    ]  # fmt: skip
    lake = ParquetLake(data / "lake")
    lake.write(0, len(rows), [lake.pack(rows)])


def order(**members: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Order Completed", "properties": {"total": 5}} | members


def asked(api: Api, path: str, body: dict[str, Any]) -> Any:
    answer = api.ask("POST", f"{path}/-/preview", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_preview_when_there_are_members_then_how_many_and_who(api: Api, written: Writer, tmp_path: Path) -> None:
    ann, bob = written.profile("user_id:u1"), written.profile("user_id:u2")
    store(tmp_path, (ann, order()), (ann, order()), (bob, order()), (bob, {"type": "track", "event": "Viewed"}))
    written.commit({tables.SWEEPS: {b"count" + tables.COLLECTIONS["users"]: tables.pack_ms(171)}})
    found = asked(api, "/audiences", {"event": "Order Completed", "count": {"op": ">=", "value": 2}})
    assert (found["collection"], found["count"], found["profiles"]) == ("users", 1, 171)
    assert found["query"] == "event('Order Completed').count() >= 2"
    assert found["sample"] == [
        {
            "segment_id": segment_id(ann),
            "value": True,
            "external_ids": [{"type": "user_id", "value": "u1"}],
            "name": "u1",
        }
    ]
    by_query = asked(api, "/audiences", {"query": "trait('orders') > 0 AND trait('buyers') = 'true'"})
    assert by_query["count"] == 2, "it may refer to what there is"
    spent = asked(api, "/traits", {"kind": "sum", "event": "Order Completed", "property": "total"})
    assert {each["segment_id"]: each["value"] for each in spent["sample"]} == {
        segment_id(ann): 10,
        segment_id(bob): 5,
    }
    assert api.json("/workspace")["version"] == 1


def test_preview_when_profiles_were_merged_then_their_events_are_the_survivors(
    api: Api, written: Writer, tmp_path: Path
) -> None:
    ann, old, older = written.profile("user_id:u1"), written.profile(name="old"), written.profile(name="older")
    written.merged(older, old)
    written.merged(old, ann)
    written.commit({tables.MERGED: {tables.merges_key(ann): tables.pack_ms(2)}})
    store(tmp_path, (ann, order()), (old, order()), (older, order()))
    found = asked(api, "/traits", {"query": "event('Order Completed').count()"})
    assert [(each["segment_id"], each["value"]) for each in found["sample"]] == [(segment_id(ann), 3)]


def test_preview_when_it_is_about_accounts_then_by_their_group_ids(
    api: Api, written: Writer, tmp_path: Path
) -> None:
    ann = written.profile("user_id:u1")
    account = written.profile("group_id:g1", collection="accounts")
    store(tmp_path, (ann, order(groupId="g1")), (ann, order()))
    found = asked(api, "/audiences", {"where": {"event": "Order Completed"}, "collection": "accounts"})
    assert [each["segment_id"] for each in found["sample"]] == [segment_id(account)]


def test_preview_when_it_has_the_key_of_another_one_then_in_its_place(api: Api, tmp_path: Path) -> None:
    found = asked(api, "/traits", {"key": "orders", "kind": "event_count", "event": "Other"})
    assert (found["count"], found["sample"]) == (0, [])
    assert found["definition"] == {"kind": "event_count", "event": "Other"}


@pytest.mark.parametrize(
    ("path", "body", "status", "where"),
    [
        ("/audiences", b"{", 400, "body"),
        ("/audiences", b'{"key":7,"where":{}}', 400, "key"),
        ("/audiences", b'{"event":"X","within":"0d"}', 422, "where.within"),
        ("/audiences", b'{"audience":"none"}', 422, ""),
        ("/audiences", b'{"query":"event("}', 422, "where"),
        ("/traits", b'{"kind":"summ","event":"X"}', 422, "kind"),
    ],
)
def test_preview_when_it_defines_nothing_then_told_where(
    api: Api, path: str, body: bytes, status: int, where: str
) -> None:
    found, error = api.error("POST", f"{path}/-/preview", content=body)
    assert found == status
    assert (error["problems"][0]["path"] if status == 422 else error["field"]) == where
