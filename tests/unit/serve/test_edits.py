"""One part of the workspace changed: what is made of it, what follows from a name, what is told of mistakes."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from destination_types import Anything
from hypothesis import given
from hypothesis import strategies as st
from workspaces import workspaces

from headwater.config import changes
from headwater.config.export import as_yaml
from headwater.config.loader import load
from headwater.config.port import ConfigStore
from headwater.config.secrets import MASK
from headwater.config.sqlite import SqliteConfigStore
from headwater.config.workspace import Workspace, as_data, canonical
from headwater.errors import ConfigError, ConflictError, InputError, NotFoundError
from headwater.serve.config import edits, references
from headwater.serve.config.edits import Edit, Made, Terms
from headwater.serve.config.sections import Section

TYPES = Anything()

FILE = """\
workspace: shop
sources:
  - name: website
    write_key: wk_website
    tracking_plan: shop
    schema: {integrations_off: {Debug: [hook]}}
  - {name: backend, tracking_plan: shop, controls: {forwarding_violations_to: website}}
  - {name: old}
destinations:
  - {name: hook, type: webhook, sources: [website, old], settings: {url: "https://h.example", api_key: s3cret}}
  - {name: log, type: log}
tracking_plans:
  - {name: shop, rules: [{type: track, event: Order}], controls: {forwarding_blocked_events_to: website}}
transformations:
  - {name: first, sources: [website, backend], drop_properties: [a]}
  - {name: second, destination: hook, drop_properties: [b], hash_values: {paths: [traits.email], key: pepper}}
traits:
  - {key: orders, kind: event_count, event: Order, without_sources: [website], destinations: [{name: hook}]}
audiences:
  - key: buyers
    where: {any: [{event: Order, without_sources: [website]}, {computed: orders, op: ">", value: 1}]}
    destinations: [{name: hook, send: [track]}]
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with closing(SqliteConfigStore(tmp_path / "config.db", bells=tmp_path / "bells")) as opened:
        changes.apply(opened, FILE, "", TYPES, "ann")
        yield opened


def make(store: ConfigStore, edit: Edit, **terms: Any) -> Made:
    return edits.make(store, edit, TYPES, Terms(**{"author": "bob"} | terms))


def now(store: ConfigStore) -> Workspace:
    version = store.current()
    assert version is not None
    return version.workspace


def item(store: ConfigStore, section: Section, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in as_data(now(store))[section] if each["name"] == name)
    return found


def paths(error: ConfigError) -> list[str]:
    return [problem.path for problem in error.problems]


# --- put --------------------------------------------------------------------------------------------------------


def test_put_when_there_is_none_then_it_is_the_last_and_the_history_says_who_and_why(store: ConfigStore) -> None:
    made = make(store, edits.put(Section.SOURCES, "app", {"type": "ios"}), note="the new app")
    assert (made.number, [each.path for each in made.changes]) == (2, ["sources[app]"])
    assert [source.name for source in now(store).sources] == ["website", "backend", "old", "app"]
    assert now(store).sources[-1].write_key.startswith("wk_")
    version = store.current()
    assert version is not None
    assert (version.author, version.note) == ("bob", "source app added: the new app")


def test_put_when_it_says_what_is_there_then_no_version_is_made(store: ConfigStore) -> None:
    made = make(store, edits.put(Section.SOURCES, "website", item(store, Section.SOURCES, "website")))
    assert (made.number, made.changes) == (1, [])


def test_put_when_masks_are_sent_back_then_they_mean_what_is_stored(store: ConfigStore) -> None:
    given = {"type": "webhook", "settings": {"url": "https://other.example", "api_key": MASK}}
    make(store, edits.put(Section.DESTINATIONS, "hook", given))
    assert now(store).destinations[0].settings == {"url": "https://other.example", "api_key": "s3cret"}
    make(store, edits.put(Section.SOURCES, "website", {"write_key": MASK}))
    assert now(store).sources[0].write_key == "wk_website"


def test_put_when_it_is_only_asked_then_the_changes_are_told_and_nothing_is_made(store: ConfigStore) -> None:
    made = make(store, edits.put(Section.SOURCES, "website", {"enabled": False}), dry_run=True)
    assert {each.path for each in made.changes} >= {"sources[website].enabled"}
    assert made.number == 1
    assert now(store).sources[0].enabled


def test_put_when_it_is_to_be_new_and_the_name_is_taken_then_refused(store: ConfigStore) -> None:
    with pytest.raises(ConflictError, match="there is a source 'website' already"):
        make(store, edits.put(Section.SOURCES, "website", {}, is_new=True))


