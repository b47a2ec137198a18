"""A home that lost blocks: the owner's machine hands in what it kept, and names what is gone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from client.drive.change import mv
from client.drive.damage import LostLabels, damaged
from client.drive.download import download
from client.drive.resolve import resolve
from client.drive.upload import upload
from client.identity.login import sign_in
from client.kept.writer import LEAST
from client.mending import Mended, mend
from client.session import Session
from client.sharing.drive import own_drive
from client.sharing.inside import share_write
from client.sharing.mounts import shared_spaces
from client.social.card import contact_card
from client.social.follow import accept, follow
from client.social.inbox import collect
from formats.cid import Block, Cid
from formats.errors import Denied
from formats.links import Role
from frontends.api.health import check_files, check_restored
from frontends.checks import BAD, GOOD
from node.build import Node
from node.checking.aside import AsideFolder
from node.checking.repair import repair
from node.checking.verify import verify
from protocols import blocks as b
from storage.contracts import SpaceKey, View
from storage.memory import MemoryStore
from storage.reachability import ROLES
from tests.client.people import PASSWORD, Town, town

BIG = bytes(range(256)) * 2000


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path / "nodes", "one") as made:
        yield made


@pytest.fixture
async def alice(world: Town, tmp_path: Path) -> AsyncIterator[Session]:
    """On a machine with a disk, with a large and a small file."""
    await (await world.sign_up("alice", "one")).aclose()
    session = await machine(world, tmp_path / "disk")
    source = tmp_path / "docs"
    source.mkdir()
    (source / "big.bin").write_bytes(BIG)
    (source / "small.txt").write_bytes(b"small")
    await upload(own_drive(session), [str(source)])
    yield session
    await session.aclose()


async def machine(world: Town, folder: Path) -> Session:
    await trio.Path(folder).mkdir()
    around = world.around(folder, LEAST)
    return await sign_in(around, world.home("one"), "alice", PASSWORD)


async def blocks(node: Node, session: Session, role: Role, space: bytes | None = None) -> list[Cid]:
    """Alice's blocks that play a role."""
    key = SpaceKey(session.id, space or session.bundle.space)

    def work(view: View) -> list[Cid]:
        return [each.cid for each in view.references_of(key) if ROLES[each.kind] is role]

    return await node.store.read(work)


async def harm(world: Town, cids: list[Cid]) -> None:
    """The disk of the home lost these, and whoever runs it has a repair run."""
    node = world.nodes["one"]
    assert isinstance(node.store, MemoryStore)
    for cid in cids:
        node.store._tables.blocks[cid] = bytes(len(node.store._tables.blocks[cid]))
    done = await repair(node.store, [], AsideFolder(node.folder.aside))
    assert done.left.found.total


async def read_all(session: Session, into: Path) -> None:
    await trio.Path(into).mkdir()
    await download(own_drive(session), ["docs"], str(into))


async def test_what_was_read_here_is_given_back(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    await read_all(alice, tmp_path / "read")
    node = world.nodes["one"]
    lost = await blocks(node, alice, Role.SEGMENT) + await blocks(node, alice, Role.LEAF)
    await harm(world, lost)
    done = await mend(alice)
    assert (done.given, done.left) == (len(lost), ())
    assert (await verify(node.store, deep=True)).found.listed == []
    assert AsideFolder(node.folder.aside).count() == len(lost)
    assert await mend(alice) == Mended(0, ())
    check = await check_files(alice, own_drive(alice))
    assert check.state == GOOD


async def test_what_nobody_kept_is_named(world: Town, alice: Session, tmp_path: Path) -> None:
    node = world.nodes["one"]
    (lost, *_) = await blocks(node, alice, Role.SEGMENT)
    await harm(world, [lost])
    other = await machine(world, tmp_path / "other disk")  # it never read anything
    done = await mend(other)
    assert done.given == 0
    assert [each.cid for each in done.left] == [lost]
    drive = own_drive(other)
    labels = tuple((each.label, each.bits) for each in done.left if each.label is not None)
    found = await resolve(drive, drive.path(""))
    assert await damaged(found, LostLabels(labels)) == ["/alice/docs/big.bin"]
    check = await check_files(other, drive)
    assert check.state == BAD
    assert "/alice/docs/big.bin" in check.said
    assert "small" not in check.said
    await other.aclose()


async def test_what_is_shared_for_writing_is_named_by_its_path(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    bob = await world.sign_up("bob", "one")
    await follow(bob, await contact_card(alice))
    await collect(alice)
    await accept(alice, "bob")
    await share_write(alice, "docs", "bob")
    await mv(own_drive(alice), ["docs"], "moved")
    (space,) = await shared_spaces(alice)
    node = world.nodes["one"]
    (lost, *_) = await blocks(node, alice, Role.SEGMENT, space)
    await harm(world, [lost])
    other = await machine(world, tmp_path / "other disk")  # it never read anything
    check = await check_files(other, own_drive(other))
    assert check.state == BAD
    assert "/alice/moved/big.bin" in check.said
    assert "small" not in check.said
    await other.aclose()


async def test_only_what_was_named_is_taken_and_only_from_members(
    world: Town, alice: Session
) -> None:
    node = world.nodes["one"]
    segments = await blocks(node, alice, Role.SEGMENT)
    request = b.Mend(alice.id, alice.bundle.space, (Block.raw(b"not asked for"),))
    connected = await alice.line.connected()
    assert (await connected.doors.blocks.mend(request)).count == 0
    await harm(world, segments[:1])
    assert (await connected.doors.blocks.mend(request)).count == 0
    stranger = node.open()
    with pytest.raises(Denied):
        await stranger.blocks.mend(request)
    with pytest.raises(Denied):
        await stranger.blocks.lost(b.AskLost(alice.id, alice.bundle.space))


async def test_a_repair_that_finds_all_well_forgets_what_was_lost(
    world: Town, alice: Session
) -> None:
    node = world.nodes["one"]
    (lost, *_) = await blocks(node, alice, Role.SEGMENT)
    assert isinstance(node.store, MemoryStore)
    whole = node.store._tables.blocks[lost]
    await harm(world, [lost])
    node.store._tables.blocks[lost] = whole
    await repair(node.store, [], AsideFolder(node.folder.aside))
    assert (await mend(alice)).left == ()


async def test_labels_that_begin_alike_are_known_by_their_first_bits() -> None:
    lost = LostLabels(((b"\xf0" + bytes(31), 5), (b"\x01" * 32, 256)))
    assert lost.has([b"\xf7" + b"\xff" * 31])
    assert not lost.has([b"\xe8" + bytes(31), b"\x01" * 31 + b"\x00"])
    assert lost.has([bytes(32), b"\x01" * 32])


async def test_doctor_says_that_the_home_is_where_it_was(alice: Session) -> None:
    assert (await check_restored(alice)).state == GOOD
