"""What delivery does about regulations: holds back, erases, asks destinations to delete."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from delivering import Delivery, Endpoint, answer, delivery, endpoints, event, hook, metric
from headwater.destinations import registry
from headwater.privacy.regulation import DELIVERY, SENDING, Regulation, RegulationType, Status


def ask(system: Delivery, type_: RegulationType, *users: str, before: int | None = None) -> str:
    known = {d.name: registry.can_delete(d.type) for d in system.live.workspace.destinations}
    made = system.regulations.request(type_, list(users), author="a test", destinations=known)
    if before is not None:
        system.regulations.begin(made.id, before)
    return made.id


def found(system: Delivery, regulation: str) -> Regulation:
    regulation_ = system.regulations.get(regulation)
    assert regulation_ is not None
    return regulation_


async def until(system: Delivery, regulation: str, name: str, status: Status = Status.VERIFIED) -> None:
    await system.until(lambda: found(system, regulation).status(name) is status)


def people_stored(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "delivery.db") as db:
        rows = db.execute("SELECT event FROM jobs UNION ALL SELECT event FROM dead_letters").fetchall()
    db.close()
    return {msgspec.msgpack.decode(row)[6] for (row,) in rows}


def stored_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("delivery.db*"))


async def test_suppression_when_an_event_waits_for_its_retry_then_it_is_not_sent_and_counted(
    tmp_path: Path,
) -> None:
    async with endpoints(answer(503)) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("held-back", endpoint))
        await system.start()
        sent = [event(person="ann"), event(person="bob")]
        system.append(sent)
        await system.until(lambda: metric("events_total", destination="held-back", result="retrying") == 2)
        await until(system, ask(system, RegulationType.SUPPRESS_ONLY, "ann"), SENDING)
        before = len([r for r in endpoint.received if r.person == "ann"])
        endpoint.behaviour = answer(200)
        await endpoint.until_accepted([sent[1]])
        await system.until(lambda: metric("events_total", destination="held-back", result="filtered") == 1)
        assert len([r for r in endpoint.received if r.person == "ann"]) == before
        await system.until(lambda: people_stored(tmp_path) == set())


async def test_suppression_when_lifted_then_what_comes_is_sent(tmp_path: Path) -> None:
    async with endpoints(answer(200)) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("lifted", endpoint))
        await system.start()
        await until(system, ask(system, RegulationType.SUPPRESS_ONLY, "ann"), SENDING)
        system.append([event(person="ann")])
        await system.until(lambda: metric("events_total", destination="lifted", result="filtered") == 1)
        await until(system, ask(system, RegulationType.UNSUPPRESS, "ann"), SENDING)
        taken = [event(person="ann")]
        system.append(taken)
        await endpoint.until_accepted(taken)
        assert len(endpoint.received) == 1


async def test_deletion_when_events_wait_or_died_then_only_theirs_go_and_no_byte_stays(tmp_path: Path) -> None:
    async with endpoints(answer(503), answer(404)) as (down, refusing), delivery(tmp_path) as system:
        system.apply(hook("erased-down", down), hook("erased-refusing", refusing))
        await system.start()
        system.append([event(person=who) for who in ("ann-to-go", "bob", "ann-to-go", "bob")])
        await system.until(lambda: metric("events_total", destination="erased-down", result="retrying") == 4)
        await system.until(lambda: metric("events_total", destination="erased-refusing", result="rejected") == 4)
        # Counted before they are written, and the two destinations write apart.
        await system.until(lambda: people_stored(tmp_path) == {"ann-to-go", "bob"})
        await system.until(lambda: len(system.jobs.dead_letters()) == 4)
        regulation = ask(system, RegulationType.DELETE_INTERNAL, "ann-to-go", before=1 << 40)
        await until(system, regulation, DELIVERY)
        receipt = next(r for r in found(system, regulation).receipts if r.system == DELIVERY)
        assert receipt.counts["dead_letters_removed"] == 2
        assert people_stored(tmp_path) == {"bob"}
        assert b"ann-to-go" not in stored_bytes(tmp_path)
        await system.until(lambda: metric("retries_pending", destination="erased-down") == 2)


async def test_deletion_when_an_attempt_is_under_way_then_its_failure_is_written_nowhere(tmp_path: Path) -> None:
    release = asyncio.Event()

    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        await release.wait()
        return web.Response(status=503)

    async with endpoints(slow) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("under-way", endpoint))
        await system.start()
        system.append([event(person="ann-to-go")])
        await endpoint.until(lambda: len(endpoint.received) == 1)
        regulation = ask(system, RegulationType.DELETE_INTERNAL, "ann-to-go", before=1 << 40)
        await until(system, regulation, DELIVERY)
        release.set()
        await system.until(lambda: metric("held_events", destination="under-way") == 0)
        assert people_stored(tmp_path) == set()


async def test_deletion_when_a_destination_was_disabled_meanwhile_then_it_does_not_get_what_the_log_still_has(
    tmp_path: Path,
) -> None:
    async with endpoints(answer(200)) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("asleep", endpoint))
        await system.start()
        system.apply(hook("asleep", endpoint, enabled=False))
        await system.until(lambda: metric("held_events", destination="asleep") == 0)
        old = event(person="ann")
        system.append([old])
        regulation = ask(system, RegulationType.DELETE_INTERNAL, "ann", before=old.offset + 1)
        await until(system, regulation, DELIVERY)
        later = event(person="ann")
        system.append([later])
        system.apply(hook("asleep", endpoint))
        await endpoint.until_accepted([later])
        assert [r.message_id for r in endpoint.received] == [later.message_id]


def deletions(endpoint: Endpoint) -> list[str]:
    return [received.person for received in endpoint.received if received.message_id.startswith("delete-")]


async def test_forwarding_when_the_endpoint_is_down_at_first_then_each_user_is_deleted_once_accepted(
    tmp_path: Path,
) -> None:
    bodies: list[dict[str, Any]] = []

    async def third_time(request: web.BaseRequest) -> web.StreamResponse:
        bodies.append(msgspec.json.decode(await request.read()))
        return web.Response(status=200 if len(bodies) > 2 else 503)

    async with endpoints(third_time) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("asked", endpoint))
        await system.start()
        regulation = ask(system, RegulationType.DELETE_ONLY, "ann", "bob", before=0)
        await until(system, regulation, "destination:asked")
        ids = {
            body["userId"]: {b["messageId"] for b in bodies if b["userId"] == body["userId"]} for body in bodies
        }
        assert {user: len(of) for user, of in ids.items()} == {"ann": 1, "bob": 1}, "a repeat has the same id"
        body = bodies[0]
        assert (body["type"], body["channel"], body["context"], body["integrations"]) == (
            "delete",
            "server",
            [],
            [],
        )
        assert body["receivedAt"] == body["timestamp"] == body["sentAt"] == body["originalTimestamp"]


async def test_forwarding_when_restarted_then_only_those_not_accepted_are_asked_again(tmp_path: Path) -> None:
    async def not_bob(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=503 if b'"bob"' in await request.read() else 200)

    async with endpoints(not_bob) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("asked-again", endpoint))
        await system.start()
        regulation = ask(system, RegulationType.DELETE_ONLY, "ann", "bob", before=0)
        await system.until(
            lambda: (
                len(system.regulations.forwarded(regulation, "asked-again")) == 1 and "bob" in deletions(endpoint)
            )
        )
        await system.stop()
        endpoint.behaviour = answer(200)
        await system.start()
        await until(system, regulation, "destination:asked-again")
        assert deletions(endpoint).count("ann") == 1


async def test_forwarding_when_refused_then_failed_with_the_reason_and_no_id(tmp_path: Path) -> None:
    async with endpoints(answer(400)) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("refuses", endpoint))
        await system.start()
        regulation = ask(system, RegulationType.DELETE_ONLY, "ann-to-go", before=0)
        await until(system, regulation, "destination:refuses", Status.FAILED)
        (receipt,) = [r for r in found(system, regulation).receipts if r.system == "destination:refuses"]
        assert "BAD_REQUEST" in receipt.detail
        assert "ann-to-go" not in receipt.detail


async def test_forwarding_when_the_destination_was_removed_then_failed(tmp_path: Path) -> None:
    async with endpoints(answer(503)) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("removed", endpoint))
        await system.start()
        regulation = ask(system, RegulationType.DELETE_ONLY, "ann", before=0)
        await endpoint.until(lambda: deletions(endpoint) != [])
        system.apply()
        await until(system, regulation, "destination:removed", Status.FAILED)
