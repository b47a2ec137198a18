"""The multicast groups of mDNS, on every interface of this machine: one for IPv4, one for IPv6.

Port 5353 is shared with whoever else speaks mDNS here; firewalls that let anything
in from the local network let this in. Datagrams do not leave the local network:
routers do not pass the groups on.
"""

import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import trio

from node.near.rules import MAX_DATAGRAM

PORT: Final = 5353

_LOOPBACK: Final = ("lo", "lo0")
_HOPS: Final = 255  # RFC 6762, 11


@dataclass(frozen=True, slots=True)
class Family:
    """What differs between the two: the group, and what the kernel's options are called."""

    family: socket.AddressFamily
    group: str
    level: int
    hops: int
    join: int
    through: int

    @property
    def version(self) -> int:
        """4 or 6."""
        return 4 if self.family is socket.AF_INET else 6

    def membership(self, index: int) -> bytes:
        """The group, on the interface of that number: ``ip_mreqn`` or ``ipv6_mreq``."""
        group = socket.inet_pton(self.family, self.group)
        if self.version == 4:
            return struct.pack("@4s4si", group, bytes(4), index)
        return struct.pack("@16sI", group, index)

    def interface(self, index: int) -> bytes:
        """That interface, to send through."""
        return self.membership(index) if self.version == 4 else struct.pack("@I", index)


FOUR: Final = Family(
    socket.AF_INET,
    "224.0.0.251",
    socket.IPPROTO_IP,
    socket.IP_MULTICAST_TTL,
    socket.IP_ADD_MEMBERSHIP,
    socket.IP_MULTICAST_IF,
)

SIX: Final = Family(
    socket.AF_INET6,
    "ff02::fb",
    socket.IPPROTO_IPV6,
    socket.IPV6_MULTICAST_HOPS,
    socket.IPV6_JOIN_GROUP,
    socket.IPV6_MULTICAST_IF,
)


class Group:
    """One of them. Open until ``close``. Raises OSError when there is no such family here."""

    def __init__(self, family: Family) -> None:
        self.family: Final = family
        self._joined: set[int] = set()
        self._socket = trio.socket.socket(family.family, socket.SOCK_DGRAM)

    async def open(self) -> None:
        """Take the port, and take part on the interfaces there are. Raises OSError."""
        own, family = self._socket, self.family
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family is SIX:
            own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        own.setsockopt(family.level, family.hops, _HOPS)
        await own.bind(("", PORT))
        self._join()

    async def say(self, data: bytes) -> None:
        """Send it on every interface; those that are down or of the other family are left out."""
        self._join()
        family = self.family
        for index in sorted(self._joined):
            try:
                self._socket.setsockopt(family.level, family.through, family.interface(index))
                await self._socket.sendto(data, (family.group, PORT))
            except OSError:
                continue

    async def hear(self) -> tuple[bytes, str]:
        """The next datagram, and the IP address it comes from; too long a one comes as nothing.

        A link-local address of IPv6 has its interface after it: it means nothing without.
        """
        data, sender = await self._socket.recvfrom(MAX_DATAGRAM + 1)
        return data if len(data) <= MAX_DATAGRAM else b"", _host(sender)

    def close(self) -> None:
        """Leave the group."""
        self._socket.close()

    def _join(self) -> None:
        """Take part on interfaces that have come; those that went left the group themselves."""
        there = {index for index, name in socket.if_nameindex() if name not in _LOOPBACK}
        self._joined &= there
        family = self.family
        for index in there - self._joined:
            try:
                self._socket.setsockopt(family.level, family.join, family.membership(index))
            except OSError:
                continue  # it cannot, or not yet
            self._joined.add(index)


def _host(sender: Sequence[object]) -> str:
    """The address of who sent something: as the system tells it, ``(host, port, …, interface)``."""
    host, *_ = str(sender[0]).partition("%")
    interface = sender[3] if len(sender) > 3 else 0
    if not isinstance(interface, int) or not interface:
        return host
    try:
        return f"{host}%{socket.if_indextoname(interface)}"
    except OSError:
        return host  # the interface is gone, and so is whoever was there