def test_put_when_the_workspace_is_at_another_version_then_refused_and_nothing_changes(store: ConfigStore) -> None:
    make(store, edits.put(Section.SOURCES, "app", {}), expected=1)
    with pytest.raises(ConflictError, match="at version 2, made by bob, and this change starts from version 1"):
        make(store, edits.put(Section.SOURCES, "app", {"enabled": False}), expected=1)
    assert now(store).sources[-1].enabled


def test_put_when_it_is_wrong_then_told_inside_the_item_and_others_by_their_names(store: ConfigStore) -> None:
    with pytest.raises(ConfigError) as wrong:
        make(
            store,
            edits.put(Section.SOURCES, "old", {"rate_limit": -1, "colour": "red", "write_key": "wk_website"}),
        )
    assert sorted(paths(wrong.value)) == ["colour", "rate_limit", "write_key"]
    with pytest.raises(ConfigError) as wrong:
        make(store, edits.delete(Section.TRACKING_PLANS, "shop"))
    assert paths(wrong.value) == ["sources[website].tracking_plan", "sources[backend].tracking_plan"]
    assert store.history()[0].number == 1


# --- names ------------------------------------------------------------------------------------------------------


def test_rename_when_a_source_is_named_by_others_then_they_name_it_anew(store: ConfigStore) -> None:
    given = item(store, Section.SOURCES, "website") | {"name": "web"}
    made = make(store, edits.put(Section.SOURCES, "website", given))
    assert made.changes[0].path == "sources[website].name"
    assert (made.changes[0].before, made.changes[0].after) == ("website", "web")
    assert references.references(as_data(now(store)), Section.SOURCES, "website") == []
    workspace = now(store)
    assert workspace.sources[0].write_key == "wk_website"
    assert workspace.destinations[0].sources == ("web", "old")
    assert workspace.transformations[0].sources == ("web", "backend")
    assert workspace.traits[0].without_sources == ("web",)
    assert workspace.tracking_plans[0].controls.forwarding_blocked_events_to == "web"
    controls = workspace.sources[1].controls
    assert controls is not None
    assert controls.forwarding_violations_to == "web"
    assert isinstance(workspace.audiences[0].where, dict)
    assert workspace.audiences[0].where["any"][0]["without_sources"] == ["web"]


def test_rename_when_a_destination_has_secrets_then_they_stay_with_it(store: ConfigStore) -> None:
    given = {"name": "crm", "type": "webhook", "settings": {"url": "https://h.example", "api_key": MASK}}
    make(store, edits.put(Section.DESTINATIONS, "hook", given))
    workspace = now(store)
    assert workspace.destinations[0].settings["api_key"] == "s3cret"
    assert workspace.transformations[1].destination == "crm"
    assert [each.destinations[0].name for each in (*workspace.traits, *workspace.audiences)] == ["crm", "crm"]
    assert workspace.sources[0].schema.integrations_off == {"Debug": ("crm",)}


def test_rename_when_a_transformation_has_a_key_then_it_and_its_version_stay(store: ConfigStore) -> None:
    given = item(store, Section.TRANSFORMATIONS, "second") | {"name": "zweite"}
    given["hash_values"]["key"] = MASK
    make(store, edits.put(Section.TRANSFORMATIONS, "second", given))
    rule = now(store).transformations[1]
    assert (rule.name, rule.hash_values.key, rule.version) == ("zweite", "pepper", 1)


def test_rename_when_the_name_is_taken_or_there_is_nothing_to_rename_then_refused(store: ConfigStore) -> None:
    with pytest.raises(ConfigError) as wrong:
        make(store, edits.put(Section.SOURCES, "old", {"name": "backend"}))
    assert paths(wrong.value) == ["name"]
    with pytest.raises(NotFoundError):
        make(store, edits.put(Section.SOURCES, "nobody", {"name": "somebody"}))
    with pytest.raises(InputError):
        make(store, edits.put(Section.SOURCES, "old", {"name": 7}))
    assert store.history()[0].number == 1


