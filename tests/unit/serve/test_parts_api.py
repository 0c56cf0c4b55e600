"""Parts of the workspace through the private API: read whole, changed, removed; addresses, keys, tokens."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from private_api import Api
from storing import AT_MS, Writer

from headwater.config.workspace import Settings
from headwater.processing import schema, violations
from headwater.processing.schema import EventKey, SeenEvent
from headwater.processing.totals import Totals
from headwater.processing.violations import Counted
from headwater.serve.config.sources import collect_url
from headwater.serve.health.fleet import Role, RoleReport, SelfReport
from headwater.serve.instants import now_ms

FILE = """\
workspace: shop
sources:
  - {name: website, type: javascript, write_key: wk_website, tracking_plan: shop}
  - {name: backend}
destinations:
  - {name: hook, type: webhook, sources: [website], settings: {url: "https://h.example/?k=s3", api_key: s3cr}}
tracking_plans: [{name: shop, rules: [{type: track, event: Order}]}]
transformations:
  - {name: first, sources: [website], drop_properties: [a]}
  - {name: second, destination: hook, drop_properties: [b], hash_values: {paths: [traits.email], key: pepper}}
audiences: [{key: buyers, where: {event: Order}, destinations: [{name: hook}]}]
profile_api: {tokens: [{name: app, token: pa_0123456789abcdef}]}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def done(api: Api, method: str, path: str, **request: Any) -> Any:
    answer = api.ask(method, path, **request)
    assert answer.is_success, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/sources/website", "source"),
        ("/destinations/hook", "destination"),
        ("/tracking-plans/shop", "plan"),
        ("/transformations/second", "transformation"),
        ("/settings", "settings"),
        ("/identity", "identity"),
    ],
)
def test_read_when_it_is_put_back_as_it_was_read_then_nothing_changes(api: Api, path: str, part: str) -> None:
    before = api.ask("GET", "/workspace/export?secrets=true").text
    read = api.json(path)
    assert "s3" not in str(read)
    assert "pepper" not in str(read)
    applied = done(api, "PUT", path, json=read[part], params={"version": 1})
    assert applied == {"version": 1, "changes": [], "dry_run": False}
    assert api.ask("GET", "/workspace/export?secrets=true").text == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sources/new", {"type": "ios"}),
        ("/destinations/new", {"type": "webhook", "settings": {"url": "https://new.example"}}),
        ("/tracking-plans/new", {"rules": [{"type": "identify"}]}),
        ("/transformations/new", {"drop": True}),
    ],
)
def test_put_when_it_is_new_then_it_is_there_until_it_is_deleted(
    api: Api, path: str, body: dict[str, Any]
) -> None:
    assert api.ask("GET", path).status_code == 404
    asked = done(api, "PUT", path, json=body, params={"new": "true", "dry_run": "true"})
    assert (asked["version"], asked["dry_run"]) == (1, True)
    assert api.ask("GET", path).status_code == 404
    made = done(api, "PUT", path, json=body, params={"new": "true"})
    assert (made["version"], made["changes"]) == (2, asked["changes"])
    assert api.json(path)
    status, error = api.error("PUT", path, json=body, params={"new": "true"})
    assert (status, error["code"]) == (409, "conflict")
    assert done(api, "DELETE", path, params={"version": 2})["version"] == 3
    assert api.ask("GET", path).status_code == 404


def test_put_when_somebody_else_has_changed_the_workspace_then_409(api: Api) -> None:
    done(api, "PUT", "/settings/tier", json={"tier": "gold"})
    status, error = api.error("PUT", "/sources/website", json={}, params={"version": 1})
    assert (status, error["code"]) == (409, "conflict")
    assert "version 2" in error["message"]


def test_put_when_a_note_is_given_then_the_history_has_it(api: Api) -> None:
    done(api, "PUT", "/settings/tier", json={"tier": "gold"}, params={"note": "they have paid"})
    assert api.json("/workspace/versions")["data"][0]["note"] == "tier changed: they have paid"


