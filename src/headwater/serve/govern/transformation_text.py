"""A transformation as the workspace file has it, while somebody writes it there or fills in a form: the one from
the other. What the definition would do, and whether it may say so, is what a dry run of it answers.
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import post

from headwater import limits
from headwater.config.document import read_document
from headwater.config.export import as_yaml
from headwater.errors import ConfigError, InputError
from headwater.serve.compute.conversions import Mistake
from headwater.serve.config.edits import decoded
from headwater.serve.entry.access import READS
from headwater.serve.errors import ERRORS


class TransformationText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    notation: Literal["json", "yaml"]
    """What `text` is in: the item of the workspace file."""
    text: Annotated[str, msgspec.Meta(max_length=limits.definitions.TEXT_CHARS_MAX)]


class ConvertedTransformation(msgspec.Struct, frozen=True):
    problems: list[Mistake]
    """Empty: it can be read, and the rest is filled in."""
    definition: dict[str, Any]
    yaml: str


def converted(asked: TransformationText) -> ConvertedTransformation:
    try:
        definition = decoded(asked.text.encode()) if asked.notation == "json" else _read(asked.text)
    except ConfigError as error:
        problems = [Mistake(problem.message, problem.path, problem.line) for problem in error.problems]
        return ConvertedTransformation(problems, {}, "")
    except InputError as error:
        return ConvertedTransformation([Mistake(error.message)], {}, "")
    return ConvertedTransformation([], definition, as_yaml(definition))


def _read(text: str) -> dict[str, Any]:
    document = read_document(text)
    document.check()
    if not isinstance(document.data, dict):
        raise InputError("invalid_request", "expected a mapping, as an item of the workspace file")
    return document.data


@post("/transformations/-/convert", status_code=200, responses=ERRORS, opt=READS)
async def convert_transformation(data: TransformationText) -> ConvertedTransformation:
    """A transformation in both notations, or why it cannot be read and where. Nothing is saved or tried."""
    return converted(data)


HANDLERS: Final = [convert_transformation]
