"""Transformations: rules that change events, in the lake and everywhere (source scope) or for one destination."""

from typing import Any

from headwater.config.section import Section


class PropertyRename(Section, frozen=True):
    old: str
    """A path inside properties or traits, as in `order.id`; `\\.` is a dot within a name."""
    new: str


class ValueMap(Section, frozen=True):
    path: str
    values: dict[str, Any]
    """Value as text → what it becomes; values that are not named stay."""


class FqlProperty(Section, frozen=True):
    fql: str
    path: str
    """Where the value goes, as in `properties.email`."""


class Transformation(Section, frozen=True):
    name: str
    enabled: bool = True
    source: str = ""
    """The source whose events it changes; empty: every source."""
    destination: str = ""
    """Only what this destination is sent, at delivery; empty: what everyone sees, before the lake."""
    if_: str = ""
    drop: bool = False
    version: int = 0
    """The workspace version that brought the rule as it is; filled in when it is applied."""
