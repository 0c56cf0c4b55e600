"""What an action takes: typed fields, which a form shows and a payload is checked against (spec 2.8)."""

from dataclasses import dataclass
from typing import Any, Literal

FieldType = Literal["string", "text", "number", "integer", "datetime", "boolean", "object"]
Format = Literal["", "email", "uri", "date-time"]


@dataclass(frozen=True, kw_only=True)
class Field:
    name: str
    """The payload's key."""
    label: str
    """What a form calls it."""
    type: FieldType
    description: str = ""
    required: bool = False
    """A payload without it (or with null, or an empty string) is refused."""
    multiple: bool = False
    """A list of the type; one value becomes a list of one."""
    default: Any = None
    """Raw JSON or a directive, used where a mapping says nothing about the field; None: nothing."""
    choices: tuple[str, ...] = ()
    """The only values; empty: any."""
    format: Format = ""
    properties: tuple["Field", ...] = ()
    """Of an object, or of each object of a list."""
    additional: bool = True
    """Of an object with `properties`: whether it may have others. Those it may not are removed."""
    allow_null: bool = False
    """Null is passed on instead of being left out."""
    minimum: float | None = None
    maximum: float | None = None
