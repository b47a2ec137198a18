"""Alice's home went back to a backup: her friend follows when she says so, and not before."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from client.identity.login import sign_in
from client.identity.whereabouts import publish_again
from client.session import Session
from client.sharing.share import share
from client.social.inbox import collect
from client.space.setting_back import Verdict, look, set_back
from client.space.state import Tip
from formats.errors import HoldfastError, Stale
from node.build import Node, build
from node.config import Config
from storage.memory import MemoryStore
from tests.client.people import PASSWORD, Town
from tests.client.sharing.trees import put, theirs
from tests.node.people import secret


def backup(node: Node) -> MemoryStore:
    store = node.store
    assert isinstance(store, MemoryStore)
    return store.snapshot()


async def restore(stack: AsyncExitStack, world: Town, folder: Path, store: MemoryStore) -> None:
    """Node one is over an older store from now on."""
    world.nodes["one"] = await stack.enter_async_context(
        build(
            Config(folder, work_bits=4), store=store, clock=world.clock, key=secret("node", "one")
        )
    )


async def reconnect(*people: Session) -> None:
    for each in people:
        await each.line.aclose()
        for view in each.foreign.values():
            await view.line.aclose()


async def accept(session: Session) -> Tip:
    view = session.space.view
    keys = session.bundle.member, session.bundle.daily
    tip = await set_back(view, await look(view), session.chain, *keys, session.around.now())
    session.cache.opened.clear()
    await publish_again(session)
    return tip


async def test_a_friend_follows_a_reset_and_nothing_else(
    world: Town, alice: Session, bob: Session, tmp_path: Path
) -> None:
    told: list[str] = []
    bob.told_set_back = lambda whose, _tip: told.append(whose)
    await put(alice, {"album/one": b"1"})
    await share(alice, "album", "bob")
    await collect(bob)
    old = backup(world.nodes["one"])
    await put(alice, {"album/two": b"2"})
    assert await theirs(bob, "alice") == {"album/one": b"1", "album/two": b"2"}
    async with AsyncExitStack() as stack:
        await restore(stack, world, tmp_path / "old", old)
        await reconnect(alice, bob)
        with pytest.raises(Stale):
            await alice.space.reading()
        with pytest.raises(HoldfastError):
            await theirs(bob, "alice")
        assert (await look(alice.space.view)).verdict is Verdict.OLDER
        await accept(alice)
        await put(alice, {"album/three": b"3"})
        assert await theirs(bob, "alice") == {"album/one": b"1", "album/three": b"3"}
        assert told == ["alice"]


async def test_who_signs_in_anew_says_that_the_home_was_restored(
    world: Town, tmp_path: Path
) -> None:
    alice = await world.sign_up("alice", "one")
    folder = tmp_path / "machine"
    folder.mkdir()
    here = world.around(folder), world.home("one"), "alice", PASSWORD
    old = backup(world.nodes["one"])
    session = await sign_in(*here)
    await publish_again(session)
    await session.aclose()
    async with AsyncExitStack() as stack:
        await restore(stack, world, tmp_path / "old", old)
        await reconnect(alice)
        with pytest.raises(Stale) as refused:
            await sign_in(*here)
        assert "--restored" in refused.value.advice
        again = await sign_in(*here, restored=True)
        assert again.whereabouts.seq == session.whereabouts.seq + 1
        await again.aclose()
        await (await sign_in(*here)).aclose()
