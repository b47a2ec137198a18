"""A home behind a NAT is told of one node, which does not relay: it finds one that does."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.nat.conftest import net
from tests.nat.internet import Internet, Machine
from tests.nat.routers import Kind
from tests.stories.processes import Running, environment, holdfast, run

__all__ = ["net"]


class Serving:
    """A headless node on a machine of the laboratory."""

    def __init__(self, machine: Machine, folder: Path, **settings: str) -> None:
        self.command = holdfast(folder.parent)
        self.env = environment(self.command, folder, HOLDFAST_LISTEN="0.0.0.0", **settings)
        self.machine = machine
        words: list[str | Path] = [*machine.space.prefix(), self.command, "serve", "--json"]
        self.process = Running(words, self.env, folder.with_suffix(".log"))
        self.peer = ""

    @property
    def address(self) -> str:
        """As it stands in ``bootstrap``."""
        return f"/ip4/{self.machine.four}/tcp/4061/p2p/{self.peer}"

    async def said(self) -> str:
        """What doctor says of how it is reached."""
        words: list[str | Path] = [*self.machine.space.prefix(), self.command, "doctor", "--json"]
        lines = (await run(words, self.env)).lines
        checks = {each["name"]: each for each in json.loads(lines[-1])["done"]["checks"]}
        return str(checks["reach"]["said"])

    async def says(self, word: str) -> None:
        """Wait until it says that."""
        with trio.fail_after(90):
            while word not in await self.said():
                await trio.lowlevel.checkpoint()


@asynccontextmanager
async def serving(machine: Machine, folder: Path, **settings: str) -> AsyncIterator[Serving]:
    async with trio.open_nursery() as nursery:
        node = Serving(machine, folder, **settings)
        await node.process.start(nursery)
        try:
            line = (await node.process.hears(r'^\{"serve".*$')).group()
            node.peer = json.loads(line)["serve"]["peer"]
            yield node
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + 20):
                await node.process.kill()


@pytest.mark.slow
async def test_a_relay_that_no_settings_name(tmp_path: Path, net: Internet) -> None:
    async with serving(
        net.public("known"), tmp_path / "known", HOLDFAST_NETWORK_RELAY="false"
    ) as known:
        to_begin = {"HOLDFAST_NETWORK_BOOTSTRAP": known.address}
        home = net.behind(Kind.PORT_RESTRICTED, "home")
        async with (
            serving(net.public("other"), tmp_path / "other", **to_begin) as other,
            serving(home, tmp_path / "home", **to_begin) as node,
        ):
            await node.says(f"others reach this node through {other.peer}")
