"""The jobs store as delivery's event loop uses it: in a thread of its own, and patient with the disk."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import structlog

from headwater.delivery.jobs import Jobs
from headwater.errors import BusyError
from headwater.telemetry import Health

logger = structlog.get_logger()

T = TypeVar("T")

OBSTACLE = "delivery_store"


class Ledger:
    """Calls of any number of tasks, one after the other. A disk that refuses stops delivery, visibly and
    without loss: what could not be noted stays held, nothing more is taken, and the call is repeated.
    """

    def __init__(self, jobs: Jobs, health: Health) -> None:
        self.jobs = jobs
        self._health = health
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="delivery-store")
        self._patient = True

    async def call(self, verb: Callable[..., T], /, *arguments: Any, **named: Any) -> T:
        """The result of one verb of `jobs`. StorageError only once patience was given up."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                result = await loop.run_in_executor(self._thread, partial(verb, *arguments, **named))
            except BusyError as error:
                if not self._patient:
                    raise
                self._health.obstacle(OBSTACLE, f"delivery cannot note its progress: {error}")
                logger.warning("delivery_store_refuses", why=str(error))
                await asyncio.sleep(error.retry_after_s)
            else:
                self._health.clear(OBSTACLE)
                return result

    def give_up(self) -> None:
        """The role ends: what the disk refuses now will be done again by the next start."""
        self._patient = False

    def close(self) -> None:
        self._thread.shutdown()
