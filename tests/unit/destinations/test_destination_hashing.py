"""Nothing that says in the clear who somebody is leaves for those who want it hashed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import ok, perform

from headwater.destinations.kit.model import Request

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORD = st.text(LETTERS + LETTERS.upper(), min_size=6, max_size=12)
PEOPLE = st.fixed_dictionaries(
    {
        "email": st.builds("{}.{}@{}.com".format, WORD, WORD, WORD),
        "phone": st.integers(2000000, 9999999).map("+1415{}".format),
        "first_name": WORD.map("fn{}".format),
        "last_name": WORD.map("ln{}".format),
    }
)
AT = "2026-01-01T00:00:00.000Z"
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "facebook-conversions",
        "send_event",
        {"pixel_id": "1", "access_token": "t"},
        {"event_name": "Purchase", "event_time": AT, "action_source": "website"},
    ),
    (
        "facebook-conversions",
        "set_member",
        {"pixel_id": "1", "access_token": "t", "audiences": {"vip": "7"}},
        {"audience": "vip", "member": True},
    ),
    (
        "tiktok-events",
        "report_event",
        {"access_token": "t", "event_source_id": "C1"},
        {"event": "CompletePayment", "event_time": AT},
    ),
    (
        "tiktok-events",
        "set_member",
        {"access_token": "t", "event_source_id": "C1", "advertiser_id": "5", "audiences": {"vip": "7"}},
        {"audience": "vip", "member": False},
    ),
    (
        "google-ads",
        "upload_click_conversion",
        {"developer_token": "d", "conversion_action": "5"},
        {"timestamp": AT, "postal_code": "10001", "country": "US"},
    ),
    (
        "google-ads",
        "upload_enhanced_conversion",
        {"developer_token": "d", "conversion_action": "5"},
        {"order_id": "o"},
    ),
    ("google-ads", "set_member", {"lists": {"vip": "7"}}, {"audience": "vip", "member": True}),
]
GOOGLE = {"customer_id": "1234567890", "client_id": "i", "client_secret": "s", "refresh_token": "r"}


@pytest.mark.parametrize(
    ("type_name", "action", "settings", "payload"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES]
)
@given(PEOPLE)
def test_request_when_a_person_is_in_it_then_only_hashed(
    type_name: str, action: str, settings: dict[str, Any], payload: dict[str, Any], person: dict[str, str]
) -> None:
    settings = settings | (GOOGLE if type_name == "google-ads" else {})
    asked, _ = perform(type_name, action, settings, [payload | person], answer=lambda _: ok({"code": 0}))
    requests = [call for call in asked if isinstance(call, Request)]
    assert len(requests) == 1
    body = requests[0].body.decode().lower()
    for clear in person.values():
        assert clear.lower() not in body
        assert clear.lower().removeprefix("+") not in body
