"""What friends share, read while their home is away; and dropped when it was taken back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.identity.login import sign_in
from client.kept.writer import LEAST
from client.session import Session
from client.sharing.share import share, unshare
from client.sharing.theirs import TheirShares
from client.space.away import Away, listening
from formats.errors import Denied, NotKept, Unreachable
from tests.client.people import PASSWORD, Town
from tests.client.sharing.trees import Content, entry_of, one_of_theirs, put, theirs

FILES: Content = {
    "docs/a.txt": b"one",
    "docs/deep/b.txt": b"two",
    "photos/c.jpg": b"three",
}
DOCS: Content = {"docs/a.txt": b"one", "docs/deep/b.txt": b"two"}


async def machine(world: Town, folder: Path) -> Session:
    """Bob on a machine with a disk, after a restart of it."""
    return await sign_in(world.around(folder, LEAST), world.home("two"), "bob", PASSWORD)


@pytest.fixture
async def here(world: Town, alice: Session, bob: Session, tmp_path: Path) -> AsyncIterator[Session]:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await share(alice, "photos", "bob")
    session = await machine(world, tmp_path)
    yield session
    await session.aclose()


async def leave(world: Town, session: Session, node: str = "one") -> None:
    world.down.add(world.nodes[node].peer_id)
    await session.line.aclose()
    for view in session.foreign.values():
        await view.line.aclose()


async def test_it_is_read_as_it_was(world: Town, here: Session) -> None:
    before = await theirs(here, "alice")
    await leave(world, here)
    heard: list[Away] = []
    with listening(heard.append):
        assert await theirs(here, "alice") == before
    assert {each.whose for each in heard} == {"alice"}


async def test_it_is_read_after_a_restart(world: Town, here: Session, tmp_path: Path) -> None:
    before = await theirs(here, "alice")
    await leave(world, here)
    await here.aclose()
    again = await machine(world, tmp_path)
    assert await theirs(again, "alice") == before
    await again.aclose()


async def test_with_both_homes_away(world: Town, here: Session) -> None:
    before = await theirs(here, "alice")
    await leave(world, here, "one")
    await leave(world, here, "two")
    heard: list[Away] = []
    with listening(heard.append):
        assert await theirs(here, "alice") == before
    assert {each.whose for each in heard} == {"alice"}  # bob's own is not what was read


async def test_what_was_not_read_is_not_there(world: Town, here: Session) -> None:
    await one_of_theirs(here, "alice/docs")
    await leave(world, here)
    assert await one_of_theirs(here, "alice/docs") == {"a.txt": b"one", "deep/b.txt": b"two"}
    view = next(iter(here.foreign.values()))
    view.kept.drop()  # type: ignore[union-attr]
    here.cache.clear()
    view.tip = None
    with pytest.raises((NotKept, Unreachable)):
        await theirs(here, "alice")


def sealed(tmp_path: Path) -> bytes:
    (folder,) = tmp_path.glob("kept-*")
    return b"".join(file.read_bytes() for file in folder.glob("*.slab"))


async def test_one_share_that_is_taken_back_is_dropped(
    world: Town, alice: Session, here: Session, tmp_path: Path
) -> None:
    await theirs(here, "alice")
    reading, top = await TheirShares(here).open("alice")
    entry = await entry_of(reading, top, "photos/c.jpg")
    (leaf,) = (await reading.leaves([entry.keys.ref()])).values()
    assert here.cabinet is not None
    here.cabinet.kept.flush()
    assert leaf.block.data in sealed(tmp_path)
    await unshare(alice, "photos", "bob")
    assert await one_of_theirs(here, "alice/docs") == {"a.txt": b"one", "deep/b.txt": b"two"}
    here.cabinet.kept.flush()
    assert leaf.block.data not in sealed(tmp_path)
    await leave(world, here)
    assert await one_of_theirs(here, "alice/docs") == {"a.txt": b"one", "deep/b.txt": b"two"}
    with pytest.raises(Denied):
        await one_of_theirs(here, "alice/photos")


async def test_a_new_share_drops_nothing(alice: Session, here: Session) -> None:
    await theirs(here, "alice")
    kept = next(iter(here.foreign.values())).kept
    assert kept is not None
    await put(alice, {"more.txt": b"four"})
    await share(alice, "more.txt", "bob")
    await theirs(here, "alice")
    assert kept.state() is not None
    assert kept.shares(()) is False  # there were some, and so there were three


async def test_everything_taken_back_leaves_nothing(
    world: Town, alice: Session, here: Session, tmp_path: Path
) -> None:
    await theirs(here, "alice")

    def refuse(doors: object) -> object:
        class Refusing:
            async def read(self, _request: object) -> None:
                raise Denied("there is nothing there")

            def __getattr__(self, name: str) -> object:
                return getattr(doors, name)

            @property
            def blocks(self) -> object:
                return self

        return Refusing()

    view = next(iter(here.foreign.values()))
    world.wrap = refuse  # type: ignore[assignment]
    await view.line.aclose()
    with pytest.raises(Denied):
        await TheirShares(here).open("alice")
    assert here.cabinet is not None
    here.cabinet.kept.flush()
    assert view.kept is not None
    assert view.kept.state() is None
    await leave(world, here)
    with pytest.raises(Unreachable):
        await TheirShares(here).open("alice")


async def test_nothing_of_the_own_node_is_kept_twice(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    around = world.around(tmp_path / "alice", LEAST)
    (tmp_path / "alice").mkdir()
    own = await sign_in(
        type(around)(
            around.network,
            around.now,
            around.random,
            around.folder,
            around.hardness,
            keep=LEAST,
            here=world.nodes["one"].peer_id,
        ),
        world.home("one"),
        "alice",
        PASSWORD,
    )
    await put(own, FILES)
    await own.space.reading()
    await own.aclose()
    assert list((tmp_path / "alice").glob("kept-*/*.slab")) == []
