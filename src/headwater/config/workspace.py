"""The workspace: what a company has configured, as frozen values. The file: docs/reference/workspace.md."""

import functools
from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Any

import msgspec

from headwater import limits
from headwater.config.catalogue import catalogue_of
from headwater.config.definitions import AudienceDefinition, TraitDefinition
from headwater.config.destinations import (
    DestinationFilter,
    DestinationMapping,
    DestinationPace,
    DestinationRetry,
    Positive,
)
from headwater.config.identity import Identity
from headwater.config.section import Section
from headwater.config.tracking_plans import Controls, SourceSchema, TrackingPlan
from headwater.config.transformations import Transformation
from headwater.definitions.ast import Definition
from headwater.definitions.catalogue import Catalogue


class SourceType(StrEnum):
    """Where events come from. Client-side sources get the caller's IP as `context.ip` (spec 1.8)."""

    JAVASCRIPT = "javascript"
    IOS = "ios"
    ANDROID = "android"
    MOBILE = "mobile"
    SERVER = "server"
    HTTP = "http"
    PIXEL = "pixel"

    @property
    def is_client_side(self) -> bool:
        return self not in {SourceType.SERVER, SourceType.HTTP}


Amount = Annotated[int, msgspec.Meta(ge=0)]


class Settings(Section, frozen=True):
    allow_private_destinations: bool = False
    """For development only: destinations may point at loopback and private addresses, so inside your network."""
    lake_visible_s: Positive = limits.lake.VISIBLE_S
    """How long after it was processed an event can be queried in the lake, at most. Less makes smaller files."""
    log_retention_s: Amount = limits.log.RETENTION_S
    """How long log records are kept after every reader has read them. Unread ones are always kept."""
    log_retention_bytes: Amount = limits.log.RETENTION_BYTES
    """The most that read records of each log may take up; beyond it the oldest are deleted."""
    receipt_retention_s: Amount = limits.receipts.RETENTION_S
    """How long receipts of deliveries are kept."""
    receipt_retention_bytes: Amount = limits.receipts.RETENTION_BYTES
    """The most that receipts may take up; beyond it the oldest are deleted."""
    dedupe_window_s: Annotated[int, msgspec.Meta(ge=0, le=limits.processing.DEDUPE_WINDOW_S_MAX)] = (
        limits.processing.DEDUPE_WINDOW_S
    )
    """An event whose `messageId` was accepted within this time before is dropped as a duplicate. 0: none is."""
    schema_discovery: bool = True
    """Records which events, properties and types each source sends. Off: schemas are no longer updated."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks of your reverse proxies, as in `10.0.0.0/8`, whose `X-Forwarded-For` header is trusted."""
    public_url: str = ""
    """The address that SDKs use, as in `https://cdp.example.com`. Empty: taken from each request's Host header."""
    enable_redirect_hosts: tuple[str, ...] = ()
    """Host names of partners that may set up a destination here through the enable flow. None: nobody can."""


class OAuthClient(Section, frozen=True):
    """A server that authenticates with signed assertions instead of (besides) its write key."""

    id: str
    public_key: str
    """PEM, RSA."""
    key_id: str = ""


class Source(Section, frozen=True):
    name: str
    type: SourceType = SourceType.SERVER
    write_key: str = ""
    """Generated when left out; filled in every stored version."""
    enabled: bool = True
    rate_limit: Positive | None = None
    """Requests per second, with bursts of the same number; None: unlimited."""
    oauth_clients: tuple[OAuthClient, ...] = ()
    """When there are any, requests need a bearer token of one of them."""
    tracking_plan: str = ""
    """The name of the plan its events are held to; empty: none."""
    controls: Controls | None = None
    """What happens to events that break the plan, where it differs from the plan's own controls."""
    schema: SourceSchema = msgspec.field(default_factory=SourceSchema)  # a default that hashes, for OpenAPI
    """What is blocked or switched off whatever a plan says."""

    @property
    def id(self) -> str:
        """`projectId` on the wire: stable for a name, says nothing about the write key."""
        return blake2b(self.name.encode(), digest_size=9, person=b"hw-source").hexdigest()


