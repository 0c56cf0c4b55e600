"""Whose events a role must not pass on."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from headwater.event import OutboundEvent
from headwater.privacy import live as live_module
from headwater.privacy.live import LiveBarred
from headwater.privacy.regulation import RegulationType
from headwater.privacy.sqlite import SqliteRegulations


@pytest.fixture
def regulations(tmp_path: Path) -> Iterator[SqliteRegulations]:
    opened = SqliteRegulations(tmp_path / "r.db", bells=tmp_path / "bells", secret=tmp_path / "secret")
    with contextlib.closing(opened):
        yield opened


@pytest.fixture
def live(regulations: SqliteRegulations) -> Iterator[LiveBarred]:
    with contextlib.closing(LiveBarred(regulations)) as opened:
        yield opened


def ask(regulations: SqliteRegulations, type_: RegulationType, *users: str) -> str:
    return regulations.request(type_, users, author="a test", destinations={}).id


def event(user: str | None, *, offset: int = 5, previous: str | None = None) -> OutboundEvent:
    body = msgspec.json.encode({"userId": user, **({"previousId": previous} if previous else {})})
    return OutboundEvent(offset, 0, "m", "track", "A", None, user, None, None, None, "w", 1, 1, None, None, body)


def test_live_when_nobody_is_suppressed_then_empty_and_lets_all_pass(live: LiveBarred) -> None:
    assert not live
    assert "ann" not in live
    assert live.why_not(event("ann")) == ""


def test_live_when_it_changes_then_rings_and_knows_after_a_refresh(
    regulations: SqliteRegulations, live: LiveBarred
) -> None:
    ask(regulations, RegulationType.SUPPRESS_ONLY, "ann")
    assert live.wait(5)
    assert "ann" not in live, "whoever refreshes decides when"
    assert live.refresh()
    assert not live.wait(0)
    assert "ann" in live
    assert "bob" not in live
    assert None not in live
    assert [live.why_not(e) for e in (event("ann"), event("bob"), event("bob", previous="ann"), event(None))] == [
        "suppressed",
        "",
        "suppressed",
        "",
    ]
    assert not live.is_erased(event("ann")), "suppressed is not deleted"


def test_live_when_a_deletion_has_begun_then_bars_what_came_before_only(
    regulations: SqliteRegulations, live: LiveBarred
) -> None:
    regulations.begin(ask(regulations, RegulationType.DELETE_INTERNAL, "ann"), 5)
    assert live.refresh()
    assert not live, "new events are taken"
    old, new = event("ann", offset=4), event("ann", offset=5)
    assert [live.why_not(old), live.why_not(new)] == ["deleted", ""]
    assert [live.is_erased(e) for e in (old, new, event("bob", offset=4, previous="ann"))] == [True, False, True]


def test_refresh_when_a_receipt_was_written_then_there_is_nothing_new(
    regulations: SqliteRegulations, live: LiveBarred
) -> None:
    ask(regulations, RegulationType.DELETE_INTERNAL, "ann")
    assert not live.refresh()


def test_live_when_more_users_pass_than_are_remembered_then_answers_stay_right(
    regulations: SqliteRegulations, live: LiveBarred, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "REMEMBERED_MAX", 3)
    ask(regulations, RegulationType.SUPPRESS_ONLY, "user 3", "user 8")
    live.refresh()
    for _ in range(2):
        assert [n for n in range(10) if f"user {n}" in live] == [3, 8]
