"""Step 4: consent, as the table in Segment's documentation has it."""

from typing import Any

import pytest
from routing_events import event, outcome, raw_event, route

REFUSED = "FILTERED_BY_END_USER_CONSENT"
SENT = "Everything"


@pytest.mark.parametrize(
    ("categories", "context", "result"),
    [
        (("ads",), {}, SENT),
        (("ads",), None, SENT),
        (("ads",), {"consent": {}}, SENT),
        (("ads",), {"consent": None}, SENT),
        (("ads",), {"consent": {"categoryPreferences": {}}}, REFUSED),
        ((), {"consent": {"categoryPreferences": {}}}, SENT),
        ((), {"consent": {"categoryPreferences": {"ads": False}}}, SENT),
        (("ads",), {"consent": {"categoryPreferences": {"ads": True}}}, SENT),
        (("ads",), {"consent": {"categoryPreferences": {"ads": False}}}, REFUSED),
        (("ads",), {"consent": {"categoryPreferences": {"analytics": True}}}, REFUSED),
        (("ads", "analytics"), {"consent": {"categoryPreferences": {"ads": True, "analytics": True}}}, SENT),
        (("ads", "analytics"), {"consent": {"categoryPreferences": {"ads": True, "analytics": False}}}, REFUSED),
        (("ads", "analytics"), {"consent": {"categoryPreferences": {"ads": True}}}, REFUSED),
        (("ads",), {"consent": {"categoryPreferences": {"Ads": True}}}, REFUSED),
        (("ads",), {"consent": {"categoryPreferences": {"ads": "yes"}}}, REFUSED),
        (("ads",), {"consent": "yes"}, REFUSED),
        (("ads",), {"consent": {"categoryPreferences": [True]}}, REFUSED),
    ],
)
def test_consent_when_an_event_says_what_was_consented_to_then_all_categories_count(
    categories: tuple[str, ...], context: Any, result: str
) -> None:
    assert outcome(route(consent=categories), event(context=context)) == result


def test_consent_when_the_name_is_written_with_an_escape_then_it_counts() -> None:
    body = rb'{"type":"track","event":"x","context":{"\u0063onsent":{"categoryPreferences":{"ads":false}}}}'
    assert outcome(route(consent=("ads",)), raw_event(body, event="x")) == REFUSED


def test_consent_when_it_was_refused_then_the_categories_are_named() -> None:
    preferences = {"ads": False, "mail": True}
    told = route(consent=("ads", "mail", "other")).of(
        event(context={"consent": {"categoryPreferences": preferences}})
    )
    assert told == (REFUSED, "no consent to ads, other")
