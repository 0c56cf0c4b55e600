"""What became of the story: read back through the system's own commands, and checked against what was sent."""

import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from checking import Check, at_least, equal
from delivery import Delivery, delivery_checks, print_delivery, read_delivery
from platform_process import Platform, Series
from printing import columns, title
from receiver import Books, Inbox
from rich.console import Console
from rich.table import Table
from story import BESIDE, FLASH, Broken, Story

BY_TYPE = """
select type, count(*) as events, count(*) - count(distinct message_id) as repeated
from events group by type order by type
"""
PEOPLE = """
select count(distinct anonymous_id) as devices,
       count(distinct user_id) filter (type = 'identify') as signed_up,
       count(distinct user_id) filter (event = 'Order Completed') as buyers,
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


BIG_SPENDER_CENTS = 30_000
"""In workspace.yaml."""
PROFILE_TOKEN = "shop_profile_api_token"
"""In workspace.yaml, too."""
PROFILE_ASKED = 10


class Tools(NamedTuple):
    """The shop's other tools."""

    crm: Inbox
    mail: Inbox
    ads: Inbox
    books: Books
    new: Inbox


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
    identity: dict[str, int]
    """What was decided about external ids → how often."""
    best: dict[str, Any]
    """What the Profile API says about the best customer ..."""
    best_s: float
    """... and how long that took, the median of a few times."""
    tools: Tools
    delivery: Delivery

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


def read_back(platform: Platform, sent: Sent, tools: Tools, *, settle_s_max: float) -> Facts:
    """Everything the report tells, once it has arrived everywhere, or when the time is over."""
    crm, mail, ads, books, _ = tools
    story = sent.story
    deadline = time.monotonic() + settle_s_max
    outcomes = _processed(platform, sent.stored, deadline)
    accepted = {source: count for (source, outcome), count in outcomes.items() if outcome == "accepted"}
    crm.wait_for(sum(accepted.values()), deadline - time.monotonic())
    mail.wait_for(accepted.get("backend", 0), deadline - time.monotonic())
    books.wait_for(story.orders, deadline - time.monotonic())
    types = platform.sql(BY_TYPE)
    while sum(row["events"] for row in types) < sum(accepted.values()) and time.monotonic() < deadline:
        types = platform.sql(BY_TYPE)
    ads.wait_for_users("buyers", set(story.spent_cents), deadline - time.monotonic(), entered=True)
    ads.wait_for_users("flash_buyers", story.flash_buyers, deadline - time.monotonic(), entered=False)
    identity = platform.counters("headwater_identity_decisions_total", "decision")
    answers = [platform.profile(f"user_id:{story.best_customer}", PROFILE_TOKEN) for _ in range(PROFILE_ASKED)]
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
        identity={decision: count for (decision,), count in identity.items()},
        best=answers[-1][0],
        best_s=statistics.median(took_s for _, took_s in answers),
        tools=tools,
        delivery=read_delivery(platform, tools.new, deadline),
    )


def _processed(platform: Platform, events: int, deadline: float) -> Series:
    while True:
        outcomes = platform.counters("headwater_events_total", "source", "outcome")
        if sum(outcomes.values()) >= events or time.monotonic() > deadline:
            return outcomes
        time.sleep(0.1)


# --- checking -------------------------------------------------------------------------------------------------


def checks(facts: Facts) -> Iterator[Check]:
    """What must be true, whatever the numbers are."""
    sent, story = facts.sent, facts.sent.story
    yield Check("every call of the SDK was answered 200", not sent.failures, "; ".join(sent.failures[:3]))
    surprises = [f"{case.what}: {status}" for case, status in sent.broken if status != case.status]
    yield Check("every broken request got the answer it should", not surprises, "; ".join(surprises))
    yield equal("events sent = events answered", sent.stored, facts.collected)
    parts = facts.accepted + facts.duplicates + facts.discarded
    yield equal("answered = accepted + duplicates + discarded", facts.collected, parts)
    yield equal("every event that was sent twice was dropped once", len(story.duplicates), facts.duplicates)
    yield equal("none is in the lake twice", 0, facts.repeated)
    yield equal("accepted = in the lake", facts.accepted, facts.in_lake)
    yield equal("no event is missing in the lake", len(sent.message_ids), facts.people["message_ids"])
    expected = Counter({case.outcome: case.discarded for case, _ in sent.broken if case.discarded})
    yield equal("discarded events = dead letters, with their reasons", expected, facts.reasons)
    yield equal("orders in the lake = orders made", story.orders, facts.revenue["orders"])
    revenue_cents = round(100 * (facts.revenue["revenue"] or 0))
    yield equal("revenue by SQL = revenue of the story, in cents", story.revenue_cents, revenue_cents)
    yield equal("every country code was written out before the lake", 0, facts.countries["codes"])
    backend = facts.outcomes.get(("backend", "accepted"), 0)
    # At least: a delivery whose answer gets lost is made again.
    crm, mail = facts.tools.crm, facts.tools.mail
    yield at_least("everything accepted reached crm-hook", facts.accepted, crm.accepted)
    yield equal("no event is missing at crm-hook", facts.people["message_ids"], len(crm.received))
    yield at_least("everything from the backend reached mail-hook", backend, mail.accepted)
    again = sum(mail.received[message_id] > 0 for message_id in mail.refused)
    yield equal("everything mail-hook refused once came again", len(mail.refused), again)
    yield equal("every signature was valid", 0, sum(tool.forged for tool in facts.tools))
    yield from people_checks(facts)
    yield from delivery_checks(facts.delivery, story, facts.tools, accepted=facts.accepted)
    reasons = [reason for role in facts.status["roles"].values() for reason in role["reasons"]]
    yield Check("every role is ready", facts.status["ready"], "; ".join(reasons))


