"""axe-core in the page: what somebody with a screen reader, or without a mouse, would stumble over."""

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, Page

AXE: Final = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"

GRAVE: Final = {"serious", "critical"}

RUN: Final = """
async (within) => {
  const { violations } = await axe.run({ include: [within] }, { resultTypes: ["violations"] });
  return violations.map(({ id, impact, help, nodes }) => ({
    id, impact, help, places: nodes.slice(0, 3).map(({ target, html, any }) =>
      `${target.join(" ")}  ${html.slice(0, 160)}  ${any.map((check) => check.message).join("; ").slice(0, 200)}`),
  }));
}
"""


def prepare(context: BrowserContext) -> None:
    """Pages of this context can be asked. As the browser's own script: the page's policy lets none in."""
    context.add_init_script(path=AXE)


def grave(page: Page, within: str = "html") -> list[str]:
    """What is wrong on the page as it is now, or in this part of it, with the places."""
    found: list[dict[str, Any]] = page.evaluate(RUN, within)
    return [
        "\n    ".join((f"{each['impact']}: {each['id']}: {each['help']}", *each["places"]))
        for each in found
        if each["impact"] in GRAVE
    ]
