"""Golden requests: what a destination type asks for real events, through its presets, mapping, check, `perform`.

`golden/<type>.yaml` is one type. A person writes `settings`, and for each case `events` and `answers`, then
`python tests/unit/destinations/goldens.py <type>…` writes the rest, and the person reads it and commits it:

    settings: {api_key: key}         # of all cases; may come with `token` for types that declare access
    cases:
      - name: an order
        settings: {region: eu}       # laid over those above
        presets: [Orders]            # only these; left out: all
        mappings: [{name: …, action: …, trigger: …, mapping: {…}}]   # instead of presets
        events: [{type: track, event: Order Completed, …}]           # messageId and timestamp have defaults
        answers: [{status: 400, headers: {…}, body: {…}}]            # in the order asked; those that miss: 200, {}
        requests: [{ask: POST https://…, headers: {…}, body: {…}}]   # golden; without the headers all have
        outcomes: ["m-1 Orders: delivered 200"]                      # golden; of each event and mapping
      - {name: the connection is tested, test: true, answers: […]}   # instead of events; `token` may be given here
      - {name: a user is deleted, delete: ann, answers: […]}
"""

import functools
import gzip
import sys
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml
from talk import AT_S, converse, outbound, settings_of

from headwater.config.destinations import BatchBounds
from headwater.delivery.routing.mapping import Definition, Mapped
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.model import (
    Action,
    Answer,
    Attempt,
    Batch,
    Call,
    DestinationType,
    Failure,
    Item,
    KafkaRecord,
    KafkaRecords,
    Outcome,
    Preset,
    Rejected,
    Request,
    Response,
    RetryLater,
    Written,
)
from headwater.fql import compile_filter

FOLDER = Path(__file__).parent / "golden"
NAMES = sorted(file.stem for file in FOLDER.glob("*.yaml"))
_OF_THE_BYTES = {"X-Amz-Content-SHA256", "Authorization"}
_GZIP = b"\x1f\x8b"
_USUAL = {"Content-Type": "application/json", "User-Agent": "Headwater"}


class Shown(NamedTuple):
    """What a case came to, as plain data."""

    requests: list[Any]
    outcomes: list[str]


class _Mapped(NamedTuple):
    label: str
    action: Action[Any]
    item: Item


@functools.cache
def load(name: str) -> dict[str, Any]:
    return dict(yaml.load((FOLDER / f"{name}.yaml").read_text(), yaml.CSafeLoader))


def run(name: str, golden: Mapping[str, Any], case: Mapping[str, Any]) -> Shown:
    type_, settings = settings_of(name, golden.get("settings", {}) | case.get("settings", {}))
    attempt = Attempt(AT_S, token=golden.get("token", ""))
    answers = iter(case.get("answers", ()))
    if "events" not in case:
        return _ask_itself(type_, settings, case, attempt, answers)
    mappings = _mappings(type_, case)
    requests: list[Any] = []
    outcomes: dict[str, str] = {}
    batches: dict[Hashable, list[_Mapped]] = {}
    for number, members in enumerate(case["events"], 1):
        event = outbound(**({"messageId": f"m-{number}"} | members))
        for mapping in mappings:
            if not compile_filter(mapping.trigger, trigger=True).matches(event.body):
                continue
            label = f"{event.message_id} {mapping.name}"
            payload = msgspec.json.decode(event.body) if mapping.needs_payload else {}
            action, item = mapping.action, mapping.of(event, payload).item
            if isinstance(item, Rejected):
                outcomes[label] = said(item)
                continue
            outcomes[label] = ""
            batch = action.batch(settings) if callable(action.batch) else action.batch
            place = (action.name, batch.key(item.payload)) if batch else label
            batches.setdefault(place, []).append(_Mapped(label, action, item))
    for together in batches.values():
        action = together[0].action
        batch = action.batch(settings) if callable(action.batch) else action.batch
        for mapped in _cut(together, batch):
            exchange = action.perform(settings)([each.item for each in mapped], attempt)
            asked, results = converse(exchange, lambda _: _answer(next(answers, {})))
            assert len(results) == len(mapped), "an outcome for each item"
            requests += map(_shown, asked)
            outcomes |= {each.label: said(outcome) for each, outcome in zip(mapped, results, strict=True)}
    assert next(answers, None) is None, "an answer that nobody asked for"
    return Shown(requests, [f"{label}: {outcome}" for label, outcome in outcomes.items()])


