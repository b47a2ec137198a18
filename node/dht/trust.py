"""Which addresses are believed enough to be dialled or told: no node sends others to places
that only mean something to itself.

An address of this machine counts only where who names it is on this machine, one
of a private network only where they are in one.
"""

from collections.abc import Iterable
from enum import IntEnum
from ipaddress import ip_address

from node.dht.contact import Contact
from node.transport.addresses import endpoint


class Reach(IntEnum):
    """How far an address means something."""

    MACHINE = 0
    SITE = 1
    WORLD = 2


def reach_of(address: str) -> Reach:
    """Of a multiaddress; names are of the world, and what is not understood is as well."""
    found = endpoint(address)
    try:
        ip = ip_address("" if found is None else found.host)
    except ValueError:
        return Reach.WORLD
    if ip.is_loopback:
        return Reach.MACHINE
    return Reach.WORLD if ip.is_global else Reach.SITE


def nearest_reach(addresses: Iterable[str]) -> Reach:
    """The least reach of some addresses: how near who has them may be."""
    return min(map(reach_of, addresses), default=Reach.WORLD)


def believed(named: Contact, by: Reach) -> Contact | None:
    """A node as it may be dialled when somebody that near named it; None if it may not."""
    kept = tuple(each for each in named.addresses if reach_of(each) >= by)
    return Contact.of(named.peer, kept) if kept else None


def is_there(addresses: Iterable[str], observed: str) -> bool:
    """Whether a node that comes from ``observed`` can be where it says: at one address at least.

    Who is behind a router says its address at home, and comes from the router's.
    """
    found = endpoint(observed)
    if found is None:
        return False
    hosts = [each.host for each in map(endpoint, addresses) if each is not None]
    return found.host in hosts or any(map(_is_name, hosts))


def _is_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return True
    return False
