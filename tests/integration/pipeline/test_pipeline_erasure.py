"""A deletion, whatever kills the pipeline: begun again it ends verified, and everybody else is untouched."""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dying_child import DIED
from flowing import collect, drain, find, put, running, until, workspace

from headwater.event import CollectedRequest, encode_collected
from headwater.lake.query import connect
from headwater.privacy.port import Regulations
from headwater.privacy.regulation import LAKE, LOGS, PROCESSING, STATE, RegulationType, Status
from headwater.processing import dead_letters
from headwater.profiles.embedded import embedded

CHILD = Path(__file__).with_name("dying_eraser.py")
GONE, KEPT = "gone-zoe-7f3a", "kept-ann-55d0"
OURS = (STATE, LAKE, LOGS)

MOMENTS = [
    "regulations.begin:before:1",
    "regulations.begin:after:1",
    "collected.roll:before:1",
    "collected.roll:after:1",
    "regulations.report:before:1",
    "state.commit:before:1",
    "state.commit:after:1",
    "state.commit:after:2",
    "state.scrub:before:1",
    "state.scrub:after:1",
    "file.fsync:before:1",  # the new file is written, and has no name yet
    "file.fsync:before:2",  # it has its name, and the old one is there as well
    "file.fsync:after:2",
    "outbound.roll:before:1",
    "outbound.roll:after:1",
    *(f"regulations.report:after:{n}" for n in range(1, 8)),
    "regulations.scrub:before:1",
    "regulations.scrub:after:1",
]


def sent(number: int, *events: dict[str, Any], **more: Any) -> bytes:
    body = json.dumps({"batch": events, **more}).encode()
    request = CollectedRequest(
        1_767_323_045_678 + number, "website", "batch", "", "", False, body, len(events), len(body)
    )
    return encode_collected(request)


