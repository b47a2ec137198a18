"""A reading on top of another one: of the same space, with what was opened of it."""

from typing import Final

from client.space.opened import Opened
from client.space.reading import Reading


class Upon:
    """What every such reading has from the one ``below``."""

    def __init__(self, below: Reading) -> None:
        self._below: Final = below

    @property
    def owner(self) -> bytes:
        """The owner's identity id."""
        return self._below.owner

    @property
    def space(self) -> bytes:
        """The space id."""
        return self._below.space

    @property
    def opened(self) -> Opened:
        """What was opened of it lately."""
        return self._below.opened
