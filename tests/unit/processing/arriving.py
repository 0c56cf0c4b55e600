"""What arrives at the pipeline: builders with every argument defaulted, and strategies for JSON as it is found."""

import json
from typing import Any, NamedTuple

from hypothesis import strategies as st

from headwater.config.workspace import Source, SourceType, Workspace
from headwater.event import CALLS, CollectedRequest, OutboundEvent
from headwater.flow import Context, DeadLetter, Effects, run_stage
from headwater.flowing import Arrival, FlowingEvent
from headwater.processing import normalise

RECEIVED_MS = 1_767_323_045_678
RECEIVED = "2026-01-02T03:04:05.678Z"


def source(name: str = "website", *, type: str = "server", **fields: Any) -> Source:  # noqa: A002
    return Source(**{"name": name, "type": SourceType(type), "write_key": f"wk_{name}", **fields})


def context(*sources: Source) -> Context:
    return Context(Workspace(workspace="shop", sources=sources or (source(),)))


def track(**members: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "m1", **members}


def batch(*events: Any, **members: Any) -> dict[str, Any]:
    return {"batch": list(events), **members}


def request(body: Any = None, **fields: Any) -> CollectedRequest:
    """`body`: bytes or text as they are, anything else as JSON; a batch of one track call by default."""
    sent = batch(track()) if body is None else body
    raw = sent if isinstance(sent, bytes) else (sent if isinstance(sent, str) else json.dumps(sent)).encode()
    events = len(sent["batch"]) if isinstance(sent, dict) and isinstance(sent.get("batch"), list) else 1
    return CollectedRequest(
        **{
            "received_at_ms": RECEIVED_MS,
            "source": "website",
            "call": "batch",
            "ip": "203.0.113.7",
            "user_agent": "test",
            "gzipped": False,
            "body": raw,
            "events": events,
            "inflated_bytes": len(raw),
            **fields,
        }
    )


class Outcome(NamedTuple):
    accepted: list[FlowingEvent]
    effects: Effects

    @property
    def dead(self) -> list[DeadLetter]:
        """In the order of arrival; the stage notes them in the order in which it meets them."""
        return sorted(self.effects.dead, key=lambda letter: (letter.offset, letter.index))

    @property
    def reasons(self) -> list[str]:
        return [letter.reason for letter in self.dead]


def normalised(*requests: CollectedRequest, sources: tuple[Source, ...] = ()) -> Outcome:
    """The stage's result for requests at the offsets 0, 1, …; whatever it raises is raised."""
    effects = Effects()
    arrivals = [Arrival(offset, request) for offset, request in enumerate(requests)]
    return Outcome(normalise.STAGE.run(arrivals, context(*sources), effects), effects)


def staged(arrivals: list[Arrival], **options: Any) -> Outcome:
    """The same through the runtime, which isolates poison."""
    effects = Effects()
    return Outcome(run_stage(normalise.STAGE, arrivals, context(**options), effects), effects)


def outbound(**fields: Any) -> OutboundEvent:
    return OutboundEvent(
        **{
            "offset": 0,
            "index": 0,
            "message_id": "m1",
            "type": "track",
            "event": "Order Completed",
            "name": None,
            "user_id": "u1",
            "anonymous_id": None,
            "group_id": None,
            "profile_id": None,
            "source": "website",
            "received_at_ms": RECEIVED_MS,
            "timestamp_ms": RECEIVED_MS,
            "original_timestamp_ms": None,
            "sent_at_ms": None,
            "body": b"{}",
            **fields,
        }
    )


# --- JSON as text, because what matters is how it is written -------------------------------------------------

texts = st.text(max_size=12)
space = st.sampled_from(["", "", "", " ", "\n\t "])
strings = st.one_of(
    texts.map(json.dumps),
    texts.map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from([r'"\ud83d"', r'"\uDE00\uD83D"', r'"\ud83d\ude00"', r'"\u0000"', r'"a\\ud800"', '"\x7f"']),
)
numbers = st.one_of(
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(json.dumps),
    st.sampled_from(["-0", "1E400", "-1e-400", "9" * 400, "1" * 5_000, "0.1e+1", "18446744073709551616"]),
)
keys = st.one_of(strings, st.sampled_from(['"a"', '"ip"', '"direct"', '"consent"', r'"\u0069p"']))


