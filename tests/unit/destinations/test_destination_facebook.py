"""People as Meta's own client sends them: what it hashes is what we hash."""

import pytest

from headwater.destinations.facebook_conversions import user_data
from headwater.destinations.kit.people import hashed


@pytest.mark.parametrize(
    ("payload", "member", "plain"),
    [
        # Compared with UserData.normalize of the package facebook_business 26; see below for where we differ.
        ({"email": " Ann.Lee@Example.com "}, "em", "ann.lee@example.com"),
        ({"phone": "+1 (415) 555-2671"}, "ph", "14155552671"),
        ({"first_name": "Zoë"}, "fn", "zoë"),
        ({"city": "São Paulo"}, "ct", "sãopaulo"),
        ({"city": "St. Louis"}, "ct", "stlouis"),
        ({"state": "New York"}, "st", "newyork"),
        ({"zip": "SW1A 1AA"}, "zp", "sw1a1aa"),
        ({"zip": "10001-1234"}, "zp", "10001"),
        ({"country": "US"}, "country", "us"),
        ({"gender": "Female"}, "ge", "f"),
        ({"birthday": "1990-02-03"}, "db", "19900203"),
        # Its documentation asks for names without punctuation, which the package leaves in.
        ({"last_name": "O'Lee-Smith"}, "ln", "oleesmith"),
        # The package cuts any postal code at its hyphen, also those that are no American ones.
        ({"zip": "00-950"}, "zp", "00-950"),
        # The package leaves the external id as it is; hashing is what the documentation recommends.
        ({"external_id": " User-7 "}, "external_id", "User-7"),
    ],
)
def test_user_data_when_something_says_who_it_was_then_hashed_in_the_form_meta_knows(
    payload: dict[str, str], member: str, plain: str
) -> None:
    assert user_data(payload, "") == {member: [hashed(plain)]}


def test_user_data_when_ids_are_metas_own_then_as_they_are() -> None:
    ids = {"fbc": "fb.1.1.AbC", "fbp": "fb.1.1.2", "client_ip_address": "203.0.113.7", "client_user_agent": "X"}
    assert user_data(ids, "") == ids
