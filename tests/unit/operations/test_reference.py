"""A command, flag, metric or setting that is not in the reference fails here."""

import importlib
import pkgutil
import re
from pathlib import Path

import prometheus_client
import pytest
import typer.main

import headwater
from headwater.cli import app

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
SOURCES = sorted(Path(headwater.__path__[0]).rglob("*.py"))

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
# `plan FILE` and `plan infer SOURCE` are one word on the command line and two commands behind it.
GROUPS = {name: command for name, command in COMMANDS.items() if hasattr(command, "commands")}
COMMANDS = {name: command for name, command in COMMANDS.items() if name not in GROUPS or command.params} | {
    f"{group} {name}": command for group in GROUPS for name, command in GROUPS[group].commands.items()
}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_flag_is_documented(name: str) -> None:
    text = (REFERENCE / "commands.md").read_text()
    rows = [line for line in text.splitlines() if re.match(rf"\| `headwater {name}[ `]", line)]
    assert rows, f"no row for `headwater {name}` in commands.md"
    for parameter in COMMANDS[name].params:
        for flag in parameter.opts:
            if flag.startswith("--") and flag != "--help":
                assert flag in rows[0], f"{flag} of `headwater {name}` is not in commands.md"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_variable_of_a_flag_is_documented(name: str) -> None:
    text = (REFERENCE / "settings.md").read_text()
    for parameter in COMMANDS[name].params:
        if parameter.envvar:
            assert f"| `{parameter.opts[0]}` | `{parameter.envvar}` |" in text


def test_every_setting_in_the_sources_is_documented() -> None:
    text = (REFERENCE / "settings.md").read_text()
    used = {name for path in SOURCES for name in re.findall(r"\bHEADWATER_[A-Z_]*[A-Z]\b", path.read_text())}
    assert used
    assert {name for name in used if f"`{name}`" not in text} == set()


def test_every_metric_is_documented() -> None:
    text = (REFERENCE / "metrics.md").read_text()
    modules = [
        m.name for m in pkgutil.walk_packages(headwater.__path__, "headwater.") if m.name.endswith(".metrics")
    ]
    for module in modules:
        importlib.import_module(module)
    registered = {family.name for family in prometheus_client.REGISTRY.collect()}
    # Families that exist only while their role runs are found by their names in the source.
    written = {
        name
        for path in SOURCES
        if path.name == "metrics.py"
        for name in re.findall(r'"(headwater_[a-z0-9_]+)"', path.read_text())
    }
    ours = written | {name for name in registered if name.startswith("headwater_")}
    assert {name for name in ours if not re.search(rf"`{name}(_total)?`", text)} == set()
