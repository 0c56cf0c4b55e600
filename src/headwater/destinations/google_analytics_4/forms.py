"""Events and user properties within Google's limits."""

from collections.abc import Mapping
from typing import Any

from headwater.destinations.google_analytics_4.fields import KNOWN
from headwater.destinations.kit.instants import unix_ms
from headwater.destinations.kit.names import compact, snake

EVENTS_MAX = 25
"""In a request, which is about one client and one user."""
BODY_BYTES_MAX = 100_000
"""The protocol takes 130 kB."""
PARAMETERS_MAX = 25
NAME_CHARS_MAX = 40
VALUE_CHARS_MAX = 100
ITEMS_MAX = 200
PROPERTY_NAME_CHARS_MAX = 24
PROPERTY_VALUE_CHARS_MAX = 36
PROPERTIES_MAX = 25
"""Google drops silently what exceeds these, so it is cut here, where one can read about it."""
_RESERVED = {
    *("ad_activeview", "ad_click", "ad_exposure", "ad_query", "ad_reward", "adunit_exposure"),
    *("app_clear_data", "app_exception", "app_install", "app_remove", "app_store_refund", "app_update"),
    *("app_upgrade", "dynamic_link_app_open", "dynamic_link_app_update", "dynamic_link_first_open", "error"),
    *("first_open", "first_visit", "in_app_purchase", "notification_dismiss", "notification_foreground"),
    *("notification_open", "notification_receive", "notification_send", "os_update", "session_start"),
    *("user_engagement",),
}
_RESERVED_PROPERTIES = {
    *("user_id", "first_open_time", "first_visit_time", "last_deep_link_referrer", "first_open_after_install"),
}
_RESERVED_PREFIXES = ("ga_", "google_", "gtag_", "firebase_")


def event_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    at_ms = unix_ms(payload.get("timestamp"))
    name = event_name(payload["event"])
    params = {parameter(key): value for key, value in (payload.get("params") or {}).items()}
    known = {
        **{name: payload.get(name) for name in KNOWN},
        "items": [_item(product) for product in (payload.get("items") or ())[:ITEMS_MAX]],
    }
    kept: dict[str, Any] = {}
    # Known parameters first: they are the ones that reports are made of.
    for key, value in (compact(known) | {k: v for k, v in params.items() if k not in known}).items():
        if len(kept) == PARAMETERS_MAX:
            break
        if key and (key == "items" or isinstance(value, str | int | float)):
            kept[key] = value[:VALUE_CHARS_MAX] if isinstance(value, str) and key != "page_location" else value
    return compact({"name": name, "timestamp_micros": at_ms * 1000 if at_ms is not None else None, "params": kept})


def event_name(name: str) -> str:
    """As Google allows: letters, digits and underscores, a letter first, 40 characters.

    >>> event_name("Order Completed"), event_name("2nd Visit"), event_name("error")
    ('order_completed', 'e_2nd_visit', 'e_error')
    """
    known = snake(name)
    if not known[:1].isalpha() or known in _RESERVED or known.startswith(_RESERVED_PREFIXES):
        known = f"e_{known}"
    return known[:NAME_CHARS_MAX]


def parameter(name: str) -> str:
    """The same for a parameter or a user property.

    >>> parameter("Cart ID"), parameter("ga_x")
    ('cart_id', 'p_ga_x')
    """
    known = snake(name)
    if not known[:1].isalpha() or known.startswith(_RESERVED_PREFIXES):
        known = f"p_{known}"
    return known[:NAME_CHARS_MAX]


def _item(product: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value[:VALUE_CHARS_MAX] if isinstance(value, str) else value
        for name, value in product.items()
        if isinstance(value, str | int | float) and value != ""
    }


def user_properties(given: Mapping[str, Any]) -> dict[str, Any]:
    kept = {}
    for name, value in list(given.items())[:PROPERTIES_MAX]:
        if isinstance(value, bool):
            text: Any = "true" if value else "false"
        elif isinstance(value, str):
            text = value[:PROPERTY_VALUE_CHARS_MAX]
        else:
            text = value
        if isinstance(text, str | int | float):
            known = parameter(name)
            known = f"p_{known}" if known in _RESERVED_PROPERTIES else known
            kept[known[:PROPERTY_NAME_CHARS_MAX]] = {"value": text}
    return kept
