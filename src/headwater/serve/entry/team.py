"""The team over HTTP: teammates, their invitations, API tokens. For admins."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import delete, get, patch, post

from headwater.errors import InputError
from headwater.serve.desk import Desk
from headwater.serve.entry.access import ADMIN, about
from headwater.serve.entry.sessions import Asked, Email, Name
from headwater.serve.errors import ERRORS, NAMED_ERRORS
from headwater.serve.instants import aware, now_ms
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page, page
from headwater.team import teammates
from headwater.team.actor import Actor
from headwater.team.roles import Role
from headwater.team.teammates import Link, Teammate
from headwater.team.tokens import Token, new_token
from headwater.units import DAY_MS


class TeammateLine(msgspec.Struct, frozen=True):
    id: str
    email: str
    name: str
    role: Role
    created_at: datetime
    created_by: str
    signed_in_at: datetime | None
    """The last time."""
    is_disabled: bool
    is_invited: bool
    """They have not chosen a password yet."""


class NewTeammate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    email: Email
    role: Role
    name: Name = ""
    """By default what stands before the @; they can change it."""


class TeammateChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out, or null, stays as it is."""

    name: Name | None = None
    role: Role | None = None
    is_disabled: bool | None = None


class LinkToken(msgspec.Struct, frozen=True):
    """For `/join#token=…` of the console: whoever opens it chooses the password. It is shown once."""

    token: str
    ends_at: datetime


class InvitedTeammate(msgspec.Struct, frozen=True):
    teammate: TeammateLine
    link: LinkToken


class TokenLine(msgspec.Struct, frozen=True):
    id: str
    name: str
    role: Role
    prefix: str
    """How it begins."""
    created_at: datetime
    created_by: str
    ends_at: datetime | None
    """None: never."""
    used_at: datetime | None
    """The last time, an hour coarse."""
    is_expired: bool


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    role: Role
    days: Annotated[int, msgspec.Meta(ge=1, le=3_650)] | None = None
    """How long it opens anything; null: until it is revoked."""


class IssuedToken(msgspec.Struct, frozen=True):
    token: TokenLine
    secret: str
    """The token itself. It is shown once."""


# --- teammates -------------------------------------------------------------------------------------------------


