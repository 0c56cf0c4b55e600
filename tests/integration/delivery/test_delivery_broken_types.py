"""Mistakes in our own steps and in other people's types harm one event, or one destination."""

from pathlib import Path
from typing import Any

import pytest

from delivering import delivery, endpoints, events, hook, metric, ok
from headwater.config.workspace import Destination
from headwater.delivery.routing.route import Route
from headwater.destinations import registry
from headwater.destinations.kit.model import Action, DestinationType
from headwater.destinations.kit.settings import Settings
from headwater.destinations.plugins import Plugin
from headwater.event import OutboundEvent


class NoSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


def broken(_: NoSettings) -> Any:
    raise RuntimeError("of somebody else's package")


async def test_delivery_when_a_type_breaks_before_any_event_then_its_events_wait_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_ = DestinationType(
        name="broken-type",
        label="B",
        category="webhooks",
        description="B",
        settings=NoSettings,
        actions=(Action[NoSettings](name="send", label="S", description="S", perform=broken),),
        presets=(),
    )
    monkeypatch.setitem(registry.found().plugins, "broken-type", Plugin(type_, "a package of a test"))
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.apply(Destination(name="never", type="broken-type"), hook("beside-it", endpoint))
        await system.start()
        sent = events(10)
        system.append(sent)
        await endpoint.until_accepted(sent)
        assert metric("paused", destination="never") == 1
        assert system.jobs.positions()["never"] < system.log.end()


async def test_delivery_when_a_step_breaks_on_one_event_then_it_alone_becomes_a_dead_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = events(20)
    odd, of = sent[3], Route.of

    def breaking(route: Route, event: OutboundEvent) -> Any:
        if event.message_id == odd.message_id:
            raise ArithmeticError("nobody has thought of it")
        return of(route, event)

    monkeypatch.setattr(Route, "of", breaking)
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("steadfast", endpoint))
        await system.start()
        system.append(sent)
        await endpoint.until_accepted([each for each in sent if each is not odd])
        await system.until(lambda: system.jobs.positions()["steadfast"] == system.log.end())
        [letter] = system.jobs.dead_letters()
        assert (letter.event.message_id, letter.reason) == (odd.message_id, "INTERNAL")
        assert len(endpoint.received) == 19, "nothing was sent twice"
