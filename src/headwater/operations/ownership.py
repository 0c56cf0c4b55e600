"""Who may work on a data folder: one supervisor, one process per slot of a role.

A hold is an flock: the kernel releases it when its process ends, however it ends, so no stale lock can ever
stand in the way. The file's content only tells people (and the next supervisor) who holds it.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from headwater import limits
from headwater.errors import OwnershipError

_ORPHAN_LOOK_S = 0.05


class Owner(msgspec.Struct, frozen=True):
    """What a lock file says about its holder."""

    pid: int = 0
    supervisor: int = 0
    """The pid of the `up` that started it; 0: it was started by hand."""


class Hold:
    """An exclusive hold on `path` until `release` or the end of the process.

    OwnershipError, naming the owner, when another process has it.
    """

    def __init__(self, path: Path, *, data: Path, holder: str, supervisor: int = 0) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise OwnershipError(
                f"{holder} is already running on {data} (process {owner(path).pid}): stop it first, "
                "or choose another data folder with --data"
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, msgspec.json.encode(Owner(os.getpid(), supervisor)) + b"\n", 0)

    def release(self) -> None:
        os.close(self._fd)


def owner(path: Path) -> Owner:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Owner)
    except (msgspec.DecodeError, FileNotFoundError):  # taken this very moment, not yet written
        return Owner()


class Slot(NamedTuple):
    number: int
    hold: Hold


def take_slot(data: Path, role: str, *, slots: int, supervisor: int = 0) -> Slot:
    """The lowest free slot of a role. Only `collect` has several; two pipelines on one folder would be a fault."""
    for number in range(slots):
        path = data / "run" / f"{role}.{number}.lock"
        try:
            return Slot(number, Hold(path, data=data, holder=f"`headwater {role}`", supervisor=supervisor))
        except OwnershipError:
            if number == slots - 1:
                raise
    raise AssertionError("a role has at least one slot")


def wait_for_orphans(run: Path) -> None:
    """Return when no role runs on the folder any more.

    Called by a new supervisor, which holds the folder: a role that has a supervisor written in its lock lost
    it (`kill -9`), has noticed, and is draining. One started by hand would stay: OwnershipError.
    """
    deadline = time.monotonic() + limits.operations.DRAIN_S_MAX
    for path in sorted(run.glob("*.lock")):
        while (holder := _held_by(path)) is not None:
            if not holder.supervisor and holder.pid:
                role = path.name.split(".", 1)[0]
                raise OwnershipError(
                    f"`headwater {role}` is already running on {run.parent} (process {holder.pid}): "
                    "`headwater up` starts every role itself, so stop it first"
                )
            if time.monotonic() > deadline:
                raise OwnershipError(
                    f"process {holder.pid}, left over from an earlier `headwater up`, does not end: kill it"
                )
            time.sleep(_ORPHAN_LOOK_S)  # only here, only at start, only after a supervisor was killed


def _held_by(path: Path) -> Owner | None:
    with contextlib.suppress(FileNotFoundError), _opened(path) as fd:
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return owner(path)
    return None


@contextlib.contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Wait for `path`, then keep every other process out of the block."""
    with _opened(path) as fd:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield fd
    finally:
        os.close(fd)
