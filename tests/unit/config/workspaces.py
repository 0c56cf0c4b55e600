"""Workspaces for tests: a builder with every argument defaulted, and a strategy that makes any valid one."""

from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from headwater.config.transformations import HashAlgorithm, Hashing, Transformation
from headwater.config.workspace import Destination, OAuthClient, Settings, Source, SourceType, Workspace

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
    )
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
        destinations=draw(_unique(destinations, "name")),
        transformations=draw(_unique(transformations, "name")),
    )
