"""`headwater privacy`: stop taking a user's events, delete what there is, and see the receipts."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from headwater.cli.config import author
from headwater.cli.noting import note
from headwater.cli.target import DataOption, Local, Remote, current_workspace, find_target, local_data
from headwater.cli.terminal import counted, print_json, printable
from headwater.errors import HeadwaterError, InputError
from headwater.privacy.port import Regulations

LOOK_S: Final = 0.5
"""Between two looks of `--wait` at a remote platform; a local one has a bell."""

_FINAL: Final = {"verified", "failed", "not_supported"}

IdsArgument = Annotated[list[str] | None, typer.Argument(metavar="ID", help="User ids, exactly.")]
FileOption = Annotated[
    str | None,
    typer.Option("--file", help="A file with one user id a line; `-`: standard input.", show_default=False),
]
ForwardOption = Annotated[
    bool,
    typer.Option("--forward/--internal-only", help="Whether destinations are asked to delete, too."),
]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Until every system but the logs has finished; exit code 1 if one failed.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="`json` is for programs.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Suppress and delete users, with receipts.")
    for command in (suppress, unsuppress, delete, suppress_and_delete, status, audit):
        group.command(command.__name__.replace("_", "-"))(command)
    group.command("list")(list_suppressed)
    app.add_typer(group, name="privacy")


def suppress(
    ids: IdsArgument = None, file: FileOption = None, data: DataOption = None, wait: WaitOption = False
) -> None:
    """Refuse new events of these users, and send none that wait."""
    users = _users(ids, file)
    with _office(data) as office:
        _request(office, "SUPPRESS_ONLY", users, wait=wait)


def unsuppress(
    ids: IdsArgument = None, file: FileOption = None, data: DataOption = None, wait: WaitOption = False
) -> None:
    """Take events of these users again."""
    users = _users(ids, file)
    with _office(data) as office:
        _request(office, "UNSUPPRESS", users, wait=wait)


def delete(
    ids: IdsArgument = None,
    file: FileOption = None,
    data: DataOption = None,
    *,
    forward: ForwardOption = True,
    wait: WaitOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Delete what there is about these users. New events of them are taken."""
    _delete("DELETE_ONLY" if forward else "DELETE_INTERNAL", ids, file, data, wait=wait, dry_run=dry_run, yes=yes)


