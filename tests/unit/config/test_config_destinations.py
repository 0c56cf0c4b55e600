"""Filters, mappings and the rest of a destination: their bounds, and what is kept of them."""

from typing import Any

import pytest
from destination_types import Anything
from hypothesis import given
from hypothesis import strategies as st
from workspaces import filters, mappings

from headwater import limits
from headwater.config.destinations import DestinationFilter, FilterStep, FilterVerb
from headwater.config.export import as_yaml
from headwater.config.loader import load
from headwater.config.workspace import Destination, as_data
from headwater.errors import ConfigError

DROP = {"if": "all", "action": "drop"}
TRACK = {"action": "send", "trigger": 'type = "track"'}


def file(**destination: Any) -> str:
    return as_yaml({"workspace": "shop", "destinations": [{"name": "crm", "type": "log"} | destination]})


def loaded(**destination: Any) -> Destination:
    return load(file(**destination), Anything()).destinations[0]


def problems(**destination: Any) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        loaded(**destination)
    return [(problem.path.removeprefix("destinations[0]."), problem.message) for problem in caught.value.problems]


def dropping(names: int) -> dict[str, Any]:
    return {"if": "all", "action": "drop_properties", "fields": {"properties": [f"p{n}" for n in range(names)]}}


@pytest.mark.parametrize(
    ("fits", "problem"),
    [
        ({"filters": [DROP] * limits.delivery.FILTERS_PER_DESTINATION_MAX}, ("filters[10]", "at most 10 filters")),
        ({"filters": [dropping(limits.delivery.FILTER_FIELDS_MAX)]}, ("filters[0].fields", "at most 200 names")),
        ({"filters": [DROP | {"title": "x" * 64}]}, ("filters[0].title", "at most 64 characters")),
        ({"consent": ["c"] * limits.delivery.CONSENT_CATEGORIES_MAX}, ("consent", "at most 50 categories")),
        (
            {"mappings": [TRACK | {"name": f"n{n}"} for n in range(limits.delivery.MAPPINGS_PER_DESTINATION_MAX)]},
            ("mappings[50]", "at most 50 mappings"),
        ),
        (
            {"retry": {"window_s": limits.delivery.RETRY_WINDOW_S_MAX}},
            ("retry.window_s", "expected a whole number <= 604800"),
        ),
        ({"pace": {"concurrency": 256}}, ("pace.concurrency", "expected a whole number <= 256")),
        (
            {"filters": [{"if": "all", "action": "sample", "percent": 1}]},
            ("filters[0].percent", "expected a number <= 1.0"),
        ),
    ],
)
def test_load_when_a_bound_is_met_then_it_fits_and_one_more_is_refused(
    fits: dict[str, Any], problem: tuple[str, str]
) -> None:
    loaded(**fits)
    (path, message), *others = problems(**grown(fits))
    assert (path, message[: len(problem[1])]) == problem
    assert others == []


def grown(value: Any) -> Any:
    """With one more of what there is most of."""
    if isinstance(value, dict):
        (key, inner), *_ = reversed(value.items())
        return value | {key: grown(inner)}
    if isinstance(value, list) and len(value) == 1:
        return [grown(value[0])]
    if isinstance(value, list):
        more = value[-1]
        return [*value, more | {"name": "more"} if isinstance(more, dict) and "name" in more else more]
    return value + (type(value)() + "y" if isinstance(value, str) else 1)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({"consent": [""]}, "consent[0]"),
        ({"consent": "ads"}, "consent"),
        ({"filters": [{"if": "x" * (limits.fql.BYTES_MAX + 1), "action": "drop"}]}, "filters[0].if"),
        ({"filters": [{"if": "", "action": "drop"}]}, "filters[0].if"),
        ({"filters": [{"if": "all", "action": "sample", "percent": -0.1}]}, "filters[0].percent"),
        ({"filters": [{"if": "all", "action": "sample", "percent": 1, "path": "a..b"}]}, "filters[0].path"),
        ({"filters": [dropping(1) | {"fields": {"properties": "email"}}]}, "filters[0].fields[...]"),
        ({"filters": [{"if": "all", "actions": [{"type": "drop"}]}]}, "filters[0].actions[0].type"),
        ({"filters": [{"if": "all", "actions": []}]}, "filters[0]"),
        ({"mappings": [TRACK]}, "mappings[0].name"),
        ({"mappings": [TRACK | {"name": ""}]}, "mappings[0].name"),
        ({"mappings": [TRACK | {"name": "a", "trigger": "integrations.All = true"}]}, "mappings[0].trigger"),
        ({"mappings": [TRACK | {"name": "a", "batch": {"wait_s": 61}}]}, "mappings[0].batch.wait_s"),
        ({"strict_order": "yes"}, "strict_order"),
        ({"retry": {"base_s": 0}}, "retry.base_s"),
    ],
)
def test_load_when_something_is_no_such_thing_then_its_place_is_named(written: dict[str, Any], path: str) -> None:
    assert [place for place, _ in problems(**written)] == [path]


@given(st.lists(filters, max_size=3), st.lists(mappings, max_size=3, unique_by=lambda each: each.name))
def test_load_when_filters_and_mappings_are_written_then_they_are_kept_as_they_are(
    written: list[Any], mapped: list[Any]
) -> None:
    found = loaded(filters=[as_data(each) for each in written], mappings=[as_data(each) for each in mapped])
    assert (found.filters, found.mappings) == (tuple(written), tuple(mapped))


def test_steps_when_a_filter_is_written_either_way_then_the_same_ones() -> None:
    fields = {"properties": ["email"]}
    short = {"if": "all", "action": "drop_properties", "fields": fields}
    long = {"if": "all", "actions": [{"type": "DROP_PROPERTIES", "fields": fields}]}
    ours, theirs = loaded(filters=[short, long]).filters
    assert (
        ours.steps
        == theirs.steps
        == (FilterStep(FilterVerb.DROP_PROPERTIES, None, "", {"properties": ("email",)}),)
    )
    assert isinstance(ours, DestinationFilter)
