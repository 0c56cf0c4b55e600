"""Why an event was not accepted, in words."""

import pytest

from headwater.serve.observe.ends import why


@pytest.mark.parametrize(
    ("stage", "reason", "title"),
    [
        ("dedupe", "duplicate", "Duplicate"),
        ("suppress", "suppressed", "User is suppressed"),
        ("transform", "dropped_by_transformation", "Dropped by a transformation"),
        ("normalise", "no_user_anon_id", "No user"),
        ("update", "of a plugin", "of a plugin"),
    ],
)
def test_why_when_asked_then_says_what_it_means_and_what_to_do(stage: str, reason: str, title: str) -> None:
    told = why(stage, reason)
    assert told.title == title
    assert told.means.endswith(".")
    assert told.do.endswith(".")
