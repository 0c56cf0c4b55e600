"""Profiles in the running platform: who somebody is, what is computed, who is told; asked as programs ask."""

import base64
import http.client
import json
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from .stand import LONG, SEED, SETTLE_S_MAX, WRITE_KEY, Hook, Load, Stand, stand, until
from .system import HEADWATER

KILLS = 12 if LONG else 4
TOKEN = "a_token_of_the_profile_api"


def workspace(hook: str, **more: Any) -> dict[str, Any]:
    """That of design section 6, with windows one can wait for."""
    return {
        "workspace": "shop",
        "settings": {"allow_private_destinations": True, "lake_visible_s": 0.5},
        "sources": [
            {"name": "website", "type": "javascript", "write_key": "wk_website"},
            {"name": "backend", "type": "server", "write_key": WRITE_KEY},
        ],
        "destinations": [
            {"name": "crm-hook", "type": "webhook", "sources": [], "settings": {"url": hook}},
            {
                "name": "ads-hook",
                "type": "webhook",
                "sources": [],
                "dedupes_on": "email",
                "settings": {"url": hook},
            },
        ],
        "identity": {
            "external_ids": [
                {"type": "user_id", "limit": 1},
                {"type": "email", "limit": 5, "block": ["test@example.com"], "block_regex": ["^.*@invalid$"]},
                {"type": "anonymous_id", "limit": 100},
            ]
        },
        "traits": [
            {"key": "order_count", "kind": "event_count", "event": "Order Completed"},
            {
                "key": "revenue_90d",
                "kind": "sum",
                "event": "Order Completed",
                "property": "total",
                "within": "90d",
            },
            {"key": "loads", "kind": "event_count", "event": "Load"},
            *more.pop("traits", ()),
        ],
        "audiences": [
            {
                "key": "big_spenders",
                "where": {
                    "all": [
                        {
                            "event": "Order Completed",
                            "where": "properties.total > 50",
                            "count": {"op": ">=", "value": 3},
                            "within": "30d",
                        },
                        {"trait": "country", "op": "=", "value": "US"},
                        {"not": {"event": "Refund Requested", "within": "90d"}},
                    ]
                },
                "destinations": [{"name": "crm-hook", "send": ["track", "identify"]}, {"name": "ads-hook"}],
            },
            {
                "key": "just_looking",
                "where": "event('Product Viewed').within(2 seconds).count() >= 1",
                "destinations": [{"name": "crm-hook", "send": ["track"]}],
            },
            {"key": "busy", "where": {"computed": "loads", "op": ">=", "value": 20}},
            *more.pop("audiences", ()),
        ],
        "profile_api": {"tokens": [{"name": "test", "token": TOKEN}]},
        **more,
    }


class Answer(NamedTuple):
    status: int
    body: Any


