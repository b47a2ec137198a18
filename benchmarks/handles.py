"""One large file through an open handle: read in order, read and overwritten at random places."""

from random import Random
from typing import Final

import trio

from benchmarks.bulk import PIECE
from benchmarks.drives import at_own_node, signed_up
from benchmarks.measuring import Bench
from benchmarks.place import Place
from benchmarks.sources import SEED, must_equal
from client.drive.drive import Drive
from client.drive.handle.opening import Access, open_handle
from client.drive.upload import upload

_PLACES: Final = 200
_OVERWRITES: Final = 40
_CHUNKS_AGAIN: Final = 50


def own(bench: Bench) -> None:
    """At the own node."""
    at_own_node(bench, _handles)


async def _handles(bench: Bench, place: Place) -> None:
    async with signed_up(place, "alice") as drive:
        await upload(drive, [str(bench.source)], "large.bin")
        await _in_order(bench, drive)
        await _here_and_there(bench, drive)
        await _overwritten(bench, drive)


async def _in_order(bench: Bench, drive: Drive) -> None:
    """Every 64 KiB of it, one after another."""
    async with await open_handle(drive, "large.bin") as file:
        with bench.measuring("own/handle-in-order", size=bench.size):
            for offset in range(0, bench.size, PIECE):
                await file.read(offset, PIECE)


async def _here_and_there(bench: Bench, drive: Drive) -> None:
    """64 KiB at random places; then at places of one chunk, again and again."""
    random = Random(SEED)
    offsets = [random.randrange(max(1, bench.size - PIECE)) for _ in range(_PLACES)]
    near = [offsets[0] // 2 + random.randrange(4) * PIECE for _ in range(_CHUNKS_AGAIN)]
    async with await open_handle(drive, "large.bin") as file:
        pieces = []
        size = _PLACES * PIECE
        with bench.measuring("own/handle-random", items=_PLACES, size=size) as stretch:
            for offset in offsets:
                with stretch.lap():
                    pieces.append(await file.read(offset, PIECE))
        with bench.measuring("own/handle-again", items=len(near)) as stretch:
            for offset in near:
                with stretch.lap():
                    await file.read(offset, PIECE)
    for offset, piece in zip(offsets, pieces, strict=True):
        must_equal(piece, await trio.to_thread.run_sync(_source, bench, offset), "a piece of it")


async def _overwritten(bench: Bench, drive: Drive) -> None:
    """64 KiB overwritten at random places: opened, written and saved each time."""
    random = Random(SEED + 1)
    offsets = [random.randrange(max(1, bench.size - PIECE)) for _ in range(_OVERWRITES)]
    data = random.randbytes(PIECE)
    size = _OVERWRITES * PIECE
    with bench.measuring("own/overwrite", items=_OVERWRITES, size=size) as stretch:
        for offset in offsets:
            with stretch.lap():
                async with await open_handle(drive, "large.bin", Access(write=True)) as file:
                    await file.write(offset, data)
    figure = bench.figures[-1]
    with bench.measuring("own/overwrite-moved", size=size) as stretch:
        stretch.moved = figure.moved
    async with await open_handle(drive, "large.bin") as file:
        must_equal(await file.read(offsets[-1], PIECE), data, "what was written last")


def _source(bench: Bench, offset: int) -> bytes:
    with bench.source.open("rb") as source:
        source.seek(offset)
        return source.read(PIECE)
