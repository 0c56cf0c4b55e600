"""`headwater team`: teammates and API tokens, from a shell on the machine. Whoever has that can read the admin
token, so nothing here asks for a password; it is the way back in for somebody who has lost theirs.
"""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from headwater.cli.config import author
from headwater.cli.noting import note
from headwater.cli.target import DataOption, Remote, find_target, local_data
from headwater.cli.terminal import print_json, printable
from headwater.errors import InputError, NotFoundError, nearest
from headwater.profiles import Platform
from headwater.serve.instants import now_ms
from headwater.team import teammates as rules
from headwater.team import tokens as token_rules
from headwater.team.port import Team
from headwater.team.roles import Role
from headwater.team.teammates import Teammate
from headwater.units import DAY_MS

JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
EmailArgument = Annotated[str, typer.Argument(metavar="EMAIL", help="Of a teammate.")]
RoleArgument = Annotated[Role, typer.Argument(metavar="ROLE", help="viewer, editor or admin.")]
RoleOption = Annotated[Role, typer.Option("--role", help="What they may do.")]
NameOption = Annotated[str, typer.Option("--name", help="Default: what stands before the @.", show_default=False)]
TokenArgument = Annotated[str, typer.Argument(metavar="NAME", help="Of a token.")]
DaysOption = Annotated[
    int | None, typer.Option("--days", min=1, max=3650, help="How long it lasts. Default: until it is revoked.")
]