@get("/team/members", responses=ERRORS, opt=ADMIN)
async def list_teammates(desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[TeammateLine]:
    """In the order in which they came."""
    found = await desk.ask_team(lambda team: team.teammates.list())
    return page([_teammate(each) for each in found], lambda line: line.id, limit=limit, cursor=cursor)


@post("/team/members", status_code=201, responses=ERRORS, opt=ADMIN)
async def invite_teammate(desk: Desk, actor: Actor, request: Asked, data: NewTeammate) -> InvitedTeammate:
    """Add somebody, who cannot sign in until they have opened the link of the answer. It is for the admin to hand
    over: no mail is sent.
    """
    at_ms = now_ms()
    teammate = teammates.new_teammate(data.email, data.name, data.role, at_ms=at_ms, by=actor.name)
    link = teammates.new_link(teammate.id, at_ms=at_ms)
    await desk.ask_team(lambda team: team.teammates.add(teammate))
    await desk.ask_team(lambda team: team.teammates.offer(link))
    about(request, f"{teammate.email} as {teammate.role}")
    return InvitedTeammate(_teammate(teammate), _link(link))


@patch("/team/members/{teammate_id:str}", responses=NAMED_ERRORS, opt=ADMIN)
async def change_teammate(desk: Desk, request: Asked, teammate_id: str, data: TeammateChange) -> TeammateLine:
    """Another name or role, or in or out. A new role, and being disabled, end their sessions."""
    name = None if data.name is None else teammates.checked_name(data.name)
    teammate = await desk.ask_team(
        lambda team: team.teammates.change(teammate_id, name=name, role=data.role, is_disabled=data.is_disabled)
    )
    about(request, f"{teammate.email} as {teammate.role}{', disabled' if teammate.is_disabled else ''}")
    return _teammate(teammate)


@delete("/team/members/{teammate_id:str}", status_code=200, responses=NAMED_ERRORS, opt=ADMIN)
async def remove_teammate(desk: Desk, request: Asked, teammate_id: str) -> TeammateLine:
    """Remove somebody, as they were. What they did stays in the history under their name."""
    teammate = await desk.ask_team(lambda team: team.teammates.remove(teammate_id))
    about(request, teammate.email)
    return _teammate(teammate)


@post("/team/members/{teammate_id:str}/password-reset", status_code=200, responses=NAMED_ERRORS, opt=ADMIN)
async def reset_teammate_password(desk: Desk, request: Asked, teammate_id: str) -> LinkToken:
    """A link with which they choose a new password, in the place of any other one. Until it is used, the password
    they have stays.
    """
    teammate = await desk.ask_team(lambda team: team.teammates.get(teammate_id))
    link = teammates.new_link(teammate_id, at_ms=now_ms())
    await desk.ask_team(lambda team: team.teammates.offer(link))
    about(request, teammate.email)
    return _link(link)


# --- API tokens ------------------------------------------------------------------------------------------------


@get("/team/tokens", responses=ERRORS, opt=ADMIN)
async def list_team_tokens(desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[TokenLine]:
    """Newest first, without the tokens themselves."""
    found = await desk.ask_team(lambda team: team.tokens.list())
    at_ms = now_ms()
    return page([_token(each, at_ms) for each in found], lambda line: line.id, limit=limit, cursor=cursor)


@post("/team/tokens", status_code=201, responses=ERRORS, opt=ADMIN)
async def create_team_token(desk: Desk, actor: Actor, request: Asked, data: NewToken) -> IssuedToken:
    """A token for a program. The answer is the only place where it stands."""
    if data.role is Role.ADMIN and data.days is None:
        raise InputError("invalid_request", "a token with the role admin needs an end: set `days`", field="days")
    at_ms = now_ms()
    ends_ms = at_ms + data.days * DAY_MS if data.days else 0
    issued = new_token(data.name, data.role, at_ms=at_ms, by=actor.name, ends_ms=ends_ms)
    await desk.ask_team(lambda team: team.tokens.add(issued))
    about(request, f"{issued.token.name} as {issued.token.role}")
    return IssuedToken(_token(issued.token, at_ms), issued.secret)


@delete("/team/tokens/{token_id:str}", status_code=200, responses=NAMED_ERRORS, opt=ADMIN)
async def revoke_team_token(desk: Desk, request: Asked, token_id: str) -> TokenLine:
    """It opens nothing any more, at once."""
    token = await desk.ask_team(lambda team: team.tokens.revoke(token_id))
    about(request, token.name)
    return _token(token, now_ms())


# --- pieces ----------------------------------------------------------------------------------------------------


def _teammate(teammate: Teammate) -> TeammateLine:
    return TeammateLine(
        teammate.id,
        teammate.email,
        teammate.name,
        teammate.role,
        aware(teammate.created_ms),
        teammate.created_by,
        aware(teammate.signed_in_ms) if teammate.signed_in_ms else None,
        is_disabled=teammate.is_disabled,
        is_invited=not teammate.has_password,
    )


def _link(link: Link) -> LinkToken:
    return LinkToken(link.secret, aware(link.ends_ms))


def _token(token: Token, at_ms: int) -> TokenLine:
    return TokenLine(
        token.id,
        token.name,
        token.role,
        token.prefix,
        aware(token.created_ms),
        token.created_by,
        aware(token.ends_ms) if token.ends_ms else None,
        aware(token.used_ms) if token.used_ms else None,
        is_expired=0 < token.ends_ms <= at_ms,
    )


HANDLERS: Final = [
    list_teammates,
    invite_teammate,
    change_teammate,
    remove_teammate,
    reset_teammate_password,
    list_team_tokens,
    create_team_token,
    revoke_team_token,
]
