"""The destination types there are. A new one is a module beside this one and a name in `_MODULES`."""

from typing import Any

import msgspec

from headwater.destinations import webhook
from headwater.destinations.kit.model import DestinationType
from headwater.errors import Problem, nearest

_MODULES = (webhook,)
_TYPES: dict[str, DestinationType[Any]] = {module.TYPE.name: module.TYPE for module in _MODULES}


def known_types() -> list[str]:
    """Names, sorted."""
    return sorted(_TYPES)


def get(type_: str) -> DestinationType[Any] | None:
    return _TYPES.get(type_)


def can_delete(type_: str) -> bool:
    """Whether destinations of this type can be asked to forget a user."""
    known = _TYPES.get(type_)
    return known is not None and known.deletions is not None


def validate_settings(type_: str, settings: dict[str, Any]) -> list[Problem]:
    """What is wrong with the settings of a destination; paths are relative to them, as in `url`.

    Every unknown key is reported; of wrongly typed values only the first.
    """
    known = _TYPES.get(type_)
    if known is None:
        return [Problem(f"no destination type {type_!r}; {nearest(type_, _TYPES)}", "")]
    names = {field.encode_name for field in msgspec.structs.fields(known.settings)}
    problems = [Problem(f"unknown key; {nearest(key, names)}", key) for key in settings if key not in names]
    try:
        parsed = msgspec.convert({k: v for k, v in settings.items() if k in names}, known.settings)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        return [*problems, Problem(message[:1].lower() + message[1:], place.removeprefix("$").strip(".`"))]
    return problems + known.problems(parsed)
