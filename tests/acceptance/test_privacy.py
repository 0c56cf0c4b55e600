"""Who is deleted is gone: from every byte of the data folder, once log retention has passed. And nobody else.

Real processes, events of several people through everything that keeps something: the lake, dead letters of single
events and of a whole request, samples of violations, retries and dead letters of destinations, the logs.
"""

import base64
import http.server
import json
import re
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from headwater.delivery.receipts import decode
from headwater.event import decode_collected, decode_outbound
from headwater.log.port import Log
from headwater.profiles.embedded import embedded
from headwater.state.port import EXPIRING, TABLES

from .stand import Stand, until
from .system import HEADWATER, System

GONE = ("gone-zoë-7f3a91", "gone-yan-19bc44")
KEPT = ("kept-anna-55d0", "kept-ben-a81e")
PEOPLE = (*GONE, *KEPT)
SETTLED_S_MAX = 60
DELETED_OVER = {"hook-ok", "hook-down", "hook-refuses"}


class Hooks:
    """Three endpoints: one is well, one is down for events, one refuses them. All accept deletions."""

    STATUS = {"/hook-ok": 200, "/hook-down": 503, "/hook-refuses": 400}

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        hooks = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hooks.received.append((self.path[1:], body))
                self.send_response(200 if body["type"] == "delete" else hooks.STATUS[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def got(self, hook: str, type_: str) -> list[str]:
        return [body["userId"] for name, body in self.received if name == hook and body["type"] == type_]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def workspace(hooks: Hooks) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"properties": {"type": "object", "required": ["total"]}}}
    return {
        "workspace": "privacy",
        "settings": {"lake_visible_s": 0.3, "allow_private_destinations": True, "log_retention_s": 2},
        "sources": [
            {"name": "shop", "type": "server", "write_key": "wk_shop", "tracking_plan": "plan"},
            {"name": "few", "type": "server", "write_key": "wk_few"},
        ],
        "destinations": [
            {"name": path[1:], "type": "webhook", "sources": ["few"], "settings": {"url": hooks.url + path}}
            for path in Hooks.STATUS
        ],
        "tracking_plans": [
            # An event of its own for each person: of one violation only the newest samples are kept.
            {"name": "plan", "rules": [{"type": "track", "event": order(u), "schema": schema} for u in PEOPLE]}
        ],
    }


def order(user: str) -> str:
    return f"Order {PEOPLE.index(user)}"


def track(user: str, event: str = "Seen", **more: Any) -> dict[str, Any]:
    return {"type": "track", "userId": user, "event": event, "properties": {}, **more}


@contextmanager
def running(folder: Path, hooks: Hooks) -> Iterator[System]:
    system = System(folder, workspace(hooks))
    system.wait_until_ready()
    try:
        yield system
    except BaseException:
        system.kill()
        raise


def send(system: System, batch: list[dict[str, Any]], *, key: str = "wk_shop", **more: Any) -> None:
    token = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    status, _, _ = system.request("POST", "/v1/batch", json.dumps({"batch": batch, **more}), headers)
    assert status == 200


