"""The guide to destinations of one's own shows code that runs."""

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "write-a-destination.md"


def test_guide_when_it_shows_python_then_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "destination"))
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert len(blocks) >= 4
    shared: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(GUIDE), "exec"), shared)


def test_guide_when_it_shows_an_entry_point_then_the_example_has_it() -> None:
    shown = re.findall(r"^\[project\.entry-points.*\]\n.*$", GUIDE.read_text(), re.MULTILINE)
    assert shown
    project = (ROOT / "examples" / "destination" / "pyproject.toml").read_text()
    assert all(each in project for each in shown)
