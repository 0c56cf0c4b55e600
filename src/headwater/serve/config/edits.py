"""One part of the workspace changed: the workspace file that would say so, loaded like any other. What is wrong
with it is what `headwater apply` would say; of the item that was sent it is told by paths inside it.

An `Edit` is a pure function: a workspace in, a file out. `make` plans what the file changes, and does it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from headwater.config import changes
from headwater.config.diff import Change
from headwater.config.export import as_yaml
from headwater.config.port import ConfigStore, DestinationTypes, Version
from headwater.config.workspace import Workspace, as_data
from headwater.errors import ConfigError, ConflictError, HeadwaterError, InputError, NotFoundError, Problem
from headwater.serve.config import references
from headwater.serve.config.sections import KEYS, Section, find


class Terms(NamedTuple):
    """How a change is asked for."""

    author: str
    expected: int | None = None
    """The version that the caller has seen; None: whichever there is."""
    dry_run: bool = False
    """Only say what it would change."""
    note: str = ""
    """Why, in the caller's words."""


class File(NamedTuple):
    """A workspace file, as plain data, that somebody has changed a part of."""

    data: dict[str, Any]
    note: str
    """What was done, for the history."""
    at: str = ""
    """The path of what the caller has sent; empty: nothing."""
    renamed: tuple[Section, str, str] | None = None
    """An item that has another name now: its section, the name before, the name now."""


Edit = Callable[[Workspace], File]


class Made(NamedTuple):
    number: int
    """Of the version that was made; of a dry run, and when nothing was to be changed, of the one there is."""
    changes: list[Change]
    workspace: Workspace
    """As it is now; of a dry run, as it would be."""


def make(store: ConfigStore, edit: Edit, types: DestinationTypes, terms: Terms) -> Made:
    """Make it a new version; nothing is stored when it says what was there already. ConfigError when it cannot be
    loaded, ConflictError when the workspace is not at the version that was expected, BusyError when somebody else
    was faster.
    """
    version = _current(store)
    if terms.expected is not None and terms.expected != version.number:
        raise ConflictError(
            f"somebody else has changed it: the workspace is at version {version.number}, made by "
            f"{version.author or 'somebody'}, and this change starts from version {terms.expected}; look again"
        )
    file = edit(version.workspace)
    previous = renamed(version.workspace, *file.renamed) if file.renamed else version.workspace
    with told_inside(file):
        planned = changes.plan_after(previous, version.number, as_yaml(file.data), types)
    found = [*_renaming(file), *planned.changes]
    if terms.dry_run or not found:
        return Made(version.number, found, planned.workspace)
    note = f"{file.note}: {terms.note}" if terms.note else file.note
    stored = store.put(planned.workspace, author=terms.author, note=note, expected=version.number)
    return Made(stored.number, found, stored.workspace)


def _current(store: ConfigStore) -> Version:
    version = store.current()
    if version is None:
        raise HeadwaterError("there is no workspace yet")
    return version


def renamed(workspace: Workspace, section: Section, name: str, new: str) -> Workspace:
    """The workspace with another name for an item: what belongs to it, as secrets and keys, stays with it."""
    items = tuple(
        msgspec.structs.replace(item, name=new) if item.name == name else item
        for item in getattr(workspace, section)
    )
    return msgspec.structs.replace(workspace, **{section: items})


def _renaming(file: File) -> Iterator[Change]:
    if file.renamed:
        section, name, new = file.renamed
        yield Change("change", f"{section}[{name}].name", name, new)


# --- edits ------------------------------------------------------------------------------------------------------


def put(section: Section, name: str, given: Mapping[str, Any], *, is_new: bool = False) -> Edit:
    """The item as it is given, added or in place of the one there is. With another name in it, it gets that name
    wherever it is named. `is_new`: refused when there is one.
    """

    def edit(workspace: Workspace) -> File:
        data = as_data(workspace)
        items = data.setdefault(section.value, [])
        key = KEYS[section]
        index = next((at for at, item in enumerate(items) if item[key] == name), len(items))
        is_there = index < len(items)
        if is_new and is_there:
            raise ConflictError(f"there is a {section.noun} {name!r} already: choose another name")
        new = given.get(key, name)
        at = f"{section}[{index}]"
        moved = None
        if new != name:
            _check_renaming(section, name, new, is_there=is_there)
            references.rename(data, section, name, new)
            moved = (section, name, new)
        items[index : index + 1] = [{**given, key: new}]
        note = f"{section.noun} {name}" + (f" renamed to {new}" if moved else " changed" if is_there else " added")
        return File(data, note, at, moved)

    return edit


