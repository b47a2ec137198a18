"""What a store with its packs in a bucket costs, beside plain requests to the same server.

    python -m benchmarks.buckets [--blocks N]

Starts SeaweedFS (`make servers`), which runs on the same machine: so times say little, and the
processor time of this process, and ratios within one run, more. In turns, with blocks of 256 KiB:

``ours``     our client puts each block as an object of its own, and gets it
``httpx``    the same requests, signed beforehand, by httpx
``packs``    httpx puts 32 blocks as one object, and gets it
``store``    a store stages 32 blocks a write, durable, and reads 20 a call, with and without
             the cache of pieces
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
import trio

from crypto.hashing import sha256
from crypto.secret import random_bytes
from formats.cid import Block
from storage.contracts import SessionRow, SpaceKey, Transaction
from storage.embedded.store import EmbeddedStore
from storage.s3.bucket import Bucket
from storage.s3.opening import open_packs
from storage.s3.settings import S3Settings
from storage.s3.signing import EMPTY, Asked, Scope, authorization
from tests.world.s3 import ENVIRON, KEYS, PATIENT, Server, seaweed

BLOCK: Final = 256 * 1024
BATCH: Final = 32
CALL: Final = 20
TURNS: Final = 4
MB: Final = 10**6


@dataclass
class Figure:
    """Seconds and processor seconds of one way, over all its turns."""

    bytes: int = 0
    seconds: float = 0.0
    cpu: float = 0.0


@dataclass
class Figures:
    """All of them, by name."""

    by_name: dict[str, Figure] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str, size: int) -> Iterator[None]:
        """Add what the block takes."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        figure = self.by_name.setdefault(name, Figure())
        figure.seconds += time.perf_counter() - wall
        figure.cpu += time.process_time() - cpu
        figure.bytes += size

    def show(self) -> None:
        """A line for each, with ratios to httpx putting and getting single blocks."""
        for name, each in self.by_name.items():
            beside = self.by_name[f"httpx {name.split()[1]}"]
            rate = each.bytes / each.seconds
            ratio = rate / (beside.bytes / beside.seconds)
            per = 1000 * each.cpu / (each.bytes / 2**30)
            print(
                f"{name:24} {rate / MB:7.0f} MB/s, {ratio:5.2f} of httpx;"
                f" {per:7.0f} ms of processor a GiB"
            )


def signed(settings: S3Settings, method: str, key: str, payload: str = EMPTY) -> dict[str, str]:
    """The headers of a request."""
    scope = Scope(datetime.now(UTC), settings.region)
    headers = {
        "Host": settings.authority,
        "x-amz-date": scope.stamp,
        "x-amz-content-sha256": payload,
    }
    asked = Asked(method, settings.path(key), (), headers, payload)
    return {**headers, "Authorization": authorization(asked, scope, KEYS)}


def plain(client: httpx.Client, settings: S3Settings, name: str, data: list[bytes],
          figures: Figures) -> None:  # fmt: skip
    """Put and get objects with httpx."""
    base, size = settings.endpoint, sum(map(len, data))
    keys = [f"{name}/{random_bytes(8).hex()}" for _ in data]
    heads = [
        signed(settings, "PUT", key, sha256(each).hex())
        for key, each in zip(keys, data, strict=True)
    ]
    with figures.timed(f"{name} put", size):
        for key, head, each in zip(keys, heads, data, strict=True):
            client.put(base + settings.path(key), headers=head, content=each).raise_for_status()
    heads = [signed(settings, "GET", key) for key in keys]
    with figures.timed(f"{name} get", size):
        for key, head, each in zip(keys, heads, data, strict=True):
            assert client.get(base + settings.path(key), headers=head).content == each


def ours(bucket: Bucket, data: list[bytes], figures: Figures) -> None:
    """The same with our client."""
    keys = [random_bytes(8).hex() for _ in data]
    with figures.timed("ours put", sum(map(len, data))):
        for key, each in zip(keys, data, strict=True):
            bucket.put(key, [each])
    with figures.timed("ours get", sum(map(len, data))):
        for key, each in zip(keys, data, strict=True):
            assert bucket.get(key, 0, BLOCK) == each


async def stored(store: EmbeddedStore, name: str, blocks: list[Block], figures: Figures) -> None:
    """Stage blocks in a store and read them."""
    key, size = SpaceKey(bytes(32), bytes(32)), sum(len(each.data) for each in blocks)

    def stage(tx: Transaction, some: list[Block]) -> None:
        row = SessionRow(random_bytes(16), key, bytes(32), 2**50, 0)
        tx.open_session(row)
        for each in some:
            tx.stage(row.session, each)

    with figures.timed(f"{name} put", size):
        for at in range(0, len(blocks), BATCH):
            some = blocks[at : at + BATCH]
            await store.write(lambda tx, some=some: stage(tx, some))  # type: ignore[misc]
    with figures.timed(f"{name} get", size):
        for at in range(0, len(blocks), CALL):
            some = blocks[at : at + CALL]
            held = await store.read(lambda view, some=some: [view.block(b.cid) for b in some])  # type: ignore[misc]
            assert held == [each.data for each in some]


async def run(server: Server, folder: Path, count: int) -> None:
    """All ways, in turns, and the table."""
    figures, settings = Figures(), server.settings("bench/")
    bucket = server.bucket("bench/ours/")
    stores = {}
    for name, cache in {"store": 0, "cached": 2**30}.items():
        where = server.settings(f"bench/{name}/")
        packs = open_packs(where, ENVIRON, folder / f"{name}-cache", cache, PATIENT)
        stores[name] = await EmbeddedStore.open(folder / name, packs=packs)
    steps: list[Callable[[list[Block]], None]] = [
        lambda blocks: plain(client, settings, "httpx", [b.data for b in blocks], figures),
        lambda blocks: ours(bucket, [b.data for b in blocks], figures),
        lambda blocks: plain(client, settings, "packs", whole(blocks), figures),
    ]
    with httpx.Client(timeout=60) as client:
        for _ in range(TURNS):
            blocks = [Block.raw(random_bytes(BLOCK)) for _ in range(count)]
            for step in steps:
                step(blocks)
            for name, store in stores.items():
                await stored(store, name, blocks, figures)
    for store in stores.values():
        await store.aclose()
    bucket.close()
    figures.show()


def whole(blocks: list[Block]) -> list[bytes]:
    """Blocks put together, 32 each."""
    return [
        b"".join(each.data for each in blocks[at : at + BATCH])
        for at in range(0, len(blocks), BATCH)
    ]


def main() -> None:
    """Start the server and run."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.buckets")
    options.add_argument("--blocks", type=int, default=128, help="a turn, of four")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    try:
        with seaweed() as server:
            trio.run(run, server, folder, given.blocks)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
