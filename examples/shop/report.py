"""What became of the story: read back through the system's own commands, and checked against what was sent."""

import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from platform_process import Platform, Series
from receiver import Inbox
from rich.console import Console
from rich.table import Table
from story import Broken, Story

BY_TYPE = """
select type, count(*) as events, count(*) - count(distinct message_id) as repeated
from events group by type order by type
"""
PEOPLE = """
select count(distinct anonymous_id) as visitors,
       count(distinct user_id) filter (type = 'identify') as signed_up,
       count(distinct user_id) filter (event = 'Order Completed') as buyers,
       count(distinct group_id) as companies,
       count(distinct message_id) as message_ids
from events
"""
REVENUE = (
    "select count(*) as orders, sum((body->>'$.properties.total')::decimal(12, 2)) as revenue "
    "from events where event = 'Order Completed'"
)
COUNTRIES = """
select count(*) filter (length(body->>'$.traits.country') = 2) as codes, count(*) as people
from events where type = 'identify'
"""
PRODUCTS = """
select product->>'$.name' as name, sum((product->>'$.quantity')::int) as sold
from (select unnest(from_json(body->'$.properties.products', '["json"]')) as product
      from events where event = 'Order Completed')
group by name order by sold desc, name limit 3
"""


class Sent(NamedTuple):
    story: Story
    broken: Sequence[tuple[Broken, int]]
    """With the status each was answered with."""
    failures: list[str]
    """What the SDK reported."""
    took_s: float

    @property
    def by_sdk(self) -> int:
        return len(self.story.calls) + len(self.story.duplicates)

    @property
    def message_ids(self) -> set[str]:
        """Those that must be in the lake."""
        return self.story.message_ids | {name for case, _ in self.broken for name in case.accepted}

    @property
    def stored(self) -> int:
        """Events that collection must have made durable: all of the SDK, and what was broken only inside."""
        return self.by_sdk + sum(case.discarded + len(case.accepted) for case, _ in self.broken)


@dataclass
class Facts:
    sent: Sent
    requests: Counter[str]
    """Outcome → requests, as collection counted them."""
    collected: int
    """Events that were made durable and answered 200."""
    outcomes: Series
    """(source, outcome) → events, as the pipeline counted them."""
    deliveries: Series
    """(destination, result) → events, as delivery counted them."""
    types: list[dict[str, Any]]
    people: dict[str, int]
    revenue: dict[str, Any]
    countries: dict[str, int]
    products: list[dict[str, Any]]
    dead_letters: list[dict[str, Any]]
    status: dict[str, Any]
    crm: Inbox
    mail: Inbox

    @property
    def accepted(self) -> int:
        return sum(count for (_, outcome), count in self.outcomes.items() if outcome == "accepted")

    @property
    def duplicates(self) -> int:
        return sum(count for (_, outcome), count in self.outcomes.items() if outcome == "duplicate")

    @property
    def discarded(self) -> int:
        return sum(count for (_, outcome), count in self.outcomes.items()) - self.accepted - self.duplicates

    @property
    def in_lake(self) -> int:
        return sum(row["events"] for row in self.types)

    @property
    def repeated(self) -> int:
        return sum(row["repeated"] for row in self.types)

    @property
    def reasons(self) -> Counter[str]:
        return Counter(letter["reason"] for letter in self.dead_letters)


# --- reading --------------------------------------------------------------------------------------------------


def read_back(platform: Platform, sent: Sent, crm: Inbox, mail: Inbox, *, settle_s_max: float) -> Facts:
    """Everything the report tells, once it has arrived everywhere, or when the time is over."""
    deadline = time.monotonic() + settle_s_max
    outcomes = _processed(platform, sent.stored, deadline)
    accepted = {source: count for (source, outcome), count in outcomes.items() if outcome == "accepted"}
    crm.wait_for(sum(accepted.values()), deadline - time.monotonic())
    mail.wait_for(accepted.get("backend", 0), deadline - time.monotonic())
    types = platform.sql(BY_TYPE)
    while sum(row["events"] for row in types) < sum(accepted.values()) and time.monotonic() < deadline:
        types = platform.sql(BY_TYPE)
    requests: Counter[str] = Counter()
    for (outcome,), count in platform.counters("headwater_collect_requests_total", "outcome").items():
        requests[outcome] += count
    return Facts(
        sent=sent,
        requests=requests,
        collected=sum(platform.counters("headwater_collect_events_total").values()),
        outcomes=outcomes,
        deliveries=platform.counters("headwater_delivery_events_total", "destination", "result"),
        types=types,
        people=platform.sql(PEOPLE)[0],
        revenue=platform.sql(REVENUE)[0],
        countries=platform.sql(COUNTRIES)[0],
        products=platform.sql(PRODUCTS),
        dead_letters=platform.dead_letters(),
        status=platform.status(),
        crm=crm,
        mail=mail,
    )


