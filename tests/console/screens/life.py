"""What visitors do: they look around on the website and in the app, some sign in, some buy, and now and then what
is sent about it is wrong.
"""

import random
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from .people import COMPANIES, Visitor, everybody

KEYS: Final = {"website": "wk_shop_website", "app": "wk_shop_app", "backend": "wk_shop_backend"}


class Product(NamedTuple):
    product_id: str
    name: str
    category: str
    price: float


PRODUCTS: Final = (
    Product("tent-2p", "Two-person tent", "Tents", 249.0),
    Product("boots-hike", "Hiking boots", "Footwear", 139.5),
    Product("stove-gas", "Camping stove", "Kitchen", 44.95),
    Product("lamp-head", "Head lamp", "Lights", 39.0),
    Product("mug-enamel", "Enamel mug", "Kitchen", 14.5),
    Product("socks-wool", "Wool socks", "Footwear", 11.9),
    Product("pack-40", "Backpack 40 l", "Packs", 119.0),
    Product("bag-down", "Down sleeping bag", "Tents", 329.0),
)
CATEGORIES: Final = ("Tents", "Footwear", "Kitchen", "Lights", "Packs", "Sale")
SCREENS: Final = ("Home", "Search", "Product", "Basket", "Orders")
CAMPAIGNS: Final = (
    {},
    {},
    {},
    {"source": "newsletter", "medium": "email", "name": "autumn"},
    {"source": "search"},
)

BROWSER: Final = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15"

USUALLY_WRONG: Final = 0.03
"""The share of orders that break their plan; products break theirs less often."""


class Said(NamedTuple):
    """One call of an SDK."""

    at: datetime
    source: str
    message: dict[str, Any]


