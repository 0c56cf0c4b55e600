"""docs/reference/fql.md: every example is run, every table is held against the source."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headwater import fql, limits
from headwater.cli import app
from headwater.fql.functions import FUNCTIONS
from headwater.fql.parser import parse

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "fql.md").read_text()
EVENT = re.search(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[1].encode()  # type: ignore[index]


def lines(language: str) -> list[tuple[str, str]]:
    """(expression, what the page says it gives) of all blocks in this language."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [tuple(part.strip() for part in line.split("→")) for block in blocks for line in block.splitlines()]  # type: ignore[misc]


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under these column names."""
    table = PAGE.partition(heading)[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def consoles() -> list[tuple[str, str]]:
    """(command, its output) of all console blocks."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [
        (command, output)
        for block in blocks
        for command, output in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", block, re.MULTILINE)
    ]


def answer(text: str, *, trigger: bool = False) -> str:
    try:
        return "true" if fql.compile_filter(text, trigger=trigger).matches(EVENT) else "false"
    except fql.FqlEvaluationError:
        return "error"


@pytest.mark.parametrize(("text", "given"), lines("fql"))
def test_example_when_asked_then_gives_what_the_page_says(text: str, given: str) -> None:
    if given in {"true", "false", "error"}:
        assert answer(text) == given
    else:
        assert fql.compile_value(text).of(EVENT) == json.loads(given)


@pytest.mark.parametrize(("text", "given"), lines("trigger"))
def test_trigger_when_asked_then_gives_what_the_page_says(text: str, given: str) -> None:
    assert answer(text, trigger=True) == given


@pytest.mark.parametrize("row", rows("| expression | filter | trigger | because |"))
def test_difference_when_asked_then_gives_what_the_page_says(row: list[str]) -> None:
    text = row[0].strip("`")
    assert [answer(text), answer(text, trigger=True)] == row[1:3]
    assert row[1] != row[2]


@pytest.mark.parametrize("row", rows("| operator | written | is true when |"))
def test_operator_of_triggers_when_asked_then_true(row: list[str]) -> None:
    for text in re.findall(r"`([^`]+)`", row[1]):
        assert answer(text, trigger=True) == "true"


@pytest.mark.parametrize("row", rows("| written | answer |"))
def test_mistake_when_made_then_the_page_has_the_answer(row: list[str]) -> None:
    with pytest.raises(fql.FqlError) as caught:
        fql.parse(row[0].strip("`"))
    assert f"{caught.value.problem}; {caught.value.hint}" == row[1]


@pytest.mark.parametrize(("command", "output"), consoles())
def test_command_when_run_then_prints_what_the_page_says(command: str, output: str) -> None:
    *before, words = [list(part) for part in split(shlex.split(command))]
    fed = " ".join(before[0][1:]) if before else ""
    assert words[0] == "headwater"
    assert CliRunner().invoke(app, words[1:], input=fed).output == output


def split(words: list[str]) -> list[list[str]]:
    """At the pipe."""
    if "|" not in words:
        return [words]
    at = words.index("|")
    return [words[:at], words[at + 1 :]]


def test_page_when_it_lists_functions_then_these_and_no_others() -> None:
    signatures = {
        signature for row in rows("| function | gives |") for signature in re.findall(r"`(\w+\(.*?\))`", row[0])
    }
    assert signatures == {function.signature for function in FUNCTIONS.values()}


def test_page_when_it_states_the_grammar_then_the_parser_s() -> None:
    stated = PAGE.partition("## The grammar\n\n```\n")[2].partition("```")[0]
    assert (
        stated.replace("name", "ident").split() == str(parse.__globals__["__doc__"]).partition("\n\n")[2].split()
    )


def test_page_when_it_states_bounds_then_these() -> None:
    stated: list[Any] = [row[1] for row in rows("| bound | value |")]
    assert stated == [
        f"{limits.fql.BYTES_MAX:,} bytes",
        str(limits.fql.DEPTH_MAX),
        str(limits.fql.PATH_NAMES_MAX),
        str(limits.fql.NUMBER_CHARS_MAX),
        str(limits.fql.GLOB_CHARS_MAX),
    ]
    assert f"a line may have {limits.operations.TOOL_LINE_BYTES_MAX:,} bytes" in PAGE
