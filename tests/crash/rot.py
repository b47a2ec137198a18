"""Every stored block of a home is damaged in turn and read by a real client: ``make rot``.

    python -m tests.crash.rot [--files N] [--seed S]

A home with files of many sizes in folders, on a real store. Each block its owner's spaces
refer to has a bit flipped, is cut to half, is lost, and is swapped with another, behind
the back of the running node. Then somebody signs in anew and gets everything. Each file
must come as it is, or be named by an error, or lie in a folder that is. A block of a tree
or of the root is damaged alone; leaves and segments some at once, of different files.
"""

import argparse
import logging
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Final

import trio

from client.drive.download import download
from client.drive.events import Event, Skipped
from client.drive.upload import upload
from client.identity.login import sign_in
from client.identity.password import Hardness
from client.identity.signup import sign_up
from client.session import Surroundings
from client.sharing.drive import own_drive
from crypto.passwords import MIN_MEMLIMIT, MIN_OPSLIMIT, Floor
from formats.cid import Cid
from formats.errors import HoldfastError, Partial
from formats.links import Role
from formats.whereabouts import Home
from node.build import Node, build
from node.clock import SystemClock
from node.config import Config
from protocols.services import Doors
from storage.embedded.packs import pack_path
from storage.reachability import ROLES
from storage.sql.known import split
from tests.crash.disk import in_memory

TOGETHER: Final = 32
"""Leaves or segments damaged at once."""

WAYS: Final = ("flipped", "cut", "lost", "swapped")
SIZES: Final = (0, 100, 1000, 4000, 20_000, 60_000)
LARGE: Final = (70_000, 300_000, 600_000)
CHEAP: Final = Hardness(MIN_OPSLIMIT, MIN_MEMLIMIT, Floor(MIN_OPSLIMIT, MIN_MEMLIMIT))
PASSWORD: Final = "a password for tests"


class Silent(Exception):
    """Wrong or missing content that nothing was said about. Says how to see it again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A block and where the store has it; ``pack`` 0: in the database."""

    cid: Cid
    role: Role
    number: int
    pack: int
    place: int
    size: int


@dataclass(slots=True)
class Result:
    """What the campaign came to."""

    blocks: int = 0
    damages: int = 0
    refused: int = 0  # files that an error named, or that lie below what one named
    shut: int = 0  # readings that ended at the door: nothing could be opened
    files: int = 0


class _Network:
    """One node, in process."""

    def __init__(self, node: Node) -> None:
        self.node = node

    async def reach(self, home: Home) -> Doors:
        return self.node.open()


def make_files(folder: Path, count: int, rng: Random) -> None:
    """``count`` files of many sizes, in folders of 50 and in folders below them."""
    for number in range(count):
        inside = folder / f"folder {number // 50}" / ("below" if number % 5 == 0 else "")
        inside.mkdir(parents=True, exist_ok=True)
        size = rng.choice(LARGE if number % 10 == 0 else SIZES)
        (inside / f"file {number}").write_bytes(rng.randbytes(size))


class Rot:
    """One home and what is done to it."""

    def __init__(self, base: Path, node: Node, seed: int) -> None:
        self.base, self.node, self.rng = base, node, Random(seed)
        self.source = base / "files"
        self.store = node.folder.path / "store"
        self.result = Result()

    def _around(self) -> Surroundings:
        now = SystemClock().now_ms
        return Surroundings(_Network(self.node), now, Random(1), hardness=CHEAP)

    @property
    def _home(self) -> Home:
        return Home(self.node.peer_id, ("/ip4/127.0.0.1/tcp/4061",))

    async def fill(self, count: int) -> None:
        """Put the files there."""
        make_files(self.source, count, self.rng)
        self.result.files = count
        session = await sign_up(self._around(), self._home, "alice", PASSWORD, None)
        await upload(own_drive(session), [str(self.source)], "")
        await session.aclose()

    async def blocks(self) -> list[Stored]:
        """Every block that the person's spaces refer to now: earlier states are let go of."""
        found = []
        with closing(sqlite3.connect(self.store / "index.db")) as index:
            rows = await self.node.store.read(
                lambda view: [each for row in view.spaces() for each in view.references_of(row.key)]
            )
            for each in rows:
                at = index.execute(
                    "SELECT id, pack, place, size FROM block WHERE head = ? AND tail = ?",
                    split(each.cid),
                ).fetchone()
                found.append(Stored(each.cid, ROLES[each.kind], *at))
        return sorted(found, key=lambda each: each.number)

    async def run(self) -> Result:
        """Damage everything in every way."""
        blocks = await self.blocks()
        self.result.blocks = len(blocks)
        await self._read({}, [])
        for way in WAYS:
            for some in self._batches(blocks):
                others = [self._other(each, blocks, some) for each in some]
                with _Damage(self.store, way, some, others) as damage:
                    await self._read({each.cid: each.role for each in some}, [way])
                    self.result.damages += damage.made
        if self.result.refused == 0:
            raise Silent("no damage was ever noticed: nothing was tested")
        await self._read({}, [])
        return self.result

    def _batches(self, blocks: Sequence[Stored]) -> Iterator[list[Stored]]:
        alone = [each for each in blocks if each.role not in (Role.LEAF, Role.SEGMENT)]
        rest = [each for each in blocks if each.role in (Role.LEAF, Role.SEGMENT)]
        self.rng.shuffle(rest)
        yield from ([each] for each in alone)
        yield from (rest[at : at + TOGETHER] for at in range(0, len(rest), TOGETHER))

    def _other(self, one: Stored, blocks: Sequence[Stored], taken: Sequence[Stored]) -> Stored:
        """A block to swap with: kept where this one is kept, and not damaged itself."""
        like = [each for each in blocks if bool(each.pack) == bool(one.pack) and each != one]
        apart = [each for each in like if each not in taken]
        same = [each for each in apart if each.size == one.size]
        return self.rng.choice(same or apart or like)

    async def _read(self, damaged: dict[Cid, Role], how: list[str]) -> None:
        """Sign in anew and get everything; compare."""
        target, told = self.base / "back", list[str]()
        target.mkdir()

        async def hear(event: Event) -> None:
            if isinstance(event, Skipped):
                told.append(event.path)

        try:
            session = await sign_in(self._around(), self._home, "alice", PASSWORD)
            try:
                await download(own_drive(session), ["files"], str(target), hear)
            except Partial:
                pass
            finally:
                await session.aclose()
        except HoldfastError as error:
            if not damaged:
                raise Silent(f"nothing is damaged, and yet: {error!r}") from error
            self.result.shut += 1
            self.result.refused += self.result.files
            shutil.rmtree(target)
            return
        self._compare(target / "files", told, f"{how} {damaged}")
        shutil.rmtree(target)

    def _compare(self, back: Path, told: list[str], what: str) -> None:
        named = {tuple(path.strip("/").split("/")) for path in told}
        for source in self.source.rglob("file *"):
            inside = source.relative_to(self.source)
            parts = ("alice", "files", *inside.parts)
            if any(parts[:end] in named for end in range(1, len(parts) + 1)):
                self.result.refused += 1
                continue
            came = back / inside
            if not came.exists():
                raise Silent(f"{inside} is missing, and nothing was said: {what}; told {told[:5]}")
            if came.read_bytes() != source.read_bytes():
                raise Silent(f"{inside} is wrong, and nothing was said: {what}")


