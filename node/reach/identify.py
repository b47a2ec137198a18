"""Identify: telling whoever asks as whom we see them, and asking others the same.

libp2p's ``/ipfs/id/1.0.0``: one message, then the stream ends. Of ourselves we say
our key and what we speak; of addresses, those that the node tells everybody.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from node.reach.multiaddr import encoded, to_bytes, to_text
from node.reach.protobuf import Field, encode
from node.reach.telling import Telling
from node.transport.carrier import Stream
from node.transport.handlers import Allowed
from node.transport.host import Host

IDENTIFY: Final = "/ipfs/id/1.0.0"

_KEY: Final = 1
_LISTEN: Final = 2
_PROTOCOL: Final = 3
_OBSERVED: Final = 4
_AGENT: Final = 6
_OURS: Final = b"holdfast"


@contextmanager
def identifying(host: Host, addresses: Callable[[], tuple[str, ...]]) -> Iterator[None]:
    """Answer until the block is left."""

    async def answer(stream: Stream, _peer: bytes, address: str) -> None:
        fields: list[Field] = [(_KEY, host.identity.public.serialize())]
        fields += [(_LISTEN, each) for each in encoded(addresses())]
        fields += [(_PROTOCOL, name.encode()) for name in host.handlers.protocols]
        observed = to_bytes(address)
        if observed is not None:
            fields.append((_OBSERVED, observed))
        await Telling(stream).tell(encode([*fields, (_AGENT, _OURS)]))

    with host.handlers.serving(IDENTIFY, answer, Allowed(seconds=10)):
        yield


async def observed(opened: Callable[[str], Awaitable[Stream]]) -> str | None:
    """As whom the other side of a connection sees us: an address, None if it says nothing usable.

    ``opened`` opens a stream on that connection. Raises Unreachable and others.
    """
    stream = await opened(IDENTIFY)
    try:
        return to_text((await Telling(stream).hear()).bytes_(_OBSERVED))
    finally:
        await stream.aclose()
