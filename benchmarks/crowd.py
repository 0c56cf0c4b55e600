"""A state with many profiles out of one with few: every profile that the pipeline has made, again and again under
other names.

What tells two customers apart contains their number (`people`), and rows hold nothing else of it than these seven
digits and keys that are made of them. So a row of somebody else is a row of hers with other digits and other keys,
which takes a microsecond, where computing it would take fifty. `_check` holds that to the rows the pipeline wrote.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from rocksdict import Cache, IngestExternalFileOptions, Rdict, SstFileWriter

from benchmarks.people import number
from headwater.aggregation import tables
from headwater.state import rocksdb
from headwater.state.port import Commit
from headwater.state.rocksdb import RocksState
from headwater.units import MIB

_FILE_BYTES: Final = 256 * MIB
"""Before compression."""
_CHECKED: Final = 500
_BEHIND_PROFILE: Final = (
    tables.PROFILES,
    tables.PROFILE_IDS,
    tables.IDENTITY_LOG,
    tables.COLLECTED_VALUES,
    tables.HISTORY,
)
"""Their keys begin with a profile's ..."""
_BEFORE_PROFILE: Final = (tables.MERGED, tables.TIMERS, tables.MEMBERS)
"""... and these end with one."""
_EMPTY: Final = (tables.CONFLICTS, tables.SEVERED, tables.LINKS, tables.SYNCED, tables.FAN_OUTS)
"""Nothing in the crowd leads to rows here."""
Row = tuple[str, bytes, bytes]
"""Table, key, value."""


class _Origin(NamedTuple):
    """The event that made a profile: its key follows from this, and the customer's number."""

    message_id: str
    offset: int
    event_index: int

    @property
    def customer(self) -> int:
        return int(self.message_id[1:8])

    def key(self, digits: str) -> bytes:
        message_id = self.message_id[0] + digits + self.message_id[8:]
        return tables.profile_key("users", message_id, self.offset, self.event_index)


class _Prototypes:
    """Every row of the profiles that there are, by the key that it was written under."""

    def __init__(self, state: RocksState) -> None:
        if found := next((table for table in _EMPTY for _ in state.scan(table)), None):
            raise RuntimeError(f"the table {found} has rows, which nobody knows how to multiply")
        self.origins: dict[bytes, _Origin] = {}
        self._rows: dict[bytes, list[Row]] = defaultdict(list)
        for key, row in state.scan(tables.IDENTITY_LOG):
            decision = tables.decode_decision(row)
            if decision.kind == "created":
                origin = _Origin(decision.message_id, *tables.place_of_decision(key))
                self.origins[key[: tables.KEY_BYTES]] = origin
        for table in _BEHIND_PROFILE:
            for key, row in state.scan(table):
                self._rows[key[: tables.KEY_BYTES]].append((table, key[tables.KEY_BYTES :], row))
        for table in _BEFORE_PROFILE:
            for key, row in state.scan(table):
                self._rows[key[-tables.KEY_BYTES :]].append((table, key[: -tables.KEY_BYTES], row))

    def rows(self, profile: bytes, customer: int) -> Iterator[Row]:
        """Of this customer, as those of the profile are."""
        origin = self.origins[profile]
        old, new = number(origin.customer).encode(), number(customer).encode()
        key = origin.key(new.decode())
        for table, rest, row in self._rows[profile]:
            if table == tables.HISTORY:
                yield table, key + rest, row.replace(old, new)
            elif table == tables.PROFILE_IDS:
                stamped = row.replace(old, new)
                external_id = tables.decode_profile_id(stamped).external_id
                yield table, tables.profile_id_key(key, external_id), stamped
                yield tables.IDENTITIES, tables.identity_key("users", external_id), key
            elif table in _BEFORE_PROFILE:
                yield table, rest + key, self._renamed(table, row, new.decode())
            else:
                yield table, key + rest, self._renamed(table, row.replace(old, new), new.decode())

    def _renamed(self, table: str, row: bytes, digits: str) -> bytes:
        """With the keys of this customer's profiles in place of those in the row."""
        for other in _mentioned(table, row):
            row = row.replace(other, self.origins[other].key(digits))
        return row


def _mentioned(table: str, row: bytes) -> list[bytes]:
    """Keys of profiles in a row."""
    if table == tables.PROFILES:
        return tables.decode_profile(row).parts
    if table == tables.IDENTITY_LOG:
        other = tables.decode_decision(row).other
        return [other] if other else []
    return [row] if table == tables.MERGED and len(row) == tables.KEY_BYTES else []


