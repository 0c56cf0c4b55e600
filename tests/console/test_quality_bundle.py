"""What a browser fetches until it shows the overview: few enough bytes for a phone on a train."""

import gzip
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from headwater.serve.console.app import BUILT

from .conftest import WAIT_MS
from .person import Person
from .shop import Shop

BYTES_MAX: Final = 500_000

PACKED_ALREADY: Final = {".woff2"}


def packed_bytes(file: Path) -> int:
    """As a browser that knows gzip gets it."""
    packed = file.with_name(f"{file.name}.gz")
    if packed.is_file():
        return packed.stat().st_size
    content = file.read_bytes()
    return len(content) if file.suffix in PACKED_ALREADY else len(gzip.compress(content))


def test_overview_when_it_is_the_first_page_then_few_bytes_are_fetched(browser: Browser, shop: Shop) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(WAIT_MS)
    person = Person(context, shop.platform.console)
    person.signs_in(shop.admin)
    cookies = context.cookies()
    context.close()

    fresh = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    fresh.add_cookies(cookies)  # type: ignore[arg-type]
    page = fresh.new_page()
    fetched: set[str] = set()
    page.on(
        "response", lambda answer: fetched.add(answer.url.removeprefix(shop.platform.console).partition("?")[0])
    )
    page.goto(shop.platform.console)
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    page.wait_for_load_state("load")
    fresh.close()

    files = {path: packed_bytes(BUILT / path[1:]) for path in fetched if (BUILT / path[1:]).is_file()}
    files["/"] = packed_bytes(BUILT / "index.html")
    assert len(files) > 3, fetched
    listed = "\n".join(f"{size:>9,}  {path}" for path, size in sorted(files.items(), key=lambda each: -each[1]))
    assert sum(files.values()) <= BYTES_MAX, f"{sum(files.values()):,} bytes:\n{listed}"
