"""What a body says about one trait or audience: the definition as the workspace file has it, text in Segment's
query language, or, of an audience, the condition alone. It is saved, or tried out.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from headwater.config.definitions import AudienceDefinition, TraitDefinition
from headwater.config.export import as_yaml
from headwater.config.loader import complete, load
from headwater.config.port import DestinationTypes
from headwater.config.workspace import Workspace, as_data
from headwater.definitions.ast import Definition
from headwater.definitions.calls import CALLS
from headwater.definitions.catalogue import references
from headwater.errors import ConfigError, ConflictError, InputError, NotFoundError, Problem
from headwater.serve.config.edits import Edit, File, decoded, told_inside
from headwater.serve.config.sections import Section, find

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


def put(section: Section, key: str, body: bytes, *, is_new: bool = False) -> Edit:
    """Add or change one. `is_new`: refused when there is one of this key and collection."""

    def edit(workspace: Workspace) -> File:
        given = decoded(body)
        if is_new and _is_there(workspace, key, _collection(given) or "users"):
            raise ConflictError(f"there is a trait or an audience {key!r} already: choose another key")
        return _edited(workspace, section, key, given)

    return edit


def delete(section: Section, key: str, collection: str | None) -> Edit:
    """Remove one. ConfigError while others refer to it."""

    def edit(workspace: Workspace) -> File:
        data = as_data(workspace)
        found = find(data, section, key, collection)
        _check_unused(workspace, found.get("collection", "users"), key)
        data[section].remove(found)
        return File(data, f"{section.noun} {key} deleted")

    return edit


def tried(workspace: Workspace, section: Section, given: dict[str, Any], types: DestinationTypes) -> Tried:
    """What a body would define, beside everything that is defined already; or in place of what has its key."""
    key = given.get("key") or PREVIEWED
    if not isinstance(key, str):
        raise InputError("invalid_request", "`key` must be text", field="key")
    file = _edited(workspace, section, key, given)
    collection = find(file.data, section, key, _collection(given)).get("collection", "users")
    with told_inside(file):
        loaded = complete(load(as_yaml(file.data), types), workspace)
    found = (each for each in loaded.definitions if (each.collection, each.key) == (collection, key))
    return Tried(next(found), loaded)


def users_of(workspace: Workspace, collection: str, key: str) -> list[tuple[Section, str]]:
    """The definitions that refer to this one."""
    users = [each for each in workspace.definitions if (collection, key) in references(each)]
    return [(Section.AUDIENCES if each.is_audience else Section.TRAITS, each.key) for each in users]


def _is_there(workspace: Workspace, key: str, collection: str) -> bool:
    items: list[TraitDefinition | AudienceDefinition] = [*workspace.traits, *workspace.audiences]
    return any((each.key, each.collection.value) == (key, collection) for each in items)


def _check_unused(workspace: Workspace, collection: str, key: str) -> None:
    """Without this, a condition that names it as a trait would go on, about a trait of this name that was sent."""
    if users := users_of(workspace, collection, key):
        said = f"it refers to {key!r}, which is to be deleted"
        raise ConfigError([Problem(said, f"{section}[{name}]") for section, name in users])


def _collection(given: Mapping[str, Any]) -> str | None:
    collection = given.get("collection")
    return collection if isinstance(collection, str) else None


def _edited(workspace: Workspace, section: Section, key: str, given: dict[str, Any]) -> File:
    """The file with one item that is another one than in the workspace."""
    data = as_data(workspace)
    if given.get("key", key) != key:
        raise InputError("invalid_request", f"`key` says {given['key']!r}, the address {key!r}", field="key")
    try:
        before = find(data, section, key, _collection(given))
    except NotFoundError:
        before = None
    items = data.setdefault(section.value, [])
    index = len(items) if before is None else items.index(before)
    items[index : index + 1] = [_item(section, key, given, before or {})]
    note = f"{section.noun} {key}" + (" added" if before is None else "")
    return File(data, note, f"{section}[{index}]")


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
