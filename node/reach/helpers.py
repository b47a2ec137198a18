"""Who may be asked to call this node, and to relay for it: first whom the settings name, then
a few of the nodes that it knows anyway.

Those others are strangers. They are chosen at random, so that nobody becomes one by the
choice of a peer id; only one of a site; and kept as long as they answer, so that a node
does not go around asking everybody.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from random import SystemRandom
from typing import Final

from node.transport.addresses import endpoint, site

MOST_OTHERS: Final = 6
"""Nodes beyond those that are named."""

MOST_ADDRESSES: Final = 4
"""Of one of them."""

_INWARD: Final = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/8",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)
"""Networks whose nodes cannot be called from everywhere."""


@dataclass(frozen=True, slots=True)
class KnownRelay:
    """A node that may relay: its peer id, and where it is."""

    peer: bytes
    addresses: tuple[str, ...]


class Helpers:
    """Made with whom the settings name; ``known`` says who else is known at the moment.

    ``useless``: whether a node was asked to relay and did not.
    """

    def __init__(
        self,
        own: bytes,
        named: Iterable[KnownRelay],
        known: Callable[[], Iterable[KnownRelay]],
        useless: Callable[[bytes], bool],
    ) -> None:
        self._named: Final = tuple(each for each in named if each.peer != own)
        self._own = own
        self._known = known
        self._useless = useless
        self._others: list[KnownRelay] = []
        self._silent: set[bytes] = set()
        self._random = SystemRandom()

    def all(self) -> list[KnownRelay]:
        """Named ones first, but for those that said nothing the last time."""
        return sorted((*self._named, *self._others), key=lambda each: each.peer in self._silent)

    def is_named(self, peer: bytes) -> bool:
        """Whether the settings name that node."""
        return any(each.peer == peer for each in self._named)

    def heard(self, silent: Iterable[bytes]) -> None:
        """Take note of who said nothing in this round."""
        self._silent = set(silent)

    def choose(self) -> None:
        """Keep the others that are of use; fresh ones take the place of those that are not."""
        free = {each.peer: each for each in map(outward, self._known()) if each.addresses}
        for each in (self._own, *(named.peer for named in self._named)):
            free.pop(each, None)
        kept = [free[each.peer] for each in self._others if each.peer in free]
        fresh = [each for each in free.values() if each not in kept]
        self._random.shuffle(fresh)
        of_use = sorted((*kept, *fresh), key=lambda each: self._is_useless(each.peer))
        self._others = _one_of_each_site(of_use)[:MOST_OTHERS]

    def _is_useless(self, peer: bytes) -> bool:
        return peer in self._silent or self._useless(peer)


def outward(known: KnownRelay) -> KnownRelay:
    """The same with only those addresses that anybody might call."""
    kept = tuple(each for each in known.addresses if _is_outward(each))
    return KnownRelay(known.peer, kept[:MOST_ADDRESSES])


def _is_outward(address: str) -> bool:
    where = endpoint(address)
    if where is None:
        return False
    try:
        ip = ip_address(where.host)
    except ValueError:
        return False  # a name leads anywhere, and tomorrow elsewhere
    return not any(ip in network for network in _INWARD)


def _one_of_each_site(relays: Sequence[KnownRelay]) -> list[KnownRelay]:
    """In their order; a node is of the site of each of its addresses."""
    found: list[KnownRelay] = []
    sites: set[str] = set()
    for each in relays:
        wheres = (endpoint(address) for address in each.addresses)
        own = {site(where.host) for where in wheres if where is not None}
        if each not in found and not own & sites:
            found.append(each)
            sites |= own
    return found
