"""`headwater fql`: lines in, lines out, whatever the lines are."""

import io
import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from headwater import limits
from headwater.cli import app, lines


def run(*arguments: str, fed: bytes = b"") -> tuple[int, str]:
    result = CliRunner().invoke(app, ["fql", *arguments], input=fed)
    return result.exit_code, result.output


def test_fql_when_events_come_then_one_answer_a_line() -> None:
    fed = b'{"event":"A"}\n\n{"event":"B"}\r\n  \n{"event":5}\n{"event":"A"}'
    assert run('event = "A"', fed=fed) == (0, "true\nfalse\nfalse\ntrue\n")


def test_fql_when_a_line_cannot_be_answered_then_the_next_one_is() -> None:
    code, output = run("a > 5", fed=b'nope\n{"a":"x"}\n\xff\xfe\n{"a":6}\n')
    *failed, last = output.splitlines()
    assert code == 0
    assert [json.loads(line)["error"]["code"] for line in failed] == [
        "unreadable_event",
        "fql_type",
        "unreadable_event",
    ]
    assert last == "true"


def test_fql_when_a_line_is_too_long_then_an_error_and_the_next_one() -> None:
    long = b'{"a":"' + b"x" * limits.operations.TOOL_LINE_BYTES_MAX + b'"}'
    just = b'{"a":"' + b"x" * (limits.operations.TOOL_LINE_BYTES_MAX - 8) + b'"}'
    code, output = run("length(a) > 5", fed=b"\n".join([long, just, b'{"a":""}', long]))
    error = '{"error":{"code":"too_large","message":"a line may have 512,000 bytes"}}'
    assert (code, output.splitlines()) == (0, [error, "true", "false", error])


@pytest.mark.parametrize("chunk", [1, 2, 7, 65_536])
def test_lines_when_cut_anywhere_then_the_same(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_CHUNK_BYTES", chunk)
    monkeypatch.setattr(limits.operations, "TOOL_LINE_BYTES_MAX", 12)
    fed = b"one\n\ntwo\n" + b"x" * 13 + b"\n" + b"y" * 12 + b"\n" + b"z" * 40
    found = [line for batch in lines._batches(io.BytesIO(fed)) for line in batch]
    assert found == [b"one", b"", b"two", None, b"y" * 12, None]


@pytest.mark.parametrize(
    "arguments", [["event == 1"], [""], ["--trigger", ""], ["--trigger", "anonymousId = 'x'"], []]
)
def test_fql_when_the_expression_is_none_then_exit_2(arguments: list[str]) -> None:
    assert run(*arguments, fed=b"{}\n")[0] == 2


def test_fql_when_it_is_a_trigger_then_answered_as_one() -> None:
    assert run("properties.x != 5", fed=b"{}\n") == (0, "true\n")
    assert run("--trigger", "properties.x != 5", fed=b"{}\n") == (0, "false\n")


def test_fql_when_asked_for_the_tree_then_no_event_is_read() -> None:
    code, output = run("--ast", "(a) in [1, -123456789012345678901234567890, 'ö', null, true]", fed=b"nope")
    answer = json.loads(output)
    assert code == 0
    assert answer["fql"] == 'a in [1, -123456789012345678901234567890, "ö", null, true]'
    assert [item["node"] for item in answer["ast"]["right"]["items"]] == ["number"] * 2 + [
        "string",
        "null",
        "boolean",
    ]


def test_fql_when_used_as_a_conversation_then_answers_before_more_comes() -> None:
    command = [sys.executable, "-m", "headwater", "fql", "a = 1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin
        assert child.stdout
        for value, answer in ((1, b"true\n"), (2, b"false\n")):
            os.write(child.stdin.fileno(), b'{"a":%d}\n' % value)
            assert child.stdout.readline() == answer
        child.stdin.close()
        assert child.wait(30) == 0


def test_fql_when_an_argument_is_no_utf_8_then_exit_2_and_a_message() -> None:
    command = [sys.executable, "-m", "headwater", "fql", b"a = \xff"]
    done = subprocess.run(command, capture_output=True, input=b"", check=False)
    assert done.returncode == 2
    assert b"this is no Unicode character" in done.stderr
