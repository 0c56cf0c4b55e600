"""Mappings that are refused before the first event: every mistake, with its place."""

from typing import Any

import pytest

from headwater import limits
from headwater.mapping.checks import DIRECTIVES
from headwater.mapping.kit import MappingError, compile_mapping, problems

REPLACE = {"value": "x", "pattern": "a"}
MALFORMED = [
    ({"v": {"@foo": 1}}, "v", "there is no directive @foo; known are: "),
    ({"v": {"@pahts": "$.a"}}, "v", "there is no directive @pahts; did you mean @path?"),
    ({"v": {"@": 1}}, "v", "there is no directive @; "),
    ({"v": {"@path": "$.a", "@if": {}}}, "v", "should have one directive, but has @if, @path"),
    ({"v": {"@path": "$.a", "x": 1}}, "v", "should have nothing beside @path, but has x"),
    ({"v": [{"@path": "$.a", "x": 1}]}, "v[0]", "should have nothing beside @path, but has x"),
    ({"v": {"@path": 1}}, "v.@path", "should be a string or a directive, but is a number"),
    ({"v": {"@path": ["a"]}}, "v.@path", "should be a string or a directive, but is an array"),
    ({"v": {"@template": None}}, "v.@template", "should be a string or a directive, but is null"),
    ({"v": {"@template": {"a": 1}}}, "v.@template", "should be a string or a directive, but is an object"),
    ({"v": {"@literal": {"@foo": 1}}}, "v.@literal", "there is no directive @foo"),
    ({"v": {"@if": "x"}}, "v.@if", "should be an object with `exists`, `blank`, `then`, `else`, but is a string"),
    (
        {"v": {"@if": {"@path": "$.a"}}},
        "v.@if",
        "should be an object with `exists`, `blank`, `then`, `else`, but is the directive @path",
    ),
    ({"v": {"@if": {"exists": 1, "then": {"a": {"@foo": 1}}}}}, "v.@if.then.a", "there is no directive @foo"),
    ({"v": {"@if": {"exists": 1, "other": {"@foo": 1}}}}, "v.@if.other", "there is no directive @foo"),
    ({"v": {"@case": {"operator": 1}}}, "v.@case.operator", "should be a string, but is a number"),
    ({"v": {"@case": {"operator": "lower", "value": 1}}}, "v.@case.value", "should be a string or a directive"),
    ({"v": {"@replace": {"pattern": "a"}}}, "v.@replace", "should have `value`, but has not"),
    ({"v": {"@replace": {"value": "a"}}}, "v.@replace", "should have `pattern`, but has not"),
    (
        {"v": {"@replace": REPLACE | {"pattern": ""}}},
        "v.@replace.pattern",
        "should have 1 to 10 characters, but has 0",
    ),
    (
        {"v": {"@replace": REPLACE | {"pattern": "a" * 11}}},
        "v.@replace.pattern",
        "should have 1 to 10 characters, but has 11",
    ),
    (
        {"v": {"@replace": REPLACE | {"pattern": "🙂" * 6}}},
        "v.@replace.pattern",
        "should have 1 to 10 characters, but has 12",
    ),
    (
        {"v": {"@replace": REPLACE | {"replacement": "a" * 11}}},
        "v.@replace.replacement",
        "should have at most 10 characters",
    ),
    ({"v": {"@replace": REPLACE | {"pattern2": ""}}}, "v.@replace.pattern2", "should have 1 to 10 characters"),
    (
        {"v": {"@replace": REPLACE | {"replacement2": 1}}},
        "v.@replace.replacement2",
        "should be a string, but is a number",
    ),
    (
        {"v": {"@replace": REPLACE | {"pattern": {"@path": "a"}}}},
        "v.@replace.pattern",
        "should be a string, but is the directive @path",
    ),
    (
        {"v": {"@replace": REPLACE | {"ignorecase": "no"}}},
        "v.@replace.ignorecase",
        "should be a boolean, but is a string",
    ),
    ({"v": {"@replace": REPLACE | {"global": None}}}, "v.@replace.global", "should be a boolean, but is null"),
    ({"v": {"@replace": REPLACE | {"value": 1}}}, "v.@replace.value", "should be a string or a directive"),
    ({"v": {"@arrayPath": "$.a"}}, "v.@arrayPath", "should be an array of a path and a shape, but is a string"),
    ({"v": {"@arrayPath": []}}, "v.@arrayPath[0]", "should be a string or a directive, but is undefined"),
    ({"v": {"@arrayPath": [1]}}, "v.@arrayPath[0]", "should be a string or a directive, but is a number"),
    ({"v": {"@arrayPath": ["$.a", {"x": {"@foo": 1}}]}}, "v.@arrayPath[1].x", "there is no directive @foo"),
    (
        {"v": {"@flatten": {"value": 1, "separator": 1}}},
        "v.@flatten.separator",
        "should be a string, but is a number",
    ),
    ({"v": {"@flatten": {"value": 1, "omitArrays": 1}}}, "v.@flatten.omitArrays", "should be a boolean"),
    ({"v": {"@json": {"value": 1}}}, "v.@json", "should have `mode`, but has not"),
    ({"v": {"@json": {"mode": "encode"}}}, "v.@json", "should have `value`, but has not"),
    ({"v": {"@merge": {"direction": "left"}}}, "v.@merge", "should have `objects`, but has not"),
    (
        {"v": {"@merge": {"objects": {}, "direction": "left"}}},
        "v.@merge.objects",
        "should be an array, but is an object",
    ),
    ({"v": {"@merge": {"objects": [{"@foo": 1}]}}}, "v.@merge.objects[0]", "there is no directive @foo"),
    ({"v": {"@transform": {"apply": {}}}}, "v.@transform", "should have `mapping`, but has not"),
    ({"v": {"@transform": {"mapping": {}}}}, "v.@transform", "should have `apply`, but has not"),
    ({"v": {"@excludeWhenNull": {"@foo": 1}}}, "v.@excludeWhenNull", "there is no directive @foo"),
    ({"v": {"@liquid": 1}}, "v.@liquid", "should be a string, but is a number"),
    ({"v": {"@liquid": "x" * 1001}}, "v.@liquid", "should have at most 1000 characters, but has 1001"),
    ({"v": {"@liquid": "{{ x"}}, "v.@liquid", "expected '}}'"),
    ({"v.w": {"x[0]": {"@foo": 1}}}, '["v.w"]["x[0]"]', "there is no directive @foo"),
    ({"v": {1, 2}}, "v", "should be a JSON value, but is a set"),
    ({1: "x"}, "", "keys should be strings, but 1 is an int"),
    ({"v": "\ud800"}, "v", "has half a character"),
    ({"\ud800": 1}, "", "a key has half a character"),
    ({"@path": "$.a", "b": 1}, "", "should have nothing beside @path, but has b"),
    ({"__segment_internal_directive": {"a": 1}}, "__segment_internal_directive", "should be one directive"),
    (
        {"__segment_internal_directive": {"@merge": {}, "@if": {}}},
        "__segment_internal_directive",
        "should be one directive",
    ),
    (
        {"__segment_internal_directive": {"@path": "$.a"}},
        "__segment_internal_directive.@path",
        "should be an object, but is a string",
    ),
]


