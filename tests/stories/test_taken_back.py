"""Bob kept everything he ever had of Alice's folder. After she took it back it opens nothing."""

from contextlib import aclosing

import pytest

from client.drive.entry import Entry, Kind
from client.drive.node import open_file
from client.drive.resolve import resolve
from client.drive.thumbnails.showing import thumbnail
from client.drive.walk import walk
from client.home import HomeLine
from client.keys import NodeKeys, Ref
from client.marks import MemoryMarks
from client.provers import ReaderProver
from client.sharing.theirs import reader_key
from client.social.owners import ContactOwners
from client.space.cache import BlockCache
from client.space.reading import Reading
from client.space.tip_reading import TipReading
from client.space.view import SpaceView
from formats.errors import Denied
from formats.leaf import Leaf
from formats.limits import CHUNK
from tests.stories.story import REFUSALS
from tests.together.whole import check_whole
from tests.world.labels import Labels, label_of, picture
from tests.world.person import Person
from tests.world.world import World

LARGE = CHUNK + 1000


class Hoard:
    """Every right that somebody has to a folder of somebody else's, kept outside of any client."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.refs: list[Ref] = []
        self.leaves: dict[bytes, Leaf] = {}
        self.reading: TipReading | None = None

    async def fill(self, path: str) -> None:
        """Take everything below a path: headers, pages, chunks, and the state they are of."""
        drive = self.person.drive
        top = await resolve(drive, drive.path(path))
        problems: list[Exception] = []
        async with aclosing(walk(top, [])) as folders:
            async for visit in folders:
                self.refs.append(visit.node.keys.ref())
                for entry in visit.listing.entries:
                    if entry.kind is Kind.FILE:
                        self.refs += _labels(entry.keys, entry.size)
                        self.refs += await _thumbnail(visit.reading, entry)
        assert not problems
        self.reading = await self._view(top.reading.owner, top.reading.space).open(self.refs[:1])
        self.leaves = await self.reading.leaves(self.refs)
        assert len(self.leaves) == len(self.refs)

    def _view(self, owner: bytes, space: bytes) -> SpaceView:
        """A fresh way to the owner's home, that remembers nothing."""
        session = self.person.session
        known = self.person.world.places["alice"].home
        reader = reader_key(session, owner)
        line = HomeLine(session.around.network, [known], ReaderProver(reader))
        owners = ContactOwners(session)
        return SpaceView(line, owners, MemoryMarks(), BlockCache(), owner, space, reader)

    async def expect_nothing_new(self) -> None:
        """None of it is there in the newest state."""
        assert self.reading is not None
        for ref in self.refs:
            with pytest.raises(Denied):
                await self._view(self.reading.owner, self.reading.space).open([ref])

    async def expect_nothing_old(self) -> None:
        """Nor in the state that was current when it was shared."""
        old = self.reading
        assert old is not None
        view = self._view(old.owner, old.space)
        before = TipReading(view, old.tip)
        for ref in self.refs:
            with pytest.raises(Denied):
                await before.leaves([ref])
        with_segments = [ref for ref in self.refs if self.leaves[ref.label].segments]
        assert with_segments
        for ref in with_segments:
            with pytest.raises(Denied):
                await before.segments(ref, self.leaves[ref.label], [0])


def _labels(keys: NodeKeys, size: int) -> list[Ref]:
    chunks = range(-(-size // CHUNK)) if size > CHUNK else range(0)
    return [keys.ref(), *(keys.ref(keys.chunk_label(chunk)) for chunk in chunks)]


async def _thumbnail(reading: Reading, entry: Entry) -> list[Ref]:
    file = await open_file(reading, entry.keys, entry.name)
    return [entry.keys.ref(entry.keys.thumb_label)] if file.header.thumb else []


@pytest.mark.parametrize("finished", [False, True], ids=["at once", "after all was rotated"])
async def test_what_was_kept_opens_nothing(finished: bool) -> None:
    async with World.open("alice", "bob") as w:
        w.alice.thumbnails = Labels()
        await w.alice.put("trips/rome/a.txt", b"one")
        await w.alice.put("trips/rome/small.png", picture(500))
        await w.alice.put("trips/rome/large.png", picture(LARGE))
        await w.alice.put("trips/rome/large", b"2" * LARGE)
        await w.alice.put("trips/b.txt", b"three")
        await w.alice.befriend(w.bob)
        await w.alice.share("trips", "bob")
        hoard = Hoard(w.bob)
        await hoard.fill("/alice/trips")
        assert sum(ref.label == ref.keys.thumb_label for ref in hoard.refs) == 2
        for name in ("small.png", "large.png"):
            assert await thumbnail(w.bob.drive, f"/alice/trips/rome/{name}")
        await w.alice.unshare("trips", "bob")
        if finished:
            await w.alice.rotate()
        await hoard.expect_nothing_new()
        await hoard.expect_nothing_old()
        assert await w.alice.read("trips/rome/large") == b"2" * LARGE
        for name, size in (("small.png", 500), ("large.png", LARGE)):
            assert await thumbnail(w.alice.drive, f"trips/rome/{name}") == label_of(picture(size))
            with pytest.raises(REFUSALS):
                await thumbnail(w.bob.drive, f"/alice/trips/rome/{name}")
        await w.alice.rotate()
        await check_whole(w.alice)


async def test_what_is_added_later_is_not_seen_either() -> None:
    async with World.open("alice", "bob") as w:
        await w.alice.put("trips/a.txt", b"one")
        await w.alice.befriend(w.bob)
        await w.alice.share("trips", "bob")
        hoard = Hoard(w.bob)
        await hoard.fill("/alice/trips")
        await w.alice.unshare("trips", "bob")
        await w.alice.put("trips/a.txt", b"two")
        await w.alice.put("trips/new.txt", b"three")
        await hoard.expect_nothing_new()
        with pytest.raises(REFUSALS):
            await w.bob.read("/alice/trips/new.txt")


async def test_who_stays_sees_everything_as_before() -> None:
    async with World.open("alice", "bob", "carol") as w:
        await w.alice.put("trips/rome/a.txt", b"one")
        for friend in (w.bob, w.carol):
            await w.alice.befriend(friend)
            await w.alice.share("trips", friend.name)
        await w.alice.share("trips/rome/a.txt", "bob", as_name="one file")
        await w.alice.unshare("trips", "bob")
        assert await w.carol.read("/alice/trips/rome/a.txt") == b"one"
        assert await w.bob.read("/alice/one file") == b"one"
        await w.alice.rotate()
        await w.alice.put("trips/rome/a.txt", b"two")
        assert await w.carol.read("/alice/trips/rome/a.txt") == b"two"
        assert await w.bob.read("/alice/one file") == b"two"
        with pytest.raises(REFUSALS):
            await w.bob.ls("/alice/trips")
