"""What a running platform tells about its sources, over the command line and the private API."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from platforms import Platform, ask

FILE = """\
workspace: shop
sources:
  - {name: my shop, type: server, write_key: wk_shop, tracking_plan: known}
  - {name: quiet, type: server, write_key: wk_quiet}
tracking_plans:
  - {name: known, rules: [{type: track, event: Order Completed}]}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that has seen thirty orders, a page and a user."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "workspace.yaml").write_text(FILE)
    platform = Platform(folder / "data", "--workspace", str(folder / "workspace.yaml")).start()
    events: list[dict[str, object]] = [
        {"type": "track", "event": "Order Completed", "properties": {"total": n / 2, "items": [{"id": "x"}]}}
        for n in range(30)
    ]
    events += [
        {"type": "track", "event": "order\u001b[31m", "properties": {"a.b": None}},
        {"type": "page", "name": "Home", "properties": {"path": "/"}},
        {"type": "identify", "traits": {"since": "2026-01-02T03:04:05Z"}},
    ]
    body = msgspec.json.encode({"batch": [{"userId": "u1"} | event for event in events], "writeKey": "wk_shop"})
    assert ask(f"http://127.0.0.1:{platform.collect_port}/v1/batch", method="POST", body=body).status == 200
    platform.wait_for_status(lambda status: status["sources"].get("my shop", {}).get("events") == 33)
    yield platform
    platform.close()


def schema_of(platform: Platform, **query: object) -> dict[str, list[dict[str, object]]]:
    answer = platform.api(
        "/sources/my%20shop/schema?" + "&".join(f"{k}={quote(str(v))}" for k, v in query.items())
    )
    assert answer.status == 200
    found: dict[str, list[dict[str, object]]] = answer.json()
    return found


def test_schema_when_read_over_the_api_then_has_events_and_properties(shop: Platform) -> None:
    page = schema_of(shop, event="COMPLETED")
    (order,) = page["data"]
    assert (order["call"], order["event"], order["volume"], order["new"], order["planned"]) == (
        *("track", "Order Completed", 30),
        *(True, True),
    )
    properties = {found["path"]: found["types"] for found in order["properties"]}  # type: ignore[attr-defined]
    assert properties == {
        "items": {"array": 30},
        "items.$": {"object": 30},
        "items.$.id": {"string": 30},
        "total": {"number": 30},
    }
    assert page["events"] == 4
    assert [e["planned"] for e in schema_of(shop)["data"]] == [False, False, True, False]


def test_schema_when_read_in_pages_then_they_make_the_whole(shop: Platform) -> None:
    whole = schema_of(shop)["data"]
    found, cursor = [], None
    while True:
        page = schema_of(shop, limit=1, **({"cursor": cursor} if cursor else {}))
        found += page["data"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole
    assert [(e["call"], e["event"]) for e in whole] == [
        *(("identify", ""), ("page", "Home")),
        *(("track", "Order Completed"), ("track", "order\x1b[31m")),
    ]


def test_schema_when_asked_since_the_future_then_nothing_is_new(shop: Platform) -> None:
    assert {e["new"] for e in schema_of(shop, since="2999-01-01")["data"]} == {False}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/sources/nothing/schema", 404, "not_found"),
        ("/sources/nothing/schema/plan", 404, "not_found"),
        ("/sources/quiet/schema/plan", 404, "not_found"),
        ("/sources/quiet/schema", 200, None),
        ("/sources/my%20shop/schema?since=soon", 400, "invalid_instant"),
        ("/sources/my%20shop/schema?cursor=gone", 400, "invalid_cursor"),
    ],
)
def test_schema_when_there_is_none_then_says_so(shop: Platform, path: str, status: int, code: str | None) -> None:
    answer = shop.api(path)
    assert answer.status == status
    assert answer.json().get("error", {}).get("code") == code


def test_command_when_here_and_from_afar_then_agree(shop: Platform) -> None:
    for words in (["schema", "my shop"], ["schema", "my shop", "order"], ["plan", "infer", "my shop"]):
        here = shop.command(*words)
        assert here.returncode == 0, here.stderr
        assert here.stdout == shop.remotely(*words).stdout
        assert "\x1b" not in here.stdout, "a name may not speak to the terminal"
    assert re.search(r"^ *30 .* Order Completed  \(new\)$", shop.command("schema", "my shop").stdout, re.MULTILINE)
    detail = shop.command("schema", "my shop", "order").stdout
    assert re.search(r"^ *30 .* items\.\$\.id: string 30  \(new\)$", detail, re.MULTILINE)
    assert "(new, not planned)" in detail
    assert msgspec.json.decode(shop.command("schema", "my shop", "--json").stdout)["events"] == 4
    assert "nothing was seen" in shop.command("schema", "quiet").stdout
    unknown = shop.command("schema", "nothing")
    assert unknown.returncode == 1
    assert "there is no source 'nothing'" in unknown.stderr


def test_inferred_plan_when_put_into_the_workspace_then_it_is_planned_and_applied(
    shop: Platform, tmp_path: Path
) -> None:
    words = ("plan", "infer", "my shop", "--events", "Order Completed", "--events", "identify", "--name", "draft")
    drafted = shop.command(*words)
    assert drafted.stdout == shop.remotely(*words).stdout
    file = tmp_path / "infer"  # a file may be called like the other command, when it is named with its folder
    sources, _, _ = FILE.partition("tracking_plans:")
    file.write_text(sources.replace("known", "draft") + drafted.stdout)
    planned = shop.command("plan", str(file))
    assert planned.returncode == 2, planned.stderr
    assert "draft" in planned.stdout
    assert shop.command("apply", str(file)).returncode == 0
    assert shop.command("plan", str(file)).returncode == 0
    flags = {(e["call"], e["event"]): e["planned"] for e in schema_of(shop)["data"]}
    assert flags["identify", ""]
    assert not flags["page", "Home"]
