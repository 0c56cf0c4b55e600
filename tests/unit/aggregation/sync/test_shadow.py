"""The other way to decide, compared with the one that counts."""

from typing import Any

import msgspec
import pytest
from planning import ANN, AT_MS, Platform, audience, change, destination, told, workspace

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.sync.shadow import ROW_KEY, Differences, Pair, differences
from headwater.config.definitions import Connection, Send
from headwater.config.workspace import Flag, Workspace
from headwater.units import KIB

SHADOW = Flag("shadow_sync")
NO_DEDUPE = Flag("dedupe_sync", enabled=False)


def configured(*flags: Flag, dedupes_on: str = "email", **more: Any) -> Workspace:
    definition = audience(Connection(name="hook", send=(Send.IDENTIFY,)))
    return workspace(definition, destinations=[destination(dedupes_on=dedupes_on)], flags=flags, **more)


def report(platform: Platform) -> Differences:
    return differences(platform.view)


def person(number: int) -> bytes:
    return b"u" + number.to_bytes(15, "big")


def test_shadow_when_the_ways_tell_other_ids_then_it_says_which_paths_and_how_many() -> None:
    platform = Platform(configured(SHADOW))
    platform.knows(ANN, "user_id:ann", "email:a@x")
    messages = platform.plan(change())
    assert [told(message) for message in messages] == ["email:a@x"], "nothing is sent because of it"
    found = report(platform)
    assert (found.since_ms, found.pairs) == (AT_MS, [Pair("once_changed", "changed", same=0, different=1)])
    (example,) = found.examples
    assert msgspec.structs.asdict(example) | {"rank": 0} == {
        "rank": 0,
        "profile": tables.segment_id(ANN),
        "key": "big",
        "destination": "hook",
        "reason": "value_changed",
        "kind": "entered",
        "path": "once_changed",
        "ids": 1,
        "other_path": "changed",
        "other_ids": 2,
        "at_ms": AT_MS,
    }
    assert platform.effects.sync["compared", "once_changed", "changed", "different"] == 1


def test_shadow_when_the_ways_tell_the_same_then_it_is_counted_and_no_example_kept() -> None:
    platform = Platform(configured(SHADOW))
    platform.knows(ANN, "email:a@x")
    platform.plan(change())
    assert report(platform).pairs == [Pair("once_changed", "changed", same=1, different=0)]
    assert report(platform).examples == []


def test_shadow_when_dedupe_is_off_then_it_shows_what_turning_it_on_would_do() -> None:
    platform = Platform(configured(SHADOW, NO_DEDUPE))
    platform.knows(ANN, "user_id:ann", "email:a@x")
    messages = platform.plan(change(), change(value=False, previous=True, offset=10))
    assert [told(message) for message in messages] == ["email:a@x", "user_id:ann"] * 2
    assert report(platform).pairs == [
        Pair("changed", "once_changed", same=0, different=1),
        Pair("left", "once_left", same=0, different=1),
    ]


@pytest.mark.parametrize("workspace_without", [configured(), configured(SHADOW, dedupes_on="")])
def test_shadow_when_it_is_off_or_there_is_no_other_way_then_nothing_is_written(
    workspace_without: Workspace,
) -> None:
    platform = Platform(workspace_without)
    platform.knows(ANN, "user_id:ann")
    platform.plan(change())
    assert ROW_KEY not in platform.state.changes.get(tables.SWEEPS, {})


def test_shadow_when_the_flags_change_then_it_begins_anew_and_not_when_anything_else_does() -> None:
    platform = Platform(configured(SHADOW))
    platform.knows(ANN, "user_id:ann", "email:a@x")
    platform.plan(change())
    platform.apply(configured(SHADOW, dedupes_on="user_id"))
    platform.plan(change(at_ms=AT_MS + 1))
    assert [pair.different for pair in report(platform).pairs] == [2]
    platform.apply(configured(SHADOW, NO_DEDUPE))
    platform.plan(change(at_ms=AT_MS + 2))
    assert (report(platform).since_ms, len(report(platform).pairs)) == (AT_MS + 2, 1)
    platform.apply(configured())
    platform.plan(change())
    assert len(report(platform).examples) == 1, "it stays when the flag is turned off"


def test_shadow_when_there_are_thousands_of_differences_then_it_stays_small_and_batches_do_not_matter() -> None:
    people = [person(number) for number in range(1_500)]
    whole, parts = Platform(configured(SHADOW)), Platform(configured(SHADOW))
    for platform in (whole, parts):
        for number, profile in enumerate(people):
            platform.knows(profile, f"user_id:{number}", f"email:{number}@x")
    changes = [change(profile=profile) for profile in people]
    whole.plan(*changes)
    for at in range(0, len(changes), 100):
        parts.plan(*changes[at : at + 100])
    found = report(whole)
    assert found == report(parts)
    assert found.pairs[0].different == 1_500
    assert len(found.examples) == limits.sync.DIFFERENCES_MAX
    assert len(whole.state.changes[tables.SWEEPS][ROW_KEY] or b"") < 32 * KIB
    spread = sorted(people.index(tables.key_of_segment_id(example.profile) or b"") for example in found.examples)
    assert spread[0] < 150
    assert spread[-1] > 1_350