def test_delete_when_others_name_it_then_told_which_and_what_can_be_left_out_is(api: Api) -> None:
    status, error = api.error("DELETE", "/destinations/hook")
    assert status == 422
    assert [each["path"] for each in error["problems"]] == [
        "transformations[second].destination",
        "audiences[buyers].destinations[0].name",
    ]
    done(api, "DELETE", "/transformations/second")
    applied = done(api, "DELETE", "/destinations/hook", params={"leave_out": "true"})
    assert {each["path"] for each in applied["changes"]} == {
        "destinations[hook]",
        "audiences[buyers].destinations",
    }


def test_order_transformations_when_each_is_named_then_they_are_applied_so(api: Api) -> None:
    done(api, "PUT", "/transformations", json={"order": ["second", "first"]})
    assert [line["name"] for line in api.json("/transformations")["data"]] == ["second", "first"]
    status, error = api.error("PUT", "/transformations", json={"order": ["second"]})
    assert (status, error["field"]) == (400, "order")


def test_write_key_when_it_is_replaced_then_the_old_one_is_nobodys(api: Api) -> None:
    made = done(api, "POST", "/sources/website/write-key")
    assert made["write_key"].startswith("wk_")
    assert made["write_key"] != "wk_website"
    assert api.json("/sources/website")["source"]["write_key"] == made["write_key"]
    assert api.error("POST", "/sources/nobody/write-key")[0] == 404


def test_profile_api_when_a_token_is_made_then_it_is_shown_once(api: Api) -> None:
    asked = done(api, "POST", "/profile-api/tokens", json={"name": "site"}, params={"dry_run": "true"})
    assert asked["token"] == "••••"
    made = done(api, "POST", "/profile-api/tokens", json={"name": "site"})
    assert made["token"].startswith("pa_")
    assert api.json("/profile-api") == {"version": 2, "rate_limit": None, "tokens": ["app", "site"]}
    assert api.error("POST", "/profile-api/tokens", json={"name": "site"})[0] == 409
    assert api.error("POST", "/profile-api/tokens", json={"name": "a/b"})[0] == 422
    done(api, "DELETE", "/profile-api/tokens/app")
    assert api.json("/profile-api")["tokens"] == ["site"]
    assert api.error("DELETE", "/profile-api/tokens/app")[0] == 404


def test_settings_when_read_then_each_says_what_it_means_and_what_it_is_by_default(api: Api) -> None:
    done(api, "PUT", "/settings", json={"dedupe_window_s": 60, "public_url": "https://cdp.example"})
    found = api.json("/settings")
    assert found["settings"] == {"dedupe_window_s": 60, "public_url": "https://cdp.example"}
    fields = {each["name"]: each for each in found["fields"]}
    assert set(fields) == set(Settings.__struct_fields__)
    assert all(each["description"].endswith(".") for each in found["fields"])
    window = fields["dedupe_window_s"]
    assert (window["value"], window["default"], window["is_default"]) == (60, 2_592_000, False)
    assert (window["unit"], window["minimum"], window["maximum"]) == ("seconds", 0, 7_776_000)
    assert fields["schema_discovery"]["is_default"]
    status, error = api.error("PUT", "/settings", json={"dedupe_window_s": "long", "x": 1})
    assert status == 422
    assert {each["path"] for each in error["problems"]} == {"dedupe_window_s", "x"}


def test_identity_when_read_then_every_type_has_a_rule(api: Api) -> None:
    done(api, "PUT", "/identity", json={"external_ids": [{"type": "phone", "limit": 2}], "merges_max": 7})
    found = api.json("/identity")
    assert found["identity"] == {"external_ids": [{"type": "phone", "limit": 2}], "merges_max": 7}
    assert [rule["type"] for rule in found["rules"]][:2] == ["phone", "user_id"]
    assert {each["name"]: each["value"] for each in found["fields"]}["merges_max"] == 7
    assert {rule["type"]: rule["limit"] for rule in found["default_rules"]}["user_id"] == 1
    assert found["default_limit"] == 5
    assert "period" in {each["name"] for each in found["rule_fields"]}


