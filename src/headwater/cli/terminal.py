"""What commands write: JSON for programs; for people the text of events, which must not steer their terminal."""

from typing import Any

import msgspec
import typer


def print_json(value: Any) -> None:
    typer.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def printable(text: str) -> str:
    """On one line. Whoever sends events chooses names and ids, also such that a terminal takes for commands."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def printable_lines(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def counted(count: int, noun: str, nouns: str = "") -> str:
    """`1 event`, `2 events`."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
