"""The bare pipeline: read, seal, hash, append to a pack, sync; and back. Nothing else.

The same schedule as a put into one's own node: chunks of 5 MiB read and sealed in
two threads, segments of 256 KiB appended in one, a sync each 16 MiB. No formats, no
tree, no index, no protocol: what is left between this and a put is ours to save.
"""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from benchmarks.measuring import Bench
from benchmarks.sources import must_be_same_files
from crypto.hashing import sha256
from crypto.purposes import SealPurpose
from crypto.sealing import OVERHEAD, Associated, SealingKey
from crypto.secret import random_secret

CHUNK: Final = 5 * 1024 * 1024
SEGMENT: Final = 256 * 1024
SYNC: Final = 16 * 1024 * 1024
SEALERS: Final = 2

Sealed = list[tuple[bytes, bytes]]
"""Digests and sealed segments of a chunk."""


def there_and_back(bench: Bench) -> None:
    """The large file into a pack, and out of it."""
    key = SealingKey(random_secret())
    pack, back = bench.folder / "pack", bench.folder / "back"
    with bench.measuring("pipeline/up", size=bench.size):
        digests = _up(bench, key, str(pack))
    with bench.measuring("pipeline/down", size=bench.size):
        _down(bench, key, str(pack), str(back), digests)
    must_be_same_files(bench.source, back)


def _up(bench: Bench, key: SealingKey, pack: str) -> list[bytes]:
    source, target = os.open(bench.source, os.O_RDONLY), os.open(pack, os.O_CREAT | os.O_WRONLY)
    digests: list[bytes] = []
    due, starts = 0, range(0, bench.size, CHUNK)
    with ThreadPoolExecutor(SEALERS) as pool, ThreadPoolExecutor(1) as disk:
        coming = [pool.submit(_seal, source, key, at) for at in starts[:4]]
        writing: Future[int] = disk.submit(int)
        for at in starts:
            sealed = coming.pop(0).result()
            if (ahead := at + 4 * CHUNK) < bench.size:
                coming.append(pool.submit(_seal, source, key, ahead))
            digests += [each for each, _ in sealed]
            due = writing.result()
            writing = disk.submit(_append, target, sealed, due)
        writing.result()
        os.fdatasync(target)
    os.close(source)
    os.close(target)
    return digests


def _seal(source: int, key: SealingKey, at: int) -> Sealed:
    chunk = memoryview(bytearray(CHUNK))
    size = os.preadv(source, [chunk], at)
    scratch = memoryview(bytearray(SEGMENT + OVERHEAD))
    sealed: Sealed = []
    for start in range(0, size, SEGMENT):
        what = Associated(SealPurpose.SEGMENT, at, start)
        length = key.seal_into(chunk[start : min(start + SEGMENT, size)], what, scratch)
        data = bytes(scratch[:length])
        sealed.append((sha256(data), data))
    return sealed


def _append(target: int, sealed: Sealed, due: int) -> int:
    """Append a chunk; returns how many bytes wait for a sync."""
    for digest, data in sealed:
        due += os.writev(target, [digest, data])
    if due < SYNC:
        return due
    os.fdatasync(target)
    return 0


def _down(bench: Bench, key: SealingKey, pack: str, back: str, digests: list[bytes]) -> None:
    source, target = os.open(pack, os.O_RDONLY), os.open(back, os.O_CREAT | os.O_WRONLY)
    with ThreadPoolExecutor(SEALERS) as pool:
        jobs = [
            pool.submit(_open, bench, key, source, target, digests, at)
            for at in range(0, bench.size, CHUNK)
        ]
        for job in jobs:
            job.result()
    os.fsync(target)
    os.close(source)
    os.close(target)


def _open(
    bench: Bench, key: SealingKey, source: int, target: int, digests: list[bytes], at: int
) -> None:
    out = memoryview(bytearray(CHUNK))
    each = 32 + SEGMENT + OVERHEAD
    size = min(CHUNK, bench.size - at)
    for start in range(0, size, SEGMENT):
        length = min(SEGMENT, size - start)
        number = (at + start) // SEGMENT
        data = os.pread(source, 32 + length + OVERHEAD, number * each)
        if sha256(data[32:]) != digests[number]:
            raise ValueError("the pack does not hold what was written")
        key.open_into(
            data[32:], Associated(SealPurpose.SEGMENT, at, start), out[start : start + length]
        )
    os.pwrite(target, out[:size], at)