class Life:
    """Of the whole shop, seeded."""

    def __init__(self) -> None:
        self.people = everybody()
        self.wrong = USUALLY_WRONG
        self.coupon = ""
        """That everybody has at the moment."""
        self._dice = random.Random(7)
        self._orders = 4_100
        self._later: list[Said] = []

    def goes_on(self, since: datetime, until: datetime, count: int) -> list[Said]:
        """Who comes makes about so many calls. Those of this time, also of who came before, in order."""
        begun: list[Said] = []
        while len(begun) < count:
            begun += self._session(since + (until - since) * self._dice.random())
        said = sorted(self._later + begun, key=lambda each: each.at)
        now = bisect_right(said, until, key=lambda each: each.at)
        self._later = said[now:]
        return said[:now]

    def _session(self, at: datetime) -> Iterator[Said]:
        dice = self._dice
        visitor = self.people[int(len(self.people) * dice.random() ** 1.7)]  # some come often, some once
        source = "website" if dice.random() < 0.68 else "app"
        is_known = dice.random() < 0.65
        yield from self._looks_around(at, visitor, source, is_known=is_known)
        at += timedelta(seconds=dice.uniform(40, 200))
        if is_known and dice.random() < 0.34:
            yield self._traits(at, visitor, source)
        if is_known and dice.random() < 0.4:
            yield from self._buys(at + timedelta(seconds=dice.uniform(5, 60)), visitor, source)
        if dice.random() < 0.008:
            yield Said(at, "website", {"type": "track", "event": "Newsletter Signup", "properties": {}})

    def _looks_around(self, at: datetime, visitor: Visitor, source: str, *, is_known: bool) -> Iterator[Said]:
        dice = self._dice
        for _ in range(dice.randint(1, 4)):
            at += timedelta(seconds=dice.uniform(3, 40))
            if source == "app":
                yield self._say(at, visitor, source, is_known, "screen", name=dice.choice(SCREENS))
            else:
                category = dice.choice(CATEGORIES)
                path = f"/{category.lower()}"
                properties = {"path": path, "title": category, "url": f"https://shop.example{path}"}
                yield self._say(at, visitor, source, is_known, "page", name=category, properties=properties)
            if dice.random() < 0.5:
                at += timedelta(seconds=2)
                product = self._product()
                yield self._say(at, visitor, source, is_known, "track", event="Product Viewed", properties=product)
        if is_known and dice.random() < 0.4:
            properties = self._product() | {"quantity": dice.choice((1, 1, 2))}
            yield self._say(at, visitor, source, is_known, "track", event="Product Added", properties=properties)

    def _traits(self, at: datetime, visitor: Visitor, source: str) -> Said:
        traits = {"name": visitor.name, "email": visitor.email, "country": visitor.country, "city": visitor.city}
        return self._say(at, visitor, source, True, "identify", traits=traits | {"plan": visitor.plan})

    def _buys(self, at: datetime, visitor: Visitor, source: str) -> Iterator[Said]:
        dice = self._dice
        yield self._say(at, visitor, source, True, "track", event="Checkout Started", properties=self._product())
        at += timedelta(seconds=dice.uniform(10, 50))
        yield self.order(at, visitor)
        if dice.random() < 0.07:
            at += timedelta(minutes=dice.uniform(2, 8))
            properties = {"order_id": f"o-{self._orders}", "reason": dice.choice(("too small", "arrived late"))}
            yield self._say(at, visitor, "backend", True, "track", event="Order Refunded", properties=properties)
        if visitor.company and dice.random() < 0.5:
            name, industry, employees = COMPANIES[visitor.company]
            traits = {"name": name, "industry": industry, "employees": employees}
            yield self._say(at, visitor, "backend", True, "group", groupId=visitor.company, traits=traits)

    def order(self, at: datetime, visitor: Visitor) -> Said:
        dice = self._dice
        self._orders += 1
        lines = [
            product._asdict() | {"quantity": dice.choice((1, 1, 2))}
            for product in dice.sample(PRODUCTS, dice.choice((1, 1, 2, 3)))
        ]
        total = round(sum(line["price"] * line["quantity"] for line in lines), 2)
        ordered = {"order_id": f"o-{self._orders}", "total": total, "currency": "EUR", "products": lines}
        properties = ordered | ({"coupon": self.coupon} if self.coupon else {})
        event = "Order Completed"
        if dice.random() < self.wrong:
            event = self._goes_wrong(properties)
        return self._say(at, visitor, "backend", True, "track", event=event, properties=properties)

    def _goes_wrong(self, properties: dict[str, Any]) -> str:
        """The event's name; what is wrong is in the properties, or is the name."""
        match self._dice.choice(("total", "total", "order_id", "currency", "name", "name", "unplanned")):
            case "total":
                properties["total"] = f"{properties['total']} EUR"
            case "order_id":
                del properties["order_id"]
            case "currency":
                properties["currency"] = "euro"
            case "name":
                return "order_completed"
            case "unplanned":
                return "Gift Wrapped"
        return "Order Completed"

    def _product(self) -> dict[str, Any]:
        product = self._dice.choice(PRODUCTS)._asdict() | {"currency": "EUR"}
        if self._dice.random() < USUALLY_WRONG / 4:
            product["price"] = f"{product['price']} €"
        return product

    def _say(self, at: datetime, visitor: Visitor, source: str, is_known: bool, call: str, **said: Any) -> Said:
        ids: dict[str, Any] = {} if source == "backend" else {"anonymousId": visitor.device(source)}
        if is_known:
            ids["userId"] = visitor.user_id
        return Said(at, source, {"type": call, **ids, **said, "context": self._context(visitor, source)})

    def _context(self, visitor: Visitor, source: str) -> dict[str, Any]:
        if source == "backend":
            return {"library": {"name": "analytics-python", "version": "2.3.4"}}
        whereabouts = {"locale": visitor.locale, "location": {"country": visitor.country, "city": visitor.city}}
        if source == "app":
            app = {"app": {"name": "Shop", "version": "4.2.0"}, "os": {"name": "iOS", "version": "18.1"}}
            library = {"library": {"name": "analytics-swift", "version": "1.7.1"}}
            return whereabouts | library | app | {"device": {"type": "ios", "model": "iPhone16,1"}}
        campaign = self._dice.choice(CAMPAIGNS)
        library = {"library": {"name": "analytics.js", "version": "2.11.1"}, "userAgent": BROWSER}
        return whereabouts | library | ({"campaign": campaign} if campaign else {})


def as_sent(said: Said, message_id: str) -> dict[str, Any]:
    """As it stands in a batch."""
    timestamp = said.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**said.message, "messageId": message_id, "timestamp": timestamp}
