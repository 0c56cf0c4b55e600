"""Identity: by which external ids a profile is known, and what is done with each type of them (spec 4.1, 4.2)."""

from enum import StrEnum
from typing import Annotated, Final

import msgspec

from headwater import limits
from headwater.config.section import Section

SUGGESTED_BLOCK: Final = (
    "",
    "-1",
    "NULL",
    "NaN",
    "None",
    "[object Object]",
    "anonymous",
    "nan",
    "none",
    "null",
    "undefined",
)
"""What broken code sends in place of an id. One of them taken for an id ties everybody together. Segment suggests
`-1`, `null` and `anonymous`; the others are what JavaScript and Python make of nothing."""

SUGGESTED_BLOCK_REGEX: Final = ("^[0-]*$",)
"""Zeros and dashes: the advertising id of whoever has refused to have one, and placeholders of all lengths."""

DEFAULT_TYPES: Final = (
    "user_id",
    "email",
    "android.id",
    "android.idfa",
    "android.push_token",
    "anonymous_id",
    "ga_client_id",
    "group_id",
    "ios.id",
    "ios.idfa",
    "ios.push_token",
)
"""In order of priority: spec 4.2."""

LIMIT: Final = 5
LIMIT_OF_USER_ID: Final = 1


class Period(StrEnum):
    """Within what time a profile may have so many values of a type; all but `ever` are sliding windows."""

    EVER = "ever"
    ANNUALLY = "annually"
    MONTHLY = "monthly"
    WEEKLY = "weekly"


class ExternalIdRule(Section, frozen=True):
    """What holds for one type of external id."""

    type: str
    limit: Annotated[int, msgspec.Meta(ge=1, le=limits.identity.IDS_MAX)] | None = None
    """Values that one profile may have; None: 1 of user_id, 5 of any other. `Identity.rules` fills it in."""
    period: Period = Period.EVER
    """The time within which the values of one profile are counted."""
    block: tuple[str, ...] = SUGGESTED_BLOCK
    """Values that are never taken for an id."""
    block_regex: tuple[str, ...] = SUGGESTED_BLOCK_REGEX
    """Regular expressions (RE2): a value in which one matches anywhere is never taken for an id."""
    keys: tuple[str, ...] = ()
    """Traits and properties that the id is also read from, in snake_case or camelCase: one matches both."""


class Identity(Section, frozen=True):
    external_ids: tuple[ExternalIdRule, ...] = ()
    """In order of priority, the highest first; the types that are not listed follow."""
    merges_max: Annotated[int, msgspec.Meta(ge=0, le=limits.identity.MERGES_MAX)] = 100
    """How many profiles may be merged into one. Beyond it, events still find their profile, but merge nothing."""
    ids_max: Annotated[int, msgspec.Meta(ge=1, le=limits.identity.IDS_MAX)] = 1_000
    """How many external ids one profile may have in all."""

    def rules(self) -> tuple[ExternalIdRule, ...]:
        """A rule for every type that is listed or known by default, by priority, the limits filled in."""
        listed = {rule.type: rule for rule in self.external_ids}
        return tuple(self.rule(type_) for type_ in (*listed, *(t for t in DEFAULT_TYPES if t not in listed)))

    def rule(self, type_: str) -> ExternalIdRule:
        """The rule of any type, one that only an event has named included, with its limit filled in."""
        listed = next((rule for rule in self.external_ids if rule.type == type_), None)
        rule = listed or ExternalIdRule(type=type_)
        if rule.limit is not None:
            return rule
        return msgspec.structs.replace(rule, limit=LIMIT_OF_USER_ID if type_ == "user_id" else LIMIT)
