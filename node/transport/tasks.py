"""Tasks in the background of a block, and tidying up that is not disturbed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import trio


@asynccontextmanager
async def background() -> AsyncIterator[trio.Nursery]:
    """A nursery whose tasks end with the block; the block's own error stays what it is.

    (A plain nursery would wrap that in a group, as if the tasks had failed.)
    """
    raised: Exception | None = None
    async with trio.open_nursery() as nursery:
        try:
            yield nursery
        except Exception as error:  # noqa: BLE001  raised again once the tasks have ended
            raised = error
        nursery.cancel_scope.cancel()
    if raised is not None:
        raise raised


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """For tidying up: not disturbed by cancellation, and given up after ``seconds``."""
    with trio.CancelScope(deadline=trio.current_time() + seconds, shield=True):
        yield
