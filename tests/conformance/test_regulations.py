"""What every engine of regulations must do. A new engine is one more entry in ENGINES."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from headwater.errors import CorruptionError, NotFoundError
from headwater.privacy.port import Regulations
from headwater.privacy.regulation import (
    DELIVERY,
    LAKE,
    LOGS,
    PROCESSING,
    SENDING,
    STATE,
    Overall,
    Regulation,
    RegulationType,
    Status,
)
from headwater.privacy.sqlite import SqliteRegulations


def sqlite_regulations(folder: Path) -> Regulations:
    return SqliteRegulations(folder / "regulations.db", bells=folder / "bells", secret=folder / "privacy-secret")


ENGINES: dict[str, Callable[[Path], Regulations]] = {"sqlite": sqlite_regulations}

Open = Callable[[], Regulations]


@pytest.fixture(params=ENGINES)
def open_regulations(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same store again on every call, as another process would."""
    with contextlib.ExitStack() as stack:

        def opened() -> Regulations:
            regulations = ENGINES[request.param](tmp_path)
            stack.callback(regulations.close)
            return regulations

        yield opened


def ask(
    regulations: Regulations,
    type_: RegulationType = RegulationType.SUPPRESS_WITH_DELETE,
    users: Sequence[str] = ("ann",),
    **destinations: bool,
) -> Regulation:
    return regulations.request(type_, users, author="a test", destinations=destinations)


def verify(regulations: Regulations, regulation: Regulation, *systems: str) -> None:
    for system in systems:
        assert regulations.report(regulation.id, system, Status.VERIFIED, "looked again")


def now(regulations: Regulations, regulation: Regulation) -> Regulation:
    found = regulations.get(regulation.id)
    assert found is not None
    return found


SUPPRESSION = {PROCESSING, SENDING}
DELETION = {STATE, LAKE, DELIVERY, LOGS}


@pytest.mark.parametrize(
    ("type_", "systems"),
    [
        (RegulationType.SUPPRESS_ONLY, SUPPRESSION),
        (RegulationType.UNSUPPRESS, SUPPRESSION),
        (RegulationType.DELETE_INTERNAL, DELETION),
        (RegulationType.SUPPRESS_WITH_DELETE_INTERNAL, SUPPRESSION | DELETION),
        (RegulationType.DELETE_ONLY, DELETION | {"destination:crm"}),
        (RegulationType.SUPPRESS_WITH_DELETE, SUPPRESSION | DELETION | {"destination:crm"}),
    ],
)
def test_request_when_made_then_each_system_it_concerns_has_a_receipt(
    open_regulations: Open, type_: RegulationType, systems: set[str]
) -> None:
    made = ask(open_regulations(), type_, crm=True)
    found = now(open_regulations(), made)
    assert found == made
    assert {receipt.system: receipt.status for receipt in found.receipts} == dict.fromkeys(
        systems, Status.REQUESTED
    )
    assert found.overall is Overall.INITIALIZED


def test_request_when_a_destination_cannot_delete_then_its_receipt_says_so_and_the_whole_ends_as_failed(
    open_regulations: Open,
) -> None:
    regulations = open_regulations()
    made = ask(regulations, RegulationType.DELETE_ONLY, old=False)
    assert made.status("destination:old") is Status.NOT_SUPPORTED
    verify(regulations, made, *DELETION)
    assert now(regulations, made).overall is Overall.FAILED


def test_barred_when_suppressed_then_until_unsuppressed(open_regulations: Open) -> None:
    regulations, other = open_regulations(), open_regulations()
    before = regulations.version()
    ask(regulations, RegulationType.SUPPRESS_ONLY, ["ann", "bob"])
    barred = other.barred()
    assert barred.suppressed == {other.fingerprint("ann"), other.fingerprint("bob")}
    assert barred.version == other.version() != before
    ask(regulations, RegulationType.UNSUPPRESS, ["ann"])
    assert other.barred().suppressed == {other.fingerprint("bob")}


