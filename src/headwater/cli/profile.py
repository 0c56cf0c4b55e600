"""`headwater profile`: who somebody is, what is known about them, and why they are one profile."""

from contextlib import closing
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
import typer

from headwater.cli.target import DataOption, Local, Remote, current_workspace, find_target
from headwater.cli.terminal import counted, print_json, printable
from headwater.errors import AbsentError, NotFoundError

EVENTS_SHOWN: Final = 100
"""With `--events`; `GET /api/v1/profiles` and the Profile API have all of them."""

VALUE_CHARS_MAX: Final = 100
"""Of a trait; `--json` has it whole."""

COLLECTION_HELP: Final = "users or accounts. Default: whichever has such a profile, users first."


def register(app: typer.Typer) -> None:
    app.command()(profile)


def profile(
    space: Annotated[str, typer.Argument(metavar="SPACE", help="The name of the workspace.")],
    who: Annotated[
        str, typer.Argument(metavar="TYPE:VALUE", help="An external id, as in user_id:u1, or a segment id.")
    ],
    data: DataOption = None,
    *,
    collection: Annotated[
        str | None, typer.Option("--collection", help=COLLECTION_HELP, show_default=False)
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Every decision about its external ids.")] = False,
    events: Annotated[bool, typer.Option("--events", help=f"Its newest {EVENTS_SHOWN} events.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Everything, for programs.")] = False,
) -> None:
    """Show a profile: external ids, traits, audiences, links; with --why the events that made it one profile."""
    if collection not in {None, "users", "accounts"}:
        raise typer.BadParameter("must be users or accounts", param_hint="--collection")
    wanted: dict[str, Any] = {"collection": collection, "events": EVENTS_SHOWN if events else 0}
    target = find_target(data)
    if isinstance(target, Remote):
        check_space(space, target.get("/workspace")["workspace"]["workspace"])
        found = target.get(f"/profiles/{quote(who, safe='')}", **wanted)
    else:
        found = _locally(target, space, who, **wanted)
    if json:
        print_json(found)
        return
    _show(found)
    if events:
        _show_events(found)
    if why:
        _show_decisions(found)


def _locally(target: Local, space: str, who: str, **wanted: Any) -> Any:
    from headwater.serve.unify.profiles import read_who, report

    workspace = current_workspace(target)
    check_space(space, workspace.workspace)
    read_who(who)
    try:
        with closing(target.platform().state_view()) as state:
            return msgspec.to_builtins(report(state, workspace, who, **wanted))
    except AbsentError:
        raise NotFoundError(f"there is no profile {who!r}: no pipeline has run in {target.data} yet") from None


def check_space(given: str, known: str) -> None:
    if given != known:
        raise NotFoundError(f"there is no space {given!r}: this platform has {known!r}")


def _show(found: dict[str, Any]) -> None:
    typer.echo(f"{found['segment_id']}  ({found['collection']})")
    typer.echo(
        f"  known since {_time(found['created_at'])}, last event received {_time(found['updated_at'])}, "
        f"{counted(found['events_count'], 'event')}, {counted(found['merges'], 'merge')}"
    )
    _section("external ids", [_known_id(each) for each in found["external_ids"]])
    traits = found["traits"].items()
    _section("traits", [_trait(key, each) for key, each in traits if each["kind"] == "sent"])
    _section("computed traits", [_trait(key, each) for key, each in traits if each["kind"] == "computed_trait"])
    _section("audiences", [_trait(key, each) for key, each in traits if each["kind"] == "audience"])
    _section(f"linked {'accounts' if found['collection'] == 'users' else 'users'}", map(_linked, found["links"]))
    if found["traits_not_kept"]:
        typer.echo(f"{counted(found['traits_not_kept'], 'trait')} not kept: there were enough")


def _show_events(found: dict[str, Any]) -> None:
    lines = []
    for each in found["events"]:
        event = each["event"]
        name = event.get("event") or event.get("name") or ""
        lines.append(f"{_time(each['at'])}  {event.get('type', ''):<8} {name}  from {each['source']}")
    _section("events, newest first", lines)


def _show_decisions(found: dict[str, Any]) -> None:
    """In the order of the log. A merge stands in two logs, and is told once."""
    lines = []
    for each in found["identity_log"]:
        if each["kind"] == "merged_into":
            continue
        lines += [
            f"{_time(each['at'])}  {sentence(each)}",
            f"    event {each['message_id']} from {each['source']}",
        ]
        if each["rule"]:
            lines.append(f"    rule: {each['rule']}")
    _section("why this is one profile", lines)
    if lines:
        typer.echo("`headwater explain MESSAGE_ID` tells the path of an event.")


def sentence(line: dict[str, Any]) -> str:
    """What was decided.

    >>> ids = [{"type": "email", "value": "a@x.io"}]
    >>> sentence({"kind": "attached", "profile": "use_1", "ids": ids, "other": "", "other_ids": []})
    'use_1 got email:a@x.io'
    """
    profile, other, ids = line["profile"], line["other"], _ids(line["ids"])
    match line["kind"]:
        case "created":
            return f"{profile} began with {ids}"
        case "attached":
            return f"{profile} got {ids}"
        case "merged":
            return f"{profile} and {other} became one: the event had {_ids(line['other_ids'])} of the latter" + (
                f" and {ids}" if line["ids"] else ""
            )
        case "demoted":
            return f"{ids} did not count for an event of {profile}" + (
                f"; {other} is the other side" if other else ""
            )
        case "quarantined":
            return f"{ids} ties nothing together any more"
        case "unmerged":
            return f"{profile} and {other} were put apart: {ids}" if other else f"{profile} was put apart: {ids}"
        case kind:
            return f"{kind}: {profile} {ids} {other}".rstrip()


def _ids(ids: list[Any]) -> str:
    return ", ".join(f"{each['type']}:{each['value']}" for each in ids) or "no id"


def _known_id(each: dict[str, Any]) -> str:
    return (
        f"{each['type']}:{each['value']}  since {_time(each['since'])} by {each['message_id']} of {each['source']}"
    )


def _trait(key: str, trait: dict[str, Any]) -> str:
    value = trait["value"]
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    shown = text if len(text) <= VALUE_CHARS_MAX else text[: VALUE_CHARS_MAX - 1] + "…"
    return f"{key}: {shown}  ({_time(trait['updated_at'])}{' ' + trait['source'] if trait['source'] else ''})"


def _linked(each: dict[str, Any]) -> str:
    return f"{_ids(each['external_ids'])}  ({each['segment_id']}, since {_time(each['since'])})"


def _section(title: str, lines: Any) -> None:
    """Nothing when there are no lines. Names and values are data, shown escaped."""
    for number, line in enumerate(lines):
        if not number:
            typer.echo(title)
        typer.echo("  " + printable(line))


def _time(instant: str) -> str:
    return instant[:19].replace("T", " ") + "Z"
