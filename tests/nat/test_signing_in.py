"""Signing up and in at a home behind a NAT, through somebody else's node: what that node learns.

Both sides are behind NATs that cannot meet, so every byte goes through the relay. The home is a
real one, the person a real client; the relay's ears are on what it passes on, both ways.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
import trio

from client.drive.change import mkdir
from client.drive.listing import ls
from client.identity.login import sign_in
from client.identity.signup import sign_up
from client.session import Session, Surroundings
from client.sharing.drive import own_drive
from formats.errors import WrongPassword
from formats.invite import Invite
from formats.whereabouts import Home
from node.build import Node, build
from node.config import Config
from node.reach.called import Called
from node.reach.relay import Relay
from node.reach.reserving import Reserving
from node.transport.dialer import Dialer
from node.transport.host import ANY, listening
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.nat.internet import Internet, Machine
from tests.nat.nodes import PORT, Relaying, calling, relaying, until
from tests.nat.routers import Kind
from tests.node.people import Clock
from tests.world.person import CHEAP

PASSWORD = "the password of alice, unheard"
NAME = "a folder that nobody else knows of"


@dataclass
class Behind:
    """A real home behind a NAT, with a place at a relay."""

    node: Node
    home: Home
    called: Called


@asynccontextmanager
async def home_behind(machine: Machine, relay: Relaying, folder: Path) -> AsyncIterator[Behind]:
    config = Config(folder, work_bits=4)
    with machine.inside():
        async with (
            build(config, store=MemoryStore(), clock=Clock()) as node,
            listening(node, node.key, ANY, PORT) as host,
            trio.open_nursery() as nursery,
        ):
            reserving = Reserving(host, lambda: [relay.known], lambda: True, lambda: None)
            called = Called(host, reserving.holds)
            async with called.serving():
                nursery.start_soon(reserving.run)
                await until(lambda: bool(reserving.addresses))
                yield Behind(node, Home(host.peer, tuple(reserving.addresses)), called)
            nursery.cancel_scope.cancel()


@dataclass
class Away:
    """The network as somebody sees it who is on another machine."""

    machine: Machine
    dialer: Dialer
    reached: list[Doors] = field(default_factory=list)

    async def reach(self, home: Home) -> Doors:
        with self.machine.inside():
            doors = await self.dialer.reach(home)
        self.reached.append(doors)
        return doors


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> bytearray:
    """All that a relay passes on."""
    passed = bytearray()
    whole = Relay._pass_on

    async def listening_in(self: Relay, one: object, *more: object) -> None:
        await whole(self, Ears(one, passed), *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Relay, "_pass_on", listening_in)
    return passed


@dataclass
class Ears:
    """One side of a call, and what is heard of it."""

    stream: object
    passed: bytearray

    async def receive_some(self, most: int | None = None) -> bytes:
        data: bytes = await self.stream.receive_some()  # type: ignore[attr-defined]
        self.passed += data
        return data

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


async def test_a_relay_learns_neither_password_nor_keys_nor_names(
    placed: Internet, tmp_path: Path, heard: bytearray
) -> None:
    machine, other = placed.behind(Kind.SYMMETRIC, "home"), placed.behind(Kind.SYMMETRIC, "away")
    async with (
        relaying(placed.public("relay")) as relay,
        home_behind(machine, relay, tmp_path / "home") as behind,
        calling(other) as dialer,
    ):
        network = Away(other, dialer)
        around = Surroundings(network, Clock().now_ms, Random(1), hardness=CHEAP)
        code = Invite.parse(await behind.node.admin.invite()).code
        first = await sign_up(around, behind.home, "alice", PASSWORD, code)
        await mkdir(own_drive(first), NAME, parents=True)
        await first.aclose()
        with pytest.raises(WrongPassword):
            await sign_in(around, behind.home, "alice", "another password")
        again = await sign_in(around, behind.home, "alice", PASSWORD)
        assert again.id == first.id
        assert {each.name for each in (await ls(own_drive(again), "")).entries} == {NAME}
        await again.aclose()
        assert {each.peer for each in network.reached} == {behind.home.peer}
        assert behind.called.punched == 0, "they met directly"
    assert len(heard) > 50_000, "it went another way"
    for secret in (*spoken(again), b"alice", PASSWORD.encode(), NAME.encode()):
        assert secret not in heard


def spoken(session: Session) -> list[bytes]:
    """Keys of a person, and public records that only the home is asked for."""
    bundle = session.bundle
    return [
        bundle.account.reveal(),
        bundle.root.reveal(),
        bundle.space,
        session.id,
        session.chain.encoded[0][:64],
    ]
