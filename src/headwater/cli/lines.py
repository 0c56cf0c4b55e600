"""Commands that answer line by line: one JSON object in on standard input, one line out on standard output."""

import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

import msgspec

from headwater import limits
from headwater.errors import InputError
from headwater.units import KIB

_CHUNK_BYTES: Final = 64 * KIB


def answer_lines(answer: Callable[[bytes], bytes]) -> None:
    """Write `answer(line)` for every line of standard input that is not blank. An InputError, or a line over
    TOOL_LINE_BYTES_MAX, becomes `{"error":{…}}`, and the next line is as good as ever.

    What has come is answered and flushed before more is waited for, so that a pipe can be a conversation.
    """
    for batch in _batches(sys.stdin.buffer):
        answers = b"".join(_answered(answer, line) + b"\n" for line in batch if line is None or line.strip())
        sys.stdout.buffer.write(answers)
        sys.stdout.buffer.flush()


def _answered(answer: Callable[[bytes], bytes], line: bytes | None) -> bytes:
    if line is None:
        return _error("too_large", f"a line may have {limits.operations.TOOL_LINE_BYTES_MAX:,} bytes")
    try:
        return answer(line)
    except InputError as error:
        return _error(error.code, error.message, error.field)


def _error(code: str, message: str, field: str | None = None) -> bytes:
    said = {"code": code, "message": message} | ({"field": field} if field else {})
    return msgspec.json.encode({"error": said})


def _batches(stream: BinaryIO) -> Iterator[list[bytes | None]]:
    """The lines that have come since the last time, without waiting for more. None is one that was too long; no
    more than the bound is ever kept of it.
    """
    rest: bytes | None = b""
    while chunk := stream.read1(_CHUNK_BYTES):  # type: ignore[attr-defined]  # every buffered stream has it
        *ends, beginning = chunk.split(b"\n")
        lines: list[bytes | None] = []
        for end in ends:
            lines.append(_joined(rest, end))
            rest = b""
        rest = _joined(rest, beginning)
        yield lines
    yield [rest] if rest is None or rest else []


def _joined(line: bytes | None, more: bytes) -> bytes | None:
    return None if line is None or len(line) + len(more) > limits.operations.TOOL_LINE_BYTES_MAX else line + more
