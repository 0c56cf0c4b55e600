"""Mappings in a workspace file, held to the real types: every mistake has its line."""

import pytest

from headwater.config.loader import load
from headwater.destinations import registry
from headwater.errors import ConfigError

FILE = """\
workspace: shop
destinations:
  - name: crm
    type: actions-webhook
    settings: {url: "https://crm.example.com"}
    mappings:
      - name: Orders
        action: send
        trigger: event = "Order Completed"
        mapping:
          data:
            deep:
              - {"@path": "$.x"}
              - {"@template": 5}
            two: {"@path": "$.a", "@case": {}}
            "a.b": {"@pth": "x"}
          dat: 1
      - {name: x, action: sned, trigger: 'evnt = "x"'}
      - {name: y, action: send, trigger: 'type = "track"', mapping: {data: null}}
"""


def test_load_when_mappings_are_wrong_then_every_mistake_is_named_with_its_line() -> None:
    with pytest.raises(ConfigError) as caught:
        load(FILE, registry)
    at = "destinations[0].mappings"
    found = [(problem.line, problem.path) for problem in caught.value.problems]
    assert found == [
        (14, f"{at}[0].mapping.data.deep[1].@template"),
        (15, f"{at}[0].mapping.data.two"),
        (16, f'{at}[0].mapping.data["a.b"]'),
        (17, f"{at}[0].mapping.dat"),
        (18, f"{at}[1].action"),
        (18, f"{at}[1].trigger"),
        (19, f"{at}[2].mapping"),
    ]
    said = str(caught.value)
    for hint in ("did you mean @path?", "did you mean data?", "did you mean send?", "did you mean event?"):
        assert hint in said


def test_load_when_mappings_are_right_then_they_are_kept_as_written() -> None:
    text = FILE.partition("        mapping:\n")[0] + '        mapping: {data: {"@path": "$."}, url: null}\n'
    (mapping,) = load(text, registry).destinations[0].mappings
    assert mapping.mapping == {"data": {"@path": "$."}, "url": None}
