"""A file that arrives in order, breaks off and goes on: only its sender has the content."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import trio
import trio.testing

from client.drive.arriving import Arriving, arrived, take
from client.drive.drive import Drive
from client.drive.pouring import Read
from client.drive.resolve import resolve
from client.drive.thumbnails.showing import thumbnail
from client.drive.transfers.journals import UP, Journals
from crypto.secret import Secret
from formats.errors import Conflict, HoldfastError, Interrupted, Malformed, NotFound, TooMany
from formats.limits import CHUNK, INLINE
from tests.client.drive.contents import content_of
from tests.client.drive.drives import content, new_drive
from tests.client.fakes import FakeSpace

ACCOUNT = Secret(bytes(range(32)))
SIZE = 4 * CHUNK + 77
FILM = content_of(SIZE)
PIECE = 70_000


@pytest.fixture
async def alice(tmp_path: Path) -> tuple[Drive, FakeSpace]:
    drive, space = await new_drive()
    return later(drive, tmp_path), space


def later(drive: Drive, tmp_path: Path) -> Drive:
    """The drive in a process of its own: what was only in memory is gone."""
    return replace(drive, journals=Journals(tmp_path / "here", ACCOUNT), depths={})


def coming(size: int = SIZE, mark: str = "film", target: str = "film") -> Arriving:
    return Arriving(target, size, mark, 5_000_000_000)


def sending(data: bytes, error: HoldfastError | None = None) -> Read:
    """A sender; with an error, one that breaks off after these bytes."""
    left: Sequence[bytes] = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
    pieces = iter(left)

    async def read() -> bytes:
        await trio.lowlevel.checkpoint()
        piece = next(pieces, b"")
        if not piece and error is not None:
            raise error
        return piece

    return read


async def broken_off(drive: Drive, data: bytes, asked: Arriving | None = None) -> None:
    with pytest.raises(Interrupted):
        await take(drive, sending(data, Interrupted("gone")), asked or coming(), 0)


@pytest.mark.parametrize("size", [0, 1, INLINE, INLINE + 1, CHUNK, 2 * CHUNK, SIZE])
async def test_any_size_arrives(alice: tuple[Drive, FakeSpace], size: int) -> None:
    drive, _ = alice
    assert await arrived(drive, coming(size)) == 0
    summary = await take(drive, sending(FILM[:size]), coming(size), 0)
    assert (summary.files, summary.bytes) == (1, size)
    assert await content(drive, "film") == FILM[:size]
    found = await resolve(drive, drive.path("film"))
    assert found.entry is not None
    assert found.entry.modified == 5_000_000_000


@pytest.mark.parametrize("sent", [CHUNK + 5, 3 * CHUNK, 4 * CHUNK + 76])
async def test_it_goes_on_where_it_broke_off(
    alice: tuple[Drive, FakeSpace], tmp_path: Path, sent: int
) -> None:
    drive, space = alice
    await broken_off(drive, FILM[:sent])
    with pytest.raises(NotFound):
        await content(drive, "film")
    drive = later(drive, tmp_path)
    offset = await arrived(drive, coming())
    assert offset == sent // CHUNK * CHUNK
    staged = space.count.staged_bytes
    summary = await take(drive, sending(FILM[offset:]), coming(), offset)
    assert space.count.staged_bytes - staged < SIZE - offset + CHUNK
    assert (summary.bytes, summary.resumed) == (SIZE, offset)
    assert await content(drive, "film") == FILM
    assert drive.journals is not None
    assert not drive.journals.ids(UP)
    assert not drive.journals.live


async def test_nothing_of_other_content_is_gone_on_with(alice: tuple[Drive, FakeSpace]) -> None:
    drive, _ = alice
    await broken_off(drive, FILM[: 2 * CHUNK])
    other = bytes(reversed(FILM))
    for asked in (coming(mark="another"), coming(SIZE + 1), coming(target="elsewhere")):
        assert await arrived(drive, asked) == 0
    await take(drive, sending(other), coming(mark="another"), 0)
    assert await content(drive, "film") == other


async def test_chunks_of_two_contents_never_meet_in_one_file(
    alice: tuple[Drive, FakeSpace],
) -> None:
    """The first breaks off late, the second early; then the first goes on."""
    drive, _ = alice
    other = bytes(reversed(FILM))
    await broken_off(drive, FILM[: 3 * CHUNK])
    await broken_off(drive, other[: CHUNK + 1], coming(mark="another"))
    for mark, data in (("another", other), ("film", FILM)):
        offset = await arrived(drive, coming(mark=mark))
        await take(drive, sending(data[offset:]), coming(mark=mark), offset)
        assert await content(drive, "film") == data


@pytest.mark.parametrize("offset", [0, CHUNK - 1, 2 * CHUNK, 3 * CHUNK])
async def test_going_on_elsewhere_than_was_said_is_refused(
    alice: tuple[Drive, FakeSpace], offset: int
) -> None:
    drive, _ = alice
    await broken_off(drive, FILM[: CHUNK + 1])
    with pytest.raises(Conflict):
        await take(drive, sending(FILM[offset:]), coming(), offset)
    assert await arrived(drive, coming()) == CHUNK


@pytest.mark.parametrize("size", [3, INLINE + 9, CHUNK, SIZE])
@pytest.mark.parametrize("more", [-1, 1])
async def test_another_size_than_was_said_is_refused(
    alice: tuple[Drive, FakeSpace], size: int, more: int
) -> None:
    drive, _ = alice
    with pytest.raises(Malformed):
        await take(drive, sending((FILM + b"x")[: size + more]), coming(size), 0)
    with pytest.raises(NotFound):
        await content(drive, "film")
    offset = await arrived(drive, coming(size))
    await take(drive, sending(FILM[offset:size]), coming(size), offset)
    assert await content(drive, "film") == FILM[:size]


async def test_what_the_home_lost_is_sent_again(
    alice: tuple[Drive, FakeSpace], tmp_path: Path
) -> None:
    drive, space = alice
    await broken_off(drive, FILM[: 2 * CHUNK])
    space.sessions.clear()
    drive = later(drive, tmp_path)
    assert await arrived(drive, coming()) == 0
    await take(drive, sending(FILM), coming(), 0)
    assert await content(drive, "film") == FILM


async def test_two_senders_to_one_place_take_turns(
    alice: tuple[Drive, FakeSpace], autojump_clock: trio.testing.MockClock
) -> None:
    drive, _ = alice
    started = trio.Event()

    async def never() -> bytes:
        started.set()
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(take, drive, never, coming(), 0)
        await started.wait()
        with pytest.raises(TooMany):
            await arrived(drive, coming())
        nursery.cancel_scope.cancel()
    await take(drive, sending(FILM), coming(), await arrived(drive, coming()))


async def test_a_large_picture_gets_its_thumbnail(alice: tuple[Drive, FakeSpace]) -> None:
    class Draws:
        seen = b""

        def draws(self, type_: str | None, size: int) -> bool:
            return type_ == "image/png" and size <= SIZE

        async def make(self, content: bytes) -> bytes:
            await trio.lowlevel.checkpoint()
            self.seen = content
            return b"small"

    drive, _ = alice
    maker = Draws()
    drive.thumbnails = maker  # type: ignore[assignment]  # draws no real picture
    data = b"\x89PNG\r\n\x1a\n" + FILM[: 2 * CHUNK]
    await take(drive, sending(data), coming(len(data), target="a.png"), 0)
    assert maker.seen == data
    assert await thumbnail(drive, "a.png") == b"small"
