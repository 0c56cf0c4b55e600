"""dedupe with a full memory: 100 million ids of the last 30 days, and one event in a hundred a duplicate."""

import os
import random
import resource
import sys
import time
import uuid
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from rocksdict import Rdict, SstFileWriter

from benchmarks.measure import Figure, data_folder, median
from headwater import limits
from headwater.config.workspace import Settings, Workspace
from headwater.event import Event
from headwater.flow import Context, Effects
from headwater.flowing import FlowingEvent
from headwater.processing import dedupe
from headwater.state import rocksdb
from headwater.state.port import Commit

KEYS = 100_000_000
SHARES = (0.25, 0.5, 0.25)
"""Of each generation: 30 days are spread over three of 15, the oldest and the newest of them in part."""
KNOWN = 200_000
"""Ids in the store that the flow can send again."""
BATCHES = 100
BATCH_EVENTS = 10_000
DUPLICATES = 0.01
CORE = 0
FILES_PER_GENERATION = 16


def digest(message_id: str) -> bytes:
    return blake2b(message_id.encode(), digest_size=dedupe.KEY_BYTES).digest()


def sorted_keys(count: int, known: list[bytes], rng: random.Random, part: int) -> Iterator[bytes]:
    """Keys whose first four bits are `part`, as many as fall to it, in order, with the known ones among them."""
    width = dedupe.KEY_BYTES
    for first in range(part * 16, part * 16 + 16):
        material = rng.randbytes(count // 256 * (width - 1))
        lead = bytes([first])
        keys = [lead + material[at : at + width - 1] for at in range(0, len(material), width - 1)]
        keys += [key for key in known if key[0] == first]
        keys.sort()
        yield from keys


def fill(folder: Path, newest: int, known: list[bytes]) -> tuple[int, int]:
    """(keys, bytes of disk). Sorted files as compaction would leave them, made outside and handed to RocksDB."""
    rng = random.Random(1)
    rocksdb.RocksState(folder).close()
    options = rocksdb.generation_options
    names = [f"{dedupe.TABLE}@{newest - age}" for age in (2, 1, 0)]
    existing = {name: rocksdb.table_options() for name in Rdict.list_cf(str(folder), options())}
    database = Rdict(str(folder), options=rocksdb.table_options(), column_families=existing)
    keys = 0
    for age, (name, share) in enumerate(zip(names, SHARES, strict=True)):
        family = database.create_column_family(name, options())
        begin_s = (newest - 2 + age) * limits.processing.STATE_GENERATION_S
        mine = known[age - 1 :: 2] if age else []  # half of the oldest generation is past the window
        for part in range(FILES_PER_GENERATION):
            file = folder.parent / f"{age}-{part}.sst"
            writer = SstFileWriter(options())
            writer.open(str(file))
            for key in sorted_keys(round(KEYS * share), mine, rng, part):
                writer[key] = (begin_s + rng.randrange(limits.processing.STATE_GENERATION_S)).to_bytes(4, "big")
                keys += 1
            writer.finish()
            family.ingest_external_file([str(file)])
            file.unlink(missing_ok=True)
    database.close()
    return keys, sum(file.stat().st_size for file in folder.glob("*.sst"))


def batch(rng: random.Random, known: list[str], received_ms: int) -> list[FlowingEvent]:
    events = []
    for index in range(BATCH_EVENTS):
        is_repeated = rng.random() < DUPLICATES
        name = rng.choice(known) if is_repeated else str(uuid.UUID(int=rng.getrandbits(128), version=4))
        event = Event(type="track", message_id=name, user_id="u1", event="A")
        events.append(FlowingEvent(0, index, "shop", received_ms, received_ms, None, None, event))
    return events


def full_store() -> list[Figure]:
    """Look-ups per second of the stage alone, and events per second with the commit of what it remembers."""
    os.sched_setaffinity(0, {CORE})
    rng = random.Random(2)
    newest = 1_800_000_000 // limits.processing.STATE_GENERATION_S
    received_ms = (
        newest * limits.processing.STATE_GENERATION_S + limits.processing.STATE_GENERATION_S // 2
    ) * 1000
    known = [str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(KNOWN)]
    context = Context(Workspace(workspace="benchmark", settings=Settings()))
    with data_folder() as data:
        print(f"making {KEYS:,} keys", file=sys.stderr)
        keys, size = fill(data / "state", newest, [digest(name) for name in known])
        state = rocksdb.RocksState(data / "state")
        stage_s, commit_s, dropped = [], [], 0
        for number in range(BATCHES):
            events = batch(rng, known, received_ms)
            effects = Effects(state)
            started = time.perf_counter()
            passed = dedupe.STAGE.run(events, context, effects)
            stage_s.append(time.perf_counter() - started)
            state.commit(Commit(number, effects.changes, at_ms=received_ms))
            commit_s.append(time.perf_counter() - started)
            dropped += len(events) - len(passed)
        state.close()
    expected = BATCHES * BATCH_EVENTS * DUPLICATES
    if not 0.5 * expected < dropped < 1.5 * expected:
        raise RuntimeError(f"{dropped} duplicates found where about {expected:.0f} were sent")
    rate, whole = BATCH_EVENTS / median(stage_s), BATCH_EVENTS / median(commit_s)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    what = f"{keys:,} keys, {dropped / BATCHES / BATCH_EVENTS:.1%} duplicates, one core"
    return [
        Figure("dedupe", what, rate, f"{rate:,.0f} look-ups/s", "≥ 150,000", "", rate >= 150_000),
        Figure("dedupe", "the same with its commit", whole, f"{whole:,.0f} events/s"),
        Figure("dedupe", "disk per key", size / keys, f"{size / keys:.1f} bytes", "≤ 24", "", size / keys <= 24),
        Figure("dedupe", "memory at most", memory, f"{memory:,.0f} MiB"),
    ]
