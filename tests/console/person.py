"""Somebody who sits in front of the console: what they do, and what the browser tells about it afterwards."""

import re
from collections.abc import Callable
from typing import Final

from playwright.sync_api import BrowserContext, Locator, Page, Request

PASSWORD: Final = "a long sentence nobody knows"  # of everybody in these tests


class Person:
    """A browser of their own, and a page in it. What goes wrong there without anybody asking is kept: errors in
    the browser's console, requests to elsewhere, what the Content-Security-Policy has stopped.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.foreign: list[str] = []
        self.page.on("console", lambda said: said.type == "error" and self.problems.append(said.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._note)

    def goes_to(self, path: str) -> None:
        """Until the page says what it is."""
        self.page.goto(self.url + path)
        self.heading()

    def heading(self, text: str | re.Pattern[str] | None = None) -> Locator:
        """The one heading of the page, as soon as it is there."""
        found = self.page.get_by_role("heading", level=1, name=text)
        found.wait_for()
        return found

    def signs_in(self, email: str) -> None:
        self.page.goto(f"{self.url}/sign-in")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_role("textbox", name="Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.heading("Overview")

    def sees(self, text: str | re.Pattern[str]) -> Locator:
        found = self.page.get_by_text(text).first
        found.wait_for()
        return found

    def presses(self, button: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=button).click()

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.foreign.append(request.url)


Visit = Callable[[], Person]
