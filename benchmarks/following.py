"""A replica that catches up, beside a plain copy of the same bytes: two real nodes over libp2p.

    python -m benchmarks.following                       # 512 MiB and 2,000 small files
    python -m benchmarks.following --size 64 --files 200

Both nodes are ``holdfast serve`` processes on one disk, so that reading, hashing, the line
and writing all happen here; the copy is ``shutil.copyfile`` and one fsync, into the
page cache as much as theirs is. Then single small changes: how long until the replica
has one that was acknowledged at home.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks.measuring import cpu_of
from benchmarks.serving import Serving
from client.drive.upload import upload
from client.identity.signup import sign_up
from client.replicas import add, replicas
from client.session import Session, Surroundings
from client.sharing.drive import own_drive
from formats.invite import Invite
from node.clock import SystemClock
from node.transport.dialer import dialing

PASSWORD: Final = "correct horse battery staple"
CHANGES: Final = 50
LOOK: Final = 0.002
"""Seconds between two looks at what the replica has."""


async def measure(folder: Path, size: int, files: int) -> None:
    """Everything, told as it is found."""
    home, keeper = Serving(folder / "home"), Serving(folder / "keeper")
    await home.start()
    await keeper.start()
    try:
        async with dialing() as dialer:
            around = Surroundings(dialer, SystemClock().now_ms, Random(7), folder)
            code = await home.invite()
            alice = await sign_up(around, home.home, "alice", PASSWORD, code)
            _sources(folder / "bulk", size, 1)
            _sources(folder / "small", files * 4096, files)
            await _both(folder, alice, keeper, home)
            await alice.aclose()
    finally:
        await keeper.stop()
        await home.stop()


async def _both(folder: Path, alice: Session, keeper: Serving, home: Serving) -> None:
    drive = own_drive(alice)
    await upload(drive, [str(folder / "bulk")])
    copied = await trio.to_thread.run_sync(_copy, folder / "bulk", folder / "copy")
    text = await keeper.run("node", "replicas", "allow", "--ceiling", "100GiB")
    began, cpu = time.perf_counter(), [cpu_of(keeper.pid), cpu_of(home.pid)]
    await add(alice, Invite.parse(text.splitlines()[-1]))
    await _level(alice)
    took = time.perf_counter() - began
    spent = [cpu_of(each.pid) - before for each, before in zip((keeper, home), cpu, strict=True)]
    size = sum(each.stat().st_size for each in (folder / "bulk").iterdir())
    print(
        f"catching up: {size / took / 1e6:.0f} MB/s ({size / 2**20:.0f} MiB in {took:.2f} s; "
        f"processor: replica {spent[0]:.2f} s, home {spent[1]:.2f} s)"
    )
    print(f"plain copy:  {size / copied / 1e6:.0f} MB/s; ratio {copied / took:.2f}")
    began = time.perf_counter()
    await upload(drive, [str(folder / "small")])
    put = time.perf_counter() - began
    await _level(alice)
    behind = time.perf_counter() - began - put
    count = sum(1 for _ in (folder / "small").iterdir())
    print(f"{count} small files: put in {put:.2f} s, at the replica {behind:.2f} s after that")
    await _changes(folder, alice)


async def _changes(folder: Path, alice: Session) -> None:
    drive, times = own_drive(alice), list[float]()
    for number in range(CHANGES):
        file = folder / "one" / f"{number}.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(os.urandom(1000))
        await upload(drive, [str(file)])
        began = time.perf_counter()
        await _level(alice)
        times.append(time.perf_counter() - began)
    times.sort()
    middle, worst = times[len(times) // 2] * 1000, times[-1] * 1000
    print(
        f"one small change: at the replica {middle:.0f} ms after it is at home (most {worst:.0f})"
    )


async def _level(alice: Session) -> None:
    while True:
        (one,) = await replicas(alice)
        if one.behind == 0:
            return
        await trio.sleep(LOOK)


def _copy(source: Path, target: Path) -> float:
    began = time.perf_counter()
    shutil.copytree(source, target)
    for each in target.iterdir():
        handle = os.open(each, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    return time.perf_counter() - began


def _sources(folder: Path, size: int, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        with (folder / f"{number}.bin").open("wb") as file:
            left = size // count
            while left:
                left -= file.write(os.urandom(min(left, 2**24)))


def main(words: Sequence[str]) -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=512, help="MiB of the large file")
    parser.add_argument("--files", type=int, default=2000, help="small files")
    asked = parser.parse_args(words)
    with TemporaryDirectory() as folder:
        trio.run(measure, Path(folder), asked.size * 2**20, asked.files)


if __name__ == "__main__":
    main(sys.argv[1:])
