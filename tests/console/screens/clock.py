"""The platform's clock. Pictures of a platform that was started a minute ago show nothing: no day before, no
change that somebody made last week, no audience that grew. So the platform lives through a week first, for which
its clock is wound on from hour to hour. Nothing else about it is different, and when the pictures are taken the
clock is the real one.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

WINDING: Final = Path(__file__).parent / "winding"

NOTICED_S: Final = 0.06
"""Every process looks at the file more often than that."""


class Clock:
    """Processes that are started from here on go by it."""

    def __init__(self, folder: Path, before: timedelta) -> None:
        self._file = folder / "clock"
        self._beside_s = 0.0
        self._set(-before.total_seconds())
        os.environ["SCREENS_CLOCK"] = str(self._file)
        os.environ["PYTHONPATH"] = os.pathsep.join((str(WINDING), os.environ.get("PYTHONPATH", "")))

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._beside_s, UTC)

    def wind(self, to: datetime) -> None:
        """On, never back; from the real time it is not wound any further."""
        beside_s = min(0.0, to.timestamp() - time.time())
        if beside_s > self._beside_s:
            self._set(beside_s)

    def arrive(self) -> None:
        """At the real time."""
        self._set(0.0)

    def _set(self, beside_s: float) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(str(beside_s))
        new.replace(self._file)
        self._beside_s = beside_s
        time.sleep(NOTICED_S)
