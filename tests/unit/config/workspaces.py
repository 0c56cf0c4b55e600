"""Workspaces for tests: a builder with every argument defaulted, and a strategy that makes any valid one."""

from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from headwater.config.definitions import (
    AudienceDefinition,
    Collection,
    Connection,
    IdChoice,
    Send,
    TraitDefinition,
    TraitKind,
)
from headwater.config.destinations import (
    BatchBounds,
    DestinationFilter,
    DestinationMapping,
    DestinationPace,
    DestinationRetry,
    FilterAction,
    FilterType,
    FilterVerb,
)
from headwater.config.identity import ExternalIdRule, Identity, Period
from headwater.config.transformations import HashAlgorithm, Hashing, Transformation
from headwater.config.workspace import (
    ApiToken,
    Destination,
    Flag,
    OAuthClient,
    ProfileApi,
    Settings,
    Source,
    SourceType,
    Workspace,
)

PUBLIC_KEY = (Path(__file__).parents[2] / "fixtures" / "workspaces" / "rsa_public_key.pem").read_text()


def source(name: str = "website", **fields: Any) -> Source:
    return Source(**{"name": name, "type": SourceType.JAVASCRIPT, "write_key": f"wk_{name}", **fields})


def destination(name: str = "crm", **fields: Any) -> Destination:
    return Destination(**{"name": name, "type": "webhook", "settings": {"url": "https://crm.example"}, **fields})


def workspace(**fields: Any) -> Workspace:
    return Workspace(**{"workspace": "shop", "sources": (source(),), "destinations": (destination(),), **fields})


def _unique(values: st.SearchStrategy[Any], key: str) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=3, unique_by=lambda item: getattr(item, key)).map(tuple)


names = st.from_regex(r"\w([\w .-]{0,20}\w)?", fullmatch=True)
keys = st.from_regex(r"[A-Za-z0-9_-]{3,20}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
# Words that some reader of YAML takes for something other than text.
tricky = st.sampled_from(
    ["", "NO", "on", "~", "null", "1e5", "007", "0x1F", "1:30", "2026-01-01", "1_000", ".inf", "<<", "=", "a: b"]
) | st.sampled_from(
    ["- a", "# a", " a", "a ", "a\n", "\na", "a\n b", "a\n\nb\n", "a\r\nb", "\t", "\x85", "\u2028", "\ufeff", "!x"]
)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1)
json = st.recursive(
    st.none() | st.booleans() | numbers | texts | tricky,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | tricky, inner, max_size=3),
    max_leaves=8,
)
positive = st.floats(min_value=0, exclude_min=True, allow_infinity=False)

sources = st.builds(
    Source,
    name=names,
    type=st.sampled_from(SourceType),
    enabled=st.booleans(),
    rate_limit=st.none() | positive,
    oauth_clients=_unique(st.builds(OAuthClient, id=texts, public_key=st.just(PUBLIC_KEY), key_id=texts), "id"),
)

transformations = st.builds(
    Transformation,
    name=names,
    description=texts | tricky,
    enabled=st.booleans(),
    if_=st.sampled_from(["", 'event = "Order Completed"', "properties.total > 5 and !(type = 'page')"]),
    rename_event=(texts | tricky).filter(bool),
    drop_properties=st.sampled_from([(), ("a", "b\\.c")]),
    rename_properties=st.sampled_from([{}, {"x.y\\.z": "größe", " ": "NO"}]),
    map_properties=st.just({}) | st.builds(dict, country=st.dictionaries(texts | tricky, json, max_size=3)),
    set_values=st.dictionaries(st.sampled_from(["context.a", "integrations.on", "tenant"]), json, max_size=2),
    hash_values=st.just(Hashing())
    | st.builds(
        Hashing, paths=st.just(("traits.q",)), algorithm=st.sampled_from(HashAlgorithm), key=texts | tricky
    ),
)

_conditions = st.sampled_from(["all", 'event = "Debug"', "properties.total > 5 and !(type = 'page')"])
_dropped = st.dictionaries(
    st.sampled_from(["", "properties", "context.NO", "a\\.b"]), st.just(("email", "on")), min_size=1
)
_steps = st.builds(
    FilterAction, type=st.just(FilterType.SAMPLE), percent=st.floats(0, 1), path=st.sampled_from(["", "userId"])
) | st.builds(FilterAction, type=st.just(FilterType.ALLOW_PROPERTIES), fields=_dropped)
filters = st.builds(
    DestinationFilter,
    if_=_conditions,
    title=texts | tricky,
    enabled=st.booleans(),
    action=st.just(FilterVerb.DROP_PROPERTIES),
    fields=_dropped,
) | st.builds(DestinationFilter, if_=_conditions, actions=st.lists(_steps, min_size=1, max_size=2).map(tuple))
mappings = st.builds(
    DestinationMapping,
    name=(texts | tricky).filter(bool),
    action=st.just("send"),
    trigger=st.sampled_from(['type = "track"', 'contains(event, "NO")']),
    mapping=st.dictionaries(st.just("data"), json),
    enabled=st.booleans(),
    batch=st.builds(BatchBounds, items_max=st.none() | st.integers(1, 100), wait_s=st.none() | st.floats(0, 60)),
)

