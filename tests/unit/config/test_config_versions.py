"""Which version of the workspace brought a transformation or a tracking plan as it is."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from destination_types import WebhookOnly

from headwater.config import changes
from headwater.config.changes import Applied
from headwater.config.export import export
from headwater.config.loader import API_TOKEN
from headwater.config.port import ConfigStore
from headwater.config.secrets import masked
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


AUDIENCE = "{key: buyers, where: {event: Order Completed, within: 30d}}"


def computed(store: ConfigStore, traits: str = "", audiences: str = AUDIENCE) -> dict[str, int]:
    """The versions after applying these."""
    text = f"workspace: shop\ndestinations: [{CRM}]\ntraits: [{traits}]\naudiences: [{audiences}]\n"
    workspace = changes.apply(store, text, "", TYPES, "ann").version.workspace
    found = {item.key: item.version for item in (*workspace.traits, *workspace.audiences)}
    assert {definition.key: definition.version for definition in workspace.definitions} == found
    return found


CRM = "{name: crm, type: webhook, settings: {url: https://crm.example}}"


def test_version_when_something_else_about_a_definition_changes_then_it_stays(store: ConfigStore) -> None:
    assert computed(store) == {"buyers": 1}
    for same in (
        "{key: buyers, name: Buyers, where: {event: Order Completed, within: 30d}}",
        "{key: buyers, where: {event: Order Completed, within: 720h, count: {op: '>=', value: 1}}}",
        "{key: buyers, where: \"event('Order Completed').within(30 days).count() >= 1\"}",
        "{key: buyers, where: {event: Order Completed, within: 30d}, destinations: [{name: crm}]}",
    ):
        assert computed(store, audiences=same) == {"buyers": 1}
    assert computed(store, audiences="{key: buyers, where: {event: Order Completed, within: 31d}}") == {
        "buyers": 6
    }


def test_version_when_a_trait_that_it_names_becomes_a_computed_one_then_it_is_another(store: ConfigStore) -> None:
    rich = "{key: rich, where: {trait: spent, op: '>', value: 100}}"
    spent = "{key: spent, kind: sum, event: Order Completed, property: total}"
    assert computed(store, audiences=rich) == {"rich": 1}
    assert computed(store, spent, rich) == {"spent": 2, "rich": 2}
    assert computed(store, spent.replace("total", "net"), rich) == {"spent": 3, "rich": 2}, (
        "it is computed after it"
    )
    assert computed(store, audiences=rich) == {"rich": 4}


def test_version_when_the_same_key_is_of_users_and_accounts_then_each_has_its_own(store: ConfigStore) -> None:
    both = "{key: n, kind: event_count, event: A}, {key: n, kind: event_count, event: A, collection: accounts}"
    computed(store, both.replace("A, c", "B, c"), "")
    applied = changes.apply(store, f"workspace: shop\ntraits: [{both}]", "", TYPES, "ann")
    assert [item.version for item in applied.version.workspace.traits] == [1, 2]
    assert "traits[n accounts].event: B → A" in applied.text


def test_tokens_when_left_out_then_generated_once_kept_and_never_shown(store: ConfigStore) -> None:
    def tokens(text: str) -> tuple[Applied, dict[str, str]]:
        applied = changes.apply(store, f"workspace: shop\nprofile_api: {{tokens: [{text}]}}", "", TYPES, "ann")
        given = applied.version.workspace.profile_api.tokens
        assert all(API_TOKEN.match(each.token) for each in given)
        return applied, {each.name: each.token for each in given}

    applied, first = tokens("{name: a}, {name: b}")
    assert first["a"] != first["b"]
    assert not any(
        token in applied.text + str(masked(applied.version.workspace, TYPES)) for token in first.values()
    )
    assert tokens("{name: b}, {name: a}")[1] == first
    taken = tokens(f"{{name: b, token: {first['a']}}}, {{name: a}}")[1]
    assert taken["b"] == first["a"] != taken["a"]


def test_diff_when_the_key_of_a_hash_changes_then_neither_is_shown(store: ConfigStore) -> None:
    applied = apply(store, RULES["hash"])
    assert "pepper" not in applied.text
    assert "pepper" not in str(masked(applied.version.workspace, TYPES))
    applied = apply(store, RULES["hash"].replace("pepper", "salt"))
    assert "transformations[hash].hash_values.key: •••• → ••••" in applied.text
    assert versions(store)["hash"] == 2
