"""Access tokens of one destination: asked for when first needed, shared by all attempts, renewed in time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

from headwater.destinations.kit.model import Access, Answer, Failure, Request, Response, Token

logger = structlog.get_logger()

RENEWED_BEFORE_S: Final = 60.0
"""A token is renewed so long before it expires, or at half of its life if that is later: clocks differ, and an
attempt takes a while."""


BROKEN: Final = Failure("INTERNAL", "asking for an access token broke off inside Headwater")


class Tokens:
    def __init__(self, access: Access[Any], settings: Any, send: Callable[[Request], Awaitable[Answer]]) -> None:
        self._access = access
        self._settings = settings
        self._send = send
        self._asking = asyncio.Lock()
        self._token = ""
        self._good_until_s = 0.0

    async def token(self) -> str | Failure:
        """One that is good for a while. However many ask at once, one request is made."""
        if time.monotonic() < self._good_until_s:
            return self._token
        async with self._asking:
            if time.monotonic() < self._good_until_s:
                return self._token
            try:
                read = await self._ask()
            except Exception as error:  # a type that did not expect such a key, or such an answer
                logger.error("token_broke", error=type(error).__name__)
                read = BROKEN
            if isinstance(read, Failure):
                return read
            life_s = max(read.expires_in_s - RENEWED_BEFORE_S, read.expires_in_s / 2)
            self._token, self._good_until_s = read.value, time.monotonic() + life_s
            return self._token

    def refused(self, token: str) -> None:
        """Somebody was answered 401 with it. A newer one stays."""
        if token == self._token:
            self._good_until_s = 0.0

    async def _ask(self) -> Token | Failure:
        request = self._access.request(self._settings, time.time())
        if isinstance(request, Token):
            return request
        answer = await self._send(request)
        if isinstance(answer, Response):
            return self._access.read(answer)
        return answer if isinstance(answer, Failure) else Failure("INTERNAL", "no token was answered")
