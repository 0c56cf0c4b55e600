"""Hashing passwords beside the event loop: in threads of its own, few at a time, few waiting."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from headwater import limits
from headwater.errors import BusyError
from headwater.team import passwords

Result = TypeVar("Result")


class Hashing:
    """BusyError when too many are waiting."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(limits.team.PASSWORD_HASHES_AT_ONCE, thread_name_prefix="passwords")
        self._waiting = 0

    def check_room(self) -> None:
        if self._waiting >= limits.team.PASSWORD_HASHES_WAITING_MAX:
            raise BusyError("too many people are signing in at once", retry_after_s=3)

    async def hashed(self, password: str) -> str:
        return await self._in_turn(lambda: passwords.hashed(password))

    async def is_right(self, password: str, password_hash: str) -> bool:
        return await self._in_turn(lambda: passwords.is_right(password, password_hash))

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _in_turn(self, work: Callable[[], Result]) -> Result:
        self.check_room()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