def track(user: str, message_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": "A", "userId": user, "messageId": message_id, **more}


def fill(data: Path) -> None:
    """Events, links, dead letters, and a request refused as a whole: of both, side by side."""
    for number in range(3):
        both = [track(user, f"{user}.{number}") for user in (GONE, KEPT)]
        bad = [track(user, f"{user}.bad.{number}", event=7) for user in (GONE, KEPT)]
        link = {"type": "alias", "userId": "other", "previousId": GONE, "messageId": f"link.{number}"}
        collect(data, sent(number, *both, *bad, link))
    many = [track(user, f"{user}.many.{n}") for n in range(60) for user in (GONE, KEPT)]
    collect(data, sent(9, *many, context={"traits": {"filler": "x" * 60_000}}))
    put(data, workspace(log_retention_s=0))
    drain(data)


@contextlib.contextmanager
def regulations(data: Path) -> Iterator[Regulations]:
    with contextlib.closing(embedded(data).regulations()) as opened:
        yield opened


def ask(data: Path, type_: RegulationType = RegulationType.DELETE_INTERNAL, user: str = GONE) -> str:
    with regulations(data) as opened:
        return opened.request(type_, [user], author="a test", destinations={}).id


def wait_until_verified(data: Path, regulation: str, *systems: str) -> None:
    with regulations(data) as opened:

        def verified() -> bool:
            found = opened.get(regulation)
            return found is not None and all(found.status(system) is Status.VERIFIED for system in systems)

        until(verified)


def rows(data: Path, condition: str) -> list[Any]:
    with connect(embedded(data).lake()) as connection:
        return connection.execute(f"SELECT * FROM events WHERE {condition} ORDER BY message_id").fetchall()


def letters(data: Path, *, of: str) -> list[dead_letters.DeadLetter]:
    """Of one event each."""
    return [letter for letter in find(data).dead if letter.index >= 0 and of.encode() in letter.payload]


def assert_only_kept(data: Path, others: list[Any], others_letters: list[Any]) -> None:
    assert rows(data, f"body LIKE '%{GONE}%'") == []
    assert rows(data, f"user_id = '{KEPT}'") == others
    assert letters(data, of=KEPT) == others_letters
    (whole,) = [letter for letter in find(data).dead if letter.index < 0]
    request = dead_letters.whole_request(whole)
    assert request is not None
    events, _ = dead_letters.opened(request)
    assert [json.loads(event) for event in events] == [track(KEPT, f"{KEPT}.many.{n}") for n in range(60)]
    assert whole.events == request.events == 60
    named = [str(path) for path in data.rglob("*") if path.is_file() and GONE.encode() in path.read_bytes()]
    # Delivery has not done its part here, so the request still has to know who it is about.
    assert {Path(path).name.split("-")[0] for path in named} <= {"regulations.db"}


@pytest.mark.parametrize("moment", MOMENTS)
def test_erasure_when_killed_then_it_is_taken_up_again_and_only_the_person_is_gone(
    moment: str, tmp_path: Path
) -> None:
    fill(tmp_path)
    others, others_letters = rows(tmp_path, f"user_id = '{KEPT}'"), letters(tmp_path, of=KEPT)
    assert (len(others), len(others_letters)) == (3, 3)
    assert len(rows(tmp_path, f"body LIKE '%{GONE}%'")) == 6
    regulation = ask(tmp_path)
    child = subprocess.run(
        [sys.executable, str(CHILD), str(tmp_path), moment],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert child.returncode == DIED, f"it lived through {moment}: {child.stdout} {child.stderr}"
    with running(tmp_path):
        wait_until_verified(tmp_path, regulation, *OURS)
    assert_only_kept(tmp_path, others, others_letters)


def test_erasure_when_events_keep_coming_then_they_flow_and_only_those_from_before_go(tmp_path: Path) -> None:
    fill(tmp_path)
    stop = threading.Event()
    with running(tmp_path):

        def load() -> None:
            number = 100
            while not stop.is_set():
                collect(tmp_path, sent(number, track(KEPT, f"{KEPT}.{number}"), track(GONE, f"later.{number}")))
                number += 1

        thread = threading.Thread(target=load)
        thread.start()
        try:
            regulation = ask(tmp_path)
            wait_until_verified(tmp_path, regulation, *OURS)
            with regulations(tmp_path) as opened:
                found = opened.get(regulation)
        finally:
            stop.set()
            thread.join()
    assert found is not None
    before = found.collected_before
    assert rows(tmp_path, f"user_id = '{GONE}' AND log_offset < {before}") == []
    kept = rows(tmp_path, f"user_id = '{KEPT}' AND message_id NOT LIKE '%.many.%'")
    later = rows(tmp_path, f"user_id = '{GONE}'")
    assert len(kept) > 3
    assert len(later) >= 1, "a deletion without suppression does not refuse what comes later"


def test_erasure_when_events_wait_in_the_log_then_they_are_processed_first_and_go_as_well(tmp_path: Path) -> None:
    fill(tmp_path)
    regulation = ask(tmp_path)
    collect(tmp_path, *(sent(number, track(GONE, f"waiting.{number}")) for number in range(50)))
    with running(tmp_path):
        wait_until_verified(tmp_path, regulation, *OURS)
    assert rows(tmp_path, f"user_id = '{GONE}'") == []


def test_suppression_when_it_is_asked_for_then_a_running_pipeline_refuses_until_it_is_lifted(
    tmp_path: Path,
) -> None:
    put(tmp_path, workspace())
    with running(tmp_path):
        for number, (type_, taken) in enumerate(
            [(RegulationType.SUPPRESS_ONLY, False), (RegulationType.UNSUPPRESS, True)]
        ):
            wait_until_verified(tmp_path, ask(tmp_path, type_), PROCESSING)
            linked = {"type": "alias", "userId": KEPT, "previousId": GONE, "messageId": f"link {number}"}
            events = [track(GONE, f"gone {number}"), track(KEPT, f"kept {number}"), linked]
            collect(tmp_path, sent(number, *events))
            expected = {f"kept {number}"} | ({f"gone {number}", f"link {number}"} if taken else set())
            until(lambda n=number, e=expected: {r[0] for r in rows(tmp_path, f"message_id LIKE '%{n}'")} == e)  # type: ignore[misc]
    assert find(tmp_path).totals["website", "suppressed"] == 2


def test_erasure_when_a_destination_has_not_read_the_log_then_the_receipt_names_it_until_it_has(
    tmp_path: Path,
) -> None:
    fill(tmp_path)
    with contextlib.closing(embedded(tmp_path).outbound()) as outbound:
        outbound.report("deliver:slow", 0)
        with running(tmp_path):
            regulation = ask(tmp_path)
            with regulations(tmp_path) as opened:

                def detail() -> str:
                    found = opened.get(regulation)
                    assert found is not None
                    return next(r.detail for r in found.receipts if r.system == LOGS)

                until(lambda: "deliver:slow" in detail())
                outbound.report("deliver:slow", outbound.end())
                wait_until_verified(tmp_path, regulation, LOGS)
