"""A process that writes to a store in a bucket until it is killed; see the one beside it.

python killed.py FOLDER SEED WRITERS PORT PREFIX
"""

import os
import sys
from pathlib import Path

import trio

from storage.embedded.store import EmbeddedStore
from storage.s3.opening import open_packs
from storage.s3.settings import S3Settings
from tests.storage.embedded.killed import write_on
from tests.world.s3 import BUCKET, ENVIRON


async def main(folder: Path, seed: int, writers: int, port: int, prefix: str) -> None:
    """Open the store and let all writers run."""
    settings = S3Settings(f"http://127.0.0.1:{port}", BUCKET, prefix)
    packs = open_packs(settings, ENVIRON, folder.with_name("cache"), 5_000_000)
    store = await EmbeddedStore.open(folder, packs=packs)
    os.write(1, b"open\n")
    async with trio.open_nursery() as nursery:
        for writer in range(writers):
            nursery.start_soon(write_on, store, seed, writer)


if __name__ == "__main__":
    _, folder, seed, writers, port, prefix = sys.argv
    trio.run(main, Path(folder), int(seed), int(writers), int(port), prefix)
