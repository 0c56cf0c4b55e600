"""Events are shown, and never obeyed: their senders choose names that a terminal would take for commands."""

from typing import Any

import pytest

from headwater.cli import dead_letters, sql, violations
from headwater.cli.explain import _show
from headwater.cli.terminal import counted, printable, printable_lines

RED = "\x1b[31m"
TITLE = "\x1b]0;owned\x07"


def test_printable_when_text_holds_commands_then_they_are_shown_escaped() -> None:
    assert printable(f"{TITLE}Köln\n\x9b2J") == "\\x1b]0;owned\\x07Köln\\n\\x9b2J"
    assert printable_lines(f"a\n{RED}b") == "a\n\\x1b[31mb"


def test_counted_when_there_is_one_then_the_noun_is_singular() -> None:
    assert [counted(count, "event") for count in (0, 1, 2_000)] == ["0 events", "1 event", "2,000 events"]
    assert counted(2, "reply", "replies") == "2 replies"


def test_explain_when_values_hold_commands_then_the_terminal_gets_none(capsys: pytest.CaptureFixture[str]) -> None:
    step = {"stage": "govern", "outcome": RED, "detail": {"detail": f"{RED}\n  8  faked"}, "quiet": False}
    journey: dict[str, Any] = {
        "id": "0.0",
        "source": "website",
        "received_at": "2026-01-02T03:04:05.678Z",
        "ended": "accepted",
        "steps": [step],
        "deliveries": [],
        "dead_letter": None,
        "received": {},
        "changes": [{"path": RED, "before": TITLE}],
    }
    _show({"message_id": TITLE, "journeys": [journey], "looked": []})
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "\n  8  faked" not in shown


def test_violations_when_shown_then_the_field_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {"last_hour": 1, "last_24_hours": 1, "last_7_days": 1, "last_seen": "2026-01-02T03:04:05.678Z"}
    place = {"plan": "commerce", "source": "website", "call": "track", "event": RED, "field": "properties.a"}
    line = counts | place
    wrong_type = {"type": "Invalid Type", "description": "Expected: string, given: number"}
    missing = {"type": "Required", "description": "properties.a is required"}
    violations._print([line | wrong_type, line | missing])
    first, _, second, _ = capsys.readouterr().out.splitlines()
    assert first == ("commerce  website  \\x1b[31m  Invalid Type: properties.a: Expected: string, given: number")
    assert second == "commerce  website  \\x1b[31m  Required: properties.a is required"


@pytest.mark.parametrize(
    ("count", "dry_run", "said"),
    [
        (1, False, "1 dead letter is discarded"),
        (2, False, "2 dead letters are discarded"),
        (1, True, "1 dead letter would be discarded"),
    ],
)
def test_dead_letters_when_decided_then_says_how_many(count: int, dry_run: bool, said: str) -> None:
    assert dead_letters._done(count, "discarded", dry_run=dry_run) == said


def test_sql_when_written_to_a_pipe_then_no_value_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 5_000
    sql._print_table(["body"], [[f"{long}{RED}"]])
    shown = capsys.readouterr().out
    assert f"{long}\\x1b[31m" in shown
    assert "1 row\n" in shown
