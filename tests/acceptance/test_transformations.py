"""Transformations through the running processes: applied, edited while events flow, tried before, delivered."""

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from .stand import WRITE_KEY, Hook, stand, workspace
from .system import HEADWATER, System

HASHED = hashlib.sha256(b"ann@example.com").hexdigest()
RENAME = {"name": "one name", "if": 'event = "Order Completed"', "rename_properties": {"mail": "email"}}
HIDE = {"name": "no addresses", "destination": "crm", "hash_values": {"paths": ["properties.email"]}}
DROP = {"name": "no tests", "if": 'event = "Test"', "drop": True}


def run(system: System, *arguments: str, **environment: str) -> str:
    """The output of a command; by the data folder, unless the environment names a remote platform."""
    where = [] if environment else ["--data", str(system.data)]
    done = subprocess.run(
        [HEADWATER, *arguments, *where],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def send(system: System, message_id: str, event: str = "Order Completed") -> None:
    body = {
        "writeKey": WRITE_KEY,
        "userId": "u1",
        "messageId": message_id,
        "event": event,
        "properties": {"mail": "ann@example.com"},
    }
    status, _, answer = system.request("POST", "/v1/track", json.dumps(body))
    assert status == 200, answer


def apply(system: System, file: Path, url: str, *rules: dict[str, Any]) -> None:
    file.write_text(json.dumps(workspace(hooks={"crm": url}) | {"transformations": rules}))
    run(system, "apply", str(file))


def stored(system: System, message_id: str) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """An event's body, and the transformations that its trace names."""
    query = f"SELECT body, trace FROM events WHERE message_id = '{message_id}'"
    (row,) = system.wait_for_rows(query, lambda rows: len(rows) == 1)
    lines = json.loads(row["trace"] or "[]")
    touched = [(line["transformation"], line["version"]) for line in lines if line["stage"] == "transform"]
    return json.loads(row["body"]), touched


def test_transformations_when_edited_while_events_flow_then_each_event_has_those_of_its_time(
    tmp_path: Path,
) -> None:
    with Hook(keeps_bodies=True) as hook, stand(tmp_path, workspace(hooks={"crm": hook.url})) as system:
        file = tmp_path / "edited.yaml"
        send(system, "m1")
        assert stored(system, "m1")[1] == []

        apply(system, file, hook.url, RENAME, DROP, HIDE)
        send(system, "m2")
        send(system, "m3", event="Test")
        body, touched = stored(system, "m2")
        assert (body["properties"], touched) == ({"email": "ann@example.com"}, [("one name", 2)])

        edited = RENAME | {"rename_event": "Order Placed"}
        file.write_text(json.dumps(workspace(hooks={"crm": hook.url}) | {"transformations": [edited, DROP, HIDE]}))
        tried = json.loads(run(system, "transform", "test", "--file", str(file), "--json"))
        assert (tried["tested"], tried["as_received"], tried["matched"]) == (2, 2, 2)
        remote = {"HEADWATER_URL": f"http://127.0.0.1:{system.serve_port}", "HEADWATER_TOKEN": system.token}
        assert json.loads(run(system, "transform", "test", "--file", str(file), "--json", **remote)) == tried
        shown = run(
            system, "transform", "test", "--file", str(file), "--transformation", "one name", "--last", "1"
        )
        assert '  one name@3 changes it\n    ~ event: "Order Completed" → "Order Placed"\n' in shown
        assert "1 event tested, 1 matched: 1 changed, 0 dropped, 0 with errors" in shown

        run(system, "apply", str(file))
        send(system, "m4")
        body, touched = stored(system, "m4")
        assert (body["event"], touched) == ("Order Placed", [("one name", 3)])
        assert stored(system, "m2")[0]["event"] == "Order Completed", "what is in the lake stays"
        assert stored(system, "m2")[1] == [("one name", 2)]
        assert (
            run(system, "sql", "SELECT count(*) FROM events WHERE message_id = 'm3'", "--format", "csv").split()[
                -1
            ]
            == "0"
        )

        hook.wait_for({"m1", "m2", "m4"})
        assert hook.bodies is not None
        got = {message_id: body["properties"] for message_id, body in hook.bodies.items()}
        assert got["m1"] == {"mail": "ann@example.com"}
        assert got["m2"] == got["m4"] == {"email": HASHED}
        assert "m3" not in got