@pytest.mark.parametrize(("mapping", "path", "message"), MALFORMED, ids=str)
def test_mapping_when_it_is_malformed_then_the_place_and_the_mistake(
    mapping: Any, path: str, message: str
) -> None:
    with pytest.raises(MappingError) as caught:
        compile_mapping(mapping)
    assert caught.value.path == path
    assert caught.value.message.startswith(message)
    assert caught.value.code == "invalid_mapping"


def test_mapping_when_there_are_several_mistakes_then_all_of_them() -> None:
    found = problems({"a": {"@foo": 1}, "b": {"@path": 1}, "c": {"@replace": {}}})
    assert [problem.path for problem in found] == ["a", "b.@path", "c.@replace", "c.@replace"]


def test_table_when_a_directive_is_there_then_a_row_breaks_it() -> None:
    broken = {part for _, path, _ in MALFORMED for part in path.replace("[", ".").split(".") if part[:1] == "@"}
    assert broken >= DIRECTIVES.keys()


def deep(levels: int, wrap: Any, value: Any = 1) -> Any:
    for _ in range(levels):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    "mapping",
    [
        {"v": "x" * (limits.mapping.CHARS_MAX + 1)},
        {"x" * (limits.mapping.CHARS_MAX + 1): 1},
        {"v": [0] * (limits.mapping.VALUES_MAX + 1)},
        {"v": [{"@path": "$.a"}] * (limits.mapping.READS_MAX + 1)},
        {"v": {"@template": "{{a}}" * (limits.mapping.READS_MAX + 1)}},
        deep(limits.mapping.DEPTH_MAX + 1, lambda v: [v]),
        deep(limits.mapping.DEPTH_MAX + 1, lambda v: {"a": v}),
        deep(limits.mapping.DEPTH_MAX + 1, lambda v: {"@literal": v}),
        deep(100_000, lambda v: [v]),
        deep(100_000, lambda v: {"@if": {"exists": "x", "else": v}}),
    ],
    ids=[
        "text",
        "key",
        "values",
        "directives",
        "places",
        "arrays",
        "objects",
        "literals",
        "very deep",
        "branches",
    ],
)
def test_mapping_when_it_is_too_large_then_it_is_refused(mapping: Any) -> None:
    with pytest.raises(MappingError) as caught:
        compile_mapping(mapping)
    assert caught.value.code == "invalid_mapping"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda v: [v],
        lambda v: {"a": v},
        lambda v: {"@literal": [v]},
        lambda v: {"@if": {"exists": {"@path": "$.none"}, "else": v}},
        lambda v: {"@if": {"exists": v, "then": v}} if v == 1 else {"@if": {"exists": v, "then": "x"}},
        lambda v: {"@transform": {"apply": {"a": v}, "mapping": {"@path": "$.a"}}},
        lambda v: {"@transform": {"apply": {}, "mapping": v}},
        lambda v: {"@arrayPath": ["$.", {"a": v}]},
        lambda v: {"@merge": {"objects": [{"a": v}], "direction": "left"}},
        lambda v: {"@json": {"value": v, "mode": "decode"}},
        lambda v: {"@template": {"@template": "x"} if v == 1 else v},
    ],
)
def test_mapping_when_it_is_as_deep_as_allowed_then_it_is_applied(wrap: Any) -> None:
    levels = next(n for n in range(limits.mapping.DEPTH_MAX, 0, -1) if not problems({"v": deep(n, wrap)}))
    assert levels >= limits.mapping.DEPTH_MAX // 5
    compile_mapping({"v": deep(levels, wrap)}).resolve({"none": None})


def test_mapping_when_a_template_has_a_megabyte_then_it_is_applied() -> None:
    text = "x" * 1_000_000
    assert compile_mapping({"v": {"@template": f"{text}{{{{a}}}}"}}).resolve({"a": "!"})["v"] == f"{text}!"
