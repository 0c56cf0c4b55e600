"""What every engine of delivery jobs must do. A new engine is one more entry in ENGINES."""

import contextlib
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from headwater.delivery.jobs import DeadLetter, Job, Jobs, Standing
from headwater.delivery.jobs_sqlite import SqliteJobs
from headwater.errors import StorageError
from headwater.event import OutboundEvent
from headwater.lake.letters import LetterFile
from headwater.lake.letters_parquet import ParquetLetters


def sqlite_jobs(folder: Path, **options: Any) -> SqliteJobs:
    return SqliteJobs(folder / "delivery.db", lambda: ParquetLetters(folder / "lake"), **options)


ENGINES: dict[str, Callable[..., Jobs]] = {"sqlite": sqlite_jobs}

Open = Callable[..., Jobs]


@pytest.fixture(params=ENGINES)
def open_jobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same store again on every call, as another process would."""
    with contextlib.ExitStack() as stack:

        def opened(**options: Any) -> Jobs:
            jobs = ENGINES[request.param](tmp_path, **options)
            stack.callback(jobs.close)
            return jobs

        yield opened


def event(message_id: str = "m1") -> OutboundEvent:
    instants = (1_000, 1_000, None, None)
    ids = ("ann", None, None, None)
    return OutboundEvent(3, 7, message_id, "track", "Signed Up", None, *ids, "web", *instants, b'{"a":"\xc3\xa9"}')


def job(message_id: str = "m1", *, due_at_ms: int = 5_000, destination: str = "crm") -> Job:
    return Job(destination, event(message_id), 1, 4_000, due_at_ms, "ETIMEDOUT", "no answer in time")


def letter(message_id: str = "m1", *, destination: str = "crm") -> DeadLetter:
    return DeadLetter(destination, event(message_id), 9, 4_000, 9_000, "404", "Not Found")


def message_ids(found: list[Job] | list[DeadLetter]) -> list[str]:
    return [each.event.message_id for each in found]


def test_positions_when_advanced_then_newest_per_destination_also_after_reopening(open_jobs: Open) -> None:
    jobs = open_jobs()
    assert jobs.positions() == {}
    jobs.advance("crm", 5)
    jobs.advance("ads", 2)
    jobs.advance("crm", 9)
    assert jobs.positions() == open_jobs().positions() == {"crm": 9, "ads": 2}


def test_reserve_when_repeated_then_the_last_counts_and_forgetting_takes_it_along(open_jobs: Open) -> None:
    jobs = open_jobs()
    assert jobs.reserved() == {}
    jobs.reserve("crm", 1_000)
    jobs.reserve("ads", 7)
    jobs.reserve("crm", 12)
    assert open_jobs().reserved() == {"crm": 12, "ads": 7}
    jobs.forget("crm", at_ms=1)
    assert jobs.reserved() == {"ads": 7}


def test_first_start_when_asked_twice_then_true_once(open_jobs: Open) -> None:
    assert open_jobs().first_start()
    assert not open_jobs().first_start()


def test_advance_when_events_failed_then_jobs_carry_everything(open_jobs: Open) -> None:
    open_jobs().advance("crm", 8, retries=[job()], dead=[letter("m2")])
    jobs = open_jobs()
    (stored,) = jobs.soonest("crm", 10)
    assert stored.id > 0
    assert stored == Job("crm", event(), 1, 4_000, 5_000, "ETIMEDOUT", "no answer in time", stored.id)
    (dead,) = jobs.dead_letters()
    assert dead == DeadLetter("crm", event("m2"), 9, 4_000, 9_000, "404", "Not Found", dead.id)
    assert jobs.standings() == {"crm": Standing(retries=1, dead_letters=1)}


def test_advance_when_it_breaks_off_then_neither_position_nor_jobs_changed(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 5)

    def failures() -> Iterator[Job]:
        yield job()
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        jobs.advance("crm", 6, retries=failures())  # type: ignore[arg-type]
    assert jobs.positions() == {"crm": 5}
    assert jobs.standings() == {}
    jobs.advance("crm", 6, retries=[job()])
    assert jobs.positions() == {"crm": 6}


def test_soonest_when_several_then_by_due_time_of_that_destination_only(open_jobs: Open) -> None:
    jobs = open_jobs()
    retries = [job("late", due_at_ms=9_000), job("soon", due_at_ms=1_000), job("same", due_at_ms=1_000)]
    jobs.advance("crm", 1, retries=retries)
    jobs.advance("ads", 1, retries=[job("other", due_at_ms=1, destination="ads")])
    assert message_ids(jobs.soonest("crm", 10)) == ["soon", "same", "late"]
    assert message_ids(jobs.soonest("crm", 1)) == ["soon"]
    assert jobs.soonest("nobody", 10) == []


def test_complete_when_repeated_then_gone_and_others_stay(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, retries=[job("a"), job("b")])
    first = jobs.soonest("crm", 1)[0]
    jobs.settle(completed=[first.id])
    jobs.settle(completed=[first.id])
    assert message_ids(open_jobs().soonest("crm", 10)) == ["b"]


def test_reschedule_when_failed_again_then_time_attempts_and_reason_are_new(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, retries=[job("a", due_at_ms=1_000), job("b", due_at_ms=2_000)])
    stored = jobs.soonest("crm", 1)[0]
    again = Job("crm", stored.event, 2, stored.first_failed_at_ms, 7_000, "503", "busy", stored.id)
    jobs.settle(rescheduled=[again])
    assert message_ids(jobs.soonest("crm", 10)) == ["b", "a"]
    assert jobs.soonest("crm", 10)[1] == again


def test_bury_when_the_window_is_over_then_job_becomes_dead_letter(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, retries=[job()])
    jobs.settle(completed=[jobs.soonest("crm", 1)[0].id], dead=[letter()])
    assert open_jobs().standings() == {"crm": Standing(retries=0, dead_letters=1)}


def test_settle_when_some_mappings_are_done_then_the_job_keeps_the_open_ones(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, retries=[msgspec.structs.replace(job(), mappings=("People", "Orders"))])
    (stored,) = jobs.soonest("crm", 1)
    assert stored.mappings == ("People", "Orders")
    left = msgspec.structs.replace(stored, attempts=2, due_at_ms=9_000, mappings=("Orders",))
    died = msgspec.structs.replace(letter(), mappings=("People",))
    jobs.settle(rescheduled=[left], dead=[died])
    assert open_jobs().soonest("crm", 9) == [left]
    assert [each.mappings for each in jobs.dead_letters()] == [("People",)]


def test_settle_when_a_person_is_freed_then_the_oldest_of_their_jobs_is_due(open_jobs: Open) -> None:
    jobs = open_jobs()
    far = [Job("crm", event(name), 0, 1, 99_000, "WAITS") for name in ("m1", "m2", "m3")]
    others = Job("crm", msgspec.structs.replace(event("m0"), user_id="bob"), 0, 1, 99_000, "WAITS")
    jobs.advance("crm", 1, retries=[others, *far])
    assert jobs.people("crm") == {"ann": 3, "bob": 1}
    first = next(each for each in jobs.soonest("crm", 9) if each.event.message_id == "m1")
    jobs.settle(completed=[first.id], freed=[("crm", "ann")], at_ms=7_000)
    soonest = jobs.soonest("crm", 9)
    assert [(each.event.message_id, each.due_at_ms) for each in soonest[:1]] == [("m2", 7_000)]
    assert {each.due_at_ms for each in soonest[1:]} == {99_000}
    assert jobs.people("ads") == {}


def test_dead_letters_when_paged_then_newest_first_without_gap_or_repeat(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, dead=[letter(f"m{n}") for n in range(5)])
    jobs.advance("ads", 1, dead=[letter("other", destination="ads")])
    assert message_ids(jobs.dead_letters(limit=1)) == ["other"]
    page = jobs.dead_letters("crm", limit=2)
    rest = jobs.dead_letters("crm", before_id=page[-1].id)
    assert message_ids(page + rest) == ["m4", "m3", "m2", "m1", "m0"]


# --- more letters than fit ------------------------------------------------------------------------------------


def filled(jobs: Jobs, count: int, *, destination: str = "crm", start: int = 0) -> list[str]:
    """So many letters, one at a time; their message ids, newest first."""
    names = [f"{destination}-{n}" for n in range(start, start + count)]
    for name in names:
        jobs.advance(destination, 1, dead=[letter(name, destination=destination)])
    return names[::-1]


def paged(jobs: Jobs, destination: str | None = None, *, limit: int = 4) -> list[str]:
    found: list[str] = []
    before_id = None
    while page := jobs.dead_letters(destination, limit=limit, before_id=before_id):
        found += message_ids(page)
        before_id = page[-1].id
    return found


def files_of(folder: Path) -> int:
    return len(list(folder.rglob("*.parquet")))


def test_dead_letters_when_too_many_then_the_oldest_move_into_files_and_nothing_else_changes(
    open_jobs: Open, tmp_path: Path
) -> None:
    jobs = open_jobs(dead_letters_max=10)
    ads = filled(jobs, 3, destination="ads")
    crm = filled(jobs, 20)
    assert files_of(tmp_path) > 1
    assert paged(jobs) == paged(open_jobs()) == [*crm, *ads]
    assert paged(jobs, "ads") == ads
    assert jobs.standings() == {"ads": Standing(0, 3), "crm": Standing(0, 20)}
    [oldest] = jobs.of_message("ads-0")[1]
    assert oldest == msgspec.structs.replace(letter("ads-0", destination="ads"), id=1)
    assert jobs.letters([1, 23, 99]) in (
        [oldest, jobs.dead_letters(limit=1)[0]],
        [jobs.dead_letters(limit=1)[0], oldest],
    )


def test_letter_groups_when_letters_died_of_several_things_then_each_is_counted_with_its_time(
    open_jobs: Open,
) -> None:
    jobs = open_jobs(dead_letters_max=10)
    assert jobs.letter_groups() == []
    for name, reason, died_at_ms in (("crm", "404", 7), ("crm", "404", 9), ("crm", "401", 8), ("ads", "404", 5)):
        dead = msgspec.structs.replace(letter(name, destination=name), reason=reason, died_at_ms=died_at_ms)
        jobs.advance(name, 1, dead=[dead])
    assert sorted(jobs.letter_groups()) == [
        ("ads", "404", 1, 5, 5),
        ("crm", "401", 1, 8, 8),
        ("crm", "404", 2, 7, 9),
    ]


def test_letter_groups_when_the_oldest_are_in_files_then_they_are_counted_without_a_reason(
    open_jobs: Open,
) -> None:
    jobs = open_jobs(dead_letters_max=10)
    filled(jobs, 23)
    groups = {group.reason: group.letters for group in jobs.letter_groups()}
    assert sum(groups.values()) == 23
    assert groups[""] > 0
    assert groups["404"] >= 10


def test_dead_letters_when_one_in_a_file_was_made_for_a_destination_then_it_still_is(open_jobs: Open) -> None:
    jobs = open_jobs(dead_letters_max=1)
    made = msgspec.structs.replace(event("made"), destinations=("crm",), trace=b'{"a":1}', profile_id="p")
    kept = msgspec.structs.replace(letter(), event=made, mappings=("Track", "List"))
    jobs.advance("crm", 1, dead=[kept])
    filled(jobs, 3)
    assert jobs.letters([1]) == [msgspec.structs.replace(kept, id=1)]


def test_revive_when_a_letter_is_in_a_file_then_it_is_a_job_and_gone_from_there(
    open_jobs: Open, tmp_path: Path
) -> None:
    jobs = open_jobs(dead_letters_max=1)
    filled(jobs, 3)
    files = files_of(tmp_path)
    assert jobs.revive([1, 1, 99], at_ms=70) == 1
    assert jobs.revive([1], at_ms=70) == 0
    [revived] = jobs.soonest("crm", 10)
    assert (revived.event, revived.attempts, revived.due_at_ms) == (event("crm-0"), 1, 70)
    assert paged(open_jobs()) == ["crm-2", "crm-1"]
    assert jobs.standings() == {"crm": Standing(1, 2)}
    assert files_of(tmp_path) == files - 1, "a file without letters goes"


def test_revive_when_nobody_delivers_to_a_filed_letters_destination_then_it_stays(open_jobs: Open) -> None:
    jobs = open_jobs(dead_letters_max=1)
    filled(jobs, 3)
    jobs.forget("crm", at_ms=1)
    assert jobs.revive([1], at_ms=70) == 0
    assert message_ids(jobs.letters([1])) == ["crm-0"]


def test_discard_when_letters_are_in_files_then_they_are_gone(open_jobs: Open, tmp_path: Path) -> None:
    jobs = open_jobs(dead_letters_max=10)
    expected = filled(jobs, 25)
    assert jobs.discard(range(1, 26, 2)) == 13
    assert jobs.discard([1]) == 0
    assert paged(jobs) == [name for name in expected if int(name[4:]) % 2]
    assert jobs.discard(range(1, 26)) == 12
    assert (paged(jobs), jobs.standings(), files_of(tmp_path)) == ([], {}, 0)


def test_erase_filed_when_letters_are_theirs_then_no_file_has_them(open_jobs: Open, tmp_path: Path) -> None:
    jobs = open_jobs(dead_letters_max=1)
    expected = filled(jobs, 3)
    mine = msgspec.structs.replace(event("mine"), user_id="somebody-else", body=b'{"userId":"somebody-else"}')
    jobs.advance("crm", 1, dead=[msgspec.structs.replace(letter(), event=mine)])
    filled(jobs, 3, start=3)
    erased, after = 0, 0
    while not (part := jobs.erase_filed(lambda each: each.user_id == "somebody-else", after=after)).is_end:
        erased, after = erased + part.removed, part.last
    assert erased == 1
    assert "mine" not in paged(jobs)
    assert set(expected) < set(paged(jobs))
    for path in tmp_path.rglob("*.parquet"):
        assert b"somebody-else" not in repr(pq.read_table(path).to_pylist()).encode()


def _die_with_a_file_that_nobody_names(engine: str, folder: Path) -> None:
    def killed(self: ParquetLetters, file: LetterFile, letters: Any) -> None:
        write(self, file, letters)
        os.kill(os.getpid(), signal.SIGKILL)

    write = ParquetLetters.write
    ParquetLetters.write = killed  # type: ignore[method-assign]
    filled(ENGINES[engine](folder, dead_letters_max=3), 3, start=3)


def test_dead_letters_when_the_process_is_killed_before_a_file_counts_then_each_is_there_once(
    open_jobs: Open, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    jobs = open_jobs(dead_letters_max=3)
    filled(jobs, 3)
    process = multiprocessing.get_context("spawn").Process(
        target=_die_with_a_file_that_nobody_names, args=(request.node.callspec.params["open_jobs"], tmp_path)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert files_of(tmp_path) == 1
    assert paged(jobs) == ["crm-2", "crm-1", "crm-0"], "the letter that it died of was not stored"
    assert paged(jobs) == paged(open_jobs())
    expected = filled(jobs, 4, start=3)
    assert paged(jobs) == [*expected, "crm-2", "crm-1", "crm-0"]


def test_forget_when_it_has_retries_then_they_are_dead_letters_and_others_stay(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, retries=[job("a"), job("b")])
    jobs.advance("ads", 4, retries=[job("c", destination="ads")])
    jobs.forget("crm", at_ms=77_000)
    jobs.forget("crm", at_ms=78_000)
    assert jobs.positions() == {"ads": 4}
    assert jobs.standings() == {"ads": Standing(1, 0), "crm": Standing(0, 2)}
    newest = jobs.dead_letters("crm")[0]
    assert (newest.event, newest.reason, newest.died_at_ms) == (event("b"), "DESTINATION_REMOVED", 77_000)


def advance_for_ever(engine: str, folder: Path, ready: Any) -> None:
    jobs = ENGINES[engine](folder)
    for offset in range(1, 1_000_000):
        jobs.advance("crm", offset, retries=[job(f"m{offset}")])
        if offset == 50:
            ready.set()


@pytest.mark.parametrize("engine", ENGINES)
def test_advance_when_killed_in_the_middle_then_position_and_jobs_agree(engine: str, tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Event()
    writer = spawn.Process(target=advance_for_ever, args=(engine, tmp_path, ready), daemon=True)
    writer.start()
    assert ready.wait(30)
    os.kill(writer.pid or 0, signal.SIGKILL)
    writer.join()
    writer.close()
    with contextlib.closing(ENGINES[engine](tmp_path)) as jobs:
        position = jobs.positions()["crm"]
        assert position >= 50
        stored = jobs.soonest("crm", 1_000_000)
        assert message_ids(stored) == [f"m{offset}" for offset in range(1, position + 1)]


def test_sqlite_when_created_then_only_its_owner_can_read_it(tmp_path: Path) -> None:
    with contextlib.closing(sqlite_jobs(tmp_path)) as jobs:
        jobs.advance("crm", 1, retries=[job()])
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.is_file()}
    assert set(modes.values()) == {0o600}
    assert "delivery.db" in modes


def test_sqlite_when_the_disk_is_full_then_storage_error_and_nothing_changed(tmp_path: Path) -> None:
    with contextlib.closing(sqlite_jobs(tmp_path)) as jobs:
        jobs.advance("crm", 1)
        pages = jobs._db.execute("PRAGMA page_count").fetchone()[0]
        jobs._db.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own way to be out of space
        with pytest.raises(StorageError):
            jobs.advance("crm", 2, retries=[job(f"m{n}") for n in range(500)])
        assert jobs.positions() == {"crm": 1}
        assert jobs.standings() == {}
        jobs._db.execute("PRAGMA max_page_count = 1000000")
        jobs.advance("crm", 2, retries=[job()])
        assert jobs.positions() == {"crm": 2}


# --- deciding about dead letters ----------------------------------------------------------------------------


def test_revive_when_letters_are_tried_again_then_they_are_jobs_due_at_once_with_a_new_window(
    open_jobs: Open,
) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, dead=[letter("m1"), letter("m2"), letter("m3")])
    third, _, first = jobs.dead_letters()
    assert open_jobs().revive([first.id, third.id, third.id], at_ms=70_000) == 2
    revived = jobs.soonest("crm", 10)
    assert message_ids(revived) == ["m1", "m3"] or message_ids(revived) == ["m3", "m1"]
    assert {(each.due_at_ms, each.first_failed_at_ms, each.reason) for each in revived} == {
        (70_000, 70_000, "404")
    }
    assert message_ids(jobs.dead_letters()) == ["m2"]
    assert jobs.standings() == {"crm": Standing(2, 1)}


def test_revive_when_asked_twice_then_there_is_one_job(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, dead=[letter()])
    [dead] = jobs.dead_letters()
    assert [jobs.revive([dead.id], at_ms=1), jobs.revive([dead.id], at_ms=2)] == [1, 0]
    assert len(jobs.soonest("crm", 10)) == 1


def test_revive_when_the_destination_was_removed_then_the_letter_stays(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, dead=[letter()])
    jobs.forget("crm", at_ms=1)
    [dead] = jobs.dead_letters()
    assert jobs.revive([dead.id], at_ms=2) == 0
    assert jobs.dead_letters() == [dead]


def test_revive_when_another_process_does_it_then_the_bell_rings(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, dead=[letter()])
    with contextlib.closing(jobs.listen()) as bell:
        assert not bell.wait(0)
        open_jobs().revive([jobs.dead_letters()[0].id], at_ms=1)
        assert bell.wait(10)


def test_discard_when_letters_are_let_go_then_they_are_gone_and_only_they(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, retries=[job("m0")], dead=[letter("m1"), letter("m2")])
    second, first = jobs.dead_letters()
    assert [jobs.discard([first.id]), jobs.discard([first.id])] == [1, 0]
    assert jobs.dead_letters() == jobs.letters([first.id, second.id]) == [second]
    assert message_ids(jobs.soonest("crm", 10)) == ["m0"]


def test_of_message_when_it_failed_in_several_places_then_all_are_found(open_jobs: Open) -> None:
    jobs = open_jobs()
    jobs.advance("crm", 1, retries=[job("m1"), job("m2")], dead=[letter("m3")])
    jobs.advance("hook", 1, dead=[letter("m1", destination="hook")])
    retries, dead = jobs.of_message("m1")
    assert [(each.destination, each.event) for each in retries] == [("crm", event("m1"))]
    assert [(each.destination, each.event) for each in dead] == [("hook", event("m1"))]
    jobs.forget("crm", at_ms=1)
    assert [each.destination for each in jobs.of_message("m2")[1]] == ["crm"]
    assert jobs.of_message("m4") == ([], [])


def test_sqlite_when_the_store_is_of_a_version_without_message_ids_then_they_are_added(tmp_path: Path) -> None:
    with contextlib.closing(sqlite_jobs(tmp_path)) as jobs:
        jobs.advance("crm", 1, retries=[job("m1")], dead=[letter("m2")])
    with contextlib.closing(sqlite3.connect(tmp_path / "delivery.db")) as old, old:
        for table in ("jobs", "dead_letters"):
            old.execute(f"DROP INDEX {table}_by_message")
            old.execute(f"ALTER TABLE {table} DROP COLUMN message_id")
    with contextlib.closing(sqlite_jobs(tmp_path)) as jobs:
        assert message_ids(jobs.of_message("m1")[0]) == ["m1"]
        assert message_ids(jobs.of_message("m2")[1]) == ["m2"]


def of_person(message_id: str, person: str) -> OutboundEvent:
    return msgspec.structs.replace(event(message_id), user_id=person)


def is_anns(found: OutboundEvent) -> bool:
    return found.user_id == "ann-to-go"


def test_erase_when_rows_are_of_several_people_then_only_theirs_go_in_slices_of_any_size(open_jobs: Open) -> None:
    for rows_max in (1, 2, 3, 100):
        jobs = open_jobs()
        for jobs_id in [found.id for found in jobs.soonest("crm", 100)]:
            jobs.settle(completed=[jobs_id])
        jobs.discard([found.id for found in jobs.dead_letters()])
        people = ["ann-to-go", "bob", "ann-to-go", "bob", "ann-to-go"]
        retries = [Job("crm", of_person(f"j{n}", who), 1, 1, n, "500") for n, who in enumerate(people)]
        dead = [DeadLetter("crm", of_person(f"d{n}", who), 1, 1, 1, "404") for n, who in enumerate(people)]
        jobs.advance("crm", 1, retries=retries, dead=dead)
        stored = jobs.soonest("crm", 100), jobs.dead_letters()
        removed, after, is_end = (0, 0), (0, 0), False
        while not is_end:
            part = jobs.erase(is_anns, after=after, rows_max=rows_max)
            removed = removed[0] + part.retries, removed[1] + part.dead_letters
            after, is_end = part.last, part.is_end
        assert removed == (3, 3)
        assert jobs.soonest("crm", 100) == [each for each in stored[0] if not is_anns(each.event)]
        assert jobs.dead_letters() == [each for each in stored[1] if not is_anns(each.event)]


def test_scrub_when_rows_were_removed_in_whatever_way_then_no_byte_of_them_stays(
    open_jobs: Open, tmp_path: Path
) -> None:
    jobs, other = open_jobs(), open_jobs()
    anns = [Job("crm", of_person(f"j{n}", "ann-to-go"), 1, 1, n, "500") for n in range(300)]
    bobs = [Job("crm", of_person(f"k{n}", "bob-who-stays"), 1, 1, n, "500") for n in range(300)]
    jobs.advance("crm", 1, retries=[*anns, *bobs])
    for found in jobs.soonest("crm", 200):
        if is_anns(found.event):
            other.settle(completed=[found.id])
    jobs.erase(is_anns, rows_max=1_000)
    assert jobs.scrub()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"ann-to-go" not in content
    assert content.count(b"bob-who-stays") == 3 * 300, "in the event, as its person, and in the index of people"
