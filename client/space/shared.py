"""A question that many ask at the same time, asked once for all of them.

An answer serves everybody who came before it was asked for, and nobody who came
after: what it says may have changed between. So one question is under way, and
all who come meanwhile share the next one.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import trio

from formats.errors import HoldfastError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Answer(Generic[T]):
    """What the question of this number was answered with, if it did not fail."""

    number: int
    found: tuple[T, ...]
    error: HoldfastError | None = None


class Shared(Generic[T]):
    """Calls ``ask``, never twice at the same time. Its failures are shared like its answers."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask: Final = ask
        self._turn: Final = trio.Lock()
        self._asked = 0
        self._last: _Answer[T] = _Answer(0, ())

    async def call(self) -> T:
        """An answer that was asked for after this was called. Who gives up stops nobody else."""
        came = self._asked
        async with self._turn:
            if self._last.number <= came:
                self._asked += 1
                self._last = await self._answer(self._asked)
            if self._last.error is not None:
                raise self._last.error
            return self._last.found[0]

    async def _answer(self, number: int) -> _Answer[T]:
        try:
            return _Answer(number, (await self._ask(),))
        except HoldfastError as error:
            return _Answer(number, (), error)
