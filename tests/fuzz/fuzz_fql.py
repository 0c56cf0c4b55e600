"""Bytes that turn into an expression and an event: nothing but an answer, FqlError or FqlEvaluationError may come
out, printing and parsing undo each other, and the two ways to ask agree.

    python tests/fuzz/fuzz_fql.py SECONDS [atheris's options]
"""

import re
from typing import Any, Final

import msgspec
from driver import instrumented, run

from headwater.event import Event

with instrumented("headwater.fql"):
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


if __name__ == "__main__":
    run(one, bytes_max=160)
