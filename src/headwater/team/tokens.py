"""API tokens: what programs use the private API with. Random, so a fast hash keeps them as safe as a slow one."""

import secrets
from typing import Final, NamedTuple, Protocol

import msgspec

from headwater.team.roles import Role
from headwater.team.teammates import checked_name

PREFIX: Final = "hwt_"
"""So that people, and programs that look for secrets in the wrong places, know one when they see it."""

_SHOWN_CHARS: Final = len(PREFIX) + 4
"""Enough to tell two apart, and of the 256 random bits only 24."""


class Token(msgspec.Struct, frozen=True):
    id: str
    name: str
    role: Role
    prefix: str
    """How it begins."""
    created_ms: int
    created_by: str
    ends_ms: int = 0
    """0: never."""
    used_ms: int = 0
    """An hour coarse; 0: never."""


class Issued(NamedTuple):
    token: Token
    secret: str
    """Shown once."""


class Tokens(Protocol):
    """Sync, from any thread."""

    def list(self) -> "list[Token]":
        """Newest first, those that have expired too; at most limits.team.TOKENS_MAX."""
        ...

    def add(self, issued: Issued) -> None:
        """InputError when there are too many, or one of this name."""
        ...

    def find(self, secret: str, at_ms: int) -> Token | None:
        """If it is one, and has not expired; noted as used."""
        ...

    def revoke(self, id_: str) -> Token:
        """Which one that was; it opens nothing any more. NotFoundError when there is none."""
        ...


def new_token(name: str, role: Role, *, at_ms: int, by: str, ends_ms: int = 0) -> Issued:
    secret = PREFIX + secrets.token_urlsafe(32)
    id_ = f"tk_{secrets.token_hex(8)}"
    return Issued(Token(id_, checked_name(name), role, secret[:_SHOWN_CHARS], at_ms, by, ends_ms), secret)
