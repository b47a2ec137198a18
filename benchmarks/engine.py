"""The engine below the drive: what a store and a space cost by themselves."""

import time
from typing import Final

import trio

from benchmarks.measuring import Bench
from benchmarks.place import own_node
from benchmarks.sources import Differs, must_equal, small_contents
from client.drive.edit import TreeEdit
from client.drive.file import About, put_file, small_file
from client.drive.folder import FolderView
from client.drive.node import FileNode, inline_content, open_folder, open_nodes
from client.session import HOME, Session
from client.space.reading import Changing
from crypto.secret import random_bytes
from formats.cid import Block
from storage.contracts import SessionRow, SpaceKey, Transaction
from storage.embedded.store import EmbeddedStore

_BLOCK: Final = 256 * 1024
_STAGED: Final = 20
"""Blocks a request: a chunk."""


def stage(bench: Bench) -> None:
    """Blocks of 256 KiB into a store, a chunk a call, two calls at once; and read again."""
    trio.run(_stage, bench)


async def _stage(bench: Bench) -> None:
    blocks = [Block.raw(random_bytes(_BLOCK)) for _ in range(4 * _STAGED)]
    key = SpaceKey(bytes(32), bytes(32))
    calls = max(1, bench.size // (_BLOCK * _STAGED))
    store = await EmbeddedStore.open(bench.folder / "store")
    limiter = trio.Semaphore(2)

    async def call(number: int) -> None:
        row = SessionRow(number.to_bytes(16, "big"), key, bytes(32), 2**50, 0)
        chunk = blocks[number % 4 * _STAGED :][:_STAGED]

        def work(tx: Transaction) -> None:
            tx.open_session(row)
            for block in chunk:
                tx.stage(row.session, block)

        await store.write(work)
        limiter.release()

    with bench.measuring("engine/stage", size=calls * _STAGED * _BLOCK):
        async with trio.open_nursery() as nursery:
            for number in range(calls):
                await limiter.acquire()
                nursery.start_soon(call, number)

    given = blocks[: min(calls, 4) * _STAGED]
    held = await store.read(lambda view: [view.block(block.cid) for block in given])
    must_equal(held, [block.data for block in given], "staged blocks")
    await store.aclose()


def commit(bench: Bench) -> None:
    """Small files through a space, in one commit; then one more; then read."""
    trio.run(_commit, bench)


async def _commit(bench: Bench) -> None:
    now = time.time_ns()
    contents = dict(small_contents(bench.files))
    async with own_node(bench) as place:
        session = await place.sign_up("alice")
        with bench.measuring("engine/seal", items=bench.files):
            new = {name: small_file(data, About(now, now)) for name, data in contents.items()}

        async def operation(changing: Changing) -> None:
            edit = TreeEdit(changing, session.root.keys)
            folder = await edit.folder((HOME,))
            for name, file in new.items():
                await put_file(edit, folder, name, file)
            await edit.flush()

        with bench.measuring("engine/commit", items=bench.files):
            await session.space.commit(operation)
        await _must_hold(session, contents)
        await session.aclose()


async def _must_hold(session: Session, contents: dict[str, bytes]) -> None:
    """Read every file back, and compare."""
    reading = await session.space.reading()
    top = FolderView(reading, await open_folder(reading, session.root.keys, ""), "")
    home = await top.get(HOME)
    if home is None:
        raise Differs("there is no home folder")
    folder = FolderView(reading, await open_folder(reading, home.keys, HOME), HOME)
    entries = (await folder.listing()).entries
    nodes = await open_nodes(reading, [(entry.keys, entry.name) for entry in entries])
    found = {
        entry.name: inline_content(node)
        for entry, node in zip(entries, nodes, strict=True)
        if isinstance(node, FileNode)
    }
    must_equal(found, contents, "small files")