def _processed(platform: Platform, events: int, deadline: float) -> Series:
    while True:
        outcomes = platform.counters("headwater_events_total", "source", "outcome")
        if sum(outcomes.values()) >= events or time.monotonic() > deadline:
            return outcomes
        time.sleep(0.1)


# --- checking -------------------------------------------------------------------------------------------------


class Check(NamedTuple):
    claim: str
    holds: bool
    seen: str


def checks(facts: Facts) -> Iterator[Check]:
    """What must be true, whatever the numbers are."""
    sent, story = facts.sent, facts.sent.story
    yield Check("every call of the SDK was answered 200", not sent.failures, "; ".join(sent.failures[:3]))
    surprises = [f"{case.what}: {status}" for case, status in sent.broken if status != case.status]
    yield Check("every broken request got the answer it should", not surprises, "; ".join(surprises))
    yield _equal("events sent = events answered", sent.stored, facts.collected)
    parts = facts.accepted + facts.duplicates + facts.discarded
    yield _equal("answered = accepted + duplicates + discarded", facts.collected, parts)
    yield _equal("every event that was sent twice was dropped once", len(story.duplicates), facts.duplicates)
    yield _equal("none is in the lake twice", 0, facts.repeated)
    yield _equal("accepted = in the lake", facts.accepted, facts.in_lake)
    yield _equal("no event is missing in the lake", len(sent.message_ids), facts.people["message_ids"])
    expected = Counter({case.outcome: case.discarded for case, _ in sent.broken if case.discarded})
    yield _equal("every discarded event is a dead letter with its reason", expected, facts.reasons)
    yield _equal("orders in the lake = orders made", story.orders, facts.revenue["orders"])
    revenue_cents = round(100 * (facts.revenue["revenue"] or 0))
    yield _equal("revenue by SQL = revenue of the story, in cents", story.revenue_cents, revenue_cents)
    yield _equal("every country code was written out before the lake", 0, facts.countries["codes"])
    backend = facts.outcomes.get(("backend", "accepted"), 0)
    # At least: a delivery whose answer gets lost is made again.
    yield _at_least("everything accepted reached crm-hook, signature valid", facts.accepted, facts.crm.accepted)
    yield _equal("no event is missing at crm-hook", facts.people["message_ids"], len(facts.crm.received))
    yield _at_least("everything from the backend reached mail-hook", backend, facts.mail.accepted)
    again = sum(facts.mail.received[message_id] > 0 for message_id in facts.mail.refused)
    yield _equal("everything mail-hook refused once came again", len(facts.mail.refused), again)
    yield _equal("no forged signature", 0, facts.crm.forged + facts.mail.forged)
    reasons = [reason for role in facts.status["roles"].values() for reason in role["reasons"]]
    yield Check("every role is ready", facts.status["ready"], "; ".join(reasons))


def _equal(claim: str, left: object, right: object) -> Check:
    return Check(claim, left == right, f"{left} ≠ {right}" if left != right else "")


def _at_least(claim: str, left: int, right: int) -> Check:
    return Check(claim, right >= left, f"{right} < {left}" if right < left else "")


# --- printing -------------------------------------------------------------------------------------------------


def print_report(console: Console, facts: Facts) -> bool:
    """Whether everything adds up."""
    sent = facts.sent
    _title(console, f"What was sent, in {sent.took_s:.1f} s, and where it is now")
    _print_types(console, facts)
    _print_duplicates(console, facts)
    _title(console, "Who and how much, by SQL over the lake")
    people = facts.people
    console.print(
        f"  {people['visitors']:,} visitors, {people['signed_up']:,} signed up, {people['buyers']:,} bought; "
        f"{people['companies']:,} companies"
    )
    console.print(f"  {facts.revenue['orders']:,} orders, {facts.revenue['revenue'] or 0:,.2f} EUR revenue")
    best = ", ".join(f"{row['name']} ({row['sold']})" for row in facts.products)
    console.print(f"  sold most: {best}")
    console.print("  Which visitor became which customer is not worked out yet: that comes in a later version.")
    _title(console, "What was broken, and what became of it")
    _print_broken(console, facts)
    _title(console, "What the shop's tools received")
    _print_deliveries(console, facts)
    _title(console, "Does it add up?")
    results = list(checks(facts))
    for check in results:
        mark = "[green]✓[/]" if check.holds else "[bold red]✗[/]"
        console.print(f"  {mark} {check.claim}{f': [bold red]{check.seen}[/]' if check.seen else ''}")
    return all(check.holds for check in results)


