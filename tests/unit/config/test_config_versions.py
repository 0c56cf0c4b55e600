"""Which version of the workspace brought a transformation or a tracking plan as it is."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from destination_types import WebhookOnly

from headwater.config import changes
from headwater.config.changes import Applied
from headwater.config.diff import masked
from headwater.config.export import export
from headwater.config.port import ConfigStore
from headwater.config.sqlite import SqliteConfigStore

TYPES = WebhookOnly()
RULES = {
    "tidy": "{name: tidy, drop_properties: [a]}",
    "hash": "{name: hash, hash_values: {paths: [context.ip], key: pepper}}",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with closing(SqliteConfigStore(tmp_path / "config.db", bells=tmp_path / "bells")) as opened:
        yield opened


def apply(store: ConfigStore, *rules: str, plan: str = "{name: shop}", more: str = "") -> Applied:
    listed = "\n".join(f"  - {rule}" for rule in rules)
    text = f"workspace: shop\n{more}\ntransformations:\n{listed}\ntracking_plans:\n  - {plan}\n"
    return changes.apply(store, text, "", TYPES, "ann")


def versions(store: ConfigStore) -> dict[str, int]:
    current = store.current()
    assert current
    found: list[Any] = [*current.workspace.transformations, *current.workspace.tracking_plans]
    return {item.name: item.version for item in found}


def test_version_when_a_rule_is_new_changed_or_as_before_then_that_of_its_last_change(store: ConfigStore) -> None:
    apply(store, RULES["tidy"], RULES["hash"])
    assert versions(store) == {"tidy": 1, "hash": 1, "shop": 1}
    apply(store, "{name: tidy, drop_properties: [b]}", RULES["hash"])
    assert versions(store) == {"tidy": 2, "hash": 1, "shop": 1}
    apply(store, RULES["hash"], "{name: tidy, drop_properties: [b]}", plan="{name: shop, unify_names: true}")
    assert versions(store) == {"tidy": 2, "hash": 1, "shop": 3}
    apply(store, RULES["tidy"])
    assert versions(store) == {"tidy": 4, "shop": 4}, "an earlier text is another version all the same"
    apply(store, RULES["tidy"], RULES["hash"])
    assert versions(store) == {"tidy": 4, "hash": 5, "shop": 4}, "what comes back is new"


def test_version_when_a_file_states_one_then_it_is_ignored(store: ConfigStore) -> None:
    apply(store, "{name: tidy, drop_properties: [a], version: 99}")
    assert versions(store)["tidy"] == 1
    again = apply(store, "{name: tidy, drop_properties: [a], version: 7}")
    assert (again.changes, again.version.number) == ([], 1)


def test_version_when_one_becomes_true_then_it_is_another(store: ConfigStore) -> None:
    apply(store, "{name: set, set_values: {a: 1}}")
    apply(store, "{name: set, set_values: {a: true}}")
    assert versions(store)["set"] == 2


def test_version_when_compared_and_exported_then_it_is_not_part_of_the_file(store: ConfigStore) -> None:
    apply(store, RULES["tidy"], RULES["hash"])
    applied = apply(store, "{name: tidy, drop_properties: [b]}", RULES["hash"])
    assert [change.path for change in applied.changes] == ["transformations[tidy].drop_properties"]
    text = export(applied.version.workspace)
    assert "version" not in text
    assert changes.apply(store, text, "", TYPES, "ann").changes == []
    assert versions(store) == {"tidy": 2, "hash": 1, "shop": 1}


def test_diff_when_the_key_of_a_hash_changes_then_neither_is_shown(store: ConfigStore) -> None:
    applied = apply(store, RULES["hash"])
    assert "pepper" not in applied.text
    assert "pepper" not in str(masked(applied.version.workspace))
    applied = apply(store, RULES["hash"].replace("pepper", "salt"))
    assert "transformations[hash].hash_values.key: •••• → ••••" in applied.text
    assert versions(store)["hash"] == 2
