"""What the README tells a newcomer to type works, and shows what it says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()

sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
from system import System  # noqa: E402


def block(name: str) -> list[str]:
    """The lines of the code block under `<!-- runnable: name -->`."""
    found = re.search(rf"<!-- runnable: {name} -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert found, f"no runnable block {name!r} in the README"
    return found[1].splitlines()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    workspace: dict[str, Any] = {"workspace": "readme", "sources": [{"name": "backend", "write_key": "wk_YOURS"}]}
    running = System(tmp_path_factory.mktemp("readme"), workspace)
    running.wait_until_ready()
    yield running
    assert running.stop() == 0, running.output()


@pytest.mark.skipif(not shutil.which("curl") and "CI" not in os.environ, reason="no curl on this machine")
def test_readme_when_its_commands_are_run_then_the_result_is_the_one_shown(system: System) -> None:
    _, curl, sql = block("send and ask")
    curl = curl.replace("http://127.0.0.1:8080", system.url)
    answer = subprocess.run(shlex.split(curl), capture_output=True, text=True, timeout=30, check=True)
    assert answer.stdout == '{"success":true}'
    command, subcommand, statement = shlex.split(sql)
    assert (command, subcommand) == ("headwater", "sql")
    system.wait_for_rows(statement, bool)
    shown = subprocess.run(
        [sys.executable, "-m", "headwater", subcommand, "--data", str(system.data), statement],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    ).stdout
    assert shown.strip() in README


def test_readme_when_it_names_a_make_target_then_there_is_one() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert (
        set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))))
        <= targets
    )


def test_readme_when_it_is_read_then_it_fits_the_first_screens() -> None:
    assert len(README.splitlines()) < 90
