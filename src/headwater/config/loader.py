"""The text of a workspace file as a `Workspace`: either all of it is right, or every mistake is named."""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from secrets import token_urlsafe
from typing import Any, Final, TypeVar

import msgspec

from headwater import limits
from headwater.config import (
    definition_checks,
    destination_checks,
    identity_checks,
    secrets,
    transformation_checks,
)
from headwater.config.definitions import AudienceDefinition, TraitDefinition
from headwater.config.document import Document, join, read_document
from headwater.config.plan_checks import check_tracking_plans
from headwater.config.port import DestinationTypes
from headwater.config.shape import shape
from headwater.config.tracking_plans import TrackingPlan
from headwater.config.transformations import Transformation
from headwater.config.workspace import FLAGS, ApiToken, Destination, Source, Workspace
from headwater.definitions.ast import Definition, encode
from headwater.errors import nearest

V = TypeVar("V", bound=TrackingPlan | Transformation)
D = TypeVar("D", bound=TraitDefinition | AudienceDefinition)

NAME: Final = re.compile(r"\w(?:[\w .-]{0,62}\w)?\Z")
NAME_RULE: Final = (
    "a name has 1 to 64 letters, digits, spaces, `_`, `-` or `.` and begins and ends with a letter, digit or"
    " `_`: it stands in addresses and in metric labels"
)

WRITE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{3,64}\Z")
WRITE_KEY_RULE: Final = (
    "a write key has 3 to 64 of A-Z a-z 0-9 _ -: it stands in addresses and in the user name of HTTP Basic;"
    " leave it out to have one generated"
)

API_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,128}\Z")

PROFILES_SOURCE: Final = "profiles"
"""The source of what the platform itself says about people; no other may have the name."""

GENERATED_CHARS: Final = 29
"""After `wk_` or `pa_`: 32 in all, the length of Segment's write keys, and 174 random bits."""


def load(
    text: str | bytes, types: DestinationTypes, *, file: str = "", previous: Workspace | None = None
) -> Workspace:
    """The workspace of a file, with the secrets of `previous` where it has masks. ConfigError carries all its
    mistakes, with lines.
    """
    document = read_document(text, file=file)
    secrets.restore(document, previous, types)
    workspace = shape(document, Workspace, document.data, "")
    if isinstance(document.data, dict):
        _check_workspace(document)
        _check_sources(document)
        _check_destinations(document, types)
        _check_names(document, "tracking_plans")
        check_tracking_plans(document)
        _check_transformations(document)
        identity_checks.check(document)
        definition_checks.check(document)
        _check_profile_api(document)
        _check_flags(document)
    document.check()
    if workspace is None:
        raise AssertionError("a workspace without a shape has a reported problem")
    destinations = tuple(_deduping(destination, types) for destination in workspace.destinations)
    return msgspec.structs.replace(workspace, destinations=destinations)


def _deduping(destination: Destination, types: DestinationTypes) -> Destination:
    """As its type says where the file says nothing. Sync asks for every change, and knows nothing of types."""
    of_type = types.dedupes_on(destination.type) if destination.dedupes_on is None else ""
    return msgspec.structs.replace(destination, dedupes_on=of_type) if of_type else destination


def complete(workspace: Workspace, previous: Workspace | None, number: int = 1) -> Workspace:
    """The workspace as version `number` after `previous`: with a write key for every source and every token of the
    Profile API, its own, else the one that what has this name had before, else a new random one (the only place
    where configuration meets chance); and with the versions that brought its plans, transformations, traits and
    audiences.
    """
    taken = {source.write_key for source in workspace.sources}

    def completed(source: Source) -> Source:
        if source.write_key:
            return source
        before = previous.source(source.name) if previous else None
        key = before.write_key if before and before.write_key not in taken else random_key("wk_")
        return msgspec.structs.replace(source, write_key=key)

    old = previous or Workspace(workspace.workspace)
    return msgspec.structs.replace(
        workspace,
        sources=tuple(completed(s) for s in workspace.sources),
        tracking_plans=_versioned(workspace.tracking_plans, old.tracking_plans, number),
        transformations=_versioned(workspace.transformations, old.transformations, number),
        traits=_computed_versions(workspace.traits, workspace, old, number),
        audiences=_computed_versions(workspace.audiences, workspace, old, number),
        profile_api=msgspec.structs.replace(workspace.profile_api, tokens=_with_tokens(workspace, old)),
    )


