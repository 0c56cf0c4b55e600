"""`headwater unmerge`, `quarantine` and `duplicates`: what is wrong about who is who, and how it is put right."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote

import msgspec
import typer

from headwater.cli.noting import note
from headwater.cli.profile import check_space
from headwater.cli.target import DataOption, Local, Remote, current_workspace, find_target, local_data
from headwater.cli.terminal import counted, print_json, printable
from headwater.errors import AbsentError, NotFoundError

Result = TypeVar("Result")

JSON: Final = "application/json"

JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    for command in (unmerge, quarantine, duplicates):
        app.command()(command)


def unmerge(
    space: Annotated[str, typer.Argument(metavar="SPACE", help="The name of the workspace.")],
    who: Annotated[
        str, typer.Argument(metavar="TYPE:VALUE", help="An external id, as in user_id:u1, or a segment id.")
    ],
    data: DataOption = None,
    *,
    event: Annotated[
        str | None,
        typer.Option("--event", help="The message id of the event that made them one.", show_default=False),
    ] = None,
    other: Annotated[
        str | None, typer.Option("--other", help="The segment id that was merged away.", show_default=False)
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would become of them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> None:
    """Put apart two profiles that an event has made one. `headwater profile SPACE TYPE:VALUE --why` names it."""
    wanted = {"message_id": event, "other": other}
    with _desk(data) as desk:
        check_space(space, desk.space())
        found = desk.unmerge(who, wanted | {"dry_run": True})
        if json:
            print_json(found)
        else:
            _show_unmerge(found)
        if preview:
            return
        if not yes and sys.stdin.isatty():
            typer.confirm("These ids will never tie profiles together again. Go on?", abort=True)
        desk.unmerge(who, wanted | {"dry_run": False})
    if not json:
        typer.echo("it is put apart as soon as the pipeline comes to it: within milliseconds when it runs")


def quarantine(
    data: DataOption = None,
    *,
    release: Annotated[
        str | None,
        typer.Option("--release", metavar="TYPE:VALUE", help="Let this id count again.", show_default=False),
    ] = None,
    collection: Annotated[str, typer.Option("--collection", help="With --release: users or accounts.")] = "users",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    json: JsonOption = False,
) -> None:
    """External ids that tie nothing together any more, because they came with too many different people."""
    if collection not in {"users", "accounts"}:
        raise typer.BadParameter("must be users or accounts", param_hint="--collection")
    with _desk(data) as desk:
        if release is not None:
            type_, colon, value = release.partition(":")
            if not (type_ and colon and value):
                raise typer.BadParameter("must be TYPE:VALUE, as in anonymous_id:a1", param_hint="--release")
            desk.release({"collection": collection, "type": type_, "value": value})
            typer.echo(f"{printable(release)} counts again, for events to come")
            return
        found, more = desk.quarantined(limit)
    if json:
        print_json(found)
        return
    for each in found:
        typer.echo(printable(f"{each['type']}:{each['value']}  ({each['collection']}) since {each['since']}"))
        typer.echo(printable(f"    {each['reason']}"))
        typer.echo(f"    owner {each['owner'] or 'nobody'}; refused at {', '.join(each['refused_at'])}")
    if not found:
        typer.echo("nothing is in quarantine")
    elif more:
        typer.echo(f"headwater: only the first {limit:,} are shown", err=True)


def duplicates(
    data: DataOption = None,
    *,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            help="With commas: email, phone, name_birthday, refused, or keys of traits. Default: the first four.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many pairs.")] = 50,
    json: JsonOption = False,
) -> None:
    """Pairs of profiles that may be one person, the likeliest first, with the reasons."""
    with _desk(data) as desk:
        found = desk.duplicates(by, limit)
    if json:
        print_json(found)
        return
    for pair in found["data"]:
        typer.echo(f"{pair['score']:.2f}  {_likely(pair['one'])}  and  {_likely(pair['other'])}")
        for reason in pair["reasons"]:
            typer.echo(f"      {printable(reason)}")
    if not found["data"]:
        typer.echo("no likely duplicates")
    if not found["complete"]:
        typer.echo("headwater: more values are shared than are held at once; pairs may be missing", err=True)


# --- printing ---------------------------------------------------------------------------------------------------


def _show_unmerge(found: dict[str, Any]) -> None:
    typer.echo(
        printable(
            f"{found['profile']} and {found['other']} were made one at {found['merged_at']} "
            f"by event {found['message_id']}"
        )
    )
    typer.echo(printable(f"  never together again: {_ids(found['ids'])} and {_ids(found['other_ids'])}"))
    if found["sides"] is None:
        typer.echo("  it has too many events to show what becomes of it")
    for side in found["sides"] or []:
        typer.echo(f"{side['segment_id']}  {counted(side['events_count'], 'event')}")
        typer.echo(printable(f"  external ids: {_ids(side['external_ids'])}"))
        if side["traits"]:
            shown = (f"{key}={msgspec.json.encode(value).decode()}" for key, value in side["traits"].items())
            typer.echo(printable(f"  traits: {', '.join(shown)}"))
        if side["audiences"]:
            typer.echo(f"  audiences: {', '.join(side['audiences'])}")


def _ids(ids: list[Any]) -> str:
    return ", ".join(f"{each['type']}:{each['value']}" for each in ids) or "no id"


def _likely(profile: dict[str, Any]) -> str:
    return printable(f"{profile['segment_id']} ({_ids(profile['external_ids'])})")


# --- here or there ----------------------------------------------------------------------------------------------


class _OverHttp:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def space(self) -> str:
        return str(self._remote.get("/workspace")["workspace"]["workspace"])

    def unmerge(self, who: str, wanted: dict[str, Any]) -> dict[str, Any]:
        return self._send(f"/profiles/{quote(who, safe='')}/unmerge", wanted)

    def release(self, body: dict[str, str]) -> None:
        self._send("/identities/release", body)

    def quarantined(self, limit: int) -> tuple[list[Any], bool]:
        return _collected(lambda cursor: self._remote.get("/identities/quarantine", cursor=cursor), limit)

    def duplicates(self, by: str | None, limit: int) -> dict[str, Any]:
        found: dict[str, Any] = self._remote.get("/identities/duplicates", by=by, limit=limit)
        return found

    def _send(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._remote.send("POST", path, msgspec.json.encode(body), JSON)
        return answer


class _InFolder:
    """Whether or not a platform runs on it."""

    def __init__(self, target: Local) -> None:
        local_data(target)
        self._target = target

    def space(self) -> str:
        return current_workspace(self._target).workspace

    def unmerge(self, who: str, wanted: dict[str, Any]) -> dict[str, Any]:
        from headwater.aggregation.decisions import Unmerge
        from headwater.serve.instants import now_ms
        from headwater.serve.unify.identities import append
        from headwater.serve.unify.unmerging import Wanted, look

        platform = self._target.platform()
        with closing(platform.config()) as config:
            version = config.current()
        assert version is not None, "its name was asked for before"
        asked = msgspec.convert(wanted, Wanted)
        if not (self._target.data / "state").exists():
            raise NotFoundError(f"there is no profile {who!r}: no pipeline has run in {self._target.data} yet")
        with closing(platform.state_view()) as state:
            found = look(state, version.workspace, version.number, who, asked, at_ms=now_ms())
        if not asked.dry_run:
            with closing(platform.collected()) as collected:
                append(collected, Unmerge(found.profile, found.message_id, found.other))
            note(platform, "unmerge_profile")
        shown: dict[str, Any] = msgspec.to_builtins(found)
        return shown

    def release(self, body: dict[str, str]) -> None:
        from headwater.aggregation.decisions import Release
        from headwater.serve.unify.identities import release

        with closing(self._target.platform().collected()) as collected:
            self._look(lambda state: release(state, collected, Release(**body)))
        note(self._target.platform(), "release_identity")

    def quarantined(self, limit: int) -> tuple[list[Any], bool]:
        from headwater.serve.unify.identities import quarantined

        def work(state: Any) -> tuple[list[Any], bool]:
            return _collected(
                lambda cursor: msgspec.to_builtins(quarantined(state, limit=limit, cursor=cursor)), limit
            )

        return self._look(work)

    def duplicates(self, by: str | None, limit: int) -> dict[str, Any]:
        from headwater.serve.unify.identities import LikelyPairs, checked_signs, likely

        signs = checked_signs(by)
        nobody = LikelyPairs([], complete=True)
        found: dict[str, Any] = msgspec.to_builtins(
            self._look(lambda state: likely(state, signs, limit=limit) if state is not None else nobody)
        )
        return found

    def _look(self, work: Callable[[Any], Result]) -> Result:
        """The result of looking at the state, None when no pipeline has run yet."""
        try:
            state = self._target.platform().state_view()
        except AbsentError:
            return work(None)
        with closing(state):
            return work(state)


@contextmanager
def _desk(data: Path | None) -> Iterator[_OverHttp | _InFolder]:
    target = find_target(data)
    yield _OverHttp(target) if isinstance(target, Remote) else _InFolder(target)


def _collected(get: Callable[[str | None], Any], limit: int) -> tuple[list[Any], bool]:
    """Page after page, and whether there are more than the limit."""
    found: list[Any] = []
    cursor = None
    while True:
        page = get(cursor)
        found += page["data"]
        cursor = page["next"]
        if cursor is None or len(found) > limit:
            return found[:limit], len(found) > limit or cursor is not None
