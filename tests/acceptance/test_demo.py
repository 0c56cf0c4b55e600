"""`make demo`: its numbers add up, it leaves nothing running, and it would notice if they did not add up."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

SHOP = Path(__file__).parents[2] / "examples" / "shop"
DEMO_S_MAX = 150

sys.path.insert(0, str(SHOP))
import report  # noqa: E402
from delivery import TOOLS, Delivery  # noqa: E402
from receiver import Books, Inbox, Told  # noqa: E402
from story import BESIDE, Story, broken, tell  # noqa: E402


def demo(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    folder.mkdir()
    return subprocess.Popen(
        [sys.executable, "-u", str(SHOP / "demo.py"), "--folder", str(folder), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def numbers(output: str, word: str) -> list[int]:
    """The figures in the line of a table that begins with `word`."""
    line = next(line for line in output.splitlines() if line.split()[:1] == [word])
    return [int(text.replace(",", "")) for text in line.split()[1:] if text != "ms"]


def processes_on(folder: Path) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:  # it has just ended
            continue
        if any(word.startswith(os.fsencode(folder)) for word in words):
            found.append(int(path.parent.name))
    return found


def test_demo_when_run_once_then_the_numbers_add_up_and_it_ends_well(tmp_path: Path) -> None:
    process = demo(tmp_path / "demo", "--once")
    output, _ = process.communicate(timeout=DEMO_S_MAX)
    assert process.returncode == 0, output
    assert "\x1b" not in output, "plain text when piped"
    assert "✗" not in output
    assert output.count("✓") == 34
    by_sdk, in_lake, received = numbers(output, "together")
    story = tell(7, datetime.now(UTC))
    assert f"{len(story.duplicates)} duplicates were dropped" in output
    assert by_sdk == len(story.calls) + len(story.duplicates)
    types = [numbers(output, type_) for type_ in story.by_type()]
    assert [by_sdk, in_lake, received] == [sum(column) for column in zip(*types, strict=True)]
    beside = 2  # good events were posted beside a broken one
    assert in_lake == by_sdk - len(story.duplicates) + beside
    assert f"{story.orders:,} orders, {story.revenue_cents / 100:,.2f} EUR revenue" in output
    assert f"{story.people({BESIDE})} people on {story.devices} devices" in output
    assert f"best customer: {story.best_customer}, order_count" in output
    assert numbers(output, "buyers")[:3] == [len(story.spent_cents), len(story.spent_cents), 0]
    assert numbers(output, "flash_buyers")[:3] == [0, len(story.flash_buyers), len(story.flash_buyers)]
    for case in broken("wk"):
        assert re.search(rf"^  {case.what} +{case.status} .*: {case.outcome}", output, re.MULTILINE), case.what
    assert "`headwater up` ended with exit code 0" in output
    assert processes_on(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo_when_stopped_in_the_middle_then_nothing_stays_behind(tmp_path: Path, number: signal.Signals) -> None:
    process = demo(tmp_path / "demo")
    assert process.stdout
    for line in process.stdout:
        if line.startswith("A week of the shop"):
            process.send_signal(number)
            break
    output = process.stdout.read()
    assert process.wait(DEMO_S_MAX) == 130, output
    process.stdout.close()
    assert "Stopped before the report" in output
    assert processes_on(tmp_path) == []


def test_story_when_told_twice_then_it_is_the_same() -> None:
    now = datetime.now(UTC)
    assert tell(7, now).calls == tell(7, now).calls
    assert tell(7, now).calls != tell(8, now).calls


def facts() -> report.Facts:
    """What must be read back from a platform that has lost nothing."""
    story = tell(7, datetime.now(UTC))
    cases = [(case, case.status) for case in broken("wk_shop_backend")]
    sent = report.Sent(story, cases, [], 1.0)
    ids = sorted(sent.message_ids)
    discarded = Counter(case.outcome for case, _ in cases for _ in range(case.discarded))
    discarded["duplicate"] = len(story.duplicates)
    accepted = sent.stored - discarded.total()
    crm, mail = Inbox("a", accepted=accepted, received=Counter(ids)), Inbox("b", accepted=accepted)
    flash = sorted(story.flash_buyers)
    told = [Told("buyers", True, user, 0.0) for user in story.spent_cents]
    told += [Told("flash_buyers", entered, user, 0.0) for user in flash for entered in (True, False)]
    big = sum(cents >= report.BIG_SPENDER_CENTS for cents in story.spent_cents.values())
    people = {
        "users": story.people({BESIDE}),
        "accounts": len(story.companies),
        "audiences": {"buyers": len(story.spent_cents), "big_spenders": big, "flash_buyers": 0},
    }
    return report.Facts(
        sent=sent,
        requests=Counter(),
        collected=sent.stored,
        outcomes={("backend", "accepted"): accepted, **{("backend", k): n for k, n in discarded.items()}},
        deliveries={},
        types=[{"type": "track", "events": accepted, "repeated": 0}],
        people={"message_ids": len(ids)},
        revenue={"orders": story.orders, "revenue": story.revenue_cents / 100},
        countries={"codes": 0, "people": 5},
        products=[],
        dead_letters=[{"reason": reason} for reason in discarded.elements() if reason != "duplicate"],
        status={"ready": True, "roles": {}, "people": people},
        identity={"created": people["users"] + people["accounts"] + 7, "merged": 7},
        best={"revenue": story.spent_cents[story.best_customer] / 100},
        best_s=0.001,
        tools=report.Tools(crm, mail, Inbox("c", told=told), books_of(story), Inbox("e", accepted=story.orders)),
        delivery=Delivery(
            receipts={name: receipts_of(delivered=accepted, retrying=3) for name in TOOLS},
            counted=story.orders,
            replay={"state": "done", "sent": story.orders},
        ),
    )


def books_of(story: Story, *, left_out: int = 0) -> Books:
    """Every order but so many, the first with all the revenue."""
    orders = range(story.orders - left_out)
    return Books("d", lines={str(n): {"total": 0 if n else story.revenue_cents / 100} for n in orders})


def receipts_of(**counts: int) -> dict[str, Any]:
    return {"delivered": 0, "failed": 0, "filtered": 0, "retrying": 0, "pending": 0} | counts


def delivery(*, counted: int | None = None, **changed: dict[str, Any]) -> Delivery:
    """With other receipts of some tools."""
    good = facts().delivery
    names = {name.replace("_", "-"): report for name, report in changed.items()}
    return replace(good, receipts=good.receipts | names, counted=good.counted if counted is None else counted)


def tools(**changed: Inbox | Books) -> report.Tools:
    return facts().tools._replace(**changed)


def people(**changed: Any) -> dict[str, Any]:
    """The status with other numbers of people."""
    status = facts().status
    return {**status, "people": {**status["people"], **changed}}


def broken_claims(changed: report.Facts) -> list[str]:
    return [check.claim for check in report.checks(changed) if not check.holds]


def test_checks_when_nothing_is_lost_then_all_hold() -> None:
    assert broken_claims(facts()) == []


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ({"collected": 5}, "events sent = events answered"),
        ({"outcomes": {("backend", "accepted"): 5}}, "answered = accepted + duplicates + discarded"),
        ({"outcomes": {("backend", "duplicate"): 5}}, "every event that was sent twice was dropped once"),
        ({"types": [{"type": "track", "events": 5, "repeated": 2}]}, "none is in the lake twice"),
        ({"countries": {"codes": 1, "people": 5}}, "every country code was written out before the lake"),
        ({"types": [{"type": "track", "events": 5, "repeated": 0}]}, "accepted = in the lake"),
        ({"people": {"message_ids": 5}}, "no event is missing in the lake"),
        ({"dead_letters": []}, "discarded events = dead letters, with their reasons"),
        ({"revenue": {"orders": 5, "revenue": None}}, "orders in the lake = orders made"),
        ({"tools": tools(crm=Inbox("a", accepted=5))}, "everything accepted reached crm-hook"),
        ({"tools": tools(mail=Inbox("b", accepted=5))}, "everything from the backend reached mail-hook"),
        (
            {"tools": tools(mail=Inbox("b", accepted=9_999, refused={"m"}))},
            "everything mail-hook refused once came again",
        ),
        ({"tools": tools(mail=Inbox("b", accepted=9_999, forged=1))}, "every signature was valid"),
        ({"identity": {"created": 5}}, "profiles begun - merged away = profiles"),
        ({"status": people(users=5)}, "a profile for each visitor, not for each device"),
        ({"status": people(accounts=5)}, "an account for each company"),
        (
            {"status": people(audiences={"buyers": 5, "big_spenders": 5})},
            "everybody who bought is among the buyers",
        ),
        ({"status": people(audiences={"buyers": 5, "big_spenders": 5})}, "big spenders = those of the story"),
        ({"best": {"revenue": 5}}, "revenue of the best customer, by Profile API"),
        ({"tools": tools(ads=Inbox("c"))}, "ads-hook heard of every buyer"),
        ({"delivery": delivery(crm_hook=receipts_of(delivered=5))}, "a receipt for each event at crm-hook"),
        ({"delivery": delivery(ads_hook=receipts_of(failed=1))}, "nothing was given up"),
        (
            {"tools": tools(books=books_of(tell(7, datetime.now(UTC)), left_out=1))},
            "every order is in the books, closed as they were",
        ),
        (
            {"tools": tools(books=Books("d", lines={"1": {"total": 1}}))},
            "and with its total, as the mapping made it",
        ),
        ({"delivery": delivery(books_hook=receipts_of())}, "the receipts know that the books were closed"),
        ({"delivery": delivery(counted=5)}, "the replay counted every order before it sent any"),
        ({"tools": tools(new=Inbox("e", accepted=5))}, "new-hook has every order of the replay, once"),
        ({"tools": tools(ads=Inbox("c"))}, "and everybody who was in it did"),
        (
            {"tools": tools(ads=Inbox("c", told=[Told("flash_buyers", True, "u", 0.0)]))},
            "who entered the flash sale has left it",
        ),
        ({"status": {**people(), "ready": False}}, "every role is ready"),
    ],
)
def test_checks_when_something_is_lost_then_they_say_so(change: dict[str, Any], claim: str) -> None:
    assert claim in broken_claims(replace(facts(), **change))
