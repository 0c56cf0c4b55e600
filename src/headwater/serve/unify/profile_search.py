"""Profiles looked for: by an external id, which is one look; by the beginning of an id or a name, by traits, by
audience, which is a walk.

Nothing indexes traits, nor the beginnings of ids: what names somebody stands in no key, so that a deletion reaches
it. So a walk looks at the profiles one after the other, a bounded number for each page, and says how far it is.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Annotated, Any, Final, NamedTuple, cast

import msgspec
from litestar import get, post
from litestar.params import Parameter

from headwater import limits
from headwater.aggregation import reading, tables
from headwater.aggregation.compute.comparisons import Test, compile_test
from headwater.aggregation.compute.scope import Scope, inside
from headwater.aggregation.reading import Found, Rows
from headwater.aggregation.tables import COLLECTIONS, ExternalId
from headwater.aggregation.working_set import profile_count, read_clock
from headwater.config.identity import Identity
from headwater.config.workspace import Workspace
from headwater.definitions import rules
from headwater.definitions.problems import Place
from headwater.definitions.values import comparison, path_of
from headwater.errors import AbsentError, InputError
from headwater.event import decode_outbound
from headwater.flow import Effects
from headwater.log.port import Log
from headwater.serve.compute.audiences import find as find_audience
from headwater.serve.compute.definitions import sizes_now
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS
from headwater.serve.errors import ERRORS
from headwater.serve.pages import PAGE_DEFAULT
from headwater.serve.unify.profile_names import KNOWN_BY
from headwater.serve.unify.profile_summary import ProfileSummary, summarise
from headwater.units import MIB

_AT_ONCE: Final = asyncio.Semaphore(2)
"""A walk takes the interpreter from everything else that `serve` answers."""


class TraitTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As a condition of an audience asks about a trait; computed traits and audiences are traits here, too."""

    trait: str
    """A key, or a path into it: `address.city`."""
    op: str = "="
    value: Any = None


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out does not matter; everything that is given must hold."""

    text: str = ""
    """An external id with or without its type, a segment id, or the beginnings of the words of a name."""
    collection: str | None = None
    """users or accounts; both."""
    audience: str | None = None
    traits: list[TraitTest] = []
    limit: int = PAGE_DEFAULT
    cursor: str | None = None


class SearchPage(msgspec.Struct, frozen=True):
    data: list[ProfileSummary]
    """Those that have the text as an external id first, then in the order of their segment ids, which says nothing
    about them. A page may be short, or empty, and have a `next` all the same.
    """
    next: str | None
    """Send it as `cursor` for the page after this one; null: everybody was looked at."""
    exact: int
    """So many of the first ones have the text as an external id, or are called so by segment id."""
    looked: int
    """Profiles looked at until now, in all pages together."""
    total: int
    """Profiles there are, about: those of the audience when there is one."""


class Recent(msgspec.Struct, frozen=True):
    data: list[ProfileSummary]
    """Who was heard of last first, among the newest events that were accepted."""
    users: int
    """Profiles there are."""
    accounts: int


class Walk(NamedTuple):
    """A checked search, ready to walk."""

    text: str
    prefix: bytes
    """Of the keys of profiles: the collection."""
    audience: str
    """Empty: any."""
    tests: list[tuple[tuple[str, ...], Test]]


class _Now(NamedTuple):
    """What a test asks of a scope when nothing has to be asked again later."""

    now_ms: int

    def turns(self, _at_ms: int) -> None:
        """Nobody waits for it."""


# --- what is asked ----------------------------------------------------------------------------------------------


def checked(search: Search, workspace: Workspace) -> Walk:
    if search.collection not in {None, *COLLECTIONS}:
        raise InputError("invalid_request", "collection must be users or accounts", field="collection")
    if not 1 <= search.limit <= limits.unify.PROFILE_SEARCH_PAGE_MAX:
        most = f"limit must be 1 to {limits.unify.PROFILE_SEARCH_PAGE_MAX}"
        raise InputError("invalid_request", most, field="limit")
    if len(search.text) > limits.identity.EXTERNAL_ID_CHARS_MAX:
        raise InputError(
            "invalid_request", f"text has at most {limits.identity.EXTERNAL_ID_CHARS_MAX} characters", field="text"
        )
    if len(search.traits) > limits.unify.PROFILE_SEARCH_TESTS_MAX:
        most = f"at most {limits.unify.PROFILE_SEARCH_TESTS_MAX} conditions at once"
        raise InputError("invalid_request", most, field="traits")
    collection = search.collection
    if search.audience is not None:
        collection = find_audience(None, workspace, search.audience, collection).collection
    prefix = COLLECTIONS[collection] if collection else b""
    return Walk(search.text.strip(), prefix, search.audience or "", _tests(search.traits))


def _tests(wanted: Sequence[TraitTest]) -> list[tuple[tuple[str, ...], Test]]:
    """As audiences compare. DefinitionError with every mistake and its path."""
    whole = Place([])
    found = []
    for number, each in enumerate(wanted):
        place = whole.at("traits").at(number)
        segments = path_of(each.trait, place.at("trait"))
        operator, operands = comparison({"op": each.op, "value": each.value}, place, _no_reference)
        place.at("value").report(rules.comparison_mistake(operator, operands))
        found.append((segments, operator, operands))
    whole.check()
    return [(segments, compile_test(operator, operands)) for segments, operator, operands in found]


def _no_reference(_: dict[str, Any], place: Place) -> Any:
    place.report("expected a value")


# --- who it is ---------------------------------------------------------------------------------------------------


class _Seeker:
    """One page of a search."""

    def __init__(self, state: Rows, identity: Identity, walk: Walk) -> None:
        self._state = state
        self._identity = identity
        self._walk = walk
        # The clock that windows of audiences go by.
        self._now = cast(Scope, _Now(read_clock(Effects(state))))
        self._text = walk.text.casefold()
        self._words = self._text.split()

    def page(self, *, limit: int, cursor: str | None) -> SearchPage:
        exact = list(self._exact()) if self._text else []
        if cursor is None and exact:  # at once: whoever wants more says so
            return self._shown(exact[:limit], len(exact[:limit]), ".0", 0)
        after, looked = (b"", 0) if cursor is None else _place(cursor)
        seen = {found.key for found in exact}
        shown: list[Found] = []
        rows = self._profiles(after)
        for found in islice(rows, limits.unify.PROFILE_SEARCH_LOOKED):
            looked += 1
            after = found.key
            if found.key not in seen and self._passes(found) and self._is_called(found):
                shown.append(found)
                if len(shown) == limit:
                    break
        else:
            if next(rows, None) is None:
                return self._shown(shown, 0, None, looked)
        return self._shown(shown, 0, f"{after.hex()}.{looked}", looked)

    def _shown(self, found: Sequence[Found], exact: int, cursor: str | None, looked: int) -> SearchPage:
        lines = [summarise(self._state, each, self._identity) for each in found]
        return SearchPage(lines, cursor, exact, looked, self._total())

    def _total(self) -> int:
        walk = self._walk
        if walk.audience:
            return sizes_now(self._state, [walk.audience])[0]
        effects = Effects(self._state)
        return sum(
            profile_count(effects, collection)
            for collection, prefix in COLLECTIONS.items()
            if walk.prefix in {b"", prefix}
        )

    # --- one look ---------------------------------------------------------------------------------------------

    def _exact(self) -> Iterator[Found]:
        """Whose external id the text is, of whatever type the workspace knows; or whose segment id."""
        keys = set()
        for who in self._named():
            for collection, prefix in COLLECTIONS.items():
                if self._walk.prefix in {b"", prefix}:
                    found = reading.find(self._state, collection, who)
                    if found and found.key not in keys and self._is_member(found) and self._passes(found):
                        keys.add(found.key)
                        yield found

    def _named(self) -> Iterator[ExternalId | str]:
        text = self._walk.text
        if tables.key_of_segment_id(text) is not None:
            yield text
        type_, colon, value = text.partition(":")
        if colon and type_ and value:
            yield ExternalId(type_, value)
        # Addresses are written in any case, and mostly sent in small letters.
        for spelling in dict.fromkeys((text, text.lower()) if "@" in text else (text,)):
            yield from (ExternalId(rule.type, spelling) for rule in self._identity.rules())

    def _is_member(self, found: Found) -> bool:
        if not self._walk.audience:
            return True
        (row,) = self._state.get_many(tables.MEMBERS, [tables.member_key(self._walk.audience, found.key)])
        return row is not None

    # --- a walk -----------------------------------------------------------------------------------------------

    def _profiles(self, after: bytes) -> Iterator[Found]:
        """Everybody in the collection, or in the audience, behind this key."""
        walk, state = self._walk, self._state
        if not walk.audience:
            for key, row in state.scan(tables.PROFILES, walk.prefix, start=after + b"\0" if after else None):
                yield Found(key, tables.decode_profile(row))
            return
        start = tables.member_key(walk.audience, after) + b"\0" if after else None
        for member, _ in state.scan(tables.MEMBERS, tables.member_key(walk.audience, walk.prefix), start=start):
            key = member[-tables.KEY_BYTES :]
            (stored,) = state.get_many(tables.PROFILES, [key])
            if stored is not None:  # it was merged away between the two looks
                yield Found(key, tables.decode_profile(stored))

    def _passes(self, found: Found) -> bool:
        tests = self._walk.tests
        if not tests:
            return True
        known = reading.traits(found.profile)
        return all(
            test(inside(known[names[0]].value, names[1:]) if names[0] in known else None, self._now)
            for names, test in tests
        )

    def _is_called(self, found: Found) -> bool:
        """Whether an external id or a name begins with the text, or its words are the beginnings of a name's."""
        if not self._text:
            return True
        sent = reading.sent(found.profile)
        names = [name.casefold() for key in KNOWN_BY if isinstance(name := sent.get(key), str)]
        if any(name.startswith(self._text) for name in names):
            return True
        spoken = [word for name in names for word in name.split()]
        if all(any(each.startswith(word) for each in spoken) for word in self._words):
            return True
        ids = (each.value.casefold() for each, _ in reading.external_ids(self._state, found.key))
        return any(value.startswith(self._text) for value in ids)


