"""A shop with many customers: who does what how often, and twenty traits and twenty audiences of mixed kinds.

A few customers do most of it (Zipf, exponent 0.9). Each is seen for the first time without a name, identifies
herself next, and now and then goes on with another device, which an identify ties to her later. Whatever is
different between customers contains her number as seven digits, so that the rows of one can be made into rows of
another (`crowd`).
"""

import itertools
import json
import random
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from benchmarks.events import WRITE_KEY
from headwater.event import CollectedRequest, encode_collected

SPACE: Final = "people"
API_TOKEN: Final = "pt_of_the_benchmark"  # of a workspace that lives for some minutes
BATCH_EVENTS: Final = 100
DEVICES_MAX: Final = 5
"""Of one customer, as many anonymous ids as a profile has by default."""

ORDER, VIEW, ADD, CART = "Order Completed", "Product Viewed", "Product Added", "Cart Viewed"
SIGN_IN, SEARCH, COUPON, REFUND = "Signed In", "Products Searched", "Coupon Used", "Refund Requested"
CHECKOUT, VIDEO, EMAIL = "Checkout Started", "Video Played", "Email Opened"
GIFT: Final = "Gift Card Bought"
"""Nobody does this by herself: who does is watched until she is a member of `gift_givers`."""

_NAMES: Final = {
    ORDER: 3,
    VIEW: 30,
    ADD: 8,
    CART: 6,
    SIGN_IN: 4,
    SEARCH: 8,
    COUPON: 2,
    REFUND: 1,
    CHECKOUT: 4,
    VIDEO: 10,
    EMAIL: 4,
}
"""How often, beside each other."""
PAGES: Final = 0.15
"""Of all events."""
IDENTIFIES: Final = 0.05
NEW_DEVICES: Final = 0.01


def _trait(key: str, kind: str, event: str, *, of: str = "", within: str = "") -> dict[str, Any]:
    given = {"key": key, "kind": kind, "event": event, "property": of, "within": within}
    return {name: value for name, value in given.items() if value}


def _often(event: str, times: int, within: str = "", **more: Any) -> dict[str, Any]:
    """The condition that somebody has done it at least so many times."""
    window = {"within": within} if within else {}
    return {"event": event, "count": {"op": ">=", "value": times}, **window, **more}


_LIVES_IN_US: Final = {"trait": "country", "op": "=", "value": "US"}

TRAITS: Final = [
    _trait("orders", "event_count", ORDER),
    _trait("revenue_90d", "sum", ORDER, of="total", within="90d"),
    _trait("order_average", "avg", ORDER, of="total"),
    _trait("order_largest", "max", ORDER, of="total"),
    _trait("order_smallest", "min", ORDER, of="total"),
    _trait("last_category", "last", VIEW, of="category"),
    _trait("first_category", "first", VIEW, of="category"),
    _trait("favourite_category", "most_frequent", VIEW, of="category"),
    _trait("categories", "unique_list", VIEW, of="category"),
    _trait("products_added", "unique_count", ADD, of="sku"),
    _trait("added_7d", "event_count", ADD, within="7d"),
    _trait("carts", "event_count", CART),
    _trait("last_search", "last", SEARCH, of="query"),
    _trait("searches_30d", "event_count", SEARCH, within="30d"),
    _trait("coupons_worth", "sum", COUPON, of="amount"),
    _trait("refunds", "event_count", REFUND),
    _trait("checkouts_1d", "event_count", CHECKOUT, within="1d"),
    _trait("videos", "event_count", VIDEO),
    _trait("seconds_watched", "sum", VIDEO, of="seconds"),
    _trait("emails_14d", "event_count", EMAIL, within="14d"),
]

AUDIENCES: Final = [
    {"key": "often_ordered", "where": _often(ORDER, 3, "30d")},
    {"key": "often_viewed", "where": _often(VIEW, 3, "30d")},
    {"key": "often_added", "where": _often(ADD, 3, "30d")},
    {"key": "often_in_cart", "where": _often(CART, 3, "30d")},
    {"key": "gift_givers", "where": _often(GIFT, 1, "30d")},
    {"key": "us_viewers", "where": {"all": [_often(VIEW, 1, "7d"), _LIVES_IN_US]}},
    {"key": "us_adders", "where": {"all": [_often(ADD, 1, "7d"), _LIVES_IN_US]}},
    {"key": "us_cart", "where": {"all": [_often(CART, 1, "7d"), _LIVES_IN_US]}},
    {"key": "us_signed_in", "where": {"all": [_often(SIGN_IN, 1, "7d"), _LIVES_IN_US]}},
    {"key": "us_searchers", "where": {"all": [_often(SEARCH, 1, "7d"), _LIVES_IN_US]}},
    {"key": "kept_orders", "where": {"all": [_often(ORDER, 1), {"not": _often(REFUND, 1, "90d")}]}},
    {"key": "content_viewers", "where": {"all": [_often(VIEW, 1), {"not": _often(REFUND, 1, "90d")}]}},
    {"key": "content_adders", "where": {"all": [_often(ADD, 1), {"not": _often(REFUND, 1, "90d")}]}},
    {"key": "funnel", "where": {"sequence": [{"event": VIEW}, {"event": ADD}, {"event": ORDER}], "within": "7d"}},
    {"key": "found_it", "where": {"sequence": [{"event": SEARCH}, {"event": VIEW}], "within": "1d"}},
    {"key": "loyal", "where": {"computed": "orders", "op": ">", "value": 5}},
    {
        "key": "golden_buyers",
        "where": {"all": [{"audience": "often_ordered"}, {"trait": "plan", "op": "=", "value": "gold"}]},
    },
    {"key": "big_orders", "where": _often(ORDER, 1, "30d", where="properties.total > 50")},
    {"key": "worth_a_letter", "where": {"any": [{"audience": "big_orders"}, {"audience": "often_viewed"}]}},
    {"key": "paying", "where": {"trait": "plan", "op": "in", "value": ["gold", "silver"]}},
]

