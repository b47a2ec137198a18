"""The stage of the real world: a daemon for each person, the command line, sockets, disks, kills.

Between the nodes stands a proxy that writes down every byte; nodes announce its
addresses and no others.
"""

import json
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import trio

from node.build import MAX_ADDRESSES
from tests.stories.processes import PATIENCE, Ran, Running, environment, holdfast, run
from tests.stories.proxy import Proxy, proxy
from tests.stories.stage import Actor
from tests.stories.story import expect

LONG: Final = 1800.0
"""Seconds that moving a gigabyte may take on a slow machine."""
UP: Final = "^Holdfast is up"
UNDER_WAY: Final = r"stored [^\r\n]*?, [\d.]+ [KMG]iB of "
"""What is shown of a put's progress once some of it is stored, and not all."""
HELD_AFTER: Final = 8 * 1024 * 1024
"""Bytes after which the proxy holds a get, for the nodes to be killed."""


class RealPerson:
    """A person with a daemon and a data folder of their own, who types commands.

    ``where``: words that run the daemon on another machine when put before it.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        command: Path,
        settings: Mapping[str, str],
        where: Sequence[str] = (),
    ) -> None:
        self.name: Final = name
        self.home: Final = folder / "homes" / name
        self.logs: Final = folder / "logs"
        self.command: Final = command
        self.env: Final = environment(command, self.home, HOLDFAST_LOG_LEVEL="debug", **settings)
        self.daemon: Final = Running([*where, command, "up"], self.env, self.logs / f"{name}.log")
        self.password: Final = f"a long password of {name[::-1]}"
        self._signed_up = False

    async def start(self, nursery: trio.Nursery) -> None:
        """Start the daemon; return once it is up, and signed in if there is an account."""
        await self.daemon.start(nursery)
        await self.daemon.hears(UP)
        if self._signed_up:
            await self.sign_in()

    async def holdfast(
        self, *words: str | Path, stdin: str = "", patience: float = PATIENCE
    ) -> Ran:
        """Run one command to its end; raises the error that its exit code stands for."""
        ran = await run([self.command, *words], self.env, stdin, patience=patience)
        return ran.check()

    async def told(self, kind: str, *words: str) -> list[dict[str, object]]:
        """What a command tells programs: the values of the lines of one kind."""
        lines = (await self.holdfast(*words, "--json")).lines
        return [value for line in lines for said, value in json.loads(line).items() if said == kind]

    async def sign_up(self, invite: str | None = None) -> None:
        """Make the account."""
        at = () if invite is None else ("--at", invite)
        stdin = f"{self.password}\n"
        await self.holdfast("signup", self.name, *at, "--password-stdin", stdin=stdin)
        self._signed_up = True

    async def sign_in(self) -> None:
        """Sign in."""
        await self.sign_in_as(self.name, self.password)

    async def sign_in_as(self, who: str, password: str) -> None:
        """Sign in as somebody, by name or handle."""
        await self.holdfast("login", who, "--password-stdin", stdin=f"{password}\n")

    async def invite(self) -> str:
        """An invite to this person's node."""
        return (await self.holdfast("invite")).lines[-1]

    # --- Actor

    async def put(self, source: Path, to: str = "") -> None:
        """``holdfast put``."""
        await self.holdfast("put", source, *([to] if to else []), patience=LONG)

    async def get(self, source: str, to: Path, force: bool = False) -> None:
        """``holdfast get``."""
        await self.holdfast("get", source, to, *(["--force"] if force else []), patience=LONG)

    async def cat(self, path: str) -> bytes:
        """``holdfast cat``."""
        return (await self.holdfast("cat", path)).out.encode()

    async def listing(self, path: str) -> set[str]:
        """``holdfast ls -R``."""
        entries = await self.told("entry", "ls", "-R", path)
        return {str(entry["path"]).removeprefix(f"{path}/") for entry in entries}

    async def card(self) -> str:
        """``holdfast card``: the last line."""
        return (await self.holdfast("card")).lines[-1]

    async def follow(self, card: str) -> None:
        """``holdfast follow``."""
        await self.holdfast("follow", card)

    async def requests(self) -> set[str]:
        """``holdfast requests``."""
        return {str(each["name"]) for each in await self.told("request", "requests")}

    async def accept(self, name: str, back: bool) -> None:
        """``holdfast accept``."""
        await self.holdfast("accept", name, *(["--back"] if back else []))

    async def following(self) -> set[str]:
        """``holdfast contacts``."""
        told = await self.told("contact", "contacts")
        return {str(each["name"]) for each in told if each["following"]}

    async def share(self, path: str, name: str) -> None:
        """``holdfast share``."""
        await self.holdfast("share", path, name)

    async def unshare(self, path: str, name: str) -> None:
        """``holdfast unshare``."""
        await self.holdfast("unshare", path, name, patience=LONG)

    async def shared_with_me(self) -> set[str]:
        """``holdfast shared --with-me``."""
        return {str(each["path"]) for each in await self.told("with_me", "shared", "--with-me")}

    async def attend(self) -> None:
        """Nothing: the daemon does. Asking takes a while, so waiting this way does not spin."""
        await trio.lowlevel.checkpoint()


