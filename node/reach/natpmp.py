"""Asking the router to let calls in by NAT-PMP (RFC 6886): two datagrams each way.

    to the router, port 5351    external address?    00 00
                                map this TCP port    00 02 0000 inside outside seconds
    back                        the same with 128 added to the second byte, and a result

A router that does not do it says nothing; that is known in a second or two.
"""

import struct
from functools import partial
from ipaddress import IPv4Address
from typing import Final

import trio

from node.logs import Log
from node.reach.mapping import LIFE, Mapping
from node.transport.addresses import multiaddress

PORT: Final = 5351

WAITS: Final = (0.25, 0.5, 1.0)
"""Seconds for the answer to each attempt."""

_ADDRESS: Final = struct.Struct("!BBHI4s")
_MAP: Final = struct.Struct("!BBHHHI")
_MAPPED: Final = struct.Struct("!BBHIHHI")

_log: Final = Log("gateway")


async def mapped(router: str, port: int, life: int = LIFE) -> Mapping | None:
    """Have the router map a TCP port to this machine's; None if it does not."""
    with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as asking:
        try:
            await asking.connect((router, PORT))
            address = await _asked(asking, b"\0\0", _ADDRESS)
            if address is None or address[2] or not isinstance(address[4], bytes):
                return None
            request = _MAP.pack(0, 2, 0, port, port, life)
            answer = await _asked(asking, request, _MAPPED)
        except OSError:
            return None
    if answer is None or answer[2] or answer[4] != port:
        return None
    outside, seconds = int(answer[5]), int(answer[6])
    if not outside or not seconds > 0:
        return None
    where = multiaddress(str(IPv4Address(address[4])), outside)
    give_back = partial(_give_back, router, port)
    return Mapping("NAT-PMP", where, outside, max(60, min(seconds, life)), give_back)


async def _give_back(router: str, port: int) -> None:
    """Have no TCP port mapped to ours any more: a mapping for no time."""
    with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as asking:
        try:
            await asking.connect((router, PORT))
            await _asked(asking, _MAP.pack(0, 2, 0, port, 0, 0), _MAPPED)
        except OSError:
            _log.debug("not-given-back")


async def _asked(
    asking: trio.socket.SocketType, request: bytes, shape: struct.Struct
) -> tuple[int | bytes, ...] | None:
    """The answer to a request, None if none comes. The socket hears nobody but the router."""
    for wait in WAITS:
        await asking.send(request)
        with trio.move_on_after(wait):
            while True:
                answer = await asking.recv(64)
                if len(answer) == shape.size and answer[:2] == bytes((0, request[1] | 0x80)):
                    fields: tuple[int | bytes, ...] = shape.unpack(answer)
                    return fields
    return None
