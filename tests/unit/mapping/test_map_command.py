"""`headwater map`: mappings and presets tried out on lines of standard input."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headwater import limits
from headwater.cli import app


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(mapping: Any, *arguments: str, fed: bytes = b"") -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    text = mapping if isinstance(mapping, str | bytes) else json.dumps(mapping)
    Path("m.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = CliRunner().invoke(app, ["map", "m.json", *arguments], input=fed)
    return result.exit_code, result.stdout, result.stderr


def test_map_when_events_come_then_one_answer_a_line() -> None:
    fed = b'{"a":1}\n\n{"a":"x"}\r\n  \n{}\n{"a":null}'
    expected = '{"v":1}\n{"v":"x"}\n{}\n{"v":null}\n'
    assert run({"v": {"@path": "$.a"}}, fed=fed) == (0, expected, "")


def test_map_when_the_mapping_makes_nothing_then_null() -> None:
    assert run({"@path": "$.a"}, fed=b"{}\n") == (0, "null\n", "")


def test_map_when_a_line_cannot_be_answered_then_the_next_one_is() -> None:
    fed = (
        b'nope\n[]\n{"a":5}\n'
        + b"[" * 100_000
        + b'\n{"a":"'
        + b"x" * limits.operations.TOOL_LINE_BYTES_MAX
        + b'"}\n{"a":"{{b}}","b":1}\n'
    )
    code, output, _ = run({"v": {"@template": {"@path": "$.a"}}}, fed=fed)
    *failed, last = [json.loads(line) for line in output.splitlines()]
    assert code == 0
    assert [each["error"]["code"] for each in failed] == [
        "unreadable_event",
        "unreadable_event",
        "mapping_failed",
        "unreadable_event",
        "too_large",
    ]
    assert failed[2]["error"] == {
        "code": "mapping_failed",
        "message": "expected a string, got a number",
        "field": "v.@template",
    }
    assert last == {"v": "1"}


def test_map_when_the_mapping_is_malformed_then_every_mistake_with_its_line_and_exit_2() -> None:
    text = '{\n  "a": {"@foo": 1},\n  "b": {\n    "@path": 5}\n}'
    code, output, error = run(text, fed=b"{}\n")
    first, second = error.splitlines()
    assert (code, output) == (2, "")
    assert first.startswith("headwater: m.json:2: a: there is no directive @foo; known are: ")
    assert second == "headwater: m.json:4: b.@path: should be a string or a directive, but is a number"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,,}', "m.json:1:9: not JSON: "),
        ('{\n"a": }', "m.json:2:6: not JSON: "),
        ('{"a": NaN}', "m.json: not JSON: NaN is no number of JSON"),
        ("", "m.json:1:1: not JSON: "),
        ("[" * 100_000, "m.json: nested too deeply"),
        (b'{"a": "\xff"}', "m.json: not JSON: "),
        ("a: [", "m.json:2: "),
        ("a: {'@foo': 1}", "m.json:1: a: there is no directive @foo"),
        ('{"a": "\\ud800"}', "a: has half a character"),
    ],
)
def test_map_when_the_file_cannot_be_read_then_where_and_exit_2(text: str | bytes, said: str) -> None:
    code, output, error = run(text, fed=b"{}\n")
    assert (code, output) == (2, "")
    assert said in error


def test_map_when_the_file_is_yaml_then_it_is_a_mapping_too() -> None:
    assert run("v: {'@path': $.a}\nw: text\n", fed=b'{"a":1}\n') == (0, '{"v":1,"w":"text"}\n', "")


def test_map_when_json_has_what_yaml_has_not_then_it_is_read() -> None:
    assert run(r'{"v": "\/\ud83d\ude42"}', fed=b"{}\n")[1] == '{"v":"/🙂"}\n'


GROUP = b'{"type":"group","groupId":"g1","userId":"u1"}\n'
MIXPANEL = ["--destination", "mixpanel"]


def test_map_when_there_is_an_action_then_its_defaults_and_its_check() -> None:
    mapping = {"group_id": {"@path": "$.groupId"}, "group_key": 7}
    code, output, _ = run(
        mapping, *MIXPANEL, "--action", "join_group", fed=GROUP + b'{"type":"group","userId":"u1"}\n'
    )
    good, bad = map(json.loads, output.splitlines())
    assert code == 0
    assert good == {"user_id": "u1", "group_id": "g1", "group_key": "7"}
    assert (bad["error"]["code"], bad["error"]["field"]) == ("invalid_payload", "group_id")


def test_map_when_there_is_a_preset_then_no_file_is_needed() -> None:
    result = CliRunner().invoke(app, ["map", *MIXPANEL, "--preset", "Users of groups"], input=GROUP)
    assert json.loads(result.stdout) == {"user_id": "u1", "group_id": "g1", "group_key": "$group_id"}


@pytest.mark.parametrize(
    ("mapping", "arguments", "said"),
    [
        ({}, ["--destination", "mixpanle"], "no destination type 'mixpanle'; did you mean mixpanel?"),
        ({}, [*MIXPANEL], "mixpanel has several actions: "),
        (
            {},
            [*MIXPANEL, "--action", "join_groups"],
            "mixpanel has no action 'join_groups'; did you mean join_group?",
        ),
        ({}, [*MIXPANEL, "--preset", "Group"], "mixpanel has no preset 'Group'; did you mean Groups?"),
        ({"grup_id": 1}, [*MIXPANEL, "--action", "join_group"], "m.json:1: grup_id: no field of join_group; "),
        ([], [*MIXPANEL, "--action", "join_group"], "m.json:1: mapping: should be an object: field → value"),
        (5, [*MIXPANEL, "--preset", "Groups"], "m.json:1: mapping: should be an object: field → value"),
        ({}, ["--action", "x"], "give a mapping, or a destination type with an action or a preset"),
    ],
)
def test_map_when_it_is_asked_for_what_there_is_not_then_exit_2(
    mapping: Any, arguments: list[str], said: str
) -> None:
    code, output, error = run(mapping, *arguments, fed=GROUP)
    assert (code, output) == (2, "")
    assert said in error


def test_map_when_nothing_is_asked_for_then_exit_2() -> None:
    assert CliRunner().invoke(app, ["map"], input="{}").exit_code == 2
