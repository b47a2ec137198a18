"""A folder of ten and one of a hundred thousand: one more file in each, and all of the great one.

The great folder is filled in one commit with entries of files that nobody ever made: what
is measured reads and writes names, and opens none of what they name.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Final

from benchmarks.drives import at_own_node, elsewhere, signed_up
from benchmarks.measuring import Bench
from benchmarks.place import Place
from benchmarks.sources import must_equal, small_files
from client.drive.change import mkdir
from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.listing import ls, ls_soon
from client.drive.ring import new_file_id
from client.drive.upload import upload
from client.keys import new_node_secret

_FEW: Final = 10
_TIMES: Final = 100
"""Names in the great folder for each small file of the settings."""
_ADDED: Final = 20


def crowded(bench: Bench) -> None:
    """At the own node."""
    at_own_node(bench, _crowded)


async def _crowded(bench: Bench, place: Place) -> None:
    many = _TIMES * bench.files
    extra = sorted(small_files(bench.folder / "extra", _ADDED).iterdir())
    async with signed_up(place, "alice") as drive:
        for name, count in (("few", _FEW), ("many", many)):
            await mkdir(drive, name)
            await drive.gathering.commit(_filling(drive, name, count), 0)
            await _add(bench, drive, name, extra)
    async with elsewhere(place, "alice", "another device") as drive:
        await _first_screen(bench, drive)
    async with elsewhere(place, "alice", "a third device") as drive:
        with bench.measuring("own/crowd-all", items=1):
            listed = await ls(drive, "many")
        must_equal(len(listed.entries), many + _ADDED, "entries")


def _filling(drive: Drive, folder: str, count: int) -> Callable[[TreeEdit], Awaitable[None]]:
    now = drive.now_ns()

    async def note(edit: TreeEdit) -> None:
        opened = await edit.folder((folder,))
        await opened.put(*(_named(f"entry-{number:06}", now) for number in range(count)))

    return note


def _named(name: str, now: int) -> Entry:
    return Entry(name, Kind.FILE, now, new_node_secret(), new_file_id(), 4096)


async def _add(bench: Bench, drive: Drive, folder: str, files: list[Path]) -> None:
    with bench.measuring(f"own/add-{folder}", items=len(files)) as stretch:
        for file in files:
            with stretch.lap():
                await upload(drive, [str(file)], f"{folder}/{file.name}")


async def _first_screen(bench: Bench, drive: Drive) -> None:
    with bench.measuring("own/crowd-first"):
        async with aclosing(ls_soon(drive, "many")) as batches:
            first = await anext(batches)
    must_equal(len(first.entries) >= 50, True, "a screen of entries")
