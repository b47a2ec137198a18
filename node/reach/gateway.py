"""Asking the router to let calls in: NAT-PMP (RFC 6886), two datagrams each way.

    to the router, port 5351    external address?    00 00
                                map this TCP port    00 02 0000 inside outside seconds
    back                        the same with 128 added to the second byte, and a result

A router that does not do it says nothing; that is known in a second or two. What it
says is believed as far as others can call us there (``autonat``), and no further.
"""

import struct
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import trio

from node.logs import Log
from node.transport.addresses import multiaddress

PORT: Final = 5351
LIFE: Final = 3600
"""Seconds for which a mapping is asked for; it is renewed after half of them."""

WAITS: Final = (0.25, 0.5, 1.0)
"""Seconds for the answer to each attempt."""

AGAIN: Final = 300.0
"""Seconds after which a router that said nothing is asked again."""

_ADDRESS: Final = struct.Struct("!BBHI4s")
_MAP: Final = struct.Struct("!BBHHHI")
_MAPPED: Final = struct.Struct("!BBHIHHI")

_log: Final = Log("gateway")


def default_gateway() -> str | None:
    """The router of this machine (IPv4), None if there is none or the system does not say."""
    try:
        lines = Path("/proc/net/route").read_text("ascii").splitlines()[1:]
    except OSError:
        return None
    for fields in map(str.split, lines):
        if len(fields) > 2 and fields[1] == "00000000" and fields[2] != "00000000":
            return str(IPv4Address(int(fields[2], 16).to_bytes(4, "little")))
    return None


class Gateway:
    """Keeps a port of the router's mapped to ours. ``changed`` is called when ``address`` has."""

    def __init__(
        self,
        port: Callable[[], int],
        changed: Callable[[], None],
        find: Callable[[], str | None] = default_gateway,
    ) -> None:
        self.address = ""
        """Where the router lets calls in, as a multiaddress; "" if it does not."""
        self._port = port
        self._changed = changed
        self._find = find

    async def run(self) -> None:
        """Keep it mapped, until cancelled."""
        while True:
            router = self._find()
            found = None if router is None else await mapped(router, self._port())
            address = "" if found is None else found[0]
            if address != self.address:
                _log.info("mapped" if address else "not-mapped")
                self.address = address
                self._changed()
            await trio.sleep(AGAIN if found is None else found[1] / 2)


async def mapped(router: str, port: int, life: int = LIFE) -> tuple[str, int] | None:
    """Have the router map a TCP port to this machine's; where, and for how many seconds."""
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
    return multiaddress(str(IPv4Address(address[4])), outside), max(60, min(seconds, life))


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
