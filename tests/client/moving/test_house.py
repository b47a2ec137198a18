"""Moving house: to a new node and to a replica, with the old home's help and without."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from client.drive.change import mkdir
from client.drive.listing import ls
from client.identity.account import account, replace_device_secret
from client.identity.announce import announce, announce_at
from client.identity.attempt import Attempt
from client.identity.device_secret import DeviceSecret
from client.identity.factors import add_app
from client.identity.returning import entry_of, open_with_password
from client.moving.former import former_homes, look_back
from client.moving.house import Moved, Wish, copied_from, lacking, move, moved_without
from client.moving.missing import code_of
from client.moving.opening import opened_by, opened_here
from client.moving.rehoming import at_home_of, has_moved
from client.replicas import add
from client.session import Session, own_line
from client.sharing.drive import own_drive
from client.sharing.inside import share_write
from client.sharing.share import share
from client.social.card import contact_card
from client.social.contacts import contact
from client.social.follow import accept, follow
from client.social.inbox import collect
from client.social.owners import look_around
from client.social.requests import requests
from crypto.secret import random_secret
from crypto.totp import STEP, totp
from formats.errors import (
    Conflict,
    Exists,
    HoldfastError,
    LivesElsewhere,
    QuotaExceeded,
    Unfit,
    WrongPassword,
)
from formats.invite import Invite
from formats.whereabouts import HomeRole
from node.checking.verify import verify
from tests.client.people import PASSWORD, Town, town
from tests.client.sharing.conftest import friend
from tests.client.sharing.trees import Content, mine, put, theirs
from tests.client.towns import Killed, following, kill_at, wish
from tests.node.following.worlds import until
from tests.world.faults import Call, Onward, WatchedDoors

FILES: Content = {"docs/a.txt": b"one", "docs/deep/b.txt": b"two"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    """Three nodes, each of which may follow accounts of the others."""
    async with town(tmp_path, "one", "two", "three") as made, following(made):
        yield made


@pytest.fixture
async def alice(world: Town) -> Session:
    made = await world.sign_up("alice", "one")
    await put(made, FILES)
    return made


def quiet(_step: str, _used: int) -> None:
    """Nobody watches."""


async def moves(session: Session, wanted: Wish) -> Moved:
    """With the password, shown at the old home."""
    home = session.line.homes[0]
    attempt = await Attempt.begin(session.around, home, session.name, PASSWORD)
    opened = opened_by(session, attempt)
    await attempt.aclose()
    return await move(session, opened, wanted, quiet)


async def test_everything_is_at_the_new_home(world: Town, alice: Session) -> None:
    moved = await moves(alice, await wish(world, "three"))
    assert moved.problems == []
    there = moved.session
    assert there.whereabouts.home.peer == world.nodes["three"].peer_id
    assert await mine(there) == FILES
    await put(there, {"new.txt": b"at the new home"})
    again = await world.sign_in("alice", "three")
    assert await mine(again) == {**FILES, "new.txt": b"at the new home"}
    assert (await verify(world.nodes["three"].store, deep=True)).found.listed == []


async def test_the_old_home_follows_as_a_replica(world: Town, alice: Session) -> None:
    there = (await moves(alice, await wish(world, "three"))).session
    await put(there, {"new.txt": b"later"})

    async def level() -> bool:
        rows = [
            await world.nodes[name].store.read(lambda view: list(view.spaces_of(there.id)))
            for name in ("one", "three")
        ]
        return [row.seq for row in rows[0]] == [row.seq for row in rows[1]]

    await until(level)
    assert await level()


async def test_the_old_home_takes_no_changes_from_a_device_that_was_away(
    world: Town, alice: Session
) -> None:
    other = await world.sign_in("alice", "one")
    await put(other, {"before.txt": b"before"})
    there = (await moves(alice, await wish(world, "three"))).session
    with pytest.raises(LivesElsewhere):
        await put(other, {"late.txt": b"late"})
    assert await mine(there) == {**FILES, "before.txt": b"before"}


async def test_friends_go_on_reading_and_writing_to_each_other(world: Town, alice: Session) -> None:
    bob = await friend(world, alice, "bob")
    await share(alice, "docs", "bob")
    assert await theirs(bob, "alice") == FILES
    there = (await moves(alice, await wish(world, "three"))).session
    await collect(there)
    await share(there, "docs", "bob", "again")
    await collect(bob)
    known = await contact(bob, "alice")
    assert known.reach.homes[0].peer == world.nodes["three"].peer_id
    world.down.add(world.nodes["one"].peer_id)
    assert set((await theirs(bob, "alice")).values()) >= set(FILES.values())


async def test_a_friend_who_was_not_told_finds_out_by_asking(world: Town, alice: Session) -> None:
    bob = await friend(world, alice, "bob")
    await share(alice, "docs", "bob")
    there = (await moves(alice, await wish(world, "three"))).session
    assert await theirs(bob, "alice") == FILES  # at the old home, which is a replica
    await look_around(bob)
    assert (await contact(bob, "alice")).reach.homes[0].peer == there.whereabouts.home.peer
    assert await theirs(bob, "alice") == FILES


async def test_what_waited_in_the_old_inbox_arrives(world: Town, alice: Session) -> None:
    """Also what comes there later, from who has an old card only."""
    card = await contact_card(alice)
    bob = await world.sign_up("bob", "two")
    await follow(bob, card)
    moved = await moves(alice, await wish(world, "three"))
    assert [request.name for request in await requests(moved.session)] == ["bob"]
    carol = await world.sign_up("carol", "two")
    await follow(carol, card)
    events: list[object] = []
    assert await look_back(moved.session, events.append) == []
    await collect(moved.session)
    assert {request.name for request in await requests(moved.session)} == {"bob", "carol"}
    await accept(moved.session, "carol", back=True)
    await collect(carol)
    assert (await contact(carol, "alice")).following


async def test_a_replica_becomes_the_home(world: Town, alice: Session) -> None:
    invite = Invite.parse(await world.nodes["three"].admin.invite(2**30, replica=True))
    await add(alice, invite)
    moved = await moves(alice, Wish(world.home("three"), None, "alice"))
    assert await mine(moved.session) == FILES


async def test_another_name_there(world: Town, alice: Session) -> None:
    await world.sign_up("other", "three")
    taken = await wish(world, "three", name="other")
    with pytest.raises(Exists):
        await moves(alice, taken)
    await put(alice, {"still.txt": b"the old home is the home"})
    moved = await moves(alice, await wish(world, "three", name="alice-2"))
    assert moved.session.name == "alice-2"
    again = await world.sign_in("alice-2", "three")
    assert await mine(again) == {**FILES, "still.txt": b"the old home is the home"}


async def test_a_home_that_is_too_small_is_none(world: Town, alice: Session) -> None:
    with pytest.raises((Unfit, QuotaExceeded), match="room"):
        await moves(alice, await wish(world, "three", quota=2000))
    await put(alice, {"still.txt": b"the old home is the home"})


async def test_to_where_one_lives_is_no_move(world: Town, alice: Session) -> None:
    with pytest.raises(Unfit, match="already"):
        await moves(alice, await wish(world, "one"))


async def test_back_again(world: Town, alice: Session) -> None:
    there = (await moves(alice, await wish(world, "three"))).session
    await put(there, {"there.txt": b"there"})
    back = (await moves(there, Wish(world.home("one"), None, "alice"))).session
    await put(back, {"back.txt": b"back"})
    assert await mine(back) == {**FILES, "there.txt": b"there", "back.txt": b"back"}
    assert [each.home.peer for each in await former_homes(back)] == [world.nodes["three"].peer_id]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_at_every_call_it_is_gone_on_with(tmp_path: Path, after: bool) -> None:
    """And after each, no change of another device was taken by two homes or lost."""
    call, finished = 0, False
    async with town(tmp_path, "one", "three") as world, following(world):
        while not finished:
            name = f"alice-{call}"
            alice = await world.sign_up(name, "one")
            await put(alice, FILES)
            entry = entry_of(alice, world.home("one"))
            assert entry is not None
            wanted = await wish(world, "three", name=name)
            kill_at(world, call, after)
            try:
                await moves(alice, wanted)
                finished = True
            except Killed:
                pass
            finally:
                world.wrap = lambda doors: doors
            racing = await open_with_password(alice.around, entry, PASSWORD)
            taken = {}
            with suppress(HoldfastError):
                await put(racing, {"racing.txt": b"by another device"})
                taken = {"racing.txt": b"by another device"}
            await racing.aclose()
            if not finished:
                again = await open_with_password(alice.around, entry, PASSWORD)
                moved = await moves(again, wanted)
                await moved.session.aclose()
            there = await world.sign_in(name, "three")
            assert await mine(there) == {**FILES, **taken}
            await there.aclose()
            call += 1
    assert call > 15


async def test_without_the_old_home_a_replica_takes_its_place(world: Town, alice: Session) -> None:
    bob = await friend(world, alice, "bob")
    await share(alice, "docs", "bob")
    invite = Invite.parse(await world.nodes["three"].admin.invite(2**30, replica=True))
    await add(alice, invite)

    async def level() -> bool:
        row = await world.nodes["three"].store.read(lambda view: list(view.spaces_of(alice.id)))
        home = await world.nodes["one"].store.read(lambda view: list(view.spaces_of(alice.id)))
        return [each.seq for each in row] == [each.seq for each in home]

    await until(level)
    await look_around(bob)
    world.down.add(world.nodes["one"].peer_id)
    await alice.line.aclose()
    with pytest.raises(WrongPassword):
        await opened_here(alice, "not it")
    opened = await opened_here(alice, PASSWORD)
    found = await lacking(alice, world.home("three"))
    assert [each.fits for each in found] == [True]
    wanted = Wish(world.home("three"), None, "alice")
    with pytest.raises(Conflict):
        await moved_without(alice, opened, wanted, "another", quiet)
    there = (await moved_without(alice, opened, wanted, code_of(found), quiet)).session
    await put(there, {"docs/new.txt": b"on we go"})
    await collect(bob)
    await look_around(bob)
    assert await theirs(bob, "alice") == {**FILES, "docs/new.txt": b"on we go"}
    world.down.clear()  # the old home is back, and believes itself the home
    stale = await world.sign_in("alice", "one")
    assert await look_back(there, lambda _: None) == []
    with pytest.raises(LivesElsewhere):
        await put(stale, {"late.txt": b"late"})
    await look_around(bob)
    assert (await contact(bob, "alice")).reach.homes[0].peer == world.nodes["three"].peer_id


async def test_who_signs_in_at_the_old_home_is_told_where_to(world: Town, alice: Session) -> None:
    await moves(alice, await wish(world, "three"))
    with pytest.raises(Unfit, match="have moved") as told:
        await world.sign_in("alice", "one")
    assert "--at /ip4/" in told.value.advice


async def test_a_move_that_was_cut_off_is_gone_on_with_after_signing_in_again(
    world: Town, alice: Session
) -> None:
    """The old home takes nothing, the new one has no account yet: that is no dead end."""
    wanted = await wish(world, "three")

    async def meet(call: Call, onward: Onward) -> object:
        if str(call) == "accounts.settle":
            raise Killed
        return await onward(call.request)

    world.wrap = lambda doors: WatchedDoors(doors, meet)
    with pytest.raises(Killed):
        await moves(alice, wanted)
    world.wrap = lambda doors: doors
    again = await world.sign_in("alice", "one")
    assert not await has_moved(again)
    with pytest.raises(LivesElsewhere):
        await put(again, {"late.txt": b"late"})
    there = (await moves(again, wanted)).session
    assert await mine(there) == FILES


async def test_another_device_goes_on_at_the_new_home(world: Town, alice: Session) -> None:
    other = await world.sign_in("alice", "one")
    assert not await has_moved(other)
    await moves(alice, await wish(world, "three"))
    assert await has_moved(other)
    there = at_home_of(other, other.whereabouts)
    await put(there, {"other.txt": b"from there"})
    assert await mine(there) == {**FILES, "other.txt": b"from there"}


async def test_a_guest_writes_on_at_the_new_home(world: Town, alice: Session) -> None:
    bob = await friend(world, alice, "bob")
    await share_write(alice, "docs", "bob")
    await collect(bob)
    drive = own_drive(bob)
    await mkdir(drive, "/alice/docs/before", parents=True)
    there = (await moves(alice, await wish(world, "three"))).session
    with pytest.raises(LivesElsewhere):
        await mkdir(drive, "/alice/docs/between", parents=True)
    await look_around(bob)
    await mkdir(own_drive(bob), "/alice/docs/after", parents=True)
    found = {each.name for each in (await ls(own_drive(there), "docs")).entries}
    assert {"before", "after"} <= found


async def kept_at_three(world: Town, alice: Session, spare: int = 2**30) -> None:
    """A replica that is level with the home, and has room for so many bytes more."""
    invite = Invite.parse(await world.nodes["three"].admin.invite(2**30, replica=True))
    await add(alice, invite, (await account(alice)).usage.used + spare)

    async def level() -> bool:
        rows = [
            await world.nodes[name].store.read(lambda view: list(view.spaces_of(alice.id)))
            for name in ("one", "three")
        ]
        return [row.seq for row in rows[0]] == [row.seq for row in rows[1]]

    await until(level)


async def test_a_replica_that_is_behind_goes_on_from_what_it_has(
    world: Town, alice: Session
) -> None:
    """It had no room for three changes: that is shown, and agreed to; friends follow."""
    bob = await friend(world, alice, "bob")
    await share(alice, "docs", "bob")
    await kept_at_three(world, alice, spare=100_000)
    await look_around(bob)
    for number in range(3):
        await put(alice, {f"docs/lost-{number}-{at}.txt": bytes(60_000) for at in range(10)})
    assert len(await theirs(bob, "alice")) == len(FILES) + 30
    world.down.add(world.nodes["one"].peer_id)
    await alice.line.aclose()
    opened = await opened_here(alice, PASSWORD)
    found = await lacking(alice, world.home("three"))
    assert [(each.fits, each.changes) for each in found] == [(False, 3)]
    wanted = Wish(world.home("three"), None, "alice")
    with pytest.raises(Conflict):
        await moved_without(alice, opened, wanted, "00" * 8, quiet)
    there = (await moved_without(alice, opened, wanted, code_of(found), quiet)).session
    assert await mine(there) == FILES
    await put(there, {"docs/new.txt": b"on we go"})
    await collect(bob)
    await look_around(bob)
    assert await theirs(bob, "alice") == {**FILES, "docs/new.txt": b"on we go"}
    assert (await verify(world.nodes["three"].store, deep=True)).found.listed == []


async def test_a_fresh_node_copies_from_a_replica(world: Town, alice: Session) -> None:
    """The old home is gone, and the replica stays what it is."""
    await kept_at_three(world, alice)
    world.down.add(world.nodes["one"].peer_id)
    await alice.line.aclose()
    opened, wanted = await opened_here(alice, PASSWORD), await wish(world, "two")
    replica = next(each for each in alice.whereabouts.homes if each.role is HomeRole.REPLICA)
    await copied_from(alice, replica, wanted, quiet)
    await copied_from(alice, replica, wanted, quiet)  # cut off, and asked again
    found = await lacking(alice, wanted.to)
    assert [each.fits for each in found] == [True]
    there = (await moved_without(alice, opened, wanted, code_of(found), quiet)).session
    assert there.whereabouts.home.peer == world.nodes["two"].peer_id
    assert [each.peer for each in there.whereabouts.homes[1:]] == [world.nodes["three"].peer_id]
    assert await mine(there) == FILES
    await put(there, {"new.txt": b"later"})

    async def follows() -> bool:
        rows = [
            await world.nodes[name].store.read(lambda view: list(view.spaces_of(there.id)))
            for name in ("two", "three")
        ]
        return [row.seq for row in rows[0]] == [row.seq for row in rows[1]]

    await until(follows)
    assert (await verify(world.nodes["two"].store, deep=True)).found.listed == []


async def test_who_is_published_is_so_by_the_new_home_alone(world: Town, alice: Session) -> None:
    await announce(alice, True)
    moved = await moves(alice, await wish(world, "three"))
    assert moved.problems == []
    assert (await announce(moved.session, None)).public
    line = own_line(alice.around, world.home("one"), moved.session.bundle)
    assert not (await announce_at(line, alice.id, None)).public
    await line.aclose()


async def test_who_is_not_published_is_not_afterwards(world: Town, alice: Session) -> None:
    moved = await moves(alice, await wish(world, "three"))
    assert not (await announce(moved.session, None)).public


async def test_a_second_factor_is_shown_before_the_move_and_stays_behind(
    world: Town, alice: Session
) -> None:
    """It is the home's to ask: the new one has none until it is set up there."""
    secret = random_secret(20)
    attempt = await Attempt.begin(alice.around, alice.line.homes[0], "alice", PASSWORD)
    step = world.clock.now // 1000 // STEP
    await add_app(alice, attempt, "phone", secret, totp(secret.reveal(), step))
    await attempt.aclose()
    wanted = await wish(world, "three")
    attempt = await Attempt.begin(alice.around, alice.line.homes[0], "alice", PASSWORD)
    assert attempt.asked is not None
    with pytest.raises(Unfit, match="second factor"):
        opened_by(alice, attempt)
    await attempt.show_code(totp(secret.reveal(), step + 1))
    moved = await move(alice, opened_by(alice, attempt), wanted, quiet)
    await attempt.aclose()
    assert await mine(moved.session) == FILES
    fresh = await Attempt.begin(alice.around, wanted.to, "alice", PASSWORD)
    assert fresh.asked is None
    await fresh.aclose()


async def test_a_device_secret_goes_along(world: Town, alice: Session) -> None:
    device = DeviceSecret.generate()
    attempt = await Attempt.begin(alice.around, alice.line.homes[0], "alice", PASSWORD)
    await replace_device_secret(alice, attempt, PASSWORD, device)
    await attempt.aclose()
    wanted = await wish(world, "three")
    moved = await moves(alice, wanted)
    assert await mine(moved.session) == FILES
    here = await Attempt.begin(alice.around, wanted.to, "alice", PASSWORD)
    await here.aclose()  # this machine remembers it for the new home
    with pytest.raises(WrongPassword):
        await Attempt.begin(world.around(), wanted.to, "alice", PASSWORD)
    other = await Attempt.begin(world.around(), wanted.to, "alice", PASSWORD, device)
    await other.aclose()
