"""An account comes back by its kit: the old home gone, or there with a password nobody knows."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from client.drive.change import mkdir
from client.drive.listing import ls
from client.home import HomeLine
from client.identity.account import prove
from client.identity.devices import Standing, devices
from client.identity.factors import add_app
from client.marks import MemoryMarks
from client.moving.former import look_back
from client.moving.house import Wish
from client.provers import ReaderProver
from client.recovery.checking import check_all
from client.recovery.making import kit_text
from client.recovery.opening import newest, open_everywhere, open_kit
from client.recovery.restoring import NewPassword, Restored, restore
from client.recovery.words import RecoveryKit
from client.replicas import add
from client.session import Owner, Session
from client.sharing.drive import own_drive
from client.sharing.inside import share_write
from client.sharing.share import share
from client.sharing.theirs import reader_key
from client.social import outbox
from client.social.contacts import contact
from client.social.inbox import collect
from client.social.owners import look_around
from client.space.cache import BlockCache
from client.space.view import SpaceView
from crypto.secret import Secret
from crypto.totp import STEP, totp
from formats.errors import (
    BadInvite,
    HoldfastError,
    NotSignedIn,
    Unfit,
    Unreachable,
    Usage,
    WrongPassword,
)
from formats.identity import IdentityChain
from formats.invite import Invite
from formats.kit import KitText
from tests.client.identity.lost import labels_from
from tests.client.people import PASSWORD, Town, town
from tests.client.recovery.conftest import kit_of
from tests.client.sharing.conftest import friend
from tests.client.sharing.trees import Content, mine, my_entry, one_of_theirs, put, theirs, walk
from tests.client.towns import following
from tests.node.following.worlds import until

FILES: Content = {"docs/a.txt": b"one", "docs/deep/b.txt": b"two"}
FRESH = "another correct horse battery"
SECRET = Secret(bytes(range(20)))


@pytest.fixture
def follows() -> dict[str, trio.CancelScope]:
    """By node: what has it follow accounts of the others, to be cancelled."""
    return {name: trio.CancelScope() for name in ("one", "two", "three")}


@pytest.fixture
async def world(tmp_path: Path, follows: dict[str, trio.CancelScope]) -> AsyncIterator[Town]:
    """Three nodes, each of which may follow accounts of the others."""
    async with town(tmp_path, *follows) as made, following(made, follows):
        yield made


@pytest.fixture
async def alice(world: Town) -> Session:
    made = await world.sign_up("alice", "one")
    await put(made, FILES)
    return made


async def replica_of(world: Town, alice: Session, node: str) -> None:
    """The node keeps a replica, which has everything that the home has by now."""
    invite = Invite.parse(await world.nodes[node].admin.invite(2**30, replica=True))
    await add(alice, invite)
    await level(world, alice, node)


async def level(world: Town, alice: Session, node: str) -> None:
    async def same() -> bool:
        rows = [
            await world.nodes[name].store.read(lambda view: list(view.spaces_of(alice.id)))
            for name in (node, "one")
        ]
        heads = [{row.key: row.seq for row in each} for each in rows]
        people = [
            await world.nodes[name].store.read(lambda view: view.identity(alice.id))
            for name in (node, "one")
        ]
        return heads[0] == heads[1] and people[0] == people[1]

    await until(same)


async def gone(world: Town, alice: Session) -> None:
    """The home has burned down, and with it the machine."""
    world.down.add(world.nodes["one"].peer_id)
    await alice.aclose()


async def one_of_mine(session: Session, path: str) -> Content:
    """Everything in a folder of one's own."""
    entry = await my_entry(session, path)
    return await walk(await session.space.reading(), entry.keys)


async def comes_back(
    world: Town, kit: RecoveryKit, at: KitText, to: str, password: str = FRESH, name: str = "alice"
) -> Restored:
    """On a machine that has never seen anything of it."""
    found = await open_kit(world.around(), kit, at)
    invite = None
    if found.source.peer != world.nodes[to].peer_id:
        invite = Invite.parse(await world.nodes[to].admin.invite(2**30)).code
    wish = Wish(world.home(to), invite, name)
    return await restore(world.around(), found, wish, NewPassword(password), as_it_is=False)