rules = st.builds(
    ExternalIdRule,
    type=st.sampled_from(["user_id", "email", "phone", "ios.idfa"]),
    limit=st.none() | st.integers(1, 100),
    period=st.sampled_from(Period),
    block=st.lists(texts | tricky, max_size=2).map(tuple),
    block_regex=st.sampled_from([(), ("^[0-]*$",), (".*@invalid$", "NO")]),
    keys=st.sampled_from([(), ("app_id", "NO")]),
)
identities = st.builds(Identity, external_ids=_unique(rules, "type"), merges_max=st.integers(0, 200))
trait_keys = st.from_regex(r"t_[a-z]{1,8}", fullmatch=True)
audience_keys = st.from_regex(r"a_[a-z]{1,8}", fullmatch=True)
traits = st.builds(
    TraitDefinition,
    key=trait_keys,
    name=texts | tricky,
    collection=st.sampled_from(Collection),
    kind=st.sampled_from([TraitKind.SUM, TraitKind.FIRST]),
    event=(texts | tricky).filter(bool) | st.just(value=True),
    where=st.sampled_from([None, "properties.total > 5", {"property": "a", "op": "in", "value": ["NO", 1, True]}]),
    property=st.sampled_from(["total", "cart.size"]),
    within=st.sampled_from(["", "90d", "12 hours"]),
) | st.builds(TraitDefinition, key=trait_keys, query=st.just("event('X').between(1 day, 2 days).count()"))
audiences = st.builds(
    AudienceDefinition,
    key=audience_keys,
    name=texts | tricky,
    where=st.sampled_from(
        ["trait('plan') = 'NO'", {"trait": "plan", "value": "NO"}, {"all": []}, {"not": {"event": True}}]
    ),
)
tokens = st.builds(ApiToken, name=names)
flags = st.builds(
    Flag,
    name=st.sampled_from(["dedupe_sync", "shadow_sync"]),
    enabled=st.booleans(),
    percentage=st.floats(0, 100),
    tiers=st.lists(texts | tricky, max_size=2).map(tuple),
)
_calls = st.lists(st.sampled_from([Send.TRACK, Send.IDENTIFY]), unique=True).map(tuple)


@st.composite
def _connected(draw: st.DrawFn, items: st.SearchStrategy[Any], to: tuple[str, ...]) -> tuple[Any, ...]:
    """Definitions, sent to some of these destinations."""
    found = draw(_unique(items, "key"))
    if not to:
        return tuple(found)
    connections = st.builds(
        Connection,
        name=st.sampled_from(to),
        send=_calls,
        entered=(texts | tricky).filter(bool),
        ids=st.dictionaries(st.sampled_from(["user_id", "email"]), st.sampled_from(IdChoice)),
        traits=st.lists(texts | tricky, max_size=2).map(tuple),
    )
    return tuple(msgspec.structs.replace(item, destinations=draw(_unique(connections, "name"))) for item in found)


@st.composite
def workspaces(draw: st.DrawFn) -> Workspace:
    found = draw(_unique(sources, "name"))
    write_keys = draw(st.lists(keys, unique=True, min_size=len(found), max_size=len(found)))
    sources_ = tuple(msgspec.structs.replace(s, write_key=key) for s, key in zip(found, write_keys, strict=True))
    connected = st.lists(st.sampled_from([s.name for s in sources_]), unique=True) if sources_ else st.just([])
    destinations = st.builds(
        Destination,
        name=names,
        type=st.sampled_from(["webhook", "log"]),
        sources=st.none() | connected.map(tuple),
        enabled=st.booleans(),
        settings=st.dictionaries(texts | tricky, json, max_size=4),
        dedupes_on=st.sampled_from([None, "", "email"]),
        consent=st.lists((texts | tricky).filter(bool), max_size=2).map(tuple),
        filters=st.lists(filters, max_size=2).map(tuple),
        mappings=_unique(mappings, "name"),
        pace=st.builds(DestinationPace, per_s=st.none() | positive, concurrency=st.none() | st.integers(1, 256)),
        strict_order=st.none() | st.booleans(),
        retry=st.builds(DestinationRetry, window_s=st.integers(0, 86_400)),
    )
    destinations_ = draw(_unique(destinations, "name"))
    to = tuple(each.name for each in destinations_)
    settings = st.builds(
        Settings,
        allow_private_destinations=st.booleans(),
        lake_visible_s=positive,
        log_retention_s=st.integers(0, 2**63 - 1),
        trusted_proxies=st.lists(st.ip_addresses().map(str), max_size=2).map(tuple),
        public_url=st.sampled_from(["", "https://cdp.example.com", "http://localhost:8080/"]),
    )
    return Workspace(
        workspace=draw(names),
        settings=draw(settings),
        sources=sources_,
        destinations=destinations_,
        transformations=draw(_unique(transformations, "name")),
        identity=draw(identities),
        traits=draw(_connected(traits, to)),
        audiences=draw(_connected(audiences, to)),
        profile_api=ProfileApi(
            tokens=tuple(
                msgspec.structs.replace(t, token=f"pa_{n:020}")
                for n, t in enumerate(draw(_unique(tokens, "name")))
            ),
            rate_limit=draw(st.none() | positive),
        ),
        tier=draw(texts | tricky),
        flags=draw(_unique(flags, "name")),
    )
