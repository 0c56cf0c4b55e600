"""Without a mouse: past the menu, through the page, into a dialog and back out of it."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from .conftest import WAIT_MS
from .person import Person
from .shop import Shop

TABS_MAX: Final = 80
"""Presses of the tab key in which everything above the fold must have been reached."""

FOCUSED: Final = """
() => {
  const at = document.activeElement;
  const parts = { dialog: "[role=dialog]", content: "main", menu: "nav", header: "header" };
  const [within] = Object.entries(parts).find(([, where]) => at.closest(where)) ?? ["page"];
  return { name: at.getAttribute("aria-label") ?? at.textContent.trim(), id: at.id, within };
}
"""


@pytest.fixture(scope="module")
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    person = Person(context, shop.platform.console)
    person.signs_in(shop.admin)
    yield person.page
    context.close()


@pytest.fixture
def goes_to(page: Page, shop: Shop) -> Callable[[str], None]:
    def go(address: str) -> None:
        page.goto(shop.platform.console + shop.address(address))
        page.get_by_role("heading", level=1).wait_for()

    return go


def focused(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(FOCUSED)
    return found


def tabbed(page: Page, is_there: Callable[[dict[str, Any]], bool]) -> list[str]:
    """Press tab until it is there; the parts of the page one has come through, each once."""
    parts: list[str] = []
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        at = focused(page)
        if at["within"] not in parts:
            parts.append(at["within"])
        if is_there(at):
            return parts
    raise AssertionError(f"not reached with {TABS_MAX} presses of the tab key; one came through {parts}")


def test_skip_link_when_it_is_followed_then_one_is_in_the_content(
    page: Page, goes_to: Callable[[str], None]
) -> None:
    goes_to("/sources")
    page.keyboard.press("Tab")
    assert focused(page)["name"] == "Skip to the content"
    page.keyboard.press("Enter")
    assert focused(page)["id"] == "main"
    page.keyboard.press("Tab")
    assert focused(page)["within"] == "content"


@pytest.mark.parametrize(
    ("address", "action"),
    [
        ("/sources", "Add source"),
        ("/destinations", "Add destination"),
        ("/audiences", "New audience"),
        ("/dead-letters", "Retry all"),
        ("/sql", "Run"),
    ],
)
def test_tab_when_pressed_often_then_header_menu_content_and_what_one_came_for(
    page: Page, goes_to: Callable[[str], None], address: str, action: str
) -> None:
    goes_to(address)
    page.get_by_text(action, exact=True).first.wait_for()
    parts = tabbed(page, lambda at: at["within"] == "content" and at["name"] == action)
    assert [part for part in parts if part in {"header", "menu", "content"}] == ["header", "menu", "content"]


def test_dialog_when_it_is_open_then_focus_stays_inside_and_goes_back_when_it_closes(
    page: Page, goes_to: Callable[[str], None]
) -> None:
    goes_to("/dead-letters")
    row = page.locator("tr[data-row='0']")
    row.wait_for()
    row.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    dialog.get_by_role("button", name="Retry").wait_for()
    page.wait_for_function("() => document.activeElement.closest('[role=dialog]')")
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        assert focused(page)["within"] == "dialog"
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.wait_for_function("() => document.activeElement.getAttribute('data-row') === '0'")


def test_confirmation_when_it_asks_then_the_safe_answer_has_the_focus(
    page: Page, goes_to: Callable[[str], None]
) -> None:
    goes_to("/dead-letters")
    opener = page.get_by_role("button", name="Discard all")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    page.wait_for_function("() => document.activeElement.textContent === 'Cancel'")
    page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    page.wait_for_function("() => document.activeElement.textContent.includes('Discard all')")


def test_search_when_its_keys_are_pressed_then_a_page_is_found_and_opened(
    page: Page, goes_to: Callable[[str], None]
) -> None:
    goes_to("/")
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Search pages, audiences, people, events…").wait_for()
    page.keyboard.type("dead l")
    page.get_by_role("button", name="Dead letters").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Dead letters").wait_for()


def test_search_when_it_is_the_name_of_an_item_then_its_page_is_opened(
    page: Page, goes_to: Callable[[str], None]
) -> None:
    goes_to("/")
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Search pages, audiences, people, events…").wait_for()
    page.keyboard.type("big spend")
    page.get_by_role("button", name="Big spenders").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Big spenders").wait_for()