def people_checks(facts: Facts) -> Iterator[Check]:
    story, people, ads = facts.sent.story, facts.status["people"], facts.tools.ads
    profiles = people["users"] + people["accounts"]
    begun_and_merged = facts.identity.get("created", 0) - facts.identity.get("merged", 0)
    yield equal("profiles begun - merged away = profiles", begun_and_merged, profiles)
    yield equal("a profile for each visitor, not for each device", story.people({BESIDE}), people["users"])
    yield equal("an account for each company", len(story.companies), people["accounts"])
    yield equal("everybody who bought is among the buyers", len(story.spent_cents), people["audiences"]["buyers"])
    big = sum(cents >= BIG_SPENDER_CENTS for cents in story.spent_cents.values())
    yield equal("big spenders = those of the story", big, people["audiences"]["big_spenders"])
    revenue_cents = round(100 * facts.best.get("revenue", 0))
    yield equal(
        "revenue of the best customer, by Profile API", story.spent_cents.most_common(1)[0][1], revenue_cents
    )
    yield equal("ads-hook heard of every buyer", set(story.spent_cents), ads.users_told("buyers", entered=True))
    left = ads.users_told("flash_buyers", entered=False)
    yield equal("who entered the flash sale has left it", ads.users_told("flash_buyers", entered=True), left)
    yield equal("and everybody who was in it did", story.flash_buyers, left)


# --- printing -------------------------------------------------------------------------------------------------


def print_report(console: Console, facts: Facts) -> bool:
    """Whether everything adds up."""
    sent = facts.sent
    title(console, f"What was sent, in {sent.took_s:.1f} s, and where it is now")
    _print_types(console, facts)
    _print_duplicates(console, facts)
    title(console, "Who and how much, by SQL over the lake")
    people = facts.people
    best = ", ".join(f"{row['name']} ({row['sold']})" for row in facts.products)
    console.print(
        f"  {people['devices']:,} devices, {people['signed_up']:,} signed up, {people['buyers']:,} bought: "
        f"{facts.revenue['orders']:,} orders, {facts.revenue['revenue'] or 0:,.2f} EUR revenue"
    )
    console.print(f"  sold most: {best}")
    title(console, "Who they are, and where they belong")
    _print_people(console, facts)
    title(console, "What was broken, and what became of it")
    _print_broken(console, facts)
    title(console, "What the shop's tools received")
    _print_deliveries(console, facts)
    title(console, "What the receipts say of it, how a tool came back, and what was replayed")
    print_delivery(console, facts.delivery, facts.tools)
    title(console, "Does it add up?")
    results = list(checks(facts))
    table = Table.grid(padding=(0, 2))
    for at in range(0, len(results), 2):
        table.add_row("", *map(_mark, results[at : at + 2]))
    console.print(table)
    return all(check.holds for check in results)


def _mark(check: Check) -> str:
    mark = "[green]✓[/]" if check.holds else "[bold red]✗[/]"
    return f"{mark} {check.claim}{f': [bold red]{check.seen}[/]' if check.seen else ''}"


def _print_types(console: Console, facts: Facts) -> None:
    made = facts.sent.story.by_type()
    stored = {row["type"]: row for row in facts.types}
    table = columns("<type", "by the SDK", "in the lake", "received by crm-hook")
    received = facts.tools.crm.by_type
    for type_ in sorted(made | stored):
        in_lake = stored.get(type_, {}).get("events", 0)
        table.add_row("", type_, f"{made[type_]:,}", f"{in_lake:,}", f"{received[type_]:,}")
    table.add_row(
        "", "together", f"{made.total():,}", f"{facts.in_lake:,}", f"{facts.tools.crm.accepted:,}", style="bold"
    )
    console.print(table)
    good = sum(len(case.accepted) for case, _ in facts.sent.broken)
    console.print(f"  {good} more in the lake were posted by hand, in a batch with a broken one.")


def _print_duplicates(console: Console, facts: Facts) -> None:
    sent = len(facts.sent.story.duplicates)
    console.print(
        f"  {sent} events were sent twice, with the same messageId: {facts.duplicates} duplicates were dropped."
    )


