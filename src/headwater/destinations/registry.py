"""The destination types there are. A new one of ours is a module beside this one and its name in `_NAMES`; those
of other packages are found by their entry points, see `plugins`.
"""

import functools
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final

import msgspec
import structlog

from headwater.config.secrets import is_telling
from headwater.destinations import mappings, plugins
from headwater.destinations.kit import settings
from headwater.destinations.kit.model import DestinationType
from headwater.errors import Problem, nearest

logger = structlog.get_logger()

_NAMES: Final = (
    "actions-webhook",
    "amazon-eventbridge",
    "amazon-firehose",
    "amazon-kinesis",
    "amazon-s3",
    "amazon-sqs",
    "amplitude",
    "braze",
    "customerio",
    "facebook-conversions",
    "google-ads",
    "google-analytics-4",
    "google-pubsub",
    "http-api",
    "hubspot",
    "intercom",
    "iterable",
    "kafka",
    "klaviyo",
    "mixpanel",
    "partner-webhook",
    "postgres",
    "posthog",
    "repeater",
    "salesforce",
    "sendgrid",
    "slack",
    "tiktok-events",
    "twilio",
    "webhook",
    "zendesk",
)


class _Ours(Mapping[str, DestinationType[Any]]):
    """Each is imported when it is first asked for: a role needs those of its workspace, not all thirty."""

    def __getitem__(self, name: str) -> DestinationType[Any]:
        if name not in _NAMES:
            raise KeyError(name)
        return _imported(name)

    def __contains__(self, name: object) -> bool:
        return name in _NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)


@functools.cache
def _imported(name: str) -> DestinationType[Any]:
    type_: DestinationType[Any] = import_module(f"headwater.destinations.{name.replace('-', '_')}").TYPE
    return type_


OURS: Final = _Ours()


@functools.cache
def found() -> plugins.Found:
    """What other packages bring. Looked for once: what is installed later needs a restart."""
    return plugins.discover(OURS)


def known_types() -> list[str]:
    """Names, sorted."""
    return sorted([*OURS, *found().plugins])


def get(type_: str) -> DestinationType[Any] | None:
    if type_ in OURS:
        return OURS[type_]
    plugin = found().plugins.get(type_)
    return plugin.type if plugin else None


def package_of(type_: str) -> str:
    """Which package a type comes from; "" of ours."""
    return "" if type_ in OURS or type_ not in found().plugins else found().plugins[type_].package


def why_unknown(type_: str) -> str:
    """What to tell somebody who asked for a type that there is not: a package may bring it that was refused."""
    said = f"no destination type {type_!r}; {nearest(type_, known_types())}"
    refused = [each for each in found().refused if each.name == type_]
    return "; ".join([said, *(f"that of the package {each.package} was refused: {each.why}" for each in refused)])


def can_delete(type_: str) -> bool:
    """Whether destinations of this type can be asked to forget a user."""
    known = get(type_)
    return known is not None and known.deletions is not None


def validate_settings(type_: str, settings: dict[str, Any]) -> list[Problem]:
    """What is wrong with the settings of a destination; paths are relative to them, as in `url`.

    Every unknown key is reported; of wrongly typed values only the first.
    """
    known = get(type_)
    if known is None:
        return [Problem(why_unknown(type_), "")]
    names = {field.encode_name for field in msgspec.structs.fields(known.settings)}
    problems = [Problem(f"unknown key; {nearest(key, names)}", key) for key in settings if key not in names]
    try:
        parsed = msgspec.convert({k: v for k, v in settings.items() if k in names}, known.settings)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        return [*problems, Problem(message[:1].lower() + message[1:], place.removeprefix("$").strip(".`"))]
    try:
        return problems + known.problems(parsed)
    except Exception as error:  # of somebody else's package
        logger.error("settings_check_broke", type=type_, error=type(error).__name__)
        return [*problems, Problem(f"the type could not check them ({type(error).__name__})", "")]


@functools.cache
def secret_names(type_: str) -> frozenset[str] | None:
    """The settings that are secrets: those that are marked; of other packages also those that are called so. None
    of an unknown type.
    """
    known = get(type_)
    if known is None:
        return None
    marked = settings.secret_names(known.settings)
    if type_ in OURS:
        return marked
    return marked | {
        each.encode_name for each in msgspec.structs.fields(known.settings) if is_telling(each.encode_name)
    }


def dedupes_on(type_: str) -> str:
    """The type of external id by which destinations of this type take each person once and only once."""
    known = get(type_)
    return known.dedupes_on if known else ""


def actions(type_: str) -> dict[str, bool]:
    """What a destination can do: action → whether it may send several events at once. Empty of an unknown type."""
    known = get(type_)
    return {action.name: action.batch is not None for action in known.actions} if known else {}


def mapping_problems(type_: str, action: str, mapping: dict[str, Any]) -> list[Problem]:
    """What is wrong with a mapping for an action of a destination type; paths are relative to it."""
    known = get(type_)
    chosen = known.action(action) if known else None
    if chosen is None:
        return [Problem(f"{type_} has no action {action!r}; {nearest(action, actions(type_))}", "")]
    return mappings.problems(chosen, mapping)
