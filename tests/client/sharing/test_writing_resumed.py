"""A large put into a shared folder that was cut off goes on, for its owner and for a guest."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.intake import taking
from client.drive.resolve import resolve
from client.drive.transfers import shelf
from client.drive.transfers.journals import Journals
from client.drive.transfers.listing import forget, unfinished
from client.drive.upload import upload
from crypto.secret import Secret
from formats.errors import Unreachable
from formats.limits import CHUNK
from tests.client.drive.contents import content_of
from tests.world.faults import Call, LineBroke, Onward
from tests.world.person import Person
from tests.world.world import World

SIZE = 9 * CHUNK + 77
FILM = content_of(SIZE)
DEADLY = 3
"""Requests that stage it, of five to ten: one takes a chunk, or two that wait at the same time."""


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was killed waits for nothing to come back."""
    monkeypatch.setattr("client.home.PERSISTENCE", 0.0)
    monkeypatch.setattr("client.drive.transfers.uploading.NOTE_CHUNKS", 1)


@dataclass
class Dies:
    """The process is gone after so many requests that stage blocks."""

    left: int
    staged: int = 0

    async def meet(self, call: Call, onward: Onward) -> object:
        """Nothing gets through any more."""
        if self.left <= 0:
            raise LineBroke("it was killed")
        if call.fits("blocks.stage"):
            self.left -= 1
            self.staged += 1
        return await onward(call.request)


def drive_of(person: Person, folder: Path) -> Drive:
    """As a new process finds it: what was only in memory is gone, the journals are there."""
    return replace(person.drive, journals=Journals(folder, Secret(bytes(32))))


async def read(person: Person, path: str) -> bytes:
    reader = await (await resolve(person.drive, person.drive.path(path))).reader()
    return await reader.read(0, reader.size)


@pytest.mark.parametrize("who", ["alice", "bob"])
async def test_it_goes_on(who: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "MAX_STAGED", CHUNK)
    source, journals = tmp_path / "film", tmp_path / "journals"
    source.write_bytes(FILM)
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        await w.alice.put("trip/a.txt", b"one")
        await w.alice.share_write("trip", "bob")
        person: Person = getattr(w, who)
        with person.meeting(Dies(DEADLY)), pytest.raises(Unreachable):
            await upload(drive_of(person, journals), [str(source)], "/alice/trip")
        again = drive_of(person, journals)
        (rest,) = await unfinished(again)
        assert (rest.path, rest.here, rest.running) == ("/alice/trip/film", True, False)
        assert rest.done >= CHUNK
        made = await upload(again, [str(source)], "film")
        assert made.resumed == 0  # the same name elsewhere is another file
        (rest,) = await unfinished(again)
        made = await upload(again, [str(source)], "/alice/trip")
        assert made.resumed == rest.done
        assert await unfinished(again) == []
        assert await read(w.alice, "trip/film") == FILM
        assert await read(w.bob, "/alice/trip/film") == FILM


async def test_nothing_of_it_is_told_to_who_else_is_there_and_it_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a guest's file is on their disk is not the owner's to read."""
    monkeypatch.setattr(taking, "MAX_STAGED", CHUNK)
    source, journals = tmp_path / "film", tmp_path / "journals"
    source.write_bytes(FILM)
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        await w.alice.put("trip/a.txt", b"one")
        await w.alice.share_write("trip", "bob")
        with w.bob.meeting(Dies(DEADLY)), pytest.raises(Unreachable):
            await upload(drive_of(w.bob, journals), [str(source)], "/alice/trip")
        inner = await inside(w.alice.drive, "trip")
        assert await shelf.noted(inner) == []
        await w.alice.unshare("trip", "bob")
        assert len(await forget(drive_of(w.bob, journals), [])) == 1
        assert await unfinished(drive_of(w.bob, journals)) == []
