"""Bytes that turn into an expression and an event: nothing but an answer, FqlError or FqlEvaluationError may come
out, printing and parsing undo each other, and the two ways to ask agree.

With atheris (`pip install atheris`) coverage leads the way; without it, hypothesis does.

    python tests/fuzz/fql.py SECONDS [atheris's options]
"""

import contextlib
import importlib
import importlib.util
import re
import sys
import time
from typing import Any, Final

import msgspec

from headwater.event import Event

atheris: Any = importlib.import_module("atheris") if importlib.util.find_spec("atheris") else None
with atheris.instrument_imports(include=["headwater.fql"]) if atheris else contextlib.nullcontext():
    from headwater import fql

WORDS: Final = [
    *re.findall(
        r"\S+",
        """event type properties properties.a properties.a.b context.page.path received_at traits.x
        and or ! = != > >= < <= in ( ) [ ] , null true false == $ . \\. \\
        1 0 -1.5 50 "x" 'a*' "[a-c]?*" ""
        contains( match( length( lowercase( titlecase( typeof( bool( string( number(""",
    ),
    *(" ", "\n", "\\ ", "ö"),
]
PIECES: Final = [
    *re.findall(
        rb"\S+",
        rb"""{"event": "properties": "context": "page": "path": "type":"track" "a": "b": "receivedAt":"2026"
        { } [ ] , : 1 1e999 -0.5 true null "x" "abc" "\ud800" "\u0061" 12345678901234567890123""",
    ),
    *(b"\xff", b" "),
]


def one(data: bytes) -> None:
    """One input. Its first half chooses words of an expression, or is its text; the second half does so for the
    event.
    """
    middle = len(data) // 2
    text, body = _text(data[:middle]), _body(data[middle:])
    for trigger in (False, True):
        try:
            tree = fql.parse(text, trigger=trigger)
        except fql.FqlError as error:
            error.pointed()
            continue
        canonical = fql.render(tree)
        if fql.parse(canonical, trigger=trigger) != tree:
            raise AssertionError(f"{text!r} prints as {canonical!r}, which is something else")
        _ask(text, body, trigger=trigger)


def _ask(text: str, body: bytes, *, trigger: bool) -> None:
    question = fql.Filter(text, trigger=trigger)
    try:
        answer: Any = question.matches(body)
    except fql.FqlEvaluationError as error:
        answer = error.code
    if answer not in (True, False, "fql_type", "unreadable_event"):
        raise AssertionError(f"{text!r} answers {answer!r}")
    try:
        event = msgspec.json.decode(body, type=Event)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    try:
        enveloped: Any = question.matches_event(event)
    except fql.FqlEvaluationError as error:
        enveloped = error.code
    if enveloped is not answer and enveloped != answer:
        raise AssertionError(f"{text!r} answers {answer!r} about {body!r} and {enveloped!r} about its envelope")


def _text(data: bytes) -> str:
    if data[:1] < b"\x40":
        return data[1:].decode(errors="replace")
    return "".join(WORDS[byte % len(WORDS)] + (" " if byte & 128 else "") for byte in data[1:])


def _body(data: bytes) -> bytes:
    if data[:1] < b"\x20":
        return data[1:]
    return b"".join(PIECES[byte % len(PIECES)] for byte in data[1:])


def with_hypothesis(seconds: float) -> None:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    count = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:

        @settings(max_examples=5_000, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.binary(max_size=80))
        def attempt(data: bytes) -> None:
            one(data)

        attempt()
        count += 5_000
        sys.stderr.write(f"{count:,} inputs\n")


def with_atheris(seconds: float, options: list[str]) -> None:
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds:.0f}", "-max_len=160", *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    duration_s = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    if atheris:
        with_atheris(duration_s, sys.argv[2:])
    else:
        with_hypothesis(duration_s)
