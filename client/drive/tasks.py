"""Several tasks as one call: whoever waits gets one error, not a group of them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import trio

from client.drive.events import LeftOut
from formats.errors import HoldfastError

OURS: Final = (HoldfastError, LeftOut)


@asynccontextmanager
async def together() -> AsyncIterator[trio.Nursery]:
    """A nursery that raises one error alone as itself, and the first of several of our errors.

    Anything else comes out as the group it is.
    """
    try:
        async with trio.open_nursery() as nursery:
            yield nursery
    except BaseExceptionGroup as group:
        errors = list(_flat(group))
        if len(errors) > 1 and not all(isinstance(each, OURS) for each in errors):
            raise
        raise errors[0] from errors[0].__cause__


def _flat(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _flat(each)
    else:
        yield error
