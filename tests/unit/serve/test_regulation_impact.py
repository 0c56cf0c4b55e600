"""What a privacy request would do, in numbers, and whom it finds; through the private API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api, enter
from storing import AT_MS, Writer

from headwater import limits
from headwater.aggregation.tables import segment_id
from headwater.event import OutboundEvent
from headwater.profiles.embedded import embedded

FILE = """
workspace: shop
settings: {log_retention_s: 3600}
sources: [{name: web, write_key: wk_web}]
destinations:
  - {name: crm, type: webhook, settings: {url: "https://crm.example.com/"}}
  - {name: off, type: webhook, enabled: false, settings: {url: "https://off.example.com/"}}
  - {name: chat, type: slack, settings: {url: "https://hooks.slack.com/services/T0/B0/x"}}
audiences:
  - {key: buyers, name: Buyers, where: {event: Order}, destinations: [{name: crm, send: [track]}]}
"""


@pytest.fixture
def api(tmp_path: Path, written: Writer) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def impact(api: Api, *users: str, type_: str = "SUPPRESS_WITH_DELETE") -> dict[str, Any]:
    answer = api.ask("POST", "/regulations/impact", json=request(*users, type_=type_))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def request(*users: str, type_: str = "SUPPRESS_WITH_DELETE") -> dict[str, Any]:
    return {"regulationType": type_, "subjectIds": list(users)}


def store(data: Path, *events: tuple[str | None, bytes | None]) -> None:
    """Events of the lake, with user id and profile."""
    lake = embedded(data).lake()
    rows = [
        OutboundEvent(
            number, 0, f"m{number}", "track", "E", None, user, None, None,
            segment_id(profile) if profile else None, "web", AT_MS, AT_MS, None, None, b"{}",
        )
        for number, (user, profile) in enumerate(events)
    ]  # fmt: skip
    lake.write(0, len(rows), [lake.pack(rows)])


def test_impact_when_asked_then_whom_it_finds_and_what_would_go(api: Api, written: Writer, tmp_path: Path) -> None:
    part = written.profile(name="part")
    ann = written.profile(
        "user_id:ann", traits={"name": "Ann Lee"}, computed={"buyers": True}, events=3, parts=[part]
    )
    written.merged(part, ann)
    written.link(ann, written.profile("group_id:g1", collection="accounts"))
    enter(written, "buyers", ann)
    store(tmp_path, ("ann", ann), (None, part), ("bob", None), ("bea", None))
    found = impact(api, "ann", "bob", "nobody")
    assert (found["subjects"], found["looked_at"], found["profiles"]) == (3, 3, 1)
    assert (found["profile_events"], found["lake_events"], found["accounts"]) == (3, 3, 1)
    assert found["audiences"] == [{"key": "buyers", "name": "Buyers", "members": 1, "destinations": ["crm"]}]
    assert (found["asked"], found["not_asked"]) == (["crm"], ["chat"])
    assert [each["name"] for each in found["people"]] == ["Ann Lee"]
    assert found["logs_gone_by"] is not None
    assert api.json("/regulations")["data"] == [], "nothing was asked for"


def test_impact_when_it_stays_in_here_or_only_suppresses_then_says_so(api: Api) -> None:
    internal = impact(api, "ann", type_="DELETE_INTERNAL")
    assert (internal["asked"], internal["not_asked"], internal["lake_events"]) == ([], [], 0)
    assert impact(api, "ann", type_="SUPPRESS_ONLY")["logs_gone_by"] is None


def test_impact_when_somebody_was_asked_about_before_then_how_that_stands(api: Api) -> None:
    assert api.ask("POST", "/regulations", json=request("ann", type_="SUPPRESS_ONLY")).status_code == 200
    found = impact(api, "ann", "bob")
    assert (found["already_suppressed"], found["open_requests"]) == (1, 1)


def test_impact_when_there_are_too_many_users_then_says_of_how_many_it_speaks(
    api: Api, written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.privacy, "REGULATION_IMPACT_USERS", 2)
    for user in ("a", "b", "c"):
        written.profile(f"user_id:{user}")
    found = impact(api, "a", "b", "c")
    assert (found["subjects"], found["looked_at"], found["profiles"]) == (3, 2, 2)


def test_impact_when_it_is_no_request_then_refused(api: Api) -> None:
    assert api.error("POST", "/regulations/impact", json=request(type_="DELETE_ONLY"))[0] == 400
    assert api.error("POST", "/regulations/impact", json=request("ann", type_="FORGET"))[0] == 400


def test_suppressions_when_searched_then_those_that_begin_so(api: Api) -> None:
    api.ask("POST", "/regulations", json=request("ann", "anna", "bob", type_="SUPPRESS_ONLY"))
    answer = api.ask("POST", "/suppressions/search", json={"subjectId": "ann"}, params={"limit": 1})
    assert [each["subjectIds"] for each in answer.json()["data"]] == [["ann"]]
    rest = api.ask(
        "POST", "/suppressions/search", json={"subjectId": "ann"}, params={"cursor": answer.json()["next"]}
    )
    assert [each["subjectIds"] for each in rest.json()["data"]] == [["anna"]]
    assert api.error("POST", "/suppressions/search", json={"subjectId": ""})[0] == 400


def test_regulation_when_read_then_says_in_words_where_it_stands(api: Api) -> None:
    made = api.ask("POST", "/regulations", json=request("ann")).json()["data"]["regulateId"]
    found = api.json(f"/regulations/{made}")
    assert found["summary"].startswith("Waiting to start")
    assert found["progress"] < 0.5
