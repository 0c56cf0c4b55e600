"""Destination types of other packages: folders as an installation leaves them, found the way Python finds them."""

import textwrap
from importlib.metadata import EntryPoint, distributions
from pathlib import Path

import pytest

from headwater.destinations import plugins, registry
from headwater.destinations.kit.soundness import flaws

SOUND = """
    import msgspec
    from headwater.destinations.kit.exchange import json_request, one_request
    from headwater.destinations.kit.model import Action, DestinationType, Preset

    class Settings(msgspec.Struct, frozen=True, kw_only=True):
        url: str

    def send(settings):
        return one_request(lambda items, attempt: json_request("POST", settings.url, items[0].payload))

    def made(name, trigger='type = "track"', action="send", mapping={}, **more):
        given = {"label": "L", "category": "analytics", "description": "D.", "settings": Settings}
        given["actions"] = (Action(name="send", label="Send", description="D.", perform=send),)
        given["presets"] = (Preset(name="All", action=action, trigger=trigger, mapping=mapping),)
        return DestinationType(name=name, **(given | more))
"""


def install(folder: Path, package: str, name: str, code: str) -> None:
    """`package` with one module, whose TYPE is the destination type `name`."""
    module = package.replace("-", "_")
    (folder / f"{module}.py").write_text(textwrap.dedent(SOUND) + textwrap.dedent(code))
    about = folder / f"{module}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{name} = {module}:TYPE\n")


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    monkeypatch.syspath_prepend(str(folder))
    return [point for found in distributions(path=[str(folder)]) for point in found.entry_points]


def test_discovery_when_a_package_is_sound_then_its_type_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "plug-sound", "sound", 'TYPE = made("sound")')
    found = plugins.discover((), installed(tmp_path, monkeypatch))
    assert found.refused == []
    assert found.plugins["sound"].package == "plug-sound 1.0"
    assert found.plugins["sound"].type.label == "L"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ('raise RuntimeError("no licence")', "RuntimeError: no licence"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("import no_such_module_at_all", "ModuleNotFoundError: No module named 'no_such_module_at_all'"),
        ("TYPEE = 1", "has no attribute 'TYPE'"),
        ("TYPE = 1", "is a int, not a DestinationType"),
        ('TYPE = made("other")', "the entry point is called broken, and its type other"),
        ('TYPE = made("Broken")', "the name 'Broken' is not lower-case"),
        ('TYPE = made("broken", label=" ")', "it has no label"),
        ('TYPE = made("broken", settings=dict)', "`settings` is not a msgspec.Struct"),
        ('TYPE = made("broken", actions=())', "it has no actions"),
        ('TYPE = made("broken", test=1)', "`test` is not a function"),
        ('TYPE = made("broken", action="sned")', "the preset 'All' names the action sned, which there is not"),
        ('TYPE = made("broken", trigger="type = ")', "the trigger of the preset 'All'"),
        ('TYPE = made("broken", mapping={"emial": 1})', "the mapping of the preset 'All': emial no field of send"),
        ('TYPE = made("broken", mapping={"@path": 1, "@if": 2})', "the mapping of the preset 'All'"),
        ('t = made("broken")\nTYPE = made("broken", actions=t.actions * 2)', "two actions are called send"),
        ('t = made("broken")\nTYPE = made("broken", presets=t.presets * 2)', "two presets are called All"),
    ],
)
def test_discovery_when_a_package_is_broken_then_only_it_is_refused_and_why_is_said(
    *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, why: str
) -> None:
    install(tmp_path, f"plug-{abs(hash(code))}", "broken", code)
    install(tmp_path, "plug-beside", "sound", 'TYPE = made("sound")')
    found = plugins.discover((), installed(tmp_path, monkeypatch))
    assert list(found.plugins) == ["sound"]
    (refused,) = found.refused
    assert refused.name == "broken"
    assert why in refused.why


def test_discovery_when_a_name_is_ours_then_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "plug-clash", "webhook", 'TYPE = made("webhook")')
    found = plugins.discover(registry.OURS, installed(tmp_path, monkeypatch))
    assert found.plugins == {}
    assert "Headwater has a destination type webhook of its own" in found.refused[0].why


def test_discovery_when_two_packages_clash_then_the_first_by_name_stays_wherever_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "plug-zeta", "twin", 'TYPE = made("twin")')
    install(tmp_path, "plug-alpha", "twin", 'TYPE = made("twin")')
    points = installed(tmp_path, monkeypatch)
    for order in (points, points[::-1]):
        found = plugins.discover((), order)
        assert found.plugins["twin"].package == "plug-alpha 1.0"
        assert found.refused[0].package == "plug-zeta 1.0"
        assert "plug-alpha 1.0 brings a destination type twin already" in found.refused[0].why


@pytest.mark.parametrize("name", sorted(registry.OURS))
def test_type_when_it_is_ours_then_it_hangs_together(name: str) -> None:
    assert registry.OURS[name].name == name
    assert flaws(registry.OURS[name]) == []
