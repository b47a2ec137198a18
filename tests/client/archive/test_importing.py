"""An account out of a file: to a fresh node, again, cut off, and to where it may not go."""

from pathlib import Path

import pytest

from client.archive.importing import Archive, Shown, brought
from client.archive.older import AHEAD
from client.drive.change import mkdir
from client.drive.listing import ls
from client.identity.attempt import Attempt
from client.identity.rotation import renew_keys
from client.moving.house import Moved, Wish
from client.replicas import add
from client.session import Session, Surroundings
from client.sharing.drive import own_drive
from client.sharing.inside import share_write
from client.sharing.share import share
from client.social import outbox
from client.social.contacts import contact
from client.social.inbox import collect
from formats.errors import (
    BadInvite,
    Conflict,
    Exists,
    QuotaExceeded,
    Stale,
    Unfit,
    WrongPassword,
)
from formats.invite import Invite
from node.checking.verify import verify
from tests.client.archive.conftest import FILES, exported, unseen
from tests.client.people import CHEAP, PASSWORD, Town
from tests.client.sharing.conftest import friend
from tests.client.sharing.trees import mine, put
from tests.client.towns import Killed, kill_at, wish


async def imported(
    around: Surroundings,
    file: Path,
    to: Wish,
    accept: str | None = None,
    left: bool = False,
    password: str = PASSWORD,
) -> Moved | Shown:
    with Archive.opened(str(file)) as archive:
        await archive.unlock(password, CHEAP.floor)
        return await brought(around, archive, to, accept, unseen, left)


def home_burns(world: Town, name: str = "one") -> None:
    world.down.add(world.nodes[name].peer_id)


def session_of(found: Moved | Shown) -> Session:
    assert isinstance(found, Moved)
    return found.session


async def test_all_of_it_is_at_the_new_home(world: Town, alice: Session, tmp_path: Path) -> None:
    done = await exported(alice, tmp_path / "alice.car")
    assert done.spaces == 1
    home_burns(world)
    made = session_of(
        await imported(world.around(), tmp_path / "alice.car", await wish(world, "three"))
    )
    assert made.whereabouts.home.peer == world.nodes["three"].peer_id
    assert made.id == alice.id
    before = {**FILES}
    found = await mine(made)
    assert {name: found[name] for name in before} == before
    assert (await verify(world.nodes["three"].store, deep=True)).found.listed == []
    await put(made, {"new.txt": b"at the new home"})
    again = await world.sign_in("alice", "three")
    assert (await mine(again))["new.txt"] == b"at the new home"


