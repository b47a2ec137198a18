"""Who is on the local network: what is believed of what was heard. No I/O.

Anybody there can say anything, so a datagram is only a reason to dial: a node is a
neighbour once it has proven its peer id at the address where the datagram came from.
Only such addresses are used, so nobody learns by a false one whom we look for.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

import trio

from node.dht.contact import Contact
from node.near.datagrams import Announcement
from node.near.rules import (
    ADDRESSES,
    CHECK_AGAIN,
    DIALS_A_MINUTE,
    DIALS_OF_HOST,
    FAILED,
    FORGET,
    MOST,
    REMEMBERED,
)
from node.transport.addresses import multiaddress

_LOCAL: Final = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "fe80::/10",
            "fc00::/7",
        ),
    )
)

Place = tuple[bytes, str]
"""A peer id, and the address where it is said to be."""


@dataclass(slots=True)
class _Known:
    """An address where a node was: when it was heard there last, and proven."""

    heard: float
    proven: float


class Neighbours:
    """The neighbours of the node ``own`` in the network of that name."""

    def __init__(self, own: bytes, network: str) -> None:
        self._own: Final = own
        self._network: Final = network
        self._known: dict[bytes, dict[str, _Known]] = {}
        self._failed: OrderedDict[Place, float] = OrderedDict()
        self._under_way: set[Place] = set()
        self._dials: Counter[str] = Counter()
        self._minute = -1
        self._watchers: list[Callable[[Contact], None]] = []

    def __len__(self) -> int:
        self._forget()
        return len(self._known)

    def addresses(self, peer: bytes) -> tuple[str, ...]:
        """Where that node is on this network, the newest first; nothing if it is not."""
        self._forget()
        return tuple(reversed(self._known.get(peer, {})))

    def contacts(self) -> list[Contact]:
        """All neighbours."""
        self._forget()
        return [Contact.of(peer, self.addresses(peer)) for peer in list(self._known)]

    def watch(self, watcher: Callable[[Contact], None]) -> None:
        """Call this with each neighbour that is new, or is somewhere new; now for those known."""
        self._watchers.append(watcher)
        for contact in self.contacts():
            watcher(contact)

    def heard(self, said: Announcement, host: str) -> Place | None:
        """Somebody there said so. What is to be dialled, if anything; then tell how it went."""
        if said.peer == self._own or said.network != self._network or not is_local(host):
            return None
        self._forget()
        now, place = trio.current_time(), (said.peer, multiaddress(host, said.port))
        known = self._known.get(said.peer, {}).get(place[1])
        if known is not None:
            known.heard = now
            if now - known.proven < CHECK_AGAIN:
                return None
        elif said.peer not in self._known and len(self._known) >= MOST:
            return None
        return place if self._may_dial(place, host, now) else None

    def proven(self, place: Place) -> None:
        """That node is there."""
        self._under_way.discard(place)
        peer, address = place
        now, known = trio.current_time(), self._known.get(peer, {})
        is_new = address not in known
        if is_new and peer not in self._known and len(self._known) >= MOST:
            return  # others were quicker
        known.pop(address, None)
        known[address] = _Known(now, now)
        for oldest in list(known)[:-ADDRESSES]:
            del known[oldest]
        self._known[peer] = known
        for watcher in self._watchers if is_new else ():
            watcher(Contact.of(peer, (address,)))

    def failed(self, place: Place) -> None:
        """Nobody is, or somebody else."""
        self._under_way.discard(place)
        peer, address = place
        known = self._known.get(peer, {})
        known.pop(address, None)
        if not known:
            self._known.pop(peer, None)
        self._failed[place] = trio.current_time()
        if len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)

    def _may_dial(self, place: Place, host: str, now: float) -> bool:
        if place in self._under_way or now - self._failed.get(place, -FAILED) < FAILED:
            return False
        if now // 60 != self._minute:
            self._minute = int(now // 60)
            self._dials.clear()
        if self._dials.total() >= DIALS_A_MINUTE or self._dials[host] >= DIALS_OF_HOST:
            return False
        self._dials[host] += 1
        self._under_way.add(place)
        return True

    def _forget(self) -> None:
        """Drop who has not been heard for long."""
        since = trio.current_time() - FORGET
        for peer, known in list(self._known.items()):
            for address, each in list(known.items()):
                if each.heard < since:
                    del known[address]
            if not known:
                del self._known[peer]


def is_local(host: str) -> bool:
    """Whether that is an address of a local network: not a public one, nor this machine's own."""
    ip = ip_address(host.partition("%")[0])
    return any(ip in network for network in _LOCAL)
