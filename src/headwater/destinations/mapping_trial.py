"""A mapping tried out on events: what it makes of them, and whether an action would take that."""

from collections.abc import Callable
from typing import Any, NamedTuple

from headwater import fql
from headwater.destinations import mappings, registry
from headwater.destinations.kit.model import Action, DestinationType, Preset
from headwater.errors import InputError, Problem, nearest
from headwater.mapping.kit import MappingError, compile_mapping
from headwater.mapping.payload import PayloadError, checker


class Tried(NamedTuple):
    """What became of one event."""

    mapped: Any = None
    """What the mapping made of it."""
    payload: dict[str, Any] | None = None
    """That, as the action takes it; None without an action, or when it does not."""
    error: MappingError | PayloadError | None = None


class Trial:
    """A mapping alone, or with the action it is for: then over the defaults of the action's fields."""

    def __init__(self, mapping: Any, action: Action[Any] | None = None, trigger: str | None = None) -> None:
        """MappingError when the mapping is malformed, or not one for this action."""
        self.mapping = mapping
        self._check: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        if action is not None:
            if not isinstance(mapping, dict):
                problem = Problem("should be an object: field → value", "")
                raise MappingError(problem.message, problems=[problem])
            if found := mappings.problems(action, mapping):
                raise MappingError(found[0].message, found[0].path, problems=found)
            self.mapping = mappings.laid_over(action.fields, mapping)
            self._check = checker(action.fields)
        self._resolve = compile_mapping(self.mapping).resolve
        self._trigger = fql.compile_filter(trigger, trigger=True) if trigger else None

    def run(self, event: dict[str, Any]) -> Tried:
        """One event; it is not changed."""
        try:
            mapped = self._resolve(event)
        except MappingError as error:
            return Tried(error=error)
        if self._check is None:
            return Tried(mapped)
        try:
            return Tried(mapped, self._check(mapped))
        except PayloadError as error:
            return Tried(mapped, error=error)

    def is_for(self, event: bytes) -> bool | None:
        """Whether the preset's trigger matches an event (JSON); None: there is no preset."""
        return None if self._trigger is None else self._trigger.matches(event)


def trial(
    mapping: Any,
    *,
    type_: str | None = None,
    action: str | None = None,
    preset: str | None = None,
) -> Trial:
    """A mapping, one for an action of a destination type, or a preset of it with a mapping laid over. InputError
    when there is none of such a name, MappingError when the mapping is malformed.
    """
    if type_ is None:
        if mapping is None or action is not None or preset is not None:
            raise InputError("no_mapping", "give a mapping, or a destination type with an action or a preset")
        return Trial(mapping)
    known = registry.get(type_)
    if known is None:
        raise InputError("unknown_type", registry.why_unknown(type_), field="type")
    chosen = _preset(known, preset) if preset is not None else None
    name = action if action is not None else chosen.action if chosen else _only(known)
    taken = known.action(name)
    if taken is None:
        said = nearest(name, [each.name for each in known.actions])
        raise InputError("unknown_action", f"{type_} has no action {name!r}; {said}", field="action")
    meant = {} if mapping is None else mapping
    if chosen and isinstance(meant, dict):
        meant = chosen.mapping | meant
    return Trial(meant, taken, chosen.trigger if chosen else None)


def _preset(type_: DestinationType[Any], name: str) -> Preset:
    found = next((preset for preset in type_.presets if preset.name == name), None)
    if found is None:
        said = nearest(name, [preset.name for preset in type_.presets])
        raise InputError("unknown_preset", f"{type_.name} has no preset {name!r}; {said}", field="preset")
    return found


def _only(type_: DestinationType[Any]) -> str:
    if len(type_.actions) > 1:
        names = ", ".join(action.name for action in type_.actions)
        raise InputError("unknown_action", f"{type_.name} has several actions: {names}", field="action")
    return type_.actions[0].name
