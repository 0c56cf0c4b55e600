"""Workspaces encrypted where they are stored: who finds a copy of the data folder finds no keys to other places.

*What:* every version of the workspace, whole. Keys and passwords stand in settings, headers, addresses and
mappings, also of types that we have never seen; picking them out would forget one.
*With what:* AES-256-GCM under a key of 32 random bytes; a sealed version names its key by a fingerprint, and is
bound to its number, so that an old version cannot be put in the place of a new one.
*Where the key is:* HEADWATER_SECRET_KEY, or the file that HEADWATER_SECRET_KEY_FILE names, or `secret-key` in the
data folder (mode 0600), made when it is first needed. The last protects copies of the database, the first two also
copies of the whole folder. Several keys may be given: the first seals, all open, which is how they are changed.
"""

import base64
import binascii
import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from headwater.errors import CorruptionError, HeadwaterError, SecretKeyError

VARIABLE: Final = "HEADWATER_SECRET_KEY"
FILE_VARIABLE: Final = "HEADWATER_SECRET_KEY_FILE"
FILE: Final = "secret-key"

KEY_BYTES: Final = 32
KEYS_MAX: Final = 16
"""Given at once: one is used, and others are on their way out."""

_SEALED: Final = b"\0hw1"
"""Begins what is sealed; no JSON begins so. Then the key's id, the nonce, and what AES-GCM makes of the rest."""
_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12

HOW: Final = "32 random bytes in Base64, as `headwater secrets new-key` prints them"


class Key(NamedTuple):
    id: bytes
    """A fingerprint: says which key it is, and nothing about it."""
    value: bytes

    def __repr__(self) -> str:
        return f"Key({self.id.hex()})"


class Vault:
    """Sync, safe from any thread. To open, keys are read when they are first needed, and again when one is
    missing; to seal, each time: somebody may have changed them meanwhile.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._file = folder / FILE
        self._environment = environment
        self._keys: tuple[Key, ...] = ()

    @property
    def is_ours(self) -> bool:
        """Whether the key is the file in the data folder, which we may write."""
        return not (self._environment.get(VARIABLE) or self._environment.get(FILE_VARIABLE))

    def seal(self, data: bytes, about: bytes) -> bytes:
        """Encrypted; `about` has to be said again to open it. The first call may make the key."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self._current()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _SEALED + key.id + nonce + AESGCM(key.value).encrypt(nonce, data, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """What was sealed; what never was is given back as it is. SecretKeyError without the right key,
        CorruptionError when it is not what was sealed.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not sealed.startswith(_SEALED):
            return sealed
        begin = len(_SEALED) + _ID_BYTES
        key = self._known(sealed[len(_SEALED) : begin])
        nonce, rest = sealed[begin : begin + _NONCE_BYTES], sealed[begin + _NONCE_BYTES :]
        try:
            return AESGCM(key.value).decrypt(nonce, rest, about)
        except (InvalidTag, ValueError):
            raise CorruptionError(
                "it is not what was stored: changed, cut off, or in another one's place"
            ) from None

    def beginning(self) -> bytes:
        """Of all that is sealed with the key that seals now."""
        return _SEALED + self._current().id

    # --- changing the key ---------------------------------------------------------------------------------

    @contextmanager
    def rotation(self) -> Iterator[None]:
        """A block in which all is sealed anew with a new key, if the key `is_ours`. One at a time: the end of
        another one would throw away the key that this one has just sealed with.
        """
        if not self.is_ours:
            yield
            return
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            self.begin_rotation()
            yield
            self.end_rotation()
        finally:
            os.close(folder)

    def begin_rotation(self) -> None:
        """Make a new key, which seals from now on; those there were still open. Only if the key `is_ours`."""
        self._write((_fresh(), *self._read()))

    def end_rotation(self) -> None:
        """Forget all keys but the one that seals."""
        self._write(self._read()[:1])

    # --- keys ---------------------------------------------------------------------------------------------

    def _current(self) -> Key:
        keys = self._read()
        if not keys and self._keys:
            # A new one would seal what comes, and nobody could open what was there any more.
            raise SecretKeyError(f"the file {self._file} is gone: put it back from a backup")
        self._keys = keys or self._make()
        return self._keys[0]

    def _known(self, id_: bytes) -> Key:
        for again in (False, True):
            if again or not self._keys:
                self._keys = self._read()
            for key in self._keys:
                if key.id == id_:
                    return key
        raise SecretKeyError(self._without(id_))

    def _without(self, id_: bytes) -> str:
        what = f"the workspace is encrypted with the key {id_.hex()}"
        if self.is_ours:
            where = f"the file {self._file} has another one" if self._keys else f"the file {self._file} is missing"
            return f"{what}, and {where}: put it back from a backup, or give the key as {VARIABLE}"
        given = VARIABLE if self._environment.get(VARIABLE) else FILE_VARIABLE
        has = ", ".join(key.id.hex() for key in self._keys) or "none"
        return f"{what}, and {given} gives another one ({has}): add the right one, separated by a comma"

    def _read(self) -> tuple[Key, ...]:
        if given := self._environment.get(VARIABLE):
            return _parsed(given, VARIABLE)
        named = self._environment.get(FILE_VARIABLE)
        path = Path(named) if named else self._file
        try:
            text = path.read_text()
        except FileNotFoundError:
            if named:
                raise SecretKeyError(f"{FILE_VARIABLE} names {path}, which there is not") from None
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretKeyError(f"cannot read the key in {path}: {error}") from None
        return _parsed(text, str(path))

    def _make(self) -> tuple[Key, ...]:
        """The first key. Several processes may be the first: the file appears whole, once, and all read it."""
        draft = self._draft((_fresh(),))
        try:
            with suppress(FileExistsError):
                os.link(draft, self._file)
            self._make_durable()
        except OSError as error:
            raise HeadwaterError(f"cannot make the key {self._file}: {error.strerror}") from None
        finally:
            draft.unlink()
        return self._read()

    def _write(self, keys: Sequence[Key]) -> None:
        self._draft(keys).replace(self._file)
        self._make_durable()
        self._keys = tuple(keys)

    def _make_durable(self) -> None:
        """The name of the file: a power cut must not take a key with which something is sealed already."""
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _draft(self, keys: Sequence[Key]) -> Path:
        draft = self._file.with_name(f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.writelines(f"{base64.urlsafe_b64encode(key.value).decode()}\n" for key in keys)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise HeadwaterError(f"cannot write the key {self._file}: {error.strerror}") from None
        return draft


def new_key() -> str:
    """A key as it is given in the environment."""
    return base64.urlsafe_b64encode(_fresh().value).decode()


def _fresh() -> Key:
    return _key(secrets.token_bytes(KEY_BYTES))


def _key(value: bytes) -> Key:
    return Key(blake2b(value, digest_size=_ID_BYTES, person=b"hw-secret-key").digest(), value)


def _parsed(text: str, where: str) -> tuple[Key, ...]:
    """Keys separated by commas or white space."""
    words = text.replace(",", " ").split()
    if not words:
        raise SecretKeyError(f"{where} holds no key: expected {HOW}")
    if len(words) > KEYS_MAX:
        raise SecretKeyError(f"{where} holds more than {KEYS_MAX} keys")
    return tuple(_key(_decoded(word, where)) for word in words)


def _decoded(word: str, where: str) -> bytes:
    try:
        value = base64.urlsafe_b64decode(word.replace("+", "-").replace("/", "_"))
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != KEY_BYTES:
        raise SecretKeyError(f"what {where} holds is no key: expected {HOW}")
    return value