def search(state: Rows | None, identity: Identity, walk: Walk, *, limit: int, cursor: str | None) -> SearchPage:
    """`state` None: no pipeline has run yet."""
    if state is None:
        return SearchPage([], None, 0, 0, 0)
    return _Seeker(state, identity, walk).page(limit=limit, cursor=cursor)


def _place(cursor: str) -> tuple[bytes, int]:
    """The key behind which to go on, and how many were looked at."""
    text, dot, looked = cursor.partition(".")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b"?"
    if not dot or len(key) not in {0, tables.KEY_BYTES} or not (looked.isascii() and looked.isdecimal()):
        raise InputError("invalid_cursor", "not a cursor of this list", field="cursor")
    return key, int(looked)


# --- who was heard of last --------------------------------------------------------------------------------------


def newest_profiles(outbound: Log, *, limit: int) -> list[str]:
    """Segment ids of the newest events, the newest first, as far back as the bound allows."""
    found: dict[str, None] = {}
    end, room_bytes = outbound.end(), limits.unify.PROFILE_RECENT_BYTES
    while end > outbound.start() and room_bytes > 0 and len(found) < limit:
        start = max(outbound.start(), end - _RECORDS)
        newest: list[str] = []
        at = start
        while at < end and (records := outbound.read(at, bytes_max=MIB)):
            for offset, data in records:
                if offset < end:
                    room_bytes -= len(data)
                    events = decode_outbound(data)
                    newest += (e.profile_id for e in events if e.profile_id and e.destinations is None)
            at = records[-1].offset + 1
        found.update(dict.fromkeys(reversed(newest)))
        end = start
    return list(found)[:limit]


