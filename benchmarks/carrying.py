"""How fast bytes are carried: ``python -m benchmarks.carrying``; ``--delay 25`` for a long line.

Two processes on loopback; raw TCP, TLS, libp2p as it comes and ours one after the
other in one run, since a busy machine slows all of them. MB are 10^6 bytes.

    one stream    answers of 1 MiB, four requests ahead
    16 ahead      the same with sixteen: all that one connection can carry
    16 streams    the same on each of sixteen at once, one ahead
    asked         a request of 8 bytes and an answer of 8, on a stream that is kept
    opened        the same on a fresh stream each time

CPU is of the answering / the asking process for each MB of "one stream". ``--delay``
puts a proxy between the two that gives every byte so many milliseconds later each
way, with at most 6 MiB under way: a long line, as far as windows are concerned.
"""

import argparse
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import trio

from benchmarks.line import relay
from benchmarks.wires import BODY, REQUEST, STACKS, Opener, Stream, certificate, take

MIB: Final = len(BODY)
PORT: Final = 17461
AHEAD: Final = 4


def asked(size: int) -> bytes:
    return size.to_bytes(REQUEST, "big")


def serve(stack: str, port: int, folder: str) -> None:
    listen = STACKS[stack][0]
    with suppress(KeyboardInterrupt):
        trio.run(listen, port, Path(folder))


# --- what is measured


async def pull(stream: Stream, times: int, ahead: int) -> None:
    """Ask for a MiB so many times, with some requests under way."""
    requested = min(ahead, times)
    for _ in range(requested):
        await stream.send_all(asked(MIB))
    heard = 0
    while heard < times * MIB:
        data = await stream.receive_some()
        assert data
        heard += len(data)
        while requested < min(times, heard // MIB + ahead):
            await stream.send_all(asked(MIB))
            requested += 1


class Clock:
    """Wall time, and processor time of this process and the other."""

    def __init__(self, other: int) -> None:
        self._other = Path(f"/proc/{other}/schedstat")
        self._begun = self._now()

    def _now(self) -> tuple[float, float, float]:
        other = int(self._other.read_text().split()[0]) / 1e9
        return time.perf_counter(), other, time.process_time()

    def passed(self) -> tuple[float, float, float]:
        return tuple(b - a for a, b in zip(self._begun, self._now(), strict=True))  # type: ignore[return-value]


async def one_stream(opened: Opener, times: int, other: int) -> tuple[float, float, float]:
    stream = await opened()
    await pull(stream, 16, AHEAD)
    clock = Clock(other)
    await pull(stream, times, AHEAD)
    took, theirs, mine = clock.passed()
    moved = times * MIB / 1e6
    return moved / took, theirs / moved * 1e3, mine / moved * 1e3


async def far_ahead(opened: Opener, times: int) -> float:
    stream, begun = await opened(), time.perf_counter()
    await pull(stream, times, 16)
    return times * MIB / 1e6 / (time.perf_counter() - begun)


async def many_streams(opened: Opener, times: int) -> float:
    streams = [await opened() for _ in range(16)]
    begun = time.perf_counter()
    async with trio.open_nursery() as nursery:
        for stream in streams:
            nursery.start_soon(pull, stream, times // 16, 1)
    return times * MIB / 1e6 / (time.perf_counter() - begun)


async def latency(times: int, job: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        await job()
        took.append((time.perf_counter() - begun) * 1e3)
    took.sort()
    return took[times // 2], took[times * 99 // 100]


async def measured(stack: str, port: int, folder: Path, times: int, other: int) -> str:
    async with STACKS[stack][1](port, folder) as opened:
        rate, theirs, mine = await one_stream(opened, times, other)
        ahead = await far_ahead(opened, times)
        sixteen = await many_streams(opened, times)
        kept = await opened()

        async def ask(stream: Stream) -> None:
            await stream.send_all(asked(REQUEST))
            await take(stream, REQUEST)

        async def fresh() -> None:
            stream: Any = await opened()
            await ask(stream)
            if hasattr(stream, "aclose"):
                await stream.aclose()

        p50, p99 = await latency(times, lambda: ask(kept))
        opening, _ = await latency(max(8, times // 10), fresh)
    return (
        f"| {stack} | {rate:.0f} | {ahead:.0f} | {sixteen:.0f} | {theirs:.1f} / {mine:.1f} "
        f"| {p50:.2f} / {p99:.2f} | {opening:.1f} |"
    )


# --- the run


def run(stack: str, port: int, folder: Path, times: int, delay: int) -> str:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=serve, args=(stack, port, str(folder)))
    proxy = context.Process(target=relay, args=(port + 100, port, delay))
    process.start()
    assert process.pid is not None
    if delay:
        proxy.start()
    try:
        trio.run(listening, port)
        if delay:
            trio.run(listening, port + 100)
        where = port + 100 if delay else port
        return trio.run(measured, stack, where, folder, times, process.pid)
    finally:
        for each in (process, proxy) if delay else (process,):
            each.kill()
            each.join()


async def listening(port: int) -> None:
    while True:
        with suppress(OSError):
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            await stream.aclose()
            return
        await trio.sleep(0.05)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--delay", type=int, default=0, help="milliseconds each way")
    parser.add_argument("--mib", type=int, default=400, help="MiB of each measurement")
    parser.add_argument("--only", choices=STACKS, help="one stack")
    options = parser.parse_args()
    os.environ["PY_YAMUX_RELEASE_ON_READ"] = "1"  # libp2p as it comes, not as we would set it
    print(
        "| | one stream, MB/s | 16 ahead | 16 streams | CPU ms/MB | asked p50 / p99, ms | opened |"
    )
    print("|---|---|---|---|---|---|---|")
    with TemporaryDirectory() as folder:
        if shutil.which("openssl"):
            certificate(Path(folder))
        for at, stack in enumerate(STACKS):
            if options.only in (None, stack) and (
                stack != "raw TLS 1.3" or shutil.which("openssl")
            ):
                print(run(stack, PORT + at, Path(folder), options.mib, options.delay), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
