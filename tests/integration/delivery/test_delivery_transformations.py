"""What a destination's own transformations make of what it is sent, and of what it is not."""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client import REGISTRY

from delivering import Delivery, Endpoint, answer, delivery, endpoints, event, hook, metric, ok
from headwater.config.transformations import Hashing, Transformation
from headwater.config.workspace import Destination, Settings, Workspace
from headwater.event import OutboundEvent


def order(number: int = 1, *, person: str = "ann", name: str = "Order Completed", **more: Any) -> OutboundEvent:
    body = {
        "type": "track",
        "messageId": f"order-{number}",
        "userId": person,
        "event": name,
        "properties": {"email": "a@b.c", "number": number},
    }
    fields = {"message_id": f"order-{number}", "user_id": person, "event": name, **more}
    return event(body=msgspec.json.encode(body), **fields)


def apply(
    system: Delivery, *destinations: Destination, rules: tuple[Transformation, ...], version: int = 1
) -> None:
    stamped = tuple(msgspec.structs.replace(rule, version=version) for rule in rules)
    system.store.put(
        Workspace(
            workspace="shop",
            settings=Settings(allow_private_destinations=True),
            destinations=destinations,
            transformations=stamped,
        ),
        author="a test",
    )


def hashing(destination: str, **fields: Any) -> Transformation:
    paths = Hashing(paths=("properties.email",))
    return Transformation(name=f"hash for {destination}", destination=destination, hash_values=paths, **fields)


def transformations(name: str, outcome: str) -> float:
    labels = {"transformation": name, "outcome": outcome}
    return REGISTRY.get_sample_value("headwater_transformations_total", labels) or 0.0


def properties(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [json.loads(body)["properties"] for body in endpoint.bodies]


HASHED = hashlib.sha256(b"a@b.c").hexdigest()


async def test_delivery_when_a_destination_has_a_transformation_then_only_it_gets_the_change(
    tmp_path: Path,
) -> None:
    async with endpoints(ok, ok) as (secretive, open_), delivery(tmp_path) as system:
        apply(system, hook("secretive", secretive), hook("open", open_), rules=(hashing("secretive"),))
        await system.start()
        system.append([order()])
        await secretive.until(lambda: len(secretive.accepted) == 1)
        await open_.until(lambda: len(open_.accepted) == 1)
        assert properties(secretive) == [{"email": HASHED, "number": 1}]
        assert properties(open_) == [{"email": "a@b.c", "number": 1}]


async def test_delivery_when_events_are_dropped_for_a_destination_then_filtered_and_the_others_arrive(
    tmp_path: Path,
) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        rule = Transformation(name="no tests here", destination="choosy", if_='event = "Test"', drop=True)
        apply(system, hook("choosy", endpoint), rules=(rule,))
        await system.start()
        system.append([order(n, name="Test" if n % 2 else "Order Completed") for n in range(10)])
        await endpoint.until(lambda: len(endpoint.accepted) == 5)
        await system.until(lambda: system.jobs.positions()["choosy"] == system.log.end())
        assert {r.message_id for r in endpoint.received} == {f"order-{n}" for n in range(0, 10, 2)}
        assert metric("events_total", destination="choosy", result="filtered") == 5
        assert transformations("no tests here", "dropped") == 5
        assert system.jobs.standings() == {}, "neither a retry nor a dead letter"


async def test_delivery_when_a_rule_that_hides_cannot_be_applied_then_nothing_is_sent_and_it_is_kept(
    tmp_path: Path,
) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        rule = hashing("careful", if_='lowercase(properties.number) = "x"')
        apply(system, hook("careful", endpoint), rules=(rule,), version=4)
        await system.start()
        plain = event()
        system.append([order(), plain])
        await endpoint.until_accepted([plain])
        await system.until(lambda: len(system.jobs.dead_letters()) == 1)
        (letter,) = system.jobs.dead_letters()
        assert (letter.event.message_id, letter.reason) == ("order-1", "TRANSFORMATION_FAILED")
        assert letter.message.startswith("hash for careful@4 could not be applied: ")
        assert len(endpoint.received) == 1


async def test_delivery_when_a_rule_is_edited_between_attempts_then_the_next_one_follows_it(
    tmp_path: Path,
) -> None:
    async with (
        endpoints(answer(429, headers={"Retry-After": "600"})) as (endpoint,),
        delivery(tmp_path) as system,
    ):
        apply(system, hook("later", endpoint), rules=())
        await system.start()
        system.append([order()])
        await system.until(lambda: "later" in system.jobs.standings())
        (job,) = system.jobs.soonest("later", 10)
        assert b"a@b.c" in job.event.body, "jobs keep events as they left the pipeline"
        endpoint.behaviour = ok
        system.jobs.settle(rescheduled=[msgspec.structs.replace(job, due_at_ms=0)])
        apply(system, hook("later", endpoint), rules=(hashing("later"),), version=2)
        await endpoint.until(lambda: len(endpoint.accepted) == 1)
        assert properties(endpoint)[-1] == {"email": HASHED, "number": 1}


async def test_delivery_when_a_rule_changes_while_it_runs_then_what_comes_after_is_changed(tmp_path: Path) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        apply(system, hook("edited", endpoint), rules=())
        await system.start()
        system.append([order(1)])
        await endpoint.until(lambda: len(endpoint.accepted) == 1)
        rule = Transformation(name="rename for edited", destination="edited", rename_event="Placed")
        apply(system, hook("edited", endpoint), rules=(rule,), version=2)
        sent = 1
        while transformations("rename for edited", "changed") == 0:  # until the change has come through
            sent += 1
            system.append([order(sent)])
            await endpoint.until(lambda: len(endpoint.accepted) == sent)  # noqa: B023 - awaited at once
        names = [json.loads(body)["event"] for body in endpoint.bodies]
        assert names == ["Order Completed"] * (sent - 1) + ["Placed"]
