"""What can go wrong between a person and a node, as small values.

    with alice.meeting(LosesAnswer("pointers.move")):
        await alice.write("a.txt", b"once")

Each looks at every call that passes and answers in its own way, or lets it
through. ``on`` names a call (``"blocks.read"``), a door (``"blocks"``), or
nothing, for all. ``at`` counts those calls from 1.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, cast

import trio

from formats.cid import Block
from formats.errors import HoldfastError, Unreachable
from protocols import blocks as b
from protocols.operations import OPERATIONS
from protocols.services import (
    Accounts,
    Blocks,
    Courier,
    Directory,
    Doors,
    Inbox,
    Pointers,
    Replicas,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of one door."""

    door: str
    name: str
    request: object

    def __str__(self) -> str:
        return f"{self.door}.{self.name}"

    def fits(self, on: str) -> bool:
        """Whether ``on`` means this call."""
        return on in ("", self.door, str(self))


Onward = Callable[[object], Awaitable[object]]
"""Sends the request on to the node and returns its answer."""


class Fault(Protocol):
    """One thing that goes wrong."""

    async def meet(self, call: Call, onward: Onward) -> object:
        """Answer the call, or let it through."""
        ...


class LineBroke(Unreachable):
    """The connection is gone from now on."""


@dataclass(slots=True)
class _Counting:
    on: str = ""
    at: int = 1
    seen: int = field(default=0, init=False)

    def is_now(self, call: Call) -> bool:
        if not call.fits(self.on):
            return False
        self.seen += 1
        return self.seen == self.at


@dataclass(slots=True)
class Breaks(_Counting):
    """The connection ends before the call is sent."""

    async def meet(self, call: Call, onward: Onward) -> object:
        if self.is_now(call):
            raise LineBroke("the line broke before the request was sent")
        return await onward(call.request)


@dataclass(slots=True)
class LosesAnswer(_Counting):
    """The node does what was asked, and the connection ends before it can say so."""

    async def meet(self, call: Call, onward: Onward) -> object:
        lost = self.is_now(call)
        answer = await onward(call.request)
        if lost:
            raise LineBroke("the line broke before the answer came")
        return answer


@dataclass(slots=True)
class Hangs(_Counting):
    """The call is answered by nobody. ``reached`` is set when somebody waits for it.

    The line breaks when somebody sets ``over``, as it does in the end.
    """

    reached: trio.Event = field(default_factory=trio.Event, init=False)
    over: trio.Event = field(default_factory=trio.Event, init=False)

    async def meet(self, call: Call, onward: Onward) -> object:
        if self.is_now(call):
            self.reached.set()
            await self.over.wait()
            raise LineBroke("nobody answered")
        return await onward(call.request)


@dataclass(frozen=True, slots=True)
class Refuses:
    """Every such call is answered with an error."""

    on: str
    error: HoldfastError

    async def meet(self, call: Call, onward: Onward) -> object:
        if call.fits(self.on):
            raise self.error
        return await onward(call.request)


@dataclass(frozen=True, slots=True)
class AnswersPast:
    """What was first answered about a space is answered again for ever."""

    on: str = "pointers.resolve"
    first: dict[tuple[str, object], object] = field(default_factory=dict, init=False)

    async def meet(self, call: Call, onward: Onward) -> object:
        if not call.fits(self.on):
            return await onward(call.request)
        key = (str(call), getattr(call.request, "space", None))
        if key not in self.first:
            self.first[key] = await onward(call.request)
        return self.first[key]


@dataclass(frozen=True, slots=True)
class LeavesOut:
    """Reads are answered without the block at one position (from 0)."""

    which: int

    async def meet(self, call: Call, onward: Onward) -> object:
        answer = await onward(call.request)
        if not isinstance(answer, b.Found):
            return answer
        kept = tuple(block for at, block in enumerate(answer.blocks) if at != self.which)
        return replace(answer, blocks=kept)


@dataclass(frozen=True, slots=True)
class Swaps:
    """Reads are answered with some other block at one position (from 0)."""

    which: int
    other: Block = field(default_factory=lambda: Block.raw(b"another block altogether"))

    async def meet(self, call: Call, onward: Onward) -> object:
        answer = await onward(call.request)
        if not isinstance(answer, b.Found):
            return answer
        blocks = tuple(
            self.other if at == self.which else block for at, block in enumerate(answer.blocks)
        )
        return replace(answer, blocks=blocks)


Meet = Callable[[Call, Onward], Awaitable[object]]


class WatchedDoors:
    """Doors behind which every call is handed to ``meet`` first."""

    def __init__(self, doors: Doors, meet: Meet) -> None:
        self._doors: Final = doors
        self._broken = False
        self.peer: Final = doors.peer
        self.accounts: Final = cast(Accounts, _Door(self, "accounts", meet))
        self.blocks: Final = cast(Blocks, _Door(self, "blocks", meet))
        self.pointers: Final = cast(Pointers, _Door(self, "pointers", meet))
        self.inbox: Final = cast(Inbox, _Door(self, "inbox", meet))
        self.directory: Final = cast(Directory, _Door(self, "directory", meet))
        self.replicas: Final = cast(Replicas, _Door(self, "replicas", meet))
        self.courier: Final = cast(Courier, _Door(self, "courier", meet))

    async def aclose(self) -> None:
        """Close what is behind."""
        self._broken = True
        await self._doors.aclose()

    async def call(self, call: Call, meet: Meet) -> object:
        """One call on its way."""
        if self._broken:
            raise Unreachable("the line is broken")
        try:
            return await meet(call, self._onward(call))
        except LineBroke as error:
            with trio.CancelScope(shield=True):
                await self.aclose()
            raise Unreachable(error.message) from None

    def _onward(self, call: Call) -> Onward:
        method: Onward = getattr(getattr(self._doors, call.door), call.name)
        return method


class _Door:
    """One door: a method for each row of the table of operations."""

    def __init__(self, doors: WatchedDoors, door: str, meet: Meet) -> None:
        for name in OPERATIONS[door]:
            setattr(self, name, _method(doors, door, name, meet))


def _method(doors: WatchedDoors, door: str, name: str, meet: Meet) -> Onward:
    async def ask(request: object) -> object:
        return await doors.call(Call(door, name, request), meet)

    return ask
