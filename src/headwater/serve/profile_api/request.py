"""What is asked for: the path and the query of a request, checked."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

from headwater.aggregation.tables import COLLECTIONS, ExternalId, key_of_segment_id
from headwater.processing import timestamps
from headwater.serve.profile_api.errors import ApiError, invalid

PREFIX: Final = "/v1/spaces/"

LIMITS: Final = {"traits": (10, 200), "external_ids": (25, 100), "events": (10, 100), "links": (20, 20)}
"""Resource → things on a page by default and at most (spec 4.4). `metadata` has no pages."""

RESOURCES: Final = (*LIMITS, "metadata")

_TYPE: Final = re.compile(r"[a-z0-9_.$-]+")
_SEGMENT_ID: Final = re.compile(r"(?:use|acc)_[A-Za-z0-9]+")
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False, "": True}


class Target(NamedTuple):
    space: str
    collection: str
    who: ExternalId | str
    """A str is a segment id."""
    resource: str


def read_path(raw_path: str) -> Target:
    """Of a path as it was sent, still percent-encoded: a value may hold slashes, and a plus is a plus."""
    space, collections, collection, profiles, rest = (raw_path[len(PREFIX) :].split("/", 4) + [""] * 4)[:5]
    who, _, resource = rest.rpartition("/")
    if (collections, profiles) != ("collections", "profiles") or not who or resource not in RESOURCES:
        raise ApiError(
            "not_found",
            "There is nothing at this path: it is /v1/spaces/<space>/collections/{users|accounts}/profiles/"
            f"<type>:<value>/{{{'|'.join(RESOURCES)}}}.",
        )
    if collection not in COLLECTIONS:
        shown = unquote(collection)[:100]
        raise ApiError("validation_error", f"The parameter `collection` must be users or accounts, not `{shown}`.")
    return Target(unquote(space), collection, _who(unquote(who)), resource)


def _who(text: str) -> ExternalId | str:
    type_, colon, value = text.partition(":")
    if not colon:
        # Whether there is such a profile is another question.
        if key_of_segment_id(text) is None and not _SEGMENT_ID.fullmatch(text):
            raise ApiError(
                "invalid_request_error",
                "A profile is named <type>:<value>, as in user_id:u1, or by its segment id.",
            )
        return text
    if wrong := _TYPE.sub("", type_):
        shown = "".join(dict.fromkeys(wrong))[:20]
        raise ApiError("validation_error", f"The parameter `type` has invalid character(s) `{shown}`.")
    if not type_ or not value:
        raise ApiError("validation_error", "A profile is named <type>:<value>; neither may be empty.")
    return ExternalId(type_, value)


class Query:
    """The parameters of one request. Each method says what is wrong with its own."""

    def __init__(self, query_string: bytes, resource: str) -> None:
        self._given: Mapping[str, str] = (
            dict(parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True))
            if query_string
            else {}
        )
        self._resource = resource

    @property
    def next(self) -> str:
        return self._given.get("next", "")

    def limit(self) -> int:
        default, most = LIMITS[self._resource]
        text = self._given.get("limit")
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
            raise invalid("limit", f"must be a number from 1 to {most}")
        return int(text)

    def flag(self, name: str) -> bool:
        """False when it is not given."""
        text = self._given.get(name)
        if text is None:
            return False
        if text not in _BOOLEANS:
            raise invalid(name, "must be true or false")
        return _BOOLEANS[text]

    def names(self, name: str) -> frozenset[str]:
        """A list with commas between; empty when it is not given."""
        return frozenset(part for part in self._given.get(name, "").split(",") if part)

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """None when it is not given."""
        text = self._given.get(name)
        if text is not None and text not in allowed:
            raise invalid(name, f"must be {' or '.join(allowed)}")
        return text

    def instant_ms(self, name: str) -> int | None:
        """None when it is not given."""
        text = self._given.get(name)
        if text is None:
            return None
        # Where a query has a plus that was not encoded, `+02:00` has become ` 02:00`.
        instant = timestamps.read(text.strip()) or timestamps.read(text.replace(" ", "+"))
        if instant is None:
            raise invalid(name, "must be an ISO 8601 instant or date, as in 2026-01-31T12:00:00Z or 2026-01-31")
        return max(0, instant[0])
