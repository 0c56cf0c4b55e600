"""Data folders with many profiles in them. They take minutes to make, so each is made once per run of the
benchmarks, and a flow works on a copy: what never changes is linked, not copied.
"""

import atexit
import contextlib
import functools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import people
from benchmarks.crowd import multiply
from benchmarks.flows.log_to_lake import drain, fill
from benchmarks.measure import apply_workspace
from benchmarks.people import Customers
from headwater.aggregation.sweep import read_sweep
from headwater.profiles.embedded import embedded
from headwater.units import DAY_MS

PROFILES: Final = int(os.environ.get("HEADWATER_BENCH_PROFILES", "1000000"))
"""Of the large store. A tenth of it runs in a tenth of the time."""
SHOP_PROFILES: Final = PROFILES // 5
SHOP_EVENTS_EACH: Final = 5
CROWD_EVENTS_EACH: Final = 20
COPIES: Final = 50
"""Of each profile of a smaller store, which together are the large one."""
SPAN_MS: Final = 40 * DAY_MS
"""Of the events, until now."""
_IMMUTABLE: Final = {".sst", ".parquet"}


@functools.cache
def shop(*, computes: bool = True) -> Path:
    """SHOP_PROFILES customers that the pipeline has made; with definitions or without."""
    return _stored(SHOP_PROFILES, SHOP_EVENTS_EACH, computes=computes)


@functools.cache
def crowd() -> Path:
    """PROFILES customers with twenty events each on average: those of a smaller store, COPIES times."""
    data = _stored(PROFILES // COPIES, CROWD_EVENTS_EACH, computes=True)
    _say(f"making {PROFILES:,} of {PROFILES // COPIES:,} profiles")
    multiply(data / "state", PROFILES // COPIES, COPIES)
    return data


@contextlib.contextmanager
def copy_of(data: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=data.parent, prefix="data-") as folder:
        copy = Path(folder) / "data"
        skipped = shutil.ignore_patterns("run", "bells", "*.log.old", "LOCK", "lock")
        shutil.copytree(data, copy, copy_function=_link_or_copy, ignore=skipped)
        yield copy


def _link_or_copy(source: str, target: str) -> None:
    if Path(source).suffix in _IMMUTABLE:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def _stored(profiles: int, events_each: int, *, computes: bool) -> Path:
    root = Path(__file__).parent / "results"
    root.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=root, prefix="store-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    data = folder / "data"
    apply_workspace(data, people.WORKSPACE if computes else people.BARE_WORKSPACE)
    count = profiles * events_each
    _say(f"the pipeline makes {profiles:,} profiles of {count:,} events")
    customers = Customers(profiles, seed=1, are_known=False)
    now_ms = time.time_ns() // 1_000_000
    introductions = people.records(
        customers.introductions(), 2 * profiles, first_ms=now_ms - SPAN_MS, last_ms=now_ms - SPAN_MS * 3 // 4
    )
    fill(data, introductions)
    rest = count - 2 * profiles
    fill(
        data,
        people.records(customers.activity(rest), rest, first_ms=now_ms - SPAN_MS * 3 // 4, last_ms=now_ms),
    )
    drain(data, count, settled=lambda: not computes or _is_swept(data))
    return data


def _is_swept(data: Path) -> bool:
    """Whether everybody has been computed. A sweep begins when the log is read to its end for the first time."""
    view = embedded(data).state_view()
    try:
        return read_sweep(view).finished_ms > 0
    finally:
        view.close()


def _say(what: str) -> None:
    print(what, file=sys.stderr)
