"""All of an account, fetched by a browser as one sealed file; and how far that is.

The browser alone knows what it made of a download, and tells the page nothing. So the page asks
here, where the bytes are made: how far it is, that all of them were handed over, or why not.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import trio

from formats.errors import HoldfastError, Interrupted, TimedOut

BEGINS_WITHIN: Final = 60.0
"""Seconds after which a browser that did not ask for the file is not waited for."""

Tell = Callable[[int, int], None]
"""Told blocks, and bytes of them."""


@dataclass(slots=True)
class Account:
    """An account, to be sent once. ``pour`` begins that; it raises Expired.

    ``total``: about so many bytes. ``tell`` is told how far it is.
    """

    name: str
    total: int
    pour: Callable[[Tell], AsyncGenerator[bytes, None]]
    tell: Tell = lambda _blocks, _bytes: None
    _begun: trio.Event = field(default_factory=trio.Event)
    _over: trio.Event = field(default_factory=trio.Event)
    _sent: bool = False
    _problem: HoldfastError | None = None

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The bytes. Raises what ``pour`` and the home do."""
        self._begun.set()
        try:
            async with aclosing(self.pour(self._far)) as pieces:
                async for data in pieces:
                    yield data
            self._sent = True
        except HoldfastError as error:
            self._problem = error
            raise
        finally:
            self._over.set()

    def _far(self, blocks: int, read: int) -> None:
        self.tell(blocks, read)  # whoever follows by now

    async def ended(self) -> None:
        """Until all of it was handed to the browser; raises why it was not.

        TimedOut: it was not asked for; Interrupted: the browser let go of it.
        """
        with trio.move_on_after(BEGINS_WITHIN):
            await self._begun.wait()
        if not self._begun.is_set():
            raise TimedOut(
                "your browser did not fetch the file",
                hint="see whether it asks if it may, and begin again",
            )
        await self._over.wait()
        if self._problem is not None:
            raise self._problem
        if not self._sent:
            raise Interrupted(
                "your browser stopped before the end, and what it has is no whole file",
                hint="see whether there is room on the disk, and begin again",
            )
