"""Destination types as data: what forms, pages and programs are made of."""

import ast
import inspect
import itertools
import textwrap
from typing import Any

import msgspec

from headwater.destinations import registry
from headwater.destinations.kit.model import Action, DestinationType
from headwater.destinations.kit.settings import schema
from headwater.mapping.fields import Field


class FieldShape(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    label: str
    type: str
    description: str = ""
    required: bool = False
    multiple: bool = False
    default: Any = None
    """Raw JSON or a directive."""
    choices: list[str] = []
    format: str = ""
    properties: list["FieldShape"] = []
    allow_null: bool = False
    minimum: float | None = None
    maximum: float | None = None


class ActionShape(msgspec.Struct, frozen=True):
    name: str
    label: str
    description: str
    whole_event: bool
    """It sends the event's own bytes: there is nothing to map."""
    batches: bool
    """It may send several events with one request."""
    fields: list[FieldShape]


class PresetShape(msgspec.Struct, frozen=True):
    name: str
    action: str
    trigger: str
    mapping: dict[str, Any]


class TypeShape(msgspec.Struct, frozen=True):
    name: str
    label: str
    category: str
    description: str
    package: str
    """Name and version of the package that brings it; empty: Headwater itself."""
    settings: dict[str, Any]
    """JSON Schema; what is secret is `writeOnly`."""
    secrets: list[str]
    """Names of the settings that are."""
    actions: list[ActionShape]
    presets: list[PresetShape]
    """What it does when a destination has no mappings of its own."""
    can_test: bool
    """Whether its connection can be tested."""
    can_delete: bool
    """Whether it can be asked to forget a user."""
    strict_order: bool
    dedupes_on: str


def shape(name: str) -> TypeShape | None:
    """None: there is no such type."""
    type_ = registry.get(name)
    return None if type_ is None else _shape(type_)


def shapes() -> list[TypeShape]:
    """All of them, by name."""
    return [_shape(type_) for type_ in map(registry.get, registry.known_types()) if type_]


def _shape(type_: DestinationType[Any]) -> TypeShape:
    return TypeShape(
        name=type_.name,
        label=type_.label,
        category=type_.category,
        description=type_.description,
        package=registry.package_of(type_.name),
        settings=_described(type_.settings),
        secrets=sorted(registry.secret_names(type_.name) or ()),
        actions=[_action(action) for action in type_.actions],
        presets=[PresetShape(p.name, p.action, p.trigger, dict(p.mapping)) for p in type_.presets],
        can_test=type_.test is not None,
        can_delete=type_.deletions is not None,
        strict_order=type_.strict_order,
        dedupes_on=type_.dedupes_on,
    )


def _action(action: Action[Any]) -> ActionShape:
    return ActionShape(
        action.name,
        action.label,
        action.description,
        whole_event=action.whole_event,
        batches=action.batch is not None,
        fields=[_field(each) for each in action.fields],
    )


def _field(field: Field) -> FieldShape:
    return FieldShape(
        name=field.name,
        label=field.label,
        type=field.type,
        description=field.description,
        required=field.required,
        multiple=field.multiple,
        default=field.default,
        choices=list(field.choices),
        format=field.format,
        properties=[_field(each) for each in field.properties],
        allow_null=field.allow_null,
        minimum=field.minimum,
        maximum=field.maximum,
    )


# --- settings ----------------------------------------------------------------------------------------------


def _described(settings: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema, with what stands below each setting in its source."""
    found = schema(settings)
    said = _said(settings)
    properties = {
        name: {"description": said[name]} | about if name in said else about
        for name, about in found.get("properties", {}).items()
    }
    return found | {"properties": properties}


def _said(settings: type[msgspec.Struct]) -> dict[str, str]:
    """Setting → the text below it, as Python has no such thing at run time. Where there is no source: nothing."""
    found: dict[str, str] = {}
    for class_ in reversed(settings.__mro__):
        if class_ is msgspec.Struct or not issubclass(class_, msgspec.Struct):
            continue
        try:
            (tree,) = ast.parse(textwrap.dedent(inspect.getsource(class_))).body
        except (OSError, TypeError, SyntaxError, ValueError):
            continue
        body = tree.body if isinstance(tree, ast.ClassDef) else []
        for setting, text in itertools.pairwise(body):
            if (
                isinstance(setting, ast.AnnAssign)
                and isinstance(setting.target, ast.Name)
                and isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
                and isinstance(text.value.value, str)
            ):
                found[setting.target.id] = inspect.cleandoc(text.value.value)
    return found
