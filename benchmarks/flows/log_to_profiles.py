"""The whole pipeline on one core, with identity, profiles, twenty traits and twenty audiences, over a state that
has 200,000 profiles already.

What is measured spans ten days by the clock of the log, so that windows expire on the way as they do in real life:
there are some as old as each event is new.
"""

import time

from benchmarks import people, stores
from benchmarks.flows.log_to_lake import Run, drain, figures, fill
from benchmarks.measure import Figure
from benchmarks.people import Customers
from headwater.units import DAY_MS

ROUNDS = 3
EVENTS = 3 * stores.SHOP_PROFILES // 2
SPAN_MS = 10 * DAY_MS


def run(*, computes: bool) -> Run:
    with stores.copy_of(stores.shop(computes=computes)) as data:
        customers = Customers(stores.SHOP_PROFILES, seed=2, are_known=True)
        # Behind everything that is stored: the clock of the log never goes back.
        first_ms = time.time_ns() // 1_000_000
        records = people.records(customers.activity(EVENTS), EVENTS, first_ms=first_ms, last_ms=first_ms + SPAN_MS)
        fill(data, records)
        return drain(data, EVENTS)


def one_core() -> list[Figure]:
    runs = [run(computes=True) for _ in range(ROUNDS)]
    what = f"{stores.SHOP_PROFILES:,} profiles, 20 traits, 20 audiences, one core, last file closed"
    shown = figures("log_to_profiles", what, runs, bar=20_000, aim=60_000)
    bare = [run(computes=False) for _ in range(ROUNDS)]
    return [*shown, *figures("log_to_profiles", "the same with profiles, and nothing computed", bare)]
