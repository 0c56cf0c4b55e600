"""Who an event is about: external ids are nodes, events tie them together, profiles are what hangs together.

The algorithm is Segment's flat matching (spec 4.3). The ids of an event, in order of priority, look for profiles.
None: the event makes one. One: it gets the ids it did not have. Several: they become one, which keeps the oldest
key. Before anything changes, the profile as it would be is held against the rules; while it breaks one, the ids of
the lowest priority are left out and the rest looks again. So an event always ends somewhere, and the id that would
have tied two people together stays with the one who had it.

Three things can be in the way: a limit (of a type, of merges, of ids in all), a pair of ids that somebody has put
apart (`SEVERED`, see unmerge), and quarantine: an id that was refused at CONFLICTS_MAX other profiles, such as a
device in a shop, is left out from then on wherever another id says who it is.

Everything that is decided leaves rows in the identity log, in the same commit.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.external_ids import ExternalIds
from headwater.aggregation.resolution import Resolution
from headwater.aggregation.tables import Conflict, Decision, ExternalId, ProfileId, SeveredPair
from headwater.flow import Context, Effects
from headwater.flowing import FlowingEvent

_Ids = dict[ExternalId, ProfileId]

_NO_IDS: Final[_Ids] = {}


class Refused(NamedTuple):
    """Ids of an event that were left out."""

    ids: list[ExternalId]
    rule: str


class Bounds(NamedTuple):
    """Of one profile, from the workspace."""

    merges_max: int
    ids_max: int


class Identities:
    """The external ids of one collection, as one batch sees and changes them."""

    def __init__(
        self, collection: str, effects: Effects, external_ids: ExternalIds, bounds: Bounds, severed: "Severed"
    ) -> None:
        self._collection = collection
        self._effects = effects
        self._rules = external_ids
        self._bounds = bounds
        self._severed = severed
        self._owners: dict[ExternalId, bytes | None] = {}
        self._ids: dict[bytes, _Ids] = {}
        self._merges: dict[bytes, int] = {}
        self._conflicts: dict[ExternalId, Conflict] = {}

    def look_up(self, wanted: Iterable[ExternalId]) -> None:
        """Read the owners of these ids, all at once."""
        missing = list({each: None for each in wanted if each not in self._owners})
        keys = [tables.identity_key(self._collection, each) for each in missing]
        self._owners.update(zip(missing, self._effects.read(tables.IDENTITIES, keys), strict=True))

    def look_up_conflicts(self, ids: Iterable[ExternalId]) -> None:
        """Read what is known against these ids, all at once."""
        missing = list({each: None for each in ids if each not in self._conflicts})
        keys = [tables.identity_key(self._collection, each) for each in missing]
        for each, row in zip(missing, self._effects.read(tables.CONFLICTS, keys), strict=True):
            self._conflicts[each] = tables.decode_conflict(row) if row else Conflict(*each)

    def are_settled(self, ids: Sequence[ExternalId]) -> bool:
        """Whether all of them, looked up, belong to one profile already."""
        owner = self._owners[ids[0]]
        return owner is not None and all(self._owners[each] == owner for each in ids)

    def owner(self, external_id: ExternalId) -> bytes | None:
        """Of an id that was looked up."""
        return self._owners[external_id]

    def resolve(self, ids: list[ExternalId], flowing: FlowingEvent) -> Resolution | None:
        """Whose event it is by these ids (in order of priority, looked up); None: it has none."""
        if not ids:
            return None
        owners = self._owners
        owner = owners[ids[0]]
        if owner is not None and all(owners[each] == owner for each in ids):
            return Resolution(owner)
        return self._settle(ids, flowing)

    def ids_of(self, profile: bytes) -> list[ExternalId]:
        """Everything that a profile is known by."""
        return list(self._ids_of(profile))

    # --- the algorithm --------------------------------------------------------------------------------------

    def _settle(self, ids: list[ExternalId], flowing: FlowingEvent) -> Resolution:
        event = _Origin(flowing)
        wanted = self._without_quarantined(ids)
        refused: list[Refused] = []
        while rule := self._broken_rule(wanted, flowing.received_at_ms):
            lowest = wanted[-1].type
            kept = [each for each in wanted if each.type != lowest] or wanted[:1]
            refused.append(Refused([each for each in wanted if each not in kept], rule))
            wanted = kept
        owners = self._owners_of(wanted)
        new_ids = tuple(each for each in wanted if self._owners[each] is None)
        if not owners:
            profile = tables.profile_key(self._collection, event.message_id, flowing.offset, flowing.index)
            self._ids[profile] = {}
            self._attach(profile, new_ids, event)
            event.log(self._effects, profile, "created", wanted)
            resolution = Resolution(profile, created=True, new_ids=new_ids)
        else:
            profile, *others = sorted(owners, key=self._age)
            if others:
                self._merge(profile, others, wanted, event)
            if new_ids:
                self._attach(profile, new_ids, event)
                event.log(self._effects, profile, "attached", list(new_ids))
            resolution = Resolution(profile, merged=tuple(others), new_ids=new_ids)
        for each in refused:
            self._refuse(each, profile, event)
        return resolution

    def _owners_of(self, ids: Iterable[ExternalId]) -> list[bytes]:
        return list(dict.fromkeys(owner for each in ids if (owner := self._owners[each]) is not None))

    def _broken_rule(self, wanted: Sequence[ExternalId], at_ms: int) -> str:
        """What would be wrong with the profile that these ids make, in words; empty: nothing. A profile that is
        already too large is nobody's fault: only what is added counts.
        """
        owners = self._owners_of(wanted)
        new = [each for each in wanted if self._owners[each] is None]
        if not new and len(owners) < 2:
            return ""
        together: dict[ExternalId, int] = dict.fromkeys(new, at_ms)
        for owner in owners:
            together.update((each, row.created_ms) for each, row in self._ids_of(owner).items())
        grown = {each.type for each in (together if len(owners) > 1 else new)}
        for type_ in sorted(grown):
            rule = self._rules.rule(type_)
            since = None if rule.period_ms is None else at_ms - rule.period_ms
            count = sum(
                1
                for each, created in together.items()
                if each.type == type_ and (since is None or created > since)
            )
            if count > rule.limit:
                return f"a profile has at most {rule.limit} {type_}{rule.period_words}, it would have {count}"
        if len(owners) > 1:
            merges = sum(map(self._merges_of, owners)) + len(owners) - 1
            if merges > self._bounds.merges_max:
                return f"a profile is made of at most {self._bounds.merges_max} merges"
        if len(together) > self._bounds.ids_max:
            return f"a profile has at most {self._bounds.ids_max} external ids"
        if self._severed and (pair := self._severed.within(together)):
            return f"{pair[0].type} and {pair[1].type} of this event were put apart by an unmerge"
        return ""

    def _without_quarantined(self, ids: list[ExternalId]) -> list[ExternalId]:
        if len(ids) < 2:
            return ids
        self.look_up_conflicts(ids)
        return [each for each in ids if not self._conflicts[each].quarantined_ms] or ids[:1]

    # --- what changes ---------------------------------------------------------------------------------------

    def _attach(self, profile: bytes, ids: Iterable[ExternalId], event: "_Origin") -> None:
        known = self._ids_of(profile)
        for each in ids:
            row = ProfileId(event.at_ms, event.source, event.message_id, event.offset, event.index, *each)
            known[each] = row
            self._owners[each] = profile
            self._effects.change(tables.IDENTITIES)[tables.identity_key(self._collection, each)] = profile
            self._effects.change(tables.PROFILE_IDS)[tables.profile_id_key(profile, each)] = tables.encode_row(row)

    def _merge(
        self, profile: bytes, others: Sequence[bytes], wanted: Sequence[ExternalId], event: "_Origin"
    ) -> None:
        identities = self._effects.change(tables.IDENTITIES)
        profile_ids = self._effects.change(tables.PROFILE_IDS)
        merged = self._effects.change(tables.MERGED)
        merges = self._merges_of(profile)
        for other in others:
            found_by = [each for each in wanted if self._owners[each] == other]
            rest = [each for each in wanted if each not in found_by and self._owners[each] is not None]
            event.log(self._effects, profile, "merged", rest, other, other_ids=found_by)
            event.log(self._effects, other, "merged_into", found_by, profile)
            merges += self._merges_of(other) + 1
        for other in others:
            for each, row in self._ids_of(other).items():
                self._owners[each] = profile
                self._ids_of(profile)[each] = row
                identities[tables.identity_key(self._collection, each)] = profile
                profile_ids[tables.profile_id_key(other, each)] = None
                profile_ids[tables.profile_id_key(profile, each)] = tables.encode_row(row)
            self._ids[other] = {}
            merged[other] = profile
            merged[tables.merges_key(other)] = None
            self._merges[other] = 0
        self._merges[profile] = merges
        merged[tables.merges_key(profile)] = tables.pack_ms(merges)

    def _refuse(self, refused: Refused, profile: bytes, event: "_Origin") -> None:
        """Remember what was left out, and where: once for each pair, however often an event repeats it."""
        self.look_up_conflicts(refused.ids)
        told = []
        for each in refused.ids:
            conflict = self._conflicts[each]
            if profile in conflict.refused_at or conflict.quarantined_ms:
                continue
            conflict.refused_at.append(profile)
            told.append(each)
            owner = self._owners[each]
            if owner is not None and owner != profile:
                event.log(self._effects, owner, "demoted", [each], profile, rule=refused.rule)
            if len(conflict.refused_at) >= limits.identity.CONFLICTS_MAX:
                conflict.quarantined_ms = event.at_ms
                conflict.reason = (
                    f"refused at {limits.identity.CONFLICTS_MAX} other profiles; the last time: {refused.rule}"
                )
                event.log(self._effects, owner or profile, "quarantined", [each], profile, rule=conflict.reason)
            key = tables.identity_key(self._collection, each)
            self._effects.change(tables.CONFLICTS)[key] = tables.encode_row(conflict)
        if told:
            other = self._owners[told[0]] or b""
            event.log(
                self._effects, profile, "demoted", told, other if other != profile else b"", rule=refused.rule
            )

    # --- what is there --------------------------------------------------------------------------------------

    def _ids_of(self, profile: bytes) -> _Ids:
        ids = self._ids.get(profile)
        if ids is None:
            rows = self._effects.scan(tables.PROFILE_IDS, profile, own=False)
            known = (tables.decode_profile_id(row) for _, row in rows)
            ids = self._ids[profile] = {each.external_id: each for each in known}
        return ids

    def _age(self, profile: bytes) -> tuple[int, int, bytes]:
        """Smaller is older: where in the log its first id came."""
        rows = self._ids_of(profile).values()
        return (*min(((row.offset, row.index) for row in rows), default=(0, 0)), profile)

    def _merges_of(self, profile: bytes) -> int:
        merges = self._merges.get(profile)
        if merges is None:
            (row,) = self._effects.read(tables.MERGED, [tables.merges_key(profile)])
            merges = self._merges[profile] = tables.unpack_ms(row) if row else 0
        return merges


def identities_of(context: Context, effects: Effects, severed: "Severed") -> tuple[Identities, Identities]:
    """Of users, and of accounts, by the rules of the workspace."""
    external_ids = context.built(ExternalIds)
    identity = context.workspace.identity
    bounds = Bounds(identity.merges_max, identity.ids_max)
    users = Identities("users", effects, external_ids, bounds, severed)
    return users, Identities("accounts", effects, external_ids, bounds, severed)


class Severed:
    """The pairs of ids that people have put apart."""

    def __init__(self, effects: Effects) -> None:
        self._others: dict[ExternalId, set[ExternalId]] = {}
        for _, row in effects.scan(tables.SEVERED):
            pair: SeveredPair = tables.decode_severed(row)
            self._others.setdefault(pair.one, set()).add(pair.other)

    def __bool__(self) -> bool:
        return bool(self._others)

    def within(self, ids: Iterable[ExternalId]) -> tuple[ExternalId, ExternalId] | None:
        """A pair that would come together."""
        ids = set(ids)
        for each in sorted(ids & self._others.keys()):
            if together := ids & self._others[each]:
                return each, min(together)
        return None


def severed_key(one: ExternalId, other: ExternalId) -> bytes:
    return b"".join(blake2b("\0".join(each).encode(), digest_size=16).digest() for each in (one, other))


class _Origin:
    """The event that decisions are made because of: numbers what it leaves in the identity log."""

    def __init__(self, flowing: FlowingEvent) -> None:
        self.offset = flowing.offset
        self.index = flowing.index
        self.at_ms = flowing.received_at_ms
        self.source = flowing.source
        self.message_id = flowing.event.message_id or ""
        self._flowing = flowing
        self._count = 0

    def log(
        self,
        effects: Effects,
        profile: bytes,
        kind: str,
        ids: Sequence[ExternalId],
        other: bytes = b"",
        *,
        other_ids: Sequence[ExternalId] = (),
        rule: str = "",
    ) -> None:
        row = Decision(
            kind, self.at_ms, self.message_id, self.source, list(ids), other, other_ids=list(other_ids), rule=rule
        )
        key = tables.decision_key(profile, self.offset, self.index, min(self._count, 255))
        self._count += 1
        effects.change(tables.IDENTITY_LOG)[key] = tables.encode_row(row)
        effects.identity[kind] += 1
        if kind in {"merged", "demoted", "quarantined"}:
            detail = {"ids": [f"{each.type}:{each.value}" for each in ids]}
            if other:
                detail["other"] = [tables.segment_id(other)]
            if rule:
                detail["rule"] = [rule]
            self._flowing.note("resolve", kind, profile=tables.segment_id(profile), **detail)
