"""Back to an earlier version of the workspace, whole or for one item: as an edit; what it comes to in words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from headwater.config.port import Version
from headwater.config.workspace import Workspace, as_data
from headwater.errors import InputError, NotFoundError
from headwater.serve.config.edits import Edit, File
from headwater.serve.config.sections import COLLECTIONS, KEYS, Section

_ITEM: Final = re.compile(r"(\w+)\[(.+)\]\Z")
_NAMES_SHOWN: Final = 5


class Consequence(msgspec.Struct, frozen=True):
    """What becomes of one kind of thing."""

    part: str
    """Of the workspace file: a section as `destinations`, or a value as `settings`."""
    action: str
    """`add`, `remove` or `change`."""
    names: list[str]
    """Of the items; empty for a value."""
    text: str
    """For people: `2 destinations go: crm, mail`."""


def back_to(then: Version) -> Edit:
    """The whole workspace as it was."""

    def edit(_now: Workspace) -> File:
        return File(as_data(then.workspace), f"back to version {then.number}")

    return edit


def item_back_to(then: Version, path: str) -> Edit:
    """One item as it was, or away with it if it was not there; or one value. `path` is what a change of it says,
    as `destinations[crm]`, `destinations[crm].settings.url`, `settings.dedupe` or `tier`: always the whole item or
    value goes back.
    """

    def edit(now: Workspace) -> File:
        data, before = as_data(now), as_data(then.workspace)
        found = _ITEM.match(_whole(path))
        if found is None:
            _value_back(data, before, _whole(path))
        else:
            _item_back(data, before, found[1], found[2])
        return File(data, f"{_whole(path)} back to version {then.number}")

    return edit


def consequences(before: Workspace | None, after: Workspace) -> list[Consequence]:
    """What a change comes to, section by section, in the order of the file. Nothing of it names a secret."""
    before = before or Workspace(after.workspace)
    return [*_of_sections(before, after), *_of_values(as_data(before), as_data(after))]


# --- one item --------------------------------------------------------------------------------------------------


def _whole(path: str) -> str:
    """The item or value that a path is in.

    >>> _whole("destinations[crm].settings.url"), _whole("settings.dedupe"), _whole("sources (order)")
    ('destinations[crm]', 'settings', 'sources')
    """
    found = re.match(r"\w+(?:\[.+?\](?=\.|\Z|\[| ))?", path)
    if found is None:
        raise _no_such(path)
    return found[0]


def _item_back(data: dict[str, Any], before: Mapping[str, Any], section: str, label: str) -> None:
    if section not in set(Section):
        raise _no_such(f"{section}[{label}]")
    items = data.setdefault(section, [])
    there = _place(items, Section(section), label)
    then = before.get(section, [])
    was = _place(then, Section(section), label)
    if there is None and was is None:
        raise NotFoundError(f"neither then nor now there is {section}[{label}]")
    place = slice(len(items), None) if there is None else slice(there, there + 1)
    items[place] = [] if was is None else [then[was]]


def _place(items: list[dict[str, Any]], section: Section, label: str) -> int | None:
    """Where the item is that a diff would name so: by its key, and of two with one key by the collection, too."""
    key = KEYS[section]
    labels = [f"{item[key]} {item['collection']}" if "collection" in item else item[key] for item in items]
    for known in (labels, [item[key] for item in items]):
        if label in known:
            return known.index(label)
    return None


def _value_back(data: dict[str, Any], before: Mapping[str, Any], name: str) -> None:
    known = {field.encode_name for field in msgspec.structs.fields(Workspace)}
    if name not in known:
        raise _no_such(name)
    if name in before:
        data[name] = before[name]
    else:
        data.pop(name, None)


def _no_such(path: str) -> InputError:
    return InputError(
        "invalid_request",
        f"no part of a workspace is called {path!r}: expected one as destinations[crm]",
        field="path",
    )


# --- in words --------------------------------------------------------------------------------------------------


def _of_sections(before: Workspace, after: Workspace) -> Iterator[Consequence]:
    for section in Section:
        old, new = ({_label(item): item for item in getattr(side, section)} for side in (before, after))
        gone = [name for name in old if name not in new]
        come = [name for name in new if name not in old]
        stay = [name for name in new if name in old]
        anew = [name for name in stay if _is_computed(section) and old[name].version != new[name].version]
        other = [name for name in stay if name not in anew and as_data(old[name]) != as_data(new[name])]
        with_values = ", with what was computed" if _is_computed(section) else ""
        for_all = ", and computed for everybody" if _is_computed(section) else ""
        yield from _said(section, "remove", gone, f"{{go}}{with_values}")
        yield from _said(section, "add", come, f"{{is}} added{for_all}")
        yield from _said(section, "change", anew, "{is} computed anew for everybody")
        yield from _said(section, "change", other, "{change}")


def _is_computed(section: Section) -> bool:
    return section in {Section.TRAITS, Section.AUDIENCES}


def _label(item: Any) -> str:
    """Its name or key; of those of accounts with the collection."""
    if not hasattr(item, "key"):
        return str(item.name)
    return str(item.key) if item.collection == COLLECTIONS[0] else f"{item.key} ({item.collection})"


def _said(section: Section, action: str, names: list[str], verb: str) -> Iterator[Consequence]:
    if not names:
        return
    noun = section.noun if len(names) == 1 else section.value.replace("_", " ")
    said = verb.format_map(_ONE if len(names) == 1 else _SEVERAL)
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    yield Consequence(
        section, action, names, f"{len(names)} {noun} {said}: {', '.join(names[:_NAMES_SHOWN])}{more}"
    )


_ONE: Final = {"go": "goes", "is": "is", "change": "changes"}
_SEVERAL: Final = {"go": "go", "is": "are", "change": "change"}


def _of_values(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Consequence]:
    for name in {**before, **after}:
        if name not in set(Section) and before.get(name) != after.get(name):
            yield Consequence(name, "change", [], _VALUES.get(name, f"{name} changes"))


_VALUES: Final = {
    "workspace": "the name of the workspace changes",
    "settings": "the settings change",
    "identity": "the identity rules change",
    "profile_api": "the tokens and settings of the Profile API change",
    "tier": "the tier changes, which flags may be limited to",
}
