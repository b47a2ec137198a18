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
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from benchmarks import machine

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


@dataclass(slots=True)
class Visitor:
    """Somebody who came in at a daemon's page, and the daemon's process."""

    home: Path
    process: "subprocess.Popen[bytes]"
    host: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, stdin: str = "") -> str:
        """A command."""
        command = [sys.executable, "-m", "holdfast", "--home", str(self.home), *words]
        done = subprocess.run(
            command, env=environment(), input=stdin.encode(), stdout=subprocess.PIPE, check=True
        )
        return done.stdout.decode()

    def enter(self) -> None:
        """Come in by a link."""
        page, _, token = self.run("web").strip().partition("/#enter=")
        self.host = page.removeprefix("http://")
        answer = b"".join(self.asked("/v1/web/enter", json.dumps({"token": token}).encode()))
        head, _, body = answer.partition(b"\r\n\r\n")
        cookie = head.decode().partition("Set-Cookie: ")[2].partition(";")[0]
        key = json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])["done"]["key"]
        self.headers = {"Cookie": cookie, "Holdfast-Key": key}

    def asked(self, path: str, body: bytes = b"", **more: str) -> Iterator[bytes]:
        """The bytes of an answer, as they come."""
        with self.connect() as at:
            at.sendall(self.head("POST", path, len(body), more) + body)
            yield from pieces(at)

    def head(self, method: str, path: str, size: int, more: dict[str, str]) -> bytes:
        """A request before its body."""
        given = {"Host": self.host, "Content-Length": str(size), **self.headers, **more}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items()]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()

    def connect(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", int(self.host.rpartition(":")[2])))

    def address(self, path: str) -> str:
        """Where a file is."""
        answer = b"".join(self.asked("/v1/web/show", json.dumps({"path": path}).encode()))
        line = answer[answer.rindex(b'{"done"') : answer.rindex(b"}") + 1]
        return urlsplit(str(json.loads(line)["done"]["address"])).path

    def get(self, address: str, span: str) -> Generator[bytes, None, None]:
        """Bytes at an address, as they come."""
        port = self.host.rpartition(":")[2]
        with self.connect() as at:
            lines = f"GET {address} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Range: bytes={span}"
            at.sendall("\r\n".join([*lines, "", ""]).encode())
            yield from pieces(at)

    def cpu(self) -> float:
        """Seconds of processor time of the daemon."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def environment() -> dict[str, str]:
    """What the daemon runs in: any free ports."""
    root = Path(__file__).resolve().parents[1]
    path = os.pathsep.join([str(root), str(root / "packaging")])
    ports = {"HOLDFAST_PORT": "0", "HOLDFAST_WEB_PORT": "0", "HOLDFAST_LISTEN": "127.0.0.1"}
    return {**os.environ, **ports, "PYTHONPATH": path}


@contextmanager
def visitor(folder: Path) -> Iterator[Visitor]:
    """A daemon with somebody signed in, until the block is left."""
    command = [sys.executable, "-m", "holdfast", "--home", str(folder / "home"), "up"]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        found = Visitor(folder / "home", process)
        found.run("signup", "alice", "--password-stdin", stdin=PASSWORD)
        found.enter()
        yield found
    finally:
        process.terminate()
        process.communicate()


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
    with visitor.connect() as at, open(source, "rb") as file:
        at.sendall(visitor.head("POST", "/v1/upload", size, {"Holdfast-Request": asked}))
        at.sendfile(file)
        answer = b"".join(pieces(at))
    assert b'{"done"' in answer, answer[-300:]


def rounds(visitor: Visitor, source: Path, count: int) -> None:
    """Down and up beside what the machine can do without us."""
    mib = source.stat().st_size // MIB
    visitor.run("put", str(source), "film.bin")
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
            begun, cpu = time.perf_counter(), visitor.cpu()
            work(number)
            walls[way].append(mib * MIB / 1e6 / (time.perf_counter() - begun))
            spent[way].append((visitor.cpu() - cpu) * 1024 / mib)
        visitor.run("rm", f"up-{number}.bin")
    for way in ways:
        best, cpu = max(walls[way]), median(spent[way])
        print(
            f"{way:<16} median {median(walls[way]):5.0f}  best {best:5.0f} MB/s"
            f"   daemon's CPU {cpu:4.2f} s a GiB"
        )


def seeks(visitor: Visitor, size: int) -> None:
    """The first bytes of the content after jumps to anywhere."""
    address, rng, took = visitor.address("film.bin"), random.Random("seeks"), list[float]()
    cpu = visitor.cpu()
    for _ in range(SEEKS):
        begun = time.perf_counter()
        coming = visitor.get(address, f"{rng.randrange(size)}-")
        got = next(coming)
        while b"\r\n\r\n" not in got or got.endswith(b"\r\n\r\n"):
            got += next(coming)
        took.append(time.perf_counter() - begun)
        coming.close()
    said("a seek", took)
    print(f"{'':<16} daemon's CPU {(visitor.cpu() - cpu) / SEEKS * 1000:.1f} ms each")


def listings(visitor: Visitor, folder: Path) -> None:
    """A folder of many names, to the last byte."""
    many = folder / "many"
    many.mkdir()
    for number in range(NAMES):
        (many / f"name of a file {number:04}.txt").write_bytes(b"x")
    visitor.run("put", str(many))
    took = list[float]()
    for _ in range(LISTINGS):
        begun = time.perf_counter()
        answer = b"".join(visitor.asked("/v1/ls", json.dumps({"paths": ["many"]}).encode()))
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