class Shop:
    """The platform, the hook that its destinations send to, and the questions of the tests."""

    def __init__(self, platform: Stand, hook: Hook) -> None:
        self.platform = platform
        self.hook = hook

    def send(self, *events: dict[str, Any]) -> None:
        """A batch; each is a track call when it does not say. Answered 200, or the test fails."""
        key = base64.b64encode(f"{WRITE_KEY}:".encode()).decode()
        body = json.dumps({"batch": [{"type": "track", **event} for event in events]})
        status, _, answer = self.platform.request("POST", "/v1/batch", body, {"Authorization": f"Basic {key}"})
        assert status == 200, answer

    def ask(self, method: str, path: str, authorization: str, body: Any = None) -> Answer:
        with closing(http.client.HTTPConnection("127.0.0.1", self.platform.serve_port, timeout=10)) as connection:
            headers = {"Authorization": authorization, "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return Answer(answer.status, json.loads(answer.read()))

    def profile(self, external_id: str, resource: str = "traits?limit=200", *, of: str = "users") -> Answer:
        credentials = base64.b64encode(f"{TOKEN}:".encode()).decode()
        path = f"/v1/spaces/shop/collections/{of}/profiles/{quote(external_id)}/{resource}"
        return self.ask("GET", path, f"Basic {credentials}")

    def traits(self, external_id: str) -> dict[str, Any]:
        answer = self.profile(external_id)
        traits: dict[str, Any] = answer.body["traits"] if answer.status == 200 else {}
        return traits

    def api(self, method: str, path: str, body: Any = None) -> Answer:
        return self.ask(method, f"/api/v1{path}", f"Bearer {self.platform.token}", body)

    def command(self, *arguments: str) -> str:
        command = [HEADWATER, *arguments, "--data", str(self.platform.data)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def until_traits(self, external_id: str, **wanted: Any) -> None:
        self.until(
            lambda: wanted.items() <= self.traits(external_id).items(), lambda: str(self.traits(external_id))
        )

    def until(self, happened: Callable[[], bool], why: Callable[[], str] = lambda: "") -> None:
        until(happened, SETTLE_S_MAX, lambda: f"{why()}\n{self.platform.output()}")

    def told(self, user: str, audience: str) -> list[dict[str, Any]]:
        """Track calls about a user and an audience that have arrived at the hook, in order."""
        return [
            body
            for body in self._bodies()
            if body.get("userId") == user and body.get("properties", {}).get("audience_key") == audience
        ]

    def told_once(self) -> list[dict[str, Any]]:
        """What has arrived for the destination that dedupes."""
        return [body for body in self._bodies() if "ads-hook" in body["integrations"]]

    def _bodies(self) -> list[dict[str, Any]]:
        """In order of their first arrival."""
        bodies = self.hook.bodies or {}
        return [bodies[name] for name in dict.fromkeys(list(self.hook.received))]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Hook(keeps_bodies=True) as hook:
        folder = tmp_path_factory.mktemp("profiles")
        with stand(folder, workspace(hook.url)) as platform:
            yield Shop(platform, hook)
            assert platform.stop() == 0


def order(user: str, total: float, **more: Any) -> dict[str, Any]:
    return {"event": "Order Completed", "userId": user, "properties": {"total": total}, **more}


def test_profile_when_events_were_answered_then_the_profile_api_knows_who_that_is(shop: Shop) -> None:
    shop.send({"type": "page", "name": "Home", "anonymousId": "ann-laptop", "messageId": "ann-1"})
    shop.send(
        {
            "type": "identify",
            "anonymousId": "ann-laptop",
            "userId": "ann",
            "messageId": "ann-2",
            "traits": {"email": "ann+1@example.com", "country": "NO", "tags": [1, "a"]},
        },
        {"type": "group", "userId": "ann", "groupId": "acme", "traits": {"name": "Acme"}},
        order("ann", 12.5, messageId="ann-3"),
        order("ann", 30),
    )
    shop.until_traits("user_id:ann", order_count=2)
    assert shop.traits("email:ann+1@example.com") == {
        "email": "ann+1@example.com",
        "country": "NO",
        "tags": [1, "a"],
        "order_count": 2,
        "revenue_90d": 42.5,
    }
    assert shop.profile("user_id:ann", "traits?class=computed_trait&limit=1").body["cursor"]["has_more"] is True
    ids = shop.profile("anonymous_id:ann-laptop", "external_ids?limit=100").body["data"]
    assert [(each["type"], each["id"], each["first_message_id"]) for each in ids] == [
        ("anonymous_id", "ann-laptop", "ann-1"),
        ("email", "ann+1@example.com", "ann-2"),
        ("user_id", "ann", "ann-2"),
    ]
    events = shop.profile("user_id:ann", "events?sort=asc&limit=2").body
    assert [(each["event"], each["message_id"]) for each in events["data"]] == [
        ("Page Viewed", "ann-1"),
        ("Order Completed", "ann-3"),
    ]
    assert events["cursor"]["has_more"] is True
    assert shop.profile("user_id:ann", "metadata").body["metadata"]["first_message_id"] == "ann-1"
    (link,) = shop.profile("user_id:ann", "links").body["data"]
    assert (link["to_collection"], [each["id"] for each in link["external_ids"]]) == ("accounts", ["acme"])
    assert shop.profile("group_id:acme", of="accounts").body["traits"] == {"name": "Acme"}
    missing = shop.profile("user_id:nobody")
    assert (missing.status, missing.body["error"]["code"]) == (404, "not_found")


def test_audience_when_somebody_enters_then_destinations_are_told_with_the_documented_fields(shop: Shop) -> None:
    who = {"type": "identify", "userId": "bob", "traits": {"email": "bob@example.com", "country": "US"}}
    shop.send(who, *(order("bob", 60) for _ in range(3)))
    shop.until(lambda: bool(shop.told("bob", "big_spenders")))
    (entered,) = shop.told("bob", "big_spenders")
    assert entered["event"] == "Audience Entered"
    assert entered["properties"] == {"audience_key": "big_spenders", "big_spenders": True}
    assert entered["integrations"] == {"All": False, "crm-hook": True}
    personas = entered["context"]["personas"]
    assert (personas["computation_class"], personas["computation_key"]) == ("audience", "big_spenders")
    assert personas["computation_id"].startswith("aud_")
    assert personas["space_id"] == personas["namespace"] != ""
    shop.until(lambda: len(shop.told_once()) == 2)
    assert {body["type"] for body in shop.told_once()} == {"track", "identify"}
    assert all("userId" not in body for body in shop.told_once()), "it knows people by email, and by nothing else"
    assert shop.traits("user_id:bob")["big_spenders"] is True
    assert shop.profile("user_id:bob", "traits?class=audience").body["traits"] == {"big_spenders": True}

    shop.send({"event": "Refund Requested", "userId": "bob"})
    shop.until(lambda: len(shop.told("bob", "big_spenders")) == 2)
    assert shop.told("bob", "big_spenders")[1]["event"] == "Audience Exited"
    assert shop.traits("user_id:bob")["big_spenders"] is False
    assert len(shop.told_once()) == 2, "what happens once is not taken back"


def test_window_when_nothing_arrives_any_more_then_it_closes_by_itself(shop: Shop) -> None:
    shop.send({"event": "Product Viewed", "userId": "cleo"})
    shop.until(lambda: len(shop.told("cleo", "just_looking")) == 2)
    entered, left = shop.told("cleo", "just_looking")
    assert (entered["event"], left["event"]) == ("Audience Entered", "Audience Exited")
    (event,) = shop.profile("user_id:cleo", "events").body["data"]
    assert event["event"] == "Product Viewed"
    lasted = _ms(left["timestamp"]) - _ms(event["timestamp"])
    assert lasted == 2_000, "in the very millisecond"
    assert shop.traits("user_id:cleo")["just_looking"] is False


def _ms(text: str) -> int:
    hours, minutes, seconds = text[11:-1].split(":")
    return round(((int(hours) * 60 + int(minutes)) * 60 + float(seconds)) * 1000)


def test_definition_when_it_is_applied_later_then_everybody_is_computed_from_the_past(
    shop: Shop, tmp_path: Path
) -> None:
    shop.send(*({"event": "Song Played", "userId": f"dan-{n % 50}", "properties": {"s": n}} for n in range(100)))
    shop.until(lambda: len(shop.profile("user_id:dan-49", "events").body.get("data", ())) == 2)
    file = tmp_path / "workspace.yaml"
    fans = {"key": "fans", "where": {"event": "Song Played", "count": {"op": ">=", "value": 2}}}
    songs = {"key": "songs", "kind": "unique_count", "event": "Song Played", "property": "s"}
    file.write_text(json.dumps(workspace(shop.hook.url, traits=[songs], audiences=[fans])))
    shop.command("apply", str(file))
    shop.until(lambda: shop.api("GET", "/audiences/fans").body["status"] == "live")
    line = shop.api("GET", "/audiences/fans").body
    assert (line["size"], line["progress"]) == (50, 1.0)
    assert shop.api("GET", "/traits/songs").body["status"] == "live"
    assert {shop.traits(f"user_id:dan-{n}")["songs"] for n in range(50)} == {2}
    members = shop.api("GET", "/audiences/fans/members?limit=100").body["data"]
    assert len(members) == 50
    shop.send({"event": "Song Played", "userId": "dan-7", "properties": {"s": "new"}})
    shop.until_traits("user_id:dan-7", songs=3)


def test_unmerge_when_two_people_were_made_one_then_why_tells_and_both_are_given_back(shop: Shop) -> None:
    shop.send({"type": "identify", "userId": "eva", "traits": {"city": "Oslo"}}, order("eva", 10))
    shop.send(
        {"type": "identify", "anonymousId": "tablet", "traits": {"city": "Bergen", "email": "finn@example.com"}},
        {"event": "Order Completed", "anonymousId": "tablet", "properties": {"total": 20}},
    )
    shop.until_traits("anonymous_id:tablet", order_count=1)
    shop.send({"event": "Shared Tablet", "userId": "eva", "anonymousId": "tablet", "messageId": "the-mistake"})
    shop.until_traits("user_id:eva", order_count=2, city="Bergen")
    assert shop.traits("email:finn@example.com") == shop.traits("user_id:eva")
    why = shop.command("profile", "shop", "user_id:eva", "--why")
    assert "became one" in why
    assert "the-mistake" in why

    asked = shop.api("POST", "/profiles/user_id:eva/unmerge", {"message_id": "the-mistake"})
    assert asked.status == 202, asked.body
    shop.until_traits("user_id:eva", order_count=1, city="Oslo")
    assert shop.traits("user_id:eva") == {"city": "Oslo", "order_count": 1, "revenue_90d": 10}
    assert shop.traits("anonymous_id:tablet") == {
        "city": "Bergen",
        "email": "finn@example.com",
        "order_count": 1,
        "revenue_90d": 20,
    }
    shop.send({"event": "Shared Tablet", "userId": "eva", "anonymousId": "tablet", "messageId": "again"})
    newest = "events?limit=1"
    shop.until(lambda: shop.profile("user_id:eva", newest).body["data"][0]["message_id"] == "again")
    assert shop.traits("anonymous_id:tablet")["city"] == "Bergen", "the pair stays apart"
    decisions = shop.api("GET", "/profiles/user_id:eva").body["identity_log"]
    assert "unmerged" in {each["kind"] for each in decisions}


def test_kill_when_the_pipeline_dies_under_load_then_every_event_counts_once_for_its_person(
    tmp_path: Path,
) -> None:
    """And afterwards everything that is known can be derived from the lake again, and is the same."""
    dice = random.Random(SEED)
    with Hook() as hook, stand(tmp_path, workspace(hook.url)) as platform:
        shop = Shop(platform, hook)
        with Load(platform.collect_port) as load:
            for _ in range(KILLS):
                load.wait_for_answers(dice.randrange(20, 300))
                pid = platform.pid("pipeline")
                platform.kill_role("pipeline")
                platform.wait_for_another("pipeline", pid)
            load.wait_for_answers(100)
        platform.wait_for_lake(load.ids)
        arrived = Counter(row["user_id"] for row in platform.sql("SELECT user_id FROM events"))
        assert len(arrived) == 30
        for person, count in arrived.items():
            shop.until_traits(f"user_id:{person}", loads=count)
        busy = {person for person, count in arrived.items() if count >= 20}
        assert shop.api("GET", "/audiences/busy").body["size"] == len(busy)
        assert platform.stop() == 0
        some = dice.sample(sorted(arrived), 5)
        known = [described(shop, person) for person in some]
        shop.command("rebuild", "--yes")
        assert [described(shop, person) for person in some] == known


def described(shop: Shop, person: str) -> Any:
    return json.loads(shop.command("profile", "shop", f"user_id:{person}", "--json", "--events"))
