"""Mappings as workspaces and presets write them: laid over the defaults of an action's fields, and checked."""

from collections.abc import Mapping, Sequence
from typing import Any

from headwater.destinations.kit.model import Action
from headwater.errors import Problem, nearest
from headwater.mapping import kit
from headwater.mapping.fields import Field


def laid_over(fields: Sequence[Field], mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What a mapping means: its own word for each field, else the field's default. A field that it gives null has
    no default any more. One that is a directive itself says all.

    >>> email, name = Field(name="email", label="", type="string", default={"@path": "$.traits.email"}), "name"
    >>> laid_over([email], {name: "Ann"})
    {'email': {'@path': '$.traits.email'}, 'name': 'Ann'}
    >>> laid_over([email], {"@path": "$.traits"})
    {'@path': '$.traits'}
    """
    if _is_directive(mapping):
        return dict(mapping)
    return {field.name: field.default for field in fields if field.default is not None} | dict(mapping)


def problems(action: Action[Any], mapping: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a mapping for this action; paths are relative to it."""
    if action.whole_event:
        return [Problem(f"{action.name} sends the whole event and has no fields", "")] if mapping else []
    found = kit.problems(mapping)
    if _is_directive(mapping):
        return found
    known = {field.name for field in action.fields}
    found += [
        Problem(f"no field of {action.name}; {nearest(key, known)}", key)
        for key in mapping
        if key not in known and not key.startswith(kit.INTERNAL)
    ]
    meant = laid_over(action.fields, mapping)
    return found + [
        Problem(f"{action.name} needs `{field.name}` ({field.label}), which has no default", "")
        for field in action.fields
        if field.required and meant.get(field.name) is None
    ]


def _is_directive(mapping: Mapping[str, Any]) -> bool:
    return any(key.startswith("@") for key in mapping)
