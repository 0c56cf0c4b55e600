"""The order of the steps (spec 2.1): what several would stop is stopped by the first, and each sees what those
before it have made.
"""

import itertools
from typing import Any

import pytest
from routing_events import TOOL, dropping, event, item, outcome, pruning, route, routed, sent

from headwater.config.destinations import DestinationFilter, DestinationMapping, FilterVerb
from headwater.config.transformations import Transformation
from headwater.config.workspace import Destination
from headwater.delivery.routing.route import Route
from headwater.destinations.kit.model import Item
from headwater.errors import ConfigError
from headwater.event import OutboundEvent

STOPS: list[tuple[str, str]] = [
    ("consent", "FILTERED_BY_END_USER_CONSENT"),
    ("integrations", "FILTERED_BY_INTEGRATIONS_OBJECT"),
    ("filters", "FILTERED_BY_RULES"),
    ("transformations", "DROPPED_BY_TRANSFORMATION"),
    ("triggers", "NO_MATCHING_MAPPING"),
]
DROPS = Transformation(name="none", destination="crm", drop=True, version=3)


def stopped_by(steps: tuple[str, ...]) -> tuple[Route, OutboundEvent]:
    """A route and an event that each of these steps would stop."""
    fields: dict[str, Any] = {"consent": ("ads",)}
    body: dict[str, Any] = {"context": {"consent": {"categoryPreferences": {"ads": "consent" not in steps}}}}
    body["integrations"] = {"crm": "integrations" not in steps}
    if "filters" in steps:
        fields["filters"] = (dropping("all"),)
    if "triggers" in steps:
        fields["mappings"] = (DestinationMapping(name="it", action="whole", trigger='type = "page"'),)
    return route(*([DROPS] if "transformations" in steps else []), **fields), event(**body)


@pytest.mark.parametrize(
    "steps", [chosen for count in range(6) for chosen in itertools.combinations(STOPS, count)], ids=str
)
def test_route_when_several_steps_would_stop_an_event_then_the_first_does(
    steps: tuple[tuple[str, str], ...],
) -> None:
    expected = steps[0][1] if steps else "Everything"
    assert outcome(*stopped_by(tuple(name for name, _ in steps))) == expected


def test_filters_when_a_transformation_changes_a_value_then_they_see_it_as_it_was() -> None:
    rule = Transformation(name="plan", destination="crm", set_values={"properties.plan": "new"})
    assert (
        sent(route(rule, filters=(dropping('properties.plan = "new"'),)), event())["properties"]["plan"] == "new"
    )


def test_transformations_when_a_filter_took_a_value_then_they_do_not_find_it() -> None:
    rule = Transformation(name="move", destination="crm", rename_properties={"total": "sum"})
    filters = (pruning(FilterVerb.DROP_PROPERTIES, {"properties": ("total",)}),)
    assert sent(route(rule, filters=filters), event())["properties"] == {}
    assert sent(route(rule), event())["properties"] == {"sum": 50}


@pytest.mark.parametrize(
    ("rule", "trigger"),
    [
        ({"rename_event": "Order Placed"}, 'event = "Order Placed"'),
        ({"set_values": {"name": "Order Placed"}}, 'name = "Order Placed"'),
        ({"set_values": {"properties.kind": "order"}}, 'properties.kind = "order"'),
    ],
)
def test_triggers_when_a_transformation_changed_the_event_then_they_see_the_change(
    rule: dict[str, Any], trigger: str
) -> None:
    mappings = (DestinationMapping(name="it", action="whole", trigger=trigger),)
    assert outcome(route(mappings=mappings), event()) == "NO_MATCHING_MAPPING"
    changed = Transformation(name="change", destination="crm", **rule)
    assert outcome(route(changed, mappings=mappings), event()) == "it"


def test_transformations_when_they_are_about_other_sources_then_nothing_changes() -> None:
    rule = Transformation(name="app only", destination="crm", sources=("app",), drop=True)
    assert outcome(route(rule), event()) == "Everything"


def test_transformations_when_one_that_hides_cannot_be_applied_then_the_event_is_rejected_unsent() -> None:
    rule = Transformation(
        name="hide", destination="crm", if_='lowercase(properties.total) = "x"', drop_properties=("a",), version=2
    )
    told = route(rule).of(event())
    assert not isinstance(told, list)
    assert told.reason == "TRANSFORMATION_FAILED"
    assert told.message.startswith("hide@2 could not be applied: ")


def test_route_when_nothing_is_configured_then_the_event_goes_on_as_it_is() -> None:
    one = event()
    (whole,) = routed(route(), one)
    assert (whole.mapping, whole.action) == ("Everything", TOOL.actions[0])
    assert item(route(), one) == Item(one, {}, "m-1")
    assert item(route(), one).event is one


def test_route_when_traced_then_each_step_is_told_up_to_the_one_that_stops_it() -> None:
    steps = [name for name, _ in STOPS[:4]]
    for count in range(1, 5):
        asked, one = stopped_by((STOPS[count - 1][0],))
        passed, verdict = asked.trace(one)
        assert [each.step for each in passed if each.step in steps[:count]] == [
            name for name in steps[:count] if name in {step.name for step in asked.steps}
        ]
        assert verdict == asked.of(one)
        assert passed[-1].verdict == verdict


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"filters": (dropping("event =="),)}, "line 1"),
        ({"filters": (DestinationFilter(if_="all", action=FilterVerb.SAMPLE, percent=1, path="a..b"),)}, "path"),
        (
            {"mappings": (DestinationMapping(name="a", action="whol", trigger="type != null"),)},
            "did you mean whole?",
        ),
        ({"mappings": (DestinationMapping(name="a", action="whole", trigger=""),)}, "trigger"),
    ],
)
def test_route_when_another_version_stored_what_this_one_cannot_do_then_a_config_error(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        Route(Destination(name="crm", type="tool", **fields), TOOL, TOOL.settings())
