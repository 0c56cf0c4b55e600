"""What each destination gets of the same events when delivery runs: consent, integrations, filters, mappings."""

import json
from pathlib import Path
from typing import Any

import msgspec

from delivering import Endpoint, answer, delivery, endpoints, event, hook, metric, ok
from headwater.config.destinations import DestinationFilter, DestinationMapping, FilterVerb
from headwater.config.workspace import Destination
from headwater.event import OutboundEvent


def order(number: int, **body: Any) -> OutboundEvent:
    said = {"type": "track", "messageId": f"order-{number}", "userId": "ann", "event": "Order Completed"}
    said |= {"properties": {"email": "a@b.c", "total": number}} | body
    fields: dict[str, Any] = {
        "message_id": f"order-{number}",
        "event": said["event"],
        "body": msgspec.json.encode(said),
    }
    return event(**fields)


def drop(condition: str) -> DestinationFilter:
    return DestinationFilter(if_=condition, action=FilterVerb.DROP)


def numbers(endpoint: Endpoint) -> list[int]:
    return [json.loads(body)["properties"]["total"] for body in endpoint.bodies]


async def test_delivery_when_destinations_differ_in_what_they_may_have_then_each_gets_its_share(
    tmp_path: Path,
) -> None:
    async with endpoints(ok, ok, ok, ok) as (all_, ads, named, clean), delivery(tmp_path) as system:
        hide = DestinationFilter(if_="all", action=FilterVerb.DROP_PROPERTIES, fields={"properties": ("email",)})
        system.apply(
            hook("r-all", all_),
            hook("r-ads", ads, consent=("advertising",)),
            hook("r-named", named),
            hook("r-clean", clean, filters=(drop("properties.total = 2"), hide)),
        )
        await system.start()
        system.append(
            [
                order(1),
                order(2, context={"consent": {"categoryPreferences": {"advertising": False}}}),
                order(3, integrations={"All": False, "r-named": True}),
                order(4, integrations={"r-named": False}),
            ]
        )
        for name in ("r-all", "r-ads", "r-named", "r-clean"):
            await system.until(lambda: system.jobs.positions()[name] == system.log.end())  # noqa: B023
        assert numbers(all_) == [1, 2, 4]
        assert numbers(ads) == [1, 4]
        assert numbers(named) == [1, 2, 3]
        assert [json.loads(body)["properties"] for body in clean.bodies] == [{"total": 1}, {"total": 4}]
        filtered = {
            name: metric("events_total", destination=name, result="filtered") for name in ("r-all", "r-ads")
        }
        assert filtered == {"r-all": 1, "r-ads": 2}
        assert system.jobs.standings() == {}, "neither a retry nor a dead letter"


async def test_delivery_when_an_event_is_for_several_mappings_then_one_request_for_each(tmp_path: Path) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        mappings = (
            DestinationMapping(name="Orders", action="send", trigger='event = "Order Completed"'),
            DestinationMapping(name="Big ones", action="send", trigger="properties.total > 10"),
            DestinationMapping(name="Pages", action="send", trigger='type = "page"'),
        )
        system.apply(hook("r-mapped", endpoint, mappings=mappings))
        await system.start()
        system.append([order(5), order(50), order(7, event="Other")])
        await system.until(lambda: system.jobs.positions()["r-mapped"] == system.log.end())
        assert sorted(numbers(endpoint)) == [5, 50, 50]
        assert metric("events_total", destination="r-mapped", result="filtered") == 1


async def test_delivery_when_a_filter_is_tightened_between_attempts_then_what_waits_is_not_sent(
    tmp_path: Path,
) -> None:
    async with (
        endpoints(answer(429, headers={"Retry-After": "600"})) as (endpoint,),
        delivery(tmp_path) as system,
    ):
        system.apply(hook("r-later", endpoint))
        await system.start()
        system.append([order(1)])
        await system.until(lambda: "r-later" in system.jobs.standings())
        endpoint.behaviour = ok
        (job,) = system.jobs.soonest("r-later", 10)
        await system.stop()
        system.jobs.settle(rescheduled=[msgspec.structs.replace(job, due_at_ms=0)])
        system.apply(hook("r-later", endpoint, filters=(drop("properties.total = 1"),)))
        await system.start()
        await system.until(lambda: "r-later" not in system.jobs.standings())
        assert endpoint.accepted == []


async def test_delivery_when_a_message_is_made_for_a_destination_then_filters_hold_and_integrations_do_not(
    tmp_path: Path,
) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("r-synced", endpoint, sources=(), filters=(drop("properties.total = 2"),)))
        await system.start()
        system.append(
            [
                msgspec.structs.replace(order(n, integrations={"All": False}), destinations=("r-synced",))
                for n in (1, 2)
            ]
        )
        await system.until(lambda: system.jobs.positions()["r-synced"] == system.log.end())
        assert numbers(endpoint) == [1]


async def test_delivery_when_a_mapping_fails_on_one_event_of_many_then_only_that_one_is_set_aside(
    tmp_path: Path,
) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        mapping = {"data": {"@path": "$.properties.order"}}
        mappings = (DestinationMapping(name="Orders", action="send", trigger="type != null", mapping=mapping),)
        settings = {"url": endpoint.url}
        system.apply(Destination(name="r-fails", type="actions-webhook", settings=settings, mappings=mappings))
        await system.start()
        made = [order(n, properties={"order": {"messageId": f"o{n}", "userId": "ann"}}) for n in range(20)]
        system.append([*made[:10], order(99), *made[10:]])
        await system.until(lambda: system.jobs.positions()["r-fails"] == system.log.end())
        assert [received.message_id for received in endpoint.received] == [f"o{n}" for n in range(20)]
        (letter,) = system.jobs.dead_letters()
        assert (letter.event.message_id, letter.reason) == ("order-99", "PAYLOAD_VALIDATION_FAILED")
        assert letter.message == "data: is required, but the mapping gives nothing for this event"
