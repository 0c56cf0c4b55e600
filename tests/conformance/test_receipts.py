"""What every engine of receipts must do, from the transaction that brings one to the file it ends in."""

import base64
import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from headwater import limits
from headwater.delivery import attempts
from headwater.delivery.jobs import Job, Jobs
from headwater.delivery.jobs_sqlite import SqliteJobs
from headwater.delivery.receipt_store import Receipts, Wanted
from headwater.delivery.receipt_store_sqlite import SqliteReceipts
from headwater.delivery.receipts import DELIVERED, FAILED, FILTERED, RETRYING, Receipt
from headwater.errors import InputError
from headwater.event import OutboundEvent
from headwater.lake.letters_parquet import ParquetLetters
from headwater.lake.receipts_parquet import SCHEMA, ParquetReceipts
from headwater.units import MINUTE_MS

NOON_MS = 1_700_000_040_000 - 1_700_000_040_000 % MINUTE_MS
ALL = Wanted()


def sqlite_receipts(folder: Path) -> tuple[Jobs, Receipts]:
    return SqliteJobs(folder / "delivery.db", lambda: ParquetLetters(folder / "lake")), SqliteReceipts(
        folder / "delivery.db", lambda: ParquetReceipts(folder / "lake")
    )


ENGINES: dict[str, Callable[[Path], tuple[Jobs, Receipts]]] = {"sqlite and parquet": sqlite_receipts}

Open = Callable[[], tuple[Jobs, Receipts]]


