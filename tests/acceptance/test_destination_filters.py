"""What destinations get through the running processes: consent, integrations, a source's switches, filters and
mappings; and a receipt for what they do not get.
"""

import json
from pathlib import Path
from typing import Any

from .stand import SETTLE_S_MAX, WRITE_KEY, Hook, stand, until, workspace
from .test_transformations import run


def sent(number: int, event: str = "Order Completed", **more: Any) -> dict[str, Any]:
    call = {"type": "track", "messageId": f"m{number}", "userId": "ann", "event": event}
    return call | {"properties": {"email": "a@b.c", "total": number}} | more


EVENTS = {
    "m1": (sent(1), "delivered"),
    "m2": (sent(2, context={"consent": {"categoryPreferences": {"ads": False}}}), "FILTERED_BY_END_USER_CONSENT"),
    "m3": (sent(3, integrations={"All": False}), "FILTERED_BY_INTEGRATIONS_OBJECT"),
    "m4": (sent(4, "Cart Viewed"), "FILTERED_BY_INTEGRATIONS_OBJECT"),
    "m5": (sent(5, "Debug"), "FILTERED_BY_RULES"),
    "m6": (sent(6, "Debug", integrations={"crm": False}), "FILTERED_BY_INTEGRATIONS_OBJECT"),
    "m7": (sent(7, "Other"), "NO_MATCHING_MAPPING"),
    "m8": (sent(8, integrations={"All": False, "crm": True}), "delivered"),
    "m9": (sent(9, _metadata={"bundled": ["crm"]}), "MESSAGE_SENT_CLIENT_SIDE"),
}
"""What is sent, and what the receipt says."""


def test_destination_when_it_may_not_have_everything_then_it_gets_the_rest_and_receipts_say_why(
    tmp_path: Path,
) -> None:
    with Hook(keeps_bodies=True) as hook:
        file = workspace(hooks={"crm": hook.url}, schema={"integrations_off": {"Cart Viewed": ["crm"]}})
        file["destinations"][0] |= {
            "consent": ["ads"],
            "filters": [
                {"if": 'event = "Debug"', "action": "drop"},
                {"if": "all", "actions": [{"type": "DROP_PROPERTIES", "fields": {"properties": ["email"]}}]},
                {"if": 'event = "Audience Entered"', "action": "drop_properties", "fields": {"": ["context"]}},
            ],
            "mappings": [
                {"name": "Orders", "action": "send", "trigger": 'event = "Order Completed"'},
                {"name": "Audiences", "action": "send", "trigger": 'event = "Audience Entered"'},
            ],
        }
        file["audiences"] = [
            {
                "key": "buyers",
                "where": {"event": "Order Completed"},
                "destinations": [{"name": "crm", "send": ["track"]}],
            }
        ]
        with stand(tmp_path, file) as system:
            body = json.dumps({"batch": [event for event, _ in EVENTS.values()], "writeKey": WRITE_KEY})
            status, _, answer = system.request("POST", "/v1/batch", body)
            assert status == 200, answer

            found: dict[str, str] = {}

            def settled() -> bool:
                listed = json.loads(run(system, "receipts", "list", "--destination", "crm", "--json"))["data"]
                found.update(
                    {
                        each["message_id"]: "delivered" if each["status"] == "delivered" else each["reason"]
                        for each in listed
                    }
                )
                return found.keys() >= EVENTS.keys() and len(found) > len(EVENTS)

            until(settled, SETTLE_S_MAX, lambda: f"{found}\n{system.output()}")
            assert {key: found[key] for key in EVENTS} == {key: reason for key, (_, reason) in EVENTS.items()}
            assert hook.bodies is not None
            got = {key: (body["event"], "context" in body) for key, body in hook.bodies.items()}
            (entered,) = got.keys() - EVENTS.keys()
            assert got == {
                "m1": ("Order Completed", True),
                "m8": ("Order Completed", True),
                entered: ("Audience Entered", False),
            }
            assert hook.bodies["m1"]["properties"] == {"total": 1}
