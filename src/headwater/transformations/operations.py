"""What one transformation can do to a draft, compiled: each operation works on paths of its own.

Objects are made where they are missing or null; any other value in the way is left alone, and the step says
`obstructed`. A path never leads into a list.
"""

import base64
import copy
import functools
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from headwater.config import event_paths
from headwater.config.event_paths import Path
from headwater.config.transformations import HashEncoding, Hashing
from headwater.transformations.draft import MISSING, Draft, encode

_encode_sorted = msgspec.json.Encoder(order="sorted").encode

PAYLOAD: Final = ""
"""Stands for the member that holds the event's facts, at the beginning of a path inside it."""

NAMED_MAX: Final = 20
"""So many properties that an allow list took away are named; the rest is counted."""


class Step(NamedTuple):
    """Something that was done, without any value: rules exist to hide values."""

    verb: str
    path: str
    to: str = ""


Operation = Callable[[Draft, list[Step]], None]


def inside(text: str) -> Path:
    return (PAYLOAD, *event_paths.inside(text))


def rename_event(new: str) -> Operation:
    @functools.lru_cache(maxsize=64)
    def step(old: str) -> Step:
        return Step("renamed_event", old, new)

    def run(draft: Draft, steps: list[Step]) -> None:
        old = draft.name
        if draft.call == "track" and old is not None and old != new:
            draft.rename(new)
            steps.append(step(old))

    return run


def allow(texts: Iterable[str]) -> Operation:
    """Take away everything in the payload but these paths and what is inside them."""
    tree: dict[str, Any] = {}
    for path in sorted((event_paths.inside(text) for text in texts), key=len, reverse=True):
        *above, last = path
        node = tree
        for name in above:
            node = node.setdefault(name, {})
        node[last] = True  # the shorter path comes later: it keeps all that is inside it

    def run(draft: Draft, steps: list[Step]) -> None:
        payload = draft.read(draft.payload)
        removed: list[str] = []
        if isinstance(payload, dict):
            _prune(payload, tree, "", removed)
        if removed:
            draft.touch(draft.payload)
            steps.extend(Step("dropped", path) for path in removed[:NAMED_MAX])
            if len(removed) > NAMED_MAX:
                steps.append(Step("dropped", f"and {len(removed) - NAMED_MAX} more"))

    return run


def _prune(value: dict[str, Any], tree: Mapping[str, Any], above: str, removed: list[str]) -> None:
    for name in list(value):
        kept, path = tree.get(name), above + written(name)
        if kept is True:
            continue
        inner = value[name]
        if kept is not None and isinstance(inner, dict):
            _prune(inner, kept, path + ".", removed)
        else:
            del value[name]
            removed.append(path)


def written(name: str) -> str:
    """A name as paths have it."""
    return name.replace("\\", "\\\\").replace(".", "\\.")


def drop(path: Path, text: str) -> Operation:
    done = Step("dropped", text)

    def run(draft: Draft, steps: list[Step]) -> None:
        if _take(draft, path):
            steps.append(done)

    return run


def move(old: Path, new: Path, verb: str, old_text: str, new_text: str) -> Operation:
    done, over = Step(verb, old_text, new_text), Step("overwrote", new_text)

    def run(draft: Draft, steps: list[Step]) -> None:
        value = _find(draft, old)
        if value is MISSING:
            return
        is_taken = _find(draft, new) is not MISSING
        if not _put(draft, new, value):
            steps.append(Step("obstructed", new_text))
            return
        _take(draft, old)
        steps.append(done)
        if is_taken:
            steps.append(over)

    return run


def put(path: Path, text: str, value: Any) -> Operation:
    done = Step("set", text)
    is_shared = isinstance(value, dict | list)  # a later rule may change what is inside

    def run(draft: Draft, steps: list[Step]) -> None:
        if not _belongs(draft, path):
            return
        is_put = _put(draft, path, copy.deepcopy(value) if is_shared else value)
        steps.append(done if is_put else Step("obstructed", text))

    return run


