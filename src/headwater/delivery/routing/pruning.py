"""Taking members out of JSON without touching a byte of the others: what is not taken is neither decoded nor
written anew, so no number changes its form and no body grows.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Raw

from headwater.config import event_paths
from headwater.config.destinations import Fields

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_items = msgspec.json.Decoder(list[Raw]).decode
_encode = msgspec.json.Encoder().encode

_OBJECT: Final = ord("{")
_LIST: Final = ord("[")


class Cut:
    """What is done to the object at one place, or to each object of a list there, however deep its lists."""

    __slots__ = ("inside", "is_named", "keeps", "names")

    def __init__(self, *, keeps: bool) -> None:
        self.keeps = keeps
        """Whether the names are what stays, instead of what goes."""
        self.is_named = False
        """Whether `fields` have this place; else it is only on the way to one."""
        self.names: set[str] = set()
        self.inside: dict[str, Cut] = {}

    def apply(self, raw: Raw | bytes) -> bytes | None:
        """The JSON without what goes; None when that changes nothing. msgspec.MsgspecError or RecursionError when
        it cannot be read.
        """
        first = memoryview(raw)[0]
        if first == _OBJECT:
            members = _members(raw)
            return _encode(members) if self._cut(members) else None
        if first == _LIST:
            items = _items(raw)
            changed = False
            for index, item in enumerate(items):
                if (new := self.apply(item)) is not None:
                    items[index] = Raw(new)
                    changed = True
            return _encode(items) if changed else None
        return None

    def _cut(self, members: dict[str, Raw]) -> bool:
        before = len(members)
        if self.is_named:
            for name in [name for name in members if self._goes(name)]:
                del members[name]
        changed = len(members) != before
        for name, cut in self.inside.items():
            inner = members.get(name)
            if inner is not None and (new := cut.apply(inner)) is not None:
                members[name] = Raw(new)
                changed = True
        return changed

    def _goes(self, name: str) -> bool:
        if self.keeps:
            return name not in self.names and name not in self.inside
        return name in self.names


def compiled(fields: Fields | Mapping[str, tuple[str, ...]], *, keeps: bool) -> Cut:
    """ValueError when a path is none."""
    top = Cut(keeps=keeps)
    for path, names in fields.items():
        cut = top
        for name in event_paths.place(path) if path else ():
            cut = cut.inside.setdefault(name, Cut(keeps=keeps))
        cut.is_named = True
        cut.names.update(names)
    return top
