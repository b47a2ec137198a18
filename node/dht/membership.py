"""Who has the network's key: shown in both directions before anything is asked or answered.

    asks      proof(asker, answerer)        32 bytes
    answers   proof(answerer, asker)        32 bytes, or the stream ends

    proof(a, b) = MAC(key, "network", name, peer id of a, peer id of b)

The connection has authenticated both peer ids, so a proof is of no use to anybody
else. Without a key there is nothing to show.
"""

from crypto.kdf import mac
from crypto.purposes import KdfPurpose
from crypto.secret import Secret, same
from formats.errors import Denied
from node.transport.carrier import Stream

SIZE = 32


class Membership:
    """Of the node ``own`` in the network of that name and key."""

    def __init__(self, name: str, key: Secret | None, own: bytes) -> None:
        self._name = name.encode()
        self._key = key
        self._own = own

    async def ask(self, stream: Stream, peer: bytes) -> bytearray:
        """Show it, and see it shown; what was read beyond. Raises Denied, Unreachable."""
        if self._key is None:
            return bytearray()
        await stream.send_all(self._proof(self._key, self._own, peer))
        return await self._see(self._key, stream, peer)

    async def answer(self, stream: Stream, peer: bytes) -> bytearray:
        """See it shown, then show it; what was read beyond. Raises Denied, Unreachable."""
        if self._key is None:
            return bytearray()
        ahead = await self._see(self._key, stream, peer)
        await stream.send_all(self._proof(self._key, self._own, peer))
        return ahead

    async def _see(self, key: Secret, stream: Stream, peer: bytes) -> bytearray:
        shown = bytearray()
        while len(shown) < SIZE:
            more = await stream.receive_some()
            if not more:
                raise Denied("the other node is not of this network")
            shown += more
        if not same(bytes(shown[:SIZE]), self._proof(key, peer, self._own)):
            raise Denied("the other node has another network's key")
        return shown[SIZE:]

    def _proof(self, key: Secret, by: bytes, to: bytes) -> bytes:
        return mac(key, KdfPurpose.NETWORK, self._name, by, to)
