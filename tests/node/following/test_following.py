"""A node follows an account: from the first byte on, after every commit, after being away."""

from pathlib import Path
from typing import ClassVar

import pytest

from formats.cid import Cid
from formats.errors import BadInvite, Denied, NotFound, Stale
from node.checking.verify import verify
from protocols import blocks as b
from protocols import pointers as p
from protocols import replicas as r
from storage.embedded.store import EmbeddedStore
from tests.node.following.worlds import CEILING, Between, Two, two, until
from tests.node.people import (
    NOW,
    item,
    label,
    lock_key,
    move,
    proof,
    prove_reader,
    read,
)


async def test_it_takes_what_is_there_and_what_comes(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        before = await w.put("before", segments=3)
        await w.add()
        w.follow()
        await w.caught_up()
        for number in range(5):
            blocks = await w.put("after", number)
            await w.caught_up()
            assert await w.has(blocks[0].cid)
        assert await w.has(before[2].cid)
        row = await w.other.store.read(lambda view: view.space(w.key))
        home = await w.home.store.read(lambda view: view.space(w.key))
        assert row is not None
        assert home is not None
        assert (row.pointer, row.record) == (home.pointer, home.record)
        history = [
            await node.store.read(lambda view: [view.history(w.key, n) for n in range(7)])
            for node in (w.home, w.other)
        ]
        assert history[0] == history[1]
        assert w.network.reached == 1
        for node in (w.home, w.other):
            assert (await verify(node.store, deep=True)).found.listed == []


async def test_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path / "store")
    async with two(tmp_path, store) as w:
        await w.add()
        w.follow()
        await w.caught_up()
        await w.stop()
        for number in range(20):
            await w.put("away", number, segments=2)
        assert await w.at(w.other) == 0
        w.follow()
        await w.caught_up()
        assert await w.at(w.other) == 20
        assert (await verify(store, deep=True)).found.listed == []
    await store.aclose()


