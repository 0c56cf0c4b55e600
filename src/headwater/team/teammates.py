"""Teammates: who may sign in, as what. Somebody who was invited and has no password yet is one already."""

import re
import secrets
from typing import Final, NamedTuple, Protocol

import msgspec

from headwater import limits
from headwater.errors import InputError
from headwater.team.roles import Role

_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+\Z")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class Teammate(msgspec.Struct, frozen=True):
    id: str
    email: str
    """In lower case; what they sign in with."""
    name: str
    role: Role
    created_ms: int
    """Unix milliseconds, UTC, as are all times here."""
    created_by: str
    signed_in_ms: int = 0
    """0: never."""
    is_disabled: bool = False
    """Kept, with their name in history, but not let in."""
    has_password: bool = False


class Link(NamedTuple):
    """Lets whoever holds its secret choose a password for a teammate, once: an invitation, or a way back in."""

    secret: str
    teammate: str
    ends_ms: int


class Teammates(Protocol):
    """Sync, from any thread. NotFoundError for an id that there is not."""

    def list(self) -> "list[Teammate]":
        """In the order in which they came; at most limits.team.TEAMMATES_MAX."""
        ...

    def get(self, id_: str) -> Teammate: ...

    def by_email(self, email: str) -> tuple[Teammate, str] | None:
        """With the hash of their password; "" while there is none."""
        ...

    def add(self, teammate: Teammate, password_hash: str = "", *, is_first: bool = False) -> None:
        """InputError when the address is taken or the team is full; with `is_first` also when there is somebody
        with a password.
        """
        ...

    def change(
        self, id_: str, *, name: str | None = None, role: Role | None = None, is_disabled: bool | None = None
    ) -> Teammate:
        """As they are then. A new role, and being disabled, end their sessions. InputError for the last admin who
        can sign in, who would be one no longer; nothing is changed then.
        """
        ...

    def remove(self, id_: str) -> Teammate:
        """Who that was; their sessions and links go too. InputError for the last admin who can sign in."""
        ...

    def set_password(self, id_: str, password_hash: str) -> Teammate:
        """Ends their sessions, and what links were out."""
        ...

    def note_sign_in(self, id_: str, at_ms: int) -> None: ...

    def rehash(self, id_: str, password_hash: str) -> None:
        """The same password, hashed as it is done by now: nothing ends."""
        ...

    def offer(self, link: Link) -> None:
        """In the place of any other link of theirs."""
        ...

    def offered(self, secret: str, at_ms: int) -> Teammate | None:
        """Whose link this is, while it can be used."""
        ...

    def accept(self, secret: str, password_hash: str, at_ms: int) -> Teammate | None:
        """Set the password and use the link up, both or neither; None when it cannot be used any more."""
        ...


def new_teammate(email: str, name: str, role: Role, *, at_ms: int, by: str) -> Teammate:
    """InputError for an address or a name that nobody has."""
    email = checked_email(email)
    return Teammate(
        f"tm_{secrets.token_hex(8)}",
        email,
        checked_name(name or email.partition("@")[0]),
        role,
        at_ms,
        by,
    )


def new_link(teammate: str, *, at_ms: int) -> Link:
    return Link(secrets.token_urlsafe(32), teammate, at_ms + limits.team.LINK_S_MAX * 1000)


def plain_email(given: str) -> str:
    """As it is compared.

    >>> plain_email(" Ann@Example.COM ")
    'ann@example.com'
    """
    return given.strip().lower()


def checked_email(given: str) -> str:
    email = plain_email(given)
    if len(email) > limits.team.EMAIL_CHARS_MAX or not _EMAIL.match(email):
        raise InputError("invalid_email", "expected an e-mail address, as in ann@example.com", field="email")
    return email


def checked_name(given: str) -> str:
    name = given.strip()
    if not name or len(name) > limits.team.NAME_CHARS_MAX or _CONTROL.search(name):
        raise InputError(
            "invalid_name", f"a name has 1 to {limits.team.NAME_CHARS_MAX} characters, in one line", field="name"
        )
    return name


def last_admin() -> InputError:
    return InputError(
        "last_admin",
        "this is the last admin who can sign in: make somebody else an admin first",
        field="role",
    )
