"""Audiences and traits through the private API: what they are, who is in them, and how they are changed."""

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from private_api import Api, enter, paged
from storing import AT_MS, Writer

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.sweep import generation_of
from headwater.aggregation.tables import Sweep, segment_id
from headwater.config import changes
from headwater.config.definitions import AudienceDefinition
from headwater.config.port import Version
from headwater.config.sqlite import SqliteConfigStore
from headwater.config.workspace import Workspace
from headwater.definitions import tree
from headwater.destinations import registry
from headwater.errors import BusyError
from headwater.serve.compute.exports import unformula
from headwater.serve.config import definition_edits, edits
from headwater.serve.config.edits import Terms
from headwater.serve.config.sections import Section
from headwater.state.rocksdb import RocksState

FILE = """\
workspace: shop
sources: [{name: website, write_key: wk_website}]
destinations: [{name: hook, type: webhook, settings: {url: "https://hook.example"}}]
traits:
  - {key: orders, kind: event_count, event: Order Completed}
  - {key: spent, kind: sum, event: Order Completed, property: total}
  - {key: seats, collection: accounts, kind: event_count, event: Seat Added}
audiences:
  - key: buyers
    name: Buyers
    where: {event: Order Completed, count: {op: ">=", value: 2}, within: 30d}
    destinations: [{name: hook}]
  - {key: vips, where: "trait('orders') > 10"}
  - {key: large, collection: accounts, where: {computed: seats, op: ">", value: 100}}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One that no test changes, on which no pipeline has run."""
    made = Api(tmp_path_factory.mktemp("quiet"), FILE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One that no test changes, with a state that nobody is in."""
    folder = tmp_path_factory.mktemp("empty")
    Writer(folder).close()
    made = Api(folder, FILE)
    yield made
    made.close()


def sweep(writer: Writer, api: Api, **fields: Any) -> None:
    """The sweep of the workspace as it is."""
    version = api.desk.config.current()
    assert version is not None
    generation = generation_of(version.workspace)
    row = Sweep(
        **{
            "definitions": generation.fingerprint,
            "version": generation.version,
            "started_ms": 1,
            "swept": generation.version - 1,
        }
        | fields
    )
    writer.commit({tables.SWEEPS: {b"sweep": tables.encode_row(row)}})


def state_of(line: Any) -> tuple[str, float]:
    return line["status"], line["progress"]


# --- what there is ----------------------------------------------------------------------------------------------


def test_lists_when_no_pipeline_has_run_then_everything_waits_to_be_computed(api: Api) -> None:
    (buyers, vips, large) = api.json("/audiences")["data"]
    assert (buyers["key"], buyers["name"], buyers["collection"], buyers["version"]) == (
        "buyers",
        "Buyers",
        "users",
        1,
    )
    assert buyers["definition"] == {"event": "Order Completed", "within": "30d", "count": {"op": ">=", "value": 2}}
    assert buyers["query"] == "event('Order Completed').within(30 days).count() >= 2"
    assert buyers["destinations"] == ["hook"]
    assert vips["definition"] == {"computed": "orders", "op": ">", "value": 10}
    assert large["collection"] == "accounts"
    assert {(*state_of(line), line["size"]) for line in (buyers, vips, large)} == {("computing", 0.0, 0)}
    traits = api.json("/traits")["data"]
    assert [(line["key"], *state_of(line)) for line in traits] == [
        (key, "computing", 0.0) for key in ("orders", "spent", "seats")
    ]
    assert traits[1]["definition"] == {"kind": "sum", "event": "Order Completed", "property": "total"}
    assert traits[1]["query"] == "event('Order Completed').sum(property('total'))"


def test_status_when_the_sweep_goes_on_then_only_what_is_newer_is_being_computed(
    api: Api, written: Writer
) -> None:
    sweep(written, api, finished_ms=5, done=8, total=8)
    assert {state_of(line) for line in api.json("/audiences")["data"]} == {("live", 1.0)}
    answer = api.ask("PUT", "/audiences/new", json={"query": "trait('orders') > 3"})
    assert answer.json()["version"] == 2
    new = api.json("/audiences/new")
    assert (*state_of(new), new["profiles_total"]) == ("computing", 0.0, 0), "its sweep has not begun"
    sweep(written, api, done=2, total=8)
    new = api.json("/audiences/new")
    assert (*state_of(new), new["profiles_done"], new["profiles_total"]) == ("computing", 0.25, 2, 8)
    assert state_of(api.json("/audiences/buyers")) == ("live", 1.0)
    assert state_of(api.json("/traits/orders")) == ("live", 1.0)
    sweep(written, api, done=9, total=9, finished_ms=7)
    assert state_of(api.json("/audiences/new")) == ("live", 1.0)


def test_lists_when_paged_then_the_same_lines(api: Api) -> None:
    for path in ("/audiences", "/traits"):
        whole = api.json(path)["data"]

        def get(cursor: str | None, path: str = path) -> tuple[list[Any], str | None]:
            page = api.json(path, limit=1, **({"cursor": cursor} if cursor else {}))
            return page["data"], page["next"]

        assert paged(get) == whole


def test_audience_when_users_and_accounts_have_one_of_the_same_key_then_told_apart(
    api: Api, written: Writer
) -> None:
    api.apply(FILE + "  - {key: buyers, collection: accounts, where: {computed: seats, op: '>', value: 0}}\n")
    user, account = written.profile("user_id:u1"), written.profile("group_id:g1", collection="accounts")
    enter(written, "buyers", user, account)
    for collection, profile in ((None, user), ("users", user), ("accounts", account)):
        query = {"collection": collection} if collection else {}
        assert api.json("/audiences/buyers", **query)["collection"] == (collection or "users")
        (member,) = api.json("/audiences/buyers/members", **query)["data"]
        assert member["segment_id"] == segment_id(profile)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/audiences/none", 404, "not_found"),
        ("GET", "/audiences/buyers?collection=accounts", 404, "not_found"),
        ("GET", "/audiences/buyers?collection=people", 400, "invalid_request"),
        ("GET", "/audiences/orders", 404, "not_found"),
        ("GET", "/traits/buyers", 404, "not_found"),
        ("GET", "/audiences/none/members", 404, "not_found"),
        ("GET", "/audiences/buyers/members?cursor=use_1", 400, "invalid_cursor"),
        ("GET", "/audiences/buyers/members?limit=0", 400, "invalid_request"),
        ("GET", "/audiences/buyers/members?traits=" + ",".join(map(str, range(51))), 400, "invalid_request"),
        ("GET", "/audiences/none/export", 404, "not_found"),
        ("GET", "/audiences/buyers/export?format=xls", 400, "invalid_request"),
        ("GET", "/audiences/none/sizes", 404, "not_found"),
        ("GET", "/audiences/buyers/sizes?since=yesterday", 400, "invalid_instant"),
        ("GET", "/audiences/buyers/sizes?cursor=x", 400, "invalid_instant"),
        ("GET", "/audiences/buyers/overlap", 400, "invalid_request"),
        ("GET", "/audiences/buyers/overlap?with=large", 404, "not_found"),
        ("DELETE", "/audiences/none", 404, "not_found"),
        ("DELETE", "/traits/none", 404, "not_found"),
        ("DELETE", "/traits/orders", 422, "invalid_config"),
    ],
)
def test_api_when_it_cannot_then_says_so_with_and_without_a_state(
    quiet: Api, empty: Api, method: str, path: str, status: int, code: str
) -> None:
    for api in (quiet, empty):
        found, error = api.error(method, path)
        assert (found, error["code"]) == (status, code)
        assert error["message"]


def test_error_when_the_key_is_nearly_right_then_the_right_one_is_named(api: Api) -> None:
    assert "did you mean buyers?" in api.error("GET", "/audiences/buyer")[1]["message"]


# --- members ----------------------------------------------------------------------------------------------------


def test_members_when_there_are_some_then_since_when_by_which_ids_and_the_traits_asked_for(
    api: Api, written: Writer
) -> None:
    ann = written.profile(
        "user_id:u1",
        "email:a@x.io",
        traits={"city": "Oslo", "plan": "pro"},
        computed={"orders": 3, "buyers": True},
    )
    written.profile("user_id:u2")
    enter(written, "buyers", ann)
    (member,) = api.json("/audiences/buyers/members", traits="city,orders,unknown")["data"]
    assert member["segment_id"] == segment_id(ann)
    assert member["entered_at"] == "2023-11-14T22:13:20.000Z"
    assert [(each["type"], each["value"]) for each in member["external_ids"]] == [
        ("email", "a@x.io"),
        ("user_id", "u1"),
    ]
    assert member["traits"] == {"city": "Oslo", "orders": 3}
    assert api.json("/audiences/buyers/members")["data"][0]["traits"] == {}
    assert api.json("/audiences/buyers")["size"] == 1


def test_members_when_one_was_merged_away_in_between_then_it_is_left_out(api: Api, written: Writer) -> None:
    ann, bob = written.profile("user_id:u1"), written.profile("user_id:u2")
    enter(written, "buyers", ann, bob)
    written.merged(bob, ann)
    assert [each["segment_id"] for each in api.json("/audiences/buyers/members")["data"]] == [segment_id(ann)]


@settings(max_examples=10)
@given(st.integers(0, 9), st.integers(1, 4))
def test_members_when_paged_then_everybody_once_in_the_order_of_one_page(count: int, limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer, api = Writer(Path(folder)), Api(Path(folder), FILE)
        enter(writer, "buyers", *(writer.profile(f"user_id:u{number}") for number in range(count)))

        def get(cursor: str | None) -> tuple[list[Any], str | None]:
            page = api.json("/audiences/buyers/members", limit=limit, **({"cursor": cursor} if cursor else {}))
            assert len(page["data"]) <= limit
            return page["data"], page["next"]

        whole = api.json("/audiences/buyers/members")["data"]
        assert len(whole) == count
        assert paged(get) == whole
        api.close()
        writer.close()


def test_sizes_when_they_changed_then_a_line_for_each_hour_oldest_first(api: Api, written: Writer) -> None:
    hour = AT_MS // 3_600_000
    rows: dict[bytes, bytes | None] = {
        tables.size_key("buyers", hour): tables.pack_ms(1),
        tables.size_key("buyers", hour + 2): tables.hour_row(5, 6, 2),
        tables.size_key("buyers", hour + 3): tables.hour_row(4, 0, 1),
    }
    written.commit({tables.AUDIENCE_SIZES: rows | {tables.size_key("buyers"): tables.pack_ms(4)}})
    whole = api.json("/audiences/buyers/sizes")["data"]
    assert [tuple(line.values()) for line in whole] == [
        ("2023-11-14T22:00:00.000Z", 1, None, None),  # of a version that did not count
        ("2023-11-15T00:00:00.000Z", 5, 6, 2),
        ("2023-11-15T01:00:00.000Z", 4, 0, 1),
    ]

    def get(cursor: str | None) -> tuple[list[Any], str | None]:
        page = api.json("/audiences/buyers/sizes", limit=2, **({"cursor": cursor} if cursor else {}))
        return page["data"], page["next"]

    assert paged(get) == whole
    assert api.json("/audiences/buyers/sizes", since="2023-11-14T22:00:00.001Z")["data"] == whole[1:]
    assert api.json("/audiences/vips/sizes")["data"] == []
    assert api.json("/audiences/buyers")["size"] == 4


def test_overlap_when_compared_in_several_steps_then_counted_once(
    api: Api, written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.compute, "MEMBERS_COMPARED", 2)
    people = [written.profile(f"user_id:u{number}") for number in range(7)]
    enter(written, "buyers", *people[:5])
    enter(written, "vips", *people[3:])
    expected = {"both": 2, "only_first": 3, "only_second": 2}
    assert api.json("/audiences/buyers/overlap", **{"with": "vips"}) == expected
    assert api.json("/audiences/vips/overlap", **{"with": "vips"}) == {
        "both": 4,
        "only_first": 0,
        "only_second": 0,
    }


def test_overlaps_when_several_are_compared_then_every_combination_is_counted(
    api: Api, written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.compute, "MEMBERS_COMPARED", 3)
    api.apply(FILE + "  - {key: idle, where: {not: {event: Order Completed}}}\n")
    people = [written.profile(f"user_id:u{number}") for number in range(8)]
    enter(written, "buyers", *people[:5])
    enter(written, "vips", *people[3:])
    enter(written, "idle", people[4], people[7])
    told = api.json("/audiences/buyers/overlaps", **{"with": "vips,idle"})
    assert told["audiences"] == ["buyers", "vips", "idle"]
    assert [(each["audiences"], each["count"]) for each in told["regions"]] == [
        (["buyers"], 3),
        (["vips"], 2),
        (["buyers", "vips"], 1),
        (["vips", "idle"], 1),
        (["buyers", "vips", "idle"], 1),
    ]


@pytest.mark.parametrize("keys", ["", "buyers", ",".join(f"a{number}" for number in range(8))])
def test_overlaps_when_nothing_or_too_much_is_compared_then_refused(quiet: Api, keys: str) -> None:
    status, error = quiet.error("GET", "/audiences/buyers/overlaps", params={"with": keys})
    assert (status, error["field"]) == (400, "with")


# --- made and not overwritten -----------------------------------------------------------------------------------


def test_put_when_it_is_to_be_new_and_the_key_is_taken_then_refused(api: Api) -> None:
    for path in ("/audiences/buyers", "/audiences/orders", "/traits/vips"):
        body = {"query": "event('A').count()" if "traits" in path else "event('A').count() >= 1"}
        status, error = api.error("PUT", path, params={"new": "true"}, json=body)
        assert (status, error["code"]) == (409, "conflict")
    assert api.json("/audiences/buyers")["version"] == 1
    made = api.ask(
        "PUT", "/audiences/seats", params={"new": "true"}, json={"event": "A"}
    )  # that one is of accounts
    assert made.status_code == 200


def test_line_when_it_is_connected_then_how(api: Api) -> None:
    api.apply(FILE.replace("{name: hook}]", "{name: hook, send: [track], traits: [spent]}]"))
    assert api.json("/audiences/buyers")["connections"] == [
        {"name": "hook", "send": ["track"], "traits": ["spent"]}
    ]


# --- exports ----------------------------------------------------------------------------------------------------


def export(api: Api, form: str, **query: str) -> bytes:
    answer = api.ask("GET", "/audiences/buyers/export", params={"format": form} | query)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="buyers.{form}"'
    assert answer.headers["cache-control"] == "no-store"
    return answer.content


@pytest.fixture
def crowd(written: Writer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """More members than one look or one row group takes; their segment ids in order."""
    monkeypatch.setattr(limits.compute, "EXPORT_PAGE_MEMBERS", 2)
    monkeypatch.setattr(limits.compute, "EXPORT_GROUP_MEMBERS", 4)
    people = [
        written.profile(
            f"user_id:u{number}",
            f"email:old{number}@x.io",
            f"email:new{number}@x.io",
            traits={"name": f"Ann, {number}", "tags": ["a", number], "email": "=cmd()"},
            computed={"orders": number, "spent": number / 2, "vips": number > 3},
        )
        for number in range(7)
    ]
    enter(written, "buyers", *people)
    return sorted(map(segment_id, people))


TRAITS = "name,tags,email,orders,spent,vips,nothing"


def test_export_when_csv_then_read_back_with_formulas_made_harmless(api: Api, crowd: list[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(export(api, "csv", traits=TRAITS).decode())))
    assert [row["segment_id"] for row in rows] == crowd
    (row,) = [row for row in rows if row["user_id"] == "u5"]
    assert row["entered_at"].startswith("2023-11-14T22:13:20.00")
    assert row["email"] == "new5@x.io", "the one that was added last"
    assert row["anonymous_id"] == row["nothing"] == ""
    assert row["trait_email"] == "'=cmd()"
    assert (row["name"], row["tags"]) == ("Ann, 5", '["a",5]')
    assert (row["orders"], row["spent"], row["vips"]) == ("5", "2.5", "true")
    assert json.loads(row["external_ids"])[0] == {"type": "email", "value": "new5@x.io"}


def test_export_when_parquet_then_typed_columns_in_row_groups(api: Api, crowd: list[str]) -> None:
    file = pq.ParquetFile(io.BytesIO(export(api, "parquet", traits=TRAITS)))
    assert file.num_row_groups == 2
    types = {field.name: str(field.type) for field in file.schema_arrow}
    assert types["entered_at"] == "timestamp[ms, tz=UTC]"
    assert (types["orders"], types["spent"], types["vips"], types["name"]) == ("int64", "double", "bool", "string")
    rows = file.read().to_pylist()
    assert [row["segment_id"] for row in rows] == crowd
    (row,) = [row for row in rows if row["user_id"] == "u5"]
    assert (row["email"], row["trait_email"], row["nothing"]) == ("new5@x.io", "=cmd()", None)
    assert (row["orders"], row["spent"], row["vips"], row["tags"]) == (5, 2.5, True, '["a",5]')
    assert [each["value"] for each in row["external_ids"]] == ["new5@x.io", "old5@x.io", "u5"]


def test_export_when_ndjson_then_the_members_as_the_list_has_them(api: Api, crowd: list[str]) -> None:
    lines = export(api, "ndjson", traits=TRAITS).splitlines()
    listed = api.json("/audiences/buyers/members", traits=TRAITS)["data"]
    assert all(each.pop("name") for each in listed), "the list says how people would call them, too"
    assert [json.loads(line) for line in lines] == listed
    assert len(lines) == len(crowd)


@pytest.mark.parametrize("form", ["csv", "parquet", "ndjson"])
def test_export_when_nobody_is_a_member_then_a_file_all_the_same(api: Api, form: str) -> None:
    data = export(api, form, traits="orders")
    match form:
        case "csv":
            assert data == b"segment_id,entered_at,user_id,email,anonymous_id,orders,external_ids\n"
        case "parquet":
            assert pq.ParquetFile(io.BytesIO(data)).metadata.num_rows == 0
        case _:
            assert data == b""


# --- changing ---------------------------------------------------------------------------------------------------

TREE = {"all": [{"event": "Order Completed", "where": "properties.total > 50"}, {"trait": "vip", "op": "exists"}]}


@pytest.mark.parametrize(
    "body",
    [
        {"where": TREE},
        TREE,
        {"query": "event('Order Completed').where(property('total') > 50).count() >= 1 AND trait('vip').exists()"},
        {"key": "vips", "where": TREE, "collection": "users"},
    ],
)
def test_put_when_written_in_any_way_then_the_same_audience_in_a_new_version(api: Api, body: Any) -> None:
    answer = api.ask("PUT", "/audiences/vips", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == 2
    assert [(change["action"], change["path"]) for change in answer.json()["changes"]] == [
        ("change", "audiences[vips].where")
    ]
    found = api.json("/audiences/vips")
    assert found["version"] == 2
    assert found["definition"]["all"][1] == {"trait": "vip", "op": "exists"}
    assert api.json("/audiences/buyers")["version"] == 1


def test_put_when_there_is_another_kind_of_condition_then_a_body_may_be_one() -> None:
    assert set(tree._HEADS) == definition_edits.CONDITIONS
    assert not definition_edits.CONDITIONS & set(AudienceDefinition.__struct_fields__)


def test_put_when_nothing_is_said_about_name_and_destinations_then_they_stay(api: Api) -> None:
    api.ask("PUT", "/audiences/buyers", json={"event": "Order Completed"})
    found = api.json("/audiences/buyers")
    assert (found["name"], found["destinations"]) == ("Buyers", ["hook"])
    assert found["definition"] == {"event": "Order Completed"}
    api.ask("PUT", "/audiences/buyers", json={"event": "Order Completed", "destinations": []})
    assert api.json("/audiences/buyers")["destinations"] == ["hook"], "a condition, and nothing else"
    api.ask("PUT", "/audiences/buyers", json={"where": {"event": "Order Completed"}, "destinations": []})
    assert api.json("/audiences/buyers")["destinations"] == []


def test_put_when_it_is_new_then_it_is_there_and_the_rest_is_untouched(api: Api) -> None:
    before = api.ask("GET", "/workspace/export").text
    assert api.ask("PUT", "/traits/visits", json={"kind": "event_count", "page": True}).json()["version"] == 2
    assert (
        api.ask("PUT", "/traits/seats", json={"kind": "event_count", "event": "Seat Sold"}).json()["version"] == 3
    )
    assert api.json("/traits/seats")["collection"] == "accounts", "that of the one there was"
    assert api.json("/traits/visits")["query"] == "event('Page Viewed').count()"
    assert api.ask("PUT", "/traits/visits", json={"query": "event('Page Viewed').count()"}).json()["version"] == 4
    assert api.json("/traits/visits")["version"] == 2, "it computes the same"
    api.ask("PUT", "/traits/seats", json={"kind": "event_count", "event": "Seat Added"})
    assert api.ask("DELETE", "/traits/visits").json()["changes"][0]["action"] == "remove"
    assert api.ask("GET", "/workspace/export").text == before


def test_put_when_it_is_the_first_then_the_file_gets_its_section(api: Api) -> None:
    api.apply("workspace: shop\n")
    assert api.ask("PUT", "/traits/orders", json={"kind": "event_count", "event": "Order"}).json()["version"] == 3
    assert api.ask("PUT", "/audiences/buyers", json={"computed": "orders", "op": ">", "value": 1}).is_success
    assert api.json("/audiences/buyers")["query"] == "trait('orders') > 1"


def test_put_when_it_says_what_is_there_then_no_new_version(api: Api) -> None:
    answer = api.ask("PUT", "/audiences/vips", json={"query": "trait('orders') > 10"}).json()
    assert answer == {"version": 1, "changes": [], "dry_run": False}


def test_delete_when_another_one_refers_to_it_then_refused_with_its_place(api: Api) -> None:
    status, error = api.error("DELETE", "/traits/orders")
    assert status == 422
    assert [problem["path"] for problem in error["problems"]] == ["audiences[vips]"]
    assert api.json("/workspace")["version"] == 1
    assert api.ask("DELETE", "/audiences/vips").json()["version"] == 2
    assert api.ask("DELETE", "/traits/orders").json()["version"] == 3


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "where"),
    [
        ("/audiences/a", b"{", 400, "invalid_request", "body"),
        ("/audiences/a", b"[]", 400, "invalid_request", "body"),
        ("/audiences/a", b"[" * 2000, 400, "invalid_request", "body"),
        ("/audiences/a", b"{}", 422, "invalid_config", "where"),
        ("/audiences/a", b'{"query":"trait(","where":{}}', 400, "invalid_request", "query"),
        ("/audiences/a", b'{"key":"b","where":{}}', 400, "invalid_request", "key"),
        ("/audiences/a", b'{"query":"trait(\'x\') >"}', 422, "invalid_config", "where"),
        ("/audiences/a", b'{"all":[{"evnt":"X"}]}', 422, "invalid_config", "where.all[0]"),
        ("/audiences/a", b'{"event":"X","within":"0d"}', 422, "invalid_config", "where.within"),
        ("/audiences/a", b'{"audience":"none"}', 422, "invalid_config", ""),
        ("/audiences/a", b'{"where":{"event":"X"},"nmae":"A"}', 422, "invalid_config", "nmae"),
        ("/audiences/a", b'{"where":{"event":"X"},"destinations":[{"name":"x"}]}', 422, "invalid_config",
         "destinations[0].name"),
        ("/audiences/a%20b", b'{"event":"X"}', 422, "invalid_config", "key"),
        ("/audiences/orders", b'{"event":"X"}', 422, "invalid_config", "key"),
        ("/traits/a", b'{"kind":"sum","event":"X"}', 422, "invalid_config", ""),
        ("/traits/a", b'{"query":"event(\'X\').count() > 1"}', 422, "invalid_config", "query"),
    ],
)  # fmt: skip
def test_put_when_it_is_wrong_then_told_where_in_the_body_and_nothing_changes(
    quiet: Api, path: str, body: bytes, status: int, code: str, where: str
) -> None:
    found, error = quiet.error("PUT", path, content=body)
    assert (found, error["code"]) == (status, code)
    if status == 422:
        assert [problem["path"] for problem in error["problems"]] == [where]
    else:
        assert error["field"] == where
    assert quiet.json("/workspace")["version"] == 1


class Overtaken(SqliteConfigStore):
    """Somebody else applies a file each time after somebody has looked at the newest version."""

    def current(self) -> Version | None:
        found = super().current()
        number = found.number if found else 0
        super().put(Workspace(workspace="shop", tier=f"tier {number}"), author="somebody else")
        return found


@pytest.mark.parametrize("change", ["put", "delete"])
def test_change_when_somebody_else_was_faster_then_refused_and_nothing_of_theirs_is_lost(
    tmp_path: Path, change: str
) -> None:
    (tmp_path / "bells").mkdir()
    calm = SqliteConfigStore(tmp_path / "config.db", bells=tmp_path / "bells")
    changes.apply(calm, FILE, "", registry, "test")
    store = Overtaken(tmp_path / "config.db", bells=tmp_path / "bells")
    body = b'{"kind":"event_count","event":"X"}'
    act = {
        "put": definition_edits.put(Section.TRAITS, "new", body),
        "delete": definition_edits.delete(Section.AUDIENCES, "vips", None),
    }[change]
    with pytest.raises(BusyError, match="somebody else"):
        edits.make(store, act, registry, Terms("me"))
    newest = calm.current()
    assert newest is not None
    assert newest.author == "somebody else"
    for each in (store, calm):
        each.close()


def test_openapi_when_read_then_it_describes_every_operation_once(quiet: Api) -> None:
    document = quiet.json("/openapi.json")
    operations = [each for path in document["paths"].values() for each in path.values()]
    named = {each["operationId"]: each for each in operations}
    assert len(named) == len(operations)
    for name in ("put_audience", "put_trait", "preview_audience", "preview_trait"):
        assert named[name]["requestBody"]["required"]
        assert "422" in named[name]["responses"]
    for name in ("read_audience", "list_members", "export_members", "delete_trait", "unmerge_profile"):
        assert "404" in named[name]["responses"]
    assert {"with", "collection"} <= {each["name"] for each in named["compare_audiences"]["parameters"]}
    assert {"AudienceLine", "TraitLine", "Member", "Unmerging"} <= set(document["components"]["schemas"])


@given(st.text(max_size=12))
def test_unformula_when_text_is_written_then_no_spreadsheet_takes_it_for_a_formula(text: str) -> None:
    written = unformula(text)
    assert written in {text, f"'{text}"}
    if written == text and text.lstrip()[:1] in {"=", "+", "-", "@"}:
        assert set(text) <= set("+-0123456789. ")
        assert text[1].isdigit()


def test_export_when_memory_is_bounded_then_pages_are_read_one_after_the_other(
    api: Api, crowd: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No look at the state gives more than a page, however large the audience is."""
    asked: list[int] = []
    whole = RocksState.get_many

    def counted(state: RocksState, table: str, keys: list[bytes]) -> list[bytes | None]:
        if table == tables.PROFILES:
            asked.append(len(keys))
        return whole(state, table, keys)

    monkeypatch.setattr(RocksState, "get_many", counted)
    export(api, "csv")
    assert asked == [2, 2, 2, 1]
