"""What changes between two workspaces, with the secrets masked."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from headwater.config.export import as_yaml
from headwater.config.secrets import SecretNames, concealed, shown
from headwater.config.workspace import Workspace

IDENTITIES = (
    *(("key",), ("key", "collection"), ("name",), ("id",), ("title",), ("if",), ("type",)),
    ("type", "event", "version"),
)
"""The first of these that tells the items of a list apart names them. Every item has the first key; the others,
as of accounts' traits and of rules of tracking plans, may be left out. A trait goes by its key: its name is for
people.
"""

SIGNS = {"add": "+", "change": "~", "remove": "-"}


class Change(msgspec.Struct, frozen=True):
    action: Literal["add", "remove", "change"]
    path: str
    """`sources[website].rate_limit`: items by their name, not by their place."""
    before: Any = UNSET
    after: Any = UNSET
    """Plain data; UNSET, and left out of JSON, where there was or will be nothing."""


def diff(before: Workspace | None, after: Workspace, types: SecretNames) -> list[Change]:
    """Every difference, in the order of the format; empty exactly if storing `after` would change nothing. Secrets
    are compared by value and shown as a mask.
    """
    old, new = concealed(before, types) if before else {}, concealed(after, types)
    for section in [key for key, value in (old | new).items() if isinstance(value, list)]:
        old.setdefault(section, [])  # so that the first source is shown as a source, not as a section
        new.setdefault(section, [])
    return list(_mapping(old, new, ""))


def render(changes: Sequence[Change]) -> str:
    """The changes for people: a sign at the start of each line, a count at the end."""
    if not changes:
        return "no changes\n"
    lines = [line for change in changes for line in _lines(change)]
    counts = [f"{sum(c.action == action for c in changes)} to {action}" for action in SIGNS]
    return "\n".join([*lines, "", ", ".join(counts), ""])


def as_json(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The changes for programs: `{"action", "path", "before"?, "after"?}` each."""
    data: list[dict[str, Any]] = msgspec.to_builtins(changes)
    return data


# --- comparing ---------------------------------------------------------------------------------------------


def _mapping(before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[Change]:
    for key in [*after, *(key for key in before if key not in after)]:
        at = f"{path}.{key}" if path else key
        if key not in after:
            yield Change("remove", at, before=shown(before[key]))
        elif key not in before:
            yield Change("add", at, after=shown(after[key]))
        else:
            yield from _compared(before[key], after[key], at)


def _compared(before: Any, after: Any, path: str) -> Iterator[Change]:
    # As JSON, because in Python 1 equals both 1.0 and true.
    if msgspec.json.encode(before, order="sorted") == msgspec.json.encode(after, order="sorted"):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _mapping(before, after, path)
    elif isinstance(before, list) and isinstance(after, list) and (key := _identity(before, after)):
        yield from _items({_label(i, key): i for i in before}, {_label(i, key): i for i in after}, path)
    else:
        yield Change("change", path, before=shown(before), after=shown(after))


def _items(before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[Change]:
    stay = [name for name in before if name in after]
    if stay != (order := [name for name in after if name in before]):
        yield Change("change", f"{path} (order)", before=stay, after=order)
    for name in [*before, *(name for name in after if name not in before)]:
        at = f"{path}[{name}]"
        if name not in after:
            yield Change("remove", at, before=shown(before[name]))
        elif name not in before:
            yield Change("add", at, after=shown(after[name]))
        else:
            yield from _compared(before[name], after[name], at)


def _identity(before: list[Any], after: list[Any]) -> tuple[str, ...]:
    for keys in IDENTITIES:
        if all(isinstance(item, dict) and isinstance(item.get(keys[0]), str) for item in (*before, *after)):
            labels = [[_label(item, keys) for item in side] for side in (before, after)]
            if all(len(set(side)) == len(side) for side in labels):
                return keys
    return ()


def _label(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    return " ".join(str(item[key]) for key in keys if key in item)


# --- showing -----------------------------------------------------------------------------------------------


def _lines(change: Change) -> Iterator[str]:
    sign = SIGNS[change.action]
    if change.action == "change":
        yield f"{sign} {change.path}: {_inline(change.before)} → {_inline(change.after)}"
        return
    value = change.after if change.action == "add" else change.before
    if isinstance(value, dict) and value:
        yield f"{sign} {change.path}"
        yield from (f"{sign}   {line}".rstrip() for line in as_yaml(value).splitlines())
    else:
        yield f"{sign} {change.path}: {_inline(value)}"


def _inline(value: Any) -> str:
    return value if isinstance(value, str) and value.isprintable() else msgspec.json.encode(value).decode()
