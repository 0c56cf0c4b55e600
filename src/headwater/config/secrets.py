"""Which values of a workspace open doors, and how they are shown instead.

*Settings of a destination:* what its type marks as a secret; what is called like one (`token`, `api_key`, …) where
no type of ours says what it is: inside of settings, and in those of other packages, which may have forgotten;
values in `headers`; and in an address the user, the password and the values of its query. *Tokens of the Profile
API.* *Keys of hashes.* *Write keys* let one send and not read, and stand in every web page: `plan` does not repeat
them, everywhere else they are shown.

What is shown can be applied again: a mask means the value that is stored at its place.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any, Final, Protocol

import msgspec
from msgspec.structs import replace

from headwater.config.document import Document, join
from headwater.config.workspace import Destination, Workspace, as_data

MASK: Final = "••••"

WORDS: Final = ("secret", "key", "token", "password", "credential", "authorization", "cookie")
"""A setting whose name contains one of these is not shown."""

PLAIN_HEADERS: Final = frozenset({"accept", "accept-language", "cache-control", "content-type", "user-agent"})
"""Of these nobody makes a secret, and values such as `application/json` stand everywhere."""

UNKNOWN: Final = (
    f"`{MASK}` stands for a secret that is stored already, and here none is: write it out, or take the file from "
    "`headwater export --with-secrets`"
)

_USER_INFO = re.compile(r"(?<=://)[^/?#@\s]+(?=@)")
_QUERY_VALUE = re.compile(r"(?<==)[^&#\s]+")


class SecretNames(Protocol):
    """The part of DestinationTypes that this needs."""

    def secret_names(self, type_: str, /) -> Collection[str] | None:
        """The settings that are secrets, of this type; None of an unknown one: those that are called so."""
        ...


class Hidden(msgspec.Struct, frozen=True):
    value: Any
    shown: Any = MASK


def concealed(workspace: Workspace, types: SecretNames) -> dict[str, Any]:
    """The workspace as plain data, with Hidden in place of every secret and of write keys."""
    data: dict[str, Any] = as_data(workspace)
    for source in data.get("sources", ()):
        if "write_key" in source:
            source["write_key"] = Hidden(source["write_key"])
    for destination in data.get("destinations", ()):
        if "settings" in destination:
            names = types.secret_names(destination["type"])
            destination["settings"] = hidden(destination["settings"], names)
    for given in data.get("profile_api", {}).get("tokens", ()):
        if "token" in given:
            given["token"] = Hidden(given["token"])
    for transformation in data.get("transformations", ()):
        if "hash_values" in transformation:
            transformation["hash_values"] = hidden(transformation["hash_values"])
    return data


def hidden(settings: dict[str, Any], names: Collection[str] | None = None) -> dict[str, Any]:
    """Settings with Hidden in place of the secrets: of `names`; None: of those that are called like one."""
    return {
        name: _hidden(value, name, is_secret=is_telling(name) if names is None else name in names)
        for name, value in settings.items()
    }


def is_telling(name: str) -> bool:
    """Whether a setting is called like a secret."""
    return any(word in name.lower() for word in WORDS)


def _hidden(value: Any, name: str = "", *, is_secret: bool = False) -> Any:
    # What is empty or yes-or-no gives nothing away.
    if value and not isinstance(value, bool) and is_secret:
        return Hidden(value)
    if isinstance(value, dict):
        within = name.lower() == "headers"
        return {
            key: _hidden(item, key, is_secret=is_telling(key) or (within and key.lower() not in PLAIN_HEADERS))
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_hidden(item) for item in value]
    if isinstance(value, str) and "://" in value:
        shown = _shown_address(value)
        return value if shown == value else Hidden(value, shown)
    return value


def _shown_address(url: str) -> str:
    """With masks in it.

    >>> _shown_address("https://ann:pw@example.com/in?key=abc&b=1#top")
    'https://••••@example.com/in?key=••••&b=••••#top'
    """
    base, mark, query = _USER_INFO.sub(MASK, url).partition("?")
    return base + mark + _QUERY_VALUE.sub(MASK, query)


def _address_secrets(url: str) -> list[str]:
    base, _, query = url.partition("?")
    return [*_USER_INFO.findall(base), *_QUERY_VALUE.findall(query)]


def shown(value: Any) -> Any:
    """What is concealed, as people see it."""
    if isinstance(value, Hidden):
        return value.shown
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, list) else value


def values(value: Any) -> Iterator[str]:
    """Every secret text in what is concealed: what a mask looks for in what is written."""
    if isinstance(value, Hidden):
        # Of an address only what is hidden in it: the rest of it says what went where.
        yield from _texts(value.value) if value.shown == MASK else _address_secrets(value.value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from values(item)
    elif isinstance(value, list):
        for item in value:
            yield from values(item)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def masked(workspace: Workspace, types: SecretNames) -> Workspace:
    """The workspace with masks for its secrets, write keys aside: to be shown, and to be applied again."""
    destinations = (
        replace(each, settings=shown(hidden(each.settings, types.secret_names(each.type))))
        for each in workspace.destinations
    )
    rules = (
        replace(each, hash_values=replace(each.hash_values, key=MASK)) if each.hash_values.key else each
        for each in workspace.transformations
    )
    tokens = (replace(each, token=MASK) if each.token else each for each in workspace.profile_api.tokens)
    return replace(
        workspace,
        destinations=tuple(destinations),
        transformations=tuple(rules),
        profile_api=replace(workspace.profile_api, tokens=tuple(tokens)),
    )


# --- the other way round -----------------------------------------------------------------------------------


def restore(document: Document, previous: Workspace | None, types: SecretNames) -> None:
    """Put what is stored in the place of each mask of a file; report masks that nothing stands behind."""
    for path, item in _named(document.data, "destinations"):
        before = previous.destination(item["name"]) if previous else None
        stored = _stored_settings(before, item.get("type"), types)
        _put_back(document, item, "settings", stored, path)
    data = document.data if isinstance(document.data, dict) else {}
    keys = {each.name: Hidden(each.write_key) for each in previous.sources} if previous else {}
    for path, item in _named(data, "sources"):
        _put_back(document, item, "write_key", keys.get(item["name"]), path)
    tokens = {each.name: Hidden(each.token) for each in previous.profile_api.tokens} if previous else {}
    for path, item in _named(data.get("profile_api"), "tokens", "profile_api."):
        _put_back(document, item, "token", tokens.get(item["name"]), path)
    rules = {each.name: as_data(each).get("hash_values") for each in previous.transformations} if previous else {}
    for path, item in _named(data, "transformations"):
        _put_back(document, item, "hash_values", hidden(rules.get(item["name"]) or {}), path)


def _named(data: Any, section: str, above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    items = data.get(section) if isinstance(data, dict) else None
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield f"{above}{section}[{index}]", item


def _stored_settings(before: Destination | None, type_: Any, types: SecretNames) -> dict[str, Any]:
    if before is None or before.type != type_:
        return {}  # another type asks somebody else: a secret must not follow
    return hidden(before.settings, types.secret_names(before.type))


def _put_back(document: Document, item: dict[str, Any], key: str, stored: Any, path: str) -> None:
    if key in item:
        item[key] = _restored(item[key], stored)
        for at in _masks(item[key], join(path, key)):
            document.report(at, UNKNOWN)


def _restored(given: Any, stored: Any) -> Any:
    if isinstance(stored, Hidden):
        return stored.value if given == stored.shown else given
    if isinstance(given, dict) and isinstance(stored, dict):
        return {key: _restored(item, stored.get(key)) for key, item in given.items()}
    if isinstance(given, list) and isinstance(stored, list):
        behind = [*stored, *([None] * len(given))]
        return [_restored(item, behind[index]) for index, item in enumerate(given)]
    return given


def _masks(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and MASK in value:
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _masks(item, join(path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _masks(item, f"{path}[{index}]")