async def test_friends_go_on_with_what_was_shared(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    bob = await friend(world, alice, "bob")
    await share(alice, "docs", "bob")
    await put(alice, {"ours/c.txt": b"ours"})
    await share_write(alice, "ours", "bob")
    done = await exported(alice, tmp_path / "alice.car")
    assert done.spaces == 2
    home_burns(world)
    made = session_of(
        await imported(world.around(), tmp_path / "alice.car", await wish(world, "three"))
    )
    assert made.whereabouts.seq > AHEAD
    await outbox.flush(made)
    await collect(bob)
    known = await contact(bob, "alice")
    assert known.reach.homes[0].peer == world.nodes["three"].peer_id
    await mkdir(own_drive(bob), "/alice/ours/his", parents=True)
    assert {each.name for each in (await ls(own_drive(made), "ours")).entries} == {"c.txt", "his"}
    assert {each.name for each in (await ls(own_drive(bob), "/alice/docs")).entries} == {
        "a.txt",
        "deep",
    }
    assert (await verify(world.nodes["three"].store, deep=True)).found.listed == []


async def test_to_the_home_that_forgot_everything(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    """The same node with an empty store; to one that has the account still, it is refused."""
    await exported(alice, tmp_path / "alice.car")
    with pytest.raises(Unfit, match="answers"):
        await imported(world.around(), tmp_path / "alice.car", await wish(world, "one"))
    with pytest.raises(Unfit, match="answers"):
        await imported(world.around(), tmp_path / "alice.car", await wish(world, "three"))
    made = session_of(
        await imported(
            world.around(), tmp_path / "alice.car", await wish(world, "three"), left=True
        )
    )
    assert (await mine(made))["docs/a.txt"] == b"one"


async def test_again_is_the_same(world: Town, alice: Session, tmp_path: Path) -> None:
    await exported(alice, tmp_path / "alice.car")
    home_burns(world)
    to = await wish(world, "three")
    made = session_of(await imported(world.around(), tmp_path / "alice.car", to))
    await put(made, {"new.txt": b"since"})
    again = session_of(await imported(world.around(), tmp_path / "alice.car", to))
    assert (await mine(again))["new.txt"] == b"since"


async def test_refused_with_plain_words(world: Town, alice: Session, tmp_path: Path) -> None:
    file = tmp_path / "alice.car"
    await exported(alice, file)
    home_burns(world)
    around = world.around()
    with pytest.raises(WrongPassword):
        await imported(around, file, await wish(world, "three"), password="wrong horse battery")
    with pytest.raises(BadInvite):
        await imported(around, file, Wish(world.home("three"), None, "alice"))
    with pytest.raises(BadInvite):
        await imported(around, file, Wish(world.home("three"), bytes(16), "alice"))
    with pytest.raises(QuotaExceeded):
        await imported(around, file, await wish(world, "three", quota=3000))
    await world.sign_up("alice", "two")
    with pytest.raises(Exists):
        await imported(around, file, await wish(world, "two"))
    made = session_of(await imported(around, file, await wish(world, "two", name="alice-2")))
    assert made.name == "alice-2"


async def test_older_than_this_machine_has_seen(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    """It is shown what would be gone, and goes on only from what was agreed to."""
    folder = tmp_path / "machine"
    folder.mkdir()
    await exported(alice, tmp_path / "alice.car")
    await put(alice, {"later.txt": b"seen"})
    seen = await world.sign_in("alice", "one")
    around = world.around(folder)
    around.marks(seen.bundle).put(
        seen.id, seen.bundle.space, (await seen.space.view.refresh()).tip.mark
    )
    home_burns(world)
    to = await wish(world, "three")
    shown = await imported(around, tmp_path / "alice.car", to)
    assert isinstance(shown, Shown)
    assert [each.changes for each in shown.lacks] == [1]
    with pytest.raises(Conflict):
        await imported(around, tmp_path / "alice.car", to, accept="00" * 8)
    made = session_of(await imported(around, tmp_path / "alice.car", to, accept=shown.code))
    assert "later.txt" not in await mine(made)
    assert (await mine(made))["docs/a.txt"] == b"one"


async def test_keys_that_were_renewed_since(world: Town, alice: Session, tmp_path: Path) -> None:
    invite = Invite.parse(await world.nodes["two"].admin.invite(2**30, replica=True))
    await add(alice, invite)
    await exported(alice, tmp_path / "alice.car")
    attempt = await Attempt.begin(alice.around, alice.line.homes[0], "alice", PASSWORD)
    await renew_keys(alice, attempt, PASSWORD)
    with pytest.raises(Stale, match="renewed"):
        await imported(
            world.around(), tmp_path / "alice.car", await wish(world, "three"), left=True
        )


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_at_every_call_it_goes_on(
    world: Town, alice: Session, tmp_path: Path, after: bool
) -> None:
    await exported(alice, tmp_path / "alice.car")
    home_burns(world)
    to, call, finished = await wish(world, "three"), 0, False
    while not finished:
        kill_at(world, call, after)
        try:
            await imported(world.around(), tmp_path / "alice.car", to)
            finished = True
        except Killed:
            call += 1
        finally:
            world.wrap = lambda doors: doors
    assert call > 20
    made = session_of(await imported(world.around(), tmp_path / "alice.car", to))
    assert (await mine(made))["docs/a.txt"] == b"one"
    assert (await verify(world.nodes["three"].store, deep=True)).found.listed == []
