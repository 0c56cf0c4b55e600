"""What types alone cannot say about traits and audiences: that keys are keys, conditions conditions, and that what
they name exists.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from headwater import limits
from headwater.config.catalogue import audience_body, trait_body
from headwater.config.definitions import Collection, Send
from headwater.config.document import Document, join
from headwater.config.identity_checks import TYPE, TYPE_RULE
from headwater.definitions import ast
from headwater.definitions.catalogue import Name, catalogue
from headwater.definitions.problems import DefinitionError
from headwater.definitions.walk import nodes
from headwater.errors import nearest

KEY: Final = re.compile(rf"[A-Za-z_]\w{{0,{limits.definitions.KEY_CHARS_MAX - 1}}}\Z", re.ASCII)
KEY_RULE: Final = (
    f"a key has 1 to {limits.definitions.KEY_CHARS_MAX} of A-Z a-z 0-9 _ and does not begin with a digit: it is"
    " the name of a trait, and of a column in warehouses"
)
SECTIONS: Final = ("traits", "audiences")

_BESIDE: Final = ("key", "name", "destinations")
"""What says nothing about how it is computed."""

Body = ast.Aggregate | ast.Condition


def check(document: Document) -> None:
    """Report what is wrong with traits, audiences and the destinations that they are sent to."""
    destinations = {
        item["name"] for _, item in _items(document.data, "destinations") if isinstance(item.get("name"), str)
    }
    owners: dict[Name, str] = {}
    found: list[ast.Definition] = []
    unread: list[Name] = []
    for section in SECTIONS:
        for at, item in _items(document.data, section):
            if len(owners) == limits.definitions.DEFINITIONS_MAX:
                document.report(at, f"at most {limits.definitions.DEFINITIONS_MAX:,} traits and audiences")
                return
            body = _body(document, at, section, item)
            name = _name(document, at, item, owners)
            _check_connections(document, at, item, destinations)
            if body is not None:
                _check_sources(document, at, body)
            if name is not None and body is not None:
                found.append(ast.Definition(name[1], body, Collection(name[0]).value))
            elif name is not None:
                unread.append(name)
    for mistake in catalogue(found, unread).mistakes:
        if not mistake.follows:
            document.report(owners[mistake.name], mistake.message)


def _name(document: Document, at: str, item: dict[str, Any], owners: dict[Name, str]) -> Name | None:
    """None: it has none that could be referred to, or somebody else has it."""
    key, collection = item.get("key"), item.get("collection") or "users"
    if not isinstance(key, str) or collection not in list(Collection):
        return None
    if not KEY.match(key):
        document.report(join(at, "key"), KEY_RULE)
    if (first := owners.setdefault((collection, key), at)) != at:
        document.report(join(at, "key"), f"{key!r} is the key of {first} already")
        return None
    return collection, key


def _body(document: Document, at: str, section: str, item: dict[str, Any]) -> Body | None:
    """None: it has mistakes, which are reported."""
    others = tuple(join(at, key) for key in _BESIDE)
    inside = [problem.path for problem in document.problems if problem.path.startswith(f"{at}.")]
    if any(not path.startswith(others) for path in inside):
        return None  # of one with a wrong shape, more would be said twice
    try:
        return trait_body(item) if section == "traits" else audience_body(item)
    except DefinitionError as error:
        for problem in error.problems:
            document.report(join(at, problem.path) if problem.path else at, problem.message)
        return None


def _check_sources(document: Document, at: str, body: Body) -> None:
    known = {item["name"] for _, item in _items(document.data, "sources") if isinstance(item.get("name"), str)}
    for node in nodes(body):
        for name in node.without_sources if isinstance(node, ast.EventQuery) else ():
            if name not in known:
                document.report(at, f"no source {name!r}; {nearest(name, known)}")


def _check_connections(document: Document, at: str, item: dict[str, Any], destinations: set[str]) -> None:
    owners: dict[str, str] = {}
    for index, (place, connection) in enumerate(_items(item, "destinations", at)):
        if index == limits.sync.CONNECTIONS_PER_DEFINITION_MAX:
            document.report(place, f"at most {limits.sync.CONNECTIONS_PER_DEFINITION_MAX} destinations")
            return
        name = connection.get("name")
        if isinstance(name, str):
            if name not in destinations:
                document.report(join(place, "name"), f"no destination {name!r}; {nearest(name, destinations)}")
            elif owners.setdefault(name, place) != place:
                document.report(join(place, "name"), f"{owners[name]} is about {name!r} already")
        _check_connection(document, place, connection, item.get("collection") or "users")


def _check_connection(document: Document, at: str, connection: dict[str, Any], collection: Any) -> None:
    for key in ("entered", "exited", "computed"):
        if connection.get(key) == "":
            document.report(join(at, key), "expected the name of an event")
    send = connection.get("send")
    if isinstance(send, list) and Send.GROUP in send and collection != Collection.ACCOUNTS:
        document.report(join(at, "send"), "group calls are about accounts; this one is about users")
    ids = connection.get("ids")
    for type_ in ids if isinstance(ids, dict) else ():
        if not TYPE.match(type_):
            document.report(join(at, "ids"), TYPE_RULE, key=type_)
    traits = connection.get("traits")
    if isinstance(traits, list) and len(traits) > limits.sync.ENRICHMENT_TRAITS_MAX:
        document.report(join(at, "traits"), f"at most {limits.sync.ENRICHMENT_TRAITS_MAX} traits are sent along")


def _items(owner: Any, section: str, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    items = owner.get(section) if isinstance(owner, dict) else None
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield f"{join(path, section)}[{index}]", item
