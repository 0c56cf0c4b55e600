"""How files of the lake come to be, and what their errors mean to us."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from headwater.errors import CorruptionError, HeadwaterError, StorageError

DRAFT: Final = ".writing"


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A path to write to; the file gets its name, fsynced, when the block ends well, else it vanishes."""
    draft = path.with_suffix(DRAFT)
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            _fsync(draft)
            draft.rename(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _fsync(path.parent)


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Foreign errors become ours."""
    try:
        yield
    except HeadwaterError:
        raise
    except pa.ArrowInvalid as error:
        raise CorruptionError(f"{path}: {error}") from error
    except (OSError, pa.ArrowException) as error:
        raise StorageError(f"{path}: {error}") from error


def _fsync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
