"""From the text of a file to a version."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from destination_types import WebhookOnly

from headwater.config.changes import apply, plan
from headwater.config.port import ConfigStore
from headwater.config.sqlite import SqliteConfigStore
from headwater.errors import BusyError, ConfigError

SHOP = "workspace: shop\nsources: [{name: website}, {name: backend, write_key: wk_backend}]\n"
TYPES = WebhookOnly()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with closing(SqliteConfigStore(tmp_path / "config.db", bells=tmp_path / "bells")) as opened:
        yield opened


def test_plan_when_nothing_was_applied_then_everything_is_added_and_nothing_stored(store: ConfigStore) -> None:
    planned = plan(store, SHOP, "shop.yaml", TYPES)
    assert (planned.base, [c.path for c in planned.changes]) == (
        0,
        ["workspace", "sources[website]", "sources[backend]"],
    )
    assert "+ sources[website]\n" in planned.text
    assert store.current() is None
    assert plan(None, SHOP, "shop.yaml", TYPES).changes == planned.changes


def test_apply_when_run_twice_then_the_second_time_changes_nothing(store: ConfigStore) -> None:
    first = apply(store, SHOP, "shop.yaml", TYPES, "ann", "start")
    assert (first.version.number, first.version.author, first.version.note) == (1, "ann", "start")
    generated = first.version.workspace.sources[0].write_key
    assert generated.startswith("wk_")
    second = apply(store, SHOP, "shop.yaml", TYPES, "bob")
    assert (second.version, second.changes, second.text) == (first.version, [], "no changes\n")
    assert plan(store, SHOP, "shop.yaml", TYPES).changes == []


def test_apply_when_the_file_is_wrong_then_nothing_changes(store: ConfigStore) -> None:
    apply(store, SHOP, "shop.yaml", TYPES, "ann")
    before = store.history()
    with pytest.raises(ConfigError, match=r"shop\.yaml:2: sourcs: unknown key; did you mean sources\?"):
        apply(store, "workspace: shop\nsourcs: []\n", "shop.yaml", TYPES, "ann")
    assert store.history() == before


def test_apply_when_somebody_was_faster_then_busy_and_theirs_stays(store: ConfigStore) -> None:
    class Meanwhile(WebhookOnly):
        """Lets somebody else apply between the look and the put."""

        def known_types(self) -> list[str]:
            apply(store, "workspace: theirs\n", "", WebhookOnly(), "bob")
            return super().known_types()

    with pytest.raises(BusyError, match="version 1 by now"):
        apply(store, SHOP, "shop.yaml", Meanwhile(), "ann")
    current = store.current()
    assert current is not None
    assert current.workspace.workspace == "theirs"
