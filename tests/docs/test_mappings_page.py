"""docs/reference/mappings.md: every example is run, every table is held against the source."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headwater import limits
from headwater.cli import app
from headwater.mapping.checks import DIRECTIVES
from headwater.mapping.kit import MappingError, compile_mapping, problems
from headwater.mapping.liquid import TAGS
from headwater.mapping.liquid_filters import FILTERS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference" / "mappings.md").read_text()
GUIDE = (DOCS / "guides" / "mappings.md").read_text()


def blocks(language: str, page: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


EVENT, MAPPING_FILE = map(json.loads, blocks("json"))
EXAMPLES = [tuple(line.split(" → ", 1)) for block in blocks("mapping") for line in block.splitlines()]


def rows(heading: str) -> list[list[str]]:
    table = PAGE.partition(heading)[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


@pytest.mark.parametrize(("written", "given"), EXAMPLES)
def test_example_when_resolved_then_what_the_page_says(written: str, given: str) -> None:
    mapping = json.loads(written)
    if given.startswith("error: "):
        with pytest.raises(MappingError, match=re.escape(given.removeprefix("error: "))):
            compile_mapping(mapping).resolve(EVENT)
    elif given == "nothing":
        assert compile_mapping({"v": mapping}).resolve(EVENT) == {}
    else:
        made = compile_mapping(mapping).resolve(EVENT)
        assert (made, type(made)) == (json.loads(given), type(json.loads(given)))


def test_page_when_there_is_a_directive_then_a_row_and_an_example() -> None:
    listed = {re.findall(r"`(@\w+)`", row[0])[0] for row in rows("| directive | argument | gives |")}
    assert listed == DIRECTIVES.keys()
    assert {name for name in DIRECTIVES if f'{{"{name}"' not in str(EXAMPLES)} == set()


def test_page_when_it_lists_tags_and_filters_then_these() -> None:
    tags, filters = re.findall(r"^(?:Tags|Filters): (.*?)\.(?:$|\s[A-Z])", PAGE, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`([^`]+)`", tags)) == TAGS | {"raw"}
    assert set(re.findall(r"`([^`]+)`", filters)) == FILTERS.keys()


@pytest.mark.parametrize("row", rows("| written | answer |"))
def test_mistake_when_made_then_the_page_has_the_answer(row: list[str]) -> None:
    (problem,) = problems(json.loads(row[0].strip("`")))
    assert f"{problem.path}: {problem.message}" == row[1]


def test_page_when_it_states_bounds_then_these() -> None:
    assert [row[1] for row in rows("| bound | value |")] == [
        f"{bound:,}"
        for bound in (
            limits.mapping.CHARS_MAX,
            limits.mapping.VALUES_MAX,
            limits.mapping.READS_MAX,
            limits.mapping.DEPTH_MAX,
            limits.mapping.WORK_MAX,
            limits.mapping.LIQUID_CHARS_MAX,
            limits.mapping.LIQUID_WORK_MAX,
        )
    ]
    assert f"{limits.mapping.LIQUID_WORK_MAX:,} characters, counted" in PAGE


def consoles(page: str) -> list[tuple[str, str]]:
    return [
        (command, output)
        for block in blocks("console", page)
        for command, output in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", block, re.MULTILINE)
    ]


@pytest.mark.parametrize(("command", "output"), consoles(PAGE) + consoles(GUIDE))
def test_command_when_run_then_prints_what_the_page_says(
    command: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mapping.json").write_text(json.dumps(MAPPING_FILE))
    for number, block in enumerate(blocks("json", GUIDE)):
        (tmp_path / f"guide{number or ''}.json").write_text(block)
    words: list[Any] = shlex.split(command)
    fed = ""
    if "|" in words:
        at = words.index("|")
        fed, words = " ".join(words[1:at]), words[at + 1 :]
    assert words[0] == "headwater"
    assert CliRunner().invoke(app, words[1:], input=fed).output == output
