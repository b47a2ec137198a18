"""Asking the router to let calls in by UPnP: its Internet Gateway Device, version 1 or 2.

    SSDP, to all         who is a gateway?                 its description: a URL
    GET                  the description                   its services: where to ask each
    POST (SOAP)          GetExternalIPAddress              the router's address outside
                         AddPortMapping                    done, or the number of an error
                         DeletePortMapping, at the end

Everything the router says is looked at as if a stranger had said it: limited in size and
time, asked for at the router alone.
"""

from functools import partial
from ipaddress import IPv4Address
from typing import Final

import trio

from formats.errors import HoldfastError, Malformed, ProtocolViolation
from node.logs import Log
from node.reach import ssdp
from node.reach.elements import elements
from node.reach.mapping import LIFE, Mapping
from node.reach.router_http import Page, asked
from node.reach.soap import Service, call
from node.transport.addresses import multiaddress

PATIENCE: Final = 15.0
"""Seconds for all of it; SSDP takes 3 of them if nobody answers."""

MAX_SERVICES: Final = 4
"""Services of one router that are tried: a router may have several lines."""

MAX_ATTEMPTS: Final = 6
"""Requests for one mapping: ports that others have are passed over."""

SERVICES: Final = tuple(
    f"urn:schemas-upnp-org:service:{name}"
    for name in ("WANIPConnection:1", "WANIPConnection:2", "WANPPPConnection:1")
)

TAKEN: Final = (718, 729)
"""Errors: somebody else has that port."""

ONLY_FOR_EVER: Final = 725
"""An error: this router maps without end, until it is told otherwise."""

_log: Final = Log("gateway")


async def mapped(router: str, port: int, life: int = LIFE) -> Mapping | None:
    """Have the router map a TCP port to this machine's; None if it does not."""
    with trio.move_on_after(PATIENCE):
        try:
            description = await ssdp.found(router)
            if description is not None:
                return await _mapped_by(description, port, life)
        except (OSError, HoldfastError) as error:
            _log.debug("no-upnp", why=type(error).__name__)
    return None


async def _mapped_by(description: Page, port: int, life: int) -> Mapping | None:
    answer = await asked(description)
    if answer.status != 200:
        raise ProtocolViolation(f"the router has no description: {answer.status}")
    for service in services(answer.body, description):
        outer = await _outer_address(service)
        outside = None if outer is None else await _open(service, port, life, answer.ours)
        if outside is not None:
            give_back = partial(_give_back, service, outside)
            return Mapping("UPnP", multiaddress(str(outer), outside), outside, life, give_back)
    return None


def services(description: bytes, page: Page) -> list[Service]:
    """The services of a description that map ports, on the router itself. Raises Malformed."""
    found: list[Service] = []
    base, fields = page.url, dict[str, str]()
    for name, text in elements(description):
        if name == "URLBase" and text:
            base = Page.of(text, page.router).url
        elif name != "service":
            fields[name] = text
        else:
            kind, where = fields.get("serviceType", ""), fields.get("controlURL", "")
            if kind in SERVICES and where:
                found.append(Service(kind, Page.of(where, page.router, base)))
            fields = {}
    return found[:MAX_SERVICES]


async def _outer_address(service: Service) -> IPv4Address | None:
    """The address that the router has outside; None if that line is down."""
    said = await call(service, "GetExternalIPAddress")
    if said.error:
        return None
    try:
        outer = IPv4Address(said.values.get("NewExternalIPAddress", ""))
    except ValueError:
        raise Malformed("a router's address that is none") from None
    usable = not (outer.is_unspecified or outer.is_loopback or outer.is_multicast)
    return outer if usable else None


async def _open(service: Service, port: int, life: int, ours: str) -> int | None:
    """Have a port mapped to ours, the same or one of the next; which one it is."""
    outside, lease = port, life
    for _ in range(MAX_ATTEMPTS):
        said = await call(service, "AddPortMapping", _request(outside, port, ours, lease))
        if not said.error:
            return outside
        if said.error == ONLY_FOR_EVER and lease:
            lease = 0
        elif said.error in TAKEN and outside < 65535:
            outside += 1
        else:
            return None
    return None


def _request(outside: int, inside: int, ours: str, lease: int) -> list[tuple[str, str]]:
    """The arguments, in the order that the standard has them."""
    return [
        *_port(outside),
        ("NewInternalPort", str(inside)),
        ("NewInternalClient", ours),
        ("NewEnabled", "1"),
        ("NewPortMappingDescription", "Holdfast"),
        ("NewLeaseDuration", str(lease)),
    ]


def _port(outside: int) -> list[tuple[str, str]]:
    return [
        ("NewRemoteHost", ""),
        ("NewExternalPort", str(outside)),
        ("NewProtocol", "TCP"),
    ]


async def _give_back(service: Service, outside: int) -> None:
    try:
        await call(service, "DeletePortMapping", _port(outside))
    except (OSError, HoldfastError) as error:
        _log.debug("not-given-back", why=type(error).__name__)
