"""Tracking plans and transformations over time: what has been broken, hour by hour, and what changed in them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api
from storing import Writer

from headwater.processing import violations
from headwater.processing.violations import Counted
from headwater.serve.instants import now_ms
from headwater.units import HOUR_MS

FILE = """\
workspace: shop
sources: [{name: website, write_key: wk_website, tracking_plan: commerce}]
tracking_plans: [{name: commerce, rules: [{type: track, event: Order}]}]
transformations: [{name: tidy, drop_properties: [a], hash_values: {paths: [context.ip], key: s3cret}}]
"""


@pytest.fixture
def api(tmp_path: Path, written: Writer) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def broke(writer: Writer, event: str, field: str, *hours_ago: int, source: str = "website") -> None:
    """An event broke the plan this many hours ago, once each."""
    now = now_ms() // HOUR_MS
    row = Counted("commerce", source, "track", event, field, "Required", "", 0, now_ms(), len(hours_ago))
    for hours in hours_ago:
        row.hours[now - hours] = row.hours.get(now - hours, 0) + 1
    key = violations.key("commerce", source, "track", event, field, "Required")
    writer.commit({violations.TABLE: {key: violations.encode(row)}})


def volume(api: Api, **query: Any) -> dict[str, dict[str, Any]]:
    found = api.json("/tracking-plans/commerce/violations/volume", **query)
    assert {len(series["points"]) for series in found["series"]} <= {len(found["times"])}
    return {series["name"]: series for series in found["series"]}


def test_violations_when_counted_over_time_then_by_the_hour(api: Api, written: Writer) -> None:
    broke(written, "Order", "properties.total", 0, 0, 2)
    broke(written, "Refund", "properties.total", 2, 30)
    whole = volume(api)[""]
    assert whole["total"] == 4
    assert whole["points"][-1] == 2
    assert whole["points"][-3:] == [2, 0, 2]
    assert {name: line["total"] for name, line in volume(api, by="event", since="7d").items()} == {
        "Order": 3,
        "Refund": 2,
    }
    assert volume(api, by="source", event="Refund")["website"]["total"] == 1
    assert api.json("/tracking-plans")["data"][0]["violations_24_hours"] == 4


def test_violations_when_there_are_none_then_an_empty_line(api: Api) -> None:
    assert volume(api)[""]["total"] == 0
    assert api.error("GET", "/tracking-plans/other/violations/volume")[0] == 404


def test_versions_when_others_changed_meanwhile_then_only_those_of_the_item(api: Api) -> None:
    plan = api.json("/tracking-plans/commerce")["plan"]
    assert api.ask("PUT", "/tracking-plans/commerce", json=plan | {"description": "orders"}).is_success
    assert api.ask("PUT", "/settings", json={"log_retention_s": 86_400}).is_success
    rules = [*plan["rules"], {"type": "track", "event": "Refund"}]
    assert api.ask("PUT", "/tracking-plans/commerce?note=refunds", json=plan | {"rules": rules}).is_success
    page = api.json("/tracking-plans/commerce/versions")
    assert [line["version"] for line in page["data"]] == [4, 2, 1]
    assert [line["is_first"] for line in page["data"]] == [False, False, True]
    newest, middle, first = page["data"]
    assert [(change["action"], change["path"]) for change in middle["changes"]] == [("add", "description")]
    assert [(change["action"], change["path"]) for change in newest["changes"]] == [
        ("add", "rules[track Refund]"),
        ("remove", "description"),
    ]
    assert "refunds" in newest["note"]
    assert first["changes"] == []
    assert page["next"] is None
    assert [line["version"] for line in api.json("/tracking-plans/commerce/versions", cursor="2")["data"]] == [
        2,
        1,
    ]


def test_versions_when_it_had_another_name_then_go_on_under_that(api: Api) -> None:
    plan = api.json("/tracking-plans/commerce")["plan"]
    assert api.ask("PUT", "/tracking-plans/commerce", json=plan | {"name": "shop"}).is_success
    assert api.ask("PUT", "/tracking-plans/shop", json=plan | {"name": "shop", "unify_names": True}).is_success
    found = api.json("/tracking-plans/shop/versions")["data"]
    assert [line["name"] for line in found] == ["shop", "commerce"]
    assert [change["path"] for change in found[0]["changes"]] == ["unify_names"]


def test_versions_when_they_hold_a_secret_then_it_is_masked(api: Api) -> None:
    rule = api.json("/transformations/tidy")["transformation"]
    rule["hash_values"]["key"] = "other"
    assert api.ask("PUT", "/transformations/tidy", json=rule).is_success
    answer = api.ask("GET", "/transformations/tidy/versions")
    assert [line["version"] for line in answer.json()["data"]] == [2, 1]
    assert "s3cret" not in answer.text
    assert "other" not in answer.text
    assert [change["path"] for change in answer.json()["data"][0]["changes"]] == ["hash_values.key"]


def test_versions_when_there_is_no_such_item_then_404(api: Api) -> None:
    assert api.error("GET", "/tracking-plans/commerse/versions")[1]["message"].count("commerce") == 1
    assert api.json("/transformations/tidy/versions", cursor="9")["data"] == [], "too old, or never there"
    assert api.error("GET", "/transformations/tidy/versions?cursor=x")[1]["code"] == "invalid_cursor"
