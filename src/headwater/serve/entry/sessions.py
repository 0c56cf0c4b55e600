"""Signing in and out over HTTP: the first admin, passwords, invitations, one's own sessions."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.status_codes import HTTP_401_UNAUTHORIZED

from headwater import limits
from headwater.collection.credentials import Senders
from headwater.errors import ConflictError, InputError
from headwater.serve.desk import Desk
from headwater.serve.entry import audit
from headwater.serve.entry.access import ADMIN, ANYBODY, PUBLIC, READS, about
from headwater.serve.entry.cookies import check_origin, csrf_token, no_cookie, session_cookie, session_secret
from headwater.serve.entry.identification import by_cookie, of_teammate
from headwater.serve.errors import ERRORS, NAMED_ERRORS, Refusal
from headwater.serve.instants import aware, now_ms
from headwater.team import passwords, teammates
from headwater.team.actor import Actor, Means
from headwater.team.audit import Entry, Own
from headwater.team.roles import Role
from headwater.team.sessions import new_session
from headwater.team.teammates import Teammate

Asked = Request[Any, Any, Any]

Email = Annotated[str, msgspec.Meta(max_length=limits.team.EMAIL_CHARS_MAX)]
Name = Annotated[str, msgspec.Meta(max_length=limits.team.NAME_CHARS_MAX)]
Password = Annotated[str, msgspec.Meta(max_length=limits.team.PASSWORD_CHARS_MAX)]
Secret = Annotated[str, msgspec.Meta(max_length=200)]


class Setup(msgspec.Struct, frozen=True):
    needed: bool
    """Whether nobody can sign in yet."""


class FirstAdmin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    email: Email
    password: Password
    name: Name = ""
    """By default what stands before the @."""


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    email: Email
    password: Password


class NewName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    current: Password
    new: Password


class Invitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: Secret
    """The part of the link behind `#token=`."""


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: Secret
    password: Password
    name: Name = ""
    """Another one than the admin has given; empty: leave it."""


class Invited(msgspec.Struct, frozen=True):
    email: str
    name: str
    role: Role
    is_new: bool
    """They have had no password before."""


class CheckedInvitation(msgspec.Struct, frozen=True):
    invited: Invited | None
    """None: the link has been used or replaced, or is older than a day, or is none."""


class Me(msgspec.Struct, frozen=True):
    """Who is asking."""

    name: str
    role: Role
    means: Means
    id: str
    """Of the teammate or token; empty: nobody of the team."""
    email: str
    """Empty: no teammate."""
    csrf_token: str
    """Send it as `X-CSRF-Token` with every change; empty: none is needed."""
    session: str
    """The id of the session; empty: there is none."""
    workspace: str
    """The name of the workspace."""
    version: int
    """Of the workspace."""


class SessionLine(msgspec.Struct, frozen=True):
    id: str
    began_at: datetime
    seen_at: datetime
    """Some minutes coarse."""
    ends_at: datetime
    """At the latest."""
    address: str
    agent: str
    """What the browser calls itself."""
    is_current: bool


class Sessions(msgspec.Struct, frozen=True):
    sessions: list[SessionLine]
    """Last seen first."""


class Ended(msgspec.Struct, frozen=True):
    count: int
    """Of the sessions that were ended."""


# --- getting in ------------------------------------------------------------------------------------------------


@get("/setup", responses=ERRORS, opt=PUBLIC)
async def read_setup(desk: Desk) -> Setup:
    """Whether this installation waits for its first admin. Answers anybody."""
    found = await desk.ask_team(lambda team: team.teammates.list())
    return Setup(needed=not any(teammate.has_password for teammate in found))


@post("/setup", status_code=200, responses=ERRORS, opt=ADMIN)
async def set_up(desk: Desk, request: Asked, data: FirstAdmin) -> Response[Me]:
    """Make the first admin, and sign them in. With the admin token, and only while nobody can sign in."""
    at_ms = now_ms()
    teammate = teammates.new_teammate(data.email, data.name, Role.ADMIN, at_ms=at_ms, by="setup")
    passwords.checked_password(data.password, email=teammate.email, name=teammate.name)
    password_hash = await desk.hashing.hashed(data.password)
    await desk.ask_team(lambda team: team.teammates.add(teammate, password_hash, is_first=True))
    return await _signed_in(desk, request, teammate)


@post("/session", status_code=200, responses=ERRORS, opt=PUBLIC)
async def sign_in(desk: Desk, request: Asked, data: Credentials) -> Response[Me]:
    """Sign in with address and password; the answer sets a cookie. Answers anybody; 429 after failures."""
    check_origin(request)
    teammate = await _checked(desk, request, data.email, data.password)
    return await _signed_in(desk, request, teammate)


@post("/invitations/check", status_code=200, responses=ERRORS, opt=PUBLIC | READS)
async def check_invitation(desk: Desk, data: Invitation) -> CheckedInvitation:
    """Whose invitation, or way to a new password, a link is. Answers who has the link."""
    teammate = await desk.ask_team(lambda team: team.teammates.offered(data.token, now_ms()))
    if teammate is None:
        return CheckedInvitation(None)
    invited = Invited(teammate.email, teammate.name, teammate.role, is_new=not teammate.has_password)
    return CheckedInvitation(invited)


@post("/invitations/accept", status_code=200, responses=ERRORS, opt=PUBLIC)
async def accept_invitation(desk: Desk, request: Asked, data: Acceptance) -> Response[Me]:
    """Choose a password with a link, once, and be signed in; all other sessions of that teammate end."""
    check_origin(request)
    offered = await desk.ask_team(lambda team: team.teammates.offered(data.token, now_ms()))
    if offered is None:
        raise _used_up()
    name = teammates.checked_name(data.name) if data.name else offered.name
    passwords.checked_password(data.password, email=offered.email, name=name)
    password_hash = await desk.hashing.hashed(data.password)
    teammate = await desk.ask_team(lambda team: team.teammates.accept(data.token, password_hash, now_ms()))
    if teammate is None:
        raise _used_up()
    if name != teammate.name:
        teammate = await desk.ask_team(lambda team: team.teammates.change(offered.id, name=name))
    return await _signed_in(desk, request, teammate)


# --- being in --------------------------------------------------------------------------------------------------


@get("/session", responses=ERRORS)
async def read_session(desk: Desk, request: Asked, actor: Actor) -> Me:
    """Who is asking, what they may do, and of which workspace. 401 when nobody is signed in."""
    secret = session_secret(request, desk.team.installation) if actor.session else None
    return await _me(desk, actor, secret)


@delete("/session", status_code=200, responses=ERRORS, opt=ANYBODY)
async def sign_out(desk: Desk, request: Asked, actor: Actor) -> Response[Ended]:
    """End this session; the browser forgets the cookie."""
    ended = await desk.ask_team(lambda team: team.sessions.end(actor.session, actor.id))
    return Response(Ended(int(ended)), cookies=[no_cookie(request, desk.team.installation)])


@put("/session/name", responses=ERRORS, opt=ANYBODY)
async def change_name(desk: Desk, request: Asked, actor: Actor, data: NewName) -> Me:
    """Another name for oneself. What was done before stays in the history under the name of then."""
    if not actor.session:
        raise ConflictError("a token has no name of its own to change: this is for who is signed in in a browser")
    name = teammates.checked_name(data.name)
    await desk.ask_team(lambda team: team.teammates.change(actor.id, name=name))
    about(request, name)
    return await _me(
        desk, msgspec.structs.replace(actor, name=name), session_secret(request, desk.team.installation)
    )


@put("/session/password", responses=ERRORS, opt=ANYBODY)
async def change_password(desk: Desk, request: Asked, actor: Actor, data: NewPassword) -> Response[Me]:
    """Another password for oneself, with the one before. Every other session of oneself ends; this one goes on
    under a new cookie.
    """
    if not actor.session:
        raise ConflictError("a token has no password: this is for who is signed in in a browser")
    teammate = await desk.ask_team(lambda team: team.teammates.get(actor.id))
    await _checked(desk, request, teammate.email, data.current)
    passwords.checked_password(data.new, email=teammate.email, name=teammate.name)
    password_hash = await desk.hashing.hashed(data.new)
    teammate = await desk.ask_team(lambda team: team.teammates.set_password(teammate.id, password_hash))
    return await _signed_in(desk, request, teammate)


@get("/sessions", responses=ERRORS)
async def list_sessions(desk: Desk, actor: Actor) -> Sessions:
    """Where one is signed in oneself."""
    found = await desk.ask_team(lambda team: team.sessions.of(actor.id, now_ms()))
    return Sessions(
        [
            SessionLine(
                each.id,
                aware(each.began_ms),
                aware(each.seen_ms),
                aware(each.ends_ms),
                each.address,
                each.agent,
                is_current=each.id == actor.session,
            )
            for each in found
        ]
    )


@delete("/sessions/{session_id:str}", status_code=200, responses=NAMED_ERRORS, opt=ANYBODY)
async def end_session(desk: Desk, actor: Actor, session_id: str) -> Ended:
    """Sign oneself out somewhere else."""
    return Ended(int(await desk.ask_team(lambda team: team.sessions.end(session_id, actor.id))))


@delete("/sessions", status_code=200, responses=ERRORS, opt=ANYBODY)
async def end_other_sessions(desk: Desk, actor: Actor) -> Ended:
    """Sign oneself out everywhere else."""
    return Ended(await desk.ask_team(lambda team: team.sessions.end_others(actor.id, actor.session)))


# --- pieces ----------------------------------------------------------------------------------------------------


async def _checked(desk: Desk, request: Asked, email: str, password: str) -> Teammate:
    """Whose address and password these are; Refusal otherwise, which never says which of the two is wrong."""
    desk.hashing.check_room()
    address = await _address(desk, request)
    wait_ms = await desk.ask_team(lambda team: team.attempts.begin(email, address, now_ms()))
    if wait_ms:
        wait_s = max(1, round(wait_ms / 1000))
        raise Refusal(
            "too_many_attempts",
            f"too many failed attempts: the next one counts in {wait_s} s",
            status=429,
            headers={"Retry-After": str(wait_s)},
        )
    found = await desk.ask_team(lambda team: team.teammates.by_email(teammates.plain_email(email)))
    teammate, password_hash = found or (None, "")
    is_right = await desk.hashing.is_right(password, password_hash)
    if teammate is None or not is_right or teammate.is_disabled:
        entry = Entry(
            now_ms(),
            *(teammate.name if teammate else "somebody unknown", teammate.id if teammate else "", None, None),
            *(Own.SIGN_IN_FAILED, "", HTTP_401_UNAUTHORIZED),
            note=address,
        )
        await audit.record(desk, entry)
        raise Refusal("wrong_password", "the address or the password is wrong", status=401)
    await desk.ask_team(lambda team: team.attempts.succeed(email, address))
    if passwords.is_dated(password_hash):
        anew = await desk.hashing.hashed(password)
        await desk.ask_team(lambda team: team.teammates.rehash(teammate.id, anew))
    return teammate


async def _signed_in(desk: Desk, request: Asked, teammate: Teammate) -> Response[Me]:
    """With a session begun, in the place of the one that this browser had."""
    at_ms = now_ms()
    before = await by_cookie(desk, request)
    address = await _address(desk, request)
    opened = new_session(teammate.id, at_ms=at_ms, address=address, agent=request.headers.get("user-agent", ""))
    if before:
        await desk.ask_team(lambda team: team.sessions.end(before[0].session, before[0].id))
    await desk.ask_team(lambda team: team.sessions.begin(opened))
    await desk.ask_team(lambda team: team.teammates.note_sign_in(teammate.id, at_ms))
    actor = of_teammate(teammate, opened.session)
    request.scope["user"] = actor
    request.scope["state"]["audit_note"] = address
    cookie = session_cookie(request, desk.team.installation, opened.secret)
    return Response(await _me(desk, actor, opened.secret), cookies=[cookie])


async def _me(desk: Desk, actor: Actor, secret: str | None) -> Me:
    version = await desk.version()
    teammate = await desk.ask_team(lambda team: team.teammates.get(actor.id)) if actor.session else None
    return Me(
        actor.name,
        actor.role,
        actor.means,
        actor.id,
        teammate.email if teammate else "",
        csrf_token(secret) if secret else "",
        actor.session,
        version.workspace.workspace,
        version.number,
    )


async def _address(desk: Desk, request: Asked) -> str:
    """Where the request comes from, as far as trusted proxies are believed."""
    client = request.scope["client"]
    peer = f"{client[0]}:{client[1]}" if client else ":0"
    senders = Senders((await desk.version()).workspace)
    forwarded_for = request.headers.get("x-forwarded-for") if senders.believes_proxies else None
    return senders.caller_ip(peer, forwarded_for)


def _used_up() -> InputError:
    return InputError(
        "link_used_up", "this link has been used, or is older than a day: ask an admin of the team for another one"
    )


HANDLERS: Final = [
    read_setup,
    set_up,
    sign_in,
    check_invitation,
    accept_invitation,
    read_session,
    sign_out,
    change_name,
    change_password,
    list_sessions,
    end_session,
    end_other_sessions,
]
