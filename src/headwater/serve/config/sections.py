"""The parts of a workspace file that have items of their own, each known by its name or key."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from headwater.errors import NotFoundError, nearest

COLLECTIONS: Final = ("users", "accounts")


class Section(StrEnum):
    """Of the workspace file."""

    SOURCES = "sources"
    DESTINATIONS = "destinations"
    TRACKING_PLANS = "tracking_plans"
    TRANSFORMATIONS = "transformations"
    TRAITS = "traits"
    AUDIENCES = "audiences"
    FLAGS = "flags"

    @property
    def noun(self) -> str:
        return self.value.removesuffix("s").replace("_", " ")


KEYS: Final[Mapping[Section, str]] = {
    section: "key" if section in {Section.TRAITS, Section.AUDIENCES} else "name" for section in Section
}
"""What an item is known by. The key of a trait or an audience is part of what has been computed, and told to
destinations: it stays. A name can be changed."""


def find(data: Mapping[str, Any], section: Section, name: str, collection: str | None = None) -> dict[str, Any]:
    """The item of a workspace file with this name or key; of traits and audiences, of users before accounts.
    NotFoundError when there is none.
    """
    items: list[dict[str, Any]] = data.get(section, [])
    for wanted in [collection] if collection else COLLECTIONS:
        for item in items:
            if item[KEYS[section]] == name and item.get("collection", "users") == wanted:
                return item
    of = f" of {collection}" if collection else ""
    known = [item[KEYS[section]] for item in items]
    raise NotFoundError(f"there is no {section.noun} {name!r}{of}; {nearest(name, known)}")
