"""What changes between two workspaces, and what of it may be shown."""

from typing import Any

import msgspec
import pytest
from destination_types import Anything
from hypothesis import given
from workspaces import destination, source, workspace, workspaces

from headwater.config.destinations import DestinationFilter, DestinationMapping, FilterVerb
from headwater.config.diff import Change, as_json, diff, render
from headwater.config.secrets import MASK, masked
from headwater.config.workspace import Settings, Workspace, canonical

TYPES = Anything()


def dropping(condition: str, **fields: Any) -> DestinationFilter:
    return DestinationFilter(if_=condition, action=FilterVerb.DROP, **fields)


def orders(trigger: str) -> DestinationMapping:
    return DestinationMapping(name="Orders", action="send", trigger=trigger)


@given(workspaces(), workspaces())
def test_diff_when_empty_then_exactly_if_nothing_would_be_stored(before: Workspace, after: Workspace) -> None:
    assert diff(before, before, TYPES) == []
    assert (diff(before, after, TYPES) == []) == (canonical(before) == canonical(after))


@given(workspaces())
def test_diff_when_turned_around_then_every_addition_is_a_removal(after: Workspace) -> None:
    forth, back = diff(None, after, TYPES), diff(after, Workspace(workspace=after.workspace), TYPES)
    added = {(c.path, repr(c.after)) for c in forth if c.path != "workspace"}
    removed = {(c.path, repr(c.before)) for c in back}
    assert {c.action for c in forth} == {"add"}
    assert added == removed


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            {"sources": (source("a", rate_limit=5.0),)},
            {"sources": (source("a", rate_limit=10.0),)},
            [Change("change", "sources[a].rate_limit", 5.0, 10.0)],
        ),
        (
            {"sources": (source("a"),)},
            {"sources": (source("a", enabled=False),)},
            [Change("add", "sources[a].enabled", after=False)],
        ),
        (
            {"sources": (source("a", write_key="wk_1"),)},
            {"sources": (source("a", write_key="wk_2"),)},
            [Change("change", "sources[a].write_key", MASK, MASK)],
        ),
        (
            {"sources": (source("a"), source("b"))},
            {"sources": (source("b"), source("a"))},
            [Change("change", "sources (order)", ["a", "b"], ["b", "a"])],
        ),
        (
            {"destinations": (destination(filters=(dropping("all"), dropping('type = "page"'))),)},
            {"destinations": (destination(filters=(dropping("all", enabled=False), dropping("x"))),)},
            [
                Change("add", "destinations[crm].filters[all].enabled", after=False),
                Change(
                    "remove", 'destinations[crm].filters[type = "page"]', {"if": 'type = "page"', "action": "drop"}
                ),
                Change("add", "destinations[crm].filters[x]", after={"if": "x", "action": "drop"}),
            ],
        ),
        (
            {"destinations": (destination(mappings=(orders("a = 1"),)),)},
            {"destinations": (destination(mappings=(orders("a = 2"),)),)},
            [Change("change", "destinations[crm].mappings[Orders].trigger", "a = 1", "a = 2")],
        ),
        (
            {"destinations": (destination(settings={"retry": 1}),)},
            {"destinations": (destination(settings={"retry": True}),)},
            [Change("change", "destinations[crm].settings.retry", 1, True)],
        ),
        (
            {"destinations": (destination(sources=("a", "b")),)},
            {"destinations": (destination(sources=("b",)),)},
            [Change("change", "destinations[crm].sources", ["a", "b"], ["b"])],
        ),
        (
            {"settings": Settings()},
            {"settings": Settings(log_retention_s=60)},
            [Change("add", "settings", after={"log_retention_s": 60})],
        ),
        ({"settings": Settings(lake_visible_s=5.0)}, {"settings": Settings(lake_visible_s=5)}, []),
        (
            {"sources": (source("a"),)},
            {"sources": ()},
            [Change("remove", "sources[a]", before={"name": "a", "type": "javascript", "write_key": MASK})],
        ),
    ],
)
def test_diff_when_one_thing_changes_then_one_change_names_it(
    before: dict[str, Any], after: dict[str, Any], expected: list[Change]
) -> None:
    assert diff(workspace(**before), workspace(**after), TYPES) == expected


SECRETS = {
    "shared_secret": "hush-1",
    "apiKey": "hush-2",
    "headers": {"Authorization": "hush-3", "X-Trace": "hush-6"},
    "dsn": "hush-7",
    "url": "https://hush-8@example.com/in?token=hush-9&a=1",
    "accounts": [{"name": "a", "access_token": "hush-4"}],
    "passwords": ["hush-5"],
    "pin_token": 4711,
    "use_token": True,
    "old_password": "",
}


def test_masked_when_settings_hold_secrets_then_none_is_left() -> None:
    shown = masked(workspace(destinations=(destination(settings=SECRETS),)), TYPES)
    assert shown.sources[0].write_key != MASK
    assert shown.destinations[0].settings == {
        "shared_secret": MASK,
        "apiKey": MASK,
        "headers": {"Authorization": MASK, "X-Trace": MASK},
        "dsn": MASK,
        "url": f"https://{MASK}@example.com/in?token={MASK}&a={MASK}",
        "accounts": [{"name": "a", "access_token": MASK}],
        "passwords": MASK,
        "pin_token": MASK,
        "use_token": True,
        "old_password": "",
    }


def test_changes_when_secrets_come_change_and_go_then_they_are_seen_but_not_shown() -> None:
    with_secrets = workspace(destinations=(destination(settings=SECRETS),))
    others = {key: f"{value}-hush" for key, value in SECRETS.items() if isinstance(value, str)}
    changed = workspace(destinations=(destination(settings=SECRETS | others),))
    for before, after in ((None, with_secrets), (with_secrets, changed), (with_secrets, workspace())):
        changes = diff(before, after, TYPES)
        assert changes
        assert "hush" not in render(changes)
        assert "wk_website" not in render(changes)
        assert "hush" not in repr(as_json(changes))
    assert Change("change", "destinations[crm].settings.shared_secret", MASK, MASK) in diff(
        with_secrets, changed, TYPES
    )


def test_render_when_there_are_changes_then_each_line_has_its_sign() -> None:
    before = workspace(sources=(source("old"), source("kept", rate_limit=5.0)))
    after = workspace(sources=(source("kept", rate_limit=7.5), source("new")))
    assert (
        render(diff(before, after, TYPES))
        == """\
- sources[old]
-   name: old
-   type: javascript
-   write_key: ••••
~ sources[kept].rate_limit: 5.0 → 7.5
+ sources[new]
+   name: new
+   type: javascript
+   write_key: ••••

1 to add, 1 to change, 1 to remove
"""
    )


def test_render_when_nothing_changes_then_it_says_so() -> None:
    assert render([]) == "no changes\n"


def test_as_json_when_something_is_absent_then_its_key_is_absent() -> None:
    changes = [Change("add", "a", after=1), Change("remove", "b", before=None), Change("change", "c", 1, None)]
    assert as_json(changes) == [
        {"action": "add", "path": "a", "after": 1},
        {"action": "remove", "path": "b", "before": None},
        {"action": "change", "path": "c", "before": 1, "after": None},
    ]
    assert msgspec.convert(as_json(changes), list[Change]) == changes
