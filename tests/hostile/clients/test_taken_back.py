"""Who was taken something back, and kept all of it: their home, a replica, their own node.

Bob reads one folder of Alice's and writes in another. He keeps every key, root and label he ever
saw, of several states, of the trash too. His own node keeps a replica of Alice's account.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trio

from client.drive.change import rm
from client.drive.listing import ls
from client.drive.upload import upload
from client.replicas import add, replicas
from client.session import Session
from client.sharing.drive import own_drive
from client.sharing.inside import share_write
from client.sharing.share import share, unshare
from client.social.card import contact_card
from client.social.follow import accept, follow
from client.social.inbox import collect
from formats.cid import Cid
from formats.errors import Denied
from formats.invite import Invite
from formats.tree.node import EMPTY
from formats.whereabouts import Home
from node.build import Node
from node.following.following import Following
from protocols import replicas as r
from protocols.services import Replicas
from storage.memory import MemoryStore
from tests.client.people import Town, town
from tests.client.sharing.hostile import Hostile, HostileGuest
from tests.client.sharing.trees import put, theirs
from tests.node.following.worlds import Between, Dialling, until

FILES = {"docs/a.txt": b"one", "docs/deep/b.txt": b"two", "trip/c.txt": b"three"}


@dataclass
class Scene:
    """Alice at node one; bob and carol at node two, which keeps a replica of Alice's."""

    town: Town
    alice: Session
    bob: Session
    carol: Session
    going: trio.Event = field(default_factory=trio.Event)
    """Not set: the replica hears of nothing."""

    @property
    def replica(self) -> Home:
        """Bob's own node, too."""
        return self.town.home("two")

    def hold(self) -> None:
        """The replica hears of nothing more, until ``let_go``."""
        self.going = trio.Event()

    async def let_go(self) -> None:
        """It hears again, and has all."""
        self.going.set()
        await self.level()

    async def behind(self) -> int | None:
        """What Alice is told that it lacks."""
        (one,) = await replicas(self.alice)
        return one.behind

    async def level(self) -> None:
        """Until it has all."""

        async def is_level() -> bool:
            return await self.behind() == 0

        await until(is_level)

    async def replicate(self) -> None:
        """Alice lets node two keep a replica."""
        invite = Invite.parse(await self.town.nodes["two"].admin.invite(2**30, replica=True))
        await add(self.alice, invite)
        await self.level()


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with town(tmp_path, "one", "two") as made, trio.open_nursery() as nursery:
        alice = await made.sign_up("alice", "one")
        bob, carol = await friend(made, alice, "bob"), await friend(made, alice, "carol")
        scene = Scene(made, alice, bob, carol)
        scene.going.set()
        two = made.nodes["two"]
        network = Dialling(two.peer_id, {node.peer_id: node for node in made.nodes.values()})
        network.wrap = lambda doors: Held(doors, scene)
        nursery.start_soon(Following(two.core, network).run)
        await put(alice, FILES)
        yield scene
        nursery.cancel_scope.cancel()


class Held(Between):
    """A home whose news a test can keep from its replica."""

    def __init__(self, doors: Replicas, scene: Scene) -> None:
        super().__init__(doors)
        self._scene = scene

    async def follow(self, request: r.Follow) -> r.Followed:
        answer = await super().follow(request)
        await self._scene.going.wait()
        return answer


async def friend(made: Town, alice: Session, name: str) -> Session:
    """Somebody at node two whose request alice accepted."""
    person = await made.sign_up(name, "two")
    await follow(person, await contact_card(alice))
    await collect(alice)
    await accept(alice, name, back=True)
    await collect(person)
    return person


async def save(person: Session, folder: Path, path: str, content: bytes) -> None:
    """A file of somebody's, at a path of their drive."""
    local = folder / "local"
    await trio.to_thread.run_sync(local.write_bytes, content)
    await upload(own_drive(person), [str(local)], path)


