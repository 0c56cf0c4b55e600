"""Destinations that come, change, rest and go while others run."""

from pathlib import Path

from delivering import answer, delivery, endpoints, event, events, hang, hook, metric, ok


async def test_reload_when_a_destination_is_added_then_it_gets_what_comes_after(tmp_path: Path) -> None:
    async with endpoints(ok, ok) as (old, new), delivery(tmp_path) as system:
        system.apply(hook("old", old))
        await system.start()
        before = events(20)
        system.append(before)
        await old.until_accepted(before)
        system.apply(hook("old", old), hook("new", new))
        after = events(20)
        system.append(after)  # at once: what follows the change must not fall between
        await new.until_accepted(after)
        await old.until_accepted(after)
        assert len(new.received) == 20
        assert len(old.received) == 40


async def test_reload_when_delivery_starts_for_the_first_time_then_from_the_beginning(tmp_path: Path) -> None:
    async with endpoints(ok, ok) as (first, second), delivery(tmp_path) as system:
        before = events(5)
        system.append(before)
        system.apply(hook("first", first))
        await system.start()
        await first.until_accepted(before)
        await system.stop()
        system.apply(hook("first", first), hook("second", second))
        await system.start()
        after = events(5)
        system.append(after)
        await second.until_accepted(after)
        assert len(second.received) == 5


async def test_reload_when_a_destination_is_removed_then_forgotten_and_its_retries_kept_as_dead_letters(
    tmp_path: Path,
) -> None:
    async with (
        endpoints(answer(429, headers={"Retry-After": "600"}), ok) as (going, staying),
        delivery(tmp_path) as system,
    ):
        system.apply(hook("going", going), hook("staying", staying))
        await system.start()
        system.append([event()])
        await system.until(lambda: "going" in system.jobs.standings())
        system.apply(hook("staying", staying))
        await system.until(lambda: "going" not in system.jobs.positions())
        await system.until(lambda: list(system.log.readers()) == ["deliver:staying"])
        (letter,) = system.jobs.dead_letters("going")
        assert letter.reason == "DESTINATION_REMOVED"
        sent = events(5)
        system.append(sent)
        await staying.until_accepted(sent)
        assert len(going.received) == 1


async def test_reload_when_a_removed_destination_hangs_then_the_others_are_not_disturbed(tmp_path: Path) -> None:
    async with endpoints(hang, ok) as (going, staying), delivery(tmp_path) as system:
        system.apply(hook("stuck", going), hook("quick", staying))
        await system.start()
        system.append([event()])
        await going.until(lambda: len(going.received) == 1)
        system.apply(hook("quick", staying))
        sent = events(100)
        system.append(sent)
        await staying.until_accepted(sent)
        assert "stuck" in system.jobs.positions(), "its last request is still under way"
        await system.until(lambda: "stuck" not in system.jobs.positions())


async def test_reload_when_disabled_and_enabled_again_then_nothing_is_missed(tmp_path: Path) -> None:
    async with endpoints(ok, ok) as (resting, awake), delivery(tmp_path) as system:
        system.apply(hook("resting", resting), hook("awake", awake))
        await system.start()
        system.apply(hook("resting", resting, enabled=False), hook("awake", awake))
        await system.until(lambda: not system.live.workspace.destinations[0].enabled)
        sent = events(40)
        system.append(sent)
        await awake.until_accepted(sent)
        assert not resting.received
        system.apply(hook("resting", resting), hook("awake", awake))
        await resting.until_accepted(sent)
        assert len(awake.received) == 40


async def test_reload_when_the_address_of_a_dead_destination_is_mended_then_it_is_tried_at_once(
    tmp_path: Path,
) -> None:
    async with (
        endpoints(answer(503, headers={"Retry-After": "300"}), ok) as (wrong, right),
        delivery(tmp_path) as system,
    ):
        system.apply(hook("mended", wrong))
        await system.start()
        sent = events(200, people=100)
        system.append(sent)
        await system.until(lambda: metric("paused", destination="mended") == 1)
        await system.until(lambda: metric("in_flight", destination="mended") == 0)
        tried = len(wrong.received)
        system.apply(hook("mended", right))
        await right.until(lambda: len(right.accepted) == 200 - tried)
        assert len(wrong.received) == tried


async def test_reload_when_stored_settings_cannot_be_used_then_events_wait_for_better_ones(tmp_path: Path) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        good = hook("from-the-future", endpoint)
        unusable = type(good)(name="from-the-future", type="webhook", settings={"holograms": True})
        system.apply(unusable)
        await system.start()
        sent = events(10)
        system.append(sent)
        await system.until(lambda: metric("paused", destination="from-the-future") == 1)
        system.apply(good)
        await endpoint.until_accepted(sent)
        assert system.jobs.standings() == {}


async def test_reload_when_private_addresses_are_allowed_no_more_then_open_connections_do_not_help(
    tmp_path: Path,
) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("inside", endpoint))
        await system.start()
        system.append([event()])
        await endpoint.until(lambda: len(endpoint.accepted) == 1)
        system.apply(hook("inside", endpoint), private=False)
        await system.until(lambda: not system.live.workspace.settings.allow_private_destinations)
        system.append([event()])
        await system.until(lambda: system.jobs.dead_letters() != [])
        (letter,) = system.jobs.dead_letters()
        assert letter.reason == "PRIVATE_ADDRESS"
        assert "loopback" in letter.message
        assert len(endpoint.received) == 1