@pytest.mark.parametrize("to", ["three", "two"])
async def test_with_a_replica_and_the_words_everything_is_there_again(
    world: Town, alice: Session, to: str
) -> None:
    """At the replica itself, or at a fresh node: files, friends, shares both ways."""
    bob = await friend(world, alice, "bob")
    await share(alice, "docs", "bob")
    await put(bob, {"hers/c.txt": b"for alice"})
    await share(bob, "hers", "alice")
    await mkdir(own_drive(alice), "ours")
    await share_write(alice, "ours", "bob")
    await collect(alice)
    await collect(bob)
    kit = await kit_of(alice)
    await replica_of(world, alice, "three")
    await look_around(bob)
    paper = kit_text(alice, None).text
    await gone(world, alice)

    restored = await comes_back(world, RecoveryKit.read(kit.words), KitText.parse(paper), to)
    there = restored.moved.session
    assert restored.renewed
    assert restored.lacking == 0
    assert there.id == alice.id
    assert there.chain.seq == 1
    assert await one_of_mine(there, "docs") == {"a.txt": b"one", "deep/b.txt": b"two"}
    assert await theirs(there, "bob") == {"hers/c.txt": b"for alice"}
    await put(there, {"docs/new.txt": b"on we go"})
    assert await outbox.flush(there) == []
    await collect(bob)
    assert (await contact(bob, "alice")).chain.seq == 1
    assert (await contact(bob, "alice")).reach.homes[0].peer == world.nodes[to].peer_id
    assert (await one_of_theirs(bob, "alice/docs"))["new.txt"] == b"on we go"
    await mkdir(own_drive(bob), "/alice/ours/by-bob")
    assert [each.name for each in (await ls(own_drive(there), "ours")).entries] == ["by-bob"]
    await put(bob, {"hers/later.txt": b"later"})
    assert await outbox.flush(bob) == []
    await collect(there)  # where what he gives her is now, since she lost a machine
    assert (await theirs(there, "bob"))["hers/later.txt"] == b"later"
    again = await world.sign_in("alice", to, FRESH)
    assert (await one_of_mine(again, "docs"))["new.txt"] == b"on we go"
    await check_all(there, kit.words)


async def test_what_friends_saw_and_no_node_has_left_stops_nobody(
    world: Town, alice: Session, follows: dict[str, trio.CancelScope]
) -> None:
    """The replica was behind: what came after is gone, and friends go on by the owner's word."""
    bob = await friend(world, alice, "bob")
    await share(alice, "docs", "bob")
    kit = await kit_of(alice)
    await replica_of(world, alice, "three")
    follows["three"].cancel()
    for number in range(3):
        await put(alice, {f"docs/{number}.txt": b"the replica never had it"})
        await share(alice, f"docs/{number}.txt", "bob", f"more-{number}")
        await outbox.flush(alice)
        await collect(bob)
    assert len(await theirs(bob, "alice")) == 8
    paper = kit_text(alice, None)
    await gone(world, alice)
    there = (await comes_back(world, kit, paper, "three")).moved.session
    await put(there, {"docs/new.txt": b"on we go"})
    assert await outbox.flush(there) == []
    await collect(bob)
    found = await theirs(bob, "alice")
    assert found == {**FILES, "docs/new.txt": b"on we go"}


async def test_the_password_is_forgotten_and_the_home_is_there(world: Town, alice: Session) -> None:
    kit, paper = await kit_of(alice), kit_text(alice, None)
    restored = await comes_back(world, kit, paper, "one")
    there = restored.moved.session
    assert restored.renewed
    await put(there, {"new.txt": b"new"})
    assert await mine(await world.sign_in("alice", "one", FRESH)) == {**FILES, "new.txt": b"new"}
    with pytest.raises(WrongPassword):
        await world.sign_in("alice", "one")
    with pytest.raises(HoldfastError):
        await put(alice, {"late.txt": b"by the keys that were"})


