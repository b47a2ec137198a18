"""``make town``: three nodes with alice, bob and carol, and a shell as alice.

    python -m tests.world.town               a shell; everything is removed when it ends
    python -m tests.world.town --no-shell    make the town, run what it suggests, end
    python -m tests.world.town --folder DIR  keep everything in a new folder

Three real daemons on loopback, each with its owner signed in. They are friends of
each other, have a few files, and share some of them.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import trio

from tests.stories.processes import environment, holdfast, run
from tests.stories.real import RealPerson
from tests.stories.stage import soon

NAMES: Final = ("alice", "bob", "carol")

FILES: Final = {
    "alice": {
        "recipes/bread.txt": "500 g flour, 350 g water, 10 g salt, 2 g yeast.\n",
        "recipes/soup.txt": "Onions, slowly. Then everything else.\n",
        "letters/to bob.txt": "Dear Bob,\n\nit works without anybody in between.\n",
        "diary.txt": "Nobody else reads this.\n",
    },
    "bob": {
        "music/list.txt": "1 Bach\n2 Bill Evans\n3 Joni Mitchell\n",
        "music/notes/later.txt": "listen to more of it\n",
    },
    "carol": {"garden/plan.txt": "beans   peas   beans\npeas    beans  peas\n"},
}
SHARES: Final = (
    ("alice", "recipes", "bob"),
    ("alice", "recipes", "carol"),
    ("alice", "letters/to bob.txt", "bob"),
    ("bob", "music", "alice"),
    ("carol", "garden", "alice"),
)
TRY: Final = (
    "holdfast whoami",
    "holdfast contacts",
    "holdfast ls -R",
    "holdfast shared",
    "holdfast ls -R /bob/music",
    "holdfast cat /carol/garden/plan.txt",
    "holdfast share diary.txt bob",
    "HOLDFAST_HOME={bob} holdfast cat /alice/diary.txt",
    "holdfast unshare diary.txt bob",
    "holdfast get /bob/music {folder}",
    "holdfast status",
)
"""What to try, as alice; ``{bob}`` and the like are data folders."""


def main(words: Sequence[str] | None = None) -> int:
    """Make the town and stay in it; the exit code."""
    options = _parser().parse_args(words)
    with ExitStack() as exits:
        folder: Path | None = options.folder
        if folder is None:
            folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-town-")))
        else:
            folder.mkdir(parents=True)
        return trio.run(_visit, folder.absolute(), not options.no_shell)


async def _visit(folder: Path, shell: bool) -> int:
    print("Three nodes are being started ...", flush=True)
    async with town(folder) as people:
        alice = people["alice"]
        env = environment(alice.command, alice.home)
        lines = suggestions(people, folder)
        print(
            f"\nalice, bob and carol each have a node, and are friends. {shown(lines)}", flush=True
        )
        return await _stay(env) if shell else await _try(lines, env)


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[dict[str, RealPerson]]:
    """The three, signed in, with files and shares; their nodes end with the block."""
    command = holdfast(folder / "bin")
    settings = {"HOLDFAST_PORT": "0", "HOLDFAST_LISTEN": "127.0.0.1"}
    people = {name: RealPerson(name, folder, command, settings) for name in NAMES}
    async with trio.open_nursery() as nursery:
        try:
            async with trio.open_nursery() as starting:
                for person in people.values():
                    starting.start_soon(_settle, person, folder / "disk" / person.name, nursery)
            for one, other in (("bob", "alice"), ("carol", "alice"), ("bob", "carol")):
                await befriend(people[one], people[other])
            for owner, path, friend in SHARES:
                await people[owner].share(path, friend)
            yield people
        finally:
            with trio.CancelScope(shield=True):
                for person in people.values():
                    await person.daemon.signal(signal.SIGTERM)


async def befriend(one: RealPerson, other: RealPerson) -> None:
    """Follow each other, all the way."""
    await one.follow(await other.card())

    async def asked() -> bool:
        return one.name in await other.requests()

    async def accepted() -> bool:
        return other.name in await one.following()

    await soon(other, asked, f"{other.name} hears of {one.name}'s request")
    await other.accept(one.name, back=True)
    await soon(one, accepted, f"{one.name} hears that {other.name} accepted")


async def _settle(person: RealPerson, disk: Path, nursery: trio.Nursery) -> None:
    written = await trio.to_thread.run_sync(_write, person, disk)
    await person.start(nursery)
    await person.sign_up()
    for source in written:
        await person.put(source)


def _write(person: RealPerson, disk: Path) -> list[Path]:
    """Their files on a local disk; what is to be put."""
    person.logs.mkdir(parents=True, exist_ok=True)
    for name, text in FILES[person.name].items():
        (disk / name).parent.mkdir(parents=True, exist_ok=True)
        (disk / name).write_text(text, "utf-8")
    return sorted(disk.iterdir())


def suggestions(people: dict[str, RealPerson], folder: Path) -> list[str]:
    """What to try, ready to be typed."""
    homes = {name: str(person.home) for name, person in people.items()}
    return [line.format(**homes, folder=folder / "copies") for line in TRY]


def shown(lines: Sequence[str]) -> str:
    """What a visitor is told."""
    listed = "\n".join(f"  {line}" for line in lines)
    return f"You are alice. Try:\n\n{listed}\n\n'exit' ends the shell and stops the nodes."


async def _stay(env: dict[str, str]) -> int:
    """A shell of the visitor's liking."""
    with _ctrl_c_is_the_shells():
        done = await trio.run_process(
            [env.get("SHELL", "/bin/sh")], stdin=None, check=False, env=env
        )
    return done.returncode


async def _try(lines: Sequence[str], env: dict[str, str]) -> int:
    """Run what was suggested; the exit code of the first that fails."""
    for line in lines:
        print(f"\n$ {line}", flush=True)
        done = await run(["sh", "-c", line], env)
        print(done.out + done.err, end="", flush=True)
        if done.code:
            return done.code
    return 0


@contextmanager
def _ctrl_c_is_the_shells() -> Iterator[None]:
    # A handler, since what is ignored here would be ignored in the shell as well.
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.world.town")
    parser.add_argument("--no-shell", action="store_true", help="run what is suggested, and end")
    parser.add_argument("--folder", type=Path, help="a new folder to keep everything in")
    return parser


if __name__ == "__main__":
    sys.exit(main())
