"""A hundred thousand rows: fetched page by page while one scrolls, and few of them in the document."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser

from acceptance.stand import LONG, until

from .conftest import WAIT_MS, WORKSPACE
from .person import Person
from .running import Running, running

ROWS: Final = 100_000 if LONG else 20_000
"""In full length with `make faults`' HEADWATER_TEST_LONG."""

AT_ONCE: Final = 2_500

SHOWN_MAX: Final = 60
"""Rows in the document: those in view, and some on either side."""

LOADED: Final = """
(before) => {
  const told = /([\\d,]+) dead letters( loaded|$)/m.exec(document.querySelector("main").innerText);
  const loaded = told ? Number(told[1].replaceAll(",", "")) : 0;
  return loaded > before ? loaded : null;
}
"""


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Running]:
    """With events of nobody: each becomes a dead letter."""
    platform = running(tmp_path, WORKSPACE)
    batch = [{"type": "track", "event": f"Event {number}"} for number in range(AT_ONCE)]
    body = json.dumps({"batch": batch, "writeKey": "wk_backend"})
    for _ in range(ROWS // AT_ONCE):
        status, _, said = platform.request("POST", "/v1/batch", body, {"Content-Type": "application/json"})
        assert status == 200, said
    until(lambda: platform.ask("GET", "/dead-letters/groups")["letters"] == ROWS, 120)
    yield platform
    assert platform.stop() == 0, platform.output()


def test_list_when_it_is_scrolled_to_its_end_then_all_rows_came_and_few_are_in_the_document(
    filled: Running, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(WAIT_MS)
    person = Person(context, filled.console)
    person.signs_in(filled.has_admin())
    person.goes_to("/dead-letters")
    page = person.page
    scroller = page.get_by_role("region", name="Dead letters", exact=True)
    loaded = 0
    while loaded < ROWS:
        loaded = page.wait_for_function(LOADED, arg=loaded).json_value()
        assert page.locator("tr[data-row]").count() <= SHOWN_MAX
        scroller.evaluate("(element) => element.scrollTo(0, element.scrollHeight)")
    page.locator(f"tr[data-row='{ROWS - 1}']").wait_for()
    assert page.locator("tr[data-row]").count() <= SHOWN_MAX
    context.close()
    assert person.problems == []
