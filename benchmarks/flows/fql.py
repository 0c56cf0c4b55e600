"""Filters asked about raw events: evaluations per second on one core, and what it costs to compile one."""

import json
import os
import random
import time

import msgspec

from benchmarks.measure import Figure, median
from headwater import fql
from headwater.event import Event

CORE = 0
ROUNDS = 9
EVALUATIONS = 200_000
EVENTS = 1_000
COMPILED = 500

TERMS = 'event = "Order Completed" and properties.total > 50 and context.page.path = "/checkout"'


def event(rng: random.Random) -> bytes:
    """About 700 bytes, as analytics.js sends it. One in five passes TERMS."""
    return json.dumps(
        {
            "type": "track",
            "messageId": f"ajs-next-{rng.getrandbits(128):032x}",
            "userId": f"user-{rng.randrange(10_000)}",
            "event": rng.choice(["Order Completed", "Order Completed", "Product Viewed"]),
            "properties": {
                "order_id": f"o-{rng.randrange(10**6)}",
                "total": round(rng.random() * 200, 2),
                "currency": "EUR",
                "products": [{"product_id": f"p{rng.randrange(1000)}", "price": 12.5, "quantity": 2}] * 2,
            },
            "context": {
                "library": {"name": "analytics.js", "version": "next-1.70.0"},
                "page": {
                    "path": rng.choice(["/checkout", "/cart"]),
                    "url": "https://shop.example.com/checkout",
                    "title": "Checkout",
                },
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36",
                "locale": "de-DE",
                "timezone": "Europe/Berlin",
            },
            "timestamp": "2026-11-21T09:15:42.678Z",
            "integrations": {},
        }
    ).encode()


def rate(ask: fql.Filter, bodies: list[bytes]) -> float:
    matches = ask.matches
    started = time.perf_counter()
    for body in bodies:
        matches(body)
    return len(bodies) / (time.perf_counter() - started)


def event_rate(ask: fql.Filter, events: list[Event]) -> float:
    matches = ask.matches_event
    started = time.perf_counter()
    for one in events:
        matches(one)
    return len(events) / (time.perf_counter() - started)


def compile_us() -> float:
    started = time.perf_counter()
    for number in range(COMPILED):
        fql.Filter(f"{TERMS} and properties.n{number} = {number}")
    return (time.perf_counter() - started) / COMPILED * 1e6


def filters() -> list[Figure]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CORE})
    try:
        rng = random.Random(1)
        some = [event(rng) for _ in range(EVENTS)]
        bodies = some * (EVALUATIONS // EVENTS)
        envelopes = [msgspec.json.decode(body, type=Event) for body in some] * (EVALUATIONS // EVENTS)
        ask = fql.compile_filter(TERMS)
        dead_end = fql.compile_filter(f"{TERMS} and properties.currency > 5")
        raw = median([rate(ask, bodies) for _ in range(ROUNDS)])
        enveloped = median([event_rate(ask, envelopes) for _ in range(ROUNDS)])
        careful = median([careful_rate(dead_end, some) for _ in range(ROUNDS)])
        compiled = median([compile_us() for _ in range(3)])
    finally:
        os.sched_setaffinity(0, cores)
    size = sum(map(len, some)) // len(some)
    what = f"three terms, raw events of {size} bytes, one core"
    return [
        Figure("fql", what, raw, f"{raw:,.0f}/s", "≥ 500,000/s", "", raw >= 500_000),
        Figure("fql", "the same on the pipeline's envelope", enveloped, f"{enveloped:,.0f}/s"),
        Figure("fql", "one in five has no value: the interpreter says why", careful, f"{careful:,.0f}/s"),
        Figure("fql", "to compile a filter", compiled, f"{compiled:,.0f} µs"),
    ]


def careful_rate(ask: fql.Filter, bodies: list[bytes]) -> float:
    """Answers a second when some events make the compiled function give up."""
    failed = 0
    started = time.perf_counter()
    for body in bodies:
        try:
            ask.matches(body)
        except fql.FqlEvaluationError:
            failed += 1
    taken_s = time.perf_counter() - started
    if not 0.1 < failed / len(bodies) < 0.4:
        raise RuntimeError(f"{failed} of {len(bodies)} events had no value, about a fifth should")
    return len(bodies) / taken_s
