"""What would be lost with an item, in numbers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api, enter
from storing import Writer

from headwater.processing import violations
from headwater.processing.totals import Totals
from headwater.processing.violations import Counted
from headwater.serve.instants import now_ms

FILE = """\
workspace: shop
sources:
  - {name: website, type: javascript, tracking_plan: shop}
  - {name: backend}
destinations:
  - {name: hook, type: webhook, sources: [website], settings: {url: "https://h.example"}}
  - {name: all, type: webhook, settings: {url: "https://a.example"}}
tracking_plans: [{name: shop, rules: [{type: track, event: Order}]}]
transformations: [{name: first, sources: [website], drop_properties: [a]}]
traits: [{key: orders, kind: event_count, event: Order}]
audiences:
  - {key: buyers, where: {computed: orders, op: ">", value: 1}, destinations: [{name: hook}]}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    writer = Writer(tmp_path)
    counts = {("website", "accepted"): 1_200, ("website", "duplicate"): 34, ("backend", "accepted"): 5}
    writer.commit(Totals(writer.state).changes(counts, at_ms=now_ms()))
    enter(writer, "buyers", writer.profile("user_id:1"), writer.profile("user_id:2"))
    writer.close()
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def figures(impact: dict[str, Any]) -> dict[str, int]:
    return {each["what"]: each["count"] for each in impact["figures"]}


def referrers(impact: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    return [(each["section"], each["name"], each["path"], each["is_removable"]) for each in impact["referrers"]]


def test_source_when_it_has_sent_events_then_they_and_those_who_name_it_are_counted(api: Api) -> None:
    impact = api.json("/sources/website/impact")
    assert figures(impact) == {"events": 1_200, "dropped": 34, "destinations": 2}
    assert referrers(impact) == [
        ("destinations", "hook", "sources[0]", True),
        ("transformations", "first", "sources[0]", False),
    ]
    assert figures(api.json("/sources/backend/impact")) == {"events": 5, "destinations": 1}


def test_destination_when_nothing_waits_then_zero_and_the_audiences_that_it_is_told(api: Api) -> None:
    impact = api.json("/destinations/hook/impact")
    assert figures(impact) == {"delivered": 0, "unread": 0, "retries": 0, "dead_letters": 0, "connected": 1}
    assert referrers(impact) == [("audiences", "buyers", "destinations[0].name", True)]


def test_plan_when_it_was_broken_lately_then_counted(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    at_ms = now_ms()
    names = ("shop", "website", "track", "Order", "total", "type")
    row = Counted(*names, "", at_ms, at_ms, 3, {at_ms // 3_600_000: 3})
    writer.commit({violations.TABLE: {violations.key(*names): violations.encode(row)}})
    writer.close()
    api = Api(tmp_path, FILE)
    impact = api.json("/tracking-plans/shop/impact")
    assert figures(impact) == {"sources": 1, "rules": 1, "violations": 3}
    assert referrers(impact) == [("sources", "website", "tracking_plan", True)]
    assert not any(each["at_least"] for each in impact["figures"])
    api.close()


def test_definition_when_others_are_made_of_it_then_they_are_named(api: Api) -> None:
    assert referrers(api.json("/traits/orders/impact")) == [("audiences", "buyers", "", False)]
    impact = api.json("/audiences/buyers/impact")
    assert figures(impact) == {"members": 2, "destinations": 1, "definitions": 0}
    assert [each["text"] for each in impact["figures"] if each["count"]] == ["members", "connected destination"]
    assert any(each.startswith("hook keeps what was sent") for each in impact["consequences"])


@pytest.mark.parametrize(
    "path", ["/sources/x", "/destinations/x", "/tracking-plans/x", "/traits/x", "/audiences/x"]
)
def test_impact_when_there_is_no_such_item_then_404(api: Api, path: str) -> None:
    assert api.error("GET", f"{path}/impact")[0] == 404
