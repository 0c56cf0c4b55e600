"""The secret that turns user ids into fingerprints: a file of its own, so that it can be kept out of a backup."""

import contextlib
import os
import secrets
from hashlib import blake2b
from pathlib import Path
from typing import Final

from headwater.errors import CorruptionError, StorageError

SECRET_BYTES: Final = 32
FINGERPRINT_BYTES: Final = 16
"""Among ten million users the odds that two share one are 1 in 10^25."""


class Fingerprints:
    def __init__(self, path: Path) -> None:
        """The secret in this file, made with mode 0600 when there is none yet."""
        key = _read(path) or _make(path)
        if len(key) != SECRET_BYTES:
            raise CorruptionError(f"{path}: not {SECRET_BYTES} bytes; put back the file from a backup")
        self._copy = blake2b(key=key, digest_size=FINGERPRINT_BYTES, person=b"hw-user").copy

    def __call__(self, user_id: str) -> bytes:
        hashing = self._copy()  # the key is worked in once
        hashing.update(user_id.encode("utf-8", "surrogatepass"))
        return hashing.digest()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}") from error


def _make(path: Path) -> bytes:
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            with contextlib.suppress(FileExistsError):  # somebody was faster: theirs is the one
                os.link(draft, path)
        finally:
            draft.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}") from error
