"""Taking back: at once, for good, whatever was kept; and nothing lost on the way."""

import pytest

from client.drive.change import mv, rm
from client.drive.entry import Kind
from client.drive.node import open_node
from client.keys import NodeKeys
from client.session import Session
from client.sharing import steps
from client.sharing.drive import own_drive
from client.sharing.jobs import commit_settled, finish
from client.sharing.share import share, shared_by_me, unshare
from client.sharing.steps import is_pending, root_ground, step
from client.sharing.survey import survey
from client.social import outbox
from client.social.inbox import collect
from client.social.store import look
from client.space.reading import Changing
from formats.errors import Denied, NotFound, Unfit
from tests.client.people import Town
from tests.client.sharing.hostile import Hostile
from tests.client.sharing.trees import (
    Content,
    entry_of,
    mine,
    my_entry,
    one_of_theirs,
    put,
    put_large,
    segment,
    theirs,
)

FILES: Content = {
    "docs/a.txt": b"one",
    "docs/deep/er/b.txt": b"two",
    "docs/deep/c.txt": b"three",
    "docs/side/d.txt": b"four",
    "private/e.txt": b"five",
}
DOCS: Content = {path: data for path, data in FILES.items() if path.startswith("docs/")}


async def take_back(session: Session, path: str, contact: str) -> None:
    """Taken back, and killed before anything below was rotated."""
    await unshare(session, path, contact, and_finish=False)


async def settled(session: Session) -> bool:
    return not await is_pending(await look(session))


