"""Many small files and single small changes: put, listed, got, edited, one by one and together."""

import os
from functools import partial
from pathlib import Path
from typing import Final

import trio

from benchmarks.drives import at_friends_node, at_own_node, elsewhere, note_stored, signed_up
from benchmarks.measuring import Bench
from benchmarks.place import Place
from benchmarks.sources import must_be_same_files, must_equal, small_contents, small_files
from client.drive.change import mkdir
from client.drive.download import download
from client.drive.drive import Drive
from client.drive.listing import ls, stat
from client.drive.upload import upload

_AT_ONCE: Final = 16
_DEEP: Final = 10
_EDITS: Final = 20


def own(bench: Bench) -> None:
    """At the own node."""
    at_own_node(bench, partial(_small, "own"))


def kept(bench: Bench) -> None:
    """What small files take on the disk."""
    at_own_node(bench, _put)
    note_stored(bench, "own/small-stored", bench.files * 4096)


async def _put(bench: Bench, place: Place) -> None:
    async with signed_up(place, "alice") as drive:
        await upload(drive, [str(small_files(bench.folder / "many", bench.files))], "many")


def friend(bench: Bench) -> None:
    """At a friend's node, over libp2p."""
    at_friends_node(bench, partial(_small, "friend"))


async def _small(where: str, bench: Bench, place: Place) -> None:
    source = small_files(bench.folder / "many", bench.files)
    async with signed_up(place, "alice") as drive:
        with bench.measuring(f"{where}/small-put", items=bench.files):
            await upload(drive, [str(source)], "many")
        await _edit(where, bench, drive)
        await mkdir(drive, _path(_DEEP), parents=True)
    async with elsewhere(place, "alice", "another device") as drive:
        await _list(where, bench, drive, source)
    async with elsewhere(place, "alice", "a third device") as drive:
        await _open_deep(where, bench, drive)


async def _edit(where: str, bench: Bench, drive: Drive) -> None:
    """One small file gets a new version, again and again."""
    local, back = bench.folder / "note.txt", bench.folder / "note.back"
    local.write_bytes(b"first")
    await upload(drive, [str(local)], "note.txt")
    with bench.measuring(f"{where}/edit", items=_EDITS) as stretch:
        for _ in range(_EDITS):
            local.write_bytes(os.urandom(4096))
            with stretch.lap():
                await upload(drive, [str(local)], "note.txt")
    await download(drive, ["note.txt"], str(back))
    must_be_same_files(local, back)


async def _list(where: str, bench: Bench, drive: Drive, source: Path) -> None:
    for how in ("cold", "warm"):
        with bench.measuring(f"{where}/list-{how}"):
            listed = await ls(drive, "many")
        must_equal([each.name for each in listed.entries], sorted(os.listdir(source)), "names")
        must_equal({each.size for each in listed.entries}, {4096}, "sizes")
    back = bench.folder / "many.back"
    with bench.measuring(f"{where}/small-get", items=bench.files):
        await download(drive, ["many"], str(back))
    await trio.to_thread.run_sync(must_be_same_files, source, back)


async def _open_deep(where: str, bench: Bench, drive: Drive) -> None:
    for how in ("cold", "warm"):
        with bench.measuring(f"{where}/deep-{how}"):
            shown = await stat(drive, _path(_DEEP))
        must_equal(shown.name, f"level-{_DEEP}", "the deepest folder")


def _path(depth: int) -> str:
    return "/".join(f"level-{level + 1}" for level in range(depth))


def singly(bench: Bench) -> None:
    """Small files put one after another, then sixteen at a time; each durable when answered."""
    at_own_node(bench, _singly)


async def _singly(bench: Bench, place: Place) -> None:
    local = small_files(bench.folder / "many", bench.files)
    names = [name for name, _ in small_contents(bench.files)]
    async with signed_up(place, "alice") as drive:
        for folder in ("one", "sixteen"):
            await mkdir(drive, folder)
        few = names[: max(1, len(names) // 4)]
        with bench.measuring("own/one-by-one", items=len(few)) as stretch:
            for name in few:
                with stretch.lap():
                    await upload(drive, [str(local / name)], f"one/{name}")
        with bench.measuring("own/sixteen", items=len(names)):
            await _many_at_once(drive, local, names)
        await download(drive, ["sixteen"], str(bench.folder / "back"))
    must_be_same_files(local, bench.folder / "back")


async def _many_at_once(drive: Drive, local: Path, names: list[str]) -> None:
    left = iter(names)

    async def worker() -> None:
        for name in left:
            await upload(drive, [str(local / name)], f"sixteen/{name}")

    async with trio.open_nursery() as nursery:
        for _ in range(_AT_ONCE):
            nursery.start_soon(worker)
