"""What is put in other ways: through a pipe, after it was cut off, again after little changed."""

import os
import subprocess
from pathlib import Path
from typing import Final

import trio

from benchmarks.drives import at_own_node, signed_up
from benchmarks.measuring import Bench
from benchmarks.place import Place
from benchmarks.sources import SMALL, large_file, must_be_same_files, must_equal, small_files
from client.drive.download import download
from client.drive.drive import Drive
from client.drive.events import Event, Progress
from client.drive.intake.batch import MAX_STAGED
from client.drive.pouring import pour_in
from client.drive.upload import upload

_PIECE: Final = 256 * 1024


def piped(bench: Bench) -> None:
    """The large file through a pipe."""
    at_own_node(bench, _piped)


async def _piped(bench: Bench, place: Place) -> None:
    async with signed_up(place, "alice") as drive:
        with bench.measuring("own/pipe", size=bench.size):
            command = ["cat", str(bench.source)]
            process = await trio.lowlevel.open_process(command, stdout=subprocess.PIPE)
            assert process.stdout is not None
            async with process.stdout as pipe:
                await pour_in(drive, lambda: pipe.receive_some(_PIECE), "large.bin")
            await process.wait()
        await _must_be_back(bench, drive, bench.source)


def cut_off(bench: Bench) -> None:
    """A put that is stopped when half was acknowledged, and the same put again."""
    at_own_node(bench, _cut_off)


async def _cut_off(bench: Bench, place: Place) -> None:
    size = max(bench.size, 2 * MAX_STAGED)  # smaller ones are not kept
    source = await trio.to_thread.run_sync(large_file, bench.folder / "film", size)
    async with signed_up(place, "alice") as drive:
        begun = bench.tally.moved
        await _first_half(drive, source, size)
        with bench.measuring("own/resume", size=size) as stretch:
            done = await upload(drive, [str(source)], "large.bin")
            stretch.moved = bench.tally.moved - begun - size
        must_equal(done.resumed > 0, True, "what was there already")
        await _must_be_back(bench, drive, source)


async def _first_half(drive: Drive, source: Path, size: int) -> None:
    with trio.CancelScope() as scope:

        async def stop(event: Event) -> None:
            if isinstance(event, Progress) and event.bytes >= size // 2:
                scope.cancel()

        await upload(drive, [str(source)], "large.bin", stop)


async def _must_be_back(bench: Bench, drive: Drive, source: Path) -> None:
    back = bench.folder / "back"
    await download(drive, ["large.bin"], str(back))
    await trio.to_thread.run_sync(must_be_same_files, source, back)


def updated(bench: Bench) -> None:
    """``put --update`` of small files when nothing changed, and when one of them did."""
    at_own_node(bench, _updated)


async def _updated(bench: Bench, place: Place) -> None:
    source = await trio.to_thread.run_sync(small_files, bench.folder / "many", bench.files)
    async with signed_up(place, "alice") as drive:
        await upload(drive, [str(source)], "many")
        for name, changed in (("nothing", 0), ("one", 1)):
            for file in sorted(source.iterdir())[:changed]:
                file.write_bytes(os.urandom(SMALL))
            with bench.measuring(f"own/update-{name}"):
                done = await upload(drive, [str(source)], update=True)
            must_equal((done.files, done.unchanged), (changed, bench.files - changed), "files")
        await download(drive, ["many"], str(bench.folder / "many.back"))
    must_be_same_files(source, bench.folder / "many.back")