def _with_tokens(workspace: Workspace, old: Workspace) -> tuple[ApiToken, ...]:
    taken = {given.token for given in workspace.profile_api.tokens}
    before = {given.name: given.token for given in old.profile_api.tokens if given.token not in taken}

    def completed(given: ApiToken) -> ApiToken:
        if given.token:
            return given
        return msgspec.structs.replace(given, token=before.get(given.name) or random_key("pa_"))

    return tuple(completed(given) for given in workspace.profile_api.tokens)


def _versioned(items: tuple[V, ...], before: tuple[V, ...], number: int) -> tuple[V, ...]:
    """Each item with the version that brought it as it is: `number` for what is new or differs."""
    known = {item.name: item for item in before}

    def versioned(item: V) -> V:
        old = known.get(item.name)
        if old is not None:
            item = msgspec.structs.replace(item, version=old.version)
            if msgspec.json.encode(item) == msgspec.json.encode(old):  # to `==`, a 1 in a schema is a true
                return item
        return msgspec.structs.replace(item, version=number)

    return tuple(versioned(item) for item in items)


def _computed_versions(items: tuple[D, ...], workspace: Workspace, old: Workspace, number: int) -> tuple[D, ...]:
    """Each item with the version that brought what it computes: another name, notation or destination is the same
    definition still, and nobody has to be computed again; another definition behind a trait that it names is not.
    """
    before: dict[tuple[str, str], Definition] = {(d.collection, d.key): d for d in old.definitions}
    now: dict[tuple[str, str], Definition] = {(d.collection, d.key): d for d in workspace.definitions}

    def versioned(item: D) -> D:
        name = (item.collection.value, item.key)
        was, is_ = before.get(name), now.get(name)
        same = was is not None and is_ is not None and encode(was.body) == encode(is_.body)
        return msgspec.structs.replace(item, version=was.version if was and same else number)

    return tuple(versioned(item) for item in items)


def random_key(prefix: str) -> str:
    """A new write key (`wk_`) or token of the Profile API (`pa_`)."""
    return prefix + token_urlsafe(GENERATED_CHARS)[:GENERATED_CHARS]


# The checks below look at the data as written, not at finished structs: one wrong key in a source must not hide
# that the next one has its name, nor make a destination that names it look wrong.


