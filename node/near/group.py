"""The multicast group of mDNS, on every interface of this machine. IPv4.

Port 5353 is shared with whoever else speaks mDNS here; firewalls that let anything
in from the local network let this in. Datagrams do not leave the local network:
routers do not pass the group on.
"""

import socket
import struct
from typing import Final

import trio

from node.near.rules import MAX_DATAGRAM

GROUP: Final = "224.0.0.251"
PORT: Final = 5353

_LOOPBACK: Final = ("lo", "lo0")
_HOPS: Final = 255  # RFC 6762, 11


class Group:
    """Open until ``close``. Raises OSError when the port cannot be shared."""

    def __init__(self) -> None:
        self._joined: set[int] = set()
        self._socket = trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    async def open(self) -> None:
        """Take the port, and take part on the interfaces there are. Raises OSError."""
        own = self._socket
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        own.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOPS)
        await own.bind(("", PORT))
        self._join()

    async def say(self, data: bytes) -> None:
        """Send it on every interface; those that are down, or have no IPv4, are passed over."""
        self._join()
        for index in sorted(self._joined):
            try:
                self._socket.setsockopt(
                    socket.IPPROTO_IP, socket.IP_MULTICAST_IF, _membership(index)
                )
                await self._socket.sendto(data, (GROUP, PORT))
            except OSError:
                continue

    async def hear(self) -> tuple[bytes, str]:
        """The next datagram, and the IP address it comes from; too long a one comes as nothing."""
        data, sender = await self._socket.recvfrom(MAX_DATAGRAM + 1)
        return data if len(data) <= MAX_DATAGRAM else b"", str(sender[0])

    def close(self) -> None:
        """Leave the group."""
        self._socket.close()

    def _join(self) -> None:
        """Take part on interfaces that have come; those that went left the group themselves."""
        there = {index for index, name in socket.if_nameindex() if name not in _LOOPBACK}
        self._joined &= there
        for index in there - self._joined:
            try:
                self._socket.setsockopt(
                    socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, _membership(index)
                )
            except OSError:
                continue  # it cannot, or not yet
            self._joined.add(index)


def _membership(index: int) -> bytes:
    """``struct ip_mreqn``: the group, on the interface of that number."""
    return struct.pack("@4s4si", socket.inet_aton(GROUP), bytes(4), index)
