"""A world whose nodes are watched: what each is asked and answers, what it keeps, what it logs.

Nodes have real data folders, with the store that nodes have. Everything a node is told goes
through the codec of the wire, so what is noted is what its operator could note.
"""

import io
import re
import shutil
import sqlite3
import tempfile
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import trio

from formats.dag_cbor import Value
from formats.errors import HoldfastError
from node import logs
from node.build import Node
from node.caller import Caller
from protocols.services import Doors
from protocols.wire import to_wire
from tests.privacy.changes import changes
from tests.privacy.guessers import Seen
from tests.privacy.heard import Heard
from tests.privacy.symbols import Symbols
from tests.world.faults import Call, Onward, WatchedDoors
from tests.world.place import Place
from tests.world.world import World

Known = Mapping[str, tuple[bytes, ...]]
"""What a party knows of somebody or something beforehand, by a word for it."""

_SQLITE: Final = b"SQLite format 3\0"
_CLOCK: Final = re.compile(r"^\S+Z | ms=[0-9.]+", re.MULTILINE)
"""What a line of a log says of the time, which is no claim of ours."""
_RESERVE: Final = "reserve"
"""A file of zeros, so that there is room to delete something when the disk is full."""


class Tap:
    """Notes every call that passes. A ``tests.world.faults.Fault`` that does no harm."""

    def __init__(self) -> None:
        self.heard: Final[list[Heard]] = []

    async def meet(self, call: Call, onward: Onward) -> object:
        """Let it through, and note it."""
        try:
            answer = await onward(call.request)
        except HoldfastError as error:
            self._note(call, {"error": type(error).__name__, "said": error.message}, ())
            raise
        self._note(call, *to_wire(answer))
        return answer

    def _note(self, call: Call, answered: Value, blocks: tuple[bytes, ...]) -> None:
        self.heard.append(Heard(str(call), *to_wire(call.request), answered, blocks))


class WatchedNode(Node):
    """A node whose doors are tapped, for callers in process and from elsewhere."""

    def __init__(self, node: Node, tap: Tap) -> None:
        super().__init__(node.core, node.key)
        self._tap: Final = tap

    def open(self, caller: Caller | None = None) -> Doors:
        """The doors for one connection."""
        return WatchedDoors(super().open(caller), self._tap.meet)


class WatchedPlace(Place):
    """A node on a disk, tapped as long as it is there."""

    def __init__(self, name: str, world: "WatchedWorld") -> None:
        super().__init__(name, world.clock, world.disk / name)
        self.tap: Final = Tap()

    def dressed(self, node: Node) -> Node:
        """Tapped."""
        return WatchedNode(node, self.tap)


class WatchedWorld(World):
    """A world on a disk of its own. ``log``: what all its nodes log."""

    def __init__(self, nursery: trio.Nursery) -> None:
        super().__init__(nursery)
        self.disk: Final = Path(tempfile.mkdtemp(prefix="holdfast-seen-"))
        self.log = io.StringIO()

    async def node(self, name: str) -> Place:
        """One more node, running and watched."""
        place = self.places[name] = WatchedPlace(name, self)
        await self.start(name)
        return place

    async def close(self) -> None:
        """Everybody leaves, every node stops, the disk is gone."""
        await super().close()
        shutil.rmtree(self.disk)

    def tap(self, name: str) -> Tap:
        """What the node of that name hears."""
        place = self.places[name]
        assert isinstance(place, WatchedPlace)
        return place.tap

    def folder(self, name: str) -> Path:
        """The data folder of that node."""
        return self.disk / name


@asynccontextmanager
async def watched(*owners: str, **guests: str) -> AsyncIterator[WatchedWorld]:
    """``World.open``, watched."""
    log = io.StringIO()
    with logs.written("debug", log):
        async with WatchedWorld.open(*owners, **guests) as world:
            assert isinstance(world, WatchedWorld)
            world.log = log
            yield world


