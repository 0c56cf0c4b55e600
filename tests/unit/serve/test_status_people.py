"""People in the status: how many there are, and what is still to be done about them."""

from pathlib import Path
from typing import Any

import pytest
from commanding import command
from private_api import Api, enter
from storing import AT_MS, Writer

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.sweep import generation_of
from headwater.aggregation.tables import Conflict, ExternalId, Sweep
from headwater.cli.status import _about_people
from headwater.config.loader import complete, load
from headwater.destinations import registry
from headwater.serve.unify.people import people

FILE = """\
workspace: shop
audiences:
  - {key: buyers, where: {event: Order Completed}}
  - {key: vips, where: {event: Order Completed, count: {op: ">", value: 9}}}
"""
WORKSPACE = complete(load(FILE, registry), None, 3)


def swept(writer: Writer, **fields: Any) -> None:
    generation = generation_of(WORKSPACE)
    row = Sweep(**{"definitions": generation.fingerprint, "version": generation.version, "started_ms": 1} | fields)
    writer.commit({tables.SWEEPS: {b"sweep": tables.encode_row(row)}})


def test_people_when_no_pipeline_has_run_then_nobody_and_everything_to_do() -> None:
    found = people(None, WORKSPACE, AT_MS)
    assert (found.users, found.accounts, found.audiences) == (0, 0, {"buyers": 0, "vips": 0})
    assert (found.sweep.under_way, found.sweep.progress) == (True, 0.0)
    assert (found.timers_due, found.next_timer_at, found.quarantined) == (0, None, 0)


def test_people_when_there_are_some_then_counted(written: Writer) -> None:
    ann, bob = written.profile("user_id:u1"), written.profile("user_id:u2")
    enter(written, "buyers", ann, bob)
    email = ExternalId("email", "a@x.io")
    device = ExternalId("anonymous_id", "shop")
    conflicts: dict[bytes, bytes | None] = {
        tables.identity_key("users", each): tables.encode_row(Conflict(*each, [ann], since))
        for each, since in ((email, 0), (device, AT_MS))
    }
    timers: dict[bytes, bytes | None] = {
        tables.timer_key(AT_MS + after, ann): b"" for after in (-5_000, 0, 1, 60_000)
    }
    counts: dict[bytes, bytes | None] = {b"countu": tables.pack_ms(2), b"counta": tables.pack_ms(1)}
    written.commit({tables.CONFLICTS: conflicts, tables.TIMERS: timers, tables.SWEEPS: counts})
    swept(written, done=3, total=4)
    found = people(written.state, WORKSPACE, AT_MS)
    assert (found.users, found.accounts) == (2, 1)
    assert found.audiences == {"buyers": 2, "vips": 0}
    assert (found.timers_due, found.next_timer_at) == (2, "2023-11-14T22:13:15.000Z")
    assert found.quarantined == 1
    assert (found.sweep.under_way, found.sweep.done, found.sweep.total, found.sweep.progress) == (True, 3, 4, 0.75)
    swept(written, done=4, total=4, finished_ms=9)
    assert not people(written.state, WORKSPACE, AT_MS).sweep.under_way


def test_people_when_there_is_nothing_to_compute_then_no_sweep(written: Writer) -> None:
    empty = load("workspace: shop\n", registry)
    assert not people(written.state, empty, AT_MS).sweep.under_way


def test_people_when_there_are_very_many_then_no_more_are_looked_at(
    written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.unify, "STATUS_ROWS_LOOKED", 3)
    timers: dict[bytes, bytes | None] = {tables.timer_key(number, b"u" * 16): b"" for number in range(9)}
    written.commit({tables.TIMERS: timers})
    assert people(written.state, WORKSPACE, AT_MS).timers_due == 3


def test_status_when_asked_over_http_and_on_the_command_line_then_people_are_part_of_it(
    tmp_path: Path, written: Writer
) -> None:
    (tmp_path / "run").mkdir()
    api = Api(tmp_path, FILE)
    enter(written, "buyers", written.profile("user_id:u1"))
    found = api.json("/status")["people"]
    assert found["audiences"] == {"buyers": 1, "vips": 0}
    code, output = command(tmp_path, "status")
    assert code == 1, "no role runs"
    assert "audience buyers: 1 member\n" in output
    api.close()


def test_status_when_printed_then_only_what_is_to_be_done_has_a_line() -> None:
    quiet = {"users": 1, "accounts": 0, "audiences": {}, "timers_due": 0, "quarantined": 0}
    done, going = ({"under_way": under_way, "done": 1, "total": 2} for under_way in (False, True))
    assert _about_people(quiet | {"sweep": done}) == ["people: 1 user, 0 accounts"]
    busy = quiet | {"timers_due": 2, "quarantined": 1, "audiences": {"buyers": 1_000}}
    assert _about_people(busy | {"sweep": going})[1:] == [
        "audience buyers: 1,000 members",
        "computing definitions for everybody: 1 of 2 profiles",
        "due: 2 profiles",
        "quarantined: 1 external id; see `headwater quarantine`",
    ]
