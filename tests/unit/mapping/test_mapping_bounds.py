"""Mappings and events that want to become large: what they make is bounded, and refused with its place."""

from typing import Any

import pytest

from headwater import limits
from headwater.mapping.kit import MappingError, compile_mapping

LONG = "a" * 32_000


def doubled(times: int, last: Any, *, by: str = "@transform") -> Any:
    """A mapping that makes two of what it is given, so often."""
    for _ in range(times):
        twice = {"x": [{"@path": "$.x"}, {"@path": "$.x"}]}
        last = {by: {"apply": twice, "mapping": last}}
    return last


HOSTILE = {
    "a result that doubles": (doubled(20, {"@path": "$.x"}), {"x": "a"}),
    "JSON of what doubles": ({"@json": {"value": doubled(20, {"@path": "$.x"}), "mode": "encode"}}, {"x": "a"}),
    "what doubles, flattened": (
        {"@flatten": {"value": doubled(20, {"@path": "$.x"}), "separator": "."}},
        {"x": 1},
    ),
    "JSON inside JSON": (
        {
            "v": [{"@json": {"mode": "encode", "value": {"@json": {"mode": "encode", "value": {"@path": "$.x"}}}}}]
            * 200
        },
        {"x": '"' * 32_000},
    ),
    "a template of one long value": ({"@template": "{{x}}" * 200}, {"x": LONG}),
    "templates of templates": (
        {"@transform": {"apply": {"x": {"@template": "{{x}}" * 60}}, "mapping": {"@template": "{{x}}" * 60}}},
        {"x": LONG},
    ),
    "a template from the event": ({"@template": {"@path": "$.t"}}, {"t": "{{x}}" * 200, "x": LONG}),
    "what follows, for each letter": (
        {"@replace": {"value": {"@path": "$.x"}, "pattern": "a", "replacement": "$'$'$'"}},
        {"x": LONG},
    ),
    "many copies of an event": ({"v": [{"@path": "$."}] * 1_000}, {"x": LONG}),
    "a shape of each of many": (
        {"@arrayPath": [{"@literal": [{"@path": "$."}] * 100}, {"v": [{"@path": "$.x"}] * 28}]},
        {"x": LONG},
    ),
    "a long text for each item": ({"@arrayPath": ["$.x", {"v": LONG}]}, {"x": [1] * 1_000}),
    "keys that grow": (
        {"@flatten": {"value": {"@path": "$.x"}, "separator": "s" * 1_000}},
        {"x": {"a": {"a": {"a": {str(n): n for n in range(4_000)}}}}},
    ),
    "objects of one text": (
        {
            "@transform": {
                "apply": {"x": {"@template": "{{x}}" * 100}},
                "mapping": {"v": [{"@merge": {"objects": [{"@path": "$.x"}], "direction": "right"}}] * 20},
            }
        },
        {"x": LONG},
    ),
}


@pytest.mark.parametrize(("mapping", "event"), HOSTILE.values(), ids=HOSTILE)
def test_resolve_when_much_would_be_made_of_little_then_it_is_refused(mapping: Any, event: Any) -> None:
    compiled = compile_mapping(mapping)
    with pytest.raises(MappingError, match=f"more than {limits.mapping.WORK_MAX:,} characters and values"):
        compiled.resolve(event)


def test_resolve_when_an_event_was_too_much_then_the_next_has_all_of_the_room() -> None:
    compiled = compile_mapping({"@template": "{{x}}" * 200})
    with pytest.raises(MappingError):
        compiled.resolve({"x": LONG})
    assert compiled.resolve({"x": "a" * 1_000}) == "a" * 200_000


def nested(levels: int, wrap: Any) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    "mapping",
    [
        {"@template": "{{x}}"},
        {"@if": {"blank": {"@path": "$.x"}, "then": 1}},
        {"@json": {"value": {"@path": "$.x"}, "mode": "encode"}},
        {"@flatten": {"value": {"@path": "$.x"}, "separator": "."}},
        {"@excludeWhenNull": {"@path": "$.x"}},
        {"@merge": {"objects": [[{"@path": "$.y"}], {"@path": "$.x"}], "direction": "right"}},
        {"v": [{"@path": "$.x"}] * 200},
    ],
)
@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: {"a": v}], ids=["arrays", "objects"])
def test_resolve_when_an_event_is_nested_too_deeply_then_a_result_or_an_error(mapping: Any, wrap: Any) -> None:
    try:
        compile_mapping(mapping).resolve({"x": nested(5_000, wrap)})
    except MappingError as error:
        assert "nested too deeply" in error.message or "more than" in error.message  # noqa: PT017


def test_template_when_it_is_a_megabyte_of_braces_then_it_is_read_once() -> None:
    """A pattern would begin anew at each brace: 10¹¹ steps."""
    braces = "{" * 1_000_000
    assert compile_mapping({"v": {"@template": braces}}).resolve({})["v"] == braces
    assert compile_mapping({"v": {"@template": f"{braces}a}} "}}).resolve({})["v"] == f"{braces}a}} "


def test_path_when_it_has_a_megabyte_of_dots_then_it_is_the_whole_event() -> None:
    assert compile_mapping({"v": {"@path": "." * 1_000_000}}).resolve({"a": 1}) == {"v": {"a": 1}}


def test_path_when_it_has_very_many_names_then_they_are_followed() -> None:
    mapping = compile_mapping({"v": {"@path": "a." * 20_000}, "w": {"@template": f"{{{{{'a.' * 200}}}}}"}})
    assert mapping.resolve({"a": 1}) == {"w": ""}
    assert mapping.resolve({"a": 0}) == {"v": 0, "w": "0"}