async def test_a_machine_that_is_gone_reads_nothing_any_more(world: Town, alice: Session) -> None:
    """It had all secrets, and needs no member key to ask an honest home as a reader."""
    kit, paper = await kit_of(alice), kit_text(alice, None)
    refs = [(await my_entry(alice, path)).keys.ref() for path in ("docs", "docs/a.txt")]
    roots = {(await alice.space.view.newest()).tip.root}

    async def seen(chain: IdentityChain) -> set[bytes]:
        reader = reader_key(alice, alice.id)
        line = HomeLine(alice.around.network, [world.home("one")], ReaderProver(reader))
        owner, cache = Owner(chain), BlockCache()
        view = SpaceView(line, owner, MemoryMarks(), cache, alice.id, alice.bundle.space, reader)
        return await labels_from(view, refs, roots)

    assert await seen(alice.chain) == {each.label for each in refs}
    there = (await comes_back(world, kit, paper, "one")).moved.session
    assert await seen(there.chain) == set()
    assert [each.standing for each in await devices(there)] == [Standing.HERE, Standing.REVOKED]
    assert await mine(there) == FILES
    assert there.chain.lost == there.chain.seq  # so friends give anew what they gave


async def test_to_another_node_while_the_home_is_there(world: Town, alice: Session) -> None:
    kit, paper = await kit_of(alice), kit_text(alice, None)
    there = (await comes_back(world, kit, paper, "three")).moved.session
    assert there.whereabouts.home.peer == world.nodes["three"].peer_id
    assert await mine(there) == FILES
    await check_all(there, kit.words)


async def test_it_can_be_done_again_with_the_same_words(world: Town, alice: Session) -> None:
    kit = await kit_of(alice)
    await replica_of(world, alice, "three")
    paper = kit_text(alice, None)
    await gone(world, alice)
    await comes_back(world, kit, paper, "three")
    twice = (await comes_back(world, kit, paper, "three", "yet another correct horse")).moved
    assert await mine(twice.session) == FILES
    with pytest.raises(WrongPassword):
        await world.sign_in("alice", "three", FRESH)


async def test_the_old_home_comes_back_and_is_told(world: Town, alice: Session) -> None:
    kit = await kit_of(alice)
    await replica_of(world, alice, "three")
    paper = kit_text(alice, None)
    await gone(world, alice)
    there = (await comes_back(world, kit, paper, "three")).moved.session
    world.down.clear()
    stale = await world.sign_in("alice", "one")  # it knows of nothing yet
    assert await look_back(there, lambda _: None) == []
    with pytest.raises(NotSignedIn, match="renewed elsewhere"):  # a machine that never wrote
        await put(stale, {"late.txt": b"late"})


async def test_a_node_that_refuses_leaves_everything_as_it_was(world: Town, alice: Session) -> None:
    kit = await kit_of(alice)
    await replica_of(world, alice, "three")
    paper = kit_text(alice, None)
    await gone(world, alice)
    found = await open_kit(world.around(), kit, paper)
    wrong = Wish(world.home("two"), b"x" * 16, "alice")
    with pytest.raises(BadInvite):
        await restore(world.around(), found, wrong, NewPassword(FRESH), as_it_is=False)
    with pytest.raises(Usage):
        await restore(world.around(), found, wrong, NewPassword("short"), as_it_is=False)
    assert await mine((await comes_back(world, kit, paper, "two")).moved.session) == FILES


async def test_a_paper_from_before_there_was_a_replica_is_good_where_that_is_named(
    world: Town, alice: Session
) -> None:
    kit, paper = await kit_of(alice), kit_text(alice, None)
    await replica_of(world, alice, "three")
    await gone(world, alice)
    with pytest.raises(Unreachable):
        await open_kit(world.around(), kit, paper)
    shown = await open_everywhere(world.around(), kit, paper, [world.home("three")])
    assert newest(shown).source.peer == world.nodes["three"].peer_id


async def test_a_second_factor_of_the_home_stays_asked_for(world: Town, alice: Session) -> None:
    """The kit gives the identity; what a home asks besides is between it and its person."""
    kit, paper = await kit_of(alice), kit_text(alice, None)
    code = totp(SECRET.reveal(), world.clock.now // 1000 // STEP)
    attempt = await prove(alice, PASSWORD)
    await add_app(alice, attempt, "phone", SECRET, code)
    await attempt.aclose()
    restored = await comes_back(world, kit, paper, "one")
    assert not restored.renewed
    assert restored.moved.problems == []
    assert await mine(restored.moved.session) == FILES
    with pytest.raises(Unfit, match="second factor"):
        await world.sign_in("alice", "one", FRESH)
