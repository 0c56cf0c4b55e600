"""A transformation tried before it is saved: its mistakes, and what it would do to events of the lake."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from private_api import Api

from headwater.event import OutboundEvent
from headwater.profiles.embedded import embedded

FILE = """\
workspace: shop
sources: [{name: website, write_key: wk_website}]
transformations: [{name: tidy, drop_properties: [a]}]
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def store(api: Api, *properties: dict[str, Any]) -> None:
    """Accepted events, as the archive writes them; the collected log has none of them any more."""
    events = []
    for number, each in enumerate(properties):
        at_ms, name = 1_700_000_000_000 + number, f"m{number}"
        body = msgspec.json.encode({"type": "track", "event": "Order", "messageId": name, "properties": each})
        who = ("u1", None, None, None)
        events.append(
            OutboundEvent(number, 0, name, "track", "Order", None, *who, "website", at_ms, at_ms, None, None, body)
        )
    lake = embedded(api.desk.data).lake()
    lake.write(0, 0, [lake.pack(events)])


def run(api: Api, **asked: Any) -> dict[str, Any]:
    answer = api.ask("POST", "/transformations/-/test", json=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_draft_when_it_is_new_then_tried_and_not_saved(api: Api) -> None:
    store(api, {"a": 1}, {"b": 2})
    found = run(api, transformation="new", draft={"rename_properties": {"b": "c"}}, whole=5)
    assert (found["tested"], found["matched"], found["changed"]) == (2, 1, 1)
    (step,) = found["events"][0]["steps"]
    assert step["before"]["properties"] == {"b": 2}
    assert step["after"]["properties"] == {"c": 2}
    assert [line["name"] for line in api.json("/transformations")["data"]] == ["tidy"]


def test_draft_when_there_is_one_of_its_name_then_takes_its_place(api: Api) -> None:
    store(api, {"a": 1, "b": 2})
    found = run(api, transformation="tidy", draft={"drop_properties": ["b"]})
    (step,) = found["events"][0]["steps"]
    assert [change["path"] for change in step["changes"]] == ["properties.b"]
    assert "before" not in step, "whole events are for who asks for them"


def test_draft_when_it_drops_then_there_is_nothing_after(api: Api) -> None:
    store(api, {"a": 1})
    found = run(api, transformation="new", draft={"drop": True}, whole=1)
    (step,) = found["events"][0]["steps"]
    assert step["before"]["properties"] == {"a": 1}
    assert "after" not in step
    assert found["dropped"] == 1


@pytest.mark.parametrize(
    ("asked", "status", "code", "path"),
    [
        ({"draft": {"drop": True}}, 400, "invalid_request", None),
        ({"draft": {"drop": True}, "transformation": "new", "file": FILE}, 400, "invalid_request", None),
        ({"draft": {}, "transformation": "new"}, 422, "invalid_config", ""),
        ({"draft": {"if": "event =", "drop": True}, "transformation": "new"}, 422, "invalid_config", "if"),
    ],
)
def test_draft_when_it_is_wrong_then_says_where(
    api: Api, asked: dict[str, Any], status: int, code: str, path: str | None
) -> None:
    got, error = api.error("POST", "/transformations/-/test", json=asked)
    assert (got, error["code"]) == (status, code)
    if path is not None:
        assert [problem["path"] for problem in error["problems"]] == [path]
