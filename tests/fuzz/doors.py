"""The doors of a real node under fire: as a stranger, and as somebody who has an account.

Frames go through the drivers and machines that serve a connection over the wire,
in memory and in virtual time, so that what waits on purpose costs none. After each
frame the node is left alone until it has nothing to do; what that took is what
the frame cost.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import trio

from formats.errors import Unreachable
from node.build import Node, build
from node.caller import Caller
from node.config import Config
from node.transport.memory import _Arrival, _FarEnd, _MemoryStream, _pair
from node.transport.streams import Server
from protocols.operations import PROTOCOLS
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.fuzz.mutations import Frames
from tests.node.people import Clock, Person, secret

ANSWERED = 0.06
"""Virtual seconds after each frame: longer than a refusal takes."""

Load = Callable[[], Callable[[], Awaitable[None]]]
"""Makes the next frame; what it gives shoots that, and returns when nothing is left to do."""


class _Proven:
    """A node on which every other connection has proven what alice can."""

    def __init__(self, node: Node, alice: Caller) -> None:
        self._node = node
        self._alice = alice
        self.opened = 0

    def open(self, caller: Caller) -> Doors:
        self.opened += 1
        if self.opened % 2:
            caller.members |= self._alice.members
            caller.owners |= self._alice.owners
            caller.sign_ins |= self._alice.sign_ins
        return self._node.open(caller)


@asynccontextmanager
async def door_under_fire(door: str, random: Random) -> AsyncIterator[Load]:
    """Frames for one door of a node of its own."""
    with TemporaryDirectory() as folder:
        config = Config(Path(folder), work_bits=4)
        async with build(config, store=MemoryStore(), clock=Clock(), key=secret("node")) as node:
            person, caller = Person("alice"), Caller()
            doors = node.open(caller)
            await person.sign_up(doors)
            known = [person.id, node.peer_id, b"alice", *(key.space for key, _ in caller.members)]
            frames = Frames(door, random, known)
            async with trio.open_nursery() as nursery:
                target = _Target(nursery, Server(_Proven(node, caller)), door)

                yield lambda: partial(target.hit, frames.next())
                nursery.cancel_scope.cancel()


class _Target:
    """One stream of one connection, made again whenever it was cut off."""

    def __init__(self, nursery: trio.Nursery, server: Server, door: str) -> None:
        self._nursery = nursery
        self._server = server
        self._protocol = PROTOCOLS[door]
        self._far: _FarEnd | None = None
        self._stream: _MemoryStream | None = None

    async def hit(self, frame: bytes) -> None:
        try:
            stream = self._stream or await self._connected()
            await stream.send_all(frame)
        except Unreachable:
            self._stream = None
        await trio.sleep(ANSWERED)

    async def _connected(self) -> _MemoryStream:
        if self._far is not None:
            await self._far.aclose()  # or a million frames leave thousands of connections
        self._far = far = _FarEnd(b"somebody", False)
        near, other = _pair()
        far.streams += (near, other)
        self._nursery.start_soon(self._server.serve, far)
        await far.arriving.send(_Arrival(self._protocol, other))
        self._nursery.start_soon(self._drain, near)
        self._stream = near
        return near

    async def _drain(self, stream: _MemoryStream) -> None:
        try:
            while await stream.receive_some():
                pass
        except Unreachable:
            pass
        if self._stream is stream:
            self._stream = None
