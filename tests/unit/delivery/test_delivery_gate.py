"""The gate's clock. What it decides is Availability's business and tested there."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from headwater.delivery.availability import FAILURES_MAX
from headwater.delivery.gate import Gate
from headwater.destinations.model import RetryLater
from headwater.event import OutboundEvent

EVENT = OutboundEvent(0, 0, "m", "track", "A", None, "u", None, None, None, "s", 0, 0, None, None, b"{}")


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_gate_when_the_pause_is_over_then_whoever_is_called_may_probe(
    loop_factory: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the loop rounds: one that is called a millisecond early and let go would never be called again."""
    monkeypatch.setattr("headwater.delivery.availability.PAUSE_S_MIN", 0.01)
    monkeypatch.setattr("headwater.delivery.availability.PAUSE_S_MAX", 0.013)

    async def probe_many_times() -> None:
        loop = asyncio.get_running_loop()
        called = asyncio.Event()
        gate = Gate("a gate of a test", opened=called.set)

        def fail() -> None:
            outcome = RetryLater("503", "down")
            gate.settled(EVENT, outcome, started_s=loop.time(), first_attempt=True)

        for _ in range(FAILURES_MAX):
            fail()
        try:
            for _ in range(50):
                assert gate.down
                assert not gate.may_send()
                async with asyncio.timeout(5):
                    await called.wait()
                called.clear()
                assert gate.may_send(), "nobody would ask again"
                fail()
        finally:
            gate.close()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(probe_many_times())
