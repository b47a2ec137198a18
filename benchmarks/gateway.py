"""What the owner's page gets through its gateway: a file down and up, a seek in a film, a listing.

    python -m benchmarks.gateway                # 512 MiB, five rounds
    python -m benchmarks.gateway --mib 128 --rounds 3

A daemon in a process of its own, as ``holdfast up`` starts it, and a caller in this one, with
sockets alone, as fast as a program on the machine can be: a browser adds its own. In each round,
alternating: ``cp`` of the same file, the same bytes over a bare connection of two processes, down,
and up. CPU is the daemon's. Then the first bytes after a jump in a film, on a connection of their
own, and a folder of 1,000 names, listed to the last byte.
"""

import argparse
import json
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from benchmarks import machine
from benchmarks.measuring import cpu_of
from tests.daemons.gateway import Caller, parsed, visitor_of
from tests.daemons.processes import Home

MIB: Final = 2**20
PIECE: Final = 2**20
SEEKS: Final = 60
LISTINGS: Final = 20
NAMES: Final = 1000
PASSWORD: Final = "correct horse battery staple\n"
_BARE: Final = """
import socket, sys
data = memoryview(bytes(1 << 20))
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    taken, _ = server.accept()
    with taken:
        for _ in range(int(sys.argv[1])):
            taken.sendall(data)
"""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who came in at a daemon's page; the daemon's data folder and process."""

    home: Home
    caller: Caller
    pid: int

    def asked(self, path: str, asked: object) -> Iterator[bytes]:
        """The bytes of an answer, as they come."""
        request = self.caller.request("POST", path, None, json.dumps(asked).encode())
        with self.connect() as at:
            at.sendall(request)
            yield from pieces(at)

    def connect(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.caller.port))

    def address(self, path: str) -> str:
        """Where a file is."""
        answer = b"".join(self.asked("/v1/web/show", {"path": path}))
        return urlsplit(str(parsed(answer).lines[-1]["done"]["address"])).path

    def get(self, address: str, span: str) -> Generator[bytes, None, None]:
        """Bytes at an address, as they come."""
        host = f"127.0.0.1:{self.caller.port}"
        bare = Caller(self.caller.port, self.caller.page, host, {"Range": f"bytes={span}"})
        with self.connect() as at:
            at.sendall(bare.request("GET", address))
            yield from pieces(at)


@contextmanager
def visitor(folder: Path) -> Iterator[Visitor]:
    """A daemon with somebody signed in, until the block is left."""
    home = Home(folder / "home")
    with home.daemon() as process:
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        yield Visitor(home, visitor_of(home), process.pid)


def pieces(at: socket.socket) -> Iterator[bytes]:
    """What comes, until the other side closes."""
    while piece := at.recv(PIECE):
        yield piece


def bare(mib: int) -> None:
    """The same bytes over a connection and nothing else."""
    command = [sys.executable, "-c", _BARE, str(mib)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as sender:
        assert sender.stdout is not None
        port = int(sender.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)) as at:
            took = sum(map(len, pieces(at)))
    assert took == mib * MIB


def copy(source: Path) -> None:
    """``cp``, to the same disk."""
    to = source.with_suffix(".copy")
    shutil.copyfile(source, to)
    to.unlink()


def down(visitor: Visitor, address: str, size: int) -> None:
    """The whole file."""
    took = sum(map(len, visitor.get(address, "0-")))
    assert size < took < size + 4096


def up(visitor: Visitor, source: Path, name: str) -> None:
    """The file as one body, as a page sends it."""
    size = source.stat().st_size
    asked = json.dumps({"to": name, "size": size, "mark": name})
    head = {"Holdfast-Request": asked, "Content-Length": str(size)}
    with visitor.connect() as at, open(source, "rb") as file:
        at.sendall(visitor.caller.request("POST", "/v1/upload", head))
        at.sendfile(file)
        answer = b"".join(pieces(at))
    assert b'{"done"' in answer, answer[-300:]


def rounds(visitor: Visitor, source: Path, count: int) -> None:
    """Down and up beside what the machine can do without us."""
    mib = source.stat().st_size // MIB
    visitor.home.run("put", str(source), "film.bin").ok()
    address = visitor.address("film.bin")
    ways: dict[str, Callable[[int], None]] = {
        "cp": lambda _: copy(source),
        "bare connection": lambda _: bare(mib),
        "down": lambda _: down(visitor, address, mib * MIB),
        "up": lambda number: up(visitor, source, f"up-{number}.bin"),
    }
    walls, spent = {way: list[float]() for way in ways}, {way: list[float]() for way in ways}
    for number in range(count):
        for way, work in ways.items():
            begun, cpu = time.perf_counter(), cpu_of(visitor.pid)
            work(number)
            walls[way].append(mib * MIB / 1e6 / (time.perf_counter() - begun))
            spent[way].append((cpu_of(visitor.pid) - cpu) * 1024 / mib)
        visitor.home.run("rm", f"up-{number}.bin").ok()
    for way in ways:
        best, cpu = max(walls[way]), median(spent[way])
        print(
            f"{way:<16} median {median(walls[way]):5.0f}  best {best:5.0f} MB/s"
            f"   daemon's CPU {cpu:4.2f} s a GiB"
        )


def seeks(visitor: Visitor, size: int) -> None:
    """The first bytes of the content after jumps to anywhere."""
    address, rng, took = visitor.address("film.bin"), random.Random("seeks"), list[float]()
    cpu = cpu_of(visitor.pid)
    for _ in range(SEEKS):
        begun = time.perf_counter()
        coming = visitor.get(address, f"{rng.randrange(size)}-")
        got = next(coming)
        while b"\r\n\r\n" not in got or got.endswith(b"\r\n\r\n"):
            got += next(coming)
        took.append(time.perf_counter() - begun)
        coming.close()
    said("a seek", took)
    print(f"{'':<16} daemon's CPU {(cpu_of(visitor.pid) - cpu) / SEEKS * 1000:.1f} ms each")


def listings(visitor: Visitor, folder: Path) -> None:
    """A folder of many names, to the last byte."""
    many = folder / "many"
    many.mkdir()
    for number in range(NAMES):
        (many / f"name of a file {number:04}.txt").write_bytes(b"x")
    visitor.home.run("put", str(many)).ok()
    took = list[float]()
    for _ in range(LISTINGS):
        begun = time.perf_counter()
        answer = b"".join(visitor.asked("/v1/ls", {"paths": ["many"]}))
        took.append(time.perf_counter() - begun)
        assert answer.count(b'"entry"') == NAMES
    said(f"{NAMES:,} names", took)


def said(what: str, seconds: Sequence[float]) -> None:
    """Median, p95 and longest."""
    ms = sorted(each * 1000 for each in seconds)
    late = ms[round(0.95 * (len(ms) - 1))]
    print(f"{what:<16} median {median(ms):5.1f}  p95 {late:5.1f}  longest {ms[-1]:5.1f} ms")


def main(words: Sequence[str]) -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(words)
    with TemporaryDirectory(prefix="holdfast-gateway-") as name:
        folder = Path(name)
        print(machine.line(folder))
        source = folder / "film.bin"
        with open(source, "wb") as file:
            for number in range(asked.mib):
                file.write(random.Random(number).randbytes(MIB))
        with visitor(folder) as found:
            rounds(found, source, asked.rounds)
            seeks(found, asked.mib * MIB)
            listings(found, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