@pytest.fixture(params=ENGINES)
def open_both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same store again on every call, as another process would."""
    with contextlib.ExitStack() as stack:

        def opened() -> tuple[Jobs, Receipts]:
            jobs, receipts = ENGINES[request.param](tmp_path)
            stack.callback(receipts.close)
            stack.callback(jobs.close)
            return jobs, receipts

        yield opened


def receipt(message_id: str = "m1", **given: Any) -> Receipt:
    usual = Receipt(
        message_id=message_id,
        destination="crm",
        source="web",
        event_type="track",
        event_name="Signed Up",
        profile_id="p-1",
        user_id="ann",
        anonymous_id=None,
        offset=7,
        status=DELIVERED,
        reason="",
        message="",
        attempts=1,
        latency_ms=40,
        at_ms=NOON_MS,
        mapping="Everything",
    )
    return msgspec.structs.replace(usual, **given)


def failure(message_id: str = "m1", **given: Any) -> Receipt:
    why = {"status": FAILED, "reason": "404", "message": "Not Found", "exchange": b'[{"a":1}]'}
    return receipt(message_id, **{**why, **given})


def numbered(count: int, *, start: int = 0, **given: Any) -> list[Receipt]:
    return [receipt(f"m{n}", at_ms=NOON_MS + n, **given) for n in range(start, start + count)]


def ids(receipts: Receipts, wanted: Wanted = ALL, *, limit: int = 1_000) -> list[str]:
    return [each.message_id for each in receipts.find(wanted, limit=limit).receipts]


def fold_all(receipts: Receipts) -> None:
    while receipts.fold(receipts_max=limits.receipts.FOLD_RECEIPTS):
        pass


def tidy(receipts: Receipts, *, now_ms: int = NOON_MS, kept_s: float = 3600, bytes_max: int = 1 << 40) -> None:
    while receipts.tidy(now_ms=now_ms, kept_s=kept_s, bytes_max=bytes_max):
        pass


def newest_first(receipts: list[Receipt]) -> list[str]:
    return [each.message_id for each in sorted(receipts, key=lambda r: (r.at_ms, r.message_id), reverse=True)]


# --- what goes in comes out -----------------------------------------------------------------------------------


def test_files_when_receipts_have_a_field_then_there_is_a_column_for_it() -> None:
    assert tuple(SCHEMA.names) == Receipt.__struct_fields__


@pytest.mark.parametrize("is_folded", [False, True], ids=["blobs", "files"])
def test_find_when_nothing_is_asked_for_then_everything_newest_first_without_exchanges(
    open_both: Open, *, is_folded: bool
) -> None:
    jobs, receipts = open_both()
    given = [*numbered(3), failure("m3", at_ms=NOON_MS + 3, attempts=9)]
    jobs.advance("crm", 4, receipts=given)
    if is_folded:
        fold_all(receipts)
    found = open_both()[1].find(ALL, limit=10)
    assert found.cursor is None
    shown = [msgspec.structs.replace(each, exchange=b"") if each.exchange else each for each in given]
    assert found.receipts == shown[::-1]


@pytest.mark.parametrize("is_folded", [False, True], ids=["blobs", "files"])
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(message_id="m1"), ["m1"]),
        (Wanted(profile_id="p-2"), ["m2"]),
        (Wanted(user_id="bea"), ["m3"]),
        (Wanted(anonymous_id="device"), ["m4"]),
        (Wanted(destination="ads"), ["m5"]),
        (Wanted(source="app"), ["m6"]),
        (Wanted(event_name="Left"), ["m7"]),
        (Wanted(status=FILTERED), ["m8"]),
        (Wanted(status=FILTERED, reason="NO_MATCHING_MAPPING"), []),
        (Wanted(from_ms=NOON_MS + 9), ["m9"]),
        (Wanted(to_ms=NOON_MS + 1), ["m1"]),
        (Wanted(user_id="nobody"), []),
    ],
)
def test_find_when_something_is_asked_for_then_only_what_matches(
    open_both: Open, wanted: Wanted, expected: list[str], *, is_folded: bool
) -> None:
    jobs, receipts = open_both()
    special: dict[int, dict[str, Any]] = {
        2: {"profile_id": "p-2"},
        3: {"user_id": "bea"},
        4: {"anonymous_id": "device"},
        5: {"destination": "ads"},
        6: {"source": "app"},
        7: {"event_name": "Left"},
        8: {"status": FILTERED, "reason": "FILTERED_BY_RULES"},
    }
    jobs.advance(
        "crm", 1, receipts=[receipt(f"m{n}", at_ms=NOON_MS + n, **special.get(n, {})) for n in range(1, 10)]
    )
    if is_folded:
        fold_all(receipts)
    assert ids(receipts, wanted) == expected


def test_find_when_paged_then_each_once_over_blobs_files_and_what_is_retried(open_both: Open) -> None:
    jobs, receipts = open_both()
    given: list[Receipt] = []
    for start in range(0, 70, 10):
        # Overlapping in time, as those of several destinations are.
        batch = [*numbered(10, start=start), receipt(f"x{start}", at_ms=NOON_MS + start + 5, destination="ads")]
        given += batch
        jobs.advance("crm", start, receipts=batch)
        if start < 50:
            receipts.fold(receipts_max=1)
    pending = receipt("r1", at_ms=NOON_MS + 31, status=RETRYING, reason="503")
    jobs.advance("crm", 80, receipts=[pending])
    found: list[str] = []
    cursor = None
    while True:
        page = receipts.find(ALL, limit=7, cursor=cursor)
        found += [each.message_id for each in page.receipts]
        cursor = page.cursor
        if cursor is None:
            break
        assert len(page.receipts) == 7
    assert found == newest_first([*given, pending])


def test_find_when_the_cursor_is_none_of_ours_then_refused(open_both: Open) -> None:
    with pytest.raises(InputError, match="no cursor"):
        open_both()[1].find(ALL, limit=1, cursor="yesterday")


@pytest.mark.parametrize("is_folded", [False, True], ids=["blobs", "files"])
def test_whole_when_asked_by_id_then_with_its_exchange(open_both: Open, *, is_folded: bool) -> None:
    jobs, receipts = open_both()
    wanted = failure("a.b/c", at_ms=NOON_MS + 2)
    jobs.advance("crm", 4, receipts=[*numbered(5), wanted])
    if is_folded:
        fold_all(receipts)
    assert receipts.whole(wanted.id) == wanted
    assert receipts.whole(receipt("a.b/c", at_ms=NOON_MS + 3).id) is None
    assert receipts.whole("nonsense") is None


# --- one that changes -----------------------------------------------------------------------------------------


def test_settle_when_it_ends_then_the_final_receipt_replaces_the_one_of_the_last_attempt(open_both: Open) -> None:
    jobs, receipts = open_both()
    jobs.advance("crm", 4, receipts=[receipt("m1", status=RETRYING, reason="503")])
    jobs.settle(receipts=[receipt("m1", status=RETRYING, reason="ETIMEDOUT", attempts=2, at_ms=NOON_MS + 1)])
    (found,) = receipts.find(Wanted(message_id="m1"), limit=9).receipts
    assert (found.status, found.reason, found.attempts) == (RETRYING, "ETIMEDOUT", 2)
    jobs.settle(receipts=[receipt("m1", attempts=3, at_ms=NOON_MS + 2)])
    (found,) = receipts.find(ALL, limit=9).receipts
    assert (found.status, found.attempts) == (DELIVERED, 3)


@pytest.mark.parametrize("is_folded", [False, True], ids=["blobs", "files"])
def test_settle_when_an_event_has_failed_before_then_its_receipt_tells_of_each_attempt(
    open_both: Open, *, is_folded: bool
) -> None:
    jobs, receipts = open_both()
    event = OutboundEvent(7, 0, "m1", "track", "A", None, "ann", None, None, None, "web", 1, 1, None, None, b"{}")
    first = receipt("m1", status=RETRYING, reason="503", message="Busy", exchange=b'[{"a":1}]')
    jobs.advance("crm", 4, retries=[Job("crm", event, 1, 1, 1, "503")], receipts=[first])
    jobs.settle(receipts=[receipt("m1", status=RETRYING, reason="ETIMEDOUT", attempts=2, at_ms=NOON_MS + 1)])
    last = receipt("m1", attempts=3, at_ms=NOON_MS + 2, exchange=b'[{"b":2}]')
    jobs.settle(completed=[jobs.soonest("crm", 1)[0].id], receipts=[last, receipt("m2")])
    if is_folded:
        fold_all(receipts)
    whole = receipts.whole(last.id)
    assert whole is not None
    known = attempts.told(whole.exchange)
    assert [(each.number, each.at_ms, each.reason, each.message) for each in known.earlier] == [
        (1, NOON_MS, "503", "Busy"),
        (2, NOON_MS + 1, "ETIMEDOUT", ""),
    ]
    assert [bytes(each.exchange) for each in known.earlier] == [b'[{"a":1}]', b"[]"]
    assert bytes(known.exchange) == b'[{"b":2}]'
    other = receipts.whole(receipt("m2").id)
    assert other is not None
    assert other.exchange is None


def test_settle_when_a_job_goes_without_a_receipt_then_nothing_is_left_of_its_attempts(open_both: Open) -> None:
    jobs, receipts = open_both()
    event = OutboundEvent(7, 0, "m1", "track", "A", None, "ann", None, None, None, "web", 1, 1, None, None, b"{}")
    failed = receipt("m1", status=RETRYING, reason="503")
    jobs.advance("crm", 4, retries=[Job("crm", event, 1, 1, 1, "503")], receipts=[failed])
    assert ids(receipts) == ["m1"]
    jobs.settle(completed=[jobs.soonest("crm", 1)[0].id])
    assert ids(receipts) == []


def test_forget_when_a_destination_goes_then_what_was_retried_there_has_failed(open_both: Open) -> None:
    jobs, receipts = open_both()
    jobs.advance("crm", 4, receipts=[receipt("m1", status=RETRYING, reason="503", message="busy")])
    jobs.advance("ads", 4, receipts=[receipt("m1", destination="ads", status=RETRYING, reason="503")])
    jobs.forget("crm", at_ms=NOON_MS + 9)
    found = {each.destination: each for each in receipts.find(ALL, limit=9).receipts}
    assert (found["crm"].status, found["crm"].reason) == (FAILED, "DESTINATION_REMOVED")
    assert found["ads"].status == RETRYING


# --- counts ---------------------------------------------------------------------------------------------------


def test_delivery_when_counted_then_by_minute_and_reason_with_percentiles(open_both: Open) -> None:
    jobs, receipts = open_both()
    jobs.advance(
        "crm",
        1,
        receipts=[
            *(receipt(f"a{n}", latency_ms=10) for n in range(94)),
            *(receipt(f"b{n}", latency_ms=900) for n in range(4)),
            failure("c1", latency_ms=900),
            receipt("d1", status=FILTERED, reason="FILTERED_BY_RULES", latency_ms=0),
            receipt("e1", at_ms=NOON_MS + MINUTE_MS, status=RETRYING, reason="503", latency_ms=0),
            receipt("f1", destination="ads"),
        ],
    )
    fold_all(receipts)
    told = receipts.delivery("crm", from_ms=NOON_MS, to_ms=NOON_MS + MINUTE_MS)
    first, second = told.minutes
    assert first[:6] == (NOON_MS, 98, 1, 1, 0, 0)
    assert 10 <= first.p50_ms <= 12
    assert 900 <= first.p95_ms <= 900 * 1.2
    assert second[:5] == (NOON_MS + MINUTE_MS, 0, 0, 0, 1)
    assert (second.p50_ms, second.p95_ms) == (0, 0)
    assert told.reasons[0] == (DELIVERED, "", 98)
    assert set(told.reasons[1:]) == {(FAILED, "404", 1), (FILTERED, "FILTERED_BY_RULES", 1), (RETRYING, "503", 1)}
    assert receipts.delivery("crm", from_ms=0, to_ms=NOON_MS - 1).minutes == []


def test_tidy_when_counts_are_old_then_they_go_and_newer_ones_stay(open_both: Open) -> None:
    jobs, receipts = open_both()
    jobs.advance("crm", 1, receipts=[receipt("m1"), receipt("m2", at_ms=NOON_MS + MINUTE_MS)])
    tidy(receipts, now_ms=NOON_MS + limits.receipts.MINUTES_KEPT_S * 1000 + MINUTE_MS)
    told = receipts.delivery("crm", from_ms=0, to_ms=NOON_MS + MINUTE_MS)
    assert [each.at_ms for each in told.minutes] == [NOON_MS + MINUTE_MS]


# --- files ----------------------------------------------------------------------------------------------------


def test_fold_when_there_are_more_than_fit_then_the_oldest_go_first_and_the_rest_waits(open_both: Open) -> None:
    jobs, receipts = open_both()
    for n in range(4):
        jobs.advance("crm", n, receipts=numbered(10, start=10 * n))
    assert receipts.waiting() == (40, NOON_MS)
    assert receipts.fold(receipts_max=15) == 20
    assert receipts.waiting() == (20, NOON_MS + 20)
    assert ids(receipts) == newest_first(numbered(40))


def test_tidy_when_there_are_many_small_files_then_few_with_the_same_receipts(
    open_both: Open, tmp_path: Path
) -> None:
    jobs, receipts = open_both()
    for n in range(limits.lake.COMPACT_FILES + 1):
        jobs.advance("crm", n, receipts=numbered(3, start=3 * n))
        receipts.fold(receipts_max=1)
    tidy(receipts)
    assert len(list(tmp_path.rglob("*.parquet"))) == 2
    assert ids(open_both()[1]) == newest_first(numbered(3 * (limits.lake.COMPACT_FILES + 1)))


def test_tidy_when_receipts_are_old_or_too_many_then_the_oldest_files_go(open_both: Open, tmp_path: Path) -> None:
    jobs, receipts = open_both()
    for n in range(3):
        jobs.advance("crm", n, receipts=[receipt(f"m{n}", at_ms=NOON_MS + n * 60_000)])
        receipts.fold(receipts_max=1)
    tidy(receipts, now_ms=NOON_MS + 120_000, kept_s=90)
    assert ids(receipts) == ["m2", "m1"]
    (largest,) = {path.stat().st_size for path in tmp_path.rglob("*.parquet")}
    tidy(receipts, now_ms=NOON_MS + 120_000, bytes_max=largest)
    assert ids(receipts) == ["m2"]
    assert len(list(tmp_path.rglob("*.parquet"))) == 1


def _die_while(verb: str, engine: str, folder: Path) -> None:
    _, receipts = ENGINES[engine](folder)
    named = SqliteReceipts._writing

    def killed(self: SqliteReceipts) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)  # the file is there, and about to count
        return named(self)

    SqliteReceipts._writing = killed  # type: ignore[method-assign]
    if verb == "fold":
        receipts.fold(receipts_max=10)
    else:
        tidy(receipts)


@pytest.mark.parametrize("verb", ["fold", "merge"])
def test_files_when_the_process_is_killed_before_one_counts_then_nothing_is_lost_or_double(
    open_both: Open, request: pytest.FixtureRequest, verb: str, tmp_path: Path
) -> None:
    jobs, receipts = open_both()
    if verb == "merge":
        tidy(receipts)  # so that the first thing it writes afterwards is a merged file
    batches = limits.lake.COMPACT_FILES
    for n in range(batches):
        jobs.advance("crm", n, receipts=numbered(3, start=3 * n))
        if verb == "merge":
            receipts.fold(receipts_max=1)
    before = set(tmp_path.rglob("*.parquet"))
    child = multiprocessing.get_context("spawn").Process(
        target=_die_while, args=(verb, request.node.callspec.params["open_both"], tmp_path)
    )
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    if verb == "fold":
        assert set(tmp_path.rglob("*.parquet")) - before, "it was killed too early"
    expected = newest_first(numbered(3 * batches))
    again = open_both()[1]
    assert ids(again) == expected
    fold_all(again)
    tidy(again)
    assert ids(again) == ids(receipts) == expected
    assert len(list(tmp_path.rglob("*.parquet"))) == 1, "what nobody names has gone"


# --- people who are erased ------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_folded", [False, True], ids=["blobs", "files"])
def test_erase_when_somebody_is_deleted_then_their_receipts_and_what_others_say_of_them_are_gone(
    open_both: Open, tmp_path: Path, *, is_folded: bool
) -> None:
    jobs, receipts = open_both()
    about_both = b'[{"request":{"body":"[{\\"userId\\":\\"zo\xc3\xab\\"},{\\"userId\\":\\"ann\\"}]"}}]'
    kept = [
        receipt("later", user_id="zoë", offset=50),
        failure("batch"),
        receipt("other", user_id="zoës"),
        receipt("quiet", status=RETRYING, reason="503"),
    ]
    jobs.advance("crm", 1, receipts=[receipt("own", user_id="zoë"), kept[0]])
    jobs.advance("crm", 2, receipts=[receipt("tried", user_id="zoë", status=RETRYING, reason="503"), kept[3]])
    batch = msgspec.structs.replace(kept[1], message="no such user: zoë", exchange=about_both)
    encoded = base64.b64encode('{"userId":"zoë-7f3a91"}'.encode())
    kinesis = failure("kinesis", exchange=b'{"Data":"%b"}' % encoded)
    jobs.advance("crm", 3, receipts=[batch, kept[2], kinesis])
    if is_folded:
        fold_all(receipts)
    assert sum(receipts.erase(["zoë", "zoë-7f3a91"], before=50)) >= 4
    assert sorted(ids(receipts)) == ["batch", "kinesis", "later", "other", "quiet"]
    assert receipts.whole(kinesis.id) == msgspec.structs.replace(kinesis, exchange=None)
    assert receipts.whole(batch.id) == msgspec.structs.replace(batch, message="", exchange=None)
    assert sum(receipts.erase(["zoë"], before=50)) == 0
    assert len(list(tmp_path.rglob("*.parquet"))) == is_folded, "the file before is gone"
    assert receipts.find(Wanted(user_id="zoës"), limit=9).receipts[0].message_id == "other"
