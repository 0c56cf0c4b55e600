"""Every address of the console, tab by tab: what the gates of quality go through. A new page must be in this
table; a test compares it with the router.
"""

import re
from pathlib import Path
from typing import Final

PAGES: Final = Path(__file__).parents[2] / "console" / "src" / "pages"

ADDRESSES: Final[dict[str, tuple[str, ...]]] = {
    "/": ("/",),
    "/account": ("/account",),
    "/audiences": ("/audiences",),
    "/audiences/-/new": ("/audiences/-/new",),
    "/audiences/$key": (
        "/audiences/buyers",
        "/audiences/buyers?tab=members",
        "/audiences/buyers?tab=overlap",
        "/audiences/buyers?tab=destinations",
        "/audiences/buyers?tab=definition",
        "/audiences/buyers?tab=settings",
    ),
    "/dead-letters": (
        "/dead-letters",
        "/dead-letters?stage=govern&reason=schema_violation",
        "/dead-letters?letter={letter}",
    ),
    "/debugger": ("/debugger",),
    "/deliveries": ("/deliveries",),
    "/destinations": ("/destinations",),
    "/destinations/-/new": ("/destinations/-/new", "/destinations/-/new?type=webhook"),
    "/destinations/$name": (
        "/destinations/crm",
        "/destinations/crm?tab=mappings",
        "/destinations/crm?tab=filters",
        "/destinations/crm?tab=receipts",
        "/destinations/crm?tab=audiences",
        "/destinations/crm?tab=settings",
    ),
    "/events/$messageId": ("/events/{event}",),
    "/flags": ("/flags",),
    "/history": ("/history", "/history?version=1", "/history?tab=log"),
    "/identities": ("/identities", "/identities?tab=duplicates"),
    "/join": ("/join#token=unknown",),
    "/privacy": ("/privacy", "/privacy?tab=suppressions", "/privacy?tab=audit"),
    "/profiles": ("/profiles", "/profiles?q=ann"),
    "/profiles/$who": (
        "/profiles/user_id:ann",
        "/profiles/user_id:ann?tab=timeline",
        "/profiles/user_id:ann?tab=identity",
        "/profiles/user_id:ann?tab=audiences",
        "/profiles/user_id:ann?tab=deliveries",
        "/profiles/user_id:ann?tab=privacy",
    ),
    "/replays": ("/replays",),
    "/replays/-/new": ("/replays/-/new",),
    "/replays/$id": ("/replays/{replay}",),
    "/settings": ("/settings", "/settings?tab=identity", "/settings?tab=profile-api"),
    "/setup": ("/setup",),
    "/sign-in": ("/sign-in",),
    "/sources": ("/sources",),
    "/sources/-/new": ("/sources/-/new",),
    "/sources/$name": (
        "/sources/backend?tab=setup",
        "/sources/backend?tab=schema",
        "/sources/backend?tab=plan",
        "/sources/backend?tab=settings",
    ),
    "/sql": ("/sql",),
    "/team": ("/team", "/team?tab=tokens"),
    "/tracking-plans": ("/tracking-plans",),
    "/tracking-plans/$name": (
        "/tracking-plans/commerce",
        "/tracking-plans/commerce?tab=infer",
        "/tracking-plans/commerce?tab=violations",
        "/tracking-plans/commerce?tab=controls",
        "/tracking-plans/commerce?tab=dry-run",
        "/tracking-plans/commerce?tab=versions",
        "/tracking-plans/commerce?tab=sources",
    ),
    "/traits": ("/traits",),
    "/traits/-/new": ("/traits/-/new",),
    "/traits/$key": ("/traits/revenue",),
    "/transformations": ("/transformations",),
    "/transformations/-/new": ("/transformations/-/new",),
    "/transformations/$name": ("/transformations/country%20names",),
}
"""The router's path → addresses. `{letter}` and its like are filled in with what the shop has."""

NOWHERE: Final = "/nowhere"
"""Of no page."""

SIGNED_OUT: Final = {"/setup", "/sign-in", "/join"}
"""Shown to who is not signed in."""


def router_paths() -> set[str]:
    """What `routes.ts` of all pages declare."""
    return {
        path for file in PAGES.glob("*/routes.ts") for path in re.findall(r'\bpath: "([^"]+)"', file.read_text())
    }


def addresses(*, signed_in: bool = True) -> list[str]:
    found = [
        address for path, found in ADDRESSES.items() if (path not in SIGNED_OUT) is signed_in for address in found
    ]
    return [*found, NOWHERE] if signed_in else found
