"""Profiles of a running platform: what was sent, seen through the Profile API, the private API and the command."""

import base64
import re
import time
from collections.abc import Iterator
from urllib.parse import quote

import msgspec
import pytest
from platforms import Answer, Platform, ask

FILE = """\
workspace: shop
sources:
  - {name: website, type: server, write_key: wk_shop}
profile_api:
  tokens: [{name: tests, token: pt_0123456789abcdef}]
traits:
  - {key: orders, kind: event_count, event: Order Completed}
audiences:
  - key: buyers
    where: {event: Order Completed, count: {op: ">=", value: 2}}
"""

EVENTS: list[dict[str, object]] = [
    {"type": "track", "event": "Viewed", "anonymousId": "a1"},
    {"type": "page", "name": "Docs", "anonymousId": "a1"},
    {"type": "identify", "userId": "u/1", "traits": {"email": "ann+x@example.com", "city": "Oslo"}},
    {"type": "identify", "userId": "u/1", "anonymousId": "a1", "traits": {}},
    {"type": "group", "userId": "u/1", "groupId": "g1", "traits": {"plan": "pro"}},
    {"type": "track", "event": "Order Completed", "userId": "u/1", "properties": {"total": 5}},
    {"type": "track", "event": "Order Completed", "anonymousId": "a1", "properties": {"total": 7}},
]


def send(platform: Platform, *events: dict[str, object]) -> None:
    body = msgspec.json.encode({"batch": list(events), "writeKey": "wk_shop"})
    assert ask(f"http://127.0.0.1:{platform.collect_port}/v1/batch", method="POST", body=body).status == 200


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that knows one person, who was anonymous at first, and her company."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "workspace.yaml").write_text(FILE)
    platform = Platform(folder / "data", "--workspace", str(folder / "workspace.yaml")).start()
    try:
        send(platform, *(event | {"messageId": f"m{number}"} for number, event in enumerate(EVENTS)))
        platform.wait_for_status(lambda status: status["sources"].get("website", {}).get("events") == len(EVENTS))
        yield platform
    finally:
        platform.close()


def profile_api(platform: Platform, who: str, resource: str, *, collection: str = "users") -> Answer:
    token = base64.b64encode(b"pt_0123456789abcdef:").decode()
    path = f"/v1/spaces/shop/collections/{collection}/profiles/{who}/{resource}"
    return platform.get(path, Authorization=f"Basic {token}")


@pytest.mark.parametrize("who", ["user_id:u%2F1", "user_id:u/1", "anonymous_id:a1", "email:ann%2Bx@example.com"])
def test_profile_api_when_named_by_any_id_then_the_same_person(shop: Platform, who: str) -> None:
    traits = profile_api(shop, who, "traits").json()["traits"]
    assert traits == {"email": "ann+x@example.com", "city": "Oslo", "orders": 2, "buyers": True}
    ids = {(each["type"], each["id"]) for each in profile_api(shop, who, "external_ids").json()["data"]}
    assert ids == {("user_id", "u/1"), ("anonymous_id", "a1"), ("email", "ann+x@example.com")}
    events = profile_api(shop, who, "events?sort=asc").json()["data"]
    assert [event["message_id"] for event in events] == ["m0", "m1", "m5", "m6"]
    assert profile_api(shop, who, "metadata?verbose=1").json()["metadata"]["merges"] == 1


def test_profile_api_when_asked_about_the_account_then_its_traits_and_users(shop: Platform) -> None:
    assert profile_api(shop, "group_id:g1", "traits", collection="accounts").json()["traits"] == {"plan": "pro"}
    (user,) = profile_api(shop, "group_id:g1", "links", collection="accounts").json()["data"]
    assert {each["id"] for each in user["external_ids"]} == {"u/1", "a1", "ann+x@example.com"}


def test_profile_api_when_an_event_arrives_then_it_is_visible_soon(shop: Platform) -> None:
    send(shop, {"type": "identify", "userId": "late", "traits": {"n": 1}})
    deadline = time.monotonic() + 20
    while profile_api(shop, "user_id:late", "traits").status != 200:
        assert time.monotonic() < deadline
    assert profile_api(shop, "user_id:late", "traits").json()["traits"] == {"n": 1}


def test_private_api_when_asked_then_the_identity_log_names_the_event_that_merged(shop: Platform) -> None:
    found = shop.api(f"/profiles/{quote('user_id:u/1', safe='')}").json()
    (merge,) = [each for each in found["identity_log"] if each["kind"] == "merged"]
    assert merge["message_id"] == "m3"
    assert [each["event"]["messageId"] for each in found["events"]] == [f"m{n}" for n in (6, 5, 4, 3, 2, 1, 0)]
    assert found["links"][0]["external_ids"] == [{"type": "group_id", "value": "g1"}]
    assert shop.api("/profiles/user_id:nobody").status == 404
    assert shop.api("/profiles/nobody").json()["error"]["code"] == "invalid_profile"
    assert shop.api("/profiles/user_id:u1?collection=people").json()["error"]["code"] == "invalid_request"
    assert shop.get("/api/v1/profiles/user_id:u1").status == 401


def test_command_when_here_and_from_afar_then_agree(shop: Platform) -> None:
    for words in (["--why", "--events"], ["--json"], ["--collection", "users"]):
        here = shop.command("profile", "shop", "user_id:u/1", *words)
        assert here.returncode == 0, here.stderr
        assert here.stdout == shop.remotely("profile", "shop", "user_id:u/1", *words).stdout
    why = shop.command("profile", "shop", "anonymous_id:a1", "--why").stdout
    assert re.search(r"became one: the event had \S+ of the latter and \S+\n +event m3 from website", why)
    for who, message in (("user_id:nobody", "there is no profile"), ("nobody", "TYPE:VALUE")):
        for refused in (shop.command("profile", "shop", who), shop.remotely("profile", "shop", who)):
            assert refused.returncode == 1
            assert message in refused.stderr
