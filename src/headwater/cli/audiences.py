"""`headwater audiences`: who is in them, as a file, and what one would come to; definitions in either notation."""

import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import msgspec
import typer

from headwater.cli.audience_source import PAGE, audience_source
from headwater.cli.target import DataOption
from headwater.cli.terminal import counted, print_json, printable
from headwater.errors import InputError

SIZES_SHOWN: Final = 24
"""Of the history of an audience's size; `--json` has all of it."""

TREE: Final = re.compile(r"\s*(?:#|-|\{|[\w\"']+\s*:)")
"""How a text begins that is a tree; a query begins with a function, a parenthesis or NOT."""

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="As the list shows it.")]
CollectionOption = Annotated[
    str | None,
    typer.Option("--collection", help="users or accounts. Default: whichever has it.", show_default=False),
]
TraitsOption = Annotated[
    str | None, typer.Option("--traits", help="Keys of traits, with commas in between.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
FileArgument = Annotated[
    str | None, typer.Argument(metavar="FILE", help="A definition, YAML or JSON; `-`: standard input.")
]
QueryOption = Annotated[
    str | None, typer.Option("--query", help="The definition in Segment's query language.", show_default=False)
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(invoke_without_command=True, help="Who belongs where: audiences and their members.")
    group.callback()(audiences)
    for command in (show, members, export, preview, translate):
        group.command()(command)
    app.add_typer(group, name="audiences")


def audiences(context: typer.Context, *, data: DataOption = None, json: JsonOption = False) -> None:
    """Every audience with its size, and whether everybody has been computed. Without a command: the list."""
    if context.invoked_subcommand is not None:
        if json or data:
            raise typer.BadParameter(f"options belong after `{context.invoked_subcommand}`")
        return
    with audience_source(data) as source:
        found = source.audiences()
    if json:
        print_json(found)
        return
    for line in found:
        of = "" if line["collection"] == "users" else f" of {line['collection']}"
        typer.echo(f"{line['key']}{of}: {counted(line['size'], 'member')}, {_standing(line)}")
    if not found:
        typer.echo("no audiences")


def show(
    key: KeyArgument, data: DataOption = None, *, collection: CollectionOption = None, json: JsonOption = False
) -> None:
    """What it is, in both notations, how many are in it, and how its size went."""
    with audience_source(data) as source:
        found = source.audience(key, collection)
        sizes = source.sizes(key, collection)
    if json:
        print_json(found | {"sizes": sizes})
        return
    from headwater.config.export import as_yaml

    named = f" ({found['name']})" if found["name"] else ""
    typer.echo(f"{found['key']}{printable(named)} of {found['collection']}, version {found['version']}")
    typer.echo(f"  {counted(found['size'], 'member')}, {_standing(found)}")
    if found["destinations"]:
        typer.echo(f"  told: {', '.join(found['destinations'])}")
    typer.echo(f"query\n  {found['query']}")
    typer.echo("tree\n" + "".join(f"  {line}\n" for line in as_yaml(found["definition"]).splitlines()), nl=False)
    if sizes:
        typer.echo("size at the end of the hour, newest first")
    for point in sizes[::-1][:SIZES_SHOWN]:
        typer.echo(f"  {point['hour'][:16].replace('T', ' ')}Z  {point['size']:,}")


def members(
    key: KeyArgument,
    data: DataOption = None,
    *,
    collection: CollectionOption = None,
    traits: TraitsOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    json: JsonOption = False,
) -> None:
    """Who is in it: segment id, since when, external ids, and the traits asked for."""
    found: list[Any] = []
    with audience_source(data) as source:
        for page in source.members(key, collection, traits, min(limit + 1, PAGE)):
            found += page
            if len(found) > limit:
                typer.echo(f"headwater: only the first {limit:,} are shown", err=True)
                break
    found = found[:limit]
    if json:
        print_json(found)
        return
    for member in found:
        ids = ", ".join(f"{each['type']}:{each['value']}" for each in member["external_ids"]) or "no id"
        values = "".join(
            f"  {name}={msgspec.json.encode(value).decode()}" for name, value in member["traits"].items()
        )
        typer.echo(printable(f"{member['segment_id']}  {member['entered_at'][:19]}Z  {ids}{values}"))
    if not found:
        typer.echo("nobody")


def export(
    key: KeyArgument,
    data: DataOption = None,
    *,
    form: Annotated[str, typer.Option("--format", help="csv, parquet or ndjson.")] = "csv",
    collection: CollectionOption = None,
    traits: TraitsOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="A file. Default: standard output.", dir_okay=False)
    ] = None,
) -> None:
    """Write all members as a file."""
    from headwater.serve.compute import exports
    from headwater.serve.compute.members import Member, trait_keys

    if form not in list(exports.Format):
        raise typer.BadParameter("must be csv, parquet or ndjson", param_hint="--format")
    count = 0
    with audience_source(data) as source, ExitStack() as stack:
        found = source.audience(key, collection)
        of = found["collection"]
        columns = exports.columns(source.workspace(), of, trait_keys(traits))
        into = exports.writer(exports.Format(form), of, columns)
        pages = source.members(key, of, traits, PAGE)
        file: BinaryIO = stack.enter_context(output.open("wb")) if output else sys.stdout.buffer
        for page in pages:
            file.write(into.write(msgspec.convert(page, list[Member])))
            count += len(page)
        file.write(into.end())
    if output:
        typer.echo(f"{counted(count, 'member')} in {output}")


def preview(
    file: FileArgument = None,
    data: DataOption = None,
    *,
    query: QueryOption = None,
    collection: CollectionOption = None,
    json: JsonOption = False,
) -> None:
    """How many would be members, or have a value, before it is saved: of what is in the lake."""
    body = _definition(file, query)
    if collection:
        body = _whole(body) | {"collection": collection}
    with audience_source(data) as source:
        found = source.preview("traits" if _is_trait(body) else "audiences", body)
    if json:
        print_json(found)
        return
    typer.echo(f"{counted(found['count'], 'profile')} of {found['collection']}: {found['query']}")
    for each in found["sample"]:
        ids = ", ".join(f"{one['type']}:{one['value']}" for one in each["external_ids"]) or "no id"
        value = "" if each["value"] is True else f"  {msgspec.json.encode(each['value']).decode()}"
        typer.echo("  " + printable(f"{each['segment_id']}  {ids}{value}"))


def translate(
    file: FileArgument = "-",
    *,
    collection: Annotated[
        str, typer.Option("--collection", help="users or accounts: whom it is about.")
    ] = "users",
) -> None:
    """Print a definition in the other notation: a tree as a query, a query as a tree."""
    from headwater.config.document import read_document
    from headwater.config.export import as_yaml
    from headwater.definitions.query import parse_query, render_query
    from headwater.definitions.tree import parse_aggregate, parse_condition
    from headwater.serve.compute.definitions import tree_of

    if collection not in {"users", "accounts"}:
        raise typer.BadParameter("must be users or accounts", param_hint="--collection")
    text = _text(file or "-")
    if not TREE.match(text):
        typer.echo(as_yaml(tree_of(parse_query(text.strip(), collection=collection))), nl=False)
        return
    document = read_document(text)
    document.check()
    tree = document.data
    if isinstance(tree, dict) and "kind" in tree:
        typer.echo(render_query(parse_aggregate(tree)))
    else:
        condition = _whole(tree).get("where", tree) if isinstance(tree, dict) else tree
        typer.echo(render_query(parse_condition(condition, collection=collection)))


def _standing(line: dict[str, Any]) -> str:
    if line["status"] == "computing":
        done, total = line["profiles_done"], line["profiles_total"]
        return f"computing: {line['progress']:.0%} ({done:,} of {total:,} profiles)"
    return "live" if line["status"] == "live" else f"broken: {line['problem']}"


def _definition(file: str | None, query: str | None) -> dict[str, Any]:
    """The body that says the same to the API."""
    if (file is None) == (query is None):
        raise typer.BadParameter("give a FILE or a --query")
    text = query if query is not None else _text(file or "-")
    if query is not None or not TREE.match(text):
        return {"query": text.strip()}
    from headwater.config.document import read_document

    document = read_document(text)
    document.check()
    if not isinstance(document.data, dict):
        raise InputError("invalid_definition", "a definition is a mapping, or text in the query language")
    return document.data


def _whole(body: dict[str, Any]) -> dict[str, Any]:
    """With room for what a condition alone has no place for."""
    from headwater.serve.config.definition_edits import CONDITIONS

    return {"where": body} if "kind" not in body and CONDITIONS & body.keys() else body


def _is_trait(body: dict[str, Any]) -> bool:
    """Whether it computes a value: by its `kind`, or because nothing is compared with anything."""
    if "query" not in body:
        return "kind" in body
    from headwater.definitions import ast
    from headwater.definitions.query import QueryError, parse_query

    try:
        return isinstance(parse_query(body["query"], collection=body.get("collection", "users")), ast.Aggregate)
    except QueryError:
        return False  # told by whoever reads it to the end


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("unreadable_file", f"cannot read {file}: {error}") from None
