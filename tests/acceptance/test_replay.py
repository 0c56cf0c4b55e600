"""Replays through the running processes: counted, sent, marked, paused, killed, and all there once in the end."""

import json
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .stand import SETTLE_S_MAX, WRITE_KEY, Hook, Stand, stand, until, workspace
from .system import HEADWATER

EVENTS = 400


def run(system: Stand, *words: str, code: int = 0) -> str:
    command = [HEADWATER, "replay", *words, "--data", str(system.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout + done.stderr


def begin(system: Stand, *words: str) -> str:
    replay_id: str = json.loads(run(system, "start", "--json", *words))["id"]
    return replay_id


def shown(system: Stand, replay_id: str) -> dict[str, Any]:
    found: dict[str, Any] = system.ask("GET", f"/replays/{replay_id}")
    return found


def wait_for(system: Stand, replay_id: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def look() -> bool:
        nonlocal found
        found = shown(system, replay_id)
        return is_so(found)

    until(look, SETTLE_S_MAX, lambda: f"{found}\n{system.output()}")
    return found


def fill(
    system: Stand, count: int = EVENTS, *, integrations: Mapping[str, bool] = MappingProxyType({"old": False})
) -> set[str]:
    """Events of four people; every other one is an order, its total its number."""
    events = [
        {
            "type": "track",
            "event": "Order" if number % 2 else "View",
            "messageId": f"person{number % 4}-{number}",
            "userId": f"person{number % 4}",
            "properties": {"total": number},
            "integrations": dict(integrations),
        }
        for number in range(1, count + 1)
    ]
    for at in range(0, count, 100):
        body = {"writeKey": WRITE_KEY, "batch": events[at : at + 100]}
        assert system.request("POST", "/v1/batch", json.dumps(body))[0] == 200
    query = "SELECT count(*) AS n FROM events"
    system.wait_for_rows(query, lambda rows: rows[0]["n"] == count)
    return {event["messageId"] for event in events}  # type: ignore[misc]


def test_replay_when_serve_and_deliver_are_killed_then_all_arrive_marked_in_order_and_nothing_is_sent_twice(
    tmp_path: Path,
) -> None:
    with (
        Hook() as old,
        Hook(keeps_bodies=True) as new,
        stand(tmp_path, workspace(hooks={"old": old.url})) as system,
    ):
        ids = fill(system, integrations={"old": False, "new": False})
        file = tmp_path / "with_new.yaml"
        file.write_text(json.dumps(workspace(hooks={"old": old.url, "new": new.url})))
        subprocess.run([HEADWATER, "apply", str(file), "--data", str(system.data)], check=True)
        before = len(old.received)

        counted = json.loads(run(system, "start", "--to", "new", "--dry-run", "--json"))
        assert counted == {"events": EVENTS, "looked": EVENTS}
        replay_id = begin(system, "--to", "new", "--per-second", "25")
        wait_for(system, replay_id, lambda found: found["sent"] >= 40)
        killed = system.pid("serve")
        system.kill_role("serve")
        system.wait_for_another("serve", killed)

        system.ask("POST", f"/replays/{replay_id}/pause")
        paused = wait_for(system, replay_id, lambda found: found["state"] == "paused")
        assert paused["sent"] < EVENTS
        assert shown(system, replay_id)["sent"] <= paused["sent"] + 20, "a step that was under way, no more"
        system.kill_all()
        system.start_again()
        assert shown(system, replay_id)["state"] == "paused"
        run(system, "resume", replay_id)
        done = wait_for(system, replay_id, lambda found: found["state"] == "done")
        assert (done["sent"], done["looked"], done["skipped"], done["progress"]) == (EVENTS, EVENTS, 0, 1.0)

        new.wait_for(ids)
        new.check_order()
        assert new.bodies is not None
        assert set(new.bodies) == ids
        for body in new.bodies.values():
            assert body["integrations"] == {"All": False, "new": True}
            assert body["context"]["replay"] == {"id": replay_id, "at": done["created_at"]}
        # What a kill of `deliver` repeats are deliveries, not records: the outbound log has each event once more.
        rows = system.sql("SELECT count(*) AS n FROM events")
        assert rows == [{"n": EVENTS}], "replays are not archived again"
        assert len(old.received) == before, "nobody else gets them"
        assert "replay_over" not in run(system, "list")
        assert f"the replay {replay_id} is done" in run(system, "resume", replay_id, code=1)


def test_replay_when_it_is_narrowed_then_exactly_these_are_counted_and_sent(tmp_path: Path) -> None:
    with Hook(keeps_bodies=True) as hook, stand(tmp_path, workspace()) as system:
        fill(system, 200)
        file = tmp_path / "with_new.yaml"
        audiences = [{"key": "buyers", "where": {"event": "Order", "count": {"op": ">=", "value": 50}}}]
        file.write_text(json.dumps(workspace(hooks={"new": hook.url}) | {"audiences": audiences}))
        subprocess.run([HEADWATER, "apply", str(file), "--data", str(system.data)], check=True)

        narrowed = ("--to", "new", "--event", "Order", "--where", "properties.total > 150", "--since", "1h")
        assert "25 events would be sent, of 100 looked at" in run(system, "start", *narrowed, "--dry-run")
        replay_id = begin(system, *narrowed)
        done = wait_for(system, replay_id, lambda found: found["state"] == "done")
        assert (done["sent"], done["skipped"], done["looked"]) == (25, 75, 100)
        expected = {f"person{n % 4}-{n}" for n in range(151, 200, 2)}
        hook.wait_for(expected)
        assert set(hook.accepted) == expected

        # person1 and person3 have the orders: 50 each.
        until(
            lambda: (
                "100 events would be sent"
                in run(system, "start", "--to", "new", "--audience", "buyers", "--dry-run")
            ),
            SETTLE_S_MAX,
            lambda: run(system, "start", "--to", "new", "--audience", "buyers", "--dry-run"),
        )
        suppress = [HEADWATER, "privacy", "suppress", "person1", "--data", str(system.data)]
        subprocess.run(suppress, check=True)
        assert "150 events would be sent, of 200 looked at" in run(system, "start", "--to", "new", "--dry-run")
        nobody = ("--to", "new", "--until", "2020-01-01T00:00:00Z")
        assert "0 events would be sent" in run(system, "start", *nobody, "--dry-run")
        assert "there is no destination 'gnu'; known are: new" in run(system, "start", "--to", "gnu", code=1)
        assert "`where` is not FQL" in run(system, "start", "--to", "new", "--where", "a =", code=1)


def test_replay_when_it_goes_through_the_pipeline_then_rules_of_today_apply_and_nothing_counts_twice(
    tmp_path: Path,
) -> None:
    traits = [{"key": "orders", "kind": "event_count", "event": "Order"}]
    with (
        Hook(keeps_bodies=True) as hook,
        Hook() as closed,
        stand(tmp_path, workspace() | {"traits": traits}) as system,
    ):
        fill(system, 100)
        for person in ("person1", "person3"):
            wait_for_trait(system, person, 25)
        file = tmp_path / "with_hooks.yaml"
        rule = {"name": "rename", "if": 'event = "View"', "rename_event": "Viewed"}
        drop = {"name": "drop", "if": "properties.total = 100", "drop": True}
        more = {"traits": traits, "transformations": [rule, drop]}
        file.write_text(json.dumps(workspace(hooks={"hook": hook.url, "old": closed.url}) | more))
        subprocess.run([HEADWATER, "apply", str(file), "--data", str(system.data)], check=True)

        replay_id = begin(system)
        done = wait_for(system, replay_id, lambda found: found["state"] == "done")
        assert done["sent"] == 100
        expected = {f"person{n % 4}-{n}" for n in range(1, 100)}
        hook.wait_for(expected)
        hook.check_order()
        assert hook.bodies is not None
        assert set(hook.bodies) == expected
        assert (hook.bodies["person2-2"]["event"], hook.bodies["person1-1"]["event"]) == ("Viewed", "Order")
        assert hook.bodies["person1-1"]["context"]["replay"]["id"] == replay_id
        # Everything else is what was stored, time included; and it is stored, and counted, once.
        stored = system.sql("SELECT body FROM events WHERE message_id = 'person1-1'")
        assert len(stored) == 1
        before = json.loads(stored[0]["body"])
        assert hook.bodies["person1-1"]["timestamp"] == before["timestamp"]
        assert hook.bodies["person1-1"]["receivedAt"] == before["receivedAt"]
        assert closed.received == [], "the sender has said `integrations: {old: false}`"
        body = {"writeKey": WRITE_KEY, "userId": "person1", "event": "Order", "messageId": "person1-last"}
        assert system.request("POST", "/v1/track", json.dumps(body))[0] == 200
        assert system.wait_for_rows("SELECT count(*) AS n FROM events", lambda rows: rows[0]["n"] == 101)
        for person, orders in (("person1", 26), ("person3", 25)):
            wait_for_trait(system, person, orders)
        dead = subprocess.run(
            [HEADWATER, "dead-letters", "list", "--data", str(system.data)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "no dead letters" in dead.stdout


def wait_for_trait(system: Stand, person: str, orders: int) -> None:
    def look() -> bool:
        with suppress(AssertionError):
            return bool(system.ask("GET", f"/profiles/user_id:{person}")["traits"]["orders"]["value"] == orders)
        return False

    until(look, SETTLE_S_MAX, lambda: str(system.ask("GET", f"/profiles/user_id:{person}")))


def test_replay_when_it_is_of_dead_letters_then_they_are_delivered_and_gone(tmp_path: Path) -> None:
    with Hook() as hook, stand(tmp_path, workspace(hooks={"crm": hook.url})) as system:
        hook.status = 400
        ids = fill(system, 60, integrations={})
        until(lambda: letters(system) == 60, SETTLE_S_MAX, lambda: f"{letters(system)}\n{system.output()}")
        hook.status = 200
        chosen = ("--dead-letters", "--to", "crm", "--where", "properties.total > 20")
        assert "40 events would be sent, of 60 looked at" in run(system, "start", *chosen, "--dry-run")
        assert letters(system) == 60
        done = wait_for(system, begin(system, *chosen), lambda found: found["state"] == "done")
        assert (done["sent"], done["skipped"]) == (40, 20)
        hook.wait_for({each for each in ids if int(each.rpartition("-")[2]) > 20})
        until(lambda: letters(system) == 20, SETTLE_S_MAX, lambda: str(letters(system)))
        assert "only dead letters have a stage" in run(system, "start", "--to", "crm", "--stage", "x", code=1)
        assert "not chosen by events: use `where`" in run(
            system, "start", "--dead-letters", "--event", "x", code=1
        )


def letters(system: Stand) -> int:
    return len(system.ask("GET", "/dead-letters?limit=1000")["data"])
