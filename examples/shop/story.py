"""What happens in the shop: a seeded week of visitors, sign-ups and orders, as calls of a Segment SDK, and at its
end a flash sale.

The same seed tells the same story, so that every number in the report can be compared with what was really sent.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

VISITORS: Final = 170
DUPLICATES: Final = 25
FLASH_ORDERS: Final = 8
FLASH: Final = "FLASH"
WEEK: Final = timedelta(days=7)

PRODUCTS: Final = (
    ("mug", "Enamel mug", 1450),
    ("lamp", "Desk lamp", 5900),
    ("tent", "Two-person tent", 24900),
    ("boots", "Hiking boots", 13950),
    ("stove", "Camping stove", 4495),
    ("socks", "Wool socks", 1190),
)
"""Id, name, price in cents."""

FIRST_NAMES: Final = ("Ada", "Ben", "Cleo", "Dag", "Eva", "Finn", "Gwen", "Hugo", "Iris", "Jon", "Kaia", "Luc")
COUNTRIES: Final = ("US", "DE", "FR", "NO", "JP")
COMPANIES: Final = ("Fjell Guides", "Peak Rentals", "Trailhead Supply")
SCREENS: Final = ("Home", "Search", "Product", "Basket")
PAGES: Final = ("Home", "Tents", "Footwear", "Kitchen", "Sale")


class Call(NamedTuple):
    """One call of the SDK: `client.<method>(**arguments)` with the client of `source`."""

    source: str
    method: str
    arguments: dict[str, Any]


@dataclass
class Story:
    calls: list[Call] = field(default_factory=list)
    """In order of time."""
    duplicates: list[Call] = field(default_factory=list)
    """Calls that are made again with the same messageId, as an SDK does when an answer got lost."""
    orders: int = 0
    devices: int = 0
    """What visitors have looked around with."""
    customers: set[str] = field(default_factory=set)
    spent_cents: Counter[str] = field(default_factory=Counter)
    """By customer, of those who have bought something."""
    returned: list[str] = field(default_factory=list)
    """Customers who came back on another device."""
    flash_buyers: set[str] = field(default_factory=set)
    companies: set[str] = field(default_factory=set)

    @property
    def revenue_cents(self) -> int:
        return self.spent_cents.total()

    @property
    def best_customer(self) -> str:
        return max(sorted(self.spent_cents), key=self.spent_cents.__getitem__)

    def people(self, beside: set[str]) -> int:
        """How many there are, whatever they used, with the users of events that were sent beside the story."""
        return VISITORS + len(beside - self.customers)

    @property
    def message_ids(self) -> set[str]:
        return {call.arguments["message_id"] for call in self.calls}

    def by_type(self) -> Counter[str]:
        """How many calls of each type are made, duplicates included."""
        return Counter(call.method for call in (*self.calls, *self.duplicates))


def tell(seed: int, now: datetime) -> Story:
    """The week before `now`."""
    teller = _Teller(random.Random(seed), now)
    for number in range(VISITORS):
        teller.visitor(number)
    story = teller.story
    story.calls.sort(key=lambda call: call.arguments["timestamp"])
    teller.flash_sale()
    story.duplicates = teller.rng.sample([call for call in story.calls if call.source == "website"], DUPLICATES)
    return story


class _Teller:
    def __init__(self, rng: random.Random, now: datetime) -> None:
        self.rng = rng
        self.story = Story()
        self._now = now
        self._at = now

    def visitor(self, number: int) -> None:
        """Somebody looks around; some sign up, some of those buy, a few of them for a company."""
        anonymous = {"anonymous_id": f"anon-{number:03}"}
        self._at = self._now - WEEK * self.rng.uniform(0.05, 1)
        source = "app" if self.rng.random() < 0.25 else "website"
        self._look_around(source, anonymous)
        self.story.devices += 1
        if self.rng.random() > 0.45:
            return
        user_id = f"cust-{number:03}"
        self.story.customers.add(user_id)
        self._sign_up(source, user_id, anonymous["anonymous_id"])
        if self.rng.random() < 0.4:
            self._come_back("app" if source == "website" else "website", user_id, f"anon-{number:03}-b")
        for _ in range(self.rng.choice((0, 1, 1, 2, 3))):
            self._look_around(source, anonymous | {"user_id": user_id})
            self._order(user_id)
        if self.rng.random() < 0.15:
            company = self.rng.choice(COMPANIES)
            group_id = company.lower().replace(" ", "-")
            self._say("backend", "group", user_id=user_id, group_id=group_id, traits={"name": company})
            self.story.companies.add(group_id)

    def flash_sale(self) -> None:
        """Orders that happen when they are sent: these calls have no time of their own."""
        for user_id in self.rng.sample(sorted(self.story.customers), FLASH_ORDERS):
            self.story.flash_buyers.add(user_id)
            self._order(user_id, coupon=FLASH)
            del self.story.calls[-1].arguments["timestamp"]

    def _look_around(self, source: str, ids: dict[str, str]) -> None:
        for _ in range(self.rng.randint(2, 6)):
            if source == "app":
                self._say(source, "screen", **ids, name=self.rng.choice(SCREENS))
            else:
                name = self.rng.choice(PAGES)
                self._say(source, "page", **ids, name=name, properties={"path": f"/{name.lower()}"})
            if self.rng.random() < 0.5:
                product, name, cents = self.rng.choice(PRODUCTS)
                shown = {"product_id": product, "name": name, "price": cents / 100}
                self._say(source, "track", **ids, event="Product Viewed", properties=shown)

    def _sign_up(self, source: str, user_id: str, anonymous_id: str) -> None:
        name = self.rng.choice(FIRST_NAMES)
        traits = {"name": name, "email": f"{user_id}@example.com", "country": self.rng.choice(COUNTRIES)}
        ids = {"user_id": user_id, "anonymous_id": anonymous_id}
        self._say(source, "identify", **ids, traits=traits)
        self._say(source, "track", **ids, event="Signed Up", properties={"plan": "free"})
        self._say("backend", "alias", previous_id=anonymous_id, user_id=user_id)

    def _come_back(self, source: str, user_id: str, anonymous_id: str) -> None:
        """On another device: a stranger, until they sign in there."""
        self.story.devices += 1
        self.story.returned.append(user_id)
        self._look_around(source, {"anonymous_id": anonymous_id})
        self._say(source, "identify", user_id=user_id, anonymous_id=anonymous_id, traits={"devices": 2})

    def _order(self, user_id: str, **more: str) -> None:
        basket = self.rng.sample(PRODUCTS, self.rng.randint(1, 3))
        lines = [(product, name, cents, self.rng.randint(1, 2)) for product, name, cents in basket]
        total_cents = sum(cents * quantity for _, _, cents, quantity in lines)
        self.story.orders += 1
        self.story.spent_cents[user_id] += total_cents
        properties = {
            "order_id": f"order-{self.story.orders:04}",
            "total": total_cents / 100,
            "currency": "EUR",
            "products": [
                {"product_id": product, "name": name, "price": cents / 100, "quantity": quantity}
                for product, name, cents, quantity in lines
            ],
            **more,
        }
        self._say("backend", "track", user_id=user_id, event="Order Completed", properties=properties)

    def _say(self, source: str, method: str, **arguments: Any) -> None:
        self._at = min(self._at + timedelta(seconds=self.rng.uniform(2, 90)), self._now)
        message_id = f"demo-{self.rng.getrandbits(64):016x}"
        self.story.calls.append(
            Call(source, method, arguments | {"timestamp": self._at, "message_id": message_id})
        )


BESIDE: Final = "cust-000"
"""Whose good events are posted beside a bad one."""


class Broken(NamedTuple):
    """A request that no SDK would make: posted as it stands."""

    what: str
    path: str
    body: bytes
    status: int
    """What it must be answered with."""
    outcome: str
    """What must become of the bad event: a discard reason, or the outcome that collection counts."""
    discarded: int = 0
    """Dead letters it must leave behind."""
    accepted: tuple[str, ...] = ()
    """Message ids of good events beside the bad one."""


def broken(write_key: str) -> Sequence[Broken]:
    head = b'{"writeKey":"%s",' % write_key.encode()
    large = b"x" * 40_000
    return (
        Broken("no id at all", "/v1/track", head + b'"event":"Lost"}', 200, "no_user_anon_id", 1),
        Broken("userId is a number", "/v1/track", head + b'"userId":42,"event":"A"}', 200, "id_not_string", 1),
        Broken("event has no name", "/v1/track", head + b'"userId":"u","event":""}', 200, "event_not_defined", 1),
        Broken("group without groupId", "/v1/group", head + b'"userId":"u"}', 200, "id_required", 1),
        Broken(
            "a bad one in a batch of three",
            "/v1/batch",
            head + b'"batch":['
            b'{"type":"track","userId":"cust-000","event":"Coupon Used","messageId":"demo-batch-1"},'
            b'{"type":"track","userId":"cust-000","event":"Coupon Used","properties":[1]},'
            b'{"type":"track","userId":"cust-000","event":"Coupon Used","messageId":"demo-batch-3"}]}',
            200,
            "properties_not_object",
            1,
            ("demo-batch-1", "demo-batch-3"),
        ),
        Broken(
            "an event that the plan does not know",
            "/v1/track",
            head + b'"userId":"cust-000","event":"order_completed","properties":{"order_id":"order-1","total":1}}',
            200,
            "unplanned",
            1,
        ),
        Broken(
            "an order without its number",
            "/v1/track",
            head + b'"userId":"cust-000","event":"Order Completed","properties":{"total":1}}',
            200,
            "schema_violation",
            1,
        ),
        Broken("unknown write key", "/v1/track", b'{"writeKey":"wk_x","userId":"u"}', 200, "unknown_write_key"),
        Broken("malformed JSON", "/v1/track", head + b'"userId":', 400, "bad_request"),
        Broken("an event of 40 KB", "/v1/track", head + b'"userId":"' + large + b'"}', 400, "too_large"),
        Broken("no write key", "/v1/track", b'{"userId":"u","event":"A"}', 400, "no_write_key"),
    )
