"""Salesforce through the real engine: tokens that end, records with answers of their own, a lock that passes."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
from aiohttp import web

from delivering import Endpoint, delivery, event
from headwater.config.destinations import DestinationRetry
from headwater.config.workspace import Destination
from headwater.event import OutboundEvent

COLLECTION = "/services/data/v64.0/composite/sobjects/Contact/Email"


class Organisation(Endpoint):
    """A Salesforce as far as it is asked: tokens that end after some requests, and contacts by their address."""

    def __init__(self, *, requests_per_token: int = 1000) -> None:
        super().__init__()
        self.requests_per_token = requests_per_token
        self.tokens = 0
        self.refused = 0
        """Requests with a token that had ended."""
        self.contacts: dict[str, dict[str, Any]] = {}
        self.locked: set[str] = set()
        """Addresses of contacts that somebody else is writing to; each once."""
        self.sizes: list[int] = []
        """Of the requests that were taken, in records."""
        self._left = 0

    @property
    def base(self) -> str:
        return self.url.removesuffix("/hook")

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        response = self._answer(request, body)
        await self._tell()
        return response

    def _answer(self, request: web.BaseRequest, body: bytes) -> web.Response:
        if request.path == "/services/oauth2/token":
            form = parse_qs(body.decode())
            if form.get("client_secret") != ["s3cret"]:
                return web.json_response({"error": "invalid_client"}, status=400)
            self.tokens += 1
            self._left = self.requests_per_token
            return web.json_response({"access_token": f"token {self.tokens}", "instance_url": self.base})
        if request.headers["Authorization"] != f"Bearer token {self.tokens}" or self._left == 0:
            self.refused += 1
            error = {"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}
            return web.json_response([error], status=401)
        self._left -= 1
        assert (request.method, request.path) == ("PATCH", COLLECTION)
        records = msgspec.json.decode(body)["records"]
        self.sizes.append(len(records))
        twice = len({record["Email"] for record in records}) < len(records)
        return web.json_response([self._upserted(record, twice) for record in records])

    def _upserted(self, record: dict[str, Any], twice: bool) -> dict[str, Any]:
        address = record["Email"]
        if twice:
            return self._error("DUPLICATE_VALUE", "Duplicate external id specified")
        if address in self.locked:
            self.locked.discard(address)
            return self._error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        is_new = address not in self.contacts
        if is_new and "LastName" not in record:
            return self._error("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]")
        self.contacts.setdefault(address, {}).update(record)
        return {"id": f"003{len(self.contacts)}", "success": True, "created": is_new, "errors": []}

    @staticmethod
    def _error(code: str, message: str) -> dict[str, Any]:
        return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}


def identify(person: str, **traits: Any) -> OutboundEvent:
    made = event(person=person, type="identify", event=None)
    whole = {
        "type": "identify",
        "messageId": made.message_id,
        "userId": person,
        "traits": {"email": f"{person}@example.com", **traits},
    }
    body = msgspec.json.encode(whole)
    return event(person=person, type="identify", event=None, message_id=made.message_id, body=body)


def crm(organisation: Organisation, name: str, secret: str = "s3cret") -> Destination:
    settings = {"instance_url": organisation.base, "client_id": "id", "client_secret": secret}
    retry = DestinationRetry(base_s=0.05, delay_max_s=0.1)
    return Destination(name=name, type="salesforce", settings=settings, retry=retry)


async def test_contacts_when_some_cannot_be_written_then_each_ends_as_salesforce_says_of_it(
    tmp_path: Path,
) -> None:
    organisation = Organisation()
    organisation.locked = {"p7@example.com", "p30@example.com"}
    await organisation.up()
    try:
        async with delivery(tmp_path) as system:
            system.apply(crm(organisation, "crm-each"))
            people = [identify(f"p{n}", firstName="P", lastName=f"L{n}") for n in range(60)]
            nameless = identify("nobody")
            again = [identify(f"p{n}", firstName="Q", lastName=f"M{n}") for n in range(0, 60, 10)]
            system.append([*people, nameless, *again])
            await system.start()
            async with asyncio.timeout(30):
                await system.until(lambda: len(system.jobs.dead_letters()) == 1)
                await organisation.until(
                    lambda: (
                        len(organisation.contacts) == 60
                        and all(
                            organisation.contacts[f"p{n}@example.com"]["LastName"] == f"M{n}" for n in (0, 10, 20)
                        )
                    )
                )
            (letter,) = system.jobs.dead_letters()
        assert letter.event.message_id == nameless.message_id
        assert (letter.reason, letter.message) == (
            "BAD_REQUEST",
            "REQUIRED_FIELD_MISSING: Required fields are missing: [LastName]",
        )
        assert not organisation.locked
        assert len(organisation.sizes) < 30  # together, not one by one
        assert organisation.tokens == 1
    finally:
        await organisation.down()


async def test_token_when_it_ends_again_and_again_then_a_new_one_is_asked_for_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    organisation = Organisation(requests_per_token=2)
    await organisation.up()
    try:
        async with delivery(tmp_path) as system:
            system.apply(crm(organisation, "crm-tokens"))
            await system.start()
            async with asyncio.timeout(30):
                for n in range(6):
                    system.append([identify(f"p{n}", lastName="L")])
                    await organisation.until(lambda n=n: len(organisation.contacts) == n + 1)  # type: ignore[misc]
            assert system.jobs.dead_letters() == []
        assert organisation.tokens >= 3
        assert organisation.refused >= 2
    finally:
        await organisation.down()


async def test_token_when_salesforce_gives_none_then_dead_letters_say_why(tmp_path: Path) -> None:
    organisation = Organisation()
    await organisation.up()
    try:
        async with delivery(tmp_path) as system:
            system.apply(crm(organisation, "crm-refused", secret="wr0ng"))
            system.append([identify("ann", lastName="Lee")])
            await system.start()
            async with asyncio.timeout(30):
                await system.until(lambda: len(system.jobs.dead_letters()) == 1)
            (letter,) = system.jobs.dead_letters()
        assert (letter.reason, letter.message) == ("OAUTH_REFRESH_FAILED", "no access token: invalid_client")
        assert not organisation.contacts
    finally:
        await organisation.down()
