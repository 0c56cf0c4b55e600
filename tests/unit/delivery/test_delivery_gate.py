"""The gate's clock. What it decides is Availability's business and tested there."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from headwater.delivery.availability import FAILURES_MAX
from headwater.delivery.gate import Gate
from headwater.delivery.parcel import Result
from headwater.destinations.kit.model import Delivered, Filtered, Rejected, RetryLater


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
            gate.settled([Result("", outcome)], started_s=loop.time(), first_attempt=True)

        for _ in range(FAILURES_MAX):
            fail()
        try:
            waits = 0
            for _ in range(50):
                assert gate.down
                called.clear()
                if not gate.may_send():  # a busy machine may come here when the pause is over
                    waits += 1
                    async with asyncio.timeout(5):
                        await called.wait()
                    assert gate.may_send(), "nobody would ask again"
                fail()
            assert waits, "nobody had to wait"
        finally:
            gate.close()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(probe_many_times())


@pytest.mark.parametrize("outcome", [Filtered("DROPPED"), Rejected("TRANSFORMATION_FAILED", sent=False)])
def test_gate_when_a_probe_has_nothing_to_send_then_it_stays_down_and_somebody_else_may_probe(
    outcome: Filtered | Rejected, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def probe(gate: Gate, called: asyncio.Event) -> None:
        now_s = asyncio.get_running_loop().time()
        assert gate.may_send()
        assert not gate.may_send(), "one probe at a time"
        called.clear()
        gate.settled([Result("", outcome)], started_s=now_s, first_attempt=True)
        assert gate.down
        assert called.is_set()
        assert gate.may_send(), "nobody would ever probe again"
        gate.settled([Result("", Delivered("200"))], started_s=now_s, first_attempt=True)
        assert not gate.down

    asyncio.run(_when_a_probe_is_due(probe, monkeypatch))


def test_gate_when_an_attempt_from_before_has_nothing_to_send_then_the_probe_stays_the_only_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before_s = 0.0

    async def probe(gate: Gate, called: asyncio.Event) -> None:
        del called
        assert gate.may_send()
        gate.settled([Result("", Filtered("DROPPED"))], started_s=before_s, first_attempt=True)
        assert not gate.may_send()

    asyncio.run(_when_a_probe_is_due(probe, monkeypatch))


async def _when_a_probe_is_due(
    then: Callable[[Gate, asyncio.Event], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.delivery.availability.PAUSE_S_MIN", 0.01)
    called = asyncio.Event()
    gate = Gate("a gate that is probed", opened=called.set)
    try:
        for _ in range(FAILURES_MAX):
            now_s = asyncio.get_running_loop().time()
            gate.settled([Result("", RetryLater("503"))], started_s=now_s, first_attempt=True)
        async with asyncio.timeout(5):
            await called.wait()
        await then(gate, called)
    finally:
        gate.close()
