"""The shop in front of the camera: its platform, its tools, the people who work there."""

import http.client
import json
import random
import time
import urllib.parse
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from console.person import PASSWORD
from console.running import Running

from .clock import Clock
from .life import KEYS, Life, Said, as_sent
from .tools import Tools
from .workspace import first_version, tools

BATCH: Final = 200
SETTLE_S_MAX: Final = 30
LOOK_EVERY_S: Final = 0.15

ADA, EDVIN, PRIYA, VERA = ("ada@shop.example", "edvin@shop.example", "priya@shop.example", "vera@shop.example")


class Teammate:
    """Who works with the console, signed in, as far as the API is concerned."""

    def __init__(self, address: str, email: str) -> None:
        self._address = address
        self._headers = {
            "Content-Type": "application/json",
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        }
        me, headers = self._exchange("POST", "/session", {"email": email, "password": PASSWORD})
        self._headers |= {"Cookie": headers["Set-Cookie"].partition(";")[0], "X-CSRF-Token": me["csrf_token"]}

    def asks(self, method: str, path: str, body: Any = None, note: str = "") -> Any:
        if note:
            path += ("&" if "?" in path else "?") + urllib.parse.urlencode({"note": note})
        return self._exchange(method, path, body)[0]

    def _exchange(self, method: str, path: str, body: Any) -> tuple[Any, http.client.HTTPMessage]:
        with closing(http.client.HTTPConnection(self._address, timeout=60)) as connection:
            content = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v1{path}", content, self._headers)
            answer = connection.getresponse()
            said = answer.read()
        assert answer.status < 300, (method, path, answer.status, said)
        return json.loads(said) if said else None, answer.headers


class Shop:
    def __init__(self, platform: Running, tools: Tools, clock: Clock) -> None:
        self.platform = platform
        self.tools = tools
        self.clock = clock
        self.life = Life()
        self._dice = random.Random(13)
        self._signed_in: dict[str, tuple[date, Teammate]] = {}
        self._tokens: dict[str, str] = {}

    def teammate(self, email: str) -> Teammate:
        """Signed in, once a day."""
        day = self.clock.now.date()
        if self._signed_in.get(email, (None,))[0] != day:
            self._signed_in[email] = (day, Teammate(f"127.0.0.1:{self.platform.serve_port}", email))
        return self._signed_in[email][1]

    def has_token(self, name: str, role: str, days: int | None) -> None:
        made = self.teammate(ADA).asks("POST", "/team/tokens", {"name": name, "role": role, "days": days})
        self._tokens[name] = made["secret"]

    def asks_by_token(self, name: str, path: str) -> None:
        headers = {"Authorization": f"Bearer {self._tokens[name]}"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.platform.serve_port, timeout=60)) as connection:
            connection.request("GET", f"/api/v1{path}", None, headers)
            assert connection.getresponse().status == 200

    def invites(self, email: str, role: str, name: str) -> str:
        """The token of the link."""
        invited = self.teammate(ADA).asks("POST", "/team/members", {"email": email, "role": role, "name": name})
        token: str = invited["link"]["token"]
        return token

    def joins(self, email: str, role: str, name: str) -> None:
        accepted = {"token": self.invites(email, role, name), "password": PASSWORD, "name": name}
        self.platform.ask("POST", "/invitations/accept", accepted)

    def sends(self, said: Iterable[Said]) -> None:
        for source in KEYS:
            events = [as_sent(each, self._message_id()) for each in said if each.source == source]
            for first in range(0, len(events), BATCH):
                body = json.dumps({"batch": events[first : first + BATCH], "writeKey": KEYS[source]})
                status, _, answer = self.platform.request(
                    "POST", "/v1/batch", body, {"Content-Type": "application/json"}
                )
                assert status == 200, answer

    def says(self, source: str, call: str, **message: Any) -> str:
        """One call that somebody makes now; its message id."""
        message_id = self._message_id()
        self.sends_one(Said(self.clock.now, source, {"type": call, **message}), message_id)
        return message_id

    def sends_one(self, said: Said, message_id: str = "") -> None:
        body = json.dumps(
            {"batch": [as_sent(said, message_id or self._message_id())], "writeKey": KEYS[said.source]}
        )
        self.platform.request("POST", "/v1/batch", body, {"Content-Type": "application/json"})

    def settles(self) -> None:
        """Until everything that was sent has come as far as it gets: until nothing has changed between two looks,
        and nothing waits but for a tool that is down: that one is tried again and again.
        """
        deadline = time.monotonic() + SETTLE_S_MAX
        before = None
        while time.monotonic() < deadline:
            status = self.platform.ask("GET", "/status")
            counts = (
                status["sources"],
                {name: counted for name, counted in status["destinations"].items() if name not in self.tools.down},
            )
            if counts == before and not self._waits(status):
                return
            before = counts
            time.sleep(LOOK_EVERY_S)

    def _waits(self, status: dict[str, Any]) -> bool:
        down = {f"deliver:{name}" for name in self.tools.down}
        readers = [reader for role in status["roles"].values() for reader in role["readers"]]
        return any(reader["events"] for reader in readers if reader["reader"] not in down)

    def _message_id(self) -> str:
        return str(uuid.UUID(int=self._dice.getrandbits(128), version=4))


@contextmanager
def opened(folder: Path, clock: Clock) -> Iterator[Shop]:
    with tools() as others:
        platform = Running(folder, first_version(others))
        try:
            platform.wait_until_ready()
            yield Shop(platform, others, clock)
        finally:
            platform.stop()