async def test_only_what_is_new_is_fetched(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        w.network.wrap = Counting
        for number in range(30):
            await w.put("many", number)
        await w.add()
        w.follow()
        await w.caught_up()
        Counting.fetched.clear()
        await w.put("one more")
        await w.caught_up()
        assert 0 < sum(Counting.fetched) <= 10  # root, a few nodes, leaf, segment


class Counting(Between):
    """Notes how many blocks are fetched."""

    fetched: ClassVar[list[int]] = []

    async def fetch(self, request: r.Fetch) -> r.Fetched:
        found = await super().fetch(request)
        self.fetched.append(len(found.blocks))
        return found


async def test_it_serves_members_and_readers_and_takes_nothing(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        blocks = await w.put("shared")
        await w.add()
        w.follow()
        await w.caught_up()
        mine = w.other.open()
        await w.alice.arrive(mine)
        found = await mine.blocks.read(read(w.alice.space, item(label("shared"), all=True)))
        assert blocks[0] in found.blocks
        reader = w.other.open()
        key = await prove_reader(reader)
        shown = proof(reader, lock_key("shared"), key, w.alice.space, label("shared"))
        found = await reader.blocks.read(read(w.alice.space, item(label("shared"), shown)))
        assert found.here == (True,)
        root, new = w.alice.space.change({})
        with pytest.raises(Denied):
            await mine.pointers.move(move(w.alice.space.sign(root), new))
        with pytest.raises(Denied):
            await mine.blocks.open_session(b.OpenSession(w.key.owner, w.key.space))
        with pytest.raises(Denied):
            await mine.pointers.pin(p.Pin(w.key.owner, w.key.space, 0, b""))


async def test_what_was_retired_at_home_is_refused_there_too(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.put("shared")
        await w.add()
        w.follow()
        await w.caught_up()
        await w.alice.space.commit(w.doors, {label("shared"): None}, retire=[label("shared")])
        await w.caught_up()
        reader = w.other.open()
        key = await prove_reader(reader)
        shown = proof(reader, lock_key("shared"), key, w.alice.space, label("shared"))
        for at in (None, (await old_root(w))):
            with pytest.raises(Denied):
                await reader.blocks.read(read(w.alice.space, item(label("shared"), shown), root=at))


async def old_root(w: Two) -> Cid:
    rows = await w.other.store.read(lambda view: list(view.retained(w.key)))
    return rows[0].root


async def test_the_ceiling_is_exact_and_the_owner_is_told(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.put("fits", size=2000)
        used = sum(await w.home.store.read(lambda view: view.usage(w.alice.id)))
        await w.add(ceiling=used)
        w.follow()
        await w.caught_up()
        assert sum(await w.other.store.read(lambda view: view.usage(w.alice.id))) <= used
        await w.put("does not", size=200_000)
        assert "no room" in await w.told()
        assert await w.at(w.other) == 1
        held = sum(await w.other.store.read(lambda view: view.usage(w.alice.id)))
        assert held <= used
        more = w.make_grant(1, CEILING)
        given = await w.other.open().replicas.give(w.give(more))
        assert given.allowed == used  # what the node's owner allowed is less
        code = await w.invite()
        for _ in range(2):  # twice is no error, though the invite is spent
            given = await w.other.open().replicas.give(w.give(more, code))
            assert given.allowed == CEILING
        await w.doors.replicas.give(w.give(more))
        await w.caught_up()


async def test_it_proves_that_it_holds_what_it_says(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.put("one", segments=3)
        await w.add()
        w.follow()

        async def proven() -> bool:
            return (await w.noted()).proven == NOW

        await until(proven)
        w.clock.now += 7 * 3600 * 1000
        await w.put("two")

        async def again() -> bool:
            return (await w.noted()).proven == w.clock.now

        await until(again)
        assert (await w.noted()).failed == 0


async def test_a_grant_that_is_taken_back_ends_it_and_all_that_was_held(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        (block,) = await w.put("one")
        await w.add()
        w.follow()
        await w.caught_up()
        over = w.make_grant(1, ceiling=0)
        await w.doors.replicas.give(w.give(over))  # the replica hears of it from the home

        async def gone() -> bool:
            return await w.at(w.other) == -1

        await until(gone)
        assert await w.other.store.read(lambda view: view.identity(w.alice.id)) is None
        assert (await verify(w.other.store, deep=True)).found.listed == []
        old = w.give(w.grant or over, await w.invite())
        with pytest.raises(Stale):
            await w.other.open().replicas.give(old)
        with pytest.raises(Stale):
            await w.doors.replicas.give(old)
        asking = (await w.network.reach(w.home_of())).replicas
        with pytest.raises(Denied):
            await asking.fetch(r.Fetch(w.key.owner, w.key.space, (block.cid,)))
        with pytest.raises(Denied):
            await asking.line(r.AskLine(w.key.owner, w.key.space, None))
        question = r.Follow(w.alice.id, bytes(32), bytes(32), (), 0, "", (), 0)
        said = await asking.follow(question)
        assert (said.grant, said.heads, said.whereabouts) == (over.encoded, (), None)
        with pytest.raises(Denied):
            await asking.follow(r.Follow(w.alice.id, over.hash, bytes(32), (), 0, "", (), 0))


async def test_who_runs_the_node_can_end_it_and_the_owner_is_told(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.put("one")
        await w.add()
        w.follow()
        await w.caught_up()
        (kept,) = await w.other.admin.replicas()
        assert (kept.here, kept.follows, kept.allowed) == (True, True, CEILING)
        (there,) = await w.home.admin.replicas()
        assert (there.here, there.peer) == (False, w.other.peer_id)
        with pytest.raises(NotFound):
            await w.other.admin.end_replica("bob~0000-0000-0000-0000")
        await w.other.admin.end_replica(kept.who)
        assert "no longer" in await w.told()

        async def gone() -> bool:
            return await w.at(w.other) == -1

        await until(gone)
        assert await w.other.admin.replicas() == []
        again = w.make_grant(1)
        with pytest.raises(BadInvite):
            await w.other.open().replicas.give(w.give(again))
        await w.other.open().replicas.give(w.give(again, await w.invite()))
        await w.doors.replicas.give(w.give(again))
        await w.caught_up()
