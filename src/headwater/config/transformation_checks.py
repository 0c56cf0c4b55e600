"""What types alone cannot say about transformations: that their paths are paths, all of them different, and that
what they name exists.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

import msgspec

from headwater import fql, limits
from headwater.config import event_paths
from headwater.config.document import Document, join
from headwater.config.event_paths import Path
from headwater.config.transformations import Transformation
from headwater.errors import nearest

_OTHER_PARTS = tuple(
    field.encode_name
    for field in msgspec.structs.fields(Transformation)
    if field.encode_name
    not in {"name", "description", "enabled", "sources", "destination", "if", "drop", "version"}
)
"""The keys that say what is changed: `drop` makes them meaningless."""


class _Use(NamedTuple):
    """A path that a rule touches, and where the file says so."""

    path: Path
    text: str
    where: str
    """The key of the rule that it stands under."""
    at: str
    key: str = ""


def check(
    document: Document,
    at: str,
    rule: dict[str, Any],
    *,
    sources: Collection[str],
    destinations: Collection[str],
) -> None:
    """Report every mistake of one transformation, at the path `at`."""
    for index, name in enumerate(_list(rule, "sources")):
        if isinstance(name, str) and name not in sources:
            document.report(f"{join(at, 'sources')}[{index}]", f"no source {name!r}; {nearest(name, sources)}")
    destination = rule.get("destination")
    if isinstance(destination, str) and destination and destination not in destinations:
        document.report(
            join(at, "destination"), f"no destination {destination!r}; {nearest(destination, destinations)}"
        )
    _check_fql(document, join(at, "if"), rule.get("if"), fql.compile_filter)
    others = [key for key in _OTHER_PARTS if rule.get(key)]
    if rule.get("drop") is True:
        if others:
            document.report(join(at, "drop"), f"a dropped event is not changed as well; leave out {others[0]}")
        return
    if not others:
        document.report(at, "it does nothing; say what, with `drop` or one of the keys that change an event")
    _check_values(document, at, rule)
    _check_paths(document, at, rule)


def _check_values(document: Document, at: str, rule: dict[str, Any]) -> None:
    for target, value in _mapping(rule, "set_values").items():
        if target in event_paths.FREE and not (isinstance(value, str) and value):
            document.report(join(at, "set_values"), "expected text that is not empty", key=target)
    for target, text in _mapping(rule, "fql_values").items():
        _check_fql(document, join(at, "fql_values"), text, fql.compile_value, key=target)
    for path, values in _mapping(rule, "map_properties").items():
        if isinstance(values, dict) and len(values) > limits.govern.VALUE_MAP_ENTRIES_MAX:
            most = f"at most {limits.govern.VALUE_MAP_ENTRIES_MAX:,} values of one path"
            document.report(join(at, "map_properties"), most, key=path)
    added = len(msgspec.json.encode(_mapping(rule, "set_values")))
    if added > limits.govern.TRANSFORMATION_VALUES_BYTES_MAX:
        most = f"at most {limits.govern.TRANSFORMATION_VALUES_BYTES_MAX:,} bytes as JSON, these are {added:,}"
        document.report(join(at, "set_values"), most)


def _check_fql(document: Document, at: str, text: Any, compiled: Callable[[str], object], key: str = "") -> None:
    if not isinstance(text, str) or not text:
        return
    try:
        compiled(text)
    except fql.FqlError as error:
        document.report(at, f"not FQL: {error}", key=key)


# --- paths: none twice, none inside another ----------------------------------------------------------------


def _check_paths(document: Document, at: str, rule: dict[str, Any]) -> None:
    uses = [*_uses(document, at, rule)]
    if len(uses) > limits.govern.TRANSFORMATION_PATHS_MAX:
        document.report(at, f"at most {limits.govern.TRANSFORMATION_PATHS_MAX} paths in one transformation")
        return
    ends: dict[Path, _Use] = {}
    passed: dict[Path, _Use] = {}
    for use in uses:
        for path in _meant(use.path):
            above = (ends.get(path[:names]) for names in range(1, len(path) + 1))
            if earlier := next(filter(None, above), None) or passed.get(path):
                _report_conflict(document, use, earlier)
                break
            ends[path] = use
            passed |= {path[:names]: use for names in range(1, len(path))}
    _check_allowed(document, at, rule)


_PAYLOAD = ""
"""Stands for properties or traits, whichever the event has, at the beginning of a path inside them."""


def _meant(path: Path) -> list[Path]:
    """Where a path can lead: one inside the payload is one of two."""
    return [("properties", *path[1:]), ("traits", *path[1:])] if path[0] == _PAYLOAD else [path]


def _report_conflict(document: Document, use: _Use, earlier: _Use) -> None:
    if use.text == earlier.text:
        said = f"{use.text} is touched by {earlier.where} as well"
    else:
        said = (
            f"{use.text} and {earlier.text}, which {earlier.where} touches, are one value or one inside the other"
        )
    document.report(use.at, f"{said}; make two transformations of it", key=use.key)


def _uses(document: Document, at: str, rule: dict[str, Any]) -> Iterator[_Use]:
    """Every path that is changed, from or to."""
    for key in ("drop_properties", "drop_values"):
        yield from _of_list(document, join(at, key), _list(rule, key), key)
    yield from _of_keys(document, at, rule, "map_properties")
    for key in ("rename_properties", "move_values"):
        yield from _of_keys(document, at, rule, key)
        for old, new in _mapping(rule, key).items():
            if isinstance(new, str):
                yield from _parsed(document, new, key, join(at, key), old)
    for key in ("set_values", "fql_values"):
        yield from _of_keys(document, at, rule, key)
    hashing = rule.get("hash_values")
    if isinstance(hashing, dict):
        hash_at = join(at, "hash_values")
        if not _list(hashing, "paths"):
            document.report(hash_at, "`paths` says what is hashed; it is empty")
        yield from _of_list(document, join(hash_at, "paths"), _list(hashing, "paths"), "hash_values")


def _of_list(document: Document, at: str, texts: list[Any], key: str) -> Iterator[_Use]:
    for index, text in enumerate(texts):
        if isinstance(text, str):
            yield from _parsed(document, text, key, f"{at}[{index}]")


def _of_keys(document: Document, at: str, rule: dict[str, Any], key: str) -> Iterator[_Use]:
    for text in _mapping(rule, key):
        yield from _parsed(document, text, key, join(at, key), text)


def _parsed(document: Document, text: str, where: str, at: str, key: str = "") -> Iterator[_Use]:
    try:
        inside = where.endswith("_properties")
        path = (_PAYLOAD, *event_paths.inside(text)) if inside else event_paths.whole(text)
    except ValueError as error:
        document.report(at, f"{text!r}: {error}", key=key)
    else:
        yield _Use(path, text, where, at, key)


def _check_allowed(document: Document, at: str, rule: dict[str, Any]) -> None:
    """What `allow_properties` takes away cannot be renamed or mapped as well."""
    listed = _of_list(document, join(at, "allow_properties"), _list(rule, "allow_properties"), "allow_properties")
    allowed = [use.path for use in listed]
    for key in ("rename_properties", "map_properties") if allowed else ():
        for text in _mapping(rule, key):
            try:
                path = (_PAYLOAD, *event_paths.inside(text))
            except ValueError:
                continue  # reported where it stands
            if not any(path[: len(kept)] == kept for kept in allowed):
                document.report(join(at, key), f"{text} is not among allow_properties, so it is gone", key=text)


# --- the data as written: nothing is known about it yet ----------------------------------------------------


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _mapping(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}
