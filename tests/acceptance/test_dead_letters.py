"""What did not get through, from the outside: found, mended, tried again, explained, over command line and API."""

import base64
import json
import subprocess
import time
from pathlib import Path
from typing import Any

from .stand import WRITE_KEY, Hook, workspace
from .system import HEADWATER, VISIBLE_S_MAX, System

KEY = {"Authorization": "Basic " + base64.b64encode(f"{WRITE_KEY}:".encode()).decode()}


def track(message_id: str, **members: Any) -> dict[str, Any]:
    return {"type": "track", "event": "A", "userId": "u1", "messageId": message_id, **members}


class Desk:
    """A support person's terminal, and the private API behind it."""

    def __init__(self, system: System) -> None:
        self._system = system

    def send(self, body: Any, path: str = "/v1/batch") -> None:
        status, _, answer = self._system.request("POST", path, json.dumps(body), KEY)
        assert status == 200, answer

    def run(self, *words: str) -> str:
        command = [HEADWATER, *words, "--data", str(self._system.data)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait_for_ids(self, *wanted: str) -> None:
        deadline = time.monotonic() + VISIBLE_S_MAX
        while (found := [each["id"] for each in self._system.ask("GET", "/dead-letters")["data"]]) != list(wanted):
            assert time.monotonic() < deadline, f"{found} instead of {wanted}"
            time.sleep(0.05)


def test_dead_letters_when_mended_then_they_arrive_and_can_be_explained(tmp_path: Path) -> None:
    with Hook() as hook:
        system = System(tmp_path, workspace(hooks={"hook": hook.url}))
        try:
            system.wait_until_ready()
            desk = Desk(system)
            hook.status = 400
            nobody = track("nobody")
            del nobody["userId"]
            desk.send({"batch": [track("refused"), nobody, {"messageId": "junk"}], "context": {"shop": 7}})
            desk.wait_for_ids("delivery-1", "0.2", "0.1")

            lines = json.loads(desk.run("dead-letters", "list", "--json"))
            assert [(each["stage"], each["destination"]) for each in lines] == [
                ("delivery", "hook"),
                ("normalise", None),
                ("normalise", None),
            ]
            assert "no_user_anon_id" in desk.run("dead-letters", "show", "0.1")
            whole = system.ask("GET", "/dead-letters/0.1")
            assert json.loads(whole["letter"]["payload"]) == nobody
            assert json.loads(whole["shared"]) == {"context": {"shop": 7}}

            hook.status = 200
            (tmp_path / "mended.json").write_text(json.dumps(track("nobody")))
            desk.run("dead-letters", "edit", "0.1", "--body", str(tmp_path / "mended.json"))
            system.ask("POST", "/dead-letters/delivery-1/replay", status=202)
            hook.wait_for({"refused", "nobody"})
            desk.wait_for_ids("0.2")

            assert "1 dead letter would be discarded" in desk.run(
                "dead-letters", "discard", "--message-id", "junk", "--dry-run"
            )
            system.ask("DELETE", "/dead-letters/0.2", status=202)
            desk.wait_for_ids()
            system.ask("DELETE", "/dead-letters/0.2", status=404)

            desk.send({"batch": [track("nobody")]})
            system.wait_for_rows("SELECT 1 FROM events WHERE message_id = 'nobody'", bool)
            told = desk.run("explain", "nobody")
            assert "no_user_anon_id" in told
            assert "replayed, edited" in told
            assert "hook: delivered" in told
            trace = system.ask("GET", "/events/nobody/trace")
            assert [each["ended"] for each in trace["journeys"]][:2] == ["no_user_anon_id", "accepted"]
            assert trace["journeys"][1]["accepted"]["context"] == {"shop": 7}
            unheard = system.ask("GET", "/events/unheard-of/trace", status=404)
            assert "looked in" in unheard["error"]["message"].lower()
        finally:
            code = system.stop()
    assert code == 0, system.output()


def test_dead_letters_when_a_sender_pretends_to_decide_then_nothing_happens(tmp_path: Path) -> None:
    """What moves dead letters is a record of the log that no request can become."""
    system = System(tmp_path, workspace())
    try:
        system.wait_until_ready()
        desk = Desk(system)
        desk.send({"batch": [{"messageId": "bad"}]})
        desk.wait_for_ids("0.0")
        claims = {"call": "discard", "replayed": "discard", "body": "[[0,0]]", "writeKey": WRITE_KEY}
        desk.send({"batch": [track("m1", **claims)], **claims})
        desk.send({**track("m2"), **claims}, "/v1/track")
        for path in ("/v1/discard", "/v1/replay"):
            assert system.request("POST", path, "[[0,0]]", KEY)[0] == 404
        system.wait_for_rows("SELECT 1 FROM events", lambda rows: len(rows) == 2)
        desk.wait_for_ids("0.0")
    finally:
        code = system.stop()
    assert code == 0, system.output()
