"""What `headwater up` tells the person who started it."""

from contextlib import closing

from headwater.config.workspace import Source, Workspace
from headwater.operations.options import Options
from headwater.profiles.embedded import embedded


def welcome(options: Options, *, is_first: bool) -> str:
    """Where things are and what to do next. The token itself is shown at the first start only: output is kept
    in places that secrets should not be in.
    """
    with closing(embedded(options.data).config()) as store:
        version = store.current()
    assert version is not None, "`prepare` stores a workspace before any role starts"
    return render(options, version.workspace, token=options.token_path.read_text().strip() if is_first else "")


def render(options: Options, workspace: Workspace, *, token: str) -> str:
    collect = address(options.host, options.collect_port)
    private = address(options.private_host, options.serve_port)
    source = _example(workspace)
    lines = [
        "",
        f"  Headwater is running: workspace {workspace.workspace}, data in {options.data}",
        "",
        f"  Events go to       {collect}",
        f"  Console and API    {private}",
        f"  Admin token        {token or f'in {options.token_path}'}",
    ]
    if token:
        # Behind the #: browsers send it to nobody, so no log has it.
        lines += ["", "  Make yourself its first admin", f"    {private}/setup#token={token}"]
    if workspace.sources:
        width = max(len(s.name) for s in workspace.sources)
        lines += ["", "  Sources and their write keys"]
        lines += [f"    {s.name:<{width}}  {s.write_key}" for s in workspace.sources]
    if source is not None:
        lines += [
            "",
            "  Send a first event",
            f"    curl {collect}/v1/track -u {source.write_key}: -H 'Content-Type: application/json' \\",
            """      -d '{"userId": "ann", "event": "Order Completed", "properties": {"total": 42}}'""",
        ]
    data = "" if str(options.data) == "headwater-data" else f" --data {options.data}"
    lines += [
        "",
        "  Then",
        f"    headwater sql{data} 'select received_at, type, event, user_id from events'",  # noqa: S608
        f"    headwater status{data}",
        f"    headwater export{data} > workspace.yaml      # edit it, then: headwater apply{data} workspace.yaml",
        "",
        "  Ctrl-C stops it; nothing that was answered 200 is lost.",
        "",
    ]
    return "\n".join(lines) + "\n"


def _example(workspace: Workspace) -> Source | None:
    """A source for the example call, a server's if there is one: that is what curl is like."""
    enabled = [source for source in workspace.sources if source.enabled and not source.oauth_clients]
    return next((source for source in enabled if not source.type.is_client_side), next(iter(enabled), None))


def address(host: str, port: int) -> str:
    """Where somebody on this machine finds what listens there."""
    return f"http://{_reachable(host)}:{port}"


def _reachable(host: str) -> str:
    """A host to connect to, for one to listen on."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host
