"""From a POST to an fsynced record: one collector on one core, wrk on the other; then the whole machine."""

import contextlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import events
from benchmarks.measure import (
    HEADWATER,
    Figure,
    apply_workspace,
    data_folder,
    free_port,
    median,
    process,
    wait_ready,
    wrk,
)

ROUNDS = 5
SECONDS = 4
CONNECTIONS = 128
BATCH_EVENTS = 100
SERVER_CORE, WRK_CORE = 0, 1


@contextlib.contextmanager
def collectors(data: Path, *, cores: list[int | None]) -> Iterator[int]:
    """One collector per entry, all on one port; the port."""
    port = free_port()
    apply_workspace(data, events.WORKSPACE)
    with contextlib.ExitStack() as stack:
        for core in cores:
            command = (HEADWATER, "collect", "--data", str(data), "--collect-port", str(port))
            stack.enter_context(process(*command, core=core, log=data / "collect.log"))
            wait_ready(port)
        yield port


def lua(folder: Path, body: bytes, headers: dict[str, str]) -> Path:
    (folder / "body").write_bytes(body)
    script = folder / "post.lua"
    lines = ['wrk.method = "POST"', f'wrk.body = io.open("{folder / "body"}", "rb"):read("*a")']
    script.write_text("\n".join(lines + [f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items()]))
    return script


def one_event_per_post() -> list[Figure]:
    """Rounds of the constant servers and of the collector in turn, so that noise hits all of them."""
    rates: dict[str, list[float]] = {"collector": [], "constant": [], "constant as-ours": []}
    p99: list[float] = []
    with data_folder() as data, contextlib.ExitStack() as stack:
        script = lua(data, events.single(random.Random(1)), {"Content-Type": "application/json"})
        ports = {"collector": stack.enter_context(collectors(data, cores=[SERVER_CORE]))}
        for name in ("constant", "constant as-ours"):
            ports[name] = free_port()
            module = (sys.executable, "-m", "benchmarks.constant_server", str(ports[name]), *name.split()[1:])
            stack.enter_context(process(*module, core=SERVER_CORE, log=data / "constant.log"))
            wait_ready(ports[name])
        for _ in range(ROUNDS):
            for name, port in ports.items():
                url = f"http://127.0.0.1:{port}/v1/track"
                result = wrk(url, script, connections=CONNECTIONS, seconds=SECONDS, core=WRK_CORE)
                if result.failed:
                    raise RuntimeError(f"{result.failed} requests were not answered 200")
                rates[name].append(result.requests_per_s)
                if name == "collector":
                    p99.append(result.p99_ms)
    figures = []
    for name, what in (("constant", "Granian as it is"), ("constant as-ours", "Granian scheduled as ours")):
        ratio = median([a / b for a, b in zip(rates["collector"], rates[name], strict=True)])
        shown = f"{ratio:.2f} × ({median(rates['collector']):,.0f} of {median(rates[name]):,.0f}/s)"
        is_met = ratio >= 0.55
        figures.append(
            Figure(
                "http_to_log",
                f"one event per POST, fsynced, against {what}",
                ratio,
                shown,
                "≥ 0.55 ×",
                "0.8 ×",
                is_met,
            )
        )
    return [
        *figures,
        Figure("http_to_log", f"p99 at {CONNECTIONS} connections", median(p99), f"{median(p99):.1f} ms"),
    ]


def gzip_batches() -> list[Figure]:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    body = events.gzipped(events.batch(random.Random(1), BATCH_EVENTS))
    figures = []
    for cores, wrk_core, what in (([SERVER_CORE], WRK_CORE, "one core"), ([None, None], None, "whole machine")):
        rates = []
        with data_folder() as data, collectors(data, cores=list(cores)) as port:
            script = lua(data, body, headers)
            for _ in range(ROUNDS):
                url = f"http://127.0.0.1:{port}/v1/batch"
                result = wrk(url, script, connections=32, seconds=SECONDS, core=wrk_core)
                if result.failed:
                    raise RuntimeError(f"{result.failed} requests were not answered 200")
                rates.append(result.requests_per_s * BATCH_EVENTS)
        rate = median(rates)
        is_whole = wrk_core is None
        figures.append(
            Figure(
                "http_to_log",
                f"gzip batches of {BATCH_EVENTS}, {what}",
                rate,
                f"{rate:,.0f} events/s",
                "≥ 300,000" if is_whole else "",
                "1,000,000" if is_whole else "",
                rate >= 300_000 if is_whole else None,
            )
        )
    return figures
