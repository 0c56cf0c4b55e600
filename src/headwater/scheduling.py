"""How the kernel shares a core between the threads of a role."""

import contextlib
import os


def prefer_throughput() -> None:
    """Ask Linux not to interrupt this process each time one of its threads wakes another (SCHED_BATCH).

    The server's I/O thread and the event loop otherwise take turns at every single request: a third more requests
    per second on a full core, and no measurable latency on an idle one. Elsewhere, nothing happens.
    """
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
