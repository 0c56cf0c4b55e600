"""What it costs to have everything running and nothing to do."""

import time

from benchmarks import events
from benchmarks.measure import (
    HEADWATER,
    Figure,
    apply_workspace,
    cpu_s,
    data_folder,
    descendants,
    free_port,
    memory_mb,
    process,
    wait_ready,
)

SETTLE_S = 5
SECONDS = 60


def all_roles() -> list[Figure]:
    collect_port, serve_port = free_port(), free_port()
    with data_folder() as data:
        apply_workspace(data, events.WORKSPACE)
        ports = ["--collect-port", str(collect_port), "--serve-port", str(serve_port)]
        with process(HEADWATER, "up", "--data", str(data), *ports, log=data / "up.log") as up:
            wait_ready(collect_port)
            wait_ready(serve_port)
            time.sleep(SETTLE_S)
            pids = [up.pid, *descendants(up.pid)]
            before_s = cpu_s(pids)
            time.sleep(SECONDS)
            share = (cpu_s(pids) - before_s) / SECONDS * 100
            rss_mb = sum(memory_mb(pid, "Rss") for pid in pids)
            pss_mb = sum(memory_mb(pid, "Pss") for pid in pids)
    what = f"{len(pids)} processes"
    return [
        Figure("idle", f"{what}, CPU over {SECONDS} s", share, f"{share:.2f} % of a core", "< 1 %", "", share < 1),
        Figure("idle", f"{what}, RSS summed", rss_mb, f"{rss_mb:.0f} MB", "< 400 MB", "< 250 MB", rss_mb < 400),
        Figure("idle", f"{what}, memory really used (PSS)", pss_mb, f"{pss_mb:.0f} MB"),
    ]