def _array(items: list[str], pad: str) -> str:
    return f"[{pad}{','.join(items)}{pad}]"


def _object(members: list[tuple[str, str]], pad: str) -> str:
    return "{" + pad + ",".join(f"{key}{pad}:{pad}{value}" for key, value in members) + pad + "}"


def objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(_object, st.lists(st.tuples(keys, values), max_size=4), space)


values = st.recursive(
    st.sampled_from(["null", "true", "false", "{}", "[]"]) | strings | numbers,
    lambda inner: st.builds(_array, st.lists(inner, max_size=3), space) | objects(inner),
    max_leaves=6,
)

ids = st.sampled_from(['"u1"', '"u2"', '"\\u00fc"', '"0"'])
instants = st.sampled_from(
    ['"2026-01-02T03:04:05.678Z"', '"2015-2-02T00:30:08.276Z"', '"2026-01-02"', "1767323045", "1767323045678"]
)
consents = st.sampled_from(
    [
        '{"consent":{"categoryPreferences":{"ads":true}}}',
        '{"consent":{"categoryPreferences":{}},"x":1e999}',
        '{"consent":{"categoryPreferences":{"ads":1e999}}}',
        '{"device":{"advertisingId":null},"direct":true}',
        '{"ip":"0.0.0.0"}',
        "{ }",
    ]
)
PLAUSIBLE: dict[str, st.SearchStrategy[str]] = {
    "type": st.sampled_from([f'"{call}"' for call in CALLS]),
    "messageId": strings | st.just('"' + "m" * 120 + '"'),
    "anonymousId": ids,
    "userId": ids,
    "previousId": ids,
    "groupId": ids,
    "event": st.just('"Order Completed"'),
    "name": st.just('"Home"'),
    "category": strings,
    "properties": objects(values),
    "traits": objects(values),
    "context": objects(values) | consents,
    "integrations": objects(values),
    "timestamp": instants,
    "originalTimestamp": instants,
    "sentAt": instants,
    "receivedAt": instants,
    "channel": st.just('"mobile"'),
    "version": st.sampled_from(["2", "2.5", '"3"']),
    "projectId": strings,
    "writeKey": strings,
    "_metadata": objects(values),
}
"""Member of the envelope → values that SDKs could have meant."""


@st.composite
def member_lists(
    draw: st.DrawFn, *, odd: bool = True, unknown: bool = True, repeated: bool = True
) -> list[tuple[str, str]]:
    """An event's members as (key, value), both JSON text. Often acceptable; `odd` puts any JSON into any field."""
    members = [(name, draw(PLAUSIBLE[name])) for name in ("type", "event", "userId", "groupId", "previousId")]
    more = draw(st.lists(st.sampled_from(list(PLAUSIBLE)), max_size=6))
    members += [(name, draw(PLAUSIBLE[name])) for name in more]
    if odd and draw(st.booleans()):
        members.append((draw(st.sampled_from(list(PLAUSIBLE))), draw(values)))
    written = [(json.dumps(name), value) for name, value in members]
    if unknown and draw(st.booleans()):
        written += draw(st.lists(st.tuples(keys, values), max_size=2))
    if not repeated:
        written = list(dict(written).items())
    return list(draw(st.permutations(written)))


def event_texts(**options: Any) -> st.SearchStrategy[str]:
    return st.builds(_object, member_lists(**options), space)


def batch_text(events: list[str], **members: str) -> str:
    rest = "".join(f',"{name}":{value}' for name, value in members.items())
    return '{"batch":[' + ",".join(events) + "]" + rest + "}"


@st.composite
def batch_texts(draw: st.DrawFn, **options: Any) -> tuple[str, int]:
    """(a batch body, how many events it has)."""
    events = draw(st.lists(event_texts(**options) | values, min_size=1, max_size=4))
    shared = {
        name: draw(choice)
        for name, choice in (("sentAt", instants | values), ("context", objects(values) | consents | values))
        if draw(st.booleans())
    }
    return batch_text(events, **shared), len(events)