def _title(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/]")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for column in columns:
        table.add_column(column.lstrip("<"), justify="left" if column.startswith("<") else "right")
    return table


def _print_types(console: Console, facts: Facts) -> None:
    made = facts.sent.story.by_type()
    stored = {row["type"]: row for row in facts.types}
    table = _table("<type", "by the SDK", "in the lake", "received by crm-hook")
    received = facts.crm.by_type
    for type_ in sorted(made | stored):
        in_lake = stored.get(type_, {}).get("events", 0)
        table.add_row("", type_, f"{made[type_]:,}", f"{in_lake:,}", f"{received[type_]:,}")
    table.add_row(
        "", "together", f"{made.total():,}", f"{facts.in_lake:,}", f"{facts.crm.accepted:,}", style="bold"
    )
    console.print(table)
    good = sum(len(case.accepted) for case, _ in facts.sent.broken)
    console.print(f"  {good} more in the lake were posted by hand, in a batch with a broken one.")


def _print_duplicates(console: Console, facts: Facts) -> None:
    sent = len(facts.sent.story.duplicates)
    console.print(
        f"  {sent} events were sent twice, with the same messageId: {facts.duplicates} duplicates were dropped."
    )


def _print_broken(console: Console, facts: Facts) -> None:
    table = _table("<request", "<answer", "<what became of it")
    for case, status in facts.sent.broken:
        if case.discarded:
            fate = f"dead letter ({facts.reasons[case.outcome]}): {case.outcome}"
            fate += f", {len(case.accepted)} accepted" if case.accepted else ""
        else:
            fate = f"not stored, counted ({facts.requests[case.outcome]}): {case.outcome}"
        table.add_row("", case.what, str(status), fate)
    console.print(table)


def _print_deliveries(console: Console, facts: Facts) -> None:
    table = _table("<tool", "delivered", "valid signature", "first answered 503", "came again")
    for name, inbox in (("crm-hook", facts.crm), ("mail-hook", facts.mail)):
        again = sum(inbox.received[message_id] > 0 for message_id in inbox.refused)
        # Retries that worked are among the delivered ones, too.
        delivered = facts.deliveries.get((name, "delivered"), 0)
        table.add_row("", name, f"{delivered:,}", f"{inbox.accepted:,}", f"{len(inbox.refused):,}", f"{again:,}")
    console.print(table)
    for channel, sender in (("server", "one event per request"), ("client", "batches of the SDK")):
        latencies = facts.crm.latencies_s.get(channel, [])
        if len(latencies) > 1:
            cuts = statistics.quantiles(latencies, n=100)
            shown = ", ".join(f"p{q} {cuts[q - 1] * 1000:.0f} ms" for q in (50, 95, 99))
            console.print(f"  From POST to webhook, {sender}: {shown}")


def print_commands(console: Console, platform: Platform, story: Story, write_key: str, *, running: bool) -> None:
    """How to look further, to copy and paste."""
    headwater, data = _shown(Path(sys.executable).with_name("headwater")), _shown(platform.data)
    _title(console, "Look further")
    recent = "select timestamp, type, event, user_id from events order by received_at desc limit 20"
    commands = [
        f'{headwater} sql --data {data} "{recent}"',
        f'{headwater} sql --data {data} "{REVENUE}"',
        f"{headwater} dead-letters --data {data}",
        f"{headwater} violations commerce --data {data}",
        f"{headwater} schema backend --data {data}",
        f"{headwater} explain {story.duplicates[0].arguments['message_id']} --data {data}",
    ]
    if running:
        event = """{"userId": "ann", "event": "Order Completed", "properties": {"total": 42}}"""
        commands += [
            f"{headwater} status --data {data}",
            f"curl {platform.url}/v1/track -u {write_key}: -H 'Content-Type: application/json' -d '{event}'",
        ]
    for command in commands:
        console.print(f"  {command}", markup=False, soft_wrap=True)


def _shown(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
