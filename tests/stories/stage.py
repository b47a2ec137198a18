"""Where a story can be told: what each person in it can do, and what befalls them.

Two stages implement this: ``in_world`` (one process, memory) and ``real``
(processes, sockets, disks, the command line). Errors are those of
``formats.errors`` on both.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Protocol

import trio

Tell = Callable[[str], None]
"""Says what was just checked."""

SOON: Final = 120.0
"""Seconds within which news must have arrived. They take a fraction of one."""


class Actor(Protocol):
    """A person in a story, signed in. Paths in drives are text, as on the command line."""

    @property
    def name(self) -> str:
        """Their name, also for others."""
        ...

    async def put(self, source: Path, to: str = "") -> None:
        """A local file or folder into a folder of the drive, as ``cp -r``; then it is committed."""
        ...

    async def get(self, source: str, to: Path, force: bool = False) -> None:
        """From a drive into a local folder, as ``cp -r``, verified."""
        ...

    async def cat(self, path: str) -> bytes:
        """The content of one file."""
        ...

    async def listing(self, path: str) -> set[str]:
        """Every path below a folder, relative to it."""
        ...

    async def card(self) -> str:
        """A contact card."""
        ...

    async def follow(self, card: str) -> None:
        """Ask the person of the card."""
        ...

    async def requests(self) -> set[str]:
        """The names of those who ask to follow."""
        ...

    async def accept(self, name: str, back: bool) -> None:
        """Accept a request; ``back``: and follow in turn."""
        ...

    async def following(self) -> set[str]:
        """The names of those who said yes: what they share is seen."""
        ...

    async def share(self, path: str, name: str) -> None:
        """Let a contact read."""
        ...

    async def unshare(self, path: str, name: str) -> None:
        """Take it back."""
        ...

    async def shared_with_me(self) -> set[str]:
        """What others share, as paths (``/alice/photos``)."""
        ...

    async def attend(self) -> None:
        """Let what others sent come in, as far as it is there."""
        ...


class Stage(Protocol):
    """A place with alice and bob, each at home on a node of their own."""

    @property
    def alice(self) -> Actor:
        """The first one."""
        ...

    @property
    def bob(self) -> Actor:
        """The second one."""
        ...

    async def carol(self) -> Actor:
        """A third one, with an account on bob's node by his invite."""
        ...

    async def crash_in_put(self, actor: Actor, source: Path) -> None:
        """A put is begun and both nodes are killed in the middle of it; then they are back."""
        ...

    async def crash_in_get(self, actor: Actor, source: str, to: Path) -> None:
        """A get is begun and both nodes are killed in the middle of it; then they are back."""
        ...


async def soon(actor: Actor, true: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until something is true for somebody, without their asking for it."""
    with trio.move_on_after(SOON):
        while True:
            await actor.attend()
            if await true():
                return
    raise AssertionError(f"not within {SOON} seconds: {what}")
