"""The trash and those who had access: nothing is left for them, in it or when it is back."""

from dataclasses import replace

import pytest

from client.drive.change import mv, rm
from client.drive.trash import empty, restore, trash
from client.session import Session
from client.sharing.drive import own_drive
from client.sharing.jobs import finish
from client.sharing.share import share, shared_by_me
from client.space.past import ALWAYS
from formats.errors import Denied
from storage.contracts import Transaction
from tests.client.people import Town
from tests.client.sharing.hostile import Hostile
from tests.client.sharing.test_revoke import FILES
from tests.client.sharing.trees import mine, my_entry, one_of_theirs, put, put_large, theirs


async def remove(session: Session, *paths: str) -> None:
    await rm(own_drive(session), paths, recursive=True)


@pytest.mark.parametrize("path", ["docs", "docs/deep", "docs/a.txt", "large"])
async def test_nothing_is_left_for_who_kept_everything(
    path: str, world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await put_large(alice, "large", 3)
    before = await mine(alice)
    await share(alice, "docs", "bob")
    await share(alice, "large", "bob")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    had = set(await hostile.gets())
    await remove(alice, path)
    gone = had - set(await hostile.gets())
    assert gone
    await hostile.look()
    assert set(await hostile.gets()) == had - gone
    (thing,), _ = await trash(own_drive(alice))
    assert thing.shared
    await restore(own_drive(alice), [path])
    assert await mine(alice) == before
    assert not gone.intersection(await hostile.gets())
    shares = {"/alice/docs", "/alice/large"} - {f"/alice/{path}"}
    assert {each.path for each in await shared_by_me(alice)} == shares
    assert (await my_entry(alice, path)).secret != thing.entry.secret


async def test_what_is_back_in_a_shared_folder_is_seen_there_again(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await remove(alice, "docs/deep")
    assert set(await theirs(bob, "alice")) == {"docs/a.txt", "docs/side/d.txt"}
    await restore(own_drive(alice), ["docs/deep"])
    assert (await theirs(bob, "alice"))["docs/deep/er/b.txt"] == b"two"


async def test_grants_further_down_end_too(alice: Session, bob: Session, carol: Session) -> None:
    await put(alice, FILES)
    await share(alice, "docs/deep/er", "bob")
    await share(alice, "docs/a.txt", "carol")
    await share(alice, "private", "carol")
    await remove(alice, "docs")
    assert [each.path for each in await shared_by_me(alice)] == ["/alice/private"]
    with pytest.raises(Denied):
        await one_of_theirs(bob, "alice/er")
    assert await theirs(carol, "alice") == {"private/e.txt": b"five"}
    await restore(own_drive(alice), ["docs"])
    assert [each.path for each in await shared_by_me(alice)] == ["/alice/private"]
    assert await theirs(bob, "alice") == {}


async def test_a_shared_thing_is_found_also_where_it_was_moved_to(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "private/e.txt", "bob")
    await mv(own_drive(alice), ["private"], "docs/side")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    assert await hostile.gets()
    await remove(alice, "docs")
    assert await hostile.gets() == []
    assert await shared_by_me(alice) == []


async def test_what_nobody_had_keeps_its_secret_and_costs_little(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs/deep/er", "bob")
    await share(alice, "private", "bob")
    side = await my_entry(alice, "docs/side")
    await remove(alice, "docs/side")
    (thing,), _ = await trash(own_drive(alice))
    assert not thing.shared
    await restore(own_drive(alice), ["docs/side"])
    assert (await my_entry(alice, "docs/side")).secret == side.secret
    assert len(await shared_by_me(alice)) == 2


async def test_a_full_account_can_remove_restore_and_empty(world: Town, alice: Session) -> None:
    await put(alice, FILES)
    node, drive = world.nodes["one"], own_drive(alice)

    def shrink(tx: Transaction) -> None:
        row = tx.account_of(alice.id)
        assert row is not None
        tx.put_account(replace(row, quota=sum(tx.usage(alice.id)) // 2))

    await node.store.write(shrink)
    await remove(alice, "docs", "private")
    await restore(drive, ["private"])
    await remove(alice, "private")
    assert (await empty(drive)).count == 2
    assert await mine(alice) == {}
    await drive.past.let_go(ALWAYS)
    assert (await drive.past.weigh()).states == 0


async def test_emptied_or_removed_for_good_they_have_nothing(alice: Session, bob: Session) -> None:
    await put(alice, FILES)
    await put_large(alice, "large", 3)
    await share(alice, "docs", "bob")
    await share(alice, "large", "bob")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    await remove(alice, "docs")
    assert (await empty(own_drive(alice))).count == 1
    await rm(own_drive(alice), ["large"], forever=True)
    assert await hostile.gets() == []
    await finish(alice)
    assert await hostile.gets() == []
