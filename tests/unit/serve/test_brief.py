"""Answers that are worked out once for all who ask at the same time, and kept for a moment."""

import asyncio

import pytest

from headwater.serve.brief import ANSWERS_MAX, BriefAnswers


class Work:
    """Counts how often it is done; waits until it is let go."""

    def __init__(self) -> None:
        self.times = 0
        self.let_go = asyncio.Event()

    async def __call__(self) -> int:
        self.times += 1
        await self.let_go.wait()
        return self.times


async def failing() -> int:
    raise ValueError("not now")


async def once(answers: BriefAnswers, key: object, work: Work, kept_s: float = 10.0) -> int:
    return await answers.get(key, work, kept_s=kept_s)


def test_answer_when_many_ask_at_once_then_it_is_worked_out_once() -> None:
    async def ask() -> None:
        answers, work = BriefAnswers(clock=lambda: 0.0), Work()
        asking = [asyncio.create_task(once(answers, "a", work)) for _ in range(5)]
        await asyncio.sleep(0)
        asking[0].cancel()  # who hangs up takes it from nobody else
        work.let_go.set()
        assert await asyncio.gather(*asking[1:]) == [1, 1, 1, 1]
        assert await once(answers, "b", work) == 2, "another question is another answer"

    asyncio.run(ask())


def test_answer_when_it_is_old_then_it_is_worked_out_again() -> None:
    async def ask() -> None:
        now_s = [0.0]
        answers, work = BriefAnswers(clock=lambda: now_s[0]), Work()
        work.let_go.set()
        assert await once(answers, "a", work) == 1
        now_s[0] = 9.0
        assert await once(answers, "a", work) == 1
        now_s[0] = 11.0
        assert await once(answers, "a", work) == 2

    asyncio.run(ask())


def test_answer_when_it_fails_then_the_next_one_tries_again() -> None:
    async def ask() -> None:
        answers, work = BriefAnswers(clock=lambda: 0.0), Work()
        work.let_go.set()
        with pytest.raises(ValueError, match="not now"):
            await answers.get("a", failing, kept_s=10.0)
        assert await once(answers, "a", work) == 1

    asyncio.run(ask())


def test_answers_when_questions_are_many_then_the_oldest_are_forgotten() -> None:
    async def ask() -> None:
        answers, work = BriefAnswers(clock=lambda: 0.0), Work()
        work.let_go.set()
        for number in range(ANSWERS_MAX + 1):
            await once(answers, number, work)
        assert await once(answers, 0, work) == ANSWERS_MAX + 2
        assert await once(answers, ANSWERS_MAX, work) == ANSWERS_MAX + 1

    asyncio.run(ask())
