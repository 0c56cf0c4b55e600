"""Whether a view can follow the files that the writer leaves behind, told without opening any of them.

A view has in memory what it has read of the writer's write-ahead logs, and reads on where it stopped. When the
writer has put the rest of a log into tables and deleted it before the view came by, the view still answers from
memory, even where the tables say something newer, until the next row of that column family comes: RocksDB does
not notice. So a view keeps the name of the newest log there was when it last looked. While that log is there, so
are all later ones, and nothing was missed.

The same happens when a column family was put into a table and the log stays because of the others: of that family
RocksDB skips what the view has not read in the log, and does not drop what it has read before. But a log that goes
into a table was left by the writer before: it appends to a new one from the moment it begins. So what a view has
not read is only in danger when it lies in a log that is not the newest any more, and a view that looks often can
follow for ever.
"""

import os
import time
from pathlib import Path
from typing import NamedTuple

from headwater.doorbell import CLOCK_TICK_NS


class Manifest(NamedTuple):
    writer: tuple[int, int, bytes]
    """Changes when a writer opens the state, or when another state has taken its place."""
    size_bytes: int
    """Grows with every new file, and when tables come or go."""

    @classmethod
    def of(cls, folder: Path) -> "Manifest":
        try:
            current = os.stat(folder / "CURRENT")
            name = (folder / "CURRENT").read_bytes()
            return cls(
                (current.st_ino, current.st_mtime_ns, name), os.stat(folder / name.decode().strip()).st_size
            )
        except FileNotFoundError:  # it is being replaced, or gone
            return cls((0, 0, b""), 0)


class Look(NamedTuple):
    """What the folder held at one moment. Two that are equal: nothing has been committed in between."""

    manifest: Manifest
    newest_log: str
    """Empty: there is none."""
    log_bytes: int
    """Of the newest."""


class Trail:
    """As of when it was made; make it before the view is opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listed_ns = -1
        self._newest_log = ""
        self._logs: list[int] = []
        """Their numbers, in order."""
        self.last = self.look()

    def look(self) -> Look:
        """Call it before catching up: what is committed meanwhile is then found the next time."""
        newest = self._newest()
        log_bytes = self._bytes_of(newest)
        return Look(Manifest.of(self._folder), newest, log_bytes)

    def is_whole(self, look: Look) -> bool:
        """After catching up with what there was at `look`: whether nothing can have been missed."""
        last, now = self.last, self.look()
        read_to = self._bytes_of(last.newest_log)
        if read_to < 0:
            return False
        if now.newest_log != last.newest_log and now.manifest.size_bytes != last.manifest.size_bytes:
            between = [log for log in self._logs if _number(last.newest_log) < log < _number(now.newest_log)]
            if between or read_to > last.log_bytes:
                return False
        self.last = look
        return True

    def _bytes_of(self, log: str) -> int:
        """-1: it is gone."""
        try:
            return os.stat(self._folder / log).st_size if log else 0
        except FileNotFoundError:
            return -1

    def _newest(self) -> str:
        """Looked for only when the folder has changed."""
        try:
            changed_ns = os.stat(self._folder).st_mtime_ns
            if changed_ns != self._listed_ns:
                # A folder's time has the grain of a clock tick: a file made in the same tick would go unseen.
                settled = time.time_ns() - changed_ns > CLOCK_TICK_NS
                self._listed_ns = changed_ns if settled else -1
                names = [name for name in os.listdir(self._folder) if name.endswith(".log")]
                self._logs = sorted(map(_number, names))
                self._newest_log = max(names, key=_number, default="")
        except FileNotFoundError:
            return ""
        return self._newest_log


def _number(log: str) -> int:
    """Of its name; 0 of none, which is before all others."""
    return int(log[:-4] or 0)
