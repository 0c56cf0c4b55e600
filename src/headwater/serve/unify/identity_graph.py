"""Why a profile is one, as a graph: external ids are nodes, the profiles that were merged are nodes, and each edge
is an event that tied the one to the other.

A profile that was merged keeps its node: its ids came in through it. What is refused has no edge, and is listed
beside, as are merges that somebody has undone, and profiles that may be the same person.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec
from litestar import get

from headwater import limits
from headwater.aggregation import reading, tables
from headwater.aggregation.likeness import EMAIL, PHONE, email_form, phone_form
from headwater.aggregation.reading import Decided, Found, Rows
from headwater.aggregation.tables import ExternalId, ProfileId, collection_of, segment_id
from headwater.config.identity import Identity
from headwater.processing.timestamps import render
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.unify.profile_names import by_priority, called
from headwater.serve.unify.profiles import CollectionOf, Id, Linked, Who, ask, linked
from headwater.serve.unify.timeline import read_head
from headwater.serve.unify.unmerging import merges_of


class EventMark(msgspec.Struct, frozen=True):
    """The event that an edge is."""

    message_id: str
    at: str
    """When it was received."""
    source: str
    type: str
    """Empty: the event is not where it was looked for, as one that was sent long after it had happened."""
    name: str


class ProfileNode(msgspec.Struct, frozen=True):
    segment_id: str
    is_root: bool
    """The profile as it is now; the others are part of it."""
    began: EventMark | None
    """The event that made it; null: it is not in the log any more."""
    merged: "MergeEdge | None"
    """What made it part of another one; null: it is the root."""


class IdNode(msgspec.Struct, frozen=True):
    type: str
    value: str
    profile: str
    """Segment id of the node that it came in through."""
    event: EventMark
    """That brought it."""
    quarantined: bool
    """It ties nothing together any more."""


class MergeEdge(msgspec.Struct, frozen=True):
    into: str
    """Segment id of the one that stayed then, which may be part of another one by now."""
    event: EventMark
    ids: list[Id]
    """That the event had of everybody else ..."""
    other_ids: list[Id]
    """... and of the one that went away."""
    can_undo: bool


class Refusal(msgspec.Struct, frozen=True):
    """Ids that were left out of an event, because with them the profile would have broken a rule."""

    ids: list[Id]
    event: EventMark
    profile: str
    """The node whose event it was, or that had the ids."""
    other: str
    """Segment id, as it is now, of the profile on the other side; empty: there is none."""
    rule: str
    quarantined: bool
    """It was one refusal too many: since then the ids tie nothing together."""


class Undone(msgspec.Struct, frozen=True):
    """A merge that somebody has put apart."""

    at: str
    message_id: str
    """Of the event that had merged them."""
    other: str
    """Segment id of the other side, as it is now."""
    ids: list[Id]
    other_ids: list[Id]


class Suspect(msgspec.Struct, frozen=True):
    """Another profile that may be the same person."""

    segment_id: str
    name: str
    reasons: list[str]


class IdentityGraph(msgspec.Struct, frozen=True):
    segment_id: str
    name: str
    profiles: list[ProfileNode]
    """The root first, then in the order in which they were merged; at most 100."""
    profiles_more: int
    """Not shown."""
    ids: list[IdNode]
    """By the priority of their types; at most 200."""
    ids_more: int
    refusals: list[Refusal]
    """The newest first; at most 100."""
    refusals_more: int
    undone: list[Undone]
    """The newest first."""
    suspects: list[Suspect]
    """By what one look finds: `headwater duplicates` looks at everybody."""
    links: list[Linked]
    """Accounts of a user, users of an account; at most 100."""
    log_complete: bool
    """False: there are more decisions than are read at once."""


def graph(state: Rows, found: Found, identity: Identity) -> IdentityGraph:
    return _Drawing(state, found, identity).graph()


class _Drawing:
    def __init__(self, state: Rows, found: Found, identity: Identity) -> None:
        self._state = state
        self._found = found
        self._identity = identity
        self._log = reading.decisions(state, found.key)
        self._marks: dict[tuple[int, int], EventMark] = {}
        """By the place of the event."""
        self._heads_left = limits.unify.IDENTITY_EVENTS_LOOKED_UP

    def graph(self) -> IdentityGraph:
        found = self._found
        rows = dict(reading.external_ids(self._state, found.key))
        ids = by_priority(rows, self._identity)
        nodes = list(self._profiles())
        shown = [self._id_node(each, rows[each]) for each in ids[: limits.unify.IDENTITY_IDS_DRAWN]]
        refusals = [each for each in reversed(self._log) if each.decision.kind in {"demoted", "quarantined"}]
        undone = [each for each in reversed(self._log) if each.decision.kind == "unmerged"]
        return IdentityGraph(
            segment_id=segment_id(found.key),
            name=called(reading.sent(found.profile), ids),
            profiles=nodes[: limits.unify.IDENTITY_PROFILES_DRAWN],
            profiles_more=max(0, len(nodes) - limits.unify.IDENTITY_PROFILES_DRAWN),
            ids=shown,
            ids_more=len(ids) - len(shown),
            refusals=list(map(self._refusal, refusals[: limits.unify.IDENTITY_REFUSALS_SHOWN])),
            refusals_more=max(0, len(refusals) - limits.unify.IDENTITY_REFUSALS_SHOWN),
            undone=list(map(self._undone, undone[: limits.unify.IDENTITY_REFUSALS_SHOWN])),
            suspects=list(self._suspects(ids)),
            links=list(linked(self._state, found)),
            log_complete=len(self._log) < limits.unify.DECISIONS_SHOWN_MAX,
        )

    # --- nodes ------------------------------------------------------------------------------------------------

    def _profiles(self) -> Iterator[ProfileNode]:
        began = {each.profile: each for each in self._log if each.decision.kind == "created"}
        holding = {merge.decision.other: merge for merge in merges_of(self._state, self._found)}
        merged = {
            each.decision.other: each
            for each in self._log
            if each.decision.kind == "merged" and each.decision.other in holding
        }
        root = self._found.key
        yield ProfileNode(segment_id(root), True, self._mark_of(began.get(root)), None)
        for part, decided in sorted(merged.items(), key=lambda item: item[1].place):
            yield ProfileNode(segment_id(part), False, self._mark_of(began.get(part)), self._merge(decided))

    def _merge(self, decided: Decided) -> MergeEdge:
        decision = decided.decision
        return MergeEdge(
            segment_id(decided.profile),
            self._mark(decided),
            _ids(decision.ids),
            _ids(decision.other_ids),
            can_undo=collection_of(self._found.key) == "users",
        )

    def _id_node(self, each: ExternalId, row: ProfileId) -> IdNode:
        place = row.offset, row.index
        came = next(
            (
                decided
                for decided in self._log
                if decided.place[:2] == place
                and decided.decision.kind in {"created", "attached"}
                and each in decided.decision.ids
            ),
            None,
        )
        profile = self._found.key if came is None else came.profile
        mark = self._mark_at([profile], place, row.created_ms, row.message_id, row.source)
        return IdNode(*each, segment_id(profile), mark, self._is_quarantined(each))

    def _is_quarantined(self, each: ExternalId) -> bool:
        key = tables.identity_key(collection_of(self._found.key), each)
        (row,) = self._state.get_many(tables.CONFLICTS, [key])
        return row is not None and tables.decode_conflict(row).quarantined_ms > 0

    # --- beside the graph -------------------------------------------------------------------------------------

    def _refusal(self, decided: Decided) -> Refusal:
        decision = decided.decision
        return Refusal(
            _ids(decision.ids),
            self._mark(decided),
            segment_id(decided.profile),
            self._now(decision.other),
            decision.rule,
            decision.kind == "quarantined",
        )

    def _undone(self, decided: Decided) -> Undone:
        decision = decided.decision
        return Undone(
            render(decision.at_ms),
            decision.message_id,
            self._now(decision.other),
            _ids(decision.ids),
            _ids(decision.other_ids),
        )

    def _now(self, other: bytes) -> str:
        """What has become of the other profile; empty: it is this one, or there is none."""
        if not other:
            return ""
        now = reading.surviving(self._state, other)
        return "" if now == self._found.key else segment_id(now)

    def _suspects(self, ids: Sequence[ExternalId]) -> Iterator[Suspect]:
        if collection_of(self._found.key) != "users":
            return
        reasons: dict[bytes, list[str]] = {}
        apart = {each.decision.other for each in self._log if each.decision.kind == "unmerged"}
        for other, words in (*self._by_refusal(), *self._by_value(ids)):
            if other != self._found.key and other not in apart:
                reasons.setdefault(other, []).append(words)
        for other, why in islice(reasons.items(), limits.unify.IDENTITY_SUSPECTS_SHOWN):
            found = reading.find(self._state, "users", segment_id(other))
            if found is not None:
                known = by_priority(
                    (each for each, _ in reading.external_ids(self._state, found.key)), self._identity
                )
                name = called(reading.sent(found.profile), known)
                yield Suspect(segment_id(found.key), name, list(dict.fromkeys(why)))

    def _called(self, found: Found) -> str:
        known = by_priority((each for each, _ in reading.external_ids(self._state, found.key)), self._identity)
        return called(reading.sent(found.profile), known)

    def _by_refusal(self) -> Iterator[tuple[bytes, str]]:
        for each in self._log:
            if each.decision.kind == "demoted" and each.decision.other:
                words = ", ".join(":".join(external_id) for external_id in each.decision.ids)
                other = reading.surviving(self._state, each.decision.other)
                yield other, f"{words} belongs to one of them and came with the other, against a rule"

    def _by_value(self, ids: Sequence[ExternalId]) -> Iterator[tuple[bytes, str]]:
        """Who has an address or a number of this profile, in one of its spellings, as an external id."""
        sent = reading.sent(self._found.profile)
        for type_, form in ((EMAIL, email_form), (PHONE, phone_form)):
            own = [each.value for each in ids if each.type == type_]
            given = [value for value in (sent.get(type_), *own) if isinstance(value, str) and value]
            spellings = dict.fromkeys(
                each for value in given for each in (value.strip(), value.strip().lower(), form(value)) if each
            )
            wanted = [ExternalId(type_, each) for each in spellings]
            owners = self._state.get_many(
                tables.IDENTITIES, [tables.identity_key("users", each) for each in wanted]
            )
            for each, owner in zip(wanted, owners, strict=True):
                if owner is not None:
                    yield owner, f"both have the same {type_}: {each.value}"

    # --- events -----------------------------------------------------------------------------------------------

    def _mark_of(self, decided: Decided | None) -> EventMark | None:
        return None if decided is None else self._mark(decided)

    def _mark(self, decided: Decided) -> EventMark:
        """Of what was refused, the event is in the history of either side."""
        decision = decided.decision
        sides = [decided.profile, *([decision.other] if decision.other else [])]
        return self._mark_at(sides, decided.place[:2], decision.at_ms, decision.message_id, decision.source)

    def _mark_at(
        self, sides: Sequence[bytes], place: tuple[int, int], received_ms: int, message_id: str, source: str
    ) -> EventMark:
        if place not in self._marks:
            found = (self._look_up(side, place, received_ms) for side in sides)
            type_, name = next(filter(any, found), ("", ""))
            self._marks[place] = EventMark(message_id, render(received_ms), source, type_, name)
        return self._marks[place]

    def _look_up(self, part: bytes, place: tuple[int, int], received_ms: int) -> tuple[str, str]:
        """Call and name of the event, where most are: among those of its part that count shortly before they were
        received.
        """
        if self._heads_left <= 0:
            return "", ""
        self._heads_left -= 1
        start = tables.history_key(part, received_ms + 1, 0, 0)
        rows = self._state.scan(tables.HISTORY, part, reverse=True, start=start)
        for key, row in islice(rows, limits.unify.IDENTITY_EVENTS_NEAR):
            if key.startswith(part) and tables.history_place(key)[1:] == place:
                head = read_head(tables.read_history_row(row).body)
                return head.type or "", head.called
        return "", ""


def _ids(ids: Iterable[ExternalId]) -> list[Id]:
    return [Id(*each) for each in ids]


@get("/profiles/identity/{who:path}", responses=NAMED_ERRORS)
async def read_identity_graph(desk: Desk, who: Who, *, collection: CollectionOf = None) -> IdentityGraph:
    """Which external ids and which former profiles make a profile what it is, and the events that tied them."""
    identity = (await desk.version()).workspace.identity
    return await ask(desk, who, lambda state, found: graph(state, found, identity), collection=collection)


HANDLERS: Final[list[Callable[..., Any]]] = [read_identity_graph]