@dataclass(slots=True)
class _Damage:
    """Damage behind the store's back, undone at the end."""

    store: Path
    way: str
    blocks: Sequence[Stored]
    others: Sequence[Stored]
    made: int = 0
    _before: list[tuple[Stored, bytes]] = field(default_factory=list)
    _paths: list[tuple[Path, Path]] = field(default_factory=list)

    def __enter__(self) -> "_Damage":
        with closing(sqlite3.connect(self.store / "index.db", isolation_level=None)) as index:
            index.execute("BEGIN IMMEDIATE")
            for one, other in zip(self.blocks, self.others, strict=True):
                self._damage(index, one, other)
                self.made += 1
            index.execute("COMMIT")
        return self

    def __exit__(self, *_: object) -> None:
        with closing(sqlite3.connect(self.store / "index.db", isolation_level=None)) as index:
            index.execute("BEGIN IMMEDIATE")
            for each, data in reversed(self._before):
                self._put(index, each, data)
            index.execute("COMMIT")

    def _damage(self, index: sqlite3.Connection, one: Stored, other: Stored) -> None:
        data = self._get(index, one)
        self._before.append((one, data))
        if self.way == "flipped":
            at = len(data) // 2
            self._put(index, one, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        elif self.way == "cut":
            half = data[: len(data) // 2]
            self._put(index, one, half if not one.pack else half.ljust(len(data), b"\0"))
        elif self.way == "lost":
            self._put(index, one, None)
        else:
            theirs = self._get(index, other)
            self._before.append((other, theirs))
            self._put(index, one, theirs)
            self._put(index, other, data)

    def _get(self, index: sqlite3.Connection, each: Stored) -> bytes:
        if not each.pack:
            sql = "SELECT data FROM inline WHERE block = ?"
            return bytes(index.execute(sql, (each.number,)).fetchone()[0])
        with pack_path(self.store / "packs", each.pack).open("rb") as pack:
            pack.seek(each.place)
            return pack.read(each.size)

    def _put(self, index: sqlite3.Connection, each: Stored, data: bytes | None) -> None:
        if not each.pack:
            index.execute("DELETE FROM inline WHERE block = ?", (each.number,))
            if data is not None:
                index.execute("INSERT INTO inline VALUES (?, ?)", (each.number, data))
            return
        place = each.place if data is not None else 2**40
        index.execute("UPDATE block SET place = ? WHERE id = ?", (place, each.number))
        if data is not None:
            with pack_path(self.store / "packs", each.pack).open("r+b") as pack:
                pack.seek(each.place)
                pack.write(data[: each.size].ljust(each.size, b"\0"))


async def campaign(files: int, seed: int) -> Result:
    """All of it, in a folder of its own."""
    base = Path(mkdtemp(prefix="holdfast-rot-", dir=in_memory()))
    try:
        async with build(Config(base / "home")) as node:
            rot = Rot(base, node, seed)
            await rot.fill(files)
            return await rot.run()
    finally:
        shutil.rmtree(base)


def main() -> int:
    """Run it and say how it went."""
    options = argparse.ArgumentParser(prog="make rot")
    options.add_argument("--files", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    logging.getLogger("holdfast").addHandler(logging.NullHandler())  # it says each lost block
    began = time.monotonic()
    result = trio.run(campaign, given.files, given.seed)
    print(
        f"seed {given.seed}: {result.files} files, {result.blocks} blocks, {result.damages} damages"
        f" ({', '.join(WAYS)}); no wrong bytes, no missing file without a word;"
        f" {result.refused} files refused by name, {result.shut} readings refused whole;"
        f" {time.monotonic() - began:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
