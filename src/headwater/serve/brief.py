"""Answers that several people ask for at once, and again every few seconds: worked out once, kept for a moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, TypeVar, cast

ANSWERS_MAX: Final = 64
"""Kept at once, some hundred kilobytes each at most."""

Answer = TypeVar("Answer")


class BriefAnswers:
    """For one event loop. Who asks while an answer is being worked out waits for that one."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answers: dict[Hashable, tuple[float, asyncio.Task[Any]]] = {}

    async def get(self, key: Hashable, work: Callable[[], Awaitable[Answer]], *, kept_s: float) -> Answer:
        """The answer for this key, at most `kept_s` old. One that fails is not kept."""
        now_s = self._clock()
        begun_s, task = self._answers.get(key, (float("-inf"), None))
        if task is None or now_s - begun_s > kept_s or (task.done() and _failed(task)):
            task = asyncio.ensure_future(_working(work))
            self._answers.pop(key, None)
            self._answers[key] = now_s, task
            while len(self._answers) > ANSWERS_MAX:
                del self._answers[next(iter(self._answers))]
        # Who hangs up must not take the answer from the others.
        return cast(Answer, await asyncio.shield(task))


async def _working(work: Callable[[], Awaitable[Answer]]) -> Answer:
    return await work()


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.cancelled() or task.exception() is not None
