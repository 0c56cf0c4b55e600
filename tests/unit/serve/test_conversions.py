"""A definition in every notation, and mistakes with their places."""

from collections.abc import Iterator
from typing import Any

import pytest
from private_api import Api

FILE = """\
workspace: shop
sources: [{name: website}]
traits: [{key: orders, kind: event_count, event: Order}]
audiences: [{key: buyers, where: {computed: orders, op: ">", value: 1}}]
"""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    made = Api(tmp_path_factory.mktemp("conversions"), FILE)
    yield made
    made.close()


def converted(api: Api, section: str, notation: str, text: str, **more: str) -> dict[str, Any]:
    body = {"section": section, "notation": notation, "text": text} | more
    answer = api.ask("POST", "/definitions/convert", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


AUDIENCE = {
    "query": "event('Order').within(30 days).count() >= 2",
    "yaml": "event: Order\nwithin: 30d\ncount: {op: '>=', value: 2}\n",
    "json": '{"where": {"event": "Order", "within": "30d", "count": {"op": ">=", "value": 2}}}',
}
TRAIT = {
    "query": "event('Order').sum(property('total'))",
    "yaml": "kind: sum\nevent: Order\nproperty: total\n",
    "json": '{"kind": "sum", "event": "Order", "property": "total"}',
}


@pytest.mark.parametrize("notation", ["query", "yaml", "json"])
@pytest.mark.parametrize(("section", "texts"), [("audiences", AUDIENCE), ("traits", TRAIT)])
def test_convert_when_it_is_right_then_every_notation_gives_the_same(
    api: Api, section: str, texts: dict[str, str], notation: str
) -> None:
    found = converted(api, section, notation, texts[notation])
    assert found["problems"] == []
    assert found["query"] == texts["query"]
    assert found["sql"].startswith("WITH")
    again = converted(api, section, "yaml", found["yaml"])
    assert (again["definition"], again["query"], again["sql"].partition("AS")[0]) == (
        found["definition"],
        found["query"],
        found["sql"].partition("AS")[0],
    )


def test_convert_when_a_query_is_wrong_then_told_where_in_characters(api: Api) -> None:
    (problem,) = converted(api, "audiences", "query", "trait('orders') > ")["problems"]
    assert (problem["line"], problem["offset"]) == (1, 18)
    (problem,) = converted(api, "audiences", "query", "trait('orders') ~ 3")["problems"]
    assert problem["offset"] == 16


def test_convert_when_yaml_is_wrong_then_told_where_by_path_and_line(api: Api) -> None:
    (problem,) = converted(api, "traits", "yaml", "event: Order\nkind: som\n")["problems"]
    assert (problem["path"], problem["line"]) == ("kind", 2)
    (problem,) = converted(api, "audiences", "yaml", "event: Order\ncount:\n  op: '>'\n  value: x\n")["problems"]
    assert problem["line"] in {2, 4}
    assert not problem["path"].startswith("where")
    (problem,) = converted(api, "audiences", "yaml", "event: Order\nwhere: '=='\n")["problems"]
    assert (problem["path"], problem["line"]) == ("where", 2)
    (problem,) = converted(api, "audiences", "yaml", "a: [")["problems"]
    assert "not YAML" in problem["message"]
    (problem,) = converted(api, "audiences", "yaml", "- a")["problems"]
    assert "mapping" in problem["message"]


def test_convert_when_json_is_wrong_then_told(api: Api) -> None:
    (problem,) = converted(api, "traits", "json", "{")["problems"]
    assert "JSON" in problem["message"]


def test_convert_when_it_has_a_key_then_it_may_stand_in_the_place_of_its_own(api: Api) -> None:
    found = converted(api, "audiences", "query", "trait('orders') > 2", key="buyers")
    assert found["definition"] == {"key": "buyers", "where": {"computed": "orders", "op": ">", "value": 2}}
    (problem,) = converted(api, "audiences", "query", "trait('buyers') = true", key="buyers")["problems"]
    assert "circle" in problem["message"] or "itself" in problem["message"]


def test_convert_when_nothing_says_it_in_sql_then_that_is_told_and_the_rest_is_there(api: Api) -> None:
    found = converted(api, "audiences", "json", '{"event": "Order", "where": "properties.a = [1, 2]"}')
    assert (found["problems"], found["sql"]) == ([], "")
    assert "[1, 2]" in found["sql_problem"]
    assert found["yaml"]


@pytest.mark.parametrize(
    ("text", "offset"), [("event = ", 8), ("event = 'x' and", 15), ("", 0), ("properties.total >> 3", 18)]
)
def test_fql_when_it_is_wrong_then_told_where(api: Api, text: str, offset: int) -> None:
    found = api.ask("POST", "/fql/check", json={"expression": text}).json()
    assert found["problem"]["offset"] == offset
    assert (found["fql"], found["ast"], found["paths"]) == ("", None, [])


def test_fql_when_it_is_right_then_canonical_text_tree_and_paths(api: Api) -> None:
    found = api.ask("POST", "/fql/check", json={"expression": "event='x' and properties.a\\.b>3"}).json()
    assert found["problem"] is None
    assert found["fql"] == 'event = "x" and properties.a\\.b > 3'
    assert found["paths"] == ["event", "properties.a\\.b"]
    assert found["ast"]["node"] == "and"


def test_fql_when_it_is_a_trigger_then_read_as_one(api: Api) -> None:
    filter_ = api.ask("POST", "/fql/check", json={"expression": "all"}).json()
    assert filter_["problem"] is None
    trigger = api.ask("POST", "/fql/check", json={"expression": "type = 'track'", "trigger": True}).json()
    assert trigger["problem"] is None
