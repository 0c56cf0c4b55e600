"""What a profile has done, page by page, through the private API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api
from storing import AT_MS, Writer

from headwater import limits
from headwater.aggregation.tables import segment_id
from headwater.units import DAY_MS


@pytest.fixture
def api(tmp_path: Path, written: Writer) -> Iterator[Api]:
    made = Api(tmp_path, "workspace: shop\nsources: [{name: website, write_key: wk_website}]\n")
    yield made
    made.close()


def ann(written: Writer) -> bytes:
    """Six events on three days, two of them from before a merge."""
    part = written.profile(name="part")
    user = written.profile("user_id:u1", parts=[part], events=6)
    written.merged(part, user)
    written.event(part, at_ms=AT_MS, offset=1, type="page", name="Home")
    written.event(user, at_ms=AT_MS + DAY_MS, offset=2, event="Order")
    written.event(part, at_ms=AT_MS + DAY_MS, offset=3, event="Order", source="app")
    written.event(user, at_ms=AT_MS + DAY_MS + 1, offset=4, type="identify", traits={"n": "<huge>"})
    written.event(user, at_ms=AT_MS + 2 * DAY_MS, offset=5, index=0, event="Refund")
    written.event(user, at_ms=AT_MS + 2 * DAY_MS, offset=5, index=1, event="Order")
    return user


def paged(api: Api, who: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.json(f"/profiles/events/{who}", **query, **cursor)
        found += page["data"]
        if page["next"] is None:
            assert page["reached"] is None
            return found
        cursor = {"cursor": page["next"]}


def records(events: list[dict[str, Any]]) -> list[str]:
    return [each["record"] for each in events]


def test_events_when_asked_for_then_newest_first_with_those_from_before_a_merge(api: Api, written: Writer) -> None:
    user = ann(written)
    for who in ("user_id:u1", segment_id(user)):
        events = paged(api, who)
        assert records(events) == ["5.1", "5.0", "4.0", "3.0", "2.0", "1.0"]
    assert (events[0]["type"], events[0]["name"], events[0]["message_id"]) == ("track", "Order", "m5.1")
    assert (events[5]["type"], events[5]["name"]) == ("page", "Home")
    assert events[2]["event"]["traits"] == {"n": "1e999"}


@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_events_when_paged_then_each_once(api: Api, written: Writer, limit: int) -> None:
    ann(written)
    assert records(paged(api, "user_id:u1", limit=limit)) == ["5.1", "5.0", "4.0", "3.0", "2.0", "1.0"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"type": "page"}, ["1.0"]),
        ({"name": "Order"}, ["5.1", "3.0", "2.0"]),
        ({"name": "Order", "source": "app"}, ["3.0"]),
        ({"type": "identify", "name": "Order"}, []),
        ({"since": "2023-11-16T00:00:00Z"}, ["5.1", "5.0"]),
        ({"until": "2023-11-15T00:00:00Z"}, ["1.0"]),
        ({"since": "2023-11-15T00:00:00Z", "until": "2023-11-16T00:00:00Z"}, ["4.0", "3.0", "2.0"]),
    ],
)
def test_events_when_filtered_then_only_those(
    api: Api, written: Writer, query: dict[str, str], expected: list[str]
) -> None:
    ann(written)
    assert records(paged(api, "user_id:u1", limit=2, **query)) == expected


def test_events_when_rare_ones_are_asked_for_then_a_page_ends_and_says_how_far_it_is(
    api: Api, written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.unify, "PROFILE_EVENTS_LOOKED", 4)
    ann(written)
    page = api.json("/profiles/events/user_id:u1", type="page")
    assert (page["data"], page["reached"]) == ([], "2023-11-15T22:13:20.000Z")
    rest = api.json("/profiles/events/user_id:u1", type="page", cursor=page["next"])
    assert (records(rest["data"]), rest["next"]) == (["1.0"], None)


def test_events_when_the_value_of_an_id_has_slashes_then_found_all_the_same(api: Api, written: Writer) -> None:
    user = written.profile("page:a/b/events")
    written.event(user, offset=1, event="E")
    assert records(paged(api, "page:a%2Fb%2Fevents")) == ["1.0"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/profiles/events/user_id:nobody", 404),
        ("/profiles/events/nobody", 400),
        ("/profiles/events/user_id:u1?cursor=1", 400),
        ("/profiles/events/user_id:u1?cursor=1.2.99999999999", 400),
        ("/profiles/events/user_id:u1?cursor=-1.2.3", 400),
        ("/profiles/events/user_id:u1?since=yesterday", 400),
        ("/profiles/events/user_id:u1?limit=1000", 400),
    ],
)
def test_events_when_it_cannot_be_answered_then_says_why(api: Api, written: Writer, path: str, code: int) -> None:
    ann(written)
    assert api.error("GET", path)[0] == code


# --- how many ---------------------------------------------------------------------------------------------------


def test_activity_when_asked_for_then_days_names_and_sources(api: Api, written: Writer) -> None:
    ann(written)
    found = api.json("/profiles/activity/user_id:u1")
    assert [(each["day"], each["events"]) for each in found["days"]] == [
        ("2023-11-14", 1),
        ("2023-11-15", 3),
        ("2023-11-16", 2),
    ]
    assert found["kinds"][0] == {
        "type": "track",
        "name": "Order",
        "events": 3,
        "newest": "2023-11-16T22:13:20.000Z",
    }
    assert found["sources"] == [{"source": "website", "events": 5}, {"source": "app", "events": 1}]
    assert (found["events"], found["complete"]) == (6, True)


def test_activity_when_there_are_too_many_then_the_newest_are_counted(
    api: Api, written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.unify, "PROFILE_ACTIVITY_EVENTS", 2)
    ann(written)
    found = api.json("/profiles/activity/user_id:u1")
    assert (found["events"], found["complete"], len(found["days"])) == (2, False, 1)
    assert api.json("/profiles/activity/user_id:u1", since="2023-11-16T00:00:00Z")["complete"]
