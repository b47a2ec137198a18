"""Transfers over lines that lose, delay, are cut and change their address: nothing is lost.

Real daemons behind NATs and the command line, as in ``test_behind_nats``. Each test puts or
gets a file of some MiB while something happens, and compares every byte.
"""

import filecmp
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
import trio

from tests.nat.conftest import net
from tests.nat.internet import Internet, Nat
from tests.stories.behind_nats import UNDER_WAY, NatStage, nat_stage
from tests.stories.processes import Running
from tests.stories.real import LONG
from tests.stories.real import UNDER_WAY as PUT_UNDER_WAY
from tests.stories.story import they_become_friends
from tests.stories.trees import MIB

__all__ = ["net"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SIZE = 32 * MIB


def silent(_said: str) -> None:
    """Nobody listens."""


async def make(folder: Path, rng: Random, size: int, *names: str) -> Path:
    """A folder with files. Each is got once: what Bob has read before he would not ask for."""
    await trio.Path(folder).mkdir()
    for name in names:
        await trio.Path(folder / name).write_bytes(rng.randbytes(size))
    return folder


@asynccontextmanager
async def friends(folder: Path, net: Internet, shared: Path) -> AsyncIterator[NatStage]:
    """Alice has put the folder and shares it with Bob."""
    async with nat_stage(folder, net) as stage:
        await stage.alice.put(shared)
        await they_become_friends(stage, silent)
        await stage.alice.share(f"/alice/{shared.name}", "bob")
        with trio.fail_after(120):
            while not await stage.bob.shared_with_me():
                await trio.lowlevel.checkpoint()
        yield stage


def nat(stage: NatStage, name: str) -> Nat:
    found = stage.machines[name].nat
    assert found is not None
    return found


async def got_while(stage: NatStage, file: Path, happens: str = "") -> None:
    """Bob gets a file by one command, whatever happens in the middle, and has every byte."""
    to = stage.folder / f"bob-{file.name}"
    source = f"/alice/{file.parent.name}/{file.name}"
    getting = await stage.type(stage.bob, "get", source, to, "--progress")
    if happens:
        await getting.hears(UNDER_WAY)
    if happens == "moves":
        nat(stage, "alice").move()
    if happens == "cut":
        nat(stage, "alice").cut()
        await seconds(15)
        nat(stage, "alice").mend()
    assert await getting.ended(LONG) == 0, getting.heard[-1000:]
    assert await trio.to_thread.run_sync(filecmp.cmp, file, to, False), happens


async def seconds(number: float) -> None:
    """Real time: kernels retransmit in no other."""
    with trio.move_on_after(number):
        await trio.sleep_forever()


@pytest.mark.parametrize("happens", ["moves", "cut"])
async def test_the_router_s_line(tmp_path: Path, net: Internet, rng: Random, happens: str) -> None:
    """It gets another address, or is dead for a while, in the middle of a transfer."""
    films = await make(tmp_path / "films", rng, SIZE, "film")
    async with friends(tmp_path / "stage", net, films) as stage:
        await got_while(stage, films / "film", happens)


async def all_end_well(stage: NatStage, happens: str, *running: Running) -> None:
    """Something happens to Bob's router while these are under way; none of them notices much."""
    if happens == "moves":
        nat(stage, "bob").move()
    else:
        nat(stage, "bob").cut()
        await seconds(15)
        nat(stage, "bob").mend()
    for each in running:
        assert await each.ended(LONG) == 0, each.heard[-1000:]


@pytest.mark.parametrize("happens", ["moves", "cut"])
async def test_puts_and_gets_at_once_at_a_home_elsewhere(
    tmp_path: Path, net: Internet, rng: Random, happens: str
) -> None:
    """Carol's home is Bob's node. Three commands of hers, each with connections of its own."""
    films = await make(tmp_path / "films", rng, SIZE, "first", "second", "third")
    async with nat_stage(tmp_path / "stage", net) as stage:
        carol = await stage.carol()
        await carol.put(films / "first")
        to = stage.folder / "carol-first"
        under_way = [
            await stage.type(carol, "get", "/carol/first", to, "--progress"),
            await stage.type(carol, "put", films / "second", "--progress"),
            await stage.type(carol, "put", films / "third", "--progress"),
        ]
        await under_way[2].hears(PUT_UNDER_WAY)
        await all_end_well(stage, happens, *under_way)
        assert await trio.to_thread.run_sync(filecmp.cmp, films / "first", to, False)
        for name in ("second", "third"):
            back = stage.folder / f"carol-{name}"
            await carol.get(f"/carol/{name}", back)
            assert await trio.to_thread.run_sync(filecmp.cmp, films / name, back, False)


async def test_a_line_that_is_slow_and_loses(tmp_path: Path, net: Internet, rng: Random) -> None:
    """Half a second each way, then a third of all packets lost: slow, and nothing is missing."""
    notes = await make(tmp_path / "notes", rng, 100_000, "late", "lossy")
    async with friends(tmp_path / "stage", net, notes) as stage:
        rough = net.rough(stage.machines["bob"], delay=0.5, loss=0, seed=rng.getrandbits(32))
        await got_while(stage, notes / "late")
        rough.delay, rough.loss = 0.02, 0.3
        await got_while(stage, notes / "lossy")