async def test_after_an_unshare_nothing_is_left_for_who_kept_everything(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await put_large(alice, "large", 3)
    await share(alice, "docs", "bob")
    await share(alice, "large", "bob")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    await put(alice, {"docs/new.txt": b"newer"})
    await hostile.look()
    assert len(hostile.refs) == 4 + 4 + 1 + 4
    assert set(await hostile.gets()) == set(hostile.refs)
    before = await mine(alice)
    await take_back(alice, "docs", "bob")
    await take_back(alice, "large", "bob")
    assert await hostile.gets() == []  # at once, before any rotation below went on
    await finish(alice)
    assert await hostile.gets() == []
    assert await mine(alice) == before
    large = await my_entry(alice, "large")
    reading = await alice.space.reading()
    assert [await segment(reading, large.keys, n) for n in range(3)] == [
        bytes([n]) * 100 for n in range(3)
    ]
    await put(alice, {"docs/a.txt": b"after", "docs/late.txt": b"late"})
    assert await hostile.gets() == []
    again = Hostile(bob, "alice")
    await again.look()
    assert again.refs == {}


async def test_the_reader_is_told_plainly(alice: Session, bob: Session) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await share(alice, "private", "bob")
    await collect(bob)
    assert await one_of_theirs(bob, "alice/docs")
    await take_back(alice, "docs", "bob")
    with pytest.raises(Denied) as caught:
        await one_of_theirs(bob, "alice/docs")
    assert "alice does not share 'docs' with you" in str(caught.value)
    await outbox.flush(alice)  # as the loop does
    assert len(await collect(bob)) == 1
    assert await theirs(bob, "alice") == {"private/e.txt": b"five"}
    assert [each.path for each in await shared_by_me(alice)] == ["/alice/private"]
    with pytest.raises(NotFound):
        await take_back(alice, "docs", "bob")


async def test_those_who_stay_keep_theirs(alice: Session, bob: Session, carol: Session) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await share(alice, "docs", "carol")
    await take_back(alice, "docs", "bob")
    with pytest.raises(Denied):
        await one_of_theirs(bob, "alice/docs")
    # What is below is refused to carol, too, until it was rotated.
    await finish(alice)
    assert await theirs(carol, "alice") == DOCS


async def test_grants_further_down_go_on_from_the_very_commit(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await share(alice, "docs/deep/er/b.txt", "carol")
    await share(alice, "docs/deep", "carol")
    await share(alice, "docs/a.txt", "bob", "still mine")
    await take_back(alice, "docs", "bob")
    assert not await settled(alice)
    assert await one_of_theirs(carol, "alice/b.txt") == {"b.txt": b"two"}
    assert await one_of_theirs(bob, "alice/still mine") == {"still mine": b"one"}
    await finish(alice)
    assert await one_of_theirs(carol, "alice/deep") == {"er/b.txt": b"two", "c.txt": b"three"}
    assert await one_of_theirs(carol, "alice/b.txt") == {"b.txt": b"two"}
    assert set(await theirs(bob, "alice")) == {"still mine"}


async def test_what_stays_shared_from_above_is_not_taken_back_below(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await share(alice, "docs/deep", "bob")
    with pytest.raises(Unfit) as caught:
        await unshare(alice, "docs/deep", "bob")
    assert "/alice/docs" in str(caught.value)
    assert len(await shared_by_me(alice)) == 2


async def test_a_grant_above_goes_on_when_one_below_is_taken_back(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "carol")
    await share(alice, "docs/deep", "bob")
    await unshare(alice, "docs/deep", "bob")
    assert await settled(alice)
    assert await theirs(carol, "alice") == DOCS
    assert await theirs(bob, "alice") == {}


def many(folders: int, files: int) -> Content:
    return {
        f"docs/{folder}/{number:03}.txt": f"{folder}.{number}".encode()
        for folder in range(folders)
        for number in range(files)
    }


async def test_stopped_at_every_commit_and_gone_on_with_elsewhere(
    world: Town, alice: Session, bob: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "ENOUGH", 1)  # a commit for each folder: more places to stop at
    await put(alice, many(3, 2) | many(1, 60) | FILES)
    before = await mine(alice)
    total = None
    stop = 0
    while total is None or stop <= total:
        await share(alice, "docs", "bob")
        assert await theirs(bob, "alice")
        hostile = Hostile(bob, "alice")
        await hostile.look()
        await take_back(alice, "docs", "bob")
        for _ in range(stop):
            await step(root_ground(alice))
        # Here the process is killed. Old xor new is there, whole, for its owner;
        fresh = await world.sign_in("alice", "one")
        assert await mine(fresh) == before
        # and nothing of it for who lost it.
        assert set(await hostile.gets()) == set()
        left = await finish(fresh)
        assert await settled(fresh)
        assert await mine(fresh) == before
        assert await hostile.gets() == []
        total = left if total is None else total
        alice, stop = fresh, stop + 1
    assert total > 4


async def test_small_folders_share_commits(alice: Session, bob: Session) -> None:
    await put(alice, many(60, 2) | FILES)
    before = await mine(alice)
    await share(alice, "docs", "bob")
    await take_back(alice, "docs", "bob")
    assert await finish(alice) <= 2
    assert await settled(alice)
    assert await mine(alice) == before


async def test_two_devices_finish_the_same_rotation(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, many(6, 3))
    other = await world.sign_in("alice", "one")
    await share(alice, "docs", "bob")
    await take_back(alice, "docs", "bob")
    going = True
    while going:
        going = await step(root_ground(alice))
        going = await step(root_ground(other)) or going
    assert await mine(alice) == await mine(other) == many(6, 3)


async def test_a_write_waits_for_the_rotation_and_is_never_under_an_old_secret(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    old = (await my_entry(alice, "docs/deep/er/b.txt")).secret
    other = await world.sign_in("alice", "one")
    await mine(other)
    await take_back(alice, "docs", "bob")
    await put(other, {"docs/deep/er/b.txt": b"fresh"})
    assert await settled(alice)
    entry = await my_entry(alice, "docs/deep/er/b.txt")
    assert entry.secret != old
    assert (await mine(alice))["docs/deep/er/b.txt"] == b"fresh"
    assert await hostile.gets() == []


async def test_taking_back_again_and_again(alice: Session, bob: Session) -> None:
    """Data keys do not pile up: folders and small files keep what they need."""
    await put(alice, {"docs/a/b.txt": b"x"})
    for _ in range(70):
        await share(alice, "docs", "bob")
        await take_back(alice, "docs", "bob")
        await finish(alice)
    reading = await alice.space.reading()
    for path in ("docs", "docs/a", "docs/a/b.txt"):
        node = await open_node(reading, (await my_entry(alice, path)).keys, path)
        assert len(node.header.ring.keys) <= 2
    assert await mine(alice) == {"docs/a/b.txt": b"x"}


async def test_nothing_is_left_behind_by_rotations(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, many(3, 5))
    await put_large(alice, "docs-large", 3)
    labels = await _labels(alice)
    await share(alice, "docs", "bob")
    await take_back(alice, "docs", "bob")
    await finish(alice)
    after = await _labels(alice)
    assert len(after) == len(labels)
    assert len(after & labels) == len(labels) - len(many(3, 5)) - 1 - 3


async def _labels(session: Session) -> set[bytes]:
    """Every label of the home that follows from its entries."""
    reading = await session.space.reading()
    home = await entry_of(reading, session.root.keys, "home")
    found = await survey(reading, home, set())
    assert found.problems == []
    return found.labels


async def move(session: Session, source: str, target: str) -> None:
    await mv(own_drive(session), [source], target)


async def remove(session: Session, path: str) -> None:
    await rm(own_drive(session), [path], recursive=True)


async def test_what_is_moved_out_from_under_a_grant_is_taken_back(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await share(alice, "docs/deep/er", "carol")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    deep = await my_entry(alice, "docs/deep")
    await move(alice, "docs/deep", "private")
    await finish(alice)
    assert (await my_entry(alice, "private/deep")).secret != deep.secret
    assert set(await theirs(bob, "alice")) == {"docs/a.txt", "docs/side/d.txt"}
    assert await theirs(carol, "alice") == {"er/b.txt": b"two"}
    assert deep.keys.label not in await hostile.gets()
    assert (await mine(alice))["private/deep/er/b.txt"] == b"two"


async def test_what_is_moved_within_a_grant_or_without_one_keeps_its_secret(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await share(alice, "private", "bob")
    deep, private = await my_entry(alice, "docs/deep"), await my_entry(alice, "private")
    await move(alice, "docs/deep", "docs/side")
    assert (await my_entry(alice, "docs/side/deep")).secret == deep.secret
    await move(alice, "private", "docs/side")
    assert (await my_entry(alice, "docs/side/private")).secret == private.secret
    assert (await theirs(bob, "alice"))["private/e.txt"] == b"five"


async def test_removing_ends_grants_to_it_and_below(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await share(alice, "docs/deep/er", "carol")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    await remove(alice, "docs")
    assert await shared_by_me(alice) == []
    assert await theirs(bob, "alice") == await theirs(carol, "alice") == {}
    assert await hostile.gets() == []


async def test_a_damaged_child_is_refused_all_the_same_and_stops_nothing(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    other = NodeKeys((await my_entry(alice, "docs/side/d.txt")).keys.secret)

    async def damage(changing: Changing) -> None:
        leaf = (await changing.leaves([other.ref()]))[other.label]
        header = bytes(reversed(leaf.header or b""))
        changing.put(other.label, type(leaf)(leaf.lock, header, leaf.body))

    await commit_settled(alice, damage)
    await take_back(alice, "docs", "bob")
    await finish(alice)
    assert await settled(alice)
    assert await hostile.gets() == []
    assert (await my_entry(alice, "docs/deep")).kind is Kind.FOLDER
    await share(alice, "docs", "bob")
    await unshare(alice, "docs", "bob")  # its labels are retired already
    await finish(alice)
    assert await hostile.gets() == []