NEW_AUDIENCE: Final = {"key": "recent_viewers", "where": _often(VIEW, 2, "14d")}
"""What a marketer adds one day: everybody has to be looked at."""

BARE_WORKSPACE: Final[dict[str, Any]] = {
    "workspace": SPACE,
    "settings": {"schema_discovery": False},
    "sources": [{"name": "shop", "type": "javascript", "write_key": WRITE_KEY}],
    "profile_api": {"tokens": [{"name": "benchmark", "token": API_TOKEN}]},
}
"""Profiles, and nothing computed."""

WORKSPACE: Final = BARE_WORKSPACE | {"traits": TRAITS, "audiences": AUDIENCES}

_CONTEXT: Final = {
    "library": {"name": "analytics.js", "version": "2.11.1"},
    "page": {"path": "/shoes/running", "title": "Running shoes", "url": "https://shop.example.com/shoes/running"},
    "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0",
    "locale": "en-US",
    "timezone": "Europe/Berlin",
    "ip": "203.0.113.7",
}
_encode: Final = msgspec.json.Encoder().encode


def number(customer: int) -> str:
    """As it is in everything that is hers."""
    return f"{customer:07d}"


def user_id(customer: int) -> str:
    return f"u{number(customer)}"


def anonymous_id(customer: int, device: int = 0) -> str:
    return f"a{number(customer)}.{device}"


class Customers:
    def __init__(self, count: int, *, seed: int, are_known: bool) -> None:
        """`are_known`: everybody was introduced in an earlier run, with another seed."""
        self._rng = random.Random(seed)
        self._seed = seed
        self.count = count
        weights = (1 / rank**0.9 for rank in range(1, count + 1))
        self._weights = list(itertools.accumulate(weights))
        self._events = [0] * count
        self._devices = [int(not are_known)] * count
        self._is_new_device = [False] * count
        self._may_change = not are_known

    def introductions(self) -> Iterator[dict[str, Any]]:
        """Everybody's first two events: seen, then known. In stretches, so that the two are not neighbours."""
        for first in range(0, self.count, 1000):
            some = range(first, min(first + 1000, self.count))
            yield from (self._page(each, is_known=False) for each in some)
            yield from (self._identify(each) for each in some)

    def activity(self, count: int) -> Iterator[dict[str, Any]]:
        rng, names, weights = self._rng, list(_NAMES), list(itertools.accumulate(_NAMES.values()))
        for _ in range(count):
            (customer,) = rng.choices(range(self.count), cum_weights=self._weights)
            kind = rng.random()
            if self._is_new_device[customer]:
                self._is_new_device[customer] = False
                yield self._identify(customer)
            elif self._may_change and kind < NEW_DEVICES and self._devices[customer] < DEVICES_MAX:
                self._devices[customer] += 1
                self._is_new_device[customer] = True
                yield self._page(customer, is_known=False)
            elif kind < IDENTIFIES:
                yield self._identify(customer)
            elif kind < IDENTIFIES + PAGES:
                yield self._page(customer, is_known=True)
            else:
                yield self.track(customer, rng.choices(names, cum_weights=weights)[0])

    def track(self, customer: int, name: str) -> dict[str, Any]:
        rng = self._rng
        properties = {
            "total": rng.randrange(200),
            "category": f"c{rng.randrange(13)}",
            "sku": f"s{rng.randrange(200)}",
            "query": rng.choice(("shoes", "red shoes", "sandals")),
            "amount": rng.randrange(20),
            "seconds": rng.randrange(600),
        }
        return self._event(customer, "track") | {"event": name, "properties": properties}

    def identify(self, customer: int, traits: dict[str, Any]) -> dict[str, Any]:
        return self._event(customer, "identify") | {"traits": traits}

    def _identify(self, customer: int) -> dict[str, Any]:
        traits = {
            "email": f"p{number(customer)}@example.com",
            "plan": ("gold", "silver", "free")[customer % 3],
            "country": ("US", "DE")[customer % 2],
            "age": 18 + customer % 60,
        }
        return self.identify(customer, traits)

    def _page(self, customer: int, *, is_known: bool) -> dict[str, Any]:
        event = self._event(customer, "page") | {"name": "Home", "properties": {"path": "/", "search": ""}}
        if not is_known:
            del event["userId"]
        return event

    def _event(self, customer: int, call: str) -> dict[str, Any]:
        place = self._events[customer]
        self._events[customer] = place + 1
        return {
            "type": call,
            "messageId": f"m{number(customer)}-{self._seed}-{place}",
            "userId": user_id(customer),
            "anonymousId": anonymous_id(customer, max(self._devices[customer] - 1, 0)),
            "context": _CONTEXT,
        }


def records(events: Iterable[dict[str, Any]], count: int, *, first_ms: int, last_ms: int) -> Iterator[bytes]:
    """These `count` events in batches, as collection stores them, received in even steps between two instants."""
    stream = iter(events)
    for at in range(0, count, BATCH_EVENTS):
        batch = list(itertools.islice(stream, BATCH_EVENTS))
        body = _encode({"batch": batch})
        received_ms = first_ms + (last_ms - first_ms) * at // count
        request = CollectedRequest(
            received_ms, "shop", "batch", "127.0.0.1", "", False, body, len(batch), len(body)
        )
        yield encode_collected(request)


def single(event: dict[str, Any]) -> bytes:
    """The body of a POST."""
    return json.dumps(event | {"writeKey": WRITE_KEY}).encode()
