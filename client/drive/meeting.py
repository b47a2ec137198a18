"""What several callers note at the same time goes into one operation on one tree of folders.

Noting one small file costs little beside what every operation costs: opening the
folders on the way, sealing the pages that changed. So those who come while a
commit is under way wait for it together, and the first of them takes all that
wait into one operation.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

import trio

from client.drive.edit import TreeEdit
from client.space.reading import Changing, Space
from formats.errors import HoldfastError, Unreachable
from formats.limits import MIB

MOST: Final = 6 * MIB
"""Bytes that go together: with the rest of a commit, below what goes inline."""

R = TypeVar("R")

Note = Callable[[TreeEdit], Awaitable[R]]
"""Notes changes in folders; may run again, on a newer state, and does not flush."""


@dataclass(slots=True, eq=False)
class _Waiting(Generic[R]):
    """Somebody who waits, and what became of it."""

    note: Note[R]
    size: int
    result: list[R] = field(default_factory=list)
    error: HoldfastError | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.result) or self.error is not None

    def outcome(self) -> R:
        if self.error is not None:
            raise self.error
        return self.result[0]


class Gathering:
    """Commits what is noted, together where it meets. ``edit`` opens the tree within an operation.

    ``space`` is asked for when it is needed: a drive may be given another one.
    """

    def __init__(self, space: Callable[[], Space], edit: Callable[[Changing], TreeEdit]) -> None:
        self._space: Final = space
        self._edit: Final = edit
        self._turn: Final = trio.Lock()
        self._waiting: list[_Waiting[object]] = []

    async def commit(self, note: Note[R], size: int) -> R:
        """Note it; committed when this returns. ``size``: about how many bytes are put.

        If an operation of several fails, each is tried alone: nobody's trouble is another's.
        """
        mine: _Waiting[R] = _Waiting(note, size)
        self._waiting.append(mine)  # type: ignore[arg-type]  # results are only handed back
        try:
            async with self._turn:  # in the order of waiting, so this is the first who waits
                if not mine.is_done:
                    await self._commit(self._together())
        finally:
            self._waiting = [each for each in self._waiting if each is not mine]
        return mine.outcome()

    def _together(self) -> list[_Waiting[object]]:
        """The first that wait, as many as fit."""
        size, taken = 0, list[_Waiting[object]]()
        for each in self._waiting:
            size += each.size
            if taken and size > MOST:
                break
            taken.append(each)
        return taken

    async def _commit(self, taken: Sequence[_Waiting[object]]) -> None:
        async def operation(changing: Changing) -> list[object]:
            edit = self._edit(changing)
            results = [await each.note(edit) for each in taken]
            await edit.flush()
            return results

        try:
            results = await self._space().commit(operation)
        except HoldfastError as error:
            await self._failed(taken, error)
        else:
            for each, result in zip(taken, results, strict=True):
                each.result = [result]
            self._waiting = [each for each in self._waiting if not each.is_done]

    async def _failed(self, taken: Sequence[_Waiting[object]], error: HoldfastError) -> None:
        """Alone, each has its own error; a home that is away is away for all of them."""
        if len(taken) == 1 or isinstance(error, Unreachable):
            for each in taken:
                each.error = error
            return
        for each in taken:
            if each in self._waiting:
                await self._commit([each])
