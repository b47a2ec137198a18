"""Whom a node knows: buckets by distance, as in Kademlia.

Bucket *i* holds up to ``COPIES`` nodes that share exactly *i* leading bits with this
one. Who has answered for long is kept before who is new; who does not answer
makes place. Only nodes that have answered are ever in it.
"""

from collections.abc import Iterator

from node.dht.contact import Contact
from node.dht.rules import COPIES, MOST_OF_SITE, SPARE, SUSPECTED

BITS = 256


class Table:
    """The routing table of a node that stands at ``place``."""

    def __init__(self, place: int) -> None:
        self.place = place
        self._buckets: dict[int, _Bucket] = {}

    def __len__(self) -> int:
        return sum(len(bucket.nodes) for bucket in self._buckets.values())

    def __iter__(self) -> Iterator[Contact]:
        for bucket in self._buckets.values():
            yield from bucket.nodes.values()

    def seen(self, contact: Contact) -> None:
        """This node has just answered."""
        if contact.place != self.place:
            self._buckets.setdefault(self._number(contact.place), _Bucket()).seen(contact)

    def failed(self, contact: Contact) -> bool:
        """This node did not answer; whether it was known."""
        bucket = self._buckets.get(self._number(contact.place))
        return bucket is not None and bucket.failed(contact.peer)

    def nearest(self, place: int, most: int = COPIES) -> list[Contact]:
        """The known nodes nearest to a place, nearest first."""
        found: list[Contact] = []
        for _, bucket in sorted(self._buckets.items(), key=lambda item: self._far(item[0], place)):
            nodes = bucket.nodes.values()
            found += sorted(nodes, key=lambda contact: contact.place ^ place)
            if len(found) >= most:
                break
        return found[:most]

    def _far(self, number: int, place: int) -> int:
        """How far from ``place`` a bucket begins.

        Its nodes agree with this one in ``number`` bits and differ in the next; so all
        of one bucket are nearer than all of another.
        """
        bit = BITS - 1 - number
        start = self.place ^ (1 << bit)
        return (start ^ place) >> bit << bit

    def _number(self, place: int) -> int:
        """The leading bits that a place shares with ours."""
        return BITS - (place ^ self.place).bit_length()


class _Bucket:
    """The oldest first; ``spare`` nodes wait for a place."""

    __slots__ = ("_failures", "_spare", "nodes")

    def __init__(self) -> None:
        self.nodes: dict[bytes, Contact] = {}
        self._failures: dict[bytes, int] = {}
        self._spare: dict[bytes, Contact] = {}

    def seen(self, contact: Contact) -> None:
        peer = contact.peer
        self._failures.pop(peer, None)
        if peer in self.nodes or self._has_place(contact):
            self._spare.pop(peer, None)
            self.nodes.pop(peer, None)
            self.nodes[peer] = contact
            return
        self._spare.pop(peer, None)
        self._spare[peer] = contact
        if len(self._spare) > SPARE:
            del self._spare[next(iter(self._spare))]

    def failed(self, peer: bytes) -> bool:
        self._spare.pop(peer, None)
        if peer not in self.nodes:
            return False
        self._failures[peer] = self._failures.get(peer, 0) + 1
        if self._failures[peer] >= SUSPECTED:
            del self.nodes[peer], self._failures[peer]
            self._fill()
        return True

    def _fill(self) -> None:
        for peer, contact in reversed(list(self._spare.items())):
            if self._has_place(contact):
                del self._spare[peer]
                self.nodes[peer] = contact
                return

    def _has_place(self, contact: Contact) -> bool:
        if len(self.nodes) >= COPIES:
            return False
        alike = sum(other.site == contact.site for other in self.nodes.values())
        return not contact.site or alike < MOST_OF_SITE
