"""`headwater map`: a mapping tried out on events from standard input."""

import json
from typing import Annotated, Any, Final, NoReturn

import msgspec
import typer

from headwater.cli.config import read_file
from headwater.cli.lines import answer_lines
from headwater.errors import ConfigError, InputError, Problem

MALFORMED_EXIT: Final = 2

Name = Annotated[str | None, typer.Option(show_default=False)]


def register(app: typer.Typer) -> None:
    app.command("map")(map_events)


def map_events(
    file: Annotated[
        str | None, typer.Argument(metavar="[MAPPING.json]", help="A mapping as JSON or YAML.", show_default=False)
    ] = None,
    *,
    destination: Annotated[
        str | None,
        typer.Option(
            "--destination", metavar="TYPE", help="The type of destination it is for.", show_default=False
        ),
    ] = None,
    action: Annotated[
        str | None,
        typer.Option("--action", metavar="NAME", help="The action of this type it is for.", show_default=False),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option("--preset", metavar="NAME", help="A preset of this type to start from.", show_default=False),
    ] = None,
) -> None:
    """Events in, one JSON object a line; out, one a line: what the mapping makes of them, or `{"error":…}`.

    With --destination the mapping is laid over the defaults of the action's fields, and what comes out is checked.
    """
    from headwater.destinations.mapping_trial import trial
    from headwater.mapping.kit import MappingError

    text = read_file(file) if file is not None else b""
    try:
        mapping = _parsed(text, file) if file is not None else None
        tried = trial(mapping, type_=destination, action=action, preset=preset)
    except MappingError as error:
        _refuse(_placed(error.problems, text, file or f"{destination}"))
    except InputError as error:
        _refuse([str(error)])

    def answer(line: bytes) -> bytes:
        try:
            event = msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InputError("unreadable_event", f"not an event: {error}") from None
        result = tried.run(event)
        if result.error is not None:
            raise result.error
        return msgspec.json.encode(result.mapped if destination is None else result.payload)

    answer_lines(answer)


def _refuse(lines: list[str]) -> NoReturn:
    for line in lines:
        typer.echo(f"headwater: {line}", err=True)
    raise typer.Exit(MALFORMED_EXIT)


def _parsed(text: bytes, file: str) -> Any:
    from headwater.config.document import read_document

    try:
        # Not with the reader of YAML where it is JSON: that knows no `\/`, and halves of characters.
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise InputError("unreadable_file", f"{file}: nested too deeply") from None
    except ValueError as error:
        not_json = error
    if text.lstrip()[:1] in (b"{", b"[", b'"', b""):
        where = f"{not_json.lineno}:{not_json.colno}: " if isinstance(not_json, json.JSONDecodeError) else ""
        said = not_json.msg if isinstance(not_json, json.JSONDecodeError) else str(not_json)
        raise InputError("unreadable_file", f"{file}:{where} not JSON: {said}".replace(":  ", ": "))
    document = read_document(text, file=file)
    document.check()
    return document.data


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _placed(problems: tuple[Problem, ...], text: bytes, file: str) -> list[str]:
    """`file:line: place: message` of each."""
    from headwater.config.document import read_document

    lines = dict.fromkeys(problems, 0)
    try:
        document = read_document(text, file=file)
        for problem in problems:
            document.report(problem.path, problem.message)
        document.check()
    except ConfigError as error:
        lines |= {Problem(placed.message, placed.path): placed.line for placed in error.problems}
    return [
        f"{file}:{f'{lines[each]}:' if lines[each] else ''} {each.path or 'mapping'}: {each.message}"
        for each in problems
    ]
