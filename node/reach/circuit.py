"""Calling a node through a relay: a connection to the relay for this call alone, then its bytes.

What is said through it is encrypted from end to end; the relay learns who calls
whom (a person's calls: an identity of this run), from where, when, and how much.
"""

import trio

from formats.base58 import base58
from formats.errors import HoldfastError, Unreachable
from node.reach.hop import CONNECT, HOP, STATUS, WORDS, Hop, Status
from node.reach.telling import Telling
from node.transport.muxed import Identity, Muxed, dialled
from node.transport.relayed import Relayed


class Circuit(Relayed):
    """The bytes of a call through a relay, and the connection to it."""

    def __init__(self, told: Telling, line: Muxed) -> None:
        super().__init__(told, relayed_by(line.peer), line.aclose)
        self.line = line
        """The connection to the relay."""


async def call(
    stream: trio.SocketStream,
    identity: Identity,
    relay: bytes,
    peer: bytes,
    nursery: trio.Nursery,
) -> Circuit:
    """Over this socket to ``relay``: the bytes of a call to ``peer``. Raises Unreachable.

    The connection to the relay runs in ``nursery`` until the circuit is closed. If
    none is returned, the socket is closed.
    """
    line = await dialled(stream, identity, relay)
    nursery.start_soon(line.run)
    try:
        told = Telling(await line.open(HOP))
        await told.tell(Hop(CONNECT, peer).encode())
        _check(Hop.read(await told.hear()))
    except HoldfastError as error:
        await line.aclose()
        raise Unreachable(f"by relay: {error.message}") from None
    except BaseException:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + 1):
            await line.aclose()
        raise
    return Circuit(told, line)


def relayed_by(relay: bytes) -> str:
    """The address of whoever comes through a relay."""
    return f"/p2p/{base58(relay)}/p2p-circuit"


def _check(answer: Hop) -> None:
    if answer.type != STATUS:
        raise Unreachable("the relay does not answer what was asked")
    if answer.status != Status.OK:
        words = {int(status): said for status, said in WORDS.items()}
        raise Unreachable(words.get(answer.status, f"the relay says {answer.status}"))
