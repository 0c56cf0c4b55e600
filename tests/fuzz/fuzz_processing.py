"""Bytes that turn into a request that collection admits: it goes through every stage, under a plan that blocks and
rules that change. Every event must end exactly once, as JSON or as a dead letter, and no stage may stumble.

    python tests/fuzz/fuzz_processing.py SECONDS [atheris's options]
"""

import json
import re
from typing import Any, Final

from driver import instrumented, run

from headwater.config.tracking_plans import Controls, OnViolation, Rule, RuleType, TrackingPlan, TraitControls
from headwater.config.transformations import Hashing, Transformation
from headwater.config.workspace import Source, Workspace
from headwater.event import CollectedRequest
from headwater.flow import Context, Effects, run_stage
from headwater.flowing import Arrival

with instrumented("headwater.processing", "headwater.transformations", "headwater.aggregation"):
    from headwater.pipeline import STAGES

MEMBERS: Final = re.findall(
    rb"\S+",
    rb"""type event userId anonymousId groupId previousId name messageId properties traits context integrations
    timestamp originalTimestamp sentAt receivedAt channel version projectId writeKey category _metadata __proto__
    other""",
)
VALUES: Final = re.findall(
    rb"\S+",
    rb"""null true 1 -0.5 1e999 12345678901234567890123 "" "x" "track" "identify" "page" "group" "alias"
    "Sign\u0020Up" "sign_up" "signup" "New" "u1" "\ud800" "2026-01-02T03:04:05.678Z"
    "2026-01-02T03:04:05.678901+00:00" "yesterday" {} [] [1,{"a":[]}] {"a":1} {"a":"1"} {"a":1,"a":2}
    {"a":1,"total":0} {"a":1.5,"total":7} {"A":1,"x":{"y":[1]}}
    {"a":1,"products":[{"b":"c"},{"b":1},{}]} {"products":1} {"n":{"b":1}} {"n":{"b":"c","d":1}} {"b":1,"a":1}
    {"email":"x@y"} {"email":1} {"__proto__":{"a":1}} {"total":1e999} {"\u0061":1,"a.b":2,"":3}
    {"protocols":{"event_version":2}} {"protocols":{"event_version":"2"}} {"protocols":[]} {"x":1}
    {"consent":{"categoryPreferences":{"a":true}}} {"consent":1} {"ip":null} {"device":{"advertisingId":1}}""",
)
EVENT_ENDS: Final = 255

NESTED: Final = {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}
SCHEMA: Final = {
    "properties": {
        "properties": {
            "type": "object",
            "properties": {
                "a": {"type": "integer"},
                "total": {"type": "number", "minimum": 1},
                "products": {"type": "array", "items": NESTED},
                "n": NESTED,
            },
            "required": ["a"],
        },
        "traits": {"type": "object", "properties": {"email": {"type": "string", "pattern": "^[^@]+@.+$"}}},
    }
}
STRICT: Final = Controls(
    allow_unplanned_event_properties=False,
    allow_properties_on_violations=False,
    common_event_on_violations=OnViolation.OMIT,
    identify=TraitControls(allow_unplanned_traits=False, allow_traits_on_violations=False),
)
BLOCKING: Final = Controls(
    allow_unplanned_events=False,
    allow_event_on_violations=False,
    forwarding_violations_to="violations",
    forwarding_blocked_events_to="blocked",
)


def _workspace(controls: Controls) -> Workspace:
    rules = [Rule(type=RuleType.TRACK, event="Sign Up", version=version, schema=SCHEMA) for version in (1, 2)]
    rules += [Rule(type=kind, schema=SCHEMA) for kind in (RuleType.IDENTIFY, RuleType.GROUP, RuleType.COMMON)]
    plan = TrackingPlan(name="plan", rules=tuple(rules), controls=controls, unify_names=True)
    changes = (
        Transformation(name="one", if_="properties.a = 1", rename_properties={"a": "b.c"}),
        Transformation(name="two", drop_properties=("total",), map_properties={"products": {"1": None}}),
        Transformation(name="three", if_='type = "identify"', hash_values=Hashing(paths=("traits.email",))),
        Transformation(
            name="four", if_="length(event) > 3", set_values={"context.x": {"y": 1}}, rename_event="New"
        ),
    )
    sources = (
        Source(name="website", tracking_plan="plan"),
        *(Source(name=name) for name in ("violations", "blocked")),
    )
    return Workspace(workspace="fuzz", sources=sources, tracking_plans=(plan,), transformations=changes)


CONTEXTS: Final = [Context(_workspace(controls), version=1) for controls in (STRICT, BLOCKING)]


def one(data: bytes) -> None:
    events = [_event(chosen) for chosen in data[1:].split(bytes([EVENT_ENDS]))]
    if data[:1] < b"\x40":
        call, body, count = "track", events[0], 1
    else:
        members = [b'"batch":[' + b",".join(events) + b"]"]
        if data[:1] > b"\x80":
            members += [b'"context":' + VALUES[data[0] % len(VALUES)], b'"sentAt":' + VALUES[data[0] % 23]]
        call, body, count = "batch", b"{" + b",".join(members) + b"}", len(events)
    request = CollectedRequest(
        1_767_323_045_678, "website", call, "203.0.113.7", "", False, body, count, len(body)
    )
    for context in CONTEXTS:
        effects = Effects()
        items: Any = [Arrival(0, request)]
        for stage in STAGES:
            items = run_stage(stage, items, context, effects)
        _check(items, effects, count, body)


def _event(chosen: bytes) -> bytes:
    """Pairs of bytes: a member and its value. Most events begin as a good one does."""
    members = [] if chosen[:1] > b"\xc0" else [b'"type":"track"', b'"userId":"u1"', b'"event":"Sign Up"']
    for member, value in zip(chosen[::2], chosen[1::2], strict=False):
        members.append(b'"%b":%b' % (MEMBERS[member % len(MEMBERS)], VALUES[value % len(VALUES)]))
    return b"{" + b",".join(members) + b"}"


def _check(items: list[Any], effects: Effects, count: int, body: bytes) -> None:
    for event in items:
        json.loads(event.body)
        if event.trace:
            json.loads(b"[" + event.trace + b"]")
    stumbled = [
        letter
        for letter in effects.dead
        if letter.reason == "poison" and not letter.detail.startswith("not readable")
    ]
    if stumbled:
        raise AssertionError(f"a stage stumbled over {body!r}: {stumbled}")
    passed = sum(event.source == "website" for event in items)
    ended = sum(letter.events for letter in effects.dead)
    let_go = sum(n for (source, what), n in effects.counts.items() if source == "website" and what == "duplicate")
    forwarded = sum(event.source == "blocked" for event in items)
    if passed + ended + let_go + forwarded != count:
        raise AssertionError(f"{count} events, {passed} passed, {ended} set aside, {let_go} dropped: {body!r}")


if __name__ == "__main__":
    run(one, bytes_max=60)
