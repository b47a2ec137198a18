"""What a headless node takes: idle, and with 256 connections and 64 uploads at once.

    python -m benchmarks.standing

A real ``holdfast serve`` in a process of its own, looked at from outside through /proc
(Linux only). It runs by itself and prints: processor time of one core, wake-ups (voluntary
context switches of all its threads), and memory.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks.serving import Serving
from client.drive.upload import upload
from client.identity.signup import sign_up
from client.session import Session, Surroundings
from client.sharing.drive import own_drive
from node.clock import SystemClock
from node.transport.dialer import Dialer, dialing
from protocols.accounts import AskHello
from protocols.services import Doors

SETTLING: Final = 15.0
LOOKING: Final = 60.0
CONNECTIONS: Final = 256
UPLOADS: Final = 64
ACCOUNTS: Final = 8
SIZE: Final = 16 * 2**20
PASSWORD: Final = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a process: processor seconds and wake-ups so far."""

    seconds: float
    woken: int


def look(pid: int) -> Look:
    """How a process is now."""
    process = Path(f"/proc/{pid}")
    fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
    ticks = int(fields[11]) + int(fields[12])
    woken = sum(
        _value(task / "status", "voluntary_ctxt_switches") for task in (process / "task").iterdir()
    )
    return Look(ticks / os.sysconf("SC_CLK_TCK"), woken)


def memory(pid: int, what: str) -> float:
    """MiB that are (VmRSS), or at most were (VmHWM), in memory."""
    return _value(Path(f"/proc/{pid}/status"), what) / 1024


async def idle(pid: int, what: str) -> None:
    """Look for a minute, and say what it took."""
    await trio.sleep(SETTLING)
    before = look(pid)
    await trio.sleep(LOOKING)
    after = look(pid)
    share = 100 * (after.seconds - before.seconds) / LOOKING
    woken = (after.woken - before.woken) / LOOKING
    print(f"{what}: {share:.2f} % of a core, {woken:.1f} wake-ups a second, ", end="")
    print(f"{memory(pid, 'VmRSS'):.0f} MiB", flush=True)


async def run(folder: Path) -> None:
    """All of it."""
    node = Serving(folder / "node")
    await node.start()
    try:
        await idle(node.pid, "idle")
        async with dialing() as dialer:
            crowd = [await connection(node, dialer) for _ in range(CONNECTIONS)]
            await idle(node.pid, f"{CONNECTIONS} connections")
            await uploads(node, dialer, folder)
            for doors in crowd:
                await doors.aclose()
        print(f"{UPLOADS} uploads at once beside them: at most {memory(node.pid, 'VmHWM'):.0f} MiB")
    finally:
        await node.stop()


async def connection(node: Serving, dialer: Dialer) -> Doors:
    """One more connection that has said hello."""
    doors = await dialer.reach(node.home)
    await doors.accounts.hello(AskHello("benchmarks"))
    return doors


async def uploads(node: Serving, dialer: Dialer, folder: Path) -> None:
    """Files of several accounts, all at once."""
    file = folder / "file"
    await trio.Path(file).write_bytes(os.urandom(SIZE))
    sessions = [await _move_in(node, dialer, folder, f"person{n}") for n in range(ACCOUNTS)]
    async with trio.open_nursery() as nursery:
        for number in range(UPLOADS):
            drive = own_drive(sessions[number % ACCOUNTS])
            nursery.start_soon(upload, drive, [str(file)], f"file-{number}")
    for session in sessions:
        await session.aclose()


async def _move_in(node: Serving, dialer: Dialer, folder: Path, name: str) -> Session:
    place = folder / name
    place.mkdir()
    around = Surroundings(dialer, SystemClock().now_ms, Random(name), place)
    return await sign_up(around, node.home, name, PASSWORD, await node.invite())


def _value(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise LookupError(name)


def main() -> int:
    """Run it in a folder here that is removed afterwards."""
    with TemporaryDirectory(prefix="standing-", dir=".") as folder:
        trio.run(run, Path(folder).resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
