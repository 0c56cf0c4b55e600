"""Python runs this first in every process of the platform: what a process takes for the time is the real time and
what SCREENS_CLOCK says beside it, as often as that is wound on. Time that is measured (monotonic) stays real.
"""

import os
import threading
import time
from pathlib import Path
from typing import Final

import time_machine

LOOK_EVERY_S: Final = 0.02

FILE: Final = Path(os.environ["SCREENS_CLOCK"])

real_time, pause = time_machine.escape_hatch.time.time, threading.Event().wait


def beside_s() -> float:
    return float(FILE.read_text())


def follow(before: float) -> None:
    while before:
        pause(LOOK_EVERY_S)
        if (now := beside_s()) != before:
            coordinates.move_to(real_time() + now)
            before = now
    traveller.stop()  # the clock has arrived: from here on it is the real one


def begin() -> None:
    threading.Thread(target=follow, args=(beside_s(),), daemon=True).start()


if beside_s():
    traveller = time_machine.travel(time.time() + beside_s(), tick=True)
    coordinates = traveller.start()
    begin()
    os.register_at_fork(after_in_child=begin)
