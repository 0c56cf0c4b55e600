"""`make demo`: a small shop on this machine, through the real Segment Python SDK, on the real platform.

    1. start `headwater up` and the tools that receive its webhooks
    2. let a week of the shop happen, with duplicates and with requests that are broken
    3. read back what became of all that, and check that the numbers add up
    4. keep running until Ctrl-C; with --once, stop

Exit code 0: everything adds up. 1: it does not, and the report says what.
"""

import argparse
import io
import itertools
import logging
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platform_process import HOST, DemoError, Platform, choose_port
from receiver import Books, Inbox, Receiver
from report import Sent, Tools, print_commands, print_report, read_back
from rich.console import Console
from segment.analytics.client import Client
from story import Broken, Call, Story, broken, tell

HERE = Path(__file__).resolve().parent
FOLDERS = HERE.parents[1] / ".demo-data"
SEED = 7
CALLS_PER_S = 400
"""A brisk shop. A laptop takes far more, but so the delivery times are not those of a traffic jam."""

SETTLE_S_MAX = 30
HOOK_PORT = 9999
"""In workspace.yaml."""

WRITE_KEYS = {"website": "wk_shop_website", "app": "wk_shop_app", "backend": "wk_shop_backend"}


def main() -> int:
    parser = argparse.ArgumentParser(description="A small shop on this machine.")
    parser.add_argument("--once", action="store_true", help="stop after the report")
    parser.add_argument("--folder", type=Path, help="for the data; default: the next .demo-data/<n>")
    options = parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without check marks still shows the numbers
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
    # A proxy to the outer world has no part in what happens on this machine.
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = f"{HOST},localhost"
    logging.getLogger("segment").setLevel(logging.CRITICAL)  # what failed is in the report
    # All of them as Ctrl-C, which itself is not heard by what a shell began in the background.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        return run(console, options.folder or fresh_folder(), once=options.once)
    except DemoError as error:
        console.print(f"\nThe demo failed: {error}", style="bold red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped before the report.")
        return 130


def run(console: Console, folder: Path, *, once: bool) -> int:
    with ExitStack() as open_things:
        crm, mail, ads, new = (Inbox(f"s3cret-{name}") for name in ("crm", "mail", "ads", "new"))
        mail.is_moody = True
        tools = Tools(crm, mail, ads, Books("s3cret-books"), new)
        paths = {"/crm": crm, "/mail": mail, "/ads": ads, "/books": tools.books, "/new": new}
        receiver = Receiver(choose_port(HOOK_PORT), paths)
        open_things.callback(receiver.close)
        platform = start(console, folder, receiver.port)
        open_things.callback(platform.stop)  # before the receiver closes: what is under way is still delivered
        sent = play(console, platform.url)
        tools.books.open()
        facts = read_back(platform, sent, tools, settle_s_max=SETTLE_S_MAX)
        adds_up = print_report(console, facts)
        print_commands(console, platform, facts.sent.story, WRITE_KEYS["backend"], running=not once)
        if not once:
            watch(console, platform, tools)
        code = platform.stop()
        console.print(f"\nStopped; `headwater up` ended with exit code {code}.")
        console.print(f"The data stays in {shown(platform.data)}", soft_wrap=True)
        return 0 if adds_up and code == 0 else 1


def start(console: Console, folder: Path, hook_port: int) -> Platform:
    started = time.monotonic()
    text = (HERE / "workspace.yaml").read_text()
    workspace = folder / "workspace.yaml"
    workspace.write_text(text.replace(f":{HOOK_PORT}/", f":{hook_port}/"))
    collect_port = choose_port(8080)
    serve_port = choose_port(8090, taken=[collect_port])
    for wanted, port in ((8080, collect_port), (8090, serve_port), (HOOK_PORT, hook_port)):
        if port != wanted:
            console.print(f"Port {wanted} is taken, using {port} instead.")
    console.print(f"Starting Headwater on {shown(folder / 'data')} …", soft_wrap=True)
    platform = Platform(folder, workspace, collect_port=collect_port, serve_port=serve_port)
    try:
        platform.wait_until_ready()
    except BaseException:
        platform.stop()
        raise
    console.print(
        f"Ready after {time.monotonic() - started:.1f} s: events to {platform.url}, API {platform.private_url}"
    )
    return platform


def fresh_folder() -> Path:
    """`.demo-data/<n>`: every run starts with an empty platform, and the ones before can still be looked at."""
    FOLDERS.mkdir(exist_ok=True)
    for number in itertools.count(1):
        folder = FOLDERS / str(number)
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise AssertionError("there is always another number")


# --- the shop -------------------------------------------------------------------------------------------------


def play(console: Console, url: str) -> Sent:
    """A week of the shop in a few seconds."""
    story = tell(SEED, datetime.now(UTC))
    console.print(f"A week of the shop: {len(story.calls):,} calls of the Segment Python SDK …")
    started = time.monotonic()
    failures: list[str] = []
    call_sdk(story, url, failures)
    statuses = [(case, post(url, case)) for case in broken(WRITE_KEYS["backend"])]
    return Sent(story, statuses, failures, time.monotonic() - started)


def call_sdk(story: Story, url: str, failures: list[str]) -> None:
    """Website and app send in batches, as SDKs do; the backend sends every event at once and waits."""

    def failed(error: Exception, _batch: object) -> None:
        failures.append(repr(error))

    clients = {
        source: Client(key, host=url, on_error=failed, sync_mode=source == "backend", max_retries=3)
        for source, key in WRITE_KEYS.items()
    }
    try:
        began = time.monotonic()
        for number, call in enumerate(story.calls):
            time.sleep(max(0.0, began + number / CALLS_PER_S - time.monotonic()))
            make(clients[call.source], call, failures)
        for call in story.duplicates:
            make(clients[call.source], call, failures)
    finally:
        for client in clients.values():
            if client.consumers:  # the one in sync mode has no queue, and the SDK stumbles over that
                client.shutdown()  # returns when the queue is sent


def make(client: Client, call: Call, failures: list[str]) -> None:
    try:
        accepted, _ = getattr(client, call.method)(**call.arguments)
    except Exception as error:  # whatever the SDK raises belongs into the report
        failures.append(repr(error))
        return
    if not accepted:
        failures.append(f"the SDK's queue refused {call.arguments['message_id']}")


def post(url: str, case: Broken) -> int:
    """The status that a broken request is answered with."""
    request = urllib.request.Request(url + case.path, case.body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code


# --- afterwards -----------------------------------------------------------------------------------------------


def watch(console: Console, platform: Platform, tools: Tools) -> None:
    """Show what crm-hook and ads-hook receive, until Ctrl-C."""

    def posted(event: dict[str, Any], latency_s: float) -> None:
        what = " ".join(str(event[key]) for key in ("type", "event", "userId", "anonymousId") if event.get(key))
        console.print(f"crm-hook got {what}, {latency_s * 1000:.0f} ms after it was posted", markup=False)

    def told(event: dict[str, Any], latency_s: float) -> None:
        what = f"{event['event']}: {event['properties']['audience_key']} {event['userId']}"
        console.print(f"ads-hook got {what}, {latency_s * 1000:.0f} ms after it was so", markup=False)

    tools.crm.arrived, tools.ads.arrived = posted, told
    console.print(
        "\nHeadwater is running. What crm-hook and ads-hook receive is shown here. Ctrl-C stops everything."
    )
    try:
        code = platform.wait()
    except KeyboardInterrupt:
        return
    raise DemoError(f"`headwater up` ended by itself with exit code {code}:\n{platform.log_end()}")


def shown(path: Path) -> str:
    """As short as it can be typed from here."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main())