def _ask_itself(
    type_: DestinationType[Any],
    settings: Any,
    case: Mapping[str, Any],
    attempt: Attempt,
    answers: Iterator[Mapping[str, Any]],
) -> Shown:
    """What a type asks of its own accord: whether it is connected, or that somebody be forgotten."""
    if "delete" in case:
        assert type_.deletions
        at_ms = int(AT_S * 1000)
        exchange = type_.deletions(settings)(Deletion("delete-1", case["delete"], "project", at_ms), attempt)
    else:
        assert type_.test
        exchange = type_.test(settings, attempt)
    asked, results = converse(exchange, lambda _: _answer(next(answers, {})))
    assert next(answers, None) is None, "an answer that nobody asked for"
    return Shown([_shown(call) for call in asked], [said(outcome) for outcome in results])


def said(outcome: Outcome) -> str:
    """An outcome as one reads it: `retry 429 after 30 s: slow down`."""
    if isinstance(outcome, RetryLater):
        after = f" after {outcome.retry_after_s:g} s" if outcome.retry_after_s is not None else ""
        return f"retry {outcome.reason}{after}" + (f": {outcome.message}" if outcome.message else "")
    if isinstance(outcome, Rejected):
        unsent = "" if outcome.sent else " unsent"
        return f"rejected {outcome.reason}{unsent}" + (f": {outcome.message}" if outcome.message else "")
    return f"delivered {outcome.reason}"


def _mappings(type_: DestinationType[Any], case: Mapping[str, Any]) -> list[Mapped]:
    """As delivery makes them of a workspace's mappings, or of presets."""
    presets = list(type_.presets)
    if "mappings" in case:
        presets = [Preset(**mapping) for mapping in case["mappings"]]
    names = [preset.name for preset in presets]
    wanted = case.get("presets", names)
    assert set(wanted) <= set(names), f"presets are {names}"
    found = []
    for preset in presets:
        action = type_.action(preset.action)
        assert action, f"{preset.name}: no action {preset.action}"
        definition = Definition(preset.name, action, preset.trigger, preset.mapping, BatchBounds())
        found += [Mapped(definition, is_alone=len(presets) == 1)] if preset.name in wanted else []
    return found


def _cut(together: list[_Mapped], batch: Batch | None) -> Iterator[list[_Mapped]]:
    size = batch.items_max if batch else 1
    for start in range(0, len(together), size):
        yield together[start : start + size]


def _answer(given: Mapping[str, Any]) -> Answer:
    if "failure" in given:
        return Failure(given["failure"], given.get("message", ""), bool(given.get("lasting")))
    if "failures" in given:
        return Written({int(n): Failure(*of) for n, of in given["failures"].items()})
    if given.get("written"):
        return Written()
    body = given.get("body", {})
    raw = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
    headers = {"Content-Type": "application/json"} | dict(given.get("headers", {}))
    return Response(given.get("status", 200), headers, raw, AT_S)


def _shown(call: Call) -> Any:
    if isinstance(call, Request):
        shown: dict[str, Any] = {"ask": f"{call.method} {call.url}"}
        # A packed body is shown unpacked: its bytes, and so what is computed of them, differ by processor.
        signed = "X-Amz-Content-SHA256" in call.headers
        unlike = _OF_THE_BYTES if signed and call.body.startswith(_GZIP) else set()
        headers = {
            name: value for name, value in call.headers.items() if _USUAL.get(name) != value and name not in unlike
        }
        if headers:
            shown["headers"] = headers
        if call.body:
            shown["body"] = _body(call)
        return shown
    if isinstance(call, KafkaRecords):
        return {"ask": "produce", "connection": dict(call.connection), "records": list(map(_record, call.records))}
    statements = [{"sql": sql, "rows": [list(row) for row in rows]} for sql, rows in call.statements]
    return {"ask": "rows", "connection": dict(call.connection), "statements": statements}


def _record(record: KafkaRecord) -> dict[str, Any]:
    shown = {
        "topic": record.topic,
        "key": (record.key or b"").decode(),
        "value": _text(record.value),
        "headers": {name: value.decode() for name, value in record.headers},
        "partition": record.partition,
    }
    return {name: value for name, value in shown.items() if value not in (None, "", {}) or name == "value"}


def _body(call: Request) -> Any:
    body = gzip.decompress(call.body) if call.body.startswith(_GZIP) else call.body
    return _text(body)


def _text(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body.decode()


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(name: str) -> None:
    """Runs every case and writes down what it came to. Comments before the first key stay."""
    file = FOLDER / f"{name}.yaml"
    golden = load(name)
    for case in golden["cases"]:
        shown = run(name, golden, case)
        case |= {"requests": shown.requests, "outcomes": shown.outcomes}
    head = "".join(line for line in file.read_text().splitlines(keepends=True) if line.startswith("#"))
    text = yaml.dump(golden, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
    file.write_text(head + text)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write(name)
