"""A node put together: quick to be there, the same after a restart, alone in its folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from formats.errors import AlreadyRunning, Conflict
from formats.invite import Invite
from node.build import build
from node.config import Config
from protocols import pointers as p
from storage.memory import MemoryStore
from tests.node.people import NOW, Clock, Person, item, read, secret


def test_building_a_node_does_not_wait_for_libp2p() -> None:
    script = "import sys, node.build; sys.exit('libp2p' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


async def test_a_node_is_the_same_after_a_restart(config: Config, clock: Clock) -> None:
    alice = Person("alice")
    async with build(config, clock=clock) as node:
        peer = node.peer_id
        await alice.sign_up(node.open())
        invite = Invite.parse(await node.admin.invite()).code
    async with build(config, clock=clock) as node:
        assert node.peer_id == peer
        doors = node.open()
        await alice.arrive(doors)
        found = await doors.blocks.read(read(alice.space, item(alice.label)))
        assert found.here == (True,)
        await Person("bob").sign_up(node.open(), invite)
        assert [each.name for each in await node.admin.accounts()] == ["alice", "bob"]


async def test_one_folder_has_one_node(config: Config) -> None:
    async with build(config):
        with pytest.raises(AlreadyRunning):
            async with build(config):
                raise AssertionError("two of them")


async def test_an_error_inside_stays_what_it_is(config: Config) -> None:
    with pytest.raises(Conflict):
        async with build(config, store=MemoryStore()):
            raise Conflict("something of the person's")


async def test_a_store_that_was_handed_in_is_left_open(tmp_path: Path) -> None:
    store, alice = MemoryStore(), Person("alice")
    for attempt in range(2):
        async with build(Config(tmp_path), store=store, clock=Clock(), key=secret("n")) as node:
            doors = node.open()
            if attempt == 0:
                await alice.sign_up(doors)
            await alice.arrive(doors)
            await doors.pointers.resolve(p.Resolve(alice.id, alice.space.record.space, None))
    assert await store.read(lambda view: view.account("alice")) is not None


async def test_addresses_are_the_configured_ones_first_and_each_once(tmp_path: Path) -> None:
    named = "/dns4/example.org/tcp/4061"
    config = Config(tmp_path, announce=(named,))
    async with build(config, store=MemoryStore(), clock=Clock()) as node:
        assert node.addresses() == (named,)
        node.found(("/ip4/10.0.0.1/tcp/4061", named))
        assert node.addresses() == (named, "/ip4/10.0.0.1/tcp/4061")
        invite = Invite.parse(await node.admin.invite(lifetime=5000))
        assert invite.addresses == node.addresses()
        assert invite.expires == NOW + 5000


async def test_residents_are_listed_with_what_they_use(config: Config, clock: Clock) -> None:
    alice = Person("alice")
    async with build(config, store=MemoryStore(), clock=clock) as node:
        assert await node.admin.is_empty()
        signed_up = await alice.sign_up(node.open())
        (resident,) = await node.admin.accounts()
        assert (resident.name, resident.id, resident.created) == ("alice", alice.id, NOW)
        assert (resident.used, resident.reserved) == (signed_up.usage.used, 0)
        assert resident.quota == config.default_quota
