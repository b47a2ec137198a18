"""A small router that speaks UPnP: real multicast SSDP, real HTTP, and a table of mappings.

Its replies can be put in place of the good ones, to see what a node makes of bad ones.
"""

import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import trio

from node.reach import ssdp

DEVICE = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"

_SERVICE = """<service><serviceType>{kind}</serviceType><serviceId>x</serviceId>
<SCPDURL>/scpd.xml</SCPDURL><controlURL>{url}</controlURL></service>"""


def description(kind: str = SERVICE, url: str = "/control", before: str = "") -> str:
    """What a router says of itself."""
    return f"""<?xml version="1.0"?>
{before}<root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceType>{DEVICE}</deviceType>
<serviceList>{_SERVICE.format(kind="urn:x:service:Layer3Forwarding:1", url="/other")}</serviceList>
<deviceList><device><deviceList><device><serviceList>{_SERVICE.format(kind=kind, url=url)}
</serviceList></device></deviceList></device></deviceList></device></root>"""


@dataclass
class Igd:
    """What it says, and what it was asked."""

    outer: str = "203.0.113.7"
    page: str = field(default_factory=description)
    taken: set[int] = field(default_factory=set)
    only_for_ever: bool = False
    location: str = ""
    """Of the description, in place of the true one."""
    raw: bytes = b""
    """Whatever is sent in place of each answer over HTTP."""
    changed: Callable[[], None] = lambda: None
    mapped: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    """By the port outside: to whom, which port, for how many seconds."""
    asked: list[str] = field(default_factory=list)
    searched: int = 0
    """Questions by SSDP that came to all, not to it alone."""

    def answer(self, head: str, body: str) -> bytes:
        """What is said to a request."""
        if self.raw:
            return self.raw
        if head.startswith("GET /description.xml "):
            return _http(200, self.page)
        found = re.search(r'SOAPAction: "([^#]+)#(\w+)"', head, re.IGNORECASE)
        if found is None or found[1] not in self.page or not head.startswith("POST /control "):
            return _http(404, "")
        self.asked.append(found[2])
        arguments = dict(re.findall(r"<(New\w+)>([^<]*)</New", body))
        error, values = self._done(found[2], arguments)
        self.changed()
        if error:
            return _http(500, f"<s:F xmlns:s='s'><errorCode>{error}</errorCode></s:F>")
        return _http(200, f"<u:{found[2]}Response xmlns:u='u'>{values}</u:{found[2]}Response>")

    def _done(self, action: str, given: dict[str, str]) -> tuple[int, str]:
        if action == "GetExternalIPAddress":
            return 0, f"<NewExternalIPAddress>{self.outer}</NewExternalIPAddress>"
        port, lease = int(given["NewExternalPort"]), int(given.get("NewLeaseDuration", 0))
        if action == "DeletePortMapping":
            return (714, "") if self.mapped.pop(port, None) is None else (0, "")
        if port in self.taken:
            return 718, ""
        if self.only_for_ever and lease:
            return 725, ""
        self.mapped[port] = (given["NewInternalClient"], int(given["NewInternalPort"]), lease)
        return 0, ""


def _http(status: int, body: str) -> bytes:
    said = body.encode()
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(said)}\r\n\r\n".encode() + said


@asynccontextmanager
async def serving(igd: Igd, host: str) -> AsyncIterator[Igd]:
    """Have it stand at an address of this machine, until the block is left."""
    listeners = await trio.open_tcp_listeners(0, host=host)
    port = listeners[0].socket.getsockname()[1]
    location = igd.location or f"http://{host}:{port}/description.xml"
    with _Joined(host, ssdp.PORT) as (all_, alone):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(partial(trio.serve_listeners, partial(_talk, igd), listeners))
            nursery.start_soon(_tell, igd, all_, alone, location)
            nursery.start_soon(_tell, igd, alone, alone, "")
            yield igd
            nursery.cancel_scope.cancel()


class _Joined:
    """A socket that hears the group, and one that hears this address alone and answers."""

    def __init__(self, host: str, port: int) -> None:
        self._sockets = [_bound(ssdp.GROUP, port), _bound(host, port)]
        member = socket.inet_aton(ssdp.GROUP) + socket.inet_aton(host)
        self._sockets[0].setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)

    def __enter__(self) -> list[trio.socket.SocketType]:
        return self._sockets

    def __exit__(self, *_: object) -> None:
        for each in self._sockets:
            each.close()


def _bound(host: str, port: int) -> trio.socket.SocketType:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    return trio.socket.from_stdlib_socket(made)


async def _tell(
    igd: Igd, hears: trio.socket.SocketType, says: trio.socket.SocketType, location: str
) -> None:
    while True:
        asked, who = await hears.recvfrom(2048)
        if not location or f"ST: {DEVICE}".encode() not in asked:
            continue
        igd.searched += 1
        said = f"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=9\r\nSt: {DEVICE}\r\n"
        await says.sendto(f"{said}Location: {location}\r\n\r\n".encode(), who)


async def _talk(igd: Igd, stream: trio.SocketStream) -> None:
    heard = b""
    try:
        while b"\r\n\r\n" not in heard or len(heard) < _whole(heard):
            more = await stream.receive_some()
            if not more:
                return
            heard += more
        head, _, body = heard.partition(b"\r\n\r\n")
        await stream.send_all(igd.answer(head.decode(), body.decode()))
    except trio.BrokenResourceError:
        pass  # the node had enough
    finally:
        await trio.aclose_forcefully(stream)


def _whole(heard: bytes) -> int:
    length = re.search(rb"content-length: *(\d+)", heard, re.IGNORECASE)
    return heard.index(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
