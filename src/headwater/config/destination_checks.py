"""What types alone cannot say about destinations: that their settings are those of their type, that what they name
exists, and that filters and mappings can be carried out.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from headwater import fql, limits
from headwater.config import event_paths, identity_checks
from headwater.config.destinations import ALL, FilterType, FilterVerb
from headwater.config.document import Document, join
from headwater.config.port import DestinationTypes
from headwater.errors import nearest

_HIDING = (FilterVerb.DROP_PROPERTIES, FilterVerb.ALLOW_PROPERTIES)


def check(
    document: Document,
    destinations: Iterable[tuple[str, dict[str, Any]]],
    types: DestinationTypes,
    *,
    sources: Collection[str],
) -> None:
    """Report every mistake of these destinations, each with its path."""
    known_types = types.known_types()
    for at, destination in destinations:
        _check_delivery(document, at, destination, sources)
        type_, settings = destination.get("type"), destination.get("settings")
        if not isinstance(type_, str):
            continue
        if type_ not in known_types:
            document.report(join(at, "type"), types.why_unknown(type_))
            continue
        if settings is None or isinstance(settings, dict):
            for problem in types.validate_settings(type_, settings or {}):
                document.report(_inside(join(at, "settings"), problem.path), problem.message)
        _check_mappings(document, at, destination, types, type_)


def _check_delivery(document: Document, at: str, destination: dict[str, Any], sources: Collection[str]) -> None:
    """What no type has a say in."""
    for index, name in enumerate(_list(destination, "sources")):
        if isinstance(name, str) and name not in sources:
            document.report(f"{at}.sources[{index}]", f"no source {name!r}; {nearest(name, sources)}")
    dedupes_on = destination.get("dedupes_on")
    if isinstance(dedupes_on, str) and dedupes_on and not identity_checks.TYPE.match(dedupes_on):
        document.report(join(at, "dedupes_on"), identity_checks.TYPE_RULE)
    _check_consent(document, join(at, "consent"), _list(destination, "consent"))
    _check_retry(document, join(at, "retry"), destination.get("retry"))
    _check_filters(document, at, destination)


def _check_consent(document: Document, at: str, categories: list[Any]) -> None:
    if len(categories) > limits.delivery.CONSENT_CATEGORIES_MAX:
        document.report(at, f"at most {limits.delivery.CONSENT_CATEGORIES_MAX} categories")
    for index, category in enumerate(categories):
        if category == "":
            document.report(f"{at}[{index}]", "expected the id of a category, as in `advertising`")


def _check_retry(document: Document, at: str, retry: Any) -> None:
    if not isinstance(retry, dict):
        return
    base, most = (
        retry.get("base_s", limits.delivery.RETRY_BASE_S),
        retry.get("delay_max_s", limits.delivery.RETRY_DELAY_S_MAX),
    )
    if isinstance(base, int | float) and isinstance(most, int | float) and base > most:
        document.report(join(at, "base_s"), f"the first pause may not be longer than the longest, {most:g} s")


# --- filters -----------------------------------------------------------------------------------------------


def _check_filters(document: Document, at: str, destination: dict[str, Any]) -> None:
    for index, (place, filter_) in enumerate(_items(destination, "filters", at)):
        if index == limits.delivery.FILTERS_PER_DESTINATION_MAX:
            most = f"at most {limits.delivery.FILTERS_PER_DESTINATION_MAX} filters; join conditions with `or`"
            document.report(place, most)
            return
        title = filter_.get("title")
        if isinstance(title, str) and len(title) > limits.delivery.FILTER_TITLE_CHARS_MAX:
            document.report(join(place, "title"), f"at most {limits.delivery.FILTER_TITLE_CHARS_MAX} characters")
        condition = filter_.get("if")
        if isinstance(condition, str) and condition.strip() != ALL:
            _check_fql(document, join(place, "if"), condition, fql.compile_filter)
        _check_steps(document, place, filter_)


def _check_steps(document: Document, at: str, filter_: dict[str, Any]) -> None:
    action, actions = filter_.get("action"), filter_.get("actions")
    if action is not None and actions:
        document.report(join(at, "actions"), "it has an `action` already; one of both says what is done")
    elif action is None and not actions:
        verbs = ", ".join(FilterVerb)
        document.report(at, f"it does nothing; say what with `action`, one of {verbs}, or with `actions`")
    elif action is not None:
        _check_step(document, at, action, filter_)
    else:
        for key in ("percent", "path", "fields"):
            if filter_.get(key):
                document.report(join(at, key), "belongs into the entry of `actions` that it is about")
        for place, step in _items(filter_, "actions", at):
            type_ = step.get("type")
            if type_ in list(FilterType):
                _check_step(document, place, FilterType(type_).verb, step)


def _check_step(document: Document, at: str, verb: Any, step: dict[str, Any]) -> None:
    """What belongs to the verb and only to it."""
    if verb not in list(FilterVerb):
        return
    percent, path, fields = step.get("percent"), step.get("path"), step.get("fields")
    if verb == FilterVerb.SAMPLE:
        if percent is None:
            document.report(at, "a sample needs `percent`, the share that is sent: 0 to 1, as in 0.1")
        if isinstance(path, str) and path:
            _check_place(document, join(at, "path"), path)
    else:
        for key, value in (("percent", percent), ("path", path)):
            if value not in (None, ""):
                document.report(join(at, key), f"only a sample has it; {verb} has none")
    if verb in _HIDING:
        _check_fields(document, at, verb, fields)
    elif fields:
        document.report(join(at, "fields"), f"only drop_properties and allow_properties have it; {verb} has none")


def _check_fields(document: Document, at: str, verb: str, fields: Any) -> None:
    if fields is None or fields == {}:
        document.report(at, f"{verb} needs `fields`: a path → names in it, as in properties: [email]")
        return
    count = 0
    for path, names in fields.items() if isinstance(fields, dict) else ():
        if path:
            _check_place(document, join(at, "fields"), path, key=path)
        listed = names if isinstance(names, list) else []
        count += len(listed)
        if verb == FilterVerb.DROP_PROPERTIES and names == []:
            document.report(join(at, "fields"), "names nothing that would be dropped", key=path)
    if count > limits.delivery.FILTER_FIELDS_MAX:
        document.report(join(at, "fields"), f"at most {limits.delivery.FILTER_FIELDS_MAX} names")


def _check_place(document: Document, at: str, path: str, *, key: str = "") -> None:
    try:
        event_paths.place(path)
    except ValueError as error:
        document.report(at, f"{path!r}: {error}", key=key)


# --- mappings ----------------------------------------------------------------------------------------------


def _check_mappings(
    document: Document, at: str, destination: dict[str, Any], types: DestinationTypes, type_: str
) -> None:
    owners: dict[str, str] = {}
    actions = types.actions(type_)
    for index, (place, mapping) in enumerate(_items(destination, "mappings", at)):
        if index == limits.delivery.MAPPINGS_PER_DESTINATION_MAX:
            document.report(place, f"at most {limits.delivery.MAPPINGS_PER_DESTINATION_MAX} mappings")
            return
        name, trigger = mapping.get("name"), mapping.get("trigger")
        if name == "":
            document.report(join(place, "name"), "expected a name, which receipts have")
        elif isinstance(name, str) and owners.setdefault(name, place) != place:
            document.report(join(place, "name"), f"{name!r} is the name of {owners[name]} already")
        if isinstance(trigger, str):
            _check_fql(document, join(place, "trigger"), trigger, _compile_trigger)
        action = mapping.get("action")
        if isinstance(action, str) and action in actions:
            _check_action(document, place, mapping, types, type_, is_batched=actions[action])
        elif isinstance(action, str):
            missing = f"{type_} has no action {action!r}; {nearest(action, actions)}"
            document.report(join(place, "action"), missing)


def _check_action(
    document: Document, at: str, mapping: dict[str, Any], types: DestinationTypes, type_: str, *, is_batched: bool
) -> None:
    """What belongs to the action of a mapping, which there is."""
    fields, batch = mapping.get("mapping"), mapping.get("batch")
    if fields is None or isinstance(fields, dict):
        for problem in types.mapping_problems(type_, mapping["action"], fields or {}):
            document.report(_inside(join(at, "mapping"), problem.path), problem.message)
    if batch and not is_batched:
        document.report(join(at, "batch"), f"{mapping['action']} sends one event per request")


def _compile_trigger(text: str) -> fql.Filter:
    return fql.compile_filter(text, trigger=True)


def _check_fql(document: Document, at: str, text: str, compiled: Callable[[str], object]) -> None:
    try:
        compiled(text)
    except fql.FqlError as error:
        document.report(at, f"not FQL: {error}")


def _inside(at: str, path: str) -> str:
    return join(at, path) if path else at


# --- the data as written: nothing is known about it yet ----------------------------------------------------


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _items(owner: dict[str, Any], section: str, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, item in enumerate(_list(owner, section)):
        if isinstance(item, dict):
            yield f"{join(path, section)}[{index}]", item
