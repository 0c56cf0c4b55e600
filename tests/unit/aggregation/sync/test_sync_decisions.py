"""The decision table carried out: changes go into the stage, messages come out. The cases are data."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from planning import ANN, AT_MS, Platform, audience, change, destination, external_id, told, trait, workspace

from headwater.aggregation import tables
from headwater.aggregation.changes import Reason
from headwater.aggregation.sync.known import synced_key
from headwater.aggregation.sync.paths import PATHS
from headwater.config.definitions import Connection, IdChoice, Send

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "fixtures" / "sync" / "decisions.yaml").read_text()
)
OF_MERGES_THAT_NO_CHANGE_HAS = {path.name for path in PATHS if path.name.startswith("impossible_merge_")}
"""What is there before and after decides about kind and sides together."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join([case["path"], case.get("case", "")]).strip())
def test_plan_when_a_change_takes_a_path_then_these_ids_are_told(case: dict[str, Any]) -> None:
    is_trait = case.get("trait", False)
    choose = {type_: IdChoice(choice) for type_, choice in case.get("choose", {}).items()}
    connection = Connection(name="hook", send=(Send.IDENTIFY,), ids=choose)
    definition = trait(connection) if is_trait else audience(connection)
    hook = destination(dedupes_on=case.get("dedupes_on", ""))
    platform = Platform(workspace(definition, destinations=[hook]))
    platform.knows(ANN, *case["ids"])
    synced = synced_key(ANN, definition.key, "hook")
    if case.get("sent"):
        platform.state.change(tables.SYNCED)[synced] = tables.pack_ms(AT_MS - 1)
    messages = platform.plan(
        change(
            key=definition.key,
            is_audience=not is_trait,
            value=case.get("value", True),
            previous=case.get("previous"),
            reason=Reason(case.get("reason", "value_changed")),
            new_ids=tuple(map(external_id, case.get("new", []))),
            before=tuple(case.get("before", [])),
        )
    )
    assert platform.paths == {case["path"]: 1}
    assert [told(message) for message in messages] == case["told"]
    was_noted = synced in platform.effects.changes.get(tables.SYNCED, {})
    assert was_noted == bool(case["told"] and hook.dedupes_on)


def test_cases_when_counted_then_every_path_that_a_change_can_take_has_one() -> None:
    assert {case["path"] for case in CASES} == {path.name for path in PATHS} - OF_MERGES_THAT_NO_CHANGE_HAS


def test_plan_when_a_part_of_the_profile_was_told_then_so_was_the_profile() -> None:
    definition = audience(Connection(name="hook"))
    platform = Platform(workspace(definition, destinations=[destination(dedupes_on="email")]))
    part = b"u" + b"\7" * 15
    platform.has(ANN, parts=[part])
    platform.knows(ANN, "email:a@x", "email:b@x")
    platform.state.change(tables.SYNCED)[synced_key(part, "big", "hook")] = tables.pack_ms(AT_MS)
    new = (external_id("email:b@x"),)
    assert platform.plan(change(previous=True, reason=Reason.NEW_EXTERNAL_ID, new_ids=new)) == []
    assert platform.paths == {"once_new_id_sent": 1}


def test_plan_when_an_id_came_after_the_change_then_it_is_not_told_twice() -> None:
    """Both in one batch: the state already has the id when the first change is planned."""
    platform = Platform(workspace(audience(Connection(name="hook", send=(Send.IDENTIFY,)))))
    platform.knows(ANN, "user_id:ann", offset=9, index=0)
    platform.knows(ANN, "email:a@x", offset=9, index=1)
    new = (external_id("email:a@x"),)
    messages = platform.plan(
        change(index=0),
        change(index=1, previous=True, reason=Reason.NEW_EXTERNAL_ID, new_ids=new),
    )
    assert [told(message) for message in messages] == ["user_id:ann", "email:a@x"]


def test_plan_when_time_has_changed_it_then_ids_of_the_record_that_moved_the_clock_are_told() -> None:
    platform = Platform(workspace(audience(Connection(name="hook", send=(Send.IDENTIFY,)))))
    platform.knows(ANN, "user_id:ann", offset=9, index=5)
    platform.knows(ANN, "email:later@x", offset=10)
    messages = platform.plan(change(value=False, previous=True, index=0, message_id=""))
    assert [told(message) for message in messages] == ["user_id:ann"]


def test_plan_when_the_profile_was_merged_since_then_the_surviving_one_is_told_about() -> None:
    platform = Platform(workspace(audience(Connection(name="hook", send=(Send.IDENTIFY,)))))
    gone, between = (b"u" + bytes([n]) * 15 for n in (7, 8))
    platform.merges(gone, between)
    platform.merges(between, ANN)
    platform.knows(ANN, "user_id:ann")
    (message,) = platform.plan(change(profile=gone))
    assert (told(message), message.profile_id) == ("user_id:ann", tables.segment_id(ANN))
