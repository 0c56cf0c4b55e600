import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from headwater.operations import logs


@pytest.fixture(autouse=True)
def _unchanged_logging() -> Iterator[None]:
    """Configuring is global; the next test must not notice."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], sys.excepthook = handlers, hook
    root.setLevel(level)
    structlog.reset_defaults()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_without_a_terminal_every_line_is_json_with_time_and_role() -> None:
    stream = io.StringIO()
    logs.configure("collect", worker=2, stream=stream)
    structlog.get_logger().info("started", port=8080)
    logging.getLogger("aiohttp").warning("connection %s lost", 7)
    ours, theirs = lines(stream)
    assert list(ours)[:4] == ["time", "level", "role", "event"]
    assert ours["time"].endswith("Z")
    assert {k: v for k, v in ours.items() if k != "time"} == {
        "level": "info", "role": "collect", "event": "started", "worker": 2, "port": 8080
    }  # fmt: skip
    assert theirs["event"] == "connection 7 lost"
    assert theirs["logger"] == "aiohttp"
    assert theirs["role"] == "collect"


def test_an_exception_is_one_line_with_a_traceback_and_without_local_variables() -> None:
    stream = io.StringIO()
    logs.configure("serve", stream=stream)

    def fail(write_key: str) -> None:
        raise RuntimeError("broken")

    try:
        fail("wk_very_secret")
    except RuntimeError:
        sys.excepthook(*sys.exc_info())
    (line,) = lines(stream)
    assert line["event"] == "unhandled exception"
    assert "RuntimeError: broken" in line["exception"]
    assert 'wk_very_secret"' not in line["exception"].replace('fail("wk_very_secret")', "")


def test_on_a_terminal_lines_are_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADWATER_LOG", raising=False)
    stream = Terminal()
    logs.configure("deliver", stream=stream)
    structlog.get_logger().info("started")
    assert "started" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_the_environment_decides_form_and_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_LOG", "json")
    monkeypatch.setenv("HEADWATER_LOG_LEVEL", "WARNING")
    stream = Terminal()
    logs.configure("deliver", stream=stream)
    structlog.get_logger().info("unheard")
    structlog.get_logger().warning("heard")
    assert [line["event"] for line in lines(stream)] == ["heard"]