class Destination(Section, frozen=True):
    name: str
    type: str
    sources: tuple[str, ...] | None = None
    """Source names; None: all of them."""
    enabled: bool = True
    settings: dict[str, Any] = {}
    dedupes_on: str | None = None
    """The type of external id by which it takes each person once and only once; empty: it takes every call. None:
    as its type says; what a type does say has been filled in when the file was loaded."""
    consent: tuple[str, ...] = ()
    """Categories that a person must have consented to, all of them, where an event says what was consented to."""
    filters: tuple[DestinationFilter, ...] = ()
    mappings: tuple[DestinationMapping, ...] = ()
    """What is done with which events; empty: the presets of the type."""
    pace: DestinationPace = DestinationPace()
    strict_order: bool | None = None
    """Whether a person's later events wait behind a failing one; None: as the type says."""
    retry: DestinationRetry = DestinationRetry()


class ApiToken(Section, frozen=True):
    """Opens the Profile API."""

    name: str
    token: str = ""
    """Generated when left out; filled in every stored version."""


class ProfileApi(Section, frozen=True):
    tokens: tuple[ApiToken, ...] = ()
    rate_limit: Positive | None = None
    """Requests per second of each token, with bursts of the same number; None: unlimited."""


class Flag(Section, frozen=True):
    """How much of what is new is used. It can be changed while everything runs."""

    name: str
    enabled: bool = True
    """False: off for everyone, whatever the rest says."""
    percentage: Annotated[float, msgspec.Meta(ge=0, le=100)] = 100.0
    """Of the profiles."""
    tiers: tuple[str, ...] = ()
    """Only for workspaces of these tiers; empty: of any."""


FLAGS: Mapping[str, str] = {
    "dedupe_sync": "Destinations with `dedupes_on` get each person once and only once.",
    "shadow_sync": "Also computes the other way to plan syncs, sends nothing of it, and counts what would differ.",
}


class Workspace(Section, frozen=True, dict=True):
    workspace: str
    settings: Settings = Settings()
    sources: tuple[Source, ...] = ()
    destinations: tuple[Destination, ...] = ()
    tracking_plans: tuple[TrackingPlan, ...] = ()
    transformations: tuple[Transformation, ...] = ()
    """In the order in which they are applied."""
    identity: Identity = msgspec.field(default_factory=Identity)  # a default that hashes, for OpenAPI
    traits: tuple[TraitDefinition, ...] = ()
    audiences: tuple[AudienceDefinition, ...] = ()
    profile_api: ProfileApi = msgspec.field(default_factory=ProfileApi)
    tier: str = ""
    """What flags may be limited to; means nothing by itself."""
    flags: tuple[Flag, ...] = ()
    """A flag that is not listed is on for everyone, but for `shadow_sync`, which is off."""

    @functools.cached_property
    def catalogue(self) -> Catalogue:
        """Traits and audiences as what is computed, with the reasons why any of them is left out."""
        return catalogue_of((*self.traits, *self.audiences))

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """Those of the catalogue, each after all that it refers to."""
        return self.catalogue.definitions

    def source(self, name: str) -> Source | None:
        return next((s for s in self.sources if s.name == name), None)

    def tracking_plan(self, name: str) -> TrackingPlan | None:
        return next((p for p in self.tracking_plans if p.name == name), None)

    def destination(self, name: str) -> Destination | None:
        return next((d for d in self.destinations if d.name == name), None)

    def flag(self, name: str) -> Flag | None:
        return next((f for f in self.flags if f.name == name), None)


DERIVED: Mapping[type, frozenset[str]] = {
    TrackingPlan: frozenset({"version"}),
    Transformation: frozenset({"version"}),
    TraitDefinition: frozenset({"version"}),
    AudienceDefinition: frozenset({"version"}),
}
"""Keys that follow from the rest and from when it was applied: stored, and neither compared nor exported."""


def as_data(value: Any) -> Any:
    """What a file would have to say to mean this: plain data in the order of the format, defaults left out.

    msgspec's own `omit_defaults` goes by identity in places, which would tell `5.0` from a default of `5`.
    """
    if isinstance(value, msgspec.Struct):
        derived = DERIVED.get(type(value), frozenset())
        fields = (f for f in msgspec.structs.fields(value) if f.name not in derived)
        items = ((f, getattr(value, f.name)) for f in fields)
        return {f.encode_name: as_data(v) for f, v in items if f.required or v != _default(f)}
    if isinstance(value, tuple):
        return [as_data(item) for item in value]
    if isinstance(value, dict):
        return {key: as_data(item) for key, item in value.items()}
    return str(value) if isinstance(value, StrEnum) else value


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def canonical(workspace: Workspace) -> bytes:
    """Equal exactly for workspaces that mean the same; to `==`, a setting of `true` is one of `1`."""
    return msgspec.json.encode(as_data(workspace), order="sorted")
