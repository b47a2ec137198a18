"""Our ends of the streams of one connection: what doors read and write, and how those wait."""

from collections.abc import Collection
from typing import Final, Protocol

import trio
from trio.lowlevel import ParkingLot

from formats.errors import Unreachable
from node.transport import multistream
from node.transport.carrier import Stream as Carried
from node.transport.yamux.machine import Machine
from node.transport.yamux.stream import Stream

READ: Final = 256 * 1024
"""Bytes that one reading of a stream gives at most."""

GONE: Final = "the connection to the other node is gone"
RESET: Final = "the other node has given up this stream"


class Muxing(Protocol):
    """The connection: ``muxer.Muxer``."""

    @property
    def machine(self) -> Machine:
        """What knows the rules."""
        ...

    def check(self) -> None:
        """Raise Unreachable when the connection has ended."""
        ...

    def stir(self) -> None:
        """Something may have to leave, or can come now."""
        ...

    def forget(self, stream: Stream) -> None:
        """Nobody waits for this stream any more."""
        ...


class End:
    """Our end of one stream: what doors read and write."""

    def __init__(self, muxer: Muxing, stream: Stream) -> None:
        self._muxer = muxer
        self._stream = stream
        self._reader = ParkingLot()
        self._sender = ParkingLot()
        self._leaving = False
        """Whether something waits to be written."""

    def left(self) -> None:
        """What waited has been written."""
        self._leaving = False
        self._sender.unpark()

    def changed(self) -> None:
        """Look again, whoever waits."""
        self._reader.unpark()
        self._sender.unpark()

    def give_up(self) -> None:
        """End the stream at once, for both sides."""
        self._muxer.machine.reset(self._stream)
        self._muxer.forget(self._stream)
        self._muxer.stir()
        self.changed()

    async def read(self, n: int = READ) -> bytes:
        await trio.lowlevel.checkpoint()
        while not (data := self._muxer.machine.read(self._stream, n)):
            if self._stream.reset:
                raise Unreachable(RESET)
            if self._stream.ended or self._stream.deaf:
                return b""
            self._muxer.check()
            await self._reader.park()
        self._muxer.stir()
        return data

    async def receive_some(self) -> bytes:
        return await self.read()

    async def write(self, data: bytes) -> None:
        await self.send_all(data)

    async def send_all(self, data: bytes) -> None:
        self._muxer.check()
        self._muxer.machine.write(self._stream, data)
        self._leaving = bool(data)
        self._muxer.stir()
        try:
            await trio.lowlevel.checkpoint()
            while self._leaving and not self._stream.reset:
                self._muxer.check()
                await self._sender.park()
        except trio.Cancelled:
            self.give_up()  # part of it may have left: nobody could go on from there
            raise
        if self._stream.reset:
            raise Unreachable(RESET)

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()
        self._muxer.machine.close(self._stream)
        self._muxer.forget(self._stream)
        self._muxer.stir()
        self.changed()


class Arrived:
    """A stream that the other side has opened, on which nothing is agreed yet."""

    def __init__(self, end: End) -> None:
        self._end = end

    async def agree(self, protocols: Collection[str]) -> tuple[str, Carried]:
        try:
            return await multistream.agree(self._end, protocols), self._end
        except BaseException:
            self._end.give_up()
            raise