def test_flags_when_they_are_turned_then_what_is_in_force_is_told_with_its_reason(api: Api) -> None:
    def line(name: str) -> dict[str, Any]:
        found: dict[str, Any] = {each["name"]: each for each in api.json("/flags")["data"]}[name]
        return found

    assert (line("dedupe_sync")["percentage_now"], line("shadow_sync")["percentage_now"]) == (100, 0)
    done(api, "PUT", "/flags/shadow_sync", json={"percentage": 25, "tiers": ["gold"]})
    assert line("shadow_sync")["percentage_now"] == 0
    assert "has no tier" in line("shadow_sync")["because"]
    done(api, "PUT", "/settings/tier", json={"tier": "gold"})
    assert line("shadow_sync")["percentage_now"] == 25
    done(api, "PUT", "/flags/shadow_sync", json={"enabled": False})
    assert (line("shadow_sync")["percentage_now"], line("shadow_sync")["because"]) == (
        0,
        "Turned off for everyone",
    )
    done(api, "DELETE", "/flags/shadow_sync")
    assert line("shadow_sync")["flag"] is None
    for method, path, status in (("PUT", "/flags/unknown", 404), ("DELETE", "/flags/shadow_sync", 404)):
        assert api.error(method, path, json={})[0] == status
    assert api.error("PUT", "/flags/dedupe_sync", json={"name": "shadow_sync"})[0] == 400


def test_source_when_it_has_sent_something_then_the_list_and_its_page_say_so(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    rows: dict[bytes, bytes | None] = {
        schema.event_key(EventKey("website", "track", name)): schema.encode_row(
            SeenEvent(AT_MS, AT_MS + n, 10 * n)
        )
        for n, name in enumerate(["Order", "Cart"], 1)
    }
    writer.commit({schema.TABLE: rows})
    counts = {("website", "accepted"): 30, ("website", "duplicate"): 2, ("website", "unknown_event"): 3}
    writer.commit(Totals(writer.state).changes(counts, at_ms=now_ms()))
    at_ms, names = now_ms(), ("shop", "website", "track", "Order", "total", "type")
    row = Counted(*names, "", at_ms, at_ms, 4, {at_ms // 3_600_000: 4})
    writer.commit({violations.TABLE: {violations.key(*names): violations.encode(row)}})
    writer.close()
    api = Api(tmp_path, FILE)
    website, backend = api.json("/sources")["data"]
    assert (website["events"], website["names"], website["last_seen"]) == (30, 2, "2023-11-14T22:13:20.002Z")
    assert website["last_24_hours"] == {"accepted": 30, "duplicates": 2, "dropped": 3, "violations": 4}
    assert (backend["events"], backend["last_seen"]) == (0, None)
    assert backend["last_24_hours"] == {"accepted": 0, "duplicates": 0, "dropped": 0, "violations": None}
    found = api.json("/sources/website")
    assert (found["version"], found["events"], found["destinations"], found["transformations"]) == (
        1,
        30,
        ["hook"],
        ["first"],
    )
    api.close()


def fleet(host: str, port: int = 8080) -> Sequence[RoleReport]:
    health = SelfReport(ready=True, pid=1, started_at="", version="", host=host, port=port)
    return [RoleReport(Role.PIPELINE, 0, None, []), RoleReport(Role.COLLECT, 0, health, [])]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://cdp.internal:8080"),
        ("::", "http://cdp.internal:8080"),
        ("::1", "http://[::1]:8080"),
    ],
)
def test_collect_url_when_nothing_is_set_then_it_is_where_the_collectors_listen(host: str, url: str) -> None:
    assert collect_url(Settings(), fleet(host), "cdp.internal") == url


def test_collect_url_when_it_is_set_or_nobody_listens_then_that_or_nothing() -> None:
    assert collect_url(Settings(public_url="https://cdp.example/"), fleet("0.0.0.0"), "x") == "https://cdp.example"
    assert collect_url(Settings(), [RoleReport(Role.COLLECT, 0, None, ["down"])], "x") == ""