def test_barred_when_a_deletion_has_begun_then_holds_what_came_before_until_the_logs_are_gone(
    open_regulations: Open,
) -> None:
    regulations = open_regulations()
    made = ask(regulations, RegulationType.DELETE_INTERNAL)
    assert regulations.barred().erased == {}, "no pipeline has said yet what it covers"
    assert regulations.begin(made.id, 17) == 17
    assert regulations.begin(made.id, 30) == 17, "fixed once"
    assert regulations.barred().erased == {regulations.fingerprint("ann"): 17}
    verify(regulations, made, STATE, LAKE, DELIVERY)
    assert regulations.barred().erased == {regulations.fingerprint("ann"): 17}
    verify(regulations, made, LOGS)
    assert regulations.barred().erased == {}


def test_subjects_when_everything_but_the_logs_is_verified_then_the_plain_id_is_in_no_byte(
    open_regulations: Open, tmp_path: Path
) -> None:
    regulations = open_regulations()
    ask(regulations, RegulationType.SUPPRESS_ONLY, ["ann-who-goes", "bob-who-stays"])
    made = ask(regulations, users=["ann-who-goes"], crm=True)
    systems = [SENDING, PROCESSING, STATE, LAKE, DELIVERY, "destination:crm"]
    for system in systems[:-1]:
        verify(regulations, made, system)
        assert [subject.user_id for subject in regulations.subjects(made.id)] == ["ann-who-goes"]
    verify(regulations, made, systems[-1])
    (subject,) = regulations.subjects(made.id)
    assert (subject.user_id, subject.fingerprint) == (None, regulations.fingerprint("ann-who-goes"))
    assert [s.user_id for s in regulations.suppressions(limit=10)] == [None, "bob-who-stays"]
    assert regulations.scrub()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"ann-who-goes" not in content
    assert b"bob-who-stays" in content
    assert regulations.about("ann-who-goes")[0].id == made.id


def test_suppressions_when_lifted_then_the_plain_id_is_in_no_byte(open_regulations: Open, tmp_path: Path) -> None:
    regulations = open_regulations()
    for type_ in (RegulationType.SUPPRESS_ONLY, RegulationType.UNSUPPRESS):
        ask(regulations, type_, ["ann-who-returns"])
    assert regulations.scrub()
    assert b"ann-who-returns" not in b"".join(p.read_bytes() for p in tmp_path.iterdir() if p.is_file())


def test_report_when_it_says_the_same_or_the_system_is_final_then_nothing_is_added(open_regulations: Open) -> None:
    regulations = open_regulations()
    made = ask(regulations, RegulationType.DELETE_INTERNAL)
    assert regulations.report(made.id, LAKE, Status.RUNNING, "at it", {"files": 1})
    assert not regulations.report(made.id, LAKE, Status.RUNNING, "at it", {"files": 2})
    assert regulations.report(made.id, LAKE, Status.VERIFIED, "gone")
    assert not regulations.report(made.id, LAKE, Status.RUNNING, "again")
    lines = [(r.system, r.status) for r in regulations.audit(made.id, limit=50) if r.system == LAKE]
    assert lines == [(LAKE, Status.VERIFIED), (LAKE, Status.RUNNING), (LAKE, Status.REQUESTED)]


@pytest.mark.parametrize(
    ("ends", "overall"),
    [
        ({}, Overall.FINISHED),
        ({LAKE: Status.FAILED}, Overall.PARTIAL_SUCCESS),
        ({"destination:crm": Status.FAILED}, Overall.FAILED),
        (dict.fromkeys([*DELETION, "destination:crm"], Status.FAILED), Overall.FAILED),
    ],
)
def test_overall_when_every_system_has_ended_then_sums_up(
    open_regulations: Open, ends: dict[str, Status], overall: Overall
) -> None:
    regulations = open_regulations()
    made = ask(regulations, RegulationType.DELETE_ONLY, crm=True)
    for system in [*sorted(DELETION), "destination:crm"]:
        assert now(regulations, made).overall in {Overall.INITIALIZED, Overall.RUNNING}
        assert [found.id for found in regulations.open()] == [made.id]
        regulations.report(made.id, system, ends.get(system, Status.VERIFIED), "the end")
    assert now(regulations, made).overall is overall
    assert now(regulations, made).finished_at_ms is not None
    assert regulations.open() == []


