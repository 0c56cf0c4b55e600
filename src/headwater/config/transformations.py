"""Transformations: rules that change events, for everyone before the lake or for one destination at delivery."""

from enum import StrEnum
from typing import Any

import msgspec

from headwater.config.section import Section


class HashAlgorithm(StrEnum):
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"
    SHA1 = "sha1"
    MD5 = "md5"
    """This and SHA-1 because advertising tools ask for them; neither keeps anything secret without a key."""


class HashEncoding(StrEnum):
    HEX = "hex"
    BASE64 = "base64"
    BASE64URL = "base64url"


class Hashing(Section, frozen=True):
    paths: tuple[str, ...] = ()
    algorithm: HashAlgorithm = HashAlgorithm.SHA256
    key: str = ""
    """With a key it is an HMAC, which cannot be undone by hashing all the addresses there are."""
    encoding: HashEncoding = HashEncoding.HEX


class Transformation(Section, frozen=True):
    """One rule. Its paths are all different, so what it does to them needs no order; FQL sees the event as it was
    before. Keys that end in `_properties` have paths inside properties or traits, those that end in `_values` have
    paths from the top of the event.
    """

    name: str
    description: str = ""
    enabled: bool = True
    sources: tuple[str, ...] = ()
    """The sources whose events it changes; empty: every source."""
    destination: str = ""
    """Only what this destination is sent, at delivery; empty: what everyone sees, before the lake."""
    if_: str = msgspec.field(default="", name="if")
    """FQL; empty: every event."""
    drop: bool = False
    """The event ends here."""
    rename_event: str = ""
    """The new name of a track event."""
    allow_properties: tuple[str, ...] = ()
    """Only these stay; empty: all of them."""
    drop_properties: tuple[str, ...] = ()
    rename_properties: dict[str, str] = {}
    """Old path → new path."""
    map_properties: dict[str, dict[str, Any]] = {}
    """Path → value as text → what it becomes; values that are not named stay."""
    drop_values: tuple[str, ...] = ()
    move_values: dict[str, str] = {}
    """Old path → new path."""
    set_values: dict[str, Any] = {}
    """Path → value."""
    fql_values: dict[str, str] = {}
    """Path → FQL whose value it gets."""
    hash_values: Hashing = Hashing()
    version: int = 0
    """The workspace version that brought the rule as it is; filled in when it is applied."""

    @property
    def hides(self) -> bool:
        """Whether it takes something away that others may not see: then an event that it cannot be applied to
        must not pass.
        """
        return bool(
            self.drop
            or self.allow_properties
            or self.drop_properties
            or self.drop_values
            or self.hash_values.paths
        )
