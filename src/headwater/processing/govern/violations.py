"""Violations: what about an event breaks a schema, in the words that people know from Segment (spec 3.4)."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

import jsonschema_rs
import msgspec

from headwater import limits
from headwater.config.json_schema import Compiled

Kind = jsonschema_rs.ValidationErrorKind
Path = tuple[str | int, ...]

ROOT: Final = "(root)"
DESCRIPTION_CHARS_MAX: Final = 500


class Violation(NamedTuple):
    type: str
    field: str
    """From the top of the event, as in `properties.products.0.sku`."""
    description: str
    culprit: Path = ()
    """What has to go so that the rest does not break the schema here; empty when leaving out cannot help."""

    def shown(self) -> dict[str, str]:
        return {"type": self.type, "field": self.field, "description": self.description}


def found(schema: Compiled, instance: Any) -> list[Violation]:
    """Every violation once, in the order of the schema, bounded. Where schema and instance are large together only
    the first one is looked for: the validator makes a list of all before it gives one.
    """
    distinct: dict[tuple[str, str, str], Violation] = {}
    is_small = schema.size * _values(instance) <= limits.govern.VALIDATION_STEPS_MAX
    errors = schema.validator.iter_errors(instance) if is_small else _first(schema.validator, instance)
    for error in islice(errors, limits.govern.VIOLATIONS_PER_EVENT_MAX):
        for violation in map(_shortened, _told(error)):
            distinct.setdefault(violation[:3], violation)
    return list(distinct.values())


def _shortened(violation: Violation) -> Violation:
    """With a description that can be read: a rule may permit thousands of values. And a field: a name that is as
    long as an event may be stands in the path of each violation below it.
    """
    field, description = violation.field, violation.description
    if len(field) <= DESCRIPTION_CHARS_MAX and len(description) <= DESCRIPTION_CHARS_MAX:
        return violation
    return violation._replace(field=_cut(field), description=_cut(description))


def _cut(text: str) -> str:
    return text if len(text) <= DESCRIPTION_CHARS_MAX else text[: DESCRIPTION_CHARS_MAX - 1] + "…"


def _first(validator: jsonschema_rs.Validator, instance: Any) -> Iterator[jsonschema_rs.ValidationError]:
    try:
        validator.validate(instance)
    except jsonschema_rs.ValidationError as error:
        yield error


def _values(instance: Any) -> int:
    """How many values there are in it, itself included."""
    count, waiting = 0, [instance]
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return count


def unreadable(field: str, error: Exception) -> Violation:
    """For a payload that is JSON and that we have no values for: 1e999, a thousand brackets."""
    return Violation("Unreadable", field, f"Cannot be read: {str(error) or type(error).__name__}"[:200])


def dotted(path: Path) -> str:
    return ".".join(map(str, path)) or ROOT


def _told(error: jsonschema_rs.ValidationError) -> Iterator[Violation]:
    path: Path = tuple(error.instance_path)
    yield from _summaries(error.evaluation_path, path)
    kind = error.kind
    match kind:
        case Kind.Required():
            missing = dotted((*path, kind.property))
            yield Violation("Required", missing, f"{missing} is required")
        case Kind.AdditionalProperties():
            for name in kind.unexpected:
                at = (*path, name)
                yield Violation(
                    "Additional Property", dotted(at), f"Additional property {name} is not allowed", at
                )
        case Kind.PropertyNames():
            name = str(kind.error.instance)
            at = (*path, name)
            yield Violation("Property Name", dotted(at), f'Property name of "{name}" does not match', at)
        case Kind.Type():
            expected = kind.types[0] if len(kind.types) == 1 else f"[{','.join(kind.types)}]"
            text = f"Invalid type. Expected: {expected}, given: {_type_of(error.instance)}"
            yield Violation("Invalid Type", dotted(path), text, path)
        case _:
            type_, describe = _TEXTS.get(type(kind).__name__, _OTHER)
            yield Violation(type_, dotted(path), describe(kind, dotted(path)), path)


def _summaries(steps: list[str | int], path: Path) -> Iterator[Violation]:
    """What is said about each allOf, then and else on the way to an error: they have no errors of their own."""
    depth = at = 0
    while at < len(steps):
        step = steps[at]
        length = 1
        if step in {"properties", "patternProperties"}:
            depth, length = depth + 1, 2
        elif step in {"items", "additionalProperties", "additionalItems", "contains"}:
            depth += 1
            length = 2 if _is_index(steps, at + 1) else 1
        elif step in {"definitions", "dependencies", "anyOf", "oneOf"}:
            length = 2
        elif step in _SUMMARIES and at + 1 < len(steps):
            type_, text = _SUMMARIES[str(step)]
            yield Violation(type_, dotted(path[:depth]), text)
            length = 2 if step == "allOf" else 1
        at += length


def _is_index(steps: list[str | int], at: int) -> bool:
    return at < len(steps) and isinstance(steps[at], int)


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_SUMMARIES: Final = {
    "allOf": ("All Of", "Must validate all the schemas"),
    "then": ("Condition Then", 'Must validate "then" as "if" was valid'),
    "else": ("Condition Else", 'Must validate "else" as "if" was not valid'),
}

Describe = Callable[[Any, str], str]

_TEXTS: Final[dict[str, tuple[str, Describe]]] = {
    "AdditionalItems": ("Additional Items", lambda _, __: "No additional items allowed on array"),
    "AnyOf": ("Any Of", lambda _, __: "Must validate at least one schema (anyOf)"),
    "OneOfMultipleValid": ("One Of", lambda _, __: "Must validate one and only one schema (oneOf)"),
    "OneOfNotValid": ("One Of", lambda _, __: "Must validate one and only one schema (oneOf)"),
    "Not": ("Not", lambda _, __: "Must not validate the schema (not)"),
    "Enum": (
        "Enum",
        lambda kind, field: f"{field} must be one of the following: {', '.join(map(_json, kind.options))}",
    ),
    "Constant": ("Const", lambda kind, field: f"{field} does not match: {_json(kind.expected_value)}"),
    "Contains": ("Contains", lambda _, __: "At least one of the items must match"),
    "Format": ("Format", lambda kind, _: f"Does not match format '{kind.format}'"),
    "Pattern": ("Pattern", lambda kind, _: f"Does not match pattern '{kind.pattern}'"),
    "MinLength": (
        "Minimum Length",
        lambda kind, _: f"String length must be greater than or equal to {kind.limit}",
    ),
    "MaxLength": ("Maximum Length", lambda kind, _: f"String length must be less than or equal to {kind.limit}"),
    "Minimum": ("Minimum", lambda kind, _: f"Must be greater than or equal to {kind.limit}"),
    "ExclusiveMinimum": ("Minimum", lambda kind, _: f"Must be greater than {kind.limit}"),
    "Maximum": ("Maximum", lambda kind, _: f"Must be less than or equal to {kind.limit}"),
    "ExclusiveMaximum": ("Maximum", lambda kind, _: f"Must be less than {kind.limit}"),
    "MultipleOf": ("Multiple Of", lambda kind, _: f"Must be a multiple of {kind.multiple_of}"),
    "MinItems": ("Minimum Items", lambda kind, _: f"Array must have at least {kind.limit} items"),
    "MaxItems": ("Maximum Items", lambda kind, _: f"Array must have at most {kind.limit} items"),
    "UniqueItems": ("Unique", lambda _, __: "array items must be unique"),
    "MinProperties": ("Minimum Properties", lambda kind, _: f"Must have at least {kind.limit} properties"),
    "MaxProperties": ("Maximum Properties", lambda kind, _: f"Must have at most {kind.limit} properties"),
    "FalseSchema": ("Not Allowed", lambda _, field: f"{field} is not allowed"),
}
_OTHER: Final[tuple[str, Describe]] = ("Invalid", lambda kind, _: f"Breaks the rule `{kind.name}`")
