"""Whether a destination type hangs together. Ours are held to it by a test, others when they are found."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from headwater import fql
from headwater.destinations.kit.model import Action, Batch, DestinationType, Preset
from headwater.destinations.kit.settings import schema
from headwater.destinations.mappings import laid_over, problems

NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
"""Of a type, an action: it stands in files, addresses and metric labels."""


def flaws(type_: DestinationType[Any]) -> list[str]:
    """What is wrong, for whoever wrote the type; nothing: it can be used.

    A type is data that Python does not check: a misspelt action shows only when the first event comes.
    """
    return [
        *_of_type(type_),
        *(flaw for action in type_.actions for flaw in _of_action(action)),
        *_of_presets(type_),
    ]


def _of_type(type_: DestinationType[Any]) -> Iterator[str]:
    if not _is_name(type_.name):
        yield f"the name {type_.name!r} is not lower-case letters, digits, `_` and `-`, 64 at most"
    for what in ("label", "category", "description"):
        if not isinstance(getattr(type_, what), str) or not getattr(type_, what).strip():
            yield f"it has no {what}"
    if not (isinstance(type_.settings, type) and issubclass(type_.settings, msgspec.Struct)):
        yield "`settings` is not a msgspec.Struct"
    else:
        try:
            schema(type_.settings)
        except Exception as error:  # whatever msgspec thinks of somebody's types
            yield f"its settings have no JSON Schema: {error}"
    if not isinstance(type_.actions, tuple) or not type_.actions:
        yield "it has no actions"
    names = [action.name for action in type_.actions]
    yield from (f"two actions are called {name}" for name in sorted({n for n in names if names.count(n) > 1}))
    for what in ("problems", "test", "deletions"):
        function: Any = getattr(type_, what)
        if function is not None and not callable(function):
            yield f"`{what}` is not a function"


def _of_action(action: Action[Any]) -> Iterator[str]:
    if not _is_name(action.name):
        yield f"the action {action.name!r} is not named in lower-case letters, digits, `_` and `-`"
    perform: Any = action.perform
    if not callable(perform):
        yield f"`perform` of {action.name} is not a function"
    if action.whole_event and action.fields:
        yield f"{action.name} takes the whole event, and so has no fields"
    names = [each.name for each in action.fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    yield from (f"{action.name} has two fields {name}" for name in twice)
    batch = action.batch
    if isinstance(batch, Batch) and min(batch.items_max, batch.bytes_max) < 1:
        yield f"the batch of {action.name} has room for nothing"


def _of_presets(type_: DestinationType[Any]) -> Iterator[str]:
    names = [preset.name for preset in type_.presets]
    yield from (f"two presets are called {name}" for name in sorted({n for n in names if names.count(n) > 1}))
    for preset in type_.presets:
        yield from _of_preset(preset, type_.action(preset.action))


def _of_preset(preset: Preset, action: Action[Any] | None) -> Iterator[str]:
    if action is None:
        yield f"the preset {preset.name!r} names the action {preset.action}, which there is not"
    else:
        meant = {} if action.whole_event and not preset.mapping else laid_over(action.fields, preset.mapping)
        for problem in problems(action, meant):
            yield f"the mapping of the preset {preset.name!r}: {' '.join(filter(None, problem[1::-1]))}"
    try:
        fql.parse(preset.trigger)
    except fql.FqlError as error:
        yield f"the trigger of the preset {preset.name!r}: {error}"


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and NAME.fullmatch(name) is not None
