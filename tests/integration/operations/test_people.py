"""Audiences and identities of a running platform: through the private API, by the commands here and from afar."""

import csv
import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from platforms import Platform, ask

FILE = """\
workspace: shop
sources:
  - {name: website, type: server, write_key: wk_shop}
identity: {external_ids: [{type: user_id, limit: 2}]}
traits:
  - {key: orders, kind: event_count, event: Order Completed}
audiences:
  - key: buyers
    where: {event: Order Completed, count: {op: ">=", value: 2}}
"""

CONDITION = b'{"computed":"orders","op":">","value":0}'

EVENTS: list[dict[str, object]] = [
    {"type": "identify", "userId": f"u{person}", "anonymousId": f"a{person}", "traits": {"phone": "4155550123"}}
    for person in (1, 2)
] + [
    {"type": "track", "event": "Order Completed", "userId": f"u{person}", "properties": {"total": 5}}
    for person in (1, 1, 2)
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "workspace.yaml").write_text(FILE)
    platform = Platform(folder / "data", "--workspace", str(folder / "workspace.yaml")).start()
    try:
        send(platform, *(event | {"messageId": f"m{number}"} for number, event in enumerate(EVENTS)))
        until(lambda: platform.api("/audiences/buyers").json()["size"] == 1)
        yield platform
    finally:
        platform.close()


def send(platform: Platform, *events: dict[str, object]) -> None:
    body = msgspec.json.encode({"batch": list(events), "writeKey": "wk_shop"})
    assert ask(f"http://127.0.0.1:{platform.collect_port}/v1/batch", method="POST", body=body).status == 200


def until(is_so: Callable[[], bool]) -> None:
    """Asks again and again: nothing outside tells when the pipeline has come so far."""
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline


def post(platform: Platform, path: str, body: Any, *, method: str = "POST") -> Any:
    answer = platform.api(path, method=method, body=msgspec.json.encode(body), content_type="application/json")
    assert answer.status in {200, 202}, answer.body
    return answer.json()


def test_commands_when_here_and_from_afar_then_agree(shop: Platform) -> None:
    for words in (
        ["audiences"],
        ["audiences", "show", "buyers"],
        ["audiences", "members", "buyers", "--traits", "orders"],
        ["audiences", "export", "buyers", "--format", "ndjson", "--traits", "orders,phone"],
        ["audiences", "export", "buyers", "--traits", "orders,phone"],
        ["quarantine"],
        ["duplicates", "--by", "phone"],
    ):
        here = shop.command(*words)
        assert here.returncode == 0, here.stderr
        assert here.stdout == shop.remotely(*words).stdout
    for words in (["audiences", "show", "none"], ["quarantine", "--release", "email:x"]):
        for refused in (shop.command(*words), shop.remotely(*words)):
            assert (refused.returncode, refused.stdout) == (1, "")
            assert "none" in refused.stderr or "not in quarantine" in refused.stderr


def test_export_when_asked_over_http_then_a_file_with_its_headers(shop: Platform) -> None:
    answer = shop.api("/audiences/buyers/export?format=csv&traits=orders,phone")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["cache-control"] == "no-store"
    (row,) = csv.DictReader(io.StringIO(answer.body.decode()))
    assert (row["user_id"], row["orders"], row["phone"]) == ("u1", "2", "4155550123")


def test_preview_when_the_lake_has_the_events_then_the_same_here_and_from_afar(shop: Platform) -> None:
    query = "event('Order Completed').count() >= 2"
    until(lambda: shop.api("/audiences/-/preview", method="POST", body=CONDITION).json()["count"] == 2)
    here = shop.command("audiences", "preview", "--query", query)
    assert here.stdout.startswith(f"1 profile of users: {query}\n")
    assert here.stdout == shop.remotely("audiences", "preview", "--query", query).stdout


def test_audience_when_put_over_http_then_computed_for_everybody_with_its_progress(shop: Platform) -> None:
    post(shop, "/audiences/shoppers", {"event": "Order Completed"}, method="PUT")
    until(lambda: shop.api("/audiences/shoppers").json()["status"] == "live")
    assert shop.api("/audiences/shoppers").json()["size"] == 2
    assert shop.api("/audiences/shoppers/overlap?with=buyers").json() == {
        "both": 1,
        "only_first": 1,
        "only_second": 0,
    }
    assert shop.api("/status").json()["people"]["audiences"] == {"buyers": 1, "shoppers": 2}
    assert shop.api("/audiences/shoppers", method="DELETE").status == 200
    until(lambda: not shop.api("/status").json()["people"]["sweep"]["under_way"])
    assert shop.api("/audiences/shoppers").status == 404


def test_unmerge_when_decided_from_afar_then_they_are_two_again(shop: Platform) -> None:
    send(shop, {"type": "track", "event": "Tied", "userId": "u1", "anonymousId": "a2", "messageId": "tie"})

    def profile(who: str) -> Any:
        return shop.api(f"/profiles/{who}").json()

    until(lambda: profile("user_id:u1")["segment_id"] == profile("user_id:u2")["segment_id"])
    words = ("unmerge", "shop", "user_id:u2", "--event", "tie")
    here, afar = shop.command(*words, "--preview"), shop.remotely(*words, "--preview")
    assert here.returncode == 0, here.stderr
    assert here.stdout == afar.stdout
    done = shop.remotely(*words, "--yes")
    assert done.returncode == 0, done.stderr
    until(lambda: profile("user_id:u1")["segment_id"] != profile("user_id:u2")["segment_id"])
    assert profile("user_id:u1")["traits"]["orders"]["value"] == 2
    assert profile("user_id:u2")["traits"]["orders"]["value"] == 1
    assert [each["kind"] for each in profile("user_id:u1")["identity_log"]][-1] == "unmerged"
    for refused in (shop.command(*words, "--yes"), shop.remotely(*words, "--yes")):
        assert (refused.returncode, "undone before" in refused.stderr) == (1, True)


def test_rebuild_when_the_platform_runs_then_refused(shop: Platform) -> None:
    refused = shop.command("rebuild", "--yes")
    assert refused.returncode == 1
    assert "stop it first" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_rebuild_when_the_platform_was_stopped_then_the_same_people(shop: Platform) -> None:
    before = shop.command("audiences", "members", "buyers", "--traits", "orders").stdout
    assert shop.stop() == 0
    done = shop.command("rebuild", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "7 events, 2 profiles\n"
    assert shop.command("audiences", "members", "buyers", "--traits", "orders").stdout == before