def tables(node: Node) -> set[Cid]:
    """Every block that a node has."""
    store = node.store
    assert isinstance(store, MemoryStore)
    return set(store._tables.blocks)


async def test_a_reader_who_kept_everything_gets_nothing_once_a_replica_followed(
    scene: Scene,
) -> None:
    alice, bob = scene.alice, Hostile(scene.bob, "alice")
    await share(alice, "docs", "bob")
    await share(alice, "docs", "carol")
    await bob.look()
    await put(alice, {"docs/a.txt": b"another version"})
    await bob.look()
    await scene.replicate()
    assert len(await bob.gets()) > 2 * len(FILES)
    assert set(await bob.gets(scene.replica)) >= set(bob.refs)
    scene.hold()
    await unshare(alice, "docs", "bob")
    await put(alice, {"docs/a.txt": b"and another"})
    log = await bob.gets()  # their folder of shares is theirs as before, and empty
    assert len(set(log)) < 3
    assert set(await bob.gets(scene.replica)) >= set(bob.refs)  # it cannot know
    assert await scene.behind() != 0  # and its owner sees that
    await scene.let_go()
    assert set(await bob.gets(scene.replica)) == set(log)
    assert await theirs(scene.carol, "alice") == {
        "docs/a.txt": b"and another",
        "docs/deep/b.txt": b"two",
    }


async def test_a_guest_who_kept_everything_gets_nothing_once_a_replica_followed(
    scene: Scene, tmp_path: Path
) -> None:
    alice, bob = scene.alice, HostileGuest(scene.bob, "alice", "trip")
    for name in ("bob", "carol"):
        await share_write(alice, "trip", name)
    await bob.look()
    await save(scene.bob, tmp_path, "/alice/trip/large.bin", bytes(200_000))
    await bob.look()
    await rm(own_drive(scene.bob), ["/alice/trip/c.txt"])
    await bob.look()
    await scene.replicate()
    assert set(await bob.gets()) == set(bob.refs)
    assert set(await bob.gets(scene.replica)) == set(bob.refs)
    scene.hold()
    await unshare(alice, "trip", "bob")
    await save(alice, tmp_path, "trip/after.txt", b"later")
    assert await bob.gets() == []
    assert set(await bob.gets(scene.replica)) == set(bob.refs)  # it cannot know
    assert await scene.behind() != 0  # and its owner sees that
    await scene.let_go()
    assert await bob.gets(scene.replica) == []
    member, _ = bob.views_at(scene.replica)
    with pytest.raises(Denied):
        await member.newest()
    there = (await ls(own_drive(scene.carol), "/alice/trip")).entries
    assert {each.name for each in there} == {"large.bin", "after.txt"}


async def test_the_owner_sees_that_a_replica_lacks_a_shared_folder_alone(
    scene: Scene, tmp_path: Path
) -> None:
    await share_write(scene.alice, "trip", "bob")
    await scene.replicate()
    scene.hold()
    await save(scene.bob, tmp_path, "/alice/trip/new.txt", b"by bob")
    assert await scene.behind() == 1
    await scene.let_go()


async def test_a_node_keeps_nothing_of_what_those_who_live_there_read(
    scene: Scene, tmp_path: Path
) -> None:
    """So nobody is served from it what was taken back at its home."""
    alice = scene.alice
    reader, guest = Hostile(scene.bob, "alice"), HostileGuest(scene.bob, "alice", "trip")
    await share(alice, "docs", "bob")
    await reader.look()
    await share_write(alice, "trip", "bob")
    await save(alice, tmp_path, "trip/large.bin", bytes(200_000))
    await guest.look()
    one, two = (tables(scene.town.nodes[name]) for name in ("one", "two"))
    assert len(one) > 50
    assert one & two <= {EMPTY.cid}  # which every space begins with
    assert await reader.gets(scene.replica) == []
    assert await guest.gets(scene.replica) == []