class RealStage:
    """Alice and Bob, each with a node; made by ``real_stage``."""

    def __init__(self, folder: Path, nursery: trio.Nursery, exits: AsyncExitStack) -> None:
        self.folder: Final = folder
        self.command: Final = holdfast(folder / "bin")
        self.proxies: Final[dict[str, Proxy]] = {}
        self.people: Final[dict[str, RealPerson]] = {}
        self._nursery: Final = nursery
        self._exits: Final = exits

    @property
    def alice(self) -> RealPerson:
        """Alice, at home on her node."""
        return self.people["alice"]

    @property
    def bob(self) -> RealPerson:
        """Bob, at home on his."""
        return self.people["bob"]

    async def carol(self) -> RealPerson:
        """Carol, whose daemon is her own and whose account is on Bob's node."""
        carol = await self.arrive("carol")
        await carol.sign_up(await self.bob.invite())
        return carol

    async def arrive(self, name: str) -> RealPerson:
        """Somebody's node is started, behind a proxy. They have no account yet."""
        port = free_port()
        wire = self.folder / "wire" / name
        made = proxy(wire, "127.0.0.1", port, MAX_ADDRESSES)
        self.proxies[name] = await self._exits.enter_async_context(made)
        settings = {
            "HOLDFAST_PORT": str(port),
            "HOLDFAST_LISTEN": "127.0.0.1",
            "HOLDFAST_ANNOUNCE": ",".join(self.proxies[name].addresses),
        }
        person = RealPerson(name, self.folder, self.command, settings)
        await self.begin(person)
        return person

    async def begin(self, person: RealPerson) -> None:
        """Start a person's daemon for the first time."""
        await trio.Path(person.logs).mkdir(parents=True, exist_ok=True)
        self.people[person.name] = person
        await person.start(self._nursery)

    async def crash_in_put(self, actor: Actor, source: Path) -> None:
        """Kill both when the first bytes are said to be stored."""
        putting = await self.type(actor, "put", source, "--progress")
        await putting.hears(UNDER_WAY)
        await self.kill("alice", "bob")
        expect(await putting.ended() != 0, "a put that was cut off is not said to be done")
        await self.back("alice", "bob")

    async def crash_in_get(self, actor: Actor, source: str, to: Path) -> None:
        """Hold the wire in the middle of it, and kill both."""
        wire = self.proxies["alice"]
        getting = await self.type(actor, "get", source, to)
        with trio.fail_after(LONG):
            await wire.hold(HELD_AFTER)
        await self.kill("alice", "bob")
        wire.let_go()
        expect(await getting.ended() != 0, "a get that was cut off is not said to be done")
        await self.back("alice", "bob")

    async def type(self, actor: Actor, *words: str | Path) -> Running:
        """A command that goes on while other things happen."""
        log = self.folder / f"typed-{words[0]}"
        typed = Running([self.command, *words], self.people[actor.name].env, log)
        await typed.start(self._nursery)
        return typed

    async def kill(self, *names: str) -> None:
        """kill -9."""
        for name in names:
            await self.people[name].daemon.kill()

    async def back(self, *names: str) -> None:
        """Start them again, and sign in."""
        for name in names:
            await self.people[name].start(self._nursery)


@asynccontextmanager
async def real_stage(folder: Path) -> AsyncIterator[RealStage]:
    """Alice and Bob with their nodes and accounts, until the block is left."""
    async with trio.open_nursery() as nursery, AsyncExitStack() as exits:
        stage = RealStage(folder, nursery, exits)
        try:
            for name in ("alice", "bob"):
                person = await stage.arrive(name)
                await person.sign_up()
            yield stage
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + 20):
                await stage.kill(*stage.people)
        nursery.cancel_scope.cancel()


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port