_RECORDS: Final = 8
"""Of the outbound log that are read at once on the way back; each has up to 500 events."""


def recent(state: Rows | None, identity: Identity, newest: Sequence[str]) -> Recent:
    if state is None:
        return Recent([], 0, 0)
    found: dict[bytes, Found] = {}
    for who in newest:
        for collection in COLLECTIONS:
            if each := reading.find(state, collection, who):
                found.setdefault(each.key, each)
    effects = Effects(state)
    lines = [summarise(state, each, identity) for each in found.values()]
    return Recent(lines, *(profile_count(effects, collection) for collection in COLLECTIONS))


# --- handlers ----------------------------------------------------------------------------------------------------


@post("/profiles/search", status_code=200, responses=ERRORS, opt=READS)
async def search_profiles(desk: Desk, data: Search) -> SearchPage:
    """Look for profiles: by any external id, by the beginning of an id or a name, by traits, in an audience. It is
    asked with POST so that what people look for is in nobody's access log.
    """
    workspace = (await desk.version()).workspace
    walk = checked(data, workspace)

    def work() -> SearchPage:
        with desk.view.reading() as state:
            return search(state, workspace.identity, walk, limit=data.limit, cursor=data.cursor)

    async with _AT_ONCE:
        try:
            return await asyncio.to_thread(work)
        except AbsentError:
            return search(None, workspace.identity, walk, limit=data.limit, cursor=data.cursor)


@get("/profiles/recent", responses=ERRORS)
async def list_recent_profiles(
    desk: Desk,
    limit: Annotated[int, Parameter(ge=1, le=limits.unify.PROFILE_SEARCH_PAGE_MAX)] = PAGE_DEFAULT,
) -> Recent:
    """Who was heard of last, and how many profiles there are."""
    identity = (await desk.version()).workspace.identity
    newest = await desk.call(lambda: newest_profiles(desk.logs[1], limit=limit))
    return await desk.look(lambda state: recent(state, identity, newest))


HANDLERS: Final[list[Callable[..., Any]]] = [search_profiles, list_recent_profiles]
