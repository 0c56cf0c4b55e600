"""`headwater explain`: what became of a message, for the person who is asked."""

from contextlib import ExitStack, closing
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
import typer

from headwater.cli.target import DataOption, Local, Remote, find_target, local_data
from headwater.cli.terminal import print_json, printable, printable_lines

VALUE_CHARS_MAX: Final = 80
"""Of a value in the list of changes; `--json` has it whole."""


def register(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    message_id: Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="The sender's `messageId`.")],
    data: DataOption = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tell the path of an event: received, what each stage did and why, where it went."""
    target = find_target(data)
    if isinstance(target, Remote):
        found = target.get(f"/events/{quote(message_id, safe='')}/trace")
    else:
        found = _locally(target, message_id)
    if json:
        print_json(found)
    else:
        _show(found)


def _locally(target: Local, message_id: str) -> Any:
    from headwater.config.workspace import Workspace
    from headwater.serve.observe.explain import explain as told

    has_state = (local_data(target) / "state").exists()  # else no pipeline has run yet
    platform = target.platform()
    with ExitStack() as stack:
        config = stack.enter_context(closing(platform.config()))
        current = config.current()
        explanation = told(
            message_id,
            platform.state_view if has_state else None,
            stack.enter_context(closing(platform.outbound())),
            platform.lake(),
            collected=stack.enter_context(closing(platform.collected())),
            jobs=stack.enter_context(closing(platform.jobs())),
            receipts=stack.enter_context(closing(platform.receipts())),
            workspace=current.workspace if current else Workspace(workspace=""),
        )
    return msgspec.to_builtins(explanation)


def _show(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)

    def say(*parts: tuple[str, str]) -> None:
        # Text: data is not markup.
        console.print(Text.assemble(*((printable_lines(text), style) for text, style in parts)))

    journeys = found["journeys"]
    times = f", arrived {len(journeys)} times" if len(journeys) > 1 else ""
    say(("message ", ""), (found["message_id"], "bold"), (times, ""))
    for journey in journeys:
        end = journey["ended"]
        console.print()
        say((end, "bold green" if end == "accepted" else "bold yellow"), (f"  record {journey['id']}", "dim"))
        say(("  1  received    ", ""), (f"{journey['received_at']} from {journey['source'] or '-'}", ""))
        for number, step in enumerate(journey["steps"], 2):
            text = f"{number:>3}  {step['stage']:<11} "
            outcome = (step["outcome"], "dim" if step["quiet"] else "")
            say((text, ""), outcome, (_details(step["detail"]), "dim"))
        number = len(journey["steps"]) + 2
        for line in journey["deliveries"]:
            style = "red" if line["status"] == "dead_letter" else ""
            say((f"{number:>3}  delivery    {line['destination']}: ", ""), (_delivery(line), style))
            number += 1
        if journey["dead_letter"]:
            hint = f"headwater dead-letters show {journey['dead_letter']}"
            say(("     a dead letter; look at it, mend it, try it again: ", ""), (hint, "cyan"))
        _show_changes(journey, say)
    console.print()
    say(("looked in: " + "; ".join(found["looked"]), "dim"))


def _show_changes(journey: dict[str, Any], say: Any) -> None:
    if journey["ended"] != "accepted":
        return
    if journey["received"] is None:
        say(("     how it was received is no longer in the log", "dim"))
    elif journey["changes"]:
        say(("     changed on the way, as received → as accepted", "dim"))
    for change in journey["changes"]:
        before, after = _value(change, "before"), _value(change, "after")
        say((f"       {change['path']}  ", ""), (before, "red"), (" → ", "dim"), (after, "green"))


def _details(detail: dict[str, Any]) -> str:
    shown = []
    for name, value in detail.items():
        text = _instant(value) if name == "at_ms" and isinstance(value, int) else _text(value)
        shown.append(f"{'at' if name == 'at_ms' else name.replace('_', ' ')} {text}")
    return "".join(f"\n                   {each}" for each in shown)


def _delivery(line: dict[str, Any]) -> str:
    from headwater.delivery.trace import DeliveryLine, sentence

    known = msgspec.convert(line, DeliveryLine)
    when = f", {'due' if known.status == 'retrying' else 'at'} {_instant(known.at_ms)}" if known.at_ms else ""
    letter = f"; headwater dead-letters show {known.dead_letter}" if known.dead_letter else ""
    receipt = f"; headwater receipts show {known.receipt}" if known.receipt else ""
    return sentence(known) + when + letter + receipt


def _instant(unix_ms: int) -> str:
    from headwater.processing.timestamps import render

    return render(unix_ms)


def _value(change: dict[str, Any], name: str) -> str:
    return _text(change[name]) if name in change else "nothing"


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return printable(text if len(text) <= VALUE_CHARS_MAX else text[: VALUE_CHARS_MAX - 1] + "…")
