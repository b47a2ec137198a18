"""Checking a node and mending it, while it serves."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import trio

from frontends.api.node.findings import as_json, names_of, summed, telling
from frontends.api.reply import Json, Reply
from frontends.api.shapes import LocalPaths, check_absolute
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Verifying:
    """``deep``: also read every large block. ``fast``: do not rest in between."""

    deep: bool = False
    fast: bool = False


@dataclass(frozen=True, slots=True)
class Repairing:
    """``sources``: absolute paths of backups that lost blocks may be taken from."""

    sources: LocalPaths = ()
    fast: bool = False


async def verify(state: State, asked: Verifying, reply: Reply) -> Json:
    """Check everything the node holds; an event for each thing that is wrong."""
    from node.checking.pace import Pace
    from node.checking.verify import verify as check

    node = await state.node.wait()
    names = await names_of(node)
    pace = Pace(share=1 if asked.fast else 0.5)
    async with telling(reply, lambda: {"files": pace.blocks, "bytes": pace.bytes}):
        report = await check(node.store, asked.deep, pace)
    await reply.events("finding", [as_json(each, names) for each in report.found.listed])
    return summed(report)


async def repair(state: State, asked: Repairing, reply: Reply) -> Json:
    """Mend what is lost from backups and replicas, and what is miscounted; tell what is left."""
    from node.backups.source import BackupSource, opened_backup
    from node.checking.aside import AsideFolder
    from node.checking.pace import Pace
    from node.checking.repair import Source
    from node.checking.repair import repair as mend

    node = await state.node.wait()
    names = await names_of(node)
    paces: list[Pace] = []

    def pace() -> Pace:
        paces.append(Pace(share=1 if asked.fast else 0.5))
        return paces[-1]

    def far() -> Json:
        return {"files": sum(p.blocks for p in paces), "bytes": sum(p.bytes for p in paces)}

    async with AsyncExitStack() as stack:
        backups = [await stack.enter_async_context(opened_backup(p)) for p in _paths(asked.sources)]
        others = await stack.enter_async_context(node.other_nodes())
        sources: list[Source] = [BackupSource(each) for each in backups]
        sources += [] if others is None else [others]
        async with telling(reply, far):
            done = await mend(node.store, sources, AsideFolder(node.folder.aside), pace)
    await reply.events("finding", [as_json(each, names) for each in done.left.found.listed])
    mended: dict[str, Json] = {"blocks": done.blocks, "counts": done.counts}
    aside = await trio.to_thread.run_sync(AsideFolder(node.folder.aside).count)
    return {**summed(done.left), "mended": mended, "aside": aside}


def _paths(texts: tuple[str, ...]) -> list[Path]:
    for text in texts:
        check_absolute(text)
    return [Path(text) for text in texts]