def put_computed(draft: Draft, steps: list[Step], path: Path, text: str, value: Any) -> None:
    if value is not None and _belongs(draft, path):
        steps.append(Step("computed" if _put(draft, path, value) else "obstructed", text))


def change(path: Path, text: str, verb: str, changed: Callable[[Any], Any]) -> Operation:
    """Replace a value that is there by what `changed` makes of it; MISSING: it stays."""
    done = Step(verb, text)

    def run(draft: Draft, steps: list[Step]) -> None:
        value = _find(draft, path)
        new = MISSING if value is MISSING else changed(value)
        if new is not MISSING:
            _put(draft, path, new)
            steps.append(done)

    return run


def mapped(values: Mapping[str, Any]) -> Callable[[Any], Any]:
    """By the value as text: text is itself, other scalars are as JSON writes them (`true`, `12`, `null`)."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict | list):
            return MISSING
        text = value if isinstance(value, str) else encode(value).decode()
        return copy.deepcopy(values[text]) if text in values else MISSING

    return changed


def hashed(hashing: Hashing) -> Callable[[Any], Any]:
    """Text as UTF-8, anything else as JSON with sorted keys; null stays null."""
    algorithm, key = str(hashing.algorithm), hashing.key.encode()
    encoded: Callable[[bytes], str] = {
        HashEncoding.HEX: bytes.hex,
        HashEncoding.BASE64: lambda digest: base64.b64encode(digest).decode(),
        HashEncoding.BASE64URL: lambda digest: base64.urlsafe_b64encode(digest).decode(),
    }[hashing.encoding]

    def changed(value: Any) -> Any:
        if value is None:
            return MISSING
        data = value.encode() if isinstance(value, str) else _encode_sorted(value)
        if key:
            return encoded(hmac.digest(key, data, algorithm))
        return encoded(hashlib.new(algorithm, data, usedforsecurity=False).digest())

    return changed


# --- paths in a draft: this is where the stage spends its time ---------------------------------------------


def _belongs(draft: Draft, path: Path) -> bool:
    """Whether a value may be put there: an event has properties or traits, not both."""
    return path[0] == draft.payload or path[0] not in {"properties", "traits"}


def _parent(draft: Draft, path: Path) -> dict[str, Any] | None:
    """The object that holds the path's last name; None when there is none, or the path is a member itself."""
    if len(path) == 1:
        return None
    value = draft.read(path[0] or draft.payload)
    for name in path[1:-1]:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value if isinstance(value, dict) else None


def _find(draft: Draft, path: Path) -> Any:
    if len(path) == 1:
        return draft.read(path[0])
    parent = _parent(draft, path)
    return MISSING if parent is None else parent.get(path[-1], MISSING)


def _take(draft: Draft, path: Path) -> bool:
    """Remove the value; False when there was none."""
    if len(path) == 1:
        if draft.read(path[0]) is MISSING:
            return False
        draft.write(path[0], MISSING)
        return True
    parent = _parent(draft, path)
    if parent is None or path[-1] not in parent:
        return False
    del parent[path[-1]]
    draft.touch(path[0] or draft.payload)
    return True


def _put(draft: Draft, path: Path, value: Any) -> bool:
    """False, and nothing is changed, when something that is no object stands in the way."""
    member = path[0] or draft.payload
    if len(path) == 1:
        if member in event_paths.FREE and not (isinstance(value, str) and value):
            return False  # the envelope has text there, or nothing
        draft.write(member, value)
        return True
    node = draft.read(member)
    if node is MISSING or node is None:
        node = {}
        draft.write(member, node)
    for name in path[1:-1]:
        if not isinstance(node, dict):
            return False
        inner = node.get(name)
        if inner is None:
            inner = node[name] = {}
        node = inner
    if not isinstance(node, dict):
        return False
    node[path[-1]] = value
    draft.touch(member)
    return True
