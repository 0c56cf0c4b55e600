"""What the receipts say: how delivery to each tool went, how one that was closed came back, and a replay."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checking import Check, at_least, equal
from platform_process import Platform
from printing import columns
from receiver import Inbox
from rich.console import Console
from story import Story

if TYPE_CHECKING:
    from report import Tools

TOOLS = ("crm-hook", "mail-hook", "ads-hook", "books-hook", "new-hook")


@dataclass
class Delivery:
    receipts: dict[str, dict[str, Any]]
    """Tool → what its receipts come to."""
    counted: int
    """Events that the replay said it would send ..."""
    replay: dict[str, Any]
    """... and how it went."""


def read_delivery(platform: Platform, new: Inbox, deadline: float) -> Delivery:
    """Replay the orders to the tool that came late, and read everybody's receipts once nothing is pending."""
    left_s = deadline - time.monotonic()
    counted, replay = platform.replay("--event", "Order Completed", to="new-hook", timeout_s=left_s)
    new.wait_for(counted, deadline - time.monotonic())
    receipts = {name: platform.delivery(name) for name in TOOLS}
    while any(report["pending"] for report in receipts.values()) and time.monotonic() < deadline:
        receipts = {name: platform.delivery(name) for name in TOOLS}
    return Delivery(receipts, counted, replay)


def delivery_checks(delivery: Delivery, story: Story, tools: "Tools", *, accepted: int) -> Iterator[Check]:
    receipts, books = delivery.receipts, tools.books
    failed = {name: report["failed"] for name, report in receipts.items() if report["failed"]}
    yield equal("a receipt for each event at crm-hook", accepted, receipts["crm-hook"]["delivered"])
    yield equal("nothing was given up", {}, failed)
    yield equal("every order is in the books, closed as they were", story.orders, len(books.lines))
    total_cents = sum(round(100 * line["total"]) for line in books.lines.values())
    yield equal("and with its total, as the mapping made it", story.revenue_cents, total_cents)
    yield at_least("the receipts know that the books were closed", 1, receipts["books-hook"]["retrying"])
    yield equal("the replay counted every order before it sent any", story.orders, delivery.counted)
    yield equal("new-hook has every order of the replay, once", story.orders, tools.new.accepted)


def print_delivery(console: Console, delivery: Delivery, tools: "Tools") -> None:
    table = columns("<tool", "delivered", "not for it", "tries that failed", "given up", "p50", "p95")
    for name, report in delivery.receipts.items():
        counts = (f"{report[key]:,}" for key in ("delivered", "filtered", "retrying", "failed"))
        table.add_row("", name, *counts, f"{report['p50_ms']} ms", f"{report['p95_ms']} ms")
    console.print(table)
    books = tools.books
    took_s = books.last_s - (books.opened_s or 0.0)
    console.print(
        f"  books-hook was closed all week, and said so {books.refused:,} times. "
        f"{took_s:.1f} s after it had opened it had all {len(books.lines):,} orders."
    )
    last = next(reversed(books.lines.values()), {})
    console.print(f"  Its mapping makes of an order: {last}", markup=False)
    counted, sent = delivery.counted, delivery.replay["sent"]
    console.print(f"  new-hook came late: a replay counted {counted:,} orders in the lake and sent {sent:,}.")
