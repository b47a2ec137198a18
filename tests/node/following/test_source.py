"""Lost blocks come from whoever has the same account: the replica's at the home, and back."""

from pathlib import Path

from formats.cid import Block, Cid
from node.build import Node
from node.checking.repair import Repaired, repair
from node.following.source import other_nodes
from protocols import replicas as r
from storage.memory import MemoryStore
from tests.node.following.worlds import Between, Dialling, Two, two


class Nowhere:
    """Where nothing has to be put aside."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def put(self, cid: Cid, data: bytes) -> None:
        """Keep it in a list."""
        self.kept.append(data)


def harm(node: Node, *blocks: Block) -> None:
    """The disk lost what was in them."""
    store = node.store
    assert isinstance(store, MemoryStore)
    for block in blocks:
        store._tables.blocks[block.cid] = bytes(len(block.data))


async def mend(w: Two, node: Node) -> tuple[Repaired, Nowhere]:
    network = Dialling(node.peer_id, w.network.nodes, w.network.down, w.network.wrap)
    aside = Nowhere()
    async with other_nodes(node.core, network) as source:
        return await repair(node.store, [source], aside), aside


async def test_the_home_mends_itself_from_its_replica(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        blocks = await w.put("one", segments=3)
        await w.add()
        w.follow()
        await w.caught_up()
        harm(w.home, *blocks)
        done, aside = await mend(w, w.home)
        assert (done.blocks, done.left.found.listed) == (3, [])
        assert len(aside.kept) == 3


async def test_a_replica_mends_itself_from_the_home(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        blocks = await w.put("one", segments=3)
        await w.add()
        w.follow()
        await w.caught_up()
        harm(w.other, *blocks)
        done, _ = await mend(w, w.other)
        assert (done.blocks, done.left.found.listed) == (3, [])


class Wrong(Between):
    """Hands over other bytes."""

    async def fetch(self, request: r.Fetch) -> r.Fetched:
        return r.Fetched(tuple(Block.raw(b"x" + bytes(cid)) for cid in request.cids))


async def test_what_is_not_the_block_is_not_taken(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        (block,) = await w.put("one")
        await w.add()
        w.follow()
        await w.caught_up()
        harm(w.home, block)
        w.network.wrap = Wrong
        done, aside = await mend(w, w.home)
        assert done.blocks == 0
        assert done.left.found.total > 0
        assert aside.kept == []


async def test_a_replica_that_is_away_is_asked_once(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        blocks = await w.put("one", segments=3)
        await w.add()
        w.follow()
        await w.caught_up()
        harm(w.home, *blocks)
        w.network.down.add(w.other.peer_id)
        done, _ = await mend(w, w.home)
        assert done.blocks == 0
