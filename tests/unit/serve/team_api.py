"""The private API with a team: people signed in in browsers of their own, and programs with tokens."""

import asyncio
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

import httpx
from argon2 import PasswordHasher
from private_api import Api

from headwater.team import passwords
from headwater.team.roles import Role

PASSWORD = "correct horse battery"
FILE = """
workspace: shop
sources:
  - {name: web, write_key: wk_web}
destinations:
  - {name: crm, type: webhook, settings: {url: "https://crm.example/in", shared_secret: hush-hush}}
"""


class Browser:
    """Keeps cookies, and sends what a browser sends."""

    def __init__(self, api: Api, **headers: str) -> None:
        self._api = api
        self._headers = {"sec-fetch-site": "same-origin", "user-agent": "a browser"} | headers
        self.cookies = httpx.Cookies()
        self.csrf_token = ""

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = self._headers | ({"x-csrf-token": self.csrf_token} if self.csrf_token else {})
        headers |= request.pop("headers", {})

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._api.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://test", cookies=self.cookies
            ) as client:
                answer = await client.request(method, f"/api/v1{path}", headers=headers, timeout=60, **request)
                self.cookies = client.cookies
                return answer

        answer = asyncio.run(ask())
        if answer.status_code == 200 and "csrf_token" in answer.text:
            self.csrf_token = answer.json()["csrf_token"]
        return answer

    def done(self, method: str, path: str, **request: Any) -> Any:
        answer = self.ask(method, path, **request)
        assert answer.is_success, answer.text
        return answer.json()

    def error(self, method: str, path: str, **request: Any) -> tuple[int, str]:
        answer = self.ask(method, path, **request)
        assert answer.is_error, answer.text
        return answer.status_code, answer.json()["error"]["code"]

    def sign_in(self, email: str, password: str = PASSWORD) -> Self:
        self.done("POST", "/session", json={"email": email, "password": password})
        return self


class TeamApi(Api):
    """With `ann@example.com`, the first admin, signed in as `ann`."""

    def __init__(self, data: Path, workspace: str = FILE) -> None:
        super().__init__(data, workspace)
        # What hashing costs is tested where it is done; here it would be most of the time.
        self._cheap = patch.object(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self._cheap.start()
        self.ann = Browser(self)
        self.ann.done(
            "POST",
            "/setup",
            json={"email": "ann@example.com", "password": PASSWORD, "name": "Ann"},
            headers={"authorization": "Bearer admin"},
        )

    def close(self) -> None:
        self._cheap.stop()
        super().close()

    def browser(self, **headers: str) -> Browser:
        return Browser(self, **headers)

    def joined(self, email: str, role: Role) -> Browser:
        """Somebody who was invited, has chosen the password, and is signed in."""
        invited = self.ann.done("POST", "/team/members", json={"email": email, "role": role})
        browser = self.browser()
        browser.done("POST", "/invitations/accept", json={"token": invited["link"]["token"], "password": PASSWORD})
        return browser

    def token(self, role: Role) -> str:
        days = {"days": 1} if role is Role.ADMIN else {}
        issued = self.ann.done("POST", "/team/tokens", json={"name": f"{role} program", "role": role, **days})
        secret: str = issued["secret"]
        return secret

    def audit(self, **query: Any) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = self.json("/audit", **query)["data"]
        return lines
