"""The shadow: destinations that dedupe are planned the other way as well, and what differs is counted and shown.

With `dedupe_sync` on for a profile the other way is to tell every id, as before there was deduping; with it off,
it is what would be once it is turned on. Nothing is sent because of it. It takes bounded memory whatever it sees:
counts for each pair of paths, and examples. Which differences become examples is decided by a hash, so they are
spread over all of them, and the same log always leaves the same ones.

All of it is one row of the state, written in the same commit as everything else, so it survives restarts and
everybody can read it. When the flags are changed, it begins anew.
"""

from hashlib import blake2b
from typing import Final

import msgspec

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.changes import Change
from headwater.aggregation.sync.connections import DEDUPE_SYNC, SHADOW_SYNC
from headwater.aggregation.sync.paths import Kind, Path
from headwater.aggregation.tables import ExternalId
from headwater.config.workspace import Workspace
from headwater.flow import Effects, Reader

ROW_KEY: Final = b"shadow"
"""In tables.SWEEPS, which has single rows."""

SAME: Final = "same"
DIFFERENT: Final = "different"


class Difference(msgspec.Struct, array_like=True, gc=False):
    """An example. It holds no external ids: those are in the profile."""

    rank: int
    """By which it was chosen: the lowest stay."""
    profile: str
    key: str
    """Of the definition."""
    destination: str
    reason: str
    kind: str
    path: str
    """The one that counts, and how many ids it tells ..."""
    ids: int
    other_path: str
    """... and the other one."""
    other_ids: int
    at_ms: int


class Pair(msgspec.Struct, array_like=True, gc=False):
    """How often two paths were taken for the same change and destination, by whether the same ids were told."""

    path: str
    other_path: str
    same: int = 0
    different: int = 0


class Differences(msgspec.Struct, array_like=True):
    """What a comparison has found since it began."""

    flags: bytes = b""
    """Hash of the flags it was made under."""
    since_ms: int = 0
    """The log's clock at the first change that was compared; 0: none was."""
    pairs: list[Pair] = []
    """By path, then the other path."""
    examples: list[Difference] = []
    """By rank."""


_decode: Final = msgspec.msgpack.Decoder(Differences).decode
_encode_json = msgspec.json.Encoder().encode


def differences(state: Reader) -> Differences:
    """The last comparison, for the API; it stays when the flag is turned off."""
    (row,) = state.get_many(tables.SWEEPS, [ROW_KEY])
    return _decode(row) if row else Differences()


class Comparison:
    """What one batch compares."""

    def __init__(self, workspace: Workspace, effects: Effects) -> None:
        flags = [workspace.tier, workspace.flag(DEDUPE_SYNC), workspace.flag(SHADOW_SYNC)]
        self._flags = blake2b(_encode_json(flags), digest_size=8).digest()
        self._effects = effects
        self._found: Differences | None = None
        self._pairs: dict[tuple[str, str], Pair] = {}

    def add(self, change: Change, kind: Kind, destination: str, one: "Way", other: "Way") -> None:
        found = self._begun(change.at_ms)
        key = one.path.name, other.path.name
        pair = self._pairs.setdefault(key, Pair(*key))
        is_same = one.ids == other.ids
        self._effects.sync["compared", *key, SAME if is_same else DIFFERENT] += 1
        if is_same:
            pair.same += 1
            return
        pair.different += 1
        place = (change.profile, change.key, destination, change.offset, change.index, change.at_ms)
        rank = int.from_bytes(blake2b(repr(place).encode(), digest_size=7).digest(), "big")
        examples = found.examples
        if len(examples) == limits.sync.DIFFERENCES_MAX and rank >= examples[-1].rank:
            return
        examples.append(
            Difference(
                rank,
                tables.segment_id(change.profile),
                change.key,
                destination,
                change.reason.value,
                kind.value,
                one.path.name,
                len(one.ids),
                other.path.name,
                len(other.ids),
                change.at_ms,
            )
        )
        examples.sort(key=lambda example: example.rank)
        del examples[limits.sync.DIFFERENCES_MAX :]

    def write(self) -> None:
        """Into the effects, if anything was compared."""
        if self._found is not None:
            self._found.pairs = [pair for _, pair in sorted(self._pairs.items())]
            self._effects.change(tables.SWEEPS)[ROW_KEY] = tables.encode_row(self._found)

    def _begun(self, at_ms: int) -> Differences:
        if self._found is None:
            (row,) = self._effects.read(tables.SWEEPS, [ROW_KEY])
            found = _decode(row) if row else Differences()
            if found.flags != self._flags:
                found = Differences(self._flags, at_ms)
            self._found = found
            self._pairs = {(pair.path, pair.other_path): pair for pair in found.pairs}
        return self._found


class Way(msgspec.Struct, gc=False):
    """One of two ways to decide about the same change: the path, and the ids that are told."""

    path: Path
    ids: list[ExternalId]
