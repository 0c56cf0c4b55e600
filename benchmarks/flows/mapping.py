"""A mapping of 20 fields applied to decoded events, a second and core; with the check, and from bytes, too."""

import json
import os
import random
import time
from collections.abc import Callable
from typing import Any

import msgspec

from benchmarks.flows.fql import event
from benchmarks.measure import Figure, median
from headwater.destinations.kit.common_fields import first, of_person, path
from headwater.mapping.fields import Field
from headwater.mapping.kit import compile_mapping
from headwater.mapping.payload import checker

CORE = 0
ROUNDS = 9
APPLICATIONS = 20_000
EVENTS = 1_000
COMPILED = 50
BAR = 60_000

MAPPING: dict[str, Any] = {
    "event": path("$.event"),
    "user_id": path("$.userId"),
    "anonymous_id": path("$.anonymousId"),
    "message_id": path("$.messageId"),
    "timestamp": path("$.timestamp"),
    "email": of_person("email"),
    "phone": of_person("phone"),
    "first_name": of_person("firstName", "first_name"),
    "ip": path("$.context.ip"),
    "user_agent": path("$.context.userAgent"),
    "page_url": first("$.properties.url", "$.context.page.url"),
    "page_title": first("$.properties.title", "$.context.page.title"),
    "order_id": path("$.properties.order_id"),
    "total": path("$.properties.total"),
    "currency": {"@case": {"operator": "lower", "value": path("$.properties.currency")}},
    "label": {"@template": "{{event}} {{properties.order_id}}"},
    "products": {
        "@arrayPath": [
            "$.properties.products",
            {"id": path("$.product_id"), "price": path("$.price"), "quantity": path("$.quantity")},
        ]
    },
    "locale": {"@replace": {"value": path("$.context.locale"), "pattern": "-", "replacement": "_"}},
    "timezone": {"@if": {"blank": path("$.context.timezone"), "then": path("$.context.timezone"), "else": "UTC"}},
    "source": "web",
}
"""As the presets of an advertising tool have it: ten plain places, coalesced ones, a list, texts."""

TYPES: dict[str, Any] = {"total": "number", "timestamp": "datetime", "products": "object"}
FIELDS = [Field(name=n, label=n, type=TYPES.get(n, "string"), multiple=n == "products") for n in MAPPING]


def known(event: dict[str, Any]) -> dict[str, Any]:
    """An event with what is known about a person who has given an address and no phone number."""
    event["anonymousId"] = "5a0e1c9e-0a3b-4d1c-9b6e-2f6c1d7a8b90"
    event["context"] |= {"ip": "203.0.113.7", "traits": {"email": "ann@example.com", "firstName": "Ann"}}
    return event


def rate(work: Callable[[Any], Any], given: list[Any]) -> float:
    started = time.perf_counter()
    for one in given:
        work(one)
    return len(given) / (time.perf_counter() - started)


def compile_us() -> float:
    mappings = [MAPPING | {f"field{number}": path(f"$.properties.p{number}")} for number in range(COMPILED)]
    started = time.perf_counter()
    for mapping in mappings:
        compile_mapping(mapping)
    return (time.perf_counter() - started) / COMPILED * 1e6


def twenty_fields() -> list[Figure]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CORE})
    try:
        rng = random.Random(1)
        bodies = [json.dumps(known(json.loads(event(rng)))).encode() for _ in range(EVENTS)]
        bodies *= APPLICATIONS // EVENTS
        events = [json.loads(body) for body in bodies]
        resolve, check = compile_mapping(MAPPING).resolve, checker(FIELDS)
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        if len(check(resolve(events[0]))) != len(MAPPING) - 1:
            raise RuntimeError("all fields but the phone number should have a value")
        resolved = median([rate(resolve, events) for _ in range(ROUNDS)])
        checked = median([rate(lambda one: check(resolve(one)), events) for _ in range(ROUNDS)])
        decoded = median([rate(lambda body: check(resolve(decode(body))), bodies) for _ in range(ROUNDS)])
        compiled = median([compile_us() for _ in range(3)])
    finally:
        os.sched_setaffinity(0, cores)
    what = "20 fields, events of 800 bytes decoded before, one core"
    return [
        Figure("mapping", what, resolved, f"{resolved:,.0f}/s", f"≥ {BAR:,}/s", "", resolved >= BAR),
        Figure("mapping", "the same, and checked against the fields", checked, f"{checked:,.0f}/s"),
        Figure("mapping", "the same from the event's bytes", decoded, f"{decoded:,.0f}/s"),
        Figure("mapping", "to compile a mapping", compiled, f"{compiled / 1000:,.1f} ms"),
    ]
