"""Tracking plans in a workspace file: what is refused, and that nothing in a schema can hang or fetch."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from headwater import limits
from headwater.config.diff import diff
from headwater.config.export import export
from headwater.config.json_schema import compiled
from headwater.config.loader import complete, load
from headwater.config.plan_file import load_plan
from headwater.config.schema_graph import SchemaError
from headwater.config.workspace import Workspace
from headwater.destinations import registry
from headwater.errors import ConfigError

LOOKAROUND = "look-around and back-references are not supported"


def loaded(*rules: dict[str, Any], previous: Workspace | None = None, number: int = 1, **plan: Any) -> Workspace:
    said = {"workspace": "shop", "tracking_plans": [{"name": "p", "rules": list(rules), **plan}]}
    return complete(load(json.dumps(said), registry, file="w.yaml"), previous, number)


def track(schema: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": "A", "schema": schema or {}, **fields}


def doubling(levels: int) -> dict[str, Any]:
    """Small, and two to the power of `levels` parts when every $ref is written out."""
    parts = {f"d{n}": {"allOf": [{"$ref": f"#/definitions/d{n + 1}"}] * 2} for n in range(levels)}
    return {"definitions": {**parts, f"d{levels}": {}}, "$ref": "#/definitions/d0"}


def nested_recursions() -> dict[str, Any]:
    """Three recursions, one inside the other."""
    definitions = {
        f"r{n}": {
            "properties": {
                "same": {"$ref": f"#/definitions/r{n}"},
                **({"next": {"$ref": f"#/definitions/r{n + 1}"}} if n < 2 else {}),
            }
        }
        for n in range(3)
    }
    return {"definitions": definitions, "$ref": "#/definitions/r0"}


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no schema": ({"type": "objct"}, "type", '"objct" is no type: there are array'),
    "remote": (
        {"properties": {"a": {"$ref": "http://127.0.0.1:1/x"}}},
        "properties.a.$ref",
        "nothing is ever fetched",
    ),
    "a file": ({"$ref": "file:///etc/passwd"}, "$ref", "nothing is ever fetched"),
    "a draft": ({"$ref": "http://json-schema.org/draft-07/schema#"}, "$ref", "nothing is ever fetched"),
    "nowhere": ({"$ref": "#/definitions/nobody"}, "$ref", "nothing in this schema is at '#/definitions/nobody'"),
    "itself": ({"$ref": "#"}, "", "without going deeper"),
    "in a circle": (
        {"definitions": {"a": {"allOf": [{"$ref": "#/definitions/b"}]}, "b": {"not": {"$ref": "#/definitions/a"}}}}
        | {"properties": {"x": {"$ref": "#/definitions/a"}}},
        "",
        "without going deeper",
    ),
    "doubling": (doubling(30), "", "with every $ref written out, at most"),
    "recursion in two ways": ({"allOf": [{"properties": {"c": {"$ref": "#"}}}] * 2}, "", "double the work"),
    "recursions inside each other": (nested_recursions(), "", "recursions inside each other"),
    "an inner $id": ({"properties": {"a": {"$id": "http://x"}}}, "properties.a.$id", "leave it out"),
    "another draft": ({"$schema": "https://json-schema.org/draft/2020-12/schema"}, "$schema", "only draft-07"),
    "look-ahead": ({"properties": {"a": {"pattern": "(?!x)a"}}}, "properties.a.pattern", LOOKAROUND),
    "look-behind": ({"properties": {"a": {"pattern": "(?<=x)a"}}}, "properties.a.pattern", LOOKAROUND),
    "back-reference": ({"properties": {"a": {"pattern": r"(a)\1"}}}, "properties.a.pattern", LOOKAROUND),
    "in a name": ({"patternProperties": {"(?=x)": {}}}, "patternProperties.(?=x)", LOOKAROUND),
    "no pattern": ({"properties": {"a": {"pattern": "(a"}}}, "properties.a.pattern", "no regular expression"),
    "counting": ({"properties": {"a": {"pattern": "(x{1000}){1000}"}}}, "properties.a.pattern", "too large"),
    "thousands of permitted values": ({"properties": {"a": {"enum": list(range(10_000))}}}, "", "10,004 values"),
    "large": ({"description": "x" * limits.govern.SCHEMA_BYTES_MAX}, "", "larger than 128 KiB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_schema_when_it_is_not_accepted_then_the_mistake_and_its_place_are_told(name: str) -> None:
    schema, path, message = REFUSED[name]
    with pytest.raises(SchemaError) as refused:
        compiled(schema)
    assert refused.value.path == path
    assert message in refused.value.message


def test_schema_when_a_ref_is_remote_then_nobody_is_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        with pytest.raises(SchemaError):
            compiled({"properties": {"a": {"$ref": f"http://127.0.0.1:{server.getsockname()[1]}/x.json"}}})
        with pytest.raises(BlockingIOError):
            server.accept()


def test_schema_when_it_recurses_through_one_member_then_it_holds_at_every_depth() -> None:
    tree = compiled(
        {
            "definitions": {
                "node": {
                    "properties": {
                        "left": {"$ref": "#/definitions/node"},
                        "right": {"$ref": "#/definitions/node"},
                        "value": {"type": "integer"},
                    }
                }
            },
            "properties": {"properties": {"$ref": "#/definitions/node"}},
        }
    )
    node: dict[str, Any] = {"value": "none"}
    for _ in range(500):
        node = {"left": node, "right": {"value": 1}}
    assert not tree.validator.is_valid({"properties": node})
    assert tree.validator.is_valid({"properties": node["right"]})


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*)*x$", "(x+x+)+y"])
def test_pattern_when_it_would_backtrack_without_end_then_it_answers(pattern: str) -> None:
    schema = compiled({"properties": {"a": {"pattern": pattern}}})
    assert not schema.validator.is_valid({"a": "a" * 30_000 + "!"})


def test_schema_when_a_property_has_a_name_of_json_schema_then_it_is_a_property() -> None:
    schema = compiled({"properties": {"$ref": {"type": "integer"}, "default": {"properties": {"$id": {}}}}})
    assert not schema.validator.is_valid({"$ref": "text"})


def test_plan_when_it_has_as_many_rules_as_allowed_then_it_loads_and_one_more_does_not() -> None:
    rules = [track({"properties": {"properties": {"required": ["a"]}}}, event=f"E{n}") for n in range(2_001)]
    assert len(loaded(*rules[:2_000]).tracking_plans[0].rules) == 2_000
    with pytest.raises(ConfigError, match=r"tracking_plans\[0\].rules: 2,001 rules; a plan has at most 2,000"):
        loaded(*rules)


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "same rule twice": (
        {"rules": [track(), track(version=2), track()]},
        "tracking_plans[0].rules[2]: the same type, event and version as tracking_plans[0].rules[0]",
    ),
    "no event": ({"rules": [{"type": "track"}]}, "rules[0]: a track rule needs `event`"),
    "an event too many": (
        {"rules": [{"type": "identify", "event": "A"}]},
        "rules[0].event: rules of type identify have no event",
    ),
    "a long name": ({"rules": [track(event="x" * 257)]}, "rules[0].event: longer than 256"),
    "two common rules": ({"rules": [{"type": "common"}, {"type": "common", "version": 2}]}, "one common rule"),
    "an alias of nothing": (
        {"rules": [track(event="Sign Up")], "aliases": {"x.y": "Sign up"}},
        "did you mean Sign Up?",
    ),
    "an alias that is planned": ({"rules": [track()], "aliases": {"A": "A"}}, "'A' is planned itself"),
    "forwarding": ({"controls": {"forwarding_violations_to": "nobody"}}, "no source 'nobody'"),
    "a control": ({"controls": {"common_event_on_violations": "drop"}}, "tracking_plans[0].controls.common_event"),
    "a bad schema": ({"rules": [track({"type": 5})]}, "tracking_plans[0].rules[0].schema.type: "),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_plan_when_something_is_wrong_then_it_is_named_with_its_line(name: str) -> None:
    plan, message = MISTAKES[name]
    with pytest.raises(ConfigError) as refused:
        loaded(*plan.pop("rules", []), **plan)
    assert message in str(refused.value)
    assert str(refused.value).startswith("w.yaml:1: ")


def test_source_when_it_names_what_is_not_there_then_refused() -> None:
    said = {
        "workspace": "shop",
        "sources": [
            {"name": "a", "tracking_plan": "nope"},
            {"name": "b", "controls": {"forwarding_blocked_events_to": "c"}},
            {"name": "d", "schema": {"integrations_off": {"A": ["crm"]}}},
        ],
    }
    with pytest.raises(ConfigError) as refused:
        load(json.dumps(said), registry)
    problems = [(problem.path, problem.message) for problem in refused.value.problems]
    assert problems == [
        ("sources[0].tracking_plan", "no tracking plan 'nope'; there are none"),
        ("sources[1].controls", "controls say what a plan does, and the source has none"),
        ("sources[1].controls.forwarding_blocked_events_to", "no source 'c'; known are: a, b, d"),
        ("sources[2].schema.integrations_off.A[0]", "no destination 'crm'; there are none"),
    ]


def test_version_when_a_plan_changes_then_it_is_the_workspace_version_that_changed_it() -> None:
    first = loaded(track(), number=3)
    assert first.tracking_plans[0].version == 3
    again = loaded(track(), previous=first, number=4, version=99)
    assert again.tracking_plans[0].version == 3
    changed = loaded(track({"properties": {"a": {"const": 1}}}), previous=again, number=5)
    assert changed.tracking_plans[0].version == 5
    hair = loaded(track({"properties": {"a": {"const": True}}}), previous=changed, number=6)
    assert hair.tracking_plans[0].version == 6, "to Python, 1 is True"


def test_diff_when_one_rule_of_many_changes_then_only_that_one_is_shown() -> None:
    rules = [track(event="A"), track(event="A", version=2), {"type": "identify"}]
    before = loaded(*rules)
    rules[1] = track({"required": ["properties"]}, event="A", version=2)
    after = loaded(*rules, previous=before, number=2)
    assert [change.path for change in diff(before, after, registry)] == [
        "tracking_plans[p].rules[track A 2].schema",
    ]


def test_export_when_it_has_plans_then_it_can_be_applied_and_changes_nothing() -> None:
    before = loaded(
        track({"properties": {"properties": {"properties": {"on": {"enum": ["NO", "1", 1, True, None]}}}}}),
        {"type": "common", "labels": {"area": "all"}, "description": "everything"},
        controls={"allow_unplanned_events": False, "identify": {"common_event_on_violations": "omit"}},
        aliases={"a: b": "A"},
        unify_names=True,
    )
    again = complete(load(export(before), registry), before, 2)
    assert diff(before, again, registry) == []


def test_plan_file_when_it_holds_one_plan_or_a_workspace_then_the_plan_is_found(tmp_path: Path) -> None:
    assert load_plan("rules: [{type: track, event: A}]").rules[0].event == "A"
    whole = "workspace: shop\ntracking_plans: [{name: one}, {name: two, unify_names: true}]"
    assert load_plan(whole, name="two").unify_names
    with pytest.raises(ConfigError, match="name one of its plans"):
        load_plan(whole)
    with pytest.raises(ConfigError, match="no tracking plan 'tow'; did you mean two"):
        load_plan(whole, name="tow")
    with pytest.raises(ConfigError, match=r"p.yaml:3: rules\[0\].schema.type: "):
        load_plan("name: x\nrules:\n  - {type: identify, schema: {type: 5}}", file="p.yaml")
    with pytest.raises(ConfigError, match="expected a mapping"):
        load_plan("[1]")