@given(workspaces(), st.data())
def test_rename_when_it_is_taken_back_then_the_workspace_is_what_it_was(
    workspace: Workspace, data: st.DataObject
) -> None:
    named = [
        (section, each.name)
        for section in (Section.SOURCES, Section.DESTINATIONS, Section.TRANSFORMATIONS)
        for each in getattr(workspace, section)
    ]
    if not named:
        return
    section, name = data.draw(st.sampled_from(named))
    new = "somebody else"
    if (section, new) in named or name == new:
        return

    def changed(of: Workspace, old: str, to: str) -> Workspace:
        given = next(each for each in as_data(of)[section] if each["name"] == old)
        return load(as_yaml(edits.put(section, old, given | {"name": to})(of).data), TYPES)

    there = changed(workspace, name, new)
    assert references.references(as_data(there), section, name) == []
    before = references.references(as_data(workspace), section, name)
    assert len(references.references(as_data(there), section, new)) == len(before)
    assert canonical(changed(there, new, name)) == canonical(load(as_yaml(as_data(workspace)), TYPES))


# --- delete -----------------------------------------------------------------------------------------------------


def test_delete_when_nobody_names_it_then_it_is_gone(store: ConfigStore) -> None:
    make(store, edits.delete(Section.DESTINATIONS, "log"))
    assert [each.name for each in now(store).destinations] == ["hook"]
    with pytest.raises(NotFoundError, match="no destination 'log'"):
        make(store, edits.delete(Section.DESTINATIONS, "log"))


def test_delete_when_names_are_left_out_then_what_would_mean_something_else_stays(store: ConfigStore) -> None:
    with pytest.raises(ConfigError) as wrong:
        make(store, edits.delete(Section.DESTINATIONS, "hook", leave_out=True))
    assert paths(wrong.value) == ["transformations[second].destination"]
    make(store, edits.delete(Section.TRANSFORMATIONS, "second"))
    make(store, edits.delete(Section.DESTINATIONS, "hook", leave_out=True))
    workspace = now(store)
    assert [each.destinations for each in (*workspace.traits, *workspace.audiences)] == [(), ()]
    make(store, edits.delete(Section.SOURCES, "old", leave_out=True))
    with pytest.raises(ConfigError) as wrong:
        make(store, edits.delete(Section.TRACKING_PLANS, "shop", leave_out=True))
    assert paths(wrong.value) == ["sources[backend].controls"]
    make(store, edits.put(Section.SOURCES, "backend", {"tracking_plan": "shop"}))
    make(store, edits.delete(Section.TRACKING_PLANS, "shop", leave_out=True))
    assert [source.tracking_plan for source in now(store).sources] == ["", ""]


def test_delete_when_a_destination_loses_its_last_source_then_it_gets_nothing_not_everything(
    store: ConfigStore,
) -> None:
    make(store, edits.put(Section.DESTINATIONS, "log", {"type": "log", "sources": ["old"]}))
    make(store, edits.delete(Section.SOURCES, "old", leave_out=True))
    assert now(store).destinations[1].sources == ()


# --- order, single values ---------------------------------------------------------------------------------------


def test_order_when_each_is_named_once_then_they_stand_so(store: ConfigStore) -> None:
    made = make(store, edits.order(Section.TRANSFORMATIONS, ["second", "first"]))
    assert [each.name for each in now(store).transformations] == ["second", "first"]
    assert [each.version for each in now(store).transformations] == [1, 1]
    assert made.changes[0].path == "transformations (order)"


@pytest.mark.parametrize("names", [["first"], ["first", "second", "third"], ["first", "first"], []])
def test_order_when_one_is_missing_unknown_or_twice_then_refused(store: ConfigStore, names: list[str]) -> None:
    with pytest.raises(InputError) as wrong:
        make(store, edits.order(Section.TRANSFORMATIONS, names))
    assert wrong.value.field == "order"


def test_put_part_when_it_is_wrong_then_told_inside_it(store: ConfigStore) -> None:
    make(store, edits.put_part("settings", {"dedupe_window_s": 60}))
    assert now(store).settings.dedupe_window_s == 60
    with pytest.raises(ConfigError) as wrong:
        make(store, edits.put_part("settings", {"dedupe_window_s": -1, "public_url": "nowhere"}))
    assert sorted(paths(wrong.value)) == ["dedupe_window_s", "public_url"]
    with pytest.raises(ConfigError) as wrong:
        make(store, edits.put_part("identity", {"external_ids": [{"type": "email", "limit": 0}]}))
    assert paths(wrong.value) == ["external_ids[0].limit"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"[" * 100_000])
def test_decoded_when_it_is_no_object_then_refused(body: bytes) -> None:
    with pytest.raises(InputError) as wrong:
        edits.decoded(body)
    assert wrong.value.field == "body"
