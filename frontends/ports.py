"""Which port is listened on: the one that is configured, else the one of last time, else any."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from formats.errors import BadConfig

T = TypeVar("T")


async def somewhere(configured: int | None, usual: int, listen: Callable[[int], Awaitable[T]]) -> T:
    """What listening gives on the first port that can be had; raises BadConfig.

    ``usual``: where none is configured; if somebody has that one, any free port.
    """
    if configured is not None:
        return await listen(configured)
    with suppress(BadConfig):
        return await listen(usual)
    return await listen(0)
