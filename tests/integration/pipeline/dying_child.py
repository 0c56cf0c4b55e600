"""A pipeline that kills itself at a chosen moment: `python dying_child.py FOLDER state.commit:after:2`.

It takes one request per micro-batch, so that every step happens once per request.
"""

import itertools
import os
import sys
from pathlib import Path
from typing import Any

from flowing import Ports, drain, pipeline

from headwater import limits
from headwater.lake import files
from headwater.operations.stopping import StopBell

DIED = 9


class Moment:
    """`<port>.<verb>:<before|after>:<which call of it, from 1>`"""

    def __init__(self, text: str) -> None:
        name, self._when, nth = text.split(":")
        self._port, self._verb = name.split(".")
        self._nth = int(nth)
        self._calls = itertools.count(1)

    def in_ports(self, ports: Ports) -> Ports:
        if self._port == "file":
            files._fsync = self._wrapped(files._fsync)
            return ports
        return ports._replace(**{self._port: _Watched(getattr(ports, self._port), self)})

    def of(self, verb: str, call: Any) -> Any:
        return self._wrapped(call) if verb == self._verb else call

    def _wrapped(self, call: Any) -> Any:
        def watched(*arguments: Any, **named: Any) -> Any:
            is_it = next(self._calls) == self._nth  # another thread may call at the same moment
            if is_it and self._when == "before":
                os._exit(DIED)  # as kill -9 does: nothing is closed, nothing flushed
            result = call(*arguments, **named)
            if is_it:
                os._exit(DIED)
            return result

        return watched


class _Watched:
    def __init__(self, port: Any, moment: Moment) -> None:
        self._port = port
        self._moment = moment

    def __getattr__(self, verb: str) -> Any:
        return self._moment.of(verb, getattr(self._port, verb))


if __name__ == "__main__":
    limits.processing.MICRO_BATCH_BYTES_MAX = 1  # type: ignore[misc]
    folder, moment = Path(sys.argv[1]), Moment(sys.argv[2])
    if sys.argv[2].startswith("lake.compact"):
        # One that is stopping does not tidy up, so this one is never told to: it dies before.
        with pipeline(folder, between=moment.in_ports) as (started, _, _):
            started.run(StopBell())
    drain(folder, between=moment.in_ports)
