"""Every definition of the fixtures, as JSON beside the console's builder: its own tests read them there and hold
that none is changed by being shown. `HEADWATER_WRITE_FIXTURES=1` writes them anew; the console's formatter
(`npm --prefix console run format`) decides how the file looks, so what it says is compared and not its text.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from headwater.definitions import ast
from headwater.definitions.query import parse_query
from headwater.definitions.tree_printer import as_keys, as_tree

ROOT: Final = Path(__file__).parents[3]
FIXTURES: Final = ROOT / "tests" / "fixtures"
WRITTEN: Final = ROOT / "console" / "src" / "components" / "builder" / "model" / "fixtures" / "definitions.json"

ABOUT: Final = {"key", "name", "collection", "destinations", "version"}
"""What a trait has besides what it computes."""


def test_definitions_when_the_fixtures_have_changed_then_the_builder_is_tried_with_all_of_them() -> None:
    text = json.dumps(list(_definitions()), default=str, indent=2)
    if os.environ.get("HEADWATER_WRITE_FIXTURES"):
        WRITTEN.write_text(text + "\n")
    assert json.loads(WRITTEN.read_text()) == json.loads(text)


def _definitions() -> Iterator[Any]:
    files = [*(FIXTURES / "scenarios").glob("*.yaml"), *(FIXTURES / "sync").glob("*.yaml")]
    files.append(FIXTURES / "workspaces" / "definitions.yaml")  # mistakes of every kind
    for path in sorted(files):
        yield from _inside(yaml.safe_load(path.read_text()))
    for each in yaml.safe_load((FIXTURES / "sql" / "definitions.yaml").read_text()):
        found = parse_query(each["query"], collection=each.get("collection", "users"))
        yield as_keys(found) if isinstance(found, ast.Aggregate) else as_tree(found)


def _inside(data: Any) -> Iterator[Any]:
    if isinstance(data, dict):
        if "key" in data and "where" in data and "kind" not in data:
            yield data["where"]
        elif "key" in data and "kind" in data:
            yield {name: value for name, value in data.items() if name not in ABOUT}
        else:
            for value in data.values():
                yield from _inside(value)
    elif isinstance(data, list):
        for item in data:
            yield from _inside(item)