class _Files:
    """Sorted files of one table, as compaction would leave them."""

    def __init__(self, folder: Path, name: str, table: str, cache: Cache) -> None:
        self._folder = folder
        self._name = name
        self._options = rocksdb.options_of(table, cache)
        self._writer: SstFileWriter | None = None
        self._size = 0
        self.paths: list[str] = []

    def add(self, key: bytes, value: bytes) -> None:
        if self._writer is None or self._size > _FILE_BYTES:
            self.finish()
            self._writer = SstFileWriter(self._options)
            self.paths.append(str(self._folder / f"{self._name}-{len(self.paths)}.new"))
            self._writer.open(self.paths[-1])
            self._size = 0
        self._writer[key] = value
        self._size += len(key) + len(value)

    def finish(self) -> None:
        if self._writer is not None:
            self._writer.finish()
            self._writer = None


def multiply(folder: Path, customers: int, copies: int) -> None:
    """`copies` of everybody where one was. The customers have the numbers 0 until `customers`."""
    state = RocksState(folder)
    prototypes = _Prototypes(state)
    _check(prototypes, state)
    _multiply_counts(state, copies)
    state.close()
    wanted = sorted(
        (origin.key(number(customer)), profile, customer)
        for profile, origin in prototypes.origins.items()
        for customer in range(origin.customer + customers, customers * copies, customers)
    )
    cache = Cache(8 * MIB)
    files: dict[tuple[str, bytes], _Files] = {}
    scattered: dict[str, list[tuple[bytes, bytes]]] = defaultdict(list)

    def add(table: str, key: bytes, value: bytes, group: bytes = b"") -> None:
        if (table, group) not in files:
            files[table, group] = _Files(folder, f"{table}-{len(files)}", table, cache)
        files[table, group].add(key, value)

    for _, profile, customer in wanted:
        for table, key, value in sorted(prototypes.rows(profile, customer)):
            if table in {tables.IDENTITIES, tables.MERGED, tables.TIMERS}:
                scattered[table].append((key, value))
            else:
                add(table, key, value, key[: -tables.KEY_BYTES] if table == tables.MEMBERS else b"")
    for table, rows in scattered.items():
        rows.sort()
        for key, value in rows:
            add(table, key, value)
        rows.clear()
    _ingest(folder, files, cache)


def _ingest(folder: Path, files: dict[tuple[str, bytes], _Files], cache: Cache) -> None:
    names = Rdict.list_cf(str(folder), rocksdb.table_options())
    families = {
        name: rocksdb.generation_options() if "@" in name else rocksdb.options_of(name, cache) for name in names
    }
    database = Rdict(str(folder), options=rocksdb.table_options(), column_families=families)
    moving = IngestExternalFileOptions()
    moving.set_move_files(True)
    for (table, _), written in files.items():
        written.finish()
        database.get_column_family(table).ingest_external_file(written.paths, moving)
    database.close()


def _check(prototypes: _Prototypes, state: RocksState) -> None:
    """A customer made of herself has the rows that she has."""
    for profile, origin in islice(prototypes.origins.items(), _CHECKED):
        for table, key, value in prototypes.rows(profile, origin.customer):
            if state.get_many(table, [key]) != [value]:
                raise RuntimeError(f"a row of {table} is not what the pipeline wrote: {key!r}")


def _multiply_counts(state: RocksState, copies: int) -> None:
    sizes = {key: tables.pack_ms(tables.unpack_ms(row) * copies) for key, row in state.scan(tables.AUDIENCE_SIZES)}
    ((key, row),) = state.scan(tables.SWEEPS, b"countu")
    (swept,) = state.get_many(tables.SWEEPS, [b"sweep"])
    assert swept is not None, "a store is swept before it is multiplied"
    sweep = tables.decode_sweep(swept)
    sweep = msgspec.structs.replace(sweep, done=sweep.done * copies, total=sweep.total * copies)
    counts: dict[bytes, bytes | None] = {
        key: tables.pack_ms(tables.unpack_ms(row) * copies),
        b"sweep": tables.encode_row(sweep),
    }
    state.commit(Commit(state.position(), {tables.AUDIENCE_SIZES: {**sizes}, tables.SWEEPS: counts}))
