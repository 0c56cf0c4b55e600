"""Quarantine, likely duplicates and unmerge through the private API, on profiles that the stages have made."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from private_api import Api, paged
from storing import Writer
from world import MemoryState, World, group, identify, track

from headwater import limits
from headwater.aggregation import decisions, tables
from headwater.aggregation.decisions import Release, Unmerge
from headwater.aggregation.tables import Conflict, ExternalId, segment_id
from headwater.event import decode_collected
from headwater.flow import Effects
from headwater.serve.unify import identities
from headwater.units import MIB

DEFINITIONS = """
identity: {external_ids: [{type: user_id, limit: 2}, {type: email, limit: 2}]}
traits:
  - {key: orders, kind: event_count, event: Order}
audiences:
  - {key: buyers, where: {event: Order, count: {op: ">=", value: 2}}}
"""
FILE = "workspace: shop\nsources: [{name: website, write_key: wk_website}]\n" + DEFINITIONS


class OnDisk(MemoryState):
    """The tables of a real state."""

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self._writer = writer

    def get_many(self, table: str, keys: Sequence[bytes]) -> list[bytes | None]:
        return self._writer.state.get_many(table, keys)

    def scan(
        self, table: str, prefix: bytes = b"", *, start: bytes | None = None
    ) -> Iterator[tuple[bytes, bytes]]:
        return self._writer.state.scan(table, prefix, start=start)

    def commit(self, effects: Effects) -> None:
        self._writer.commit(effects.changes)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


@pytest.fixture
def world(written: Writer) -> World:
    return World(DEFINITIONS, state=OnDisk(written))


def decided(api: Api) -> list[Any]:
    """What was appended to the collected log."""
    requests = [decode_collected(record.data) for record in api.desk.logs[0].read(0, bytes_max=MIB)]
    readers = {decisions.UNMERGE: decisions.decode_unmerge, decisions.RELEASE: decisions.decode_release}
    return [readers[request.call](request.body) for request in requests]


# --- unmerge ----------------------------------------------------------------------------------------------------


def tied(world: World) -> tuple[bytes, bytes]:
    """Two buyers whom event m6-0 has made one."""
    for person in ("1", "2"):
        world.send(identify(f"u{person}", anonymous=f"a{person}", city=f"city {person}"))
        for _ in range(2):
            world.send(track("Order", f"u{person}"))
    older, younger = world.owner("user_id:u1"), world.owner("user_id:u2")
    world.send(track("Shared Device", "u1", anonymous="a2"))
    assert world.owner("user_id:u2") == older
    return older, younger


def test_unmerge_when_tried_then_both_sides_are_shown_and_nothing_happens(api: Api, world: World) -> None:
    older, younger = tied(world)
    before = world.row("user_id:u1")
    answer = api.ask("POST", "/profiles/user_id:u2/unmerge", json={"message_id": "m6-0", "dry_run": True})
    assert answer.status_code == 202
    found = answer.json()
    assert (found["profile"], found["other"]) == (segment_id(older), segment_id(younger))
    assert (found["ids"], found["other_ids"]) == (
        [{"type": "user_id", "value": "u1"}],
        [{"type": "anonymous_id", "value": "a2"}],
    )
    assert [side["segment_id"] for side in found["sides"]] == [segment_id(older), segment_id(younger)]
    for side, person, events in zip(found["sides"], "12", (4, 3), strict=True):
        assert [each["value"] for each in side["external_ids"]] == [f"a{person}", f"u{person}"]
        assert side["traits"] == {"city": f"city {person}", "orders": 2}
        assert (side["audiences"], side["events_count"]) == (["buyers"], events)
    assert decided(api) == []
    assert world.row("user_id:u1") == before


def test_unmerge_when_the_query_says_dry_run_then_nothing_happens_whatever_the_body_says(
    api: Api, world: World
) -> None:
    tied(world)
    answer = api.ask("POST", "/profiles/user_id:u2/unmerge", params={"dry_run": "true"}, json={})
    assert (answer.status_code, answer.json()["dry_run"], answer.json()["decision"]) == (202, True, None)
    assert decided(api) == []


@pytest.mark.parametrize("wanted", [{}, {"message_id": "m6-0"}, {"other": "younger"}])
def test_unmerge_when_asked_then_the_decision_is_in_the_log_and_gives_what_was_shown(
    api: Api, world: World, wanted: dict[str, str]
) -> None:
    older, younger = tied(world)
    names = {"younger": segment_id(younger)}
    body = {key: names.get(value, value) for key, value in wanted.items()}
    answer = api.ask("POST", "/profiles/anonymous_id:a1/unmerge", json=body)
    assert answer.status_code == 202, answer.text
    (decision,) = decided(api)
    assert decision == Unmerge(segment_id(older), "m6-0", segment_id(younger))
    assert answer.json()["decision"] == 0
    world.decide(decisions.as_record(decision, world.now_ms))
    sides = {side["segment_id"]: side for side in answer.json()["sides"]}
    assert set(sides) == {segment_id(world.owner("user_id:u1")), segment_id(world.owner("user_id:u2"))}
    for who in ("user_id:u1", "user_id:u2"):
        side = sides[segment_id(world.owner(who))]
        assert {f"{each['type']}:{each['value']}" for each in side["external_ids"]} == world.ids(who)
        assert side["events_count"] == world.row(who).events
        assert side["traits"]["orders"] == world.values(who)["orders"]
    status, error = api.error("POST", "/profiles/user_id:u1/unmerge", json=body)
    assert (status, error["code"]) == (409, "refused")


def test_decision_when_followed_then_says_when_the_pipeline_has_carried_it_out(api: Api, tmp_path: Path) -> None:
    gone = tables.profile_key("users", "gone", 0, 0)
    unmerge = Unmerge(segment_id(tables.profile_key("users", "stays", 0, 0)), "m6-0", segment_id(gone))
    release = Release("users", "anonymous_id", "tablet")
    for decision in (unmerge, unmerge, release):
        identities.append(api.desk.logs[0], decision)
    assert follow(api, 0) == ("unmerge", "waiting", 1)
    with closing(Writer(tmp_path)) as written:
        written.decide(gone, "unmerged", offset=0)
        assert settled(api, 0) == ("unmerge", "done", 0)
        assert follow(api, 2) == ("release", "waiting", 2)
        written.commit({})
        assert settled(api, 1) == ("unmerge", "refused", 0), "it was undone before"
        written.commit({})
        assert settled(api, 2) == ("release", "done", 0)
    assert api.error("GET", "/identities/decisions/3")[0] == 404


def settled(api: Api, offset: int) -> tuple[str, str, int]:
    """As soon as the view, which follows within milliseconds, has come to it."""
    for _ in range(1_000):
        found = follow(api, offset)
        if found[1] != "waiting":
            return found
    raise AssertionError(f"the view does not come to {offset}: {found}")


def follow(api: Api, offset: int) -> tuple[str, str, int]:
    found = api.json(f"/identities/decisions/{offset}")
    return found["decision"], found["status"], found["behind"]


def test_unmerge_when_the_profile_is_large_then_it_is_not_tried_out(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.identity, "UNMERGE_PREVIEW_EVENTS_MAX", 6)
    tied(world)
    answer = api.ask("POST", "/profiles/user_id:u2/unmerge", json={})
    assert (answer.status_code, answer.json()["sides"]) == (202, None)
    assert len(decided(api)) == 1


def test_unmerge_when_too_much_hangs_on_it_then_refused_before_it_is_accepted(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.identity, "UNMERGE_EVENTS_MAX", 6)
    tied(world)
    status, error = api.error("POST", "/profiles/user_id:u2/unmerge", json={})
    assert (status, error["message"]) == (409, "this cannot be put apart: more than 6 events hang on it")
    assert decided(api) == []


def test_unmerge_when_as_many_pairs_are_put_apart_as_are_kept_then_refused(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tied(world)
    found = api.ask("POST", "/profiles/user_id:u2/unmerge", json={"dry_run": True}).json()
    pairs = len(found["ids"]) * len(found["other_ids"])
    monkeypatch.setattr(limits.identity, "SEVERED_MAX", pairs)
    assert api.ask("POST", "/profiles/user_id:u2/unmerge", json={"dry_run": True}).status_code == 202
    monkeypatch.setattr(limits.identity, "SEVERED_MAX", pairs - 1)
    status, error = api.error("POST", "/profiles/user_id:u2/unmerge", json={})
    why = f"this cannot be put apart: more than {pairs - 1} pairs of ids would be put apart"
    assert (status, error["message"]) == (409, why)
    assert decided(api) == []


def test_unmerge_when_several_merges_may_be_meant_then_asked_which(api: Api, world: World) -> None:
    tied(world)
    world.send(track("Seen", anonymous="a3"))
    world.send(track("Seen", "u1", anonymous="a3"))
    status, error = api.error("POST", "/profiles/user_id:u1/unmerge", json={})
    assert (status, error["code"], error["field"]) == (400, "ambiguous_merge", "message_id")
    assert "by event m6-0" in error["message"]
    assert "by event m8-0" in error["message"]


def test_unmerge_when_an_id_has_a_slash_then_it_is_part_of_it(api: Api, world: World) -> None:
    world.send(track("Seen", "u/unmerge"))
    world.send(track("Seen", anonymous="a1"))
    world.send(track("Seen", "u/unmerge", anonymous="a1"))
    assert api.ask("POST", "/profiles/user_id:u%2Funmerge/unmerge", json={}).status_code == 202


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "words"),
    [
        ("user_id:none/unmerge", b"{}", 404, "not_found", "there is no profile"),
        ("none/unmerge", b"{}", 400, "invalid_profile", "TYPE:VALUE"),
        ("user_id:u9", b"{}", 404, "not_found", "/unmerge"),
        ("user_id:u9/unmerge", b"{}", 409, "refused", "it was never merged"),
        ("user_id:u9/unmerge", b'{"message_id":"none"}', 409, "refused", "no such merge"),
        ("user_id:u9/unmerge", b'{"other":"use_1"}', 409, "refused", "no such merge"),
        ("user_id:u9/unmerge", b'{"event":"m1"}', 400, "invalid_request", "event"),
        ("group_id:g9/unmerge", b"{}", 409, "refused", "is an account"),
    ],
)
def test_unmerge_when_it_cannot_be_then_says_why(
    api: Api, world: World, path: str, body: bytes, status: int, code: str, words: str
) -> None:
    world.send(group("g9", "u9"))
    found, error = api.error("POST", f"/profiles/{path}", content=body)
    assert (found, error["code"]) == (status, code)
    assert words in error["message"]
    assert decided(api) == []


def test_everything_when_no_pipeline_has_run_then_nobody_is_there(api: Api) -> None:
    assert api.error("POST", "/profiles/user_id:u1/unmerge", json={})[0] == 404
    assert api.json("/identities/quarantine") == {"data": [], "next": None}
    assert api.json("/identities/duplicates") == {"data": [], "complete": True}
    body = {"collection": "users", "type": "email", "value": "a@x.io"}
    assert api.error("POST", "/identities/release", json=body)[0] == 404


# --- quarantine -------------------------------------------------------------------------------------------------


def crowd(world: World) -> None:
    """A device in a shop, on which more people have signed in than one id may have conflicts with."""
    for number in range(limits.identity.CONFLICTS_MAX + 4):
        world.send(identify(f"u{number}", anonymous=f"own{number}"))
        world.send(identify(f"u{number}", anonymous="shop"))


def test_quarantine_when_a_device_is_shared_then_listed_with_the_reason_until_released(
    api: Api, world: World
) -> None:
    crowd(world)
    (found,) = api.json("/identities/quarantine")["data"]
    assert (found["type"], found["value"], found["collection"]) == ("anonymous_id", "shop", "users")
    assert found["owner"] == segment_id(world.owner("anonymous_id:shop"))
    assert len(found["refused_at"]) == limits.identity.CONFLICTS_MAX
    assert "at most 2 user_id" in found["reason"]
    body = {"collection": "users", "type": "anonymous_id", "value": "shop"}
    answer = api.ask("POST", "/identities/release", json=body)
    assert (answer.status_code, answer.json()) == (202, {"offset": 0})
    (decision,) = decided(api)
    assert decision == Release("users", "anonymous_id", "shop")
    world.decide(decisions.as_record(decision, world.now_ms))
    assert api.json("/identities/quarantine")["data"] == []
    status, error = api.error("POST", "/identities/release", json=body)
    assert (status, error["message"]) == (404, "anonymous_id:shop of users is not in quarantine")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"collection": "people", "type": "email", "value": "x"}, "collection"),
        ({"collection": "users", "type": "email"}, "value"),
    ],
)
def test_release_when_the_body_is_wrong_then_refused(api: Api, body: dict[str, str], field: str) -> None:
    status, error = api.error("POST", "/identities/release", json=body)
    assert (status, error["field"]) == (400, field)


def conflicts(writer: Writer, quarantined: Sequence[bool]) -> set[str]:
    """A row for each; the values of those in quarantine."""
    ids = [ExternalId("email", f"{number}@x.io") for number in range(len(quarantined))]
    rows: dict[bytes, bytes | None] = {
        tables.identity_key("users", each): tables.encode_row(Conflict(*each, [], int(is_in)))
        for each, is_in in zip(ids, quarantined, strict=True)
    }
    writer.commit({tables.CONFLICTS: rows})
    return {each.value for each, is_in in zip(ids, quarantined, strict=True) if is_in}


@settings(max_examples=15)
@given(st.lists(st.booleans(), max_size=12), st.integers(1, 4), st.integers(1, 5))
def test_quarantine_when_paged_then_each_once_however_few_are_looked_at(
    quarantined: list[bool], limit: int, looked: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits.identity, "QUARANTINE_ROWS_LOOKED", looked)
        writer = Writer(Path(folder))
        expected = conflicts(writer, quarantined)

        def get(cursor: str | None) -> tuple[list[Any], str | None]:
            page = identities.quarantined(writer.state, limit=limit, cursor=cursor)
            assert len(page.data) <= limit
            return page.data, page.next

        found = [each.value for each in paged(get)]
        assert sorted(found) == sorted(expected)
        writer.close()


def test_quarantine_when_the_cursor_is_none_of_ours_then_refused(api: Api, world: World) -> None:
    assert api.error("GET", "/identities/quarantine?cursor=x")[1]["code"] == "invalid_cursor"


# --- likely duplicates ----------------------------------------------------------------------------------------


def test_duplicates_when_two_share_an_address_then_with_ids_score_and_reason(api: Api, world: World) -> None:
    world.send(identify("u1", email="Ann.Lee@gmail.com"))
    world.send(identify("u2", email="annlee+shop@googlemail.com"))
    world.send(identify("u3", email="bob@x.io"))
    found = api.json("/identities/duplicates")
    assert found["complete"]
    (pair,) = found["data"]
    assert {pair[side]["segment_id"] for side in ("one", "other")} == {
        segment_id(world.owner(f"user_id:u{number}")) for number in (1, 2)
    }
    assert pair["one"]["external_ids"][-1]["type"] == "user_id"
    assert (pair["score"], pair["reasons"]) == (0.9, ["both have the same email: annlee@gmail.com"])
    assert api.json("/identities/duplicates", by="phone,name_birthday")["data"] == []


@pytest.mark.parametrize("query", ["by=", "by=" + ",".join("abcdefghijk"), "limit=0"])
def test_duplicates_when_asked_wrongly_then_refused(api: Api, query: str) -> None:
    assert api.error("GET", f"/identities/duplicates?{query}")[0] == 400
