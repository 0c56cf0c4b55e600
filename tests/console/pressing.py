"""What can be pressed on a page, by the names that it has there: the gates of quality go through all of it."""

from typing import Final

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page

PRESSED_MAX: Final = 60
"""Of one page. More have the same name many times: one in each row."""

OPEN: Final = "[role=dialog]:visible, [role=menu]:visible"
"""What a click may have opened."""

BUTTONS: Final = """
(within) => {
  const isSeen = (each) => each.checkVisibility();
  const open = [...document.querySelectorAll("[role=dialog], [role=menu]")].filter(isSeen).at(-1);
  const pressed = "button:not([disabled]), [role=menuitem], tr[data-row='0'][tabindex]";
  const seen = new Map();
  for (const part of open ? [open] : document.querySelectorAll(within))
    for (const button of [...part.querySelectorAll(pressed)].filter(isSeen)) {
      const name = (button.getAttribute("aria-label") ?? button.textContent).replace(/\\d+/g, "#").trim();
      if (!seen.has(name)) seen.set(name, button);
    }
  const names = [...seen.keys()];
  names.forEach((name, index) => seen.get(name).setAttribute("data-pressed", String(index)));
  return names;
}
"""
"""In the dialog or menu that is open, else in these parts of the page."""


class Hand:
    def __init__(self, page: Page, within: str = "main") -> None:
        self.page = page
        self._within = within

    def names(self) -> list[str]:
        names: list[str] = self.page.evaluate(BUTTONS, self._within)
        return names[:PRESSED_MAX]

    def presses(self, name: str) -> bool:
        """Whether it could be: not what was there for a moment ("Try again", a row that is gone), nor what is
        covered by something that an earlier press has opened.
        """
        names = self.names()
        if name not in names:
            return False
        try:
            self.page.locator(f'[data-pressed="{names.index(name)}"]').first.click(timeout=2_000)
        except BrowserError:
            return False
        self.page.wait_for_load_state()
        return True