def test_audit_when_somebody_tries_to_change_it_then_refused(open_regulations: Open, tmp_path: Path) -> None:
    made = ask(open_regulations())
    with contextlib.closing(sqlite3.connect(tmp_path / "regulations.db")) as db:
        for statement in ("DELETE FROM audit", "UPDATE audit SET status = 'verified'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(statement)
    assert len(open_regulations().audit(made.id, limit=50)) == len(SUPPRESSION | DELETION)


def test_forwarded_when_noted_then_known_to_the_next_start_and_forgotten_with_the_ids(
    open_regulations: Open,
) -> None:
    regulations = open_regulations()
    made = ask(regulations, RegulationType.DELETE_ONLY, ["ann", "bob"], crm=True)
    for _ in range(2):
        regulations.note_forwarded(made.id, "crm", regulations.fingerprint("ann"))
    assert open_regulations().forwarded(made.id, "crm") == {regulations.fingerprint("ann")}
    assert regulations.forwarded(made.id, "other") == set()
    verify(regulations, made, *DELETION, "destination:crm")
    assert regulations.forwarded(made.id, "crm") == set()


def test_recent_and_audit_when_there_are_many_then_pages_go_on_where_the_last_ended(
    open_regulations: Open,
) -> None:
    regulations = open_regulations()
    made = [ask(regulations, RegulationType.SUPPRESS_ONLY, [f"user {n}"]).id for n in range(5)]
    first = regulations.recent(limit=3)
    rest = regulations.recent(limit=3, before=first[-1].id)
    assert [r.id for r in (*first, *rest)] == made[::-1]
    lines = regulations.audit(limit=4)
    assert [r.number for r in (*lines, *regulations.audit(limit=20, before=lines[-1].number))] == list(
        range(10, 0, -1)
    )
    some = regulations.suppressions(limit=3)
    both = (*some, *regulations.suppressions(limit=9, after=some[-1].number))
    assert [s.user_id for s in both] == [f"user {n}" for n in range(5)]


def test_suppressions_when_a_user_is_asked_for_then_that_one_and_those_that_begin_so(
    open_regulations: Open,
) -> None:
    regulations = open_regulations()
    ask(regulations, RegulationType.SUPPRESS_ONLY, ["ann", "anna", "bob", "a%"])
    made = ask(regulations, users=["gone"])
    for system in (SENDING, PROCESSING, STATE, LAKE, DELIVERY):
        verify(regulations, made, system)

    def found(user_id: str) -> list[str | None]:
        return [each.user_id for each in regulations.suppressions(limit=9, user_id=user_id)]

    assert found("ann") == ["ann", "anna"]
    assert found("anna") == ["anna"]
    assert found("a%") == ["a%"]
    assert found("gone") == [None], "the id is forgotten, and still recognised"
    assert found("go") == []


def test_listen_when_something_changes_then_rings(open_regulations: Open) -> None:
    regulations, other = open_regulations(), open_regulations()
    with contextlib.closing(other.listen()) as bell:
        made = ask(regulations)
        assert bell.wait(5)
        bell.clear()
        regulations.begin(made.id, 3)
        assert bell.wait(5)
        bell.clear()
        regulations.report(made.id, LAKE, Status.RUNNING, "at it")
        assert bell.wait(5)


def test_fingerprint_when_asked_by_two_processes_then_the_same_and_only_here(
    open_regulations: Open, tmp_path: Path
) -> None:
    assert open_regulations().fingerprint("ann") == open_regulations().fingerprint("ann")
    assert open_regulations().fingerprint("ann") != open_regulations().fingerprint("Ann")
    with contextlib.closing(sqlite_regulations(tmp_path / "elsewhere")) as elsewhere:
        assert elsewhere.fingerprint("ann") != open_regulations().fingerprint("ann")
    assert (tmp_path / "privacy-secret").stat().st_mode & 0o777 == 0o600


def test_open_when_the_secret_is_cut_off_then_refuses(open_regulations: Open, tmp_path: Path) -> None:
    open_regulations()
    (tmp_path / "privacy-secret").write_bytes(b"short")
    with pytest.raises(CorruptionError, match="privacy-secret"):
        open_regulations()


def test_report_when_there_is_no_such_regulation_then_says_so(open_regulations: Open) -> None:
    with pytest.raises(NotFoundError):
        open_regulations().report("reg_none", LAKE, Status.DONE, "")
