"""Passwords: which are good enough, and how they are kept (argon2id, RFC 9106).

Every function here that hashes takes a tenth of a second of a core and 64 MiB: not for an event loop.
"""

from typing import Final

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from headwater import limits
from headwater.errors import InputError

_DIFFERENT_MIN: Final = 5
"""Characters: `aaaaaaaaaa` and `1212121212` are the first ones that are tried."""

_RUNS: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm")

_WORDS: Final = ("password", "passwort", "headwater", "letmein", "welcome", "changeme")
"""What people put a few digits behind."""

_NOBODYS: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$B57KwZtbk5Sh6NOSxYGYVg$6KEloEq8R0T2E8lZ35mYynjJMlTPEJD5iNYkaVWn3R4"
)
"""What is checked where there is none. Made as all are: a test says when it has to be made anew."""

_hasher = argon2.PasswordHasher.from_parameters(argon2.profiles.RFC_9106_LOW_MEMORY)


def checked_password(given: str, *, email: str, name: str = "") -> str:
    """InputError with what is asked of a password that does not do it. Which characters it has is nobody's
    business; whether it is guessed among the first is.
    """
    plain = given.lower()
    if not limits.team.PASSWORD_CHARS_MIN <= len(given) <= limits.team.PASSWORD_CHARS_MAX:
        raise _weak(
            f"a password has {limits.team.PASSWORD_CHARS_MIN} to {limits.team.PASSWORD_CHARS_MAX} characters"
        )
    if len(set(plain)) < _DIFFERENT_MIN:
        raise _weak(f"a password has at least {_DIFFERENT_MIN} different characters")
    own = [part for part in (email.lower(), email.lower().partition("@")[0], name.lower()) if len(part) > 2]
    if any(_is_only(plain, word) for word in (*own, *_WORDS)) or any(plain in run for run in _RUNS):
        raise _weak("this password is among the first that somebody would try: take a few words instead")
    return given


def hashed(password: str) -> str:
    return _hasher.hash(password)


def is_right(password: str, password_hash: str) -> bool:
    """Whether it is the password behind this hash; of "", which nobody has, as slowly as of any other: how long it
    takes does not tell whether there is an account.
    """
    try:
        return _hasher.verify(password_hash or _NOBODYS, password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def is_dated(password_hash: str) -> bool:
    """Whether it was hashed in another way than is done by now."""
    return _hasher.check_needs_rehash(password_hash)


def _is_only(password: str, word: str) -> bool:
    """Whether nothing but a few digits and signs is added to the word."""
    return word in password and sum(map(str.isalpha, password.replace(word, "", 1))) < 2


def _weak(message: str) -> InputError:
    return InputError("weak_password", message, field="password")
