"""A transformation as YAML and as JSON, the one from the other."""

import json

from headwater.serve.govern.transformation_text import TransformationText, converted

YAML = """\
name: tidy
if: event = "Order Completed"
rename_properties:
  total: revenue
"""
DEFINITION = {
    "name": "tidy",
    "if": 'event = "Order Completed"',
    "rename_properties": {"total": "revenue"},
}


def test_convert_when_json_then_yaml_in_the_same_order() -> None:
    found = converted(TransformationText("json", json.dumps(DEFINITION)))
    assert (found.problems, found.yaml, found.definition) == ([], YAML, DEFINITION)


def test_convert_when_yaml_then_the_definition() -> None:
    found = converted(TransformationText("yaml", YAML))
    assert (found.problems, found.definition) == ([], DEFINITION)


def test_convert_when_it_cannot_be_read_then_says_on_which_line() -> None:
    (problem,) = converted(TransformationText("yaml", "name: tidy\nif: [")).problems
    assert problem.line >= 2
    (problem,) = converted(TransformationText("yaml", "- tidy")).problems
    assert "mapping" in problem.message
