"""A small shop on a platform of its own, with something to see on every page: people, an audience, a destination
that takes events and one that refuses them, dead letters, a plan that is broken, a replay, a deletion.
"""

from pathlib import Path
from typing import Any, Final, Self

from acceptance.stand import Hook, until

from .person import PASSWORD
from .running import Running

LOAD_S_MAX: Final = 60

KEY: Final = "wk_backend"


def workspace(crm: str, mail: str) -> dict[str, Any]:
    order = {"order_id": {"type": "string"}, "total": {"type": "number"}}
    return {
        "workspace": "shop",
        "settings": {"allow_private_destinations": True, "lake_visible_s": 0.5},
        "sources": [
            {"name": "website", "type": "javascript", "write_key": "wk_website"},
            {"name": "backend", "type": "server", "write_key": KEY, "tracking_plan": "commerce"},
        ],
        "destinations": [
            {
                "name": "crm",
                "type": "webhook",
                "settings": {"url": crm},
                "filters": [{"if": 'event = "Debug"', "action": "drop"}],
            },
            {"name": "mail", "type": "webhook", "settings": {"url": mail}},
        ],
        "tracking_plans": [
            {
                "name": "commerce",
                "rules": [
                    {
                        "type": "track",
                        "event": "Order Completed",
                        "schema": {"properties": {"properties": {"properties": order, "required": ["order_id"]}}},
                    }
                ],
                "controls": {"allow_event_on_violations": False},
            }
        ],
        "transformations": [
            {"name": "country names", "if": 'type = "identify"', "map_properties": {"country": {"DE": "Germany"}}}
        ],
        "traits": [{"key": "revenue", "kind": "sum", "event": "Order Completed", "property": "total"}],
        "audiences": [
            {
                "key": "buyers",
                "name": "Buyers",
                "where": {"event": "Order Completed"},
                "destinations": [{"name": "crm", "send": ["track"], "ids": {"user_id": "all"}}],
            },
            {
                "key": "big_spenders",
                "name": "Big spenders",
                "where": {"computed": "revenue", "op": ">=", "value": 50},
            },
        ],
    }


class Shop:
    """The platform, and what an address needs to know of it."""

    def __init__(self, folder: Path) -> None:
        self._crm, self._mail = Hook(), Hook()
        self._crm.__enter__()
        self._mail.__enter__()
        self._mail.status = 400
        self.platform = Running(folder, workspace(self._crm.url, self._mail.url))
        self.platform.wait_until_ready()
        self.admin = self.platform.has_admin()
        self.viewer = self._teammate("vera@shop.example", "viewer")
        self.known: dict[str, str] = {}

    def open(self) -> Self:
        """Let it happen, until all of it can be seen."""
        self._events()
        platform = self.platform
        letters = lambda: platform.ask("GET", "/dead-letters?stage=govern")["data"]  # noqa: E731
        until(lambda: letters() != [], LOAD_S_MAX)
        until(lambda: platform.ask("GET", "/audiences/buyers")["size"] > 0, LOAD_S_MAX)
        until(lambda: platform.ask("GET", "/receipts?destination=mail&status=failed")["data"] != [], LOAD_S_MAX)
        until(lambda: platform.sql("SELECT count(*) AS n FROM events")[0]["n"] >= 20, LOAD_S_MAX)
        asked = {"from": "lake", "to": "crm", "since": "24h"}
        replay = platform.ask("POST", "/replays", asked, status=201)
        leaver = {"regulationType": "SUPPRESS_WITH_DELETE", "subjectIds": ["leaver"]}
        platform.ask("POST", "/regulations", leaver)
        event = platform.sql("SELECT message_id FROM events WHERE event = 'Order Completed' LIMIT 1")
        self.known = {"letter": letters()[0]["id"], "replay": replay["id"], "event": event[0]["message_id"]}
        return self

    def address(self, pattern: str) -> str:
        """Ids look like numbers to the router, which writes such texts in quotes."""
        filled = pattern
        for name, value in self.known.items():
            quoted = f"%22{value}%22" if "?" in pattern else value
            filled = filled.replace("{" + name + "}", quoted)
        return filled

    def close(self) -> None:
        assert self.platform.stop() == 0, self.platform.output()
        self._crm.__exit__()
        self._mail.__exit__()

    def _teammate(self, email: str, role: str) -> str:
        """Somebody who has been invited and has chosen a password."""
        invited = self.platform.ask("POST", "/team/members", {"email": email, "role": role}, status=201)
        accepted = {"token": invited["link"]["token"], "password": PASSWORD}
        self.platform.ask("POST", "/invitations/accept", accepted)
        return email

    def _events(self) -> None:
        send = self.platform.send
        for number, name in enumerate(("ann", "bob", "cid", "dora", "leaver")):
            traits = {"email": f"{name}@example.com", "name": name.capitalize(), "country": "DE"}
            visit = {"anonymousId": f"device-{name}", "name": "Home", "properties": {"path": "/"}}
            send("wk_website", "page", visit)
            send("wk_website", "identify", {"userId": name, "anonymousId": f"device-{name}", "traits": traits})
            for order in range(number + 1):
                properties = {"order_id": f"{name}-{order}", "total": 20.5 * (order + 1)}
                send(KEY, "track", {"userId": name, "event": "Order Completed", "properties": properties})
        send(KEY, "identify", {"userId": "ann", "traits": {"email": "ann@work.example"}})
        send(KEY, "track", {"userId": "ann", "event": "Order Completed", "properties": {"total": "much"}})
        send(KEY, "track", {"event": "Order Completed", "properties": {"order_id": "nobody"}})
