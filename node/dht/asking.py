"""Requests to other nodes of the DHT: a stream each, over connections that are kept."""

from typing import Final, Protocol

import trio

from formats.errors import ProtocolViolation, TimedOut, Unreachable
from node.dht.answering import Answer, Request
from node.dht.contact import Contact
from node.dht.membership import Membership
from node.dht.messages import read_answer, read_message, write_request
from node.dht.rules import ANSWER_SECONDS
from node.transport.carrier import Stream
from node.transport.peers import Peers

AT_ONCE: Final = 24
"""Requests of this node under way at once, over all lookups; others wait."""


class Asking(Protocol):
    """Asks another node."""

    async def ask(self, contact: Contact, request: Request) -> Answer:
        """Its answer, within ``ANSWER_SECONDS``; raises HoldfastError."""
        ...


class PeersAsking:
    """``Asking`` over the node's own connections."""

    def __init__(self, peers: Peers, protocol: str, membership: Membership, own: bytes) -> None:
        self._peers = peers
        self._protocol = protocol
        self._membership = membership
        self._own = own
        self._turns = trio.CapacityLimiter(AT_ONCE)

    async def ask(self, contact: Contact, request: Request) -> Answer:
        """Raises Unreachable, TimedOut, UnknownVersion, ProtocolViolation, Denied."""
        async with self._turns:
            try:
                with trio.fail_after(ANSWER_SECONDS):
                    return await self._asked(contact, request)
            except trio.TooSlowError:
                await self._peers.drop(contact.peer)  # a request that was cut off is half sent
                raise TimedOut("the other node did not answer in time") from None

    async def _asked(self, contact: Contact, request: Request) -> Answer:
        stream = await self._peers.open(contact.peer, contact.addresses, self._protocol)
        try:
            return await self._exchanged(stream, contact, request)
        except ProtocolViolation:
            await self._peers.drop(contact.peer)
            raise
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + 1):
                await stream.aclose()

    async def _exchanged(self, stream: Stream, contact: Contact, request: Request) -> Answer:
        ahead = await self._membership.ask(stream, contact.peer)
        await stream.send_all(write_request(request, self._own))
        data = await read_message(stream, ahead)
        if data is None:
            raise Unreachable("the other node did not answer")
        return read_answer(data, request)
