"""`headwater transform test` on a folder: what it prints, and what it refuses."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from headwater.cli import app
from headwater.cli.transform import _show
from headwater.config import changes
from headwater.destinations import registry
from headwater.errors import ConfigError, InputError
from headwater.profiles.embedded import embedded


def found(**step: Any) -> dict[str, Any]:
    line = {
        "transformation": "tidy",
        "version": 3,
        "destination": "",
        "outcome": "changed",
        "problem": "",
        "changes": [],
    }
    event = {
        "message_id": "m1",
        "source": "website",
        "type": "track",
        "event": "A",
        "received_at": "2026-01-02T03:04:05.678Z",
        "as_received": True,
        "steps": [line | step],
    }
    counts = {"tested": 1, "as_received": 1, "matched": 1, "changed": 1, "dropped": 0, "errors": 0}
    return counts | {"transformations": {"tidy": {"changed": 1}}, "events": [event]}


def test_output_when_values_differ_then_a_line_with_a_sign_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    values = [
        {"path": "a", "before": 1},
        {"path": "b", "after": "x"},
        {"path": "c", "before": None, "after": {"d": [1]}},
    ]
    _show(found(changes=values))
    assert capsys.readouterr().out == (
        "A  m1  website  2026-01-02T03:04:05.678Z\n"
        "  tidy@3 changes it\n"
        "    - a: 1\n"
        '    + b: "x"\n'
        '    ~ c: null → {"d": [1]}\n'
        "\n"
        "1 event tested, 1 matched: 1 changed, 0 dropped, 0 with errors\n"
        "  tidy: 1 changed\n"
    )


def test_output_when_it_goes_to_a_terminal_then_signs_have_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(typer, "echo", lambda text="", **_: lines.append(text))
    _show(found(changes=[{"path": "a", "before": 1}, {"path": "b", "after": 1}]))
    assert "    \x1b[31m- a: 1\x1b[0m" in lines
    assert "    \x1b[32m+ b: 1\x1b[0m" in lines


def test_output_when_data_would_steer_the_terminal_then_it_cannot(capsys: pytest.CaptureFixture[str]) -> None:
    bad = found(changes=[{"path": "a\x1b]0;x\x07", "before": "\x1b[2J\x9b31m\u202e"}])
    bad["events"][0] |= {"event": "\x1b[2JA", "message_id": "m\r1"}
    _show(bad)
    shown = capsys.readouterr().out
    assert not {char for char in shown if not char.isprintable()} - {"\n"}


def test_output_when_the_rule_is_for_a_destination_or_fails_then_it_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    event = found(destination="crm", outcome="held_back", problem="no text")
    event["events"][0]["as_received"] = False
    event["as_received"] = 0
    _show(event)
    shown = capsys.readouterr().out
    assert "  tidy@3 cannot be applied, the event is held back for crm: no text\n" in shown
    assert "(from the lake, transformed before)" in shown
    assert "1 of them are no longer in the collected log" in shown


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in which a workspace was applied and nothing has run yet."""
    (tmp_path / "data").mkdir()
    with closing(embedded(tmp_path / "data").config()) as store:
        changes.apply(store, "workspace: shop\nsources: [{name: website}]\n", "", registry, "ann")
    return tmp_path / "data"


def run(data: Path, *arguments: str) -> str:
    result = CliRunner().invoke(app, ["transform", "test", "--data", str(data), *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_command_when_nothing_has_come_yet_then_nothing_is_tested(data: Path) -> None:
    before = {path for path in data.rglob("*") if path.is_file()}
    assert run(data) == "0 events tested, 0 matched: 0 changed, 0 dropped, 0 with errors\n"
    assert json.loads(run(data, "--json"))["events"] == []
    after = {path for path in data.rglob("*") if path.is_file()}
    assert {path.name.partition("-")[0] for path in after - before} <= {"config.db"}, "only SQLite's own"


def test_command_when_what_it_names_is_not_there_then_it_says_so(data: Path, tmp_path: Path) -> None:
    for option, code in (("--transformation", "unknown_transformation"), ("--source", "unknown_source")):
        with pytest.raises(InputError) as caught:
            run(data, option, "none")
        assert caught.value.code == code
    file = tmp_path / "wrong.yaml"
    file.write_text("workspace: shop\ntransformations: [{name: a, if: '(', drop: true}]\n")
    with pytest.raises(ConfigError) as wrong:
        run(data, "--file", str(file))
    assert wrong.value.lines()[0].startswith(f"{file}:2: transformations[0].if: not FQL: line 1, column 2: ")