def suppress_and_delete(
    ids: IdsArgument = None,
    file: FileOption = None,
    data: DataOption = None,
    *,
    forward: ForwardOption = True,
    wait: WaitOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Delete what there is about these users, and refuse new events of them."""
    type_ = "SUPPRESS_WITH_DELETE" if forward else "SUPPRESS_WITH_DELETE_INTERNAL"
    _delete(type_, ids, file, data, wait=wait, dry_run=dry_run, yes=yes)


def status(
    regulation: Annotated[str | None, typer.Argument(metavar="ID", help="Of a request; none: the newest.")] = None,
    data: DataOption = None,
    *,
    user: Annotated[
        str | None, typer.Option("--user", help="Every request about this user.", show_default=False)
    ] = None,
    form: FormatOption = Format.TABLE,
    limit: LimitOption = 20,
) -> None:
    """Where requests stand, system by system."""
    with _office(data) as office:
        if regulation is not None:
            found = [office.one(regulation)]
        elif user is not None:
            found = office.about(user)
        else:
            found = office.recent(limit)
    if form is Format.JSON:
        print_json(found)
        return
    for at, each in enumerate(found):
        if at:
            typer.echo()
        _print_regulation(each)
    if not found:
        typer.echo("no requests")


def list_suppressed(data: DataOption = None, form: FormatOption = Format.TABLE, limit: LimitOption = 1000) -> None:
    """Whose events are refused."""
    with _office(data) as office:
        page = office.suppressed(limit)
    if form is Format.JSON:
        print_json(page["data"])
        return
    for each in page["data"]:
        shown = "".join(each["subjectIds"]) or "(deleted as well; the id is not kept)"
        typer.echo(f"{each['since']}  {each['fingerprint']}  {printable(shown)}")
    if not page["data"]:
        typer.echo("nobody is suppressed")
    elif page["next"]:
        typer.echo(f"headwater: only the first {limit} are shown", err=True)


def audit(
    regulation: Annotated[str | None, typer.Argument(metavar="ID", help="Of a request; none: all.")] = None,
    data: DataOption = None,
    form: FormatOption = Format.TABLE,
    limit: LimitOption = 100,
) -> None:
    """Every receipt that was written, newest first. Nothing can change or remove one."""
    with _office(data) as office:
        page = office.audit(regulation, limit)
    if form is Format.JSON:
        print_json(page["data"])
        return
    for each in page["data"]:
        typer.echo(f"{each['at']}  {each['regulation']}  {each['system']}: {each['status']}: {each['detail']}")
    if not page["data"]:
        typer.echo("no receipts")
    elif page["next"]:
        typer.echo(f"headwater: only the newest {limit} are shown", err=True)


# --- requests ------------------------------------------------------------------------------------------------


def _delete(
    type_: str,
    ids: list[str] | None,
    file: str | None,
    data: Path | None,
    *,
    wait: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    users = _users(ids, file)
    with _office(data) as office:
        stored = office.stored_events(users)
        typer.echo(f"{type_}: {counted(len(users), 'user')}, {stored} in the lake")
        typer.echo(
            "- removes their events from the lake, from dead letters and from what waits to be sent, for good"
        )
        typer.echo("- drops the logs that hold their requests when log_retention_s has passed")
        if "INTERNAL" not in type_:
            typer.echo("- asks each enabled destination to delete them; some types cannot")
        if type_.startswith("SUPPRESS"):
            typer.echo("- refuses their events from now on")
        if dry_run:
            return
        if not yes and sys.stdin.isatty() and file != "-":
            typer.confirm("This cannot be undone. Go on?", abort=True)
        _request(office, type_, users, wait=wait)


def _request(office: "_Office", type_: str, users: list[str], *, wait: bool) -> None:
    regulation = office.create(type_, users)
    typer.echo(f"{regulation}: {counted(len(users), 'user')}")
    if not wait:
        typer.echo(f"see `headwater privacy status {regulation}`")
        return
    found = office.wait(regulation, _is_settled)
    _print_regulation(found)
    if any(system["status"] in {"failed", "not_supported"} for system in found["systems"]):
        raise typer.Exit(1)


def _is_settled(regulation: dict[str, Any]) -> bool:
    """Everything has ended; the logs only have to say when they will."""
    return all(
        s["status"] in _FINAL or (s["system"] == "logs" and s["status"] == "running")
        for s in regulation["systems"]
    )


def _users(ids: list[str] | None, file: str | None) -> list[str]:
    given = list(ids or [])
    if file is not None:
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("unreadable_file", f"cannot read {file}: {error}") from None
        given += [line for line in text.splitlines() if line]
    if not given:
        raise typer.BadParameter("name at least one user, or a file with --file")
    return list(dict.fromkeys(given))


# --- here or there -------------------------------------------------------------------------------------------


class _Office:
    """The same questions to a folder on this machine or to a remote platform."""

    def __init__(self, target: Local | Remote, regulations: Regulations | None) -> None:
        self._target = target
        self._regulations = regulations

    def create(self, type_: str, users: list[str]) -> str:
        if self._regulations is None:
            body = msgspec.json.encode({"regulationType": type_, "subjectType": "USER_ID", "subjectIds": users})
            answer = self._remote.send("POST", "/regulations", body, "application/json")
            return str(answer["data"]["regulateId"])
        from headwater.serve.unify.regulations import NewRegulation, create

        workspace = current_workspace(self._local)
        made = create(self._regulations, workspace, NewRegulation(type_, users), author=author()).id
        note(self._local.platform(), "create_regulation")
        return made

    def one(self, regulation: str) -> dict[str, Any]:
        if self._regulations is None:
            found: dict[str, Any] = self._remote.get(f"/regulations/{regulation}")
            return found
        from headwater.serve.unify import regulations

        return _plain(regulations.one(self._regulations, regulation))

    def recent(self, limit: int) -> list[dict[str, Any]]:
        if self._regulations is None:
            return list(self._remote.get("/regulations", limit=limit)["data"])
        from headwater.serve.unify import regulations

        return list(_plain(regulations.listed(self._regulations, limit=limit, cursor=None))["data"])

    def about(self, user: str) -> list[dict[str, Any]]:
        if self._regulations is None:
            body = msgspec.json.encode({"subjectId": user})
            return list(self._remote.send("POST", "/regulations/search", body, "application/json")["data"])
        from headwater.serve.unify import regulations

        return [_plain(regulations.line(each)) for each in self._regulations.about(user)]

    def suppressed(self, limit: int) -> dict[str, Any]:
        if self._regulations is None:
            page: dict[str, Any] = self._remote.get("/suppressions", limit=limit)
            return page
        from headwater.serve.unify import regulations

        return _plain(regulations.suppressed(self._regulations, limit=limit, cursor=None))

    def audit(self, regulation: str | None, limit: int) -> dict[str, Any]:
        if self._regulations is None:
            page: dict[str, Any] = self._remote.get("/privacy/audit", regulation=regulation, limit=limit)
            return page
        from headwater.serve.unify import regulations

        return _plain(regulations.audit(self._regulations, regulation=regulation, limit=limit, cursor=None))

    def wait(self, regulation: str, is_enough: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        bell = None if self._regulations is None else self._regulations.listen()
        try:
            while not is_enough(found := self.one(regulation)):
                if bell is None:
                    time.sleep(LOOK_S)
                else:
                    bell.wait()
                    bell.clear()
            return found
        finally:
            if bell is not None:
                bell.close()

    def stored_events(self, users: list[str]) -> str:
        """How many events of the lake are theirs, in words."""
        quoted = ", ".join("'" + user.replace("'", "''") + "'" for user in users)
        sql = f"SELECT count(*) FROM events WHERE user_id IN ({quoted})"  # noqa: S608 - quoted
        try:
            if isinstance(self._target, Remote):
                body = msgspec.json.encode({"sql": sql})
                answer = self._remote.send("POST", "/sql", body, "application/json")
                return counted(answer["rows"][0][0], "event")
            from headwater.serve.lake.sql import Statement, query

            rows = query(self._local.platform().lake(), Statement(sql)).rows
            return counted(rows[0][0], "event")
        except HeadwaterError:  # its text may repeat the statement, and with it the ids
            return "an unknown number of events"

    @property
    def _remote(self) -> Remote:
        assert isinstance(self._target, Remote)
        return self._target

    @property
    def _local(self) -> Local:
        assert isinstance(self._target, Local)
        return self._target


@contextmanager
def _office(data: Path | None) -> Generator[_Office, None, None]:
    target = find_target(data)
    if isinstance(target, Remote):
        yield _Office(target, None)
        return
    local_data(target)
    with closing(target.platform().regulations()) as regulations:
        yield _Office(target, regulations)


# --- printing ------------------------------------------------------------------------------------------------


def _print_regulation(regulation: dict[str, Any]) -> None:
    typer.echo(
        f"{regulation['id']}  {regulation['overallStatus']}  {regulation['regulationType']}  "
        f"{counted(regulation['subjects'], 'user')}  asked for {regulation['createdAt']} by {regulation['author']}"
    )
    for system in regulation["systems"]:
        typer.echo(f"    {system['at']}  {system['system']}: {system['status']}: {system['detail']}")


def _plain(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain
