"""Agreeing on a protocol by name: multistream-select 1.0.0, as libp2p uses it.

    asks     /multistream/1.0.0    /noise
    answers  /multistream/1.0.0    /noise    (or: na)

Each line is its length as an unsigned varint, its text and a newline. We write
this small part ourselves: libp2p's reads as many bytes as a stranger says,
and waits one round trip more.
"""

from collections.abc import Collection
from typing import Final, Protocol

from formats.errors import ProtocolViolation, UnknownVersion, Unreachable

HEADER: Final = "/multistream/1.0.0"
OURS: Final = "/holdfast/"
NOT_HERE: Final = "na"
MAX_LINE: Final = 256
MAX_TRIES: Final = 8
"""Protocols that somebody may ask for before we give up."""


class Channel(Protocol):
    """Raw bytes, as libp2p reads and writes them."""

    async def read(self, n: int = ...) -> bytes:
        """At most ``n`` bytes, none at the end."""
        ...

    async def write(self, data: bytes) -> None:
        """All of it."""
        ...


async def choose(channel: Channel, protocol: str) -> None:
    """Ask the other side to speak ``protocol``; ProtocolViolation if it will not.

    UnknownVersion for one of ours: the other side has another version of it, or none.
    """
    await channel.write(line(HEADER) + line(protocol))
    await _expect_header(channel)
    answer = await _read_line(channel)
    if answer == NOT_HERE and protocol.startswith(OURS):
        raise UnknownVersion(f"the other node does not speak {protocol}, as this program does")
    if answer != protocol:
        raise ProtocolViolation(f"the other side does not speak {protocol}")


async def agree(channel: Channel, protocols: Collection[str]) -> str:
    """The first of our protocols that the other side asks for; ProtocolViolation if none."""
    await channel.write(line(HEADER))
    await _expect_header(channel)
    for _ in range(MAX_TRIES):
        wanted = await _read_line(channel)
        if wanted in protocols:
            await channel.write(line(wanted))
            return wanted
        await channel.write(line(NOT_HERE))
    raise ProtocolViolation("the other side asked for no protocol that is served")


def line(text: str) -> bytes:
    """One line as it travels."""
    data = text.encode() + b"\n"
    if len(data) < 0x80:
        return bytes([len(data)]) + data
    return bytes([len(data) & 0x7F | 0x80, len(data) >> 7]) + data


async def _expect_header(channel: Channel) -> None:
    if await _read_line(channel) != HEADER:
        raise ProtocolViolation("the other side does not speak multistream")


async def _read_line(channel: Channel) -> str:
    size = (await _exactly(channel, 1))[0]
    if size & 0x80:
        size = size & 0x7F | (await _exactly(channel, 1))[0] << 7
    if not 1 <= size <= MAX_LINE:
        raise ProtocolViolation(f"a line of {size} bytes where 1 to {MAX_LINE} may stand")
    data = await _exactly(channel, size)
    if data[-1:] != b"\n" or not data.isascii():
        raise ProtocolViolation("what should name a protocol does not")
    return data[:-1].decode("ascii")


async def _exactly(channel: Channel, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = await channel.read(size - len(data))
        if not more:
            raise Unreachable("the connection ended")
        data += more
    return data
