"""Finding people and nodes: the table ``[network]`` of a node's settings.

    [network]
    name = "holdfast"             # networks of different names do not mix
    key = ""                      # 64 hexadecimal digits: only who has them takes part
    bootstrap = []                # nodes to begin with: /ip4/192.0.2.7/tcp/4061/p2p/12D3KooW…
    find = true                   # take part in finding people, once there is somebody to ask
    local = true                  # let nodes on the local network find this one (node/near)
    keep = "64 MiB"               # of other people's records, for whoever looks for them
    relay = true                  # pass calls on to nodes that nobody can call (never readable)
    relay_places = 128            # nodes that may be called through this one
    relay_an_hour = "2 GiB"       # bytes passed on for one of them, both ways
    map_port = true               # ask the router to let calls in (NAT-PMP, UPnP)
    courier = true                # pass sealed drops on to other homes (spec/courier.md)
    relays = []                   # nodes that may do so for this one; those of bootstrap may, too

Without ``bootstrap`` no other node is dialled until a person asks for somebody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crypto.secret import Secret
from formats.errors import BadConfig
from node.peer import peer_of_address
from node.values import Reader, between, flag, multiaddresses, size_between

MAX_NAME: Final = 32
MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Network:
    """How a node takes part in finding people. ``key``: 32 bytes, or none."""

    name: str = "holdfast"
    key: Secret | None = None
    bootstrap: tuple[str, ...] = ()
    find: bool = True
    local: bool = True
    relay: bool = True
    courier: bool = True
    relays: tuple[str, ...] = ()
    map_port: bool = True
    keep: int = 64 * MIB
    relay_places: int = 128
    relay_an_hour: int = 2048 * MIB


def _name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(rf"[a-z0-9-]{{1,{MAX_NAME}}}", value):
        raise BadConfig(f"1 to {MAX_NAME} of a-z, 0-9 and -")
    return value


def _key(value: object) -> Secret | None:
    if value == "":
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        raise BadConfig("64 hexadecimal digits, such as 'openssl rand -hex 32' prints")
    return Secret(bytes.fromhex(value))


def _nodes(value: object) -> tuple[str, ...]:
    texts = multiaddresses(value)
    for text in texts:
        if peer_of_address(text) is None:
            raise BadConfig(
                f"{text!r} does not say which node that is: /p2p/ and its peer id end it"
            )
    return texts


READERS: Final[Mapping[str, Reader]] = {
    "name": _name,
    "key": _key,
    "bootstrap": _nodes,
    "find": flag,
    "local": flag,
    "relay": flag,
    "courier": flag,
    "relays": _nodes,
    "map_port": flag,
    "keep": size_between(MIB, 2**40),
    "relay_places": between(1, 4096),
    "relay_an_hour": size_between(MIB, 2**40),
}
"""How each setting is read."""
