"""What the machine can do without us: the figures that ours are held against, from the same run."""

import mmap
import os
import shutil
import socket
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final

from benchmarks.measuring import Bench
from benchmarks.sources import must_be_same_files, must_equal, small_files
from crypto.hashing import sha256
from crypto.purposes import SealPurpose
from crypto.sealing import OVERHEAD, Associated, SealingKey
from crypto.secret import random_secret

SEGMENT: Final = 256 * 1024
_APPENDS: Final = 200


def copy(bench: Bench) -> None:
    """``cp`` of the large file and one fsync."""
    target = bench.folder / "copy"
    with bench.measuring("anchor/cp", size=bench.size):
        shutil.copyfile(bench.source, target)
        _sync(target)
    must_be_same_files(bench.source, target)


def copy_small(bench: Bench) -> None:
    """``cp -r`` of the small files, not synced."""
    source = small_files(bench.folder / "source", bench.files)
    with bench.measuring("anchor/cp-small", items=bench.files, size=bench.files * 4096):
        shutil.copytree(source, bench.folder / "copy")
    must_be_same_files(source, bench.folder / "copy")


def append(bench: Bench) -> None:
    """4 KiB appended and synced, one after another: what one small durable change costs."""
    handle = os.open(bench.folder / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    page = os.urandom(4096)
    with bench.measuring("anchor/append", items=_APPENDS) as stretch:
        for _ in range(_APPENDS):
            with stretch.lap():
                os.write(handle, page)
                os.fdatasync(handle)
    must_equal(os.fstat(handle).st_size, _APPENDS * 4096, "what was appended")
    os.close(handle)


def digest(bench: Bench) -> None:
    """SHA-256 of the large file in memory, segment by segment, on one core."""
    with _mapped(bench) as view:
        with bench.measuring("anchor/sha256", size=bench.size):
            digests = {sha256(view[at : at + SEGMENT]) for at in range(0, bench.size, SEGMENT)}
        must_equal(bool(digests), True, "digests")
        view.release()


def cipher(bench: Bench) -> None:
    """AES-256-GCM as everything is sealed, segment by segment into one buffer, on one core."""
    key, what = SealingKey(random_secret()), Associated(SealPurpose.SEGMENT, 1)
    out = bytearray(SEGMENT + OVERHEAD)
    with _mapped(bench) as view:
        last = bench.size - (bench.size - 1) % SEGMENT - 1
        with bench.measuring("anchor/aes-gcm", size=bench.size):
            for at in range(0, bench.size, SEGMENT):
                key.seal_into(view[at : at + SEGMENT], what, out)
        opened = key.open(out[: bench.size - last + OVERHEAD], what)
        must_equal(opened, bytes(view[last:]), "the last segment")
        view.release()


def stream(bench: Bench) -> None:
    """The large file's bytes over one TCP stream on loopback, between two processes."""
    ours, theirs = get_context("spawn").Pipe()
    other = get_context("spawn").Process(target=_swallow, args=(theirs,))
    other.start()
    port = ours.recv()
    piece = bytearray(os.urandom(1024 * 1024))
    with socket.create_connection(("127.0.0.1", port)) as end:
        bench.watched.append(other.pid or 0)
        with bench.measuring("anchor/tcp", size=bench.size):
            for at in range(0, bench.size, len(piece)):
                end.sendall(memoryview(piece)[: bench.size - at])
            end.shutdown(socket.SHUT_WR)
            got = ours.recv()
        must_equal(got, bench.size, "bytes over TCP")
    ours.send("end")
    other.join()
    bench.watched.clear()


def _swallow(pipe: Connection) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    pipe.send(listener.getsockname()[1])
    end, _ = listener.accept()
    buffer, got = bytearray(1024 * 1024), 0
    while size := end.recv_into(buffer):
        got += size
    pipe.send(got)
    pipe.recv()


class _mapped:  # noqa: N801  # reads as a function
    """The large file in memory, read once so that it is cached."""

    def __init__(self, bench: Bench) -> None:
        with bench.source.open("rb") as file:
            self._map: Final = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._size: Final = bench.size

    def __enter__(self) -> memoryview:
        view = memoryview(self._map)
        for at in range(0, self._size, mmap.PAGESIZE):
            view[at]
        return view

    def __exit__(self, *_: object) -> None:
        self._map.close()


def _sync(path: object) -> None:
    handle = os.open(str(path), os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
