"""Profiles looked for, through the private API, on a state with as many of them as a test is about."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api, enter
from storing import AT_MS, Writer

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.tables import segment_id
from headwater.event import OutboundEvent, encode_outbound

FILE = """
workspace: shop
sources: [{name: website, write_key: wk_website}]
identity: {external_ids: [{type: user_id}, {type: email}, {type: card}]}
audiences:
  - {key: buyers, where: {event: Order}}
"""


@pytest.fixture
def api(tmp_path: Path, written: Writer) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def search(api: Api, **wanted: Any) -> dict[str, Any]:
    answer = api.ask("POST", "/profiles/search", json=wanted)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def all_of(api: Api, **wanted: Any) -> list[str]:
    """Segment ids, page after page."""
    found: list[str] = []
    page = search(api, **wanted)
    while True:
        found += [each["segment_id"] for each in page["data"]]
        if page["next"] is None:
            return found
        page = search(api, **wanted, cursor=page["next"])


def count(written: Writer, collection: str, number: int) -> None:
    written.commit({tables.SWEEPS: {b"count" + tables.COLLECTIONS[collection]: tables.pack_ms(number)}})


@pytest.mark.parametrize("text", ["u1", " u1 ", "user_id:u1", "ann@x.io", "Ann@X.io", "email:ann@x.io", "c:1"])
def test_search_when_the_text_is_an_external_id_then_it_is_found_at_once(
    api: Api, written: Writer, text: str
) -> None:
    ann = written.profile("user_id:u1", "email:ann@x.io", "card:c:1", traits={"name": "Ann Lee"})
    written.profile("user_id:u2")
    found = search(api, text=text)
    assert [each["segment_id"] for each in found["data"]] == [segment_id(ann)]
    assert (found["exact"], found["looked"]) == (1, 0)
    assert found["next"] is not None, "there may be others whose ids only begin so"


def test_search_when_the_text_is_a_segment_id_that_was_merged_away_then_the_one_that_it_is_now(
    api: Api, written: Writer
) -> None:
    stays, gone = written.profile("user_id:u1"), written.profile(name="gone")
    written.merged(gone, stays)
    assert search(api, text=segment_id(gone))["data"][0]["segment_id"] == segment_id(stays)


def test_search_when_a_line_is_shown_then_it_says_who_it_is(api: Api, written: Writer) -> None:
    written.profile(
        "card:c1",
        "email:ann@x.io",
        "user_id:u1",
        traits={"firstName": "Ann", "lastName": "Lee", "plan": "pro", "city": "Oslo", "tags": ["a"], "gone": None},
        events=7,
        merges=1,
    )
    (line,) = search(api, text="u1")["data"]
    assert line["name"] == "Ann Lee"
    assert [each["type"] for each in line["external_ids"]] == ["user_id", "email", "card"]
    assert line["traits"] == {"plan": "pro", "city": "Oslo"}
    assert (line["events_count"], line["merges"], line["external_ids_count"]) == (7, 1, 3)
    assert line["last_seen"] == "2023-11-14T22:13:20.005Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ann", {"ann", "anne"}), ("ann l", {"ann"}), ("LEE", {"ann"}), ("anne@", {"anne"}), ("u2", {"anne"})],
)
def test_search_when_the_text_is_a_beginning_then_ids_and_words_of_names_are_compared(
    api: Api, written: Writer, text: str, expected: set[str]
) -> None:
    profiles = {
        "ann": written.profile("user_id:u1", traits={"name": "Ann Lee"}),
        "anne": written.profile("user_id:u22", traits={"email": "anne@x.io", "city": "Leeds"}),
        "bob": written.profile("user_id:b1", traits={"name": "Hannah"}),
    }
    found = all_of(api, text=text)
    assert set(found) == {segment_id(profiles[name]) for name in expected}
    assert len(found) == len(expected)


def test_search_when_exact_ones_are_found_then_a_walk_does_not_show_them_again(api: Api, written: Writer) -> None:
    one, other = written.profile("user_id:u1"), written.profile("user_id:u11")
    assert all_of(api, text="u1") == [segment_id(one), segment_id(other)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"trait": "city", "value": "Oslo"}, {"a"}),
        ({"trait": "city", "op": "exists"}, {"a", "b"}),
        ({"trait": "city", "op": "not_exists"}, {"c"}),
        ({"trait": "age", "op": ">", "value": 40}, {"b"}),
        ({"trait": "address.zip", "op": "starts_with", "value": "12"}, {"b"}),
        ({"trait": "orders", "op": ">=", "value": 2}, {"a"}),
        ({"trait": "buyers", "value": True}, {"a"}),
        ({"trait": "since", "op": "within_last", "value": "7d"}, {"c"}),
    ],
)
def test_search_when_traits_are_asked_about_then_as_in_an_audience(
    api: Api, written: Writer, condition: dict[str, Any], expected: set[str]
) -> None:
    profiles = {
        "a": written.profile(
            "user_id:a", traits={"city": "Oslo", "age": 30}, computed={"orders": 3, "buyers": True}
        ),
        "b": written.profile("user_id:b", traits={"city": "Bergen", "age": 41, "address": {"zip": "1234"}}),
        "c": written.profile("user_id:c", traits={"since": "2023-11-12T00:00:00Z"}),
    }
    written.commit({tables.SWEEPS: {b"clock": tables.pack_ms(AT_MS)}})
    assert set(all_of(api, traits=[condition])) == {segment_id(profiles[name]) for name in expected}


def test_search_when_several_things_are_asked_then_all_must_hold(api: Api, written: Writer) -> None:
    both = written.profile("user_id:u1", traits={"city": "Oslo"})
    member = written.profile("user_id:u2", traits={"city": "Bergen"})
    written.profile("user_id:u3", traits={"city": "Oslo"})
    enter(written, "buyers", *sorted([both, member]))
    oslo = [{"trait": "city", "value": "Oslo"}]
    assert set(all_of(api, audience="buyers")) == {segment_id(both), segment_id(member)}
    assert all_of(api, audience="buyers", traits=oslo) == [segment_id(both)]
    assert all_of(api, audience="buyers", text="u3") == []
    assert all_of(api, audience="buyers", text="u1") == [segment_id(both)]
    assert search(api, audience="buyers")["total"] == 2


def test_search_when_a_collection_is_asked_for_then_only_there(api: Api, written: Writer) -> None:
    user, account = written.profile("user_id:u1"), written.profile("group_id:g1", collection="accounts")
    count(written, "users", 1)
    count(written, "accounts", 1)
    assert set(all_of(api)) == {segment_id(user), segment_id(account)}
    assert all_of(api, collection="accounts") == [segment_id(account)]
    assert all_of(api, collection="users", text="g1") == []
    assert (search(api)["total"], search(api, collection="users")["total"]) == (2, 1)


def test_search_when_there_are_more_than_are_looked_at_then_it_says_how_far_it_is(
    api: Api, written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.unify, "PROFILE_SEARCH_LOOKED", 3)
    for number in range(7):
        written.profile(f"user_id:u{number}", traits={"n": number})
    count(written, "users", 7)
    page = search(api, traits=[{"trait": "n", "value": 99}])
    seen = []
    while page["next"] is not None:
        assert page["data"] == []
        seen.append((page["looked"], page["total"]))
        page = search(api, traits=[{"trait": "n", "value": 99}], cursor=page["next"])
    assert seen == [(3, 7), (6, 7)]
    assert page["looked"] == 7


def test_search_when_paged_then_everybody_once(api: Api, written: Writer) -> None:
    made = {segment_id(written.profile(f"user_id:u{number}")) for number in range(7)}
    enter(written, "buyers", *(key for each in sorted(made) if (key := tables.key_of_segment_id(each))))
    for wanted in ({}, {"audience": "buyers"}):
        found = all_of(api, limit=3, **wanted)
        assert set(found) == made
        assert len(found) == 7


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"collection": "people"}, "users or accounts"),
        ({"limit": 0}, "limit"),
        ({"limit": 1_000}, "limit"),
        ({"audience": "buyer"}, "buyers"),
        ({"traits": [{"trait": "age", "op": "~"}]}, "no operator"),
        ({"traits": [{"trait": "age", "op": ">", "value": "old"}]}, "compares numbers"),
        ({"traits": [{"trait": "a..b", "op": "exists"}]}, "path"),
        ({"traits": [{"trait": "a", "value": {"trait": "b"}}]}, "expected a value"),
        ({"traits": [{"trait": "a", "op": "exists"}] * 21}, "conditions"),
        ({"cursor": "nothing"}, "cursor"),
        ({"cursor": "00.1"}, "cursor"),
        ({"text": "x" * 501}, "characters"),
    ],
)
def test_search_when_it_cannot_be_asked_then_says_why(api: Api, wanted: dict[str, Any], message: str) -> None:
    code, error = api.error("POST", "/profiles/search", json=wanted)
    assert code in {400, 404}
    assert message in error["message"]


def test_search_when_no_pipeline_has_run_then_nobody(tmp_path: Path) -> None:
    api = Api(tmp_path, FILE)
    assert search(api, text="u1") == {"data": [], "next": None, "exact": 0, "looked": 0, "total": 0}
    assert api.json("/profiles/recent") == {"data": [], "users": 0, "accounts": 0}
    api.close()


# --- who was heard of last --------------------------------------------------------------------------------------


def sent(*profiles: bytes | None, destinations: tuple[str, ...] | None = None) -> bytes:
    """A record of the outbound log with an event of each."""
    return encode_outbound(
        [
            OutboundEvent(
                0, index, f"m{index}", "track", "E", None, None, None, None,
                segment_id(profile) if profile else None, "website", AT_MS, AT_MS, None, None, b"{}",
                destinations=destinations,
            )
            for index, profile in enumerate(profiles)
        ]
    )  # fmt: skip


def test_recent_when_events_were_accepted_then_who_was_heard_of_last_comes_first(
    api: Api, written: Writer
) -> None:
    people = [written.profile(f"user_id:u{number}") for number in range(4)]
    gone = written.profile(name="gone")
    written.merged(gone, people[3])
    outbound = api.desk.logs[1]
    for _ in range(20):
        outbound.append([sent(people[0])], events=1)
    outbound.append([sent(people[1], None, people[2])], events=3)
    outbound.append([sent(people[0], destinations=("crm",))], events=1)
    outbound.append([sent(gone)], events=1)
    order = [each["segment_id"] for each in api.json("/profiles/recent")["data"]]
    assert order == [segment_id(people[number]) for number in (3, 2, 1, 0)]
    assert [each["segment_id"] for each in api.json("/profiles/recent", limit=2)["data"]] == order[:2]
