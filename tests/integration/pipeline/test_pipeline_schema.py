"""The schema of a source is exact whatever kills the pipeline: each event is counted once."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from dying_child import DIED
from flowing import collect, drain

from headwater.event import CollectedRequest, encode_collected
from headwater.processing import schema
from headwater.processing.schema import EventKey, SeenEvent
from headwater.profiles.embedded import embedded

CHILD = Path(__file__).with_name("dying_child.py")
RECEIVED_MS = 1_767_323_045_678
REQUESTS = 4


def request(number: int) -> bytes:
    """A batch of two track calls, one of them seen in no other request, and one user."""
    events = [
        {"type": "track", "event": "A", "properties": {"number": number, "items": [{"id": "x"}] * number}},
        {"type": "track", "event": f"Only {number}"},
        {"type": "identify", "traits": {"email": "x"}},
    ]
    for index, event in enumerate(events):
        event |= {"userId": "u1", "messageId": f"{number}.{index}"}
    body = json.dumps({"batch": events}).encode()
    return encode_collected(
        CollectedRequest(RECEIVED_MS + number, "website", "batch", "", "", False, body, 3, len(body))
    )


def seen(data: Path) -> dict[EventKey, SeenEvent]:
    with contextlib.closing(embedded(data).state()) as state:
        assert schema.source_row(state, "website").events == len(list(schema.events(state, "website")))
        return {key: schema.decode_event(row) for key, row in schema.events(state, "website")}


def assert_exact(data: Path) -> None:
    found = seen(data)
    assert {key.name: event.volume for key, event in found.items()} == {
        **{f"Only {number}": 1 for number in range(REQUESTS)},
        "A": REQUESTS,
        "": REQUESTS,
    }
    a = found[EventKey("website", "track", "A")]
    assert (a.first_ms, a.last_ms) == (RECEIVED_MS, RECEIVED_MS + REQUESTS - 1)
    assert {path: value.total for path, value in a.properties.items()} == {
        "number": 4,
        "items": 4,
        "items.$": 0 + 1 + 2 + 3,
        "items.$.id": 0 + 1 + 2 + 3,
    }


@pytest.mark.parametrize(
    "moment",
    ["state.commit:before:2", "state.commit:after:1", "state.commit:after:3", "outbound.append:after:2"],
)
def test_schema_when_the_pipeline_is_killed_then_counts_each_event_once(moment: str, tmp_path: Path) -> None:
    collect(tmp_path, *map(request, range(REQUESTS)))
    child = subprocess.run(
        [sys.executable, str(CHILD), str(tmp_path), moment],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == DIED, child.stderr
    drain(tmp_path)
    assert_exact(tmp_path)


def test_schema_when_the_pipeline_restarts_then_goes_on_counting(tmp_path: Path) -> None:
    for number in range(REQUESTS):
        collect(tmp_path, request(number))
        drain(tmp_path)
    collect(tmp_path, request(0))  # a retry: duplicates are not seen again
    drain(tmp_path)
    assert_exact(tmp_path)
