"""A platform of one's own with its console, and what tests ask it from outside, as a program would."""

import json
from pathlib import Path
from typing import Any

from acceptance.stand import Stand

from .person import PASSWORD

ADMIN = "ada@shop.example"


class Running(Stand):
    """`headwater up` with a workspace; nobody is of its team yet."""

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.serve_port}"

    def has_admin(self, email: str = ADMIN) -> str:
        """Somebody who may do everything; their e-mail address."""
        name = email.partition("@")[0].capitalize()
        self.ask("POST", "/setup", {"email": email, "name": name, "password": PASSWORD})
        return email

    def track(self, write_key: str, user: str, event: str, **properties: Any) -> None:
        """One event, durable when this returns."""
        message = {"userId": user, "event": event, "properties": properties}
        self.send(write_key, "track", message)

    def send(self, write_key: str, call: str, message: dict[str, Any]) -> None:
        body = json.dumps({**message, "writeKey": write_key})
        status, _, said = self.request("POST", f"/v1/{call}", body, {"Content-Type": "application/json"})
        assert status == 200, said


def running(folder: Path, workspace: dict[str, Any]) -> Running:
    platform = Running(folder, workspace)
    platform.wait_until_ready()
    return platform