def privacy(system: System, *arguments: str) -> str:
    command = [HEADWATER, "privacy", *arguments, "--data", str(system.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SETTLED_S_MAX, check=False)
    assert done.returncode == 0, done.stdout + done.stderr + system.output()
    return done.stdout


def test_suppress_and_delete_when_finished_then_the_people_are_in_no_byte_and_others_are_all_there(
    tmp_path: Path,
) -> None:
    with closing(Hooks()) as hooks, running(tmp_path, hooks) as system:
        for user in PEOPLE:
            send(system, [track(user, order(user))])  # breaks the plan: a sample is kept
            send(system, [track(user, ""), {"type": "track", "userId": user}])  # two dead letters
            send(system, [{"type": "alias", "userId": "kept-alias-target", "previousId": user}])
            send(system, [track(user)], key="wk_few")
        # Refused as a whole, so it is one dead letter with everybody in it.
        send(system, [track(user) for user in PEOPLE * 25], context={"traits": {"filler": "x" * 60_000}})
        everybody = "SELECT DISTINCT user_id FROM events WHERE user_id LIKE '%-%' AND type = 'track'"
        system.wait_for_rows(everybody, lambda rows: len(rows) == len(PEOPLE))
        # A job or a letter is there a moment after its hook has answered: wait for the places, not for the hooks.
        expected = {
            (where, user)
            for where in (
                *("lake", "dead_letters", "violation_samples", "jobs", "letters", "receipts"),
                *("collected", "outbound"),
            )
            for user in PEOPLE
        }
        deadline = time.monotonic() + SETTLED_S_MAX
        while missing := expected - {
            (where, u) for where, text in traces(system.data) for u in PEOPLE if u in text
        }:
            assert time.monotonic() < deadline, missing
            time.sleep(0.2)
        others_before = system.sql(
            "SELECT * FROM events WHERE user_id LIKE 'kept%' AND type = 'track' ORDER BY ALL"
        )

        answer = privacy(system, "suppress-and-delete", *GONE, "--wait", "--yes")

        assert "lake: verified" in answer
        assert answer.count("destination:") == len(Hooks.STATUS)
        send(system, [track(user, "After") for user in PEOPLE])
        system.wait_for_rows(
            "SELECT user_id FROM events WHERE event = 'After'", lambda rows: len(rows) >= len(KEPT)
        )
        for hook in DELETED_OVER:
            assert sorted(hooks.got(hook, "delete")) == sorted(GONE)
        # What a suppressed person sends is refused, and in the log of requests until that is dropped: once more.
        again = privacy(system, "delete", *GONE, "--internal-only", "--wait", "--yes")
        for regulation in re.findall(r"^(reg_\w+)  ", answer + again, flags=re.MULTILINE):
            wait_until_finished(system, regulation)
        after_events = system.sql("SELECT user_id FROM events WHERE event = 'After' ORDER BY 1")
        others_after = system.sql(
            "SELECT * FROM events WHERE user_id LIKE 'kept%' AND type = 'track' AND event <> 'After' ORDER BY ALL"
        )
        assert privacy(system, "list").count("deleted as well") == len(GONE)
        assert system.stop() == 0

    assert [row["user_id"] for row in after_events] == sorted(KEPT)
    assert others_after == others_before
    found = traces(system.data)
    for user in GONE:
        assert [where for where, text in found if user in text] == [], "read through"
        for needle in {user.encode(), json.dumps(user)[1:-1].encode()}:
            named = [str(path) for path in tmp_path.rglob("*") if path.is_file() and needle in path.read_bytes()]
            assert named == [], "in the bytes of files"
    for user in KEPT:
        for place in ("dead_letters", "violation_samples", "jobs", "letters", "receipts"):
            assert any(where == place and user in text for where, text in found), (place, user)


def test_delete_when_roles_are_killed_meanwhile_then_it_ends_verified_all_the_same(tmp_path: Path) -> None:
    with closing(Hooks()) as hooks:
        system = Stand(tmp_path, workspace(hooks))
        system.wait_until_ready()
        for _ in range(5):
            send(system, [track(user) for user in PEOPLE * 200])
            send(system, [track(user, "") for user in PEOPLE])
            send(system, [track(user) for user in PEOPLE], key="wk_few")
        system.wait_for_rows("SELECT count(*) AS n FROM events", lambda rows: rows[0]["n"] == 4_020)
        answer = privacy(system, "suppress-and-delete", *GONE, "--yes")
        regulation = answer.split(": 2 users")[-2].split()[-1]
        for role in ("pipeline", "deliver", "pipeline", "deliver"):
            kill(system, role)
        system.kill_all()
        system.start_again()
        wait_until_finished(system, regulation)
        assert set(hooks.got("hook-ok", "delete")) == set(GONE)
        assert system.stop() == 0
    assert [where for where, text in traces(system.data) if any(user in text for user in GONE)] == []
    left = system.sql("SELECT user_id, count(*) AS n FROM events GROUP BY ALL ORDER BY 1")
    assert left == [{"user_id": user, "n": 1_005} for user in sorted(KEPT)]


def kill(system: Stand, role: str) -> None:
    """Returns when `up` has begun it again, with another pid."""
    killed = system.pid(role)
    system.kill_role(role)
    until(lambda: system.pid(role) != killed, SETTLED_S_MAX, system.output)


def wait_until_finished(system: System, regulation: str) -> None:
    deadline = time.monotonic() + SETTLED_S_MAX
    while '"FINISHED"' not in (status := privacy(system, "status", regulation, "--format", "json")):
        assert time.monotonic() < deadline, status + system.output()
        time.sleep(0.2)


def traces(data: Path) -> list[tuple[str, str]]:
    """(where, text) of everything the folder holds, decompressed and decoded, as a running or stopped system."""
    platform = embedded(data)
    found: list[tuple[str, str]] = []
    for path in (data / "lake").rglob("*.parquet"):
        where = path.relative_to(data / "lake").parts[0]
        found += [("lake" if where == "events" else where, repr(row)) for row in pq.read_table(path).to_pylist()]
    with closing(platform.state_view()) as state:
        for table in (*TABLES, *EXPIRING):
            found += [(table, _text(key) + _text(value)) for key, value in state.scan(table)]
        found += [("outbox", _text(value)) for value in state.outbox().values()]
    with closing(sqlite3.connect(data / "delivery.db")) as db:
        for table, kind in (("jobs", "jobs"), ("dead_letters", "letters")):
            found += [(kind, repr(row) + _text(row[2])) for row in db.execute(f"SELECT * FROM {table}")]
        for table in ("receipt_blobs", "retrying"):
            blobs = db.execute(f"SELECT blob FROM {table}").fetchall()
            found += [
                ("receipts", repr(each) + _text(each.exchange or b""))
                for (blob,) in blobs
                for each in decode(blob)
            ]
    with closing(sqlite3.connect(data / "regulations.db")) as db:
        for table in ("regulations", "subjects", "suppressed", "forwarded", "audit"):
            found += [("regulations", repr(row)) for row in db.execute(f"SELECT * FROM {table}")]
    with closing(platform.collected()) as collected, closing(platform.outbound()) as outbound:
        found += [("collected", _text(decode_collected(data).body)) for data in _records(collected)]
        found += [("outbound", _text(e.body)) for data in _records(outbound) for e in decode_outbound(data)]
    return found


def _records(log: Log) -> Iterator[bytes]:
    at = log.start()
    while records := log.read(at, bytes_max=1 << 20):
        for record in records:
            yield record.data
        at = records[-1].offset + 1


def _text(value: bytes) -> str:
    r"""Readable, with `\\u00eb` as the letter it stands for."""
    plain = value.decode(errors="replace")
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), plain)
