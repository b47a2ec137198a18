"""The stage of the real world, with each person behind a NAT of their own (``tests.nat``).

Nothing is configured but one public node to begin with, which is a stranger to all of
them: no addresses are announced, and no proxy stands between.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import trio

from tests.nat.internet import Internet, Machine
from tests.nat.routers import Kind
from tests.stories.processes import Running, environment
from tests.stories.real import LONG, RealPerson, RealStage
from tests.stories.stage import Actor
from tests.stories.story import expect

KINDS: Final = {
    "alice": Kind.PORT_RESTRICTED,
    "bob": Kind.RESTRICTED,
    "carol": Kind.SYMMETRIC,
}
NO_TWO_MEET: Final = {
    "alice": Kind.SYMMETRIC,
    "bob": Kind.PORT_RESTRICTED,
    "elsewhere": Kind.SYMMETRIC,
}
"""No hole can be made in any pair of these: there is nothing but relays."""

UNDER_WAY: Final = r"got [^\r\n]*?, [\d.]+ [KMG]iB of "


class NatStage(RealStage):
    """Alice and Bob with their nodes behind NATs; made by ``nat_stage``."""

    def __init__(
        self,
        folder: Path,
        nursery: trio.Nursery,
        exits: AsyncExitStack,
        net: Internet,
        kinds: Mapping[str, Kind],
    ) -> None:
        super().__init__(folder, nursery, exits)
        self.net: Final = net
        self.machines: Final[dict[str, Machine]] = {}
        self.kinds: Final = dict(kinds)
        self._bootstrap = ""
        self._serving: Running | None = None

    async def begin_with(self, machine: Machine) -> None:
        """Start the public node: a headless one, with nobody's account."""
        home = self.folder / "bootstrap"
        await trio.Path(self.folder).mkdir(parents=True, exist_ok=True)
        env = environment(self.command, home, HOLDFAST_LISTEN="0.0.0.0,::")
        words = [*machine.space.prefix(), str(self.command), "serve", "--json"]
        self._serving = Running(words, env, self.folder / "bootstrap.log")
        await self._serving.start(self._nursery)
        line = (await self._serving.hears(r'^\{"serve".*$')).group()
        peer = json.loads(line)["serve"]["peer"]
        self._bootstrap = f"/ip4/{machine.four}/tcp/4061/p2p/{peer}"

    async def arrive(self, name: str) -> RealPerson:
        """Somebody's node is started behind a NAT. They have no account yet."""
        machine = self.machines[name] = self.net.behind(self.kinds[name], name)
        settings = {"HOLDFAST_NETWORK_BOOTSTRAP": self._bootstrap}
        where = machine.space.prefix()
        person = RealPerson(name, self.folder, self.command, settings, where)
        await self.begin(person)
        return person

    async def crash_in_get(self, actor: Actor, source: str, to: Path) -> None:
        """Kill both when the first bytes are said to have come."""
        getting = await self.type(actor, "get", source, to, "--progress")
        await getting.hears(UNDER_WAY)
        await self.kill("alice", "bob")
        expect(await getting.ended(LONG) != 0, "a get that was cut off is not said to be done")
        await self.back("alice", "bob")

    async def leave(self) -> None:
        """Kill whatever runs."""
        await self.kill(*self.people)
        if self._serving is not None:
            await self._serving.kill()


@asynccontextmanager
async def nat_stage(
    folder: Path, net: Internet, kinds: Mapping[str, Kind] = KINDS
) -> AsyncIterator[NatStage]:
    """Alice and Bob with their nodes and accounts, until the block is left.

    ``kinds``: whose machine is behind what.
    """
    async with trio.open_nursery() as nursery, AsyncExitStack() as exits:
        stage = NatStage(folder, nursery, exits, net, kinds)
        try:
            await stage.begin_with(net.public("bootstrap"))
            for name in ("alice", "bob"):
                person = await stage.arrive(name)
                await person.sign_up()
            yield stage
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + 20):
                await stage.leave()
        nursery.cancel_scope.cancel()
