"""A pipeline that kills itself while it erases: `python dying_eraser.py FOLDER state.scrub:after:1`."""

import sys
from pathlib import Path

from dying_child import Moment
from flowing import pipeline

from headwater.operations.stopping import StopBell

if __name__ == "__main__":
    with pipeline(Path(sys.argv[1]), between=Moment(sys.argv[2]).in_ports) as (started, _, _):
        started.run(StopBell())
