"""Who is asking: by the admin token, by an API token of the team, or by the cookie of a session."""

import hmac
from pathlib import Path
from typing import Final

from headwater.serve.desk import Desk
from headwater.serve.entry.cookies import Connection, session_secret
from headwater.serve.instants import now_ms
from headwater.team import tokens
from headwater.team.actor import Actor, Means
from headwater.team.roles import Role
from headwater.team.sessions import Session
from headwater.team.teammates import Teammate
from headwater.team.tokens import Token

ADMIN_TOKEN_ACTOR: Final = Actor("admin token", Role.ADMIN, Means.ADMIN_TOKEN)


def bearer(connection: Connection) -> str | None:
    """The token that was sent; None: none was."""
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else None


async def by_token(desk: Desk, given: str) -> Actor | None:
    if is_admin_token(desk.token_path, given):
        return ADMIN_TOKEN_ACTOR
    if not given.startswith(tokens.PREFIX):
        return None
    token = await desk.ask_team(lambda team: team.tokens.find(given, now_ms()))
    return _of_token(token) if token else None


async def by_cookie(desk: Desk, connection: Connection) -> tuple[Actor, str] | None:
    """And the secret of the session."""
    secret = session_secret(connection, desk.team.installation)
    found = await desk.ask_team(lambda team: team.sessions.find(secret, now_ms())) if secret else None
    return (of_teammate(found[1], found[0]), secret) if found and secret else None


def is_admin_token(path: Path, given: str) -> bool:
    """The file is read each time: writing a new one changes it at once."""
    expected = path.read_text().strip()
    # Compared in constant time, so that answering times do not give the token away letter by letter.
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def of_teammate(teammate: Teammate, session: Session) -> Actor:
    return Actor(teammate.name, teammate.role, Means.SESSION, teammate.id, session.id)


def _of_token(token: Token) -> Actor:
    return Actor(token.name, token.role, Means.TOKEN, token.id)
