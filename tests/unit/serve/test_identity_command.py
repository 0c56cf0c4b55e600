"""`headwater unmerge`, `quarantine`, `duplicates` and `rebuild` on a folder."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from commanding import command
from storing import Writer
from test_identities import DEFINITIONS, FILE, OnDisk, crowd, tied
from world import World, identify

from headwater.aggregation import decisions
from headwater.aggregation.tables import segment_id
from headwater.config import changes
from headwater.destinations import registry
from headwater.errors import OwnershipError
from headwater.event import CollectedRequest, decode_collected
from headwater.operations.ownership import take_slot
from headwater.profiles.embedded import embedded
from headwater.rebuild import Progress
from headwater.units import MIB


@pytest.fixture
def data(tmp_path: Path) -> Path:
    config = embedded(tmp_path).config()
    changes.apply(config, FILE, "", registry, "test")
    config.close()
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.fixture
def written(data: Path) -> Iterator[Writer]:
    writer = Writer(data)
    yield writer
    writer.close()


@pytest.fixture
def world(written: Writer) -> World:
    return World(DEFINITIONS, state=OnDisk(written))


def decided(data: Path) -> list[CollectedRequest]:
    collected = embedded(data).collected()
    requests = [decode_collected(record.data) for record in collected.read(0, bytes_max=MIB)]
    collected.close()
    return requests


def test_unmerge_when_previewed_then_shown_and_when_asked_then_decided(data: Path, world: World) -> None:
    older, younger = map(segment_id, tied(world))
    shown = (
        f"{older} and {younger} were made one at 2026-01-01T00:00:07.000Z by event m6-0\n"
        "  never together again: user_id:u1 and anonymous_id:a2\n"
        f"{older}  4 events\n"
        "  external ids: anonymous_id:a1, user_id:u1\n"
        '  traits: city="city 1", orders=2\n'
        "  audiences: buyers\n"
        f"{younger}  3 events\n"
        "  external ids: anonymous_id:a2, user_id:u2\n"
        '  traits: city="city 2", orders=2\n'
        "  audiences: buyers\n"
    )
    assert command(data, "unmerge", "shop", "user_id:u2", "--preview") == (0, shown)
    assert decided(data) == []
    code, output = command(data, "unmerge", "shop", "user_id:u2", "--event", "m6-0", "--yes")
    assert (code, output.startswith(shown), "it is put apart" in output) == (0, True, True)
    (request,) = decided(data)
    assert request.call == decisions.UNMERGE
    world.decide(request)
    assert {segment_id(world.owner("user_id:u1")), segment_id(world.owner("user_id:u2"))} == {older, younger}
    code, output = command(data, "unmerge", "shop", "user_id:u2", "--other", younger)
    assert (code, "it was undone before" in output) == (1, True)


def test_unmerge_when_for_programs_then_json(data: Path, world: World) -> None:
    tied(world)
    code, output = command(data, "unmerge", "shop", "user_id:u1", "--preview", "--json")
    assert (code, len(json.loads(output)["sides"])) == (0, 2)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["unmerge", "other", "user_id:u1"], 1, "there is no space 'other'"),
        (["unmerge", "shop", "user_id:u1"], 1, "no pipeline has run"),
        (["quarantine", "--release", "a1"], 2, "TYPE:VALUE"),
        (["quarantine", "--release", "email:a@x.io"], 1, "is not in quarantine"),
        (["quarantine", "--collection", "people"], 2, "users or accounts"),
        (["duplicates", "--by", ","], 1, "say by what"),
    ],
)
def test_commands_when_they_cannot_then_say_why(data: Path, words: list[str], code: int, message: str) -> None:
    found, output = command(data, *words)
    assert (found, message in " ".join(output.split())) == (code, True), output


def test_commands_when_no_pipeline_has_run_then_there_is_nothing(data: Path) -> None:
    assert command(data, "quarantine") == (0, "nothing is in quarantine\n")
    assert command(data, "duplicates") == (0, "no likely duplicates\n")


def test_quarantine_when_there_is_one_then_listed_and_released(data: Path, world: World) -> None:
    crowd(world)
    code, output = command(data, "quarantine")
    assert code == 0
    assert output.startswith("anonymous_id:shop  (users) since 2026-01-01T00:00:")
    assert f"owner {segment_id(world.owner('anonymous_id:shop'))}; refused at use_" in output
    assert command(data, "quarantine", "--release", "anonymous_id:shop") == (
        0,
        "anonymous_id:shop counts again, for events to come\n",
    )
    (request,) = decided(data)
    world.decide(request)
    assert command(data, "quarantine", "--json") == (0, "[]\n")


def test_duplicates_when_there_are_some_then_with_score_and_reasons(data: Path, world: World) -> None:
    world.send(identify("u1", phone="415 555 0123"), identify("u2", phone="+1 (415) 555-0123"))
    code, output = command(data, "duplicates", "--by", "phone")
    assert code == 0
    assert output.startswith("0.75  use_")
    assert output.endswith("      both have the same phone: 155550123\n")
    assert json.loads(command(data, "duplicates", "--json", "--limit", "1")[1])["complete"]


# --- rebuild ----------------------------------------------------------------------------------------------------


def test_rebuild_when_a_pipeline_runs_then_refused(data: Path) -> None:
    slot = take_slot(data, "pipeline", slots=1)
    try:
        code, output = command(data, "rebuild", "--yes")
    finally:
        slot.hold.release()
    assert code == 1
    assert "a pipeline works on" in output
    assert "stop it first" in output


def test_rebuild_when_it_works_then_no_pipeline_can_start_and_afterwards_one_can(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(data)
    writer.profile("user_id:gone")
    writer.close()
    seen = []

    def watched(*given: object) -> Iterator[object]:
        with pytest.raises(OwnershipError):
            take_slot(data, "pipeline", slots=1)
        seen.append(True)
        yield Progress(3, 2, 1)

    monkeypatch.setattr("headwater.rebuild.rebuild", watched)
    code, output = command(data, "rebuild", "--yes")
    assert code == 0
    assert seen == [True]
    assert sorted(output.splitlines()) == [
        "3 events, 2 profiles",
        "headwater: 1 event could not be taken; they are in the lake",
    ]
    take_slot(data, "pipeline", slots=1).hold.release()


def test_rebuild_when_the_lake_is_empty_then_nobody_is_left(data: Path) -> None:
    writer = Writer(data)
    writer.profile("user_id:gone")
    writer.close()
    assert command(data, "rebuild", "--yes") == (0, "0 events, 0 profiles\n")
    code, output = command(data, "profile", "shop", "user_id:gone")
    assert (code, "there is no profile" in output) == (1, True)


def test_rebuild_when_there_is_no_folder_then_none_is_made(tmp_path: Path) -> None:
    code, output = command(tmp_path / "none", "rebuild", "--yes")
    assert (code, "no Headwater data" in output) == (1, True)
    assert not (tmp_path / "none").exists()
