"""Pub/Sub over its REST contract: a server on loopback that holds us to it, signatures and tokens included.

There is no emulator to be had here without a Java machine and Google's installer, so the server checks what the
reference says of each request, with the public half of the key for the assertion.
"""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from driving import Driven, item

from headwater.destinations.kit.model import Delivered, Item, Rejected

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
EMAIL = "headwater@shop-123456.iam.gserviceaccount.com"
TOPIC = "projects/shop-123456/topics/events"


class PubSub:
    """Two services: that of tokens, and that of topics."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.messages: list[dict[str, Any]] = []
        self.permissions = ["pubsub.topics.publish"]
        self.url = ""

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        try:
            claims = jwt.decode(
                str(form["assertion"]), KEY.public_key(), algorithms=["RS256"], audience=f"{self.url}/token"
            )
        except jwt.PyJWTError as error:
            return web.json_response({"error": "invalid_grant", "error_description": str(error)}, status=400)
        assert claims["iss"] == EMAIL
        assert claims["scope"] == "https://www.googleapis.com/auth/pubsub"
        assert claims["exp"] - claims["iat"] <= 3_600
        self.tokens.append(f"ya29.{len(self.tokens)}")
        return web.json_response({"access_token": self.tokens[-1], "expires_in": 3_599, "token_type": "Bearer"})

    async def topic(self, request: web.Request) -> web.Response:
        if self.tokens and request.headers.get("Authorization") != f"Bearer {self.tokens[-1]}":
            return _error(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED")
        topic, _, verb = request.match_info["of"].partition(":")
        if topic != TOPIC:
            return _error(404, f"Resource not found (resource={topic.rpartition('/')[2]}).", "NOT_FOUND")
        body = await request.json()
        if verb == "testIamPermissions":
            held = [each for each in body["permissions"] if each in self.permissions]
            return web.json_response({"permissions": held} if held else {})
        assert verb == "publish"
        if not 0 < len(body["messages"]) <= 1_000:
            return _error(400, "The value for message_count is out of range.", "INVALID_ARGUMENT")
        first = len(self.messages)
        for message in body["messages"]:
            assert message.keys() <= {"data", "attributes", "orderingKey"}
            assert all(isinstance(value, str) for value in message.get("attributes", {}).values())
            base64.b64decode(message["data"], validate=True)
            self.messages.append(message)
        return web.json_response({"messageIds": [str(first + n) for n in range(len(body["messages"]))]})


def _error(status: int, message: str, name: str) -> web.Response:
    return web.json_response({"error": {"code": status, "message": message, "status": name}}, status=status)


@asynccontextmanager
async def pubsub() -> AsyncIterator[PubSub]:
    server = PubSub()
    app = web.Application()
    app.add_routes([web.post("/token", server.token), web.post("/v1/{of:.+}", server.topic)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


def settings(server: PubSub, **more: Any) -> dict[str, Any]:
    account = {
        "type": "service_account",
        "client_email": EMAIL,
        "private_key": PEM,
        "private_key_id": "k1",
        "token_uri": f"{server.url}/token",
    }
    named = {"project": "shop-123456", "topic": "events", "endpoint": server.url}
    return named | {"service_account": msgspec.json.encode(account).decode()} | more


def record(message_id: str, **more: Any) -> Item:
    return item(message_id, {"data": {"messageId": message_id, "name": "Zoë"}, "key": "ann"} | more)


async def test_publish_when_a_service_account_signs_then_one_token_serves_all_and_messages_arrive() -> None:
    async with pubsub() as server, Driven("google-pubsub", settings(server, ordered=True)) as driven:
        assert await driven.test() == Delivered("200")
        records = [record("m-1", attributes={"type": "track", "n": 1}), record("m-2")]
        assert await driven.perform("publish", records) == [Delivered("200")] * 2
    assert [msgspec.json.decode(base64.b64decode(each["data"])) for each in server.messages] == [
        {"messageId": "m-1", "name": "Zoë"},
        {"messageId": "m-2", "name": "Zoë"},
    ]
    assert server.messages[0]["attributes"] == {"type": "track", "n": "1"}
    assert server.messages[0]["orderingKey"] == "ann"


async def test_publish_when_one_message_is_too_large_then_it_alone_is_refused() -> None:
    async with pubsub() as server, Driven("google-pubsub", settings(server)) as driven:
        large = record("m-2", attributes={"x": "y" * 1_025})
        first, second = await driven.perform("publish", [record("m-1"), large])
    assert first == Delivered("200")
    assert isinstance(second, Rejected)
    assert (second.reason, second.sent) == ("MESSAGE_REJECTED", False)
    assert len(server.messages) == 1


async def test_publish_when_there_is_no_such_topic_then_rejected_in_googles_words() -> None:
    async with pubsub() as server, Driven("google-pubsub", settings(server, topic="other")) as driven:
        assert await driven.perform("publish", [record("m-1")]) == [
            Rejected("404", "Resource not found (resource=other).")
        ]


async def test_connection_when_the_account_may_not_publish_then_said() -> None:
    async with pubsub() as server, Driven("google-pubsub", settings(server)) as driven:
        server.permissions = []
        assert await driven.test() == Rejected(
            "403", "the service account lacks pubsub.topics.publish on this topic"
        )


async def test_publish_when_it_is_an_emulator_then_nobody_asks_for_a_token() -> None:
    async with pubsub() as server, Driven("google-pubsub", settings(server, service_account="")) as driven:
        assert await driven.perform("publish", [record("m-1")]) == [Delivered("200")]
        assert server.tokens == []
