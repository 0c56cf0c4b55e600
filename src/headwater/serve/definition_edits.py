"""One trait or audience changed, added or removed: the workspace file that would say so, loaded like any other.
What is wrong with it is what `headwater apply` would say.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from headwater.config import changes
from headwater.config.changes import Applied
from headwater.config.export import as_yaml
from headwater.config.loader import complete, load
from headwater.config.port import ConfigStore, DestinationTypes, Version
from headwater.config.workspace import Workspace, as_data
from headwater.definitions.ast import Definition
from headwater.definitions.calls import CALLS
from headwater.definitions.catalogue import references
from headwater.errors import BusyError, ConfigError, HeadwaterError, InputError, NotFoundError, Problem, nearest


class Section(StrEnum):
    """Of the workspace file."""

    TRAITS = "traits"
    AUDIENCES = "audiences"

    @property
    def noun(self) -> str:
        return _NOUNS[self]


_NOUNS: Final = {Section.TRAITS: "trait", Section.AUDIENCES: "audience"}

COLLECTIONS: Final = ("users", "accounts")

CONDITIONS: Final = frozenset({*CALLS, "trait", "computed", "audience", "all", "any", "not", "sequence", "users"})
"""Keys that only a condition has: a body with one of them is the condition of an audience, and nothing else."""

ABOUT: Final = ("name", "destinations")
"""What a definition has besides what it computes; left out of a body, it stays as it is."""

PREVIEWED: Final = "_preview"
"""The key of a definition that is tried out and has none."""


class Tried(NamedTuple):
    """A definition that nobody has saved."""

    definition: Definition
    workspace: Workspace
    """With it."""


def put(
    store: ConfigStore, section: Section, key: str, body: bytes, types: DestinationTypes, *, author: str
) -> Applied:
    """Add or change one; nothing is stored when it says what was there already."""
    version = _current(store)
    file = _edited(version.workspace, section, key, body)
    return _apply(store, version, file, types, author, f"{section.noun} {key}")


def delete(
    store: ConfigStore, section: Section, key: str, collection: str | None, types: DestinationTypes, *, author: str
) -> Applied:
    """Remove one. ConfigError while others refer to it."""
    version = _current(store)
    data = as_data(version.workspace)
    found = find(data, section, key, collection)
    _check_unused(version.workspace, found.get("collection", "users"), key)
    data[section].remove(found)
    return _apply(store, version, _File(as_yaml(data)), types, author, f"{section.noun} {key} deleted")


def tried(workspace: Workspace, section: Section, body: bytes, types: DestinationTypes) -> Tried:
    """What a body would define, beside everything that is defined already; or in place of what has its key."""
    key = _decoded(body).get("key") or PREVIEWED
    if not isinstance(key, str):
        raise InputError("invalid_request", "`key` must be text", field="key")
    file = _edited(workspace, section, key, body)
    with _told_inside(file.at):
        loaded = complete(load(file.text, types), workspace)
    found = (each for each in loaded.definitions if (each.collection, each.key) == (file.collection, key))
    return Tried(next(found), loaded)


def find(data: Mapping[str, Any], section: Section, key: str, collection: str | None) -> dict[str, Any]:
    """The item of a workspace file with this key, of users before accounts. NotFoundError when there is none."""
    items: list[dict[str, Any]] = data.get(section, [])
    for wanted in [collection] if collection else COLLECTIONS:
        for item in items:
            if item["key"] == key and item.get("collection", "users") == wanted:
                return item
    raise NotFoundError(
        f"there is no {section.noun} {key!r}{f' of {collection}' if collection else ''}; "
        + nearest(key, [item["key"] for item in items])
    )


def _current(store: ConfigStore) -> Version:
    version = store.current()
    if version is None:
        raise HeadwaterError("there is no workspace yet")
    return version


def _apply(
    store: ConfigStore, version: Version, file: "_File", types: DestinationTypes, author: str, note: str
) -> Applied:
    with _told_inside(file.at):
        planned = changes.plan(store, file.text, "", types)
    if planned.base != version.number:
        raise BusyError("somebody else has just changed the workspace: look again, and try again")
    stored = store.put(planned.workspace, author=author, note=note, expected=planned.base)
    return Applied(stored, planned.changes)


def _check_unused(workspace: Workspace, collection: str, key: str) -> None:
    """Without this, a condition that names it as a trait would go on, about a trait of this name that was sent."""
    users = [each for each in workspace.definitions if (collection, key) in references(each)]
    if users:
        sections = [Section.AUDIENCES if each.is_audience else Section.TRAITS for each in users]
        raise ConfigError(
            [
                Problem(f"it refers to {key!r}, which is to be deleted", f"{section}[{each.key}]")
                for section, each in zip(sections, users, strict=True)
            ]
        )


# --- bodies ---------------------------------------------------------------------------------------------------


class _File(NamedTuple):
    """A workspace file."""

    text: str
    at: str = ""
    """The path of the item that is new; empty: none is."""
    collection: str = ""
    """Of that item."""


def _edited(workspace: Workspace, section: Section, key: str, body: bytes) -> _File:
    """The file with one item that is another one than in the workspace."""
    data = as_data(workspace)
    given = _decoded(body)
    if given.get("key", key) != key:
        raise InputError("invalid_request", f"`key` says {given['key']!r}, the address {key!r}", field="key")
    collection = given.get("collection")
    try:
        before = find(data, section, key, collection if isinstance(collection, str) else None)
    except NotFoundError:
        before = None
    item = _item(section, key, given, before or {})
    items = data.setdefault(section.value, [])
    index = len(items) if before is None else items.index(before)
    items[index : index + 1] = [item]
    return _File(as_yaml(data), f"{section}[{index}]", item.get("collection", "users"))


@contextmanager
def _told_inside(at: str) -> Iterator[None]:
    """Mistakes of one item are told by their paths inside it: its body is all that the caller has written."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError([Problem(p.message, _inside(at, p.path)) for p in error.problems]) from None


def _inside(at: str, path: str) -> str:
    return path[len(at) :].removeprefix(".") if at and path.startswith(at) else path


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError("invalid_request", f"the body is not valid JSON: {error}", field="body") from None
    if not isinstance(given, dict):
        raise InputError("invalid_request", "the body must be a JSON object", field="body")
    return given


def _item(section: Section, key: str, given: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The item that a body stands for: a whole one, as the workspace file has it; `query` and the like; or, of an
    audience, the condition alone.
    """
    if section is Section.AUDIENCES:
        if CONDITIONS & given.keys():
            given = {"where": given}
        elif "query" in given:
            if "where" in given:
                raise InputError("invalid_request", "`query` and `where` say the same: give one", field="query")
            given = {"where" if name == "query" else name: value for name, value in given.items()}
    kept = {name: before[name] for name in (*ABOUT, "collection") if name in before}
    return {"key": key} | kept | given
