"""Multiaddresses as text: which TCP endpoint one names, and the one that names an endpoint.

    /ip4/192.0.2.7/tcp/4061    /ip6/2001:db8::7/tcp/4061    /dns4/example.org/tcp/4061

``/p2p/PEER`` may follow; the peer id of the record counts, never the address's. A node
behind a relay has the relay's endpoint and peer id in its address, as in
``/ip4/192.0.2.7/tcp/4061/p2p/RELAY/p2p-circuit``.
Other transports are passed over, not refused: a newer node may announce them.
"""

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from node.peer import peer_of_address

_TCP: Final = re.compile(
    r"/(ip4|ip6|dns|dns4|dns6)/([0-9A-Za-z.:%_-]{1,253})/tcp/([0-9]{1,5})(?:/p2p/[0-9A-Za-z]+)?"
)

_REST: Final = re.compile(r"(/p2p/[0-9A-Za-z]+)?")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a TCP connection can be made: an IP address or a name, and a port."""

    host: str
    port: int


def endpoint(address: str) -> Endpoint | None:
    """The TCP endpoint of a multiaddress, None if it is of another kind or none at all."""
    found = _TCP.fullmatch(address)
    if found is None or not 0 < int(found[3]) < 65536:
        return None
    kind, host, port = found[1], found[2], int(found[3])
    if kind in ("ip4", "ip6") and not _is_ip(host, 4 if kind == "ip4" else 6):
        return None
    return Endpoint(host, port)


def endpoints(addresses: Iterable[str]) -> list[Endpoint]:
    """The different TCP endpoints among some multiaddresses, in their order."""
    found = (endpoint(address) for address in addresses)
    return list(dict.fromkeys(each for each in found if each is not None))


@dataclass(frozen=True, slots=True)
class Through:
    """A node that is called through a relay: where that is, and its peer id."""

    relay: Endpoint
    peer: bytes


Target = Endpoint | Through


def through(address: str) -> Through | None:
    """The relay of a multiaddress, None if there is none in it or it makes no sense."""
    direct, circuit, rest = address.partition("/p2p-circuit")
    relay, peer = endpoint(direct), peer_of_address(direct)
    if relay is None or peer is None or not circuit or not _REST.fullmatch(rest):
        return None
    return Through(relay, peer)


def targets(addresses: Iterable[str]) -> list[Target]:
    """What can be tried of some multiaddresses: direct ones in their order, then relays."""
    every = list(addresses)
    relays = (through(address) for address in every)
    return [*endpoints(every), *dict.fromkeys(each for each in relays if each is not None)]


def multiaddress(host: str, port: int) -> str:
    """The multiaddress of an IP address and a port."""
    return f"/ip{ip_address(host).version}/{host}/tcp/{port}"


def is_loopback(host: str) -> bool:
    """Whether an IP address is of this machine alone."""
    return _ip(host).is_loopback


def site(host: str) -> str:
    """What one household or machine is likely to have: the IPv4 address, or the IPv6 /64."""
    ip = _ip(host)
    return str(ip) if isinstance(ip, IPv4Address) else ip.exploded[:19]


def site_outside(host: str) -> str:
    """The site of a host, nothing for this machine: it is not held to what a site may have."""
    return "" if is_loopback(host) else site(host)


def names_loopback(address: str) -> bool:
    """Whether the multiaddress of a listener, which begins with an IP address, is loopback's."""
    return is_loopback(address.split("/")[2])


def reachable(host: str) -> list[str]:
    """The IP addresses under which a listener on ``host`` may be found.

    For ``0.0.0.0`` and ``::``: the one that this machine would use to speak to
    others (asking the routing table; nothing is sent), then loopback.
    """
    ip = _ip(host)
    if not ip.is_unspecified:
        return [host]
    ours = _outward(socket.AF_INET if ip.version == 4 else socket.AF_INET6)
    return [*ours, "127.0.0.1" if ip.version == 4 else "::1"]


_SOMEWHERE: Final = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Addresses kept for documentation: routed like any other, and nobody's."""


def _outward(family: socket.AddressFamily) -> list[str]:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((_SOMEWHERE[family], 9))
            found = str(probe.getsockname()[0])
    except OSError:
        return []
    ip = _ip(found)
    return [] if ip.is_unspecified or ip.is_loopback or ip.is_link_local else [found]


def _ip(host: str) -> IPv4Address | IPv6Address:
    ip = ip_address(host.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return ip if mapped is None else mapped


def _is_ip(host: str, version: int) -> bool:
    try:
        return ip_address(host).version == version
    except ValueError:
        return False