def seen_by_node(world: WatchedWorld, name: str, known: Known) -> dict[str, Seen]:
    """What the node of that name saw of all that happened, what its disk alone shows, and the line.

    ``line``: who sees the sealed bytes between the node and all who ask it.
    """
    heard, folder = world.tap(name).heard, world.folder(name)
    lines = _CLOCK.sub("", world.log.getvalue())
    thief = on_disk(folder, Symbols()) | of_known(everything_in(folder), known)
    symbols = Symbols()
    home = on_wire(heard, symbols) | on_disk(folder, symbols) | {"log": lines}
    raw = b"".join(each.sent + each.got for each in heard) + lines.encode() + everything_in(folder)
    return {"home": home | of_known(raw, known), "thief": thief, "line": on_line(heard)}


def on_line(heard: list[Heard]) -> dict[str, str | bytes | float]:
    """What is seen of calls that pass sealed: how large each way, in which order, how many.

    Sealing adds the same to each, so these sizes are as good as those on the line.
    """
    sizes = [f"{len(each.sent)}>{len(each.got)}" for each in heard]
    return {
        "messages": len(heard),
        "sizes": " ".join(sizes),
        "sorted": " ".join(sorted(sizes)),
        "sent": sum(len(each.sent) for each in heard),
        "got": sum(len(each.got) for each in heard),
    }


def on_wire(heard: list[Heard], symbols: Symbols) -> dict[str, str | bytes | float]:
    """What is heard: how often each call came, how large, in which shape, in which order."""
    found: dict[str, str | bytes | float] = {"calls": " ".join(each.call for each in heard)}
    shapes = [
        (each, symbols.of([each.asked, *each.bodies, each.answered, *each.blocks]))
        for each in heard
    ]
    found["changes"] = changes(heard)
    for call in sorted({each.call for each in heard}):
        mine = [(each, shape) for each, shape in shapes if each.call == call]
        found[call] = " ".join(shape for _, shape in mine)
        found[f"{call} times"] = len(mine)
        found[f"{call} sent"] = sum(len(each.sent) for each, _ in mine)
        found[f"{call} got"] = sum(len(each.got) for each, _ in mine)
        found[f"{call} sizes"] = " ".join(f"{len(each.sent)}/{len(each.got)}" for each, _ in mine)
    return found


def on_disk(folder: Path, symbols: Symbols) -> dict[str, str | bytes | float]:
    """What a data folder shows: its files, the rows of its tables, how well it compresses."""
    found: dict[str, str | bytes | float] = {}
    for path in _files(folder):
        data = path.read_bytes()
        found[f"file {path.name}"] = len(data)
        if data.startswith(_SQLITE):
            for table, rows in _tables(path):
                found[f"{table} rows"] = len(rows)
                found[f"{table} sizes"] = " ".join(sorted(_sizes(row) for row in rows))
                found[table] = "\n".join(symbols.of(row) for row in rows)
    found["compressed"] = len(zlib.compress(everything_in(folder), 1)) // 64
    return found


def of_known(raw: bytes, known: Known) -> dict[str, float]:
    """How often what is known beforehand turns up, in several guises."""
    return {
        f"known {word}": sum(raw.count(guise) for text in texts for guise in _guises(text))
        for word, texts in known.items()
    }


def _guises(text: bytes) -> Iterator[bytes]:
    yield text
    yield text.hex().encode()
    for shift in range(3):
        yield b64encode(b"\0" * shift + text)[4 : -4 if len(text) > 8 else None]


def _files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if path.name != _RESERVE]


def everything_in(folder: Path) -> bytes:
    """All files of a folder, one after the other."""
    return b"".join(path.read_bytes() for path in _files(folder))


def _tables(path: Path) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        for (name,) in names.fetchall():
            if name != "migration" and (
                rows := database.execute(f"SELECT * FROM {name}").fetchall()
            ):
                yield name, rows
    finally:
        database.close()


def _sizes(row: tuple[object, ...]) -> str:
    return "/".join(str(len(cell)) for cell in row if isinstance(cell, bytes | str))
