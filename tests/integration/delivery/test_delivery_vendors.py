"""Types with batches and answers about single items, through the real engine."""

from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from delivering import Endpoint, delivery, event
from headwater.config.workspace import Destination
from headwater.event import OutboundEvent


class Vendor(Endpoint):
    """Notes what it is asked where, and answers as a service does that knows some events to be bad."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Any]] = []

    @property
    def base(self) -> str:
        return self.url.removesuffix("/hook")

    def names(self) -> list[str]:
        """Of all events that came, each time that they came."""
        return [
            member.get("name") or member["event"]
            for _, body in self.asked
            for member in (body.get("events") or body.get("batch") or ())
        ]

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = msgspec.json.decode(await request.read())
        self.asked.append((request.path, body))
        await self._tell()
        if request.path == "/users/track":
            named = [n for n, member in enumerate(body.get("events", ())) if member["name"].startswith("Bad")]
            errors = [{"type": "no such event", "input_array": "events", "index": index} for index in named]
            return web.json_response({"message": "success", "errors": errors}, status=201)
        if any(member["event"].startswith("Bad") for member in body["batch"]):
            return web.json_response({"detail": "an event is bad"}, status=400)
        return web.json_response({"status": 1})


def call(kind: str, person: str, name: str | None = None, **members: Any) -> OutboundEvent:
    made = event(person=person, type=kind, event=name)
    whole = {"type": kind, "messageId": made.message_id, "userId": person, "event": name, **members}
    return event(person=person, type=kind, event=name, message_id=made.message_id, body=msgspec.json.encode(whole))


def posthog(vendor: Vendor) -> Destination:
    settings = {"project_api_key": "phc_key", "host": vendor.base}
    return Destination(name="posthog", type="posthog", settings=settings)


def braze(vendor: Vendor) -> Destination:
    return Destination(name="braze", type="braze", settings={"api_key": "key", "endpoint": vendor.base})


async def test_vendors_when_some_events_of_batches_are_bad_then_only_they_die_and_the_others_arrive(
    tmp_path: Path,
) -> None:
    vendor = Vendor()
    await vendor.up()
    try:
        async with delivery(tmp_path) as system:
            system.apply(posthog(vendor), braze(vendor))
            names = ["Bad Thing" if n in {3, 17} else f"Good {n}" for n in range(40)]
            sent = [call("track", f"person {n}", name) for n, name in enumerate(names)]
            system.append(sent)  # before it starts: so they go together
            await system.start()
            await system.until(lambda: len(system.jobs.dead_letters()) == 4)
            await system.until(lambda: all(vendor.names().count(name) >= 2 for name in names))
            letters = system.jobs.dead_letters()
        assert {
            (letter.destination, letter.event.message_id, letter.reason, letter.message) for letter in letters
        } == {
            (destination, sent[n].message_id, "BAD_REQUEST", said)
            for destination, said in (("posthog", "an event is bad"), ("braze", "no such event"))
            for n in (3, 17)
        }
        braze_asked = [body for path, body in vendor.asked if path == "/users/track"]
        assert sorted(member["name"] for body in braze_asked for member in body["events"]) == sorted(names)
        assert len(braze_asked) < 40
    finally:
        await vendor.down()


async def test_vendors_when_a_person_identifies_buys_and_enters_an_audience_then_in_that_order(
    tmp_path: Path,
) -> None:
    vendor = Vendor()
    await vendor.up()
    try:
        async with delivery(tmp_path) as system:
            system.apply(braze(vendor))
            await system.start()
            order = {"order_id": "o-1", "currency": "EUR", "products": [{"product_id": "p-1", "price": 3}]}
            entered = {"audience_key": "big_spenders", "big_spenders": True}
            system.append(
                [
                    call("identify", "ann", traits={"plan": "pro"}),
                    call("track", "ann", "Order Completed", properties=order),
                    call("track", "ann", "Audience Entered", properties=entered),
                ]
            )
            await vendor.until(lambda: len(vendor.asked) == 3)
        assert [next(iter(body)) for _, body in vendor.asked] == ["attributes", "purchases", "attributes"]
        assert vendor.asked[2][1] == {"attributes": [{"external_id": "ann", "big_spenders": True}]}
    finally:
        await vendor.down()
