"""The destination types there are. A new one of ours is a module beside this one and a name in `_MODULES`; those
of other packages are found by their entry points, see `plugins`.
"""

import functools
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog

from headwater.config.secrets import is_telling
from headwater.destinations import (
    actions_webhook,
    amazon_eventbridge,
    amazon_firehose,
    amazon_kinesis,
    amazon_s3,
    amazon_sqs,
    amplitude,
    braze,
    customerio,
    facebook_conversions,
    google_ads,
    google_analytics_4,
    google_pubsub,
    http_api,
    hubspot,
    intercom,
    iterable,
    kafka,
    klaviyo,
    mappings,
    mixpanel,
    partner_webhook,
    plugins,
    postgres,
    posthog,
    repeater,
    salesforce,
    sendgrid,
    slack,
    tiktok_events,
    twilio,
    webhook,
    zendesk,
)
from headwater.destinations.kit import settings
from headwater.destinations.kit.model import DestinationType
from headwater.errors import Problem, nearest

logger = structlog.get_logger()

_MODULES = (
    actions_webhook,
    amazon_eventbridge,
    amazon_firehose,
    amazon_kinesis,
    amazon_s3,
    amazon_sqs,
    amplitude,
    braze,
    customerio,
    facebook_conversions,
    google_ads,
    google_analytics_4,
    google_pubsub,
    http_api,
    hubspot,
    intercom,
    iterable,
    kafka,
    klaviyo,
    mixpanel,
    partner_webhook,
    postgres,
    posthog,
    repeater,
    salesforce,
    sendgrid,
    slack,
    tiktok_events,
    twilio,
    webhook,
    zendesk,
)
OURS: Final[Mapping[str, DestinationType[Any]]] = {module.TYPE.name: module.TYPE for module in _MODULES}


@functools.cache
def found() -> plugins.Found:
    """What other packages bring. Looked for once: what is installed later needs a restart."""
    return plugins.discover(OURS)


@functools.cache
def _types() -> Mapping[str, DestinationType[Any]]:
    return {**OURS, **{name: plugin.type for name, plugin in found().plugins.items()}}


def known_types() -> list[str]:
    """Names, sorted."""
    return sorted(_types())


def get(type_: str) -> DestinationType[Any] | None:
    return OURS.get(type_) or _types().get(type_)


def package_of(type_: str) -> str:
    """Which package a type comes from; "" of ours."""
    return "" if type_ in OURS or type_ not in found().plugins else found().plugins[type_].package


def why_unknown(type_: str) -> str:
    """What to tell somebody who asked for a type that there is not: a package may bring it that was refused."""
    said = f"no destination type {type_!r}; {nearest(type_, _types())}"
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