team = typer.Typer(help="Who may use the console and the private API.", no_args_is_help=True)
tokens = typer.Typer(help="API tokens, for programs.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    team.add_typer(tokens, name="tokens")
    app.add_typer(team, name="team")


# --- teammates -------------------------------------------------------------------------------------------------


@team.command("list")
def list_teammates(data: DataOption = None, json: JsonOption = False) -> None:
    """The teammates, in the order in which they came."""
    with _team(data) as (_, opened):
        found = opened.teammates.list()
    if json:
        print_json({"teammates": [msgspec.to_builtins(teammate) for teammate in found]})
    for teammate in [] if json else found:
        who = f"{teammate.email:<32}  {teammate.role:<6}  {printable(teammate.name):<24}"
        typer.echo(f"{who}  {_standing(teammate)}")


@team.command()
def add(
    email: EmailArgument, role: RoleOption = Role.VIEWER, name: NameOption = "", data: DataOption = None
) -> None:
    """Add somebody, and print the link with which they choose their password."""
    with _team(data) as (platform, opened):
        at_ms = now_ms()
        teammate = rules.new_teammate(email, name, role, at_ms=at_ms, by=author())
        opened.teammates.add(teammate)
        _print_link(platform, opened, teammate, at_ms)
        note(platform, "invite_teammate", f"{teammate.email} as {role}")


@team.command("role")
def change_role(email: EmailArgument, role: RoleArgument, data: DataOption = None) -> None:
    """Give somebody another role; their sessions end."""
    with _team(data) as (platform, opened):
        teammate = opened.teammates.change(_one(opened, email).id, role=role)
        note(platform, "change_teammate", f"{teammate.email} as {role}")
    typer.echo(f"{teammate.email} is {role} now")


@team.command("reset-password")
def reset_password(email: EmailArgument, data: DataOption = None) -> None:
    """Print a link with which somebody chooses a new password. Until then the old one stays."""
    with _team(data) as (platform, opened):
        teammate = _one(opened, email)
        if teammate.is_disabled:
            teammate = opened.teammates.change(teammate.id, is_disabled=False)
            typer.echo(f"{teammate.email} was disabled, and is let in again")
        _print_link(platform, opened, teammate, now_ms())
        note(platform, "reset_teammate_password", teammate.email)


@team.command()
def remove(email: EmailArgument, data: DataOption = None) -> None:
    """Remove somebody; their sessions end. What they did stays in the history under their name."""
    with _team(data) as (platform, opened):
        teammate = opened.teammates.remove(_one(opened, email).id)
        note(platform, "remove_teammate", teammate.email)
    typer.echo(f"{teammate.email} is removed")


# --- API tokens ------------------------------------------------------------------------------------------------


@tokens.command("list")
def list_tokens(data: DataOption = None, json: JsonOption = False) -> None:
    """The API tokens, newest first, without the tokens themselves."""
    with _team(data) as (_, opened):
        found = opened.tokens.list()
    if json:
        print_json({"tokens": [msgspec.to_builtins(token) for token in found]})
    for token in [] if json else found:
        ends = f"until {_day(token.ends_ms)}" if token.ends_ms else "no end"
        used = f"last used {_day(token.used_ms)}" if token.used_ms else "never used"
        typer.echo(f"{printable(token.name):<32}  {token.role:<6}  {token.prefix}…  {ends}, {used}")


@tokens.command("add")
def add_token(
    name: TokenArgument, role: RoleOption = Role.VIEWER, days: DaysOption = None, data: DataOption = None
) -> None:
    """Make a token, and print it: this is the only time."""
    with _team(data) as (platform, opened):
        at_ms = now_ms()
        ends_ms = at_ms + days * DAY_MS if days else 0
        issued = token_rules.new_token(name, role, at_ms=at_ms, by=author(), ends_ms=ends_ms)
        opened.tokens.add(issued)
        note(platform, "create_team_token", f"{issued.token.name} as {role}")
    typer.echo(issued.secret)


@tokens.command()
def revoke(name: TokenArgument, data: DataOption = None) -> None:
    """It opens nothing any more, at once."""
    with _team(data) as (platform, opened):
        found = {token.name: token for token in opened.tokens.list()}
        if name not in found:
            raise NotFoundError(f"there is no token {name!r}; {nearest(name, found)}")
        opened.tokens.revoke(found[name].id)
        note(platform, "revoke_team_token", name)
    typer.echo(f"{name} is revoked")


# --- pieces ----------------------------------------------------------------------------------------------------


@contextmanager
def _team(data: Path | None) -> Iterator[tuple[Platform, Team]]:
    target = find_target(data)
    if isinstance(target, Remote):
        raise InputError(
            "not_remote", "the team is changed in the console, or where the data is: run this there, with --data"
        )
    local_data(target)
    platform = target.platform()
    with closing(platform.team()) as opened:
        yield platform, opened


def _one(opened: Team, email: str) -> Teammate:
    found = opened.teammates.by_email(rules.plain_email(email))
    if found is None:
        known = [teammate.email for teammate in opened.teammates.list()]
        raise NotFoundError(f"there is no teammate {email}; {nearest(email, known)}")
    return found[0]


def _print_link(platform: Platform, opened: Team, teammate: Teammate, at_ms: int) -> None:
    link = rules.new_link(teammate.id, at_ms=at_ms)
    opened.teammates.offer(link)
    typer.echo(f"for {teammate.email}, once, within a day:\n{_console(platform.data)}/join#token={link.secret}")


def _console(folder: Path) -> str:
    """Where `serve` is, if it runs here; otherwise where it is by default."""
    from headwater.operations.introspection import ask_fleet
    from headwater.operations.options import Options
    from headwater.operations.welcome import address
    from headwater.serve.health.fleet import Role as Process

    options = Options(data=folder)
    reports = asyncio.run(ask_fleet(options.run_folder, metrics=False))
    health: Any = next((each.health for each in reports if each.role is Process.SERVE and each.health), None)
    return address(health.host, health.port) if health else address(options.private_host, options.serve_port)


def _standing(teammate: Teammate) -> str:
    if teammate.is_disabled:
        return "disabled"
    if not teammate.has_password:
        return "invited"
    return f"last signed in {_day(teammate.signed_in_ms)}" if teammate.signed_in_ms else "never signed in"


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%MZ")
