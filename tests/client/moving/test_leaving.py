"""Leaving a home: nothing is lost that a file has, friends are told, and the identity goes on."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from client.archive.importing import Archive, Shown, brought
from client.archive.manifest import Manifest
from client.drive.change import mkdir
from client.drive.listing import ls
from client.identity.account import account, prove
from client.identity.rotation import renew_keys
from client.moving.former import look_back
from client.moving.house import Moved, Wish
from client.moving.leaving import Left, check_file, found_out, left, stock
from client.moving.receipts import Receipts
from client.replicas import add
from client.session import Session
from client.sharing.drive import own_drive
from client.sharing.inside import share_write
from client.sharing.share import share
from client.social import outbox
from client.social.contacts import contact
from client.social.events import Event, Gone
from client.social.inbox import collect
from client.social.owners import look_around, refresh
from formats.errors import (
    Conflict,
    Denied,
    Forged,
    HoldfastError,
    NotSignedIn,
    Unreachable,
    WrongPassword,
)
from formats.farewell import Farewell, Receipt
from formats.invite import Invite
from node.checking.verify import verify
from node.following.standing import is_over
from protocols.accounts import Depart, Departed
from protocols.services import Doors
from tests.client.archive.conftest import exported, unseen
from tests.client.people import CHEAP, PASSWORD, Town, town
from tests.client.sharing.conftest import friend
from tests.client.sharing.trees import Content, mine, put
from tests.world.faults import Call, Onward, WatchedDoors

FILES: Content = {"docs/a.txt": b"one", "docs/deep/b.txt": b"two"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "one", "two", "three") as made:
        yield made


@pytest.fixture
async def alice(world: Town) -> Session:
    made = await world.sign_up("alice", "one")
    await put(made, FILES)
    return made


async def leaves(
    session: Session,
    receipts: Receipts | None = None,
    accept: str | None = None,
    file: Manifest | None = None,
) -> Left:
    """All that the account asks for is shown."""
    accept = (await stock(session)).code if accept is None else accept
    attempt = await prove(session, PASSWORD)
    try:
        return await left(session, attempt, accept, receipts or Receipts(None), unseen, file)
    finally:
        await attempt.aclose()


async def manifest(file: Path) -> Manifest:
    with Archive.opened(str(file)) as archive:
        await archive.unlock(PASSWORD, CHEAP.floor)
        return await archive.manifest()


async def comes_back(world: Town, file: Path, to: str) -> Session:
    """Out of the file, on a machine that has seen nothing."""
    invite = Invite.parse(await world.nodes[to].admin.invite(2**30))
    with Archive.opened(str(file)) as archive:
        await archive.unlock(PASSWORD, CHEAP.floor)
        wish = Wish(world.home(to), invite.code, "alice")
        found = await brought(world.around(), archive, wish, None, unseen)
    assert not isinstance(found, Shown)
    assert isinstance(found, Moved)
    return found.session


async def test_the_home_deletes_it_and_signs_that_it_did(world: Town, alice: Session) -> None:
    receipts, found = Receipts(None), await stock(alice)
    done = await leaves(alice, receipts)
    assert (done.lacking, done.late, done.problems) == (0, 0, [])
    assert await world.nodes["one"].admin.accounts() == []
    (kept,) = receipts.all()
    said = kept.said()
    assert said == done.receipt
    assert said is not None
    assert {each.space: (each.seq, each.pointer) for each in said.spaces} == found.heads
    assert said.stored >= found.used
    assert (kept.name, kept.home.peer) == ("alice", world.nodes["one"].peer_id)
    with pytest.raises(WrongPassword):
        await world.sign_in("alice", "one")


async def test_out_of_a_file_the_identity_goes_on_and_friends_are_unbroken(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    bob = await friend(world, alice, "bob")
    await share(alice, "docs", "bob")
    await put(alice, {"ours/c.txt": b"ours"})
    await share_write(alice, "ours", "bob")
    file = tmp_path / "alice.car"
    await exported(alice, file)
    await leaves(alice, file=await manifest(file))

    events: list[Event] = []
    assert await look_around(bob, events.append) == []
    assert events == [Gone("alice")]
    assert (await contact(bob, "alice")).left
    for path in ("/alice", "/alice/docs", "/alice/ours"):
        with pytest.raises(Denied, match="has left their home"):
            await ls(own_drive(bob), path)
    assert await look_around(bob, events.append) == []
    assert len(events) == 1  # said once

    made = await comes_back(world, file, "three")
    assert made.id == alice.id
    await outbox.flush(made)
    await collect(bob)
    known = await contact(bob, "alice")
    assert (known.left, known.reach.homes[0].peer) == (0, world.nodes["three"].peer_id)
    listed = (await ls(own_drive(bob), "/alice/docs")).entries
    assert {each.name for each in listed} == {"a.txt", "deep"}
    await mkdir(own_drive(bob), "/alice/ours/his", parents=True)
    assert {each.name for each in (await ls(own_drive(made), "ours")).entries} == {"c.txt", "his"}
    assert (await verify(world.nodes["three"].store, deep=True)).found.listed == []


async def test_a_friend_who_missed_the_news_finds_out_at_the_home_that_was_left(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    bob = await friend(world, alice, "bob")
    await share(alice, "docs", "bob")
    file = tmp_path / "alice.car"
    await exported(alice, file)
    await leaves(alice)
    made = await comes_back(world, file, "three")
    assert await look_back(made, unseen) == []  # tells the one that was left where she is
    known = await refresh(bob, alice.id)
    assert (known.left, known.reach.homes[0].peer) == (0, world.nodes["three"].peer_id)
    assert (await ls(own_drive(bob), "/alice/docs")).entries


async def test_back_to_the_home_that_was_left(world: Town, alice: Session, tmp_path: Path) -> None:
    """With a new invite; whatever was recorded of the farewell is of no use then."""
    bob = await friend(world, alice, "bob")
    await share(alice, "docs", "bob")
    file = tmp_path / "alice.car"
    await exported(alice, file)
    done = await leaves(alice)
    await look_around(bob)
    made = await comes_back(world, file, "one")
    assert (await mine(made))["docs/a.txt"] == b"one"
    await look_around(bob)
    assert not (await contact(bob, "alice")).left
    attempt = await prove(made, PASSWORD)
    try:
        with pytest.raises(HoldfastError):
            await attempt.line.call(
                lambda at: at.doors.accounts.depart(Depart("alice", done.kept.farewell.encoded))
            )
    finally:
        await attempt.aclose()
    assert (await account(made)).usage.used > 0


async def test_another_machine_is_told_in_plain_words(world: Town, alice: Session) -> None:
    other = await world.sign_in("alice", "one")
    await leaves(alice)
    with pytest.raises(NotSignedIn, match="account at this home was deleted"):
        await collect(other)
    with pytest.raises(NotSignedIn, match="account at this home was deleted"):
        await put(other, {"late.txt": b"late"})


async def test_replicas_give_up_what_they_hold(world: Town, alice: Session) -> None:
    node = world.nodes["two"]
    await add(alice, Invite.parse(await node.admin.invite(2**30, replica=True)))
    done = await leaves(alice)
    assert done.problems == []
    (row,) = await node.store.read(lambda view: list(view.replicas()))
    assert is_over(row)


async def test_a_replica_that_is_away_is_named_and_hears_of_it_from_the_home(
    world: Town, alice: Session
) -> None:
    node = world.nodes["two"]
    await add(alice, Invite.parse(await node.admin.invite(2**30, replica=True)))
    world.down.add(node.peer_id)
    done = await leaves(alice)
    assert [type(each) for each in done.problems] == [Unreachable]
    home = world.nodes["one"]
    kept = await home.store.read(lambda view: view.replica(alice.id, node.peer_id))
    assert kept is not None


async def test_what_was_not_shown_is_not_deleted(world: Town, alice: Session) -> None:
    found = await stock(alice)
    await put(alice, {"new.txt": b"since"})
    assert (await stock(alice)).code == found.code  # of what is in them nothing was shown
    await add(alice, Invite.parse(await world.nodes["two"].admin.invite(2**30, replica=True)))
    with pytest.raises(Conflict, match="something changed"):
        await leaves(alice, accept=found.code)
    assert (await mine(alice))["new.txt"] == b"since"


async def test_a_file_that_lacks_something_is_no_reason_to_delete(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    bob = await friend(world, alice, "bob")
    file = tmp_path / "alice.car"
    await exported(alice, file)
    check_file(await stock(alice), await manifest(file), alice.id)
    await put(alice, {"new.txt": b"since"})
    with pytest.raises(Conflict, match="1 changes are not in the file"):
        check_file(await stock(alice), await manifest(file), alice.id)
    await put(alice, {"ours/c.txt": b"ours"})
    await share_write(alice, "ours", bob.name)
    with pytest.raises(Conflict, match="after the file was written"):
        check_file(await stock(alice), await manifest(file), alice.id)


@dataclass
class Breaks:
    """The line breaks at ``depart``, before or after the home did it."""

    after: bool
    silent: Callable[[], object] = lambda: None

    async def __call__(self, call: Call, onward: Onward) -> object:
        if call.name != "depart":
            return await onward(call.request)
        if self.after:
            await onward(call.request)
        self.silent()
        raise Unreachable("the line broke")


def breaking(world: Town, breaks: Breaks) -> None:
    def wrap(doors: Doors) -> Doors:
        return WatchedDoors(doors, breaks)

    world.wrap = wrap


async def test_an_answer_that_is_lost_is_asked_for_again(world: Town, alice: Session) -> None:
    """The first answer is; the second one arrives."""
    receipts, seen = Receipts(None), list[bool]()

    async def once(call: Call, onward: Onward) -> object:
        answer = await onward(call.request)
        if call.name == "depart" and not seen:
            seen.append(True)
            raise Unreachable("the line broke")
        return answer

    world.wrap = lambda doors: WatchedDoors(doors, once)
    done = await leaves(alice, receipts)
    assert seen
    assert receipts.all()[0].said() == done.receipt


async def test_before_it_arrived_nothing_is_deleted(world: Town, alice: Session) -> None:
    receipts, seen = Receipts(None), list[bool]()

    async def once(call: Call, onward: Onward) -> object:
        if call.name == "depart" and not seen:
            seen.append(True)
            raise Unreachable("the line broke")
        return await onward(call.request)

    world.wrap = lambda doors: WatchedDoors(doors, once)
    with pytest.raises(Unreachable) as raised:
        await leaves(alice, receipts)
    assert raised.value.advice == "nothing was deleted: try again"
    assert await found_out(alice, receipts) is None
    assert (await mine(alice))["docs/a.txt"] == b"one"
    await leaves(alice, receipts)


async def test_the_same_call_finds_out_what_became_of_it(world: Town, alice: Session) -> None:
    receipts = Receipts(None)
    home = world.nodes["one"].peer_id
    breaking(world, Breaks(after=True, silent=lambda: world.down.add(home)))
    with pytest.raises(Unreachable) as raised:
        await leaves(alice, receipts)
    assert "never between" in raised.value.advice
    with pytest.raises(Unreachable):
        await found_out(alice, receipts)
    world.down.clear()
    world.wrap = lambda doors: doors
    done = await found_out(alice, receipts)
    assert done is not None
    assert receipts.all()[0].said() == done.receipt
    assert await found_out(alice, receipts) is None


def _another(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


async def test_a_home_that_signs_something_else_is_not_believed(
    world: Town, alice: Session
) -> None:
    receipts = Receipts(None)

    async def lies(call: Call, onward: Onward) -> object:
        answer = await onward(call.request)
        if isinstance(answer, Departed):
            return Departed(_another(answer.receipt))
        return answer

    world.wrap = lambda doors: WatchedDoors(doors, lies)
    with pytest.raises(Forged, match="signs something else"):
        await leaves(alice, receipts)
    (kept,) = receipts.all()
    assert kept.said() is None  # it goes on from here


async def test_receipts_on_disk(world: Town, alice: Session, tmp_path: Path) -> None:
    """Those of one folder; what is damaged or unfinished is passed over."""
    receipts = Receipts(tmp_path)
    done = await leaves(alice, receipts)
    path = receipts.path(done.kept)
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.receipt for each in Receipts(tmp_path).all()] == [done.kept.receipt]
    (tmp_path / "receipt-damaged").write_bytes(b"damaged")
    path.with_name("receipt-x.new").write_bytes(path.read_bytes())
    assert len(Receipts(tmp_path).all()) == 1
    forged = replace(done.kept, receipt=_another(done.kept.receipt or b""))
    path.write_bytes(forged.encoded)
    assert Receipts(tmp_path).all() == []


async def test_under_renewed_keys_it_is_the_new_ones_that_say_so(
    world: Town, alice: Session
) -> None:
    attempt = await prove(alice, PASSWORD)
    after = await renew_keys(alice, attempt, PASSWORD)
    await attempt.aclose()
    done = await leaves(after)
    assert done.kept.farewell.identity_seq == 1
    Receipt.read(done.kept.receipt or b"", world.nodes["one"].peer_id, done.kept.farewell)
    Farewell.decode(done.kept.farewell.encoded).verify(after.chain)
