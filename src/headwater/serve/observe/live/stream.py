"""`GET /events/live`: events as they arrive, as server-sent events.

    event: start     Start               once, when the stream is open
    event: event     LiveEvent           with the id to go on from, which a browser sends as `Last-Event-ID`
    event: rate      Rate                about a second in which not everything could be shown
    event: end       End                 the last message; a browser may come again
    : alive                              a comment, when there is nothing to say

The answer is asked for by the browser as fast as it can take it: what waits meanwhile is bounded (`watcher`).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get
from litestar.exceptions import HTTPException
from litestar.openapi import ResponseSpec
from litestar.params import HeaderParameter, Parameter, QueryParameter
from litestar.response import Stream

from headwater import limits
from headwater.serve.desk import Desk
from headwater.serve.errors import ERRORS
from headwater.serve.observe.live.event import LiveEvent
from headwater.serve.observe.live.reading import LogPlace
from headwater.serve.observe.live.watcher import WINDOW_S, Outcome, Rate, Wanted, Watcher

TYPE: Final = "text/event-stream"

Text = Annotated[str | None, Parameter(max_length=1_000)]

_encode = msgspec.json.Encoder().encode


class Start(msgspec.Struct, frozen=True):
    events_per_s: int
    """No more are sent in a second."""


class End(msgspec.Struct, frozen=True):
    reason: str
    """`stopping`: the platform is; `slow`: nothing was taken for a minute; `signed out`: who watched may not any
    more.
    """


class LiveMessage(msgspec.Struct, frozen=True):
    """The data of one message of the stream; its `event:` says which of these it is."""

    event: LiveEvent | None = None
    rate: Rate | None = None
    start: Start | None = None
    end: End | None = None


STREAM: Final = {
    200: ResponseSpec(
        LiveMessage,
        description="Server-sent events: each has the value of the member that its `event:` names as its data.",
        media_type=TYPE,
        generate_examples=False,
    )
}


def message(event: str, data: msgspec.Struct, place: LogPlace | None = None) -> bytes:
    """One message. Our JSON has no line breaks, so it is one line of data."""
    at = b"id: %b\n" % str(place).encode() if place else b""
    return b"%bevent: %b\ndata: %b\n\n" % (at, event.encode(), _encode(data))


class _Ears:
    """Wakes the sending coroutine from the tail's thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._heard = asyncio.Event()

    def wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever waited
            self._loop.call_soon_threadsafe(self._heard.set)

    async def wait(self, seconds: float) -> bool:
        """Whether there is something."""
        try:
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        except TimeoutError:
            return False
        self._heard.clear()
        return True


async def messages(
    desk: Desk, watcher: Watcher, ears: _Ears, request: Request[Any, Any, Any]
) -> AsyncIterator[bytes]:
    """Until the watching is over. Whoever breaks the connection is no longer a watcher."""
    loop = asyncio.get_running_loop()
    looked_s = loop.time()
    try:
        yield b"retry: 2000\n\n" + message("start", Start(limits.observe.LIVE_EVENTS_PER_S))
        while True:
            is_woken = await ears.wait(WINDOW_S if watcher.has_rate else limits.observe.LIVE_HEARTBEAT_S)
            taken = watcher.take()
            sent = b"".join(message("event", event, taken.place) for event in taken.events)
            if taken.rate:
                sent += message("rate", taken.rate)
            if taken.closed_for:
                yield sent + message("end", End(taken.closed_for))
                return
            if loop.time() - looked_s >= limits.observe.LIVE_HEARTBEAT_S:
                looked_s = loop.time()
                if not await _may_still(request):
                    yield message("end", End("signed out"))
                    return
            if not sent and not is_woken:
                # The id alone makes a browser remember where it is, and is no message.
                sent = b": alive\n" + (b"id: %b\n\n" % str(taken.place).encode() if taken.place else b"\n")
            if sent:
                yield sent
    finally:
        desk.live.leave(watcher)


async def _may_still(request: Request[Any, Any, Any]) -> bool:
    """The guards once more: a session ends, a token is revoked, a role is taken away."""
    try:
        await request.route_handler.authorize_connection(request)
    except HTTPException:
        return False
    return True


@get("/events/live", responses=STREAM | ERRORS, media_type=TYPE)
async def watch_events(
    desk: Desk,
    request: Request[Any, Any, Any],
    filter_text: Annotated[str | None, QueryParameter(name="filter", description="FQL.", max_length=5_120)] = None,
    source: Text = None,
    call: Annotated[str | None, QueryParameter(name="type", max_length=100)] = None,
    event: Text = None,
    outcome: Outcome = "all",
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID", required=False)] = None,
) -> Stream:
    """Events as they arrive and what becomes of them: a hundred a second at most, and how many there were."""
    wanted = Wanted(filter_text=filter_text, source=source, type_=call, event=event, outcome=outcome)
    ears = _Ears()
    watcher = desk.live.watch(wanted, ears.wake, LogPlace.read(last_event_id) if last_event_id else None)
    return Stream(messages(desk, watcher, ears, request), media_type=TYPE, headers={"X-Accel-Buffering": "no"})


HANDLERS: Final = [watch_events]
