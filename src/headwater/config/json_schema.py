"""JSON Schema as tracking plans use it: draft-07, compiled, and safe to run on whatever is sent.

Safe means three things. Nothing is ever fetched: a `$ref` points into its own schema. Patterns run on an engine
without backtracking, so no text makes them slow; the price is that look-around and back-references are refused.
And a recursive schema is refused when its cost could grow faster than the event it is held against.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import jsonschema_rs
import msgspec

from headwater import limits
from headwater.config import patterns
from headwater.config.document import join
from headwater.config.schema_graph import Graph, SchemaError, size_of
from headwater.units import KIB

DRAFT: Final = re.compile(r"https?://json-schema\.org/draft-07/schema#?\Z")

TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")

_NO_TYPE: Final = re.compile(r"is not valid under any of the (given )?schemas")
_MISSING: Final = re.compile(r"Pointer '(.*)' does not exist")


class Compiled(NamedTuple):
    validator: jsonschema_rs.Validator
    size: int
    """The values in the schema with every `$ref` written out, a recursive one once; long texts count for more.
    Times the values in an event it bounds what validating costs.
    """


def compiled(schema: dict[str, Any]) -> Compiled:
    """The schema, ready to validate. SchemaError names the first mistake."""
    if len(msgspec.json.encode(schema)) > limits.govern.SCHEMA_BYTES_MAX:
        raise SchemaError(f"larger than {limits.govern.SCHEMA_BYTES_MAX // KIB} KiB")
    draft = schema.get("$schema")
    if draft is not None and not (isinstance(draft, str) and DRAFT.match(draft)):
        raise SchemaError("only draft-07 is read: http://json-schema.org/draft-07/schema#", "$schema")
    references = list(_references(schema, ""))
    for path, value in references:
        _check_reference(path, value)
    try:
        validator = jsonschema_rs.Draft7Validator(
            schema, offline=True, validate_formats=True, pattern_options=patterns.OPTIONS
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, RecursionError) as error:
        raise SchemaError(*_mistake(error, references)) from None
    size = Graph(schema).size() if references else size_of(schema)
    if size > limits.govern.SCHEMA_SIZE_MAX:
        raise SchemaError(
            f"it has {size:,} values with every $ref written out, at most {limits.govern.SCHEMA_SIZE_MAX:,}"
        )
    return Compiled(validator, size)


def _references(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(path, value) of each `$ref`, and of each `$id` that is not the schema's own."""
    if isinstance(value, dict):
        for key, inside in value.items():
            at = join(path, key)
            if isinstance(inside, str):
                if key == "$ref" or (key == "$id" and path):
                    yield at, inside
            else:
                yield from _references(inside, at)
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield from _references(inside, f"{path}[{index}]")


def _check_reference(path: str, value: str) -> None:
    if path.endswith("$id"):
        raise SchemaError("an inner $id would move what $ref means; leave it out", path)
    if value != "#" and not value.startswith("#/"):
        raise SchemaError(
            f"{value!r} is not in this schema, and nothing is ever fetched: copy what it names under `definitions`"
            " and refer to it as `#/definitions/name`",
            path,
        )


def _mistake(error: Exception, references: list[tuple[str, Any]]) -> tuple[str, str]:
    """(message, path) of what the compiler did not like."""
    text = getattr(error, "message", str(error)).partition("\n")[0]
    path = ""
    for part in getattr(error, "instance_path", ()):
        path = join(path, f"[{part}]" if isinstance(part, int) else part)
    if text.endswith('is not a "regex"'):
        pattern = text.removesuffix(' is not a "regex"')
        return patterns.mistake(pattern), path
    if path.rpartition(".")[2] == "type" and _NO_TYPE.search(text):
        return f"{text.partition(' is not valid')[0]} is no type: there are {', '.join(TYPES)}", path
    if (missing := _MISSING.match(text)) is not None:
        paths = [place for place, value in references if value == f"#{missing[1]}"]
        return f"nothing in this schema is at '#{missing[1]}'", paths[0] if paths else path
    return text, path
