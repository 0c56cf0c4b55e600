"""Every page, as it must be whatever is on it: for everybody, on every screen, asking nobody but us."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from .addresses import ADDRESSES, NOWHERE, addresses, router_paths
from .looking import Visit, first_look
from .person import Person
from .shop import Shop

EXPECTED = re.compile(r"status of 401")
"""Who opens the door is told that they have to sign in."""


@pytest.fixture(scope="module")
def inside(browser: Browser, shop: Shop) -> Iterator[Visit]:
    """Signed in as an admin."""
    context = first_look(browser)
    admin = Person(context, shop.platform.console)
    admin.signs_in(shop.admin)
    yield Visit(admin, shop)
    context.close()


@pytest.fixture(scope="module")
def outside(browser: Browser, shop: Shop) -> Iterator[Visit]:
    """Not signed in."""
    context = first_look(browser)
    yield Visit(Person(context, shop.platform.console), shop)
    context.close()


def test_addresses_when_the_router_has_a_path_then_it_is_in_the_table() -> None:
    assert router_paths() == ADDRESSES.keys()


@pytest.mark.parametrize("address", addresses())
def test_page_when_it_is_looked_at_then_nothing_is_wrong(inside: Visit, address: str) -> None:
    tell(seen(inside, address))


@pytest.mark.parametrize("address", addresses(signed_in=False))
def test_door_when_it_is_looked_at_then_nothing_is_wrong(outside: Visit, address: str) -> None:
    tell([each for each in seen(outside, address) if not EXPECTED.search(each)])


def test_nowhere_when_somebody_comes_there_then_the_menu_is_beside_it(inside: Visit) -> None:
    inside.opens(NOWHERE)
    inside.page.get_by_role("heading", level=1, name="Page not found").wait_for()
    inside.page.get_by_role("navigation").get_by_role("link", name="Sources").click()
    inside.page.get_by_role("heading", level=1, name="Sources").wait_for()


def seen(visit: Visit, address: str) -> list[str]:
    visit.opens(address)
    return visit.looks() + visit.problems


def tell(wrong: list[str]) -> None:
    """All of it: an assertion would cut it short."""
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
