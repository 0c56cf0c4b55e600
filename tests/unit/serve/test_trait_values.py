"""Which values a trait has: counted over profiles, within bounds that are told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api
from storing import Writer

from headwater import limits

FILE = """\
workspace: shop
sources: [{name: website, write_key: wk_website}]
traits: [{key: orders, kind: event_count, event: Order Completed}]
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def top(told: Any) -> dict[Any, int]:
    return {each["value"]: each["profiles"] for each in told["top"]}


def test_values_when_no_pipeline_has_run_then_there_are_none(api: Api) -> None:
    told = api.json("/traits/orders/values")
    assert (told["profiles"], told["with_value"], told["spread"], told["people"]) == (0, 0, None, [])


def test_values_when_texts_then_the_most_frequent_first_over_several_looks(
    api: Api, written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.compute, "TRAIT_PROFILES_LOOKED", 2)
    for number, city in enumerate(["Oslo", "Bergen", "Oslo", None, "Oslo", "Bergen"]):
        written.profile(f"user_id:u{number}", traits={"address": {"city": city}, "gone": None})
    written.profile("group_id:acme", collection="accounts", traits={"address": {"city": "Rome"}})
    told = api.json("/traits/address.city/values")
    assert (told["profiles"], told["is_sample"], told["with_value"]) == (6, False, 5)
    assert list(top(told).items()) == [("Oslo", 3), ("Bergen", 2)]
    assert (told["types"], told["distinct"], told["distinct_is_least"]) == ({"string": 5}, 2, False)
    assert top(api.json("/traits/address.city/values", collection="accounts")) == {"Rome": 1}
    assert api.json("/traits/gone/values")["with_value"] == 0
    assert api.json("/traits/address/values")["types"] == {"object": 6}


def test_values_when_numbers_then_their_spread_and_who_has_most(api: Api, written: Writer) -> None:
    for number in range(1, 26):
        written.profile(f"user_id:u{number}", computed={"orders": number})
    told = api.json("/traits/orders/values")
    spread = told["spread"]
    assert (spread["smallest"], spread["largest"], spread["mean"], spread["median"]) == (1, 25, 13, 13)
    assert (len(spread["bins"]), sum(each["profiles"] for each in spread["bins"])) == (20, 25)
    assert [line["value"] for line in told["people"]] == list(range(25, 5, -1))
    assert told["people"][0]["external_ids"] == [{"type": "user_id", "value": "u25"}]


def test_values_when_all_numbers_are_the_same_then_one_bin(api: Api, written: Writer) -> None:
    written.profile("user_id:u1", computed={"orders": 3})
    assert api.json("/traits/orders/values")["spread"]["bins"] == [{"start": 3, "end": 3, "profiles": 1}]


def test_values_when_lists_then_their_items_count(api: Api, written: Writer) -> None:
    written.profile("user_id:u1", traits={"tags": ["a", "b", {"c": 1}]})
    written.profile("user_id:u2", traits={"tags": ["a"]})
    told = api.json("/traits/tags/values")
    assert (top(told), told["with_value"], told["distinct_is_least"]) == ({"a": 2, "b": 1}, 2, True)


def test_values_when_there_is_more_than_a_bound_then_that_is_told(
    api: Api, written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.compute, "TRAIT_PROFILES_LOOKED", 2)
    monkeypatch.setattr(limits.compute, "TRAIT_PROFILES_MAX", 4)
    monkeypatch.setattr(limits.compute, "TRAIT_VALUES_TOLD_APART", 3)
    for number in range(5):
        written.profile(f"user_id:u{number}", traits={"name": f"n{number}", "essay": "x" * 300})
    told = api.json("/traits/name/values")
    assert (told["profiles"], told["is_sample"], told["distinct"], told["distinct_is_least"]) == (4, True, 3, True)
    assert (api.json("/traits/essay/values")["top"], api.json("/traits/essay/values")["with_value"]) == ([], 4)
    status, error = api.error("GET", "/traits/a..b/values")
    assert (status, error["field"]) == (400, "key")
