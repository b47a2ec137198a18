"""Finding the router's own description by SSDP: a question to all, and the router's answer.

Anybody on the local network can answer. Heard is only the router, and taken only the
address of a description that is on the router itself.
"""

import socket
from typing import Final

import trio

from formats.errors import Malformed
from node.reach.router_http import Page

GROUP: Final = "239.255.255.250"
PORT: Final = 1900
WAITS: Final = (0.5, 1.0, 1.5)
"""Seconds for an answer to each attempt. A device takes its time, up to the second of ``MX``."""

MAX_ANSWER: Final = 2048
"""Bytes of an answer; one that is longer is cut off, and says nothing then."""

KINDS: Final = tuple(
    f"urn:schemas-upnp-org:device:InternetGatewayDevice:{version}" for version in (1, 2)
)

_QUESTION: Final = (
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n'
    "MX: 1\r\nST: {kind}\r\n\r\n"
)


async def found(router: str) -> Page | None:
    """Where the router's description is; None if it does not say. Raises OSError."""
    with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as asking:
        ours = _towards(router)
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(ours))
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
        await asking.bind((ours, 0))
        for wait in WAITS:
            await _ask(asking, router)
            with trio.move_on_after(wait):
                return await _heard(asking, router)
    return None


async def _ask(asking: trio.socket.SocketType, router: str) -> None:
    """All, as is usual; and the router alone, whose answer passes this machine's firewall."""
    for kind in KINDS:
        question = _QUESTION.format(kind=kind).encode()
        for who in (GROUP, router):
            await asking.sendto(question, (who, PORT))


async def _heard(asking: trio.socket.SocketType, router: str) -> Page:
    while True:
        answer, who = await asking.recvfrom(MAX_ANSWER)
        page = read(answer, router) if who[0] == router else None
        if page is not None:
            return page


def read(answer: bytes, router: str) -> Page | None:
    """The description that an answer names; None if it is none, or not the router's own."""
    status, *lines = answer.decode("latin-1").split("\r\n")
    fields = dict(_field(line) for line in lines)
    if not status.startswith("HTTP/1.1 200") or fields.get("st") not in KINDS:
        return None
    try:
        return Page.of(fields.get("location", ""), router)
    except Malformed:
        return None


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _towards(router: str) -> str:
    """This machine's address on the way to the router; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((router, PORT))
        return str(probe.getsockname()[0])
