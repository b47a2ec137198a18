"""One question for many: who shares an answer, who must not, and who gives up."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from client.space.shared import Shared
from formats.errors import Unreachable


class Question:
    """Counts how often it is asked; answers when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = trio.Event()
        self.error: Unreachable | None = None

    async def ask(self) -> int:
        self.asked += 1
        number = self.asked
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return number


async def test_who_comes_while_a_question_is_under_way_shares_the_next_one() -> None:
    question = Question()
    shared, answers = Shared(question.ask), list[int]()

    async def call() -> None:
        answers.append(await shared.call())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(call)
        await wait_all_tasks_blocked()
        for _ in range(5):
            nursery.start_soon(call)
        await wait_all_tasks_blocked()
        assert question.asked == 1
        question.go.set()
    assert answers == [1, 2, 2, 2, 2, 2]


async def test_an_answer_serves_nobody_who_came_after_it() -> None:
    question = Question()
    question.go.set()
    shared = Shared(question.ask)
    assert [await shared.call(), await shared.call()] == [1, 2]


async def test_who_gives_up_stops_nobody_else() -> None:
    question = Question()
    shared, answers = Shared(question.ask), list[int]()
    gives_up = trio.CancelScope()

    async def impatient() -> None:
        with gives_up:
            await shared.call()

    async def call() -> None:
        answers.append(await shared.call())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(impatient)
        await wait_all_tasks_blocked()
        nursery.start_soon(call)
        await wait_all_tasks_blocked()
        gives_up.cancel()
        question.go.set()
    assert answers == [2]


async def test_a_failure_is_shared_and_the_next_question_is_asked_anew() -> None:
    question = Question()
    question.error = Unreachable("away")
    shared, failed = Shared(question.ask), list[int]()

    async def call() -> None:
        with pytest.raises(Unreachable):
            await shared.call()
        failed.append(question.asked)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(call)
        await wait_all_tasks_blocked()
        nursery.start_soon(call)
        nursery.start_soon(call)
        await wait_all_tasks_blocked()
        question.go.set()
    assert failed == [1, 2, 2]
    question.error = None
    assert await shared.call() == 3
