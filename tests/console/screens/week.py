"""The week before the pictures: who changed what, which tool failed when, and how many came by."""

import math
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from . import workspace
from .life import KEYS, USUALLY_WRONG
from .people import MAYA
from .shop import ADA, EDVIN, PRIYA, VERA, Shop

BEGAN: Final = timedelta(days=7)

BUSIEST_HOUR: Final = 19
A_DAY: Final = 240 * 24
"""Calls of an ordinary one."""
LIVE_PER_S: Final = 1.5
"""While a sale is on, and pictures are taken."""
SALE: Final = timedelta(hours=3)

A_STEP_AT_LEAST: Final = timedelta(minutes=1)
"""What is left when the week is over: time goes on while it settles."""

COARSE: Final = int(os.environ.get("SCREENS_COARSE", "1"))


class Happening(NamedTuple):
    before: timedelta
    does: Callable[[Shop], object]


def days(count: float) -> timedelta:
    return timedelta(days=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def opens(shop: Shop) -> None:
    shop.platform.has_admin(ADA)
    shop.joins(EDVIN, "editor", "Edvin Nordahl")
    shop.joins(PRIYA, "editor", "Priya Raman")
    shop.joins(VERA, "viewer", "Vera Okafor")
    shop.has_token("terraform", "editor", None)
    shop.has_token("grafana", "viewer", 90)
    shop.has_token("dbt nightly", "viewer", 365)


def puts(who: str, kind: str, name: str, item: dict[str, object], note: str) -> Callable[[Shop], object]:
    return lambda shop: shop.teammate(who).asks("PUT", f"/{kind}/{name}", item, note)


def email_is_added(shop: Shop) -> None:
    shop.teammate(EDVIN).asks(
        "PUT", "/destinations/email", workspace.email(shop.tools), "Braze for the newsletter team"
    )


def support_is_added(shop: Shop) -> None:
    shop.teammate(EDVIN).asks("PUT", "/destinations/support", workspace.support(shop.tools), "Agents see orders")


def storefront_gets_a_plan(shop: Shop) -> None:
    priya = shop.teammate(PRIYA)
    priya.asks("PUT", "/tracking-plans/storefront", workspace.STOREFRONT, "From what we have observed")
    for source, kind in (("website", "javascript"), ("app", "mobile")):
        item = {"name": source, "type": kind, "write_key": KEYS[source], "tracking_plan": "storefront"}
        priya.asks("PUT", f"/sources/{source}", item)


def releases(shop: Shop, wrong: float) -> None:
    shop.life.wrong = wrong


def bad_change(shop: Shop) -> None:
    item = workspace.crm(shop.tools, {"title": "Too much", "if": 'type = "track"', "action": "drop"})
    shop.teammate(EDVIN).asks("PUT", "/destinations/crm", item, "Less noise for sales")


def rolled_back(shop: Shop) -> None:
    newest = shop.platform.ask("GET", "/workspace/versions")["data"][0]["version"]
    shop.teammate(ADA).asks("POST", f"/workspace/versions/{newest - 1}/rollback")


def maya_looks_around(shop: Shop) -> None:
    """In the app, as nobody; she only leaves the address of her work for the newsletter."""
    maya = shop.life.people[MAYA]
    phone = maya.device("app-work")
    for name in ("Home", "Search", "Product"):
        shop.says("app", "screen", anonymousId=phone, name=name)
    traits = {"email": "maya@fjell-guides.example", "newsletter": True}
    shop.says("app", "identify", anonymousId=phone, traits=traits)


def maya_orders(shop: Shop) -> None:
    """With an account, on the website."""
    maya = shop.life.people[MAYA]
    laptop = maya.device("website")
    for name in ("Home", "Tents"):
        shop.says("website", "page", anonymousId=laptop, name=name, properties={"path": f"/{name.lower()}"})
    traits = {"name": maya.name, "email": maya.email, "country": maya.country, "city": maya.city, "plan": "pro"}
    shop.says("website", "identify", anonymousId=laptop, userId=maya.user_id, traits=traits)
    shop.sends_one(shop.life.order(shop.clock.now, maya))


def maya_is_one(shop: Shop) -> None:
    """She signs in with the address of her work, and two profiles are one."""
    maya = shop.life.people[MAYA]
    traits = {"email": "maya@fjell-guides.example", "phone": "+4755512345"}
    shop.says("app", "identify", anonymousId=maya.device("app"), userId=maya.user_id, traits=traits)
    company = {"name": "Fjell Guides", "industry": "Tourism", "employees": 42}
    shop.says("backend", "group", userId=maya.user_id, groupId="fjell-guides", traits=company)


def tablet(shop: Shop) -> None:
    """The one in the store, with which everybody signs in."""
    for visitor in shop.life.people[100:114]:
        shop.says(
            "app",
            "identify",
            anonymousId="tablet-store-berlin",
            userId=visitor.user_id,
            traits={"store": "Berlin"},
        )


def nobody_sends(shop: Shop) -> None:
    for event in ("Newsletter Opened", "Newsletter Clicked"):
        shop.says("backend", "track", event=event, properties={"campaign": "autumn"})


def asks_for_privacy(kind: str, *people: int) -> Callable[[Shop], object]:
    def ask(shop: Shop) -> None:
        subjects = [shop.life.people[number].user_id for number in people]
        shop.teammate(ADA).asks("POST", "/regulations", {"regulationType": kind, "subjectIds": subjects})

    return ask


def replays(who: str, **wanted: object) -> Callable[[Shop], object]:
    return lambda shop: shop.teammate(who).asks("POST", "/replays", wanted)


def letters_are_tried_again(shop: Shop) -> None:
    shop.teammate(PRIYA).asks(
        "POST", "/dead-letters/replay", {"filter": {"stage": "govern", "reason": "unplanned"}}
    )


def answers(tool: str, status: int) -> Callable[[Shop], object]:
    def change(shop: Shop) -> None:
        shop.tools[tool].status = status

    return change


def is_slow(shop: Shop) -> None:
    shop.tools["email"].latency_s = 0.4


def crm_gets_picky(shop: Shop) -> None:
    shop.tools["crm"].refuses = b"Nagano"


def sale_begins(shop: Shop) -> None:
    shop.life.coupon = "AUTUMN"
    item = {
        "key": "sale_buyers",
        "name": "Buyers of the sale",
        "where": {"event": "Order Completed", "where": 'properties.coupon = "AUTUMN"', "within": "1d"},
        "destinations": [{"name": "ads", "send": ["track"], "ids": {"user_id": "all"}}],
    }
    shop.teammate(PRIYA).asks("PUT", "/audiences/sale_buyers", item, "For the lookalikes of the autumn sale")


def flag(name: str, percentage: float, *tiers: str) -> Callable[[Shop], object]:
    item = {"name": name, "percentage": percentage, "tiers": list(tiers)}
    return puts(EDVIN, "flags", name, item, "")


HAPPENINGS: Final = (
    Happening(BEGAN, opens),
    Happening(days(6.9), email_is_added),
    Happening(days(6.6), maya_looks_around),
    Happening(days(6.2), puts(PRIYA, "traits", "favourite_category", workspace.FAVOURITE, "For the newsletter")),
    Happening(
        days(6.1), puts(PRIYA, "audiences", "cart_abandoners", workspace.ABANDONERS, "Reminder after an hour")
    ),
    Happening(days(5.6), maya_orders),
    Happening(days(5.5), storefront_gets_a_plan),
    Happening(days(5.2), puts(PRIYA, "audiences", "club_germany", workspace.GERMANY, "")),
    Happening(days(5.1), support_is_added),
    Happening(days(4.9), tablet),
    Happening(days(4.5), maya_is_one),
    Happening(days(4.2), puts(EDVIN, "transformations", "old%20order%20event", workspace.LOWER, "App before 4.0")),
    Happening(days(4.0), puts(PRIYA, "audiences", "lapsing", workspace.LAPSING, "Winback, tried for two weeks")),
    Happening(days(3.8), asks_for_privacy("SUPPRESS_ONLY", 301)),
    Happening(days(3.4), puts(PRIYA, "audiences", "outfitted_teams", workspace.TEAMS, "")),
    Happening(days(3.1), lambda shop: releases(shop, 0.3)),
    Happening(
        days(2.6), puts(EDVIN, "tracking-plans", "commerce", workspace.STRICTER, "Totals as text broke the books")
    ),
    Happening(days(2.4), lambda shop: releases(shop, USUALLY_WRONG)),
    Happening(days(2.3), letters_are_tried_again),
    Happening(
        days(2.2), puts(EDVIN, "transformations", "no%20e-mail%20for%20analytics", workspace.HASHED, "GDPR review")
    ),
    Happening(days(2.0), asks_for_privacy("SUPPRESS_WITH_DELETE", 302)),
    Happening(days(1.9), puts(PRIYA, "traits", "average_order", workspace.AVERAGE, "")),
    Happening(days(1.6), bad_change),
    Happening(days(1.58), rolled_back),
    Happening(hours(30), answers("bookkeeping", 503)),
    Happening(hours(27), answers("bookkeeping", 200)),
    Happening(hours(26), replays(EDVIN, to="bookkeeping", events=["Order Completed"], since="3d")),
    Happening(
        hours(24), puts(PRIYA, "tracking-plans", "commerce", workspace.LARGER, "Gift cards start on Monday")
    ),
    Happening(hours(23), flag("dedupe_sync", 10, "business")),
    Happening(hours(22), flag("shadow_sync", 50)),
    Happening(hours(21), asks_for_privacy("DELETE_INTERNAL", 303)),
    Happening(hours(20), crm_gets_picky),
    Happening(hours(18), lambda shop: shop.asks_by_token("dbt nightly", "/sources")),
    Happening(hours(8), is_slow),
    Happening(hours(7), answers("bookkeeping", 503)),
    Happening(hours(5.2), answers("bookkeeping", 200)),
    Happening(hours(5), lambda shop: shop.invites("jonas@shop.example", "viewer", "Jonas Falk")),
    Happening(SALE, sale_begins),
    Happening(hours(1.2), puts(EDVIN, "sources", "kiosk", workspace.KIOSK, "The till in the new store")),
    Happening(hours(1.1), lambda shop: shop.asks_by_token("grafana", "/overview")),
    Happening(minutes(50), answers("support", 503)),
    Happening(minutes(40), nobody_sends),
    Happening(minutes(9), replays(PRIYA, to="crm", events=["Product Added"], since="24h", per_s=2)),
    Happening(minutes(6), asks_for_privacy("SUPPRESS_ONLY", 304, 305)),
)


def lives_through(shop: Shop) -> None:
    """The week, until now, which is later than when it was begun."""
    began = datetime.now(UTC) - BEGAN
    left = list(HAPPENINGS)
    before = at = began
    while (now := datetime.now(UTC)) - at > A_STEP_AT_LEAST:
        at = min(at + COARSE * _step(now - at), now)
        shop.clock.wind(at)
        shop.sends(shop.life.goes_on(before, at, _count(before, at, now)))
        while left and began + BEGAN - left[0].before <= at:
            left.pop(0).does(shop)
        shop.settles()
        before = at
    shop.clock.arrive()


def _step(left: timedelta) -> timedelta:
    """As fine as charts are."""
    return hours(1) if left > days(1) else minutes(15) if left > hours(1) else minutes(1)


def _count(since: datetime, until: datetime, now: datetime) -> int:
    """How many calls are made."""
    middle = since + (until - since) / 2
    per_s = (
        A_DAY / 86_400 * (1 + 0.75 * math.cos((middle.hour + middle.minute / 60 - BUSIEST_HOUR) / 24 * math.tau))
    )
    if now - middle < days(1):
        per_s *= 1.6
    if now - middle < SALE:
        per_s += (LIVE_PER_S - per_s) * (1 - (now - middle) / SALE)
    return round(per_s * (until - since).total_seconds())