def _print_people(console: Console, facts: Facts) -> None:
    story, people, ads = facts.sent.story, facts.status["people"], facts.tools.ads
    devices, merges = facts.people["devices"], facts.identity.get("merged", 0)
    console.print(
        f"  {people['users']:,} people on {devices:,} devices, {merges:,} times two profiles became one; "
        f"{people['accounts']:,} companies"
    )
    shown = ", ".join(
        f"{key} {facts.best[key]}" for key in ("order_count", "revenue", "likes") if key in facts.best
    )
    console.print(f"  best customer: {story.best_customer}, {shown} (Profile API, {facts.best_s * 1000:.0f} ms)")
    table = columns("<audience", "members now", "entered", "left", "ads-hook knew it after")
    for key, size in people["audiences"].items():
        entered, left = (ads.users_told(key, entered=entered) for entered in (True, False))
        late = statistics.median([each.late_s for each in ads.told if each.audience == key] or [0.0])
        table.add_row("", key, f"{size:,}", f"{len(entered):,}", f"{len(left):,}", f"{late * 1000:.0f} ms")
    console.print(table)
    console.print(
        "  Those of the flash sale left five seconds after their order, by themselves: nothing happened then."
    )


def _print_broken(console: Console, facts: Facts) -> None:
    table = columns("<request", "<answer", "<what became of it")
    for case, status in facts.sent.broken:
        if case.discarded:
            fate = f"dead letter ({facts.reasons[case.outcome]}): {case.outcome}"
            fate += f", {len(case.accepted)} accepted" if case.accepted else ""
        else:
            fate = f"not stored, counted ({facts.requests[case.outcome]}): {case.outcome}"
        table.add_row("", case.what, str(status), fate)
    console.print(table)


def _print_deliveries(console: Console, facts: Facts) -> None:
    table = columns("<tool", "delivered", "valid signature", "first answered 503", "came again")
    tools = facts.tools
    for name, inbox in (("crm-hook", tools.crm), ("mail-hook", tools.mail), ("ads-hook", tools.ads)):
        again = sum(inbox.received[message_id] > 0 for message_id in inbox.refused)
        # Retries that worked are among the delivered ones, too.
        delivered = facts.deliveries.get((name, "delivered"), 0)
        table.add_row("", name, f"{delivered:,}", f"{inbox.accepted:,}", f"{len(inbox.refused):,}", f"{again:,}")
    console.print(table)
    for channel, sender in (("server", "one event per request"), ("client", "batches of the SDK")):
        latencies = facts.tools.crm.latencies_s.get(channel, [])
        if len(latencies) > 1:
            cuts = statistics.quantiles(latencies, n=100)
            shown = ", ".join(f"p{q} {cuts[q - 1] * 1000:.0f} ms" for q in (50, 95, 99))
            console.print(f"  From POST to webhook, {sender}: {shown}")


def print_commands(console: Console, platform: Platform, story: Story, write_key: str, *, running: bool) -> None:
    """How to look further, to copy and paste."""
    headwater, data = _shown(Path(sys.executable).with_name("headwater")), _shown(platform.data)
    title(console, "Look further")
    order = next(c for c in story.calls if c.arguments.get("event") == "Order Completed").arguments["message_id"]
    recent = "select timestamp, type, event, user_id from events order by received_at desc limit 20"
    commands = [
        f'{headwater} sql --data {data} "{recent}"',
        f'{headwater} sql --data {data} "{REVENUE}"',
        f"{headwater} profile shop user_id:{story.returned[0]} --why --data {data}",
        f"{headwater} audiences members big_spenders --traits revenue --data {data}",
        f"{headwater} receipts list --destination books-hook --status delivered --limit 5 --data {data}",
        f"{headwater} destinations preview books-hook --message-id {order} --data {data}",
        f"{headwater} replay list --data {data}",
        f"{headwater} dead-letters --data {data}",
        f"{headwater} violations commerce --data {data}",
        f"{headwater} schema backend --data {data}",
        f"{headwater} explain {story.duplicates[0].arguments['message_id']} --data {data}",
    ]
    if running:
        order = {"order_id": "order-1", "total": 42, "coupon": FLASH}
        event = json.dumps({"userId": "ann", "event": "Order Completed", "properties": order})
        commands += [
            f"{headwater} status --data {data}",
            f"curl {platform.url}/v1/track -u {write_key}: -H 'Content-Type: application/json' -d '{event}'",
        ]
    for command in commands:
        console.print(f"  {command}", markup=False, soft_wrap=True)
    if running:
        title(console, "Look around in a browser")
        token = (platform.data / "admin-token").read_text().strip()
        console.print(f"  {platform.private_url}/setup#token={token}", markup=False, soft_wrap=True)
        console.print("  makes you the admin of this demo, and leads to everything above without a command")


def _shown(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
