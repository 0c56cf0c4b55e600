"""From a POST to its arrival at a webhook, at 1,000 events/s offered in single posts. One process sends and
receives, so one clock tells both times.
"""

import asyncio
import json
import random
import time
from pathlib import Path

import uvloop

from benchmarks import events
from benchmarks.measure import HEADWATER, Figure, data_folder, free_port, process, wait_ready

RATE = 1_000
SECONDS = 20
WARM_UP_S = 3
CONNECTIONS = 32
ARRIVE_S_MAX = 20


class Sink(asyncio.Protocol):
    """A webhook that answers at once and notes when which message came."""

    def __init__(self, arrived_s: dict[str, float], expected: int, complete: asyncio.Event) -> None:
        self._arrived_s = arrived_s
        self._expected = expected
        self._complete = complete

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.index(b"content-length:") + 15
            size = int(head[at:].split(b"\r\n", 1)[0])
            if len(self._buffer) < end + 4 + size:
                return
            body = self._buffer[end + 4 : end + 4 + size]
            self._buffer = self._buffer[end + 4 + size :]
            self._arrived_s[json.loads(body)["messageId"]] = time.monotonic()
            if len(self._arrived_s) == self._expected:
                self._complete.set()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")  # type: ignore[attr-defined]


class Sender:
    """One keep-alive connection of a source."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def post(self, body: bytes) -> None:
        head = f"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in answer[:20]:
            raise RuntimeError(answer.decode())
        await self._reader.readexactly(int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))


async def drive(collect_port: int, sink_port: int) -> list[float]:
    loop = asyncio.get_running_loop()
    arrived_s: dict[str, float] = {}
    complete = asyncio.Event()
    server = await loop.create_server(lambda: Sink(arrived_s, RATE * SECONDS, complete), "127.0.0.1", sink_port)
    free: asyncio.Queue[Sender] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        sender = Sender(collect_port)
        await sender.open()
        free.put_nowait(sender)
    rng = random.Random(1)
    sent_s: dict[str, float] = {}

    async def post(due_s: float) -> None:
        event = events.order(rng, user=rng.randrange(5_000)) | {"writeKey": events.WRITE_KEY}
        body = json.dumps(event).encode()
        sender = await free.get()
        sent_s[str(event["messageId"])] = due_s  # when it was offered: waiting for a connection counts
        await sender.post(body)
        free.put_nowait(sender)

    started = time.monotonic()
    tasks = set()
    for n in range(RATE * SECONDS):
        due_s = started + n / RATE
        if (wait_s := due_s - time.monotonic()) > 0:
            await asyncio.sleep(wait_s)
        task = asyncio.create_task(post(due_s))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    try:
        await asyncio.wait_for(complete.wait(), ARRIVE_S_MAX)
    except TimeoutError:
        missing = len(sent_s) - len(arrived_s)
        raise RuntimeError(f"{missing} of {len(sent_s)} events never reached the webhook") from None
    server.close()
    return sorted((arrived_s[message] - at) * 1000 for message, at in sent_s.items() if at > started + WARM_UP_S)


def post_to_webhook() -> list[Figure]:
    collect_port, serve_port, sink_port = free_port(), free_port(), free_port()
    webhook = {"name": "sink", "type": "webhook", "settings": {"url": f"http://127.0.0.1:{sink_port}/"}}
    workspace = events.WORKSPACE | {
        "settings": {"allow_private_destinations": True},
        "destinations": [webhook],
    }
    with data_folder() as data:
        file = Path(data / "workspace.yaml")
        file.write_text(json.dumps(workspace))
        command = [HEADWATER, "up", "--data", str(data / "data"), "--workspace", str(file)]
        ports = ["--collect-port", str(collect_port), "--serve-port", str(serve_port)]
        with process(*command, *ports, log=data / "up.log"):
            wait_ready(collect_port)
            wait_ready(serve_port)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                latencies_ms = runner.run(drive(collect_port, sink_port))
    p50, p99 = latencies_ms[len(latencies_ms) // 2], latencies_ms[len(latencies_ms) * 99 // 100]
    flow = "end_to_end"
    return [
        Figure(flow, f"POST to webhook at {RATE:,}/s, p50", p50, f"{p50:.1f} ms", "≤ 25 ms", "≤ 10 ms", p50 <= 25),
        Figure(flow, f"POST to webhook at {RATE:,}/s, p99", p99, f"{p99:.1f} ms", "≤ 200 ms", "", p99 <= 200),
    ]
