"""A node that says on the local network that it is there, and listens who else is.

    async with nearby(node, host) as neighbours:
        neighbours.addresses(peer)            # ('/ip4/192.168.1.5/tcp/4061',)

Told are its peer id, its port and its network's name; nothing of people.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from random import SystemRandom
from typing import Final, Protocol

import trio

from formats.errors import HoldfastError
from node.core import Core
from node.logs import Log
from node.near.datagrams import Announcement, announced, heard, question
from node.near.group import FOUR, SIX, Family, Group
from node.near.neighbours import Neighbours, Place
from node.near.rules import ASKING, BEAT, DATAGRAMS, DIALS_AT_ONCE, PAUSE
from node.transport.addresses import is_loopback
from node.transport.host import Host
from node.transport.tasks import background

_log: Final = Log("near")


class Running(Protocol):
    """The node: ``node.build.Node``."""

    @property
    def core(self) -> Core:
        """What its doors share."""
        ...

    @property
    def peer_id(self) -> bytes:
        """Its peer id."""
        ...


@asynccontextmanager
async def nearby(node: Running, host: Host) -> AsyncIterator[Neighbours]:
    """Take part until the block is left, if the settings say so and the node listens outwards."""
    settings = node.core.config.network
    neighbours = Neighbours(node.peer_id, settings.name)
    groups = await _groups() if settings.local and _outward(host) else []
    if not groups:
        yield neighbours
        return
    said = Announcement(node.peer_id, host.port, settings.name)
    presence = _Presence(host, groups, said, neighbours)
    try:
        async with background() as nursery:
            nursery.start_soon(presence.speak)
            nursery.start_soon(presence.ask)
            for group in groups:
                nursery.start_soon(presence.listen, group, nursery)
            yield neighbours
    finally:
        for group in groups:
            group.close()


class _Presence:
    def __init__(
        self, host: Host, groups: list[Group], said: Announcement, neighbours: Neighbours
    ) -> None:
        self._host = host
        self._groups = groups
        self._datagram = announced(said, SystemRandom().randbytes(8).hex().encode())
        self._neighbours = neighbours
        self._asked = trio.Event()
        self._dials = trio.CapacityLimiter(DIALS_AT_ONCE)

    async def speak(self) -> None:
        """Say that we are there: now and then, and when somebody asks; where we listen."""
        ours = [each for each in self._groups if each.family in _families(self._host)]
        while True:
            self._asked = trio.Event()
            for group in ours:
                await group.say(self._datagram)
            await trio.sleep(PAUSE)
            with trio.move_on_after(BEAT):
                await self._asked.wait()

    async def ask(self) -> None:
        """Ask who is there: at the start, and whenever this machine's address changes."""
        while True:
            moved = self._host.moved
            begun = trio.current_time()
            for after in ASKING:
                await trio.sleep_until(begun + after)
                for group in self._groups:
                    await group.say(question())
            await moved.wait()
            self._asked.set()

    async def listen(self, group: Group, nursery: trio.Nursery) -> None:
        """Hear what is said, no more than so much a second."""
        while True:
            until = trio.current_time() + 1
            try:
                for _ in range(DATAGRAMS):
                    self._take(nursery, *await group.hear())
            except OSError as error:  # such as an interface that is just going
                _log.debug("nothing heard", why=type(error).__name__)
            await trio.sleep_until(until)

    def _take(self, nursery: trio.Nursery, data: bytes, host: str) -> None:
        said = heard(data)
        if said.asks:
            self._asked.set()
        for each in said.says:
            place = self._neighbours.heard(each, host)
            if place is not None:
                nursery.start_soon(self._check, place)

    async def _check(self, place: Place) -> None:
        """Dial it: only who has the key of that peer id is a neighbour."""
        peer, address = place
        try:
            async with self._dials:
                await self._host.peers.prove(peer, address)
        except HoldfastError as error:
            _log.debug("not there", why=type(error).__name__)
            self._neighbours.failed(place)
        else:
            self._neighbours.proven(place)


async def _groups() -> list[Group]:
    """The groups that this machine lets us take part in."""
    opened = [group for group in [await _group(FOUR), await _group(SIX)] if group is not None]
    if not opened:
        _log.warning("nodes on the local network are not found")
    return opened


async def _group(family: Family) -> Group | None:
    group: Group | None = None
    try:
        group = Group(family)
        await group.open()
    except OSError as error:
        if group is not None:
            group.close()
        _log.debug("no group", version=family.version, why=type(error).__name__)
        return None
    return group


def _outward(host: Host) -> bool:
    """Whether the node listens anywhere but on this machine alone."""
    return bool(_families(host))


def _families(host: Host) -> list[Family]:
    """Those of the addresses at which the node listens, this machine's own aside."""
    versions = {ip_address(each).version for each in host.hosts if not is_loopback(each)}
    return [family for family in (FOUR, SIX) if family.version in versions]
