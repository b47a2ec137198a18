"""One large file: put, got back, read here and there; at the own node and at a friend's."""

from functools import partial
from random import Random
from typing import Final

import trio

from benchmarks.drives import at_friends_node, at_own_node, note_stored, signed_up
from benchmarks.measuring import Bench
from benchmarks.place import Place
from benchmarks.sources import SEED, must_be_same_files, must_equal, sparse_file
from client.drive.download import download
from client.drive.drive import Drive
from client.drive.resolve import resolve
from client.drive.upload import upload

PIECE: Final = 64 * 1024
_READS: Final = 200
_SPARSE: Final = {"small": 1, "large": 8}
"""How often the size of the quarter file the two of the memory workload are."""


def own(bench: Bench) -> None:
    """At the own node."""
    at_own_node(bench, partial(_bulk, "own"))
    note_stored(bench, "own/stored", bench.size)


def friend(bench: Bench) -> None:
    """At a friend's node, over libp2p."""
    at_friends_node(bench, partial(_bulk, "friend"))


async def _bulk(where: str, bench: Bench, place: Place) -> None:
    async with signed_up(place, "alice") as drive:
        await _up_and_down(where, bench, drive)
        await _read_here_and_there(where, bench, drive)


async def _up_and_down(where: str, bench: Bench, drive: Drive) -> None:
    back = bench.folder / "back"
    with bench.measuring(f"{where}/up", size=bench.size):
        await upload(drive, [str(bench.source)], "large.bin")
    with bench.measuring(f"{where}/down", size=bench.size):
        await download(drive, ["large.bin"], str(back))
    await trio.to_thread.run_sync(must_be_same_files, bench.source, back)
    back.unlink()


async def _read_here_and_there(where: str, bench: Bench, drive: Drive) -> None:
    """Ranges at random places, one after another, in a file that was just opened."""
    random = Random(SEED)
    offsets = [random.randrange(max(1, bench.size - PIECE)) for _ in range(_READS)]
    file = await (await resolve(drive, drive.path("large.bin"))).reader()
    pieces = []
    with bench.measuring(f"{where}/random", items=_READS, size=_READS * PIECE) as stretch:
        for offset in offsets:
            with stretch.lap():
                pieces.append(await file.read(offset, PIECE))
    with bench.source.open("rb") as source:
        for offset, piece in zip(offsets, pieces, strict=True):
            source.seek(offset)
            must_equal(piece, source.read(PIECE), "a piece of the large file")


def memory(bench: Bench) -> None:
    """A sparse file of a quarter of the size, then one eight times as large: memory stays."""
    at_own_node(bench, _memory)


async def _memory(bench: Bench, place: Place) -> None:
    async with signed_up(place, "alice") as drive:
        for name, times in _SPARSE.items():
            size = bench.size // 4 * times
            source, back = bench.folder / f"sparse-{name}", bench.folder / f"back-{name}"
            sparse_file(source, size)
            with bench.measuring(f"memory/{name}", size=size):
                await upload(drive, [str(source)], name)
                await download(drive, [name], str(back))
            await trio.to_thread.run_sync(must_be_same_files, source, back)
            back.unlink()
