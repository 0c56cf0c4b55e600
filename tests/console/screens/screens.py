"""Everything of the console that has a picture, in the order of its menu."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from playwright.sync_api import Page

Act = Callable[[Page], None]

DAILY_ORDERS: Final = (
    "select date_trunc('hour', timestamp) as hour, count(*) as orders, "
    "sum(try_cast(body->>'$.properties.total' as decimal(12, 2))) as revenue\n"
    "from events where event = 'Order Completed'\ngroup by hour order by hour desc limit 48"
)


class Screen(NamedTuple):
    name: str
    address: str
    """`{event}` and its like are filled in with what the shop has."""
    is_narrow: bool = False
    """Taken at 390 pixels too."""
    act: Act | None = None
    """What is done before the picture is taken."""
    height: int = 860
    """More where what is worth seeing stands further down."""
    who: str = "admin"
    """Or `viewer`, or `nobody`: not signed in."""

    @property
    def asks(self) -> list[str]:
        """The names in its address."""
        return re.findall(r"{(\w+)}", self.address)

    @property
    def files(self) -> list[str]:
        sizes = ("", "-390") if self.is_narrow else ("",)
        return [f"{self.name}{size}-{scheme}.png" for size in sizes for scheme in ("light", "dark")]


def runs(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Download CSV").wait_for()


def finds(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("textbox").fill("aud")


def presses(*names: str, at: str = "main") -> Act:
    """One button after the other, the last of which opens something."""

    def press(page: Page) -> None:
        for number, name in enumerate(names):
            within = page.locator(at) if not number else page
            buttons = within.get_by_role("button", name=re.compile(name)).or_(
                within.get_by_role("menuitem", name=re.compile(name))
            )
            buttons.first.click()
        page.locator("[role=dialog], [role=menu]").first.wait_for()

    return press


def opens_menu(page: Page) -> None:
    page.locator("header").get_by_role("button").last.click()
    page.get_by_role("menu").wait_for()


def selects(page: Page) -> None:
    """The newest order, once the list stands still."""
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("option", name="Order Completed").first.click()
    page.get_by_role("dialog").wait_for()


def chooses_merged(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Merged profile")).first.click()
    presses("Undo this merge")(page)


SET_UP: Final = Screen("set-up", "/setup", is_narrow=True, who="nobody")
"""Only there as long as nobody can sign in."""

SCREENS: Final = (
    Screen("sign-in", "/sign-in", is_narrow=True, who="nobody"),
    Screen("join", "/join#token={invitation}", is_narrow=True, who="nobody"),
    Screen("overview", "/", is_narrow=True, height=1320),
    Screen("overview-week", "/?range=7d", height=1320),
    Screen("search", "/", act=finds),
    Screen("menu", "/", act=opens_menu),
    Screen("not-found", "/nowhere"),
    Screen("sources", "/sources", is_narrow=True),
    Screen("source-new", "/sources/-/new"),
    Screen("source-waiting", "/sources/kiosk?tab=setup"),
    Screen("source-setup", "/sources/website?tab=setup"),
    Screen("source-schema", "/sources/backend?tab=schema", is_narrow=True),
    Screen("source-schema-event", "/sources/backend?tab=schema&event=track%3AOrder%20Completed"),
    Screen("source-plan", "/sources/backend?tab=plan"),
    Screen("source-settings", "/sources/backend?tab=settings"),
    Screen("source-delete", "/sources/backend?tab=settings", act=presses("^Delete")),
    Screen("debugger", "/debugger", is_narrow=True),
    Screen("debugger-event", "/debugger?event=Order%20Completed", act=selects),
    Screen("event", "/events/{event}", is_narrow=True, height=1040),
    Screen("tracking-plans", "/tracking-plans"),
    Screen("tracking-plan", "/tracking-plans/commerce", is_narrow=True),
    Screen("tracking-plan-rule", "/tracking-plans/commerce?rule={rule}"),
    Screen("tracking-plan-infer", "/tracking-plans/commerce?tab=infer"),
    Screen("tracking-plan-violations", "/tracking-plans/commerce?tab=violations", is_narrow=True),
    Screen("tracking-plan-controls", "/tracking-plans/commerce?tab=controls"),
    Screen("tracking-plan-dry-run", "/tracking-plans/storefront?tab=dry-run&enforce=block"),
    Screen("tracking-plan-versions", "/tracking-plans/commerce?tab=versions"),
    Screen("tracking-plan-sources", "/tracking-plans/storefront?tab=sources"),
    Screen("transformations", "/transformations"),
    Screen("transformation", "/transformations/country%20names"),
    Screen("profiles", "/profiles", is_narrow=True),
    Screen("profiles-search", "/profiles?q=maya"),
    Screen("accounts", "/profiles?collection=accounts&all=true"),
    Screen("profile", "/profiles/user_id:{person}", is_narrow=True),
    Screen("profile-traits", "/profiles/user_id:{person}?tab=traits"),
    Screen("profile-timeline", "/profiles/user_id:{person}?tab=timeline", is_narrow=True),
    Screen("profile-identity", "/profiles/user_id:{person}?tab=identity", is_narrow=True),
    Screen("profile-unmerge", "/profiles/user_id:{person}?tab=identity", act=chooses_merged),
    Screen("profile-audiences", "/profiles/user_id:{person}?tab=audiences"),
    Screen("profile-deliveries", "/profiles/user_id:{person}?tab=deliveries"),
    Screen("profile-privacy", "/profiles/user_id:{person}?tab=privacy"),
    Screen("profile-delete", "/profiles/user_id:{person}?tab=privacy", act=presses("^Suppress and delete")),
    Screen("identities", "/identities"),
    Screen("identities-duplicates", "/identities?tab=duplicates&look=true"),
    Screen("traits", "/traits"),
    Screen("trait", "/traits/revenue", is_narrow=True),
    Screen("trait-definition", "/traits/revenue?tab=definition"),
    Screen("trait-settings", "/traits/revenue?tab=settings"),
    Screen("trait-new", "/traits/-/new"),
    Screen("audiences", "/audiences", is_narrow=True),
    Screen("audience", "/audiences/cart_abandoners", is_narrow=True, height=1040),
    Screen("audience-members", "/audiences/big_spenders?tab=members"),
    Screen("audience-overlap", "/audiences/big_spenders?tab=overlap&with=%5B%22buyers%22%2C%22sale_buyers%22%5D"),
    Screen("audience-destinations", "/audiences/big_spenders?tab=destinations"),
    Screen("audience-definition", "/audiences/club_germany?tab=definition", is_narrow=True),
    Screen("audience-settings", "/audiences/buyers?tab=settings"),
    Screen("audience-delete", "/audiences/buyers?tab=settings", act=presses("^Delete")),
    Screen("audience-new", "/audiences/-/new"),
    Screen("audience-template", "/audiences/-/new?template=abandoned-cart"),
    Screen("destinations", "/destinations", is_narrow=True),
    Screen("destination-new", "/destinations/-/new"),
    Screen("destination-set-up", "/destinations/-/new?type=amplitude"),
    Screen("destination-health", "/destinations/bookkeeping?tab=health&since=24h", is_narrow=True, height=1040),
    Screen("destination-down", "/destinations/support?tab=health&since=1h"),
    Screen("destination-mappings", "/destinations/email?tab=mappings"),
    Screen("destination-mapping", "/destinations/bookkeeping?tab=mappings&mapping=Order%20to%20line"),
    Screen("destination-filters", "/destinations/crm?tab=filters"),
    Screen("destination-receipts", "/destinations/crm?tab=receipts"),
    Screen("destination-audiences", "/destinations/ads?tab=audiences"),
    Screen("destination-settings", "/destinations/crm?tab=settings"),
    Screen("destination-delete", "/destinations/crm?tab=settings", act=presses("^Delete")),
    Screen("deliveries", "/deliveries", is_narrow=True),
    Screen("delivery", "/deliveries?receipt=%22{receipt}%22"),
    Screen("replays", "/replays"),
    Screen("replay-new", "/replays/-/new?to=crm&events=%5B%22Order%20Completed%22%5D&since=24h"),
    Screen("replay", "/replays/{replay}"),
    Screen("dead-letters", "/dead-letters", is_narrow=True),
    Screen("dead-letter", "/dead-letters?letter=%22{letter}%22", is_narrow=True, height=1040),
    Screen("dead-letters-retry", "/dead-letters", act=presses("^(Try|Retry) all")),
    Screen("dead-letters-discard", "/dead-letters", act=presses("^Discard all")),
    Screen("sql", "/sql?q={sql}", is_narrow=True, act=runs),
    Screen("privacy", "/privacy"),
    Screen("privacy-suppressions", "/privacy?tab=suppressions"),
    Screen("privacy-audit", "/privacy?tab=audit"),
    Screen("history", "/history"),
    Screen("history-version", "/history?version={version}"),
    Screen(
        "history-roll-back",
        "/history?version={version}",
        act=presses("^(Back to|Roll back|Restore)", at="[role=dialog]"),
    ),
    Screen("history-log", "/history?tab=log"),
    Screen("team", "/team"),
    Screen("team-invite", "/team", act=presses("^Invite")),
    Screen("team-tokens", "/team?tab=tokens"),
    Screen("team-not-allowed", "/team", who="viewer"),
    Screen("flags", "/flags"),
    Screen("settings", "/settings"),
    Screen("settings-identity", "/settings?tab=identity"),
    Screen("settings-identity-rule", "/settings?tab=identity&rule=email"),
    Screen("settings-profile-api", "/settings?tab=profile-api"),
    Screen("account", "/account"),
)