def _items(document: Document, section: str, inside: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    items = document.data.get(section)
    if inside:
        items = items.get(inside) if isinstance(items, dict) else None
        section = join(section, inside)
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield f"{section}[{index}]", item


def _check_workspace(document: Document) -> None:
    _check_name(document, "workspace", document.data.get("workspace"))
    settings = document.data.get("settings")
    if not isinstance(settings, dict):
        return
    url = settings.get("public_url")
    if isinstance(url, str) and url and not re.match(r"https?://[^/?#\s]+\Z", url.rstrip("/")):
        document.report("settings.public_url", "expected http:// or https:// and a host, without a path")
    proxies = settings.get("trusted_proxies")
    for index, proxy in enumerate(proxies if isinstance(proxies, list) else []):
        try:
            if isinstance(proxy, str):
                ip_network(proxy)
        except ValueError as error:
            document.report(f"settings.trusted_proxies[{index}]", f"expected a network, as in 10.0.0.0/8: {error}")


def _check_sources(document: Document) -> None:
    _check_names(document, "sources")
    for path, source in _items(document, "sources"):
        if source.get("name") == PROFILES_SOURCE:
            document.report(
                join(path, "name"), f"{PROFILES_SOURCE!r} is where messages about traits and audiences come from"
            )
    owners: dict[str, str] = {}
    for path, source in _items(document, "sources"):
        _check_clients(document, path, source.get("oauth_clients"))
        key = source.get("write_key")
        if not isinstance(key, str) or not key:
            continue
        at = join(path, "write_key")
        if not WRITE_KEY.match(key):
            document.report(at, WRITE_KEY_RULE)
        elif owners.setdefault(key, path) != path:
            document.report(at, f"the same write key as {owners[key]}; events could not be told apart")


def _check_clients(document: Document, path: str, clients: Any) -> None:
    for index, client in enumerate(clients if isinstance(clients, list) else []):
        key = client.get("public_key") if isinstance(client, dict) else None
        if isinstance(key, str) and not _is_rsa_public_key(key):
            document.report(f"{path}.oauth_clients[{index}].public_key", "not an RSA public key in PEM")


def _is_rsa_public_key(pem: str) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        return isinstance(load_pem_public_key(pem.encode()), RSAPublicKey)
    except (ValueError, UnsupportedAlgorithm):
        return False


def _check_destinations(document: Document, types: DestinationTypes) -> None:
    _check_names(document, "destinations")
    destinations = _items(document, "destinations")
    destination_checks.check(document, destinations, types, sources=_names(document, "sources"))


def _check_transformations(document: Document) -> None:
    _check_names(document, "transformations")
    sources, destinations = _names(document, "sources"), _names(document, "destinations")
    for index, (path, rule) in enumerate(_items(document, "transformations")):
        if index == limits.govern.TRANSFORMATIONS_MAX:
            document.report(path, f"at most {limits.govern.TRANSFORMATIONS_MAX} transformations")
            return
        transformation_checks.check(document, path, rule, sources=sources, destinations=destinations)


def _check_profile_api(document: Document) -> None:
    _check_names(document, "profile_api", "tokens")
    owners: dict[str, str] = {}
    for index, (path, given) in enumerate(_items(document, "profile_api", "tokens")):
        if index == limits.unify.PROFILE_API_TOKENS_MAX:
            document.report(path, f"at most {limits.unify.PROFILE_API_TOKENS_MAX} tokens")
            return
        token = given.get("token")
        if not isinstance(token, str) or not token:
            continue
        if not API_TOKEN.match(token):
            said = "it is a password in the user name of HTTP Basic; leave it out to have one generated"
            document.report(join(path, "token"), f"a token has 16 to 128 of A-Z a-z 0-9 _ -: {said}")
        elif owners.setdefault(token, path) != path:
            document.report(join(path, "token"), f"the same token as {owners[token]}")


def _check_flags(document: Document) -> None:
    owners: dict[str, str] = {}
    for path, flag in _items(document, "flags"):
        name = flag.get("name")
        if not isinstance(name, str):
            continue
        if name not in FLAGS:
            document.report(join(path, "name"), f"no flag {name!r}; {nearest(name, FLAGS)}")
        elif owners.setdefault(name, path) != path:
            document.report(join(path, "name"), f"{name!r} is the name of {owners[name]} already")


def _names(document: Document, section: str) -> set[str]:
    return {item["name"] for _, item in _items(document, section) if isinstance(item.get("name"), str)}


def _check_names(document: Document, section: str, inside: str = "") -> None:
    owners: dict[str, str] = {}
    for path, item in _items(document, section, inside):
        name = item.get("name")
        _check_name(document, join(path, "name"), name)
        if isinstance(name, str) and owners.setdefault(name, path) != path:
            document.report(join(path, "name"), f"{name!r} is the name of {owners[name]} already")


def _check_name(document: Document, path: str, name: object) -> None:
    if isinstance(name, str) and not NAME.match(name):
        document.report(path, NAME_RULE)
