"""What the addresses of pictures are made of: ids that only the platform knows."""

from urllib.parse import quote

from .people import MAYA
from .screens import DAILY_ORDERS
from .shop import ADA, Shop


def known(shop: Shop, invitation: str) -> dict[str, str]:
    ada = shop.teammate(ADA)

    def newest(path: str, member: str, note: str = "") -> str:
        found = [each[member] for each in ada.asks("GET", path)["data"] if note in each.get("note", "")]
        return str(found[0]) if found else ""

    return {
        "event": newest("/events?event=Order%20Completed&limit=1", "message_id"),
        "replay": newest("/replays", "id"),
        "letter": newest("/dead-letters?stage=govern&reason=schema_violation", "id"),
        "receipt": newest("/receipts?destination=support&status=retrying", "id"),
        "invitation": invitation,
        "person": shop.life.people[MAYA].user_id,
        "rule": quote("track.1.Order Completed"),
        "sql": quote(DAILY_ORDERS),
        "version": newest("/workspace/versions", "version", "Less noise"),
    }