def _check_renaming(section: Section, name: str, new: Any, *, is_there: bool) -> None:
    if not isinstance(new, str):
        raise InputError("invalid_request", "`name` must be text", field="name")
    if section is Section.FLAGS:  # the platform names them
        raise InputError("invalid_request", f"`name` says {new!r}, the address {name!r}", field="name")
    if not is_there:
        raise NotFoundError(f"there is no {section.noun} {name!r} that could be renamed to {new!r}")


def delete(section: Section, name: str, *, leave_out: bool = False) -> Edit:
    """Without the item. `leave_out`: others that name it do so no more, if they mean the same without."""

    def edit(workspace: Workspace) -> File:
        data = as_data(workspace)
        item = find(data, section, name)
        if leave_out:
            references.leave_out(data, section, name)
        data[section].remove(item)
        return File(data, f"{section.noun} {name} deleted")

    return edit


def order(section: Section, names: Sequence[str]) -> Edit:
    """The same items in this order; InputError unless each is named once."""

    def edit(workspace: Workspace) -> File:
        data = as_data(workspace)
        items = {item[KEYS[section]]: item for item in data.get(section, [])}
        missing = [name for name in items if name not in names]
        unknown = [name for name in names if name not in items]
        if missing or unknown or len(names) != len(items):
            wrong = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"unknown: {', '.join(unknown)}"] * bool(
                unknown
            )
            said = f"every {section.noun} once, in the order that is wanted; {'; '.join(wrong) or 'one is twice'}"
            raise InputError("invalid_request", said, field="order")
        data[section.value] = [items[name] for name in names]
        return File(data, f"order of {section.value.replace('_', ' ')}")

    return edit


def put_part(name: str, value: Any) -> Edit:
    """Another value for a part of the file that is one value: `settings`, `identity`, `tier`, …"""

    def edit(workspace: Workspace) -> File:
        data = as_data(workspace)
        return File(data | {name: value}, f"{name.replace('_', ' ')} changed", name)

    return edit


def edit_item(section: Section, name: str, change: Callable[[dict[str, Any]], None], note: str) -> Edit:
    """An item of which `change` changes something."""

    def edit(workspace: Workspace) -> File:
        data = as_data(workspace)
        change(find(data, section, name))
        return File(data, f"{section.noun} {name}: {note}")

    return edit


# --- what is sent, and what is wrong with it --------------------------------------------------------------------


def decoded(body: bytes) -> dict[str, Any]:
    """A body that is a JSON object."""
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError("invalid_request", f"the body is not valid JSON: {error}", field="body") from None
    if not isinstance(given, dict):
        raise InputError("invalid_request", "the body must be a JSON object", field="body")
    return given


@contextmanager
def told_inside(file: File) -> Iterator[None]:
    """Mistakes of what was sent are told by their paths inside it: that is all that the caller has written. Those
    of other items are told by their names: nobody has a file before them to count in.
    """
    try:
        yield
    except ConfigError as error:
        raise ConfigError([Problem(p.message, _path(p.path, file)) for p in error.problems]) from None


_ITEM = re.compile(r"(\w+)\[(\d+)\]")


def _path(path: str, file: File) -> str:
    if file.at and re.match(re.escape(file.at) + r"(?![\w])", path):
        return path[len(file.at) :].removeprefix(".")
    found = _ITEM.match(path)
    if found is None or found[1] not in set(Section):
        return path
    item = file.data[found[1]][int(found[2])]
    name = item.get(KEYS[Section(found[1])], found[2]) if isinstance(item, dict) else found[2]
    return f"{found[1]}[{name}]{path[found.end() :]}"
