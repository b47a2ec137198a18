"""What a device may do: each for real, with the verbs of ``client/drive``, and to the model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile
from typing import Final, Protocol

from client.drive.change import mkdir, mv, rm
from client.drive.drive import Drive
from client.drive.events import Event, FileDone
from client.drive.resolve import resolve
from client.drive.trash import restore
from client.drive.upload import upload
from formats.errors import Conflict
from formats.limits import INLINE
from tests.together.model import Model
from tests.together.order import Run, operations

FOLDERS: Final = ("d0", "d1", "d2")
FILES: Final = ("f0", "f1", "f2", "f3")
SIZES: Final = (0, 9, 9, 9, 500, 9_000, INLINE, INLINE + 1)


class Deed(Protocol):
    """One thing that a person does."""

    async def do(self, drive: Drive, disk: Path) -> object:
        """Do it; what comes of it. ``disk``: a folder for local files."""
        ...

    def on(self, model: Model, found: object) -> object:
        """The same to the model; ``found`` is what came of it for real, if that is known."""
        ...

    def effective(self, runs: Sequence[Run]) -> Run | None:
        """Which of its operations did it."""
        ...

    def landed(self, runs: Sequence[Run]) -> object:
        """What its operations say of its outcome, if nobody was told that."""
        ...


class _Once:
    """What is done by its first operation; any further ones only tidy up."""

    def effective(self, runs: Sequence[Run]) -> Run | None:
        """The first."""
        return next(iter(operations(runs)), None)

    def landed(self, runs: Sequence[Run]) -> object:
        """Nothing that the model does not know."""
        return None


@dataclass(frozen=True)
class Mkdir(_Once):
    """``mkdir -p``."""

    path: str

    async def do(self, drive: Drive, disk: Path) -> object:
        return _in_home(await mkdir(drive, self.path, parents=True))

    def on(self, model: Model, found: object) -> object:
        return model.mkdir(self.path)


@dataclass(frozen=True)
class Mv(_Once):
    """``mv``."""

    source: str
    target: str

    async def do(self, drive: Drive, disk: Path) -> object:
        (moved,) = await mv(drive, [self.source], self.target)
        return _in_home(moved.target)

    def on(self, model: Model, found: object) -> object:
        return model.mv(self.source, self.target)


@dataclass(frozen=True)
class Rm(_Once):
    """``rm -r``."""

    path: str

    async def do(self, drive: Drive, disk: Path) -> object:
        removed = await rm(drive, [self.path], recursive=True)
        return _in_home(removed.paths[0])

    def on(self, model: Model, found: object) -> object:
        return model.rm(self.path)


@dataclass(frozen=True)
class Restore(_Once):
    """``trash restore``."""

    path: str

    async def do(self, drive: Drive, disk: Path) -> object:
        (back,) = await restore(drive, [self.path])
        return _in_home(back.target)

    def on(self, model: Model, found: object) -> object:
        return model.restore(self.path)


@dataclass(frozen=True)
class Put:
    """``put`` of one file; beside the one of its name if others changed that meanwhile."""

    path: str
    content: bytes

    async def do(self, drive: Drive, disk: Path) -> object:
        landed: list[str] = []

        async def hear(event: Event) -> None:
            if isinstance(event, FileDone):
                landed.append(_in_home(event.path))

        with NamedTemporaryFile(dir=disk) as local:
            local.write(self.content)
            local.flush()
            try:
                await upload(drive, [local.name], self.path, hear)
            except Conflict:
                if not landed:
                    raise
        return landed[0]

    def on(self, model: Model, found: object) -> object:
        return model.put(found if isinstance(found, str) else self.path, self.content)

    def effective(self, runs: Sequence[Run]) -> Run | None:
        """The last: those before it were planned upon what had changed."""
        return next(reversed(operations(runs)), None)

    def landed(self, runs: Sequence[Run]) -> object:
        """Where it was noted, if that was beside its place."""
        run = self.effective(runs)
        if run is None or run.beside is None:
            return None
        return "/".join((*self.path.split("/")[:-1], run.beside))


@dataclass(frozen=True)
class Read:
    """``cat``."""

    path: str

    async def do(self, drive: Drive, disk: Path) -> object:
        reader = await (await resolve(drive, drive.path(self.path))).reader()
        return await reader.read(0, reader.size)

    def on(self, model: Model, found: object) -> object:
        return model.read(self.path)

    def effective(self, runs: Sequence[Run]) -> Run | None:
        """The state that was looked at."""
        return next((run for run in runs if run.reading), None)

    def landed(self, runs: Sequence[Run]) -> object:
        """Nothing was."""
        return None


def any_deed(random: Random, number: int) -> Deed:
    """Some deed. ``number``: one of a kind, so that no two contents are alike."""
    (make,) = random.choices([kind for kind, _ in _KINDS], [often for _, often in _KINDS])
    return make(random, number)


def _folder(random: Random) -> str:
    return "/".join(random.choices(FOLDERS, k=random.choice((1, 1, 2))))


def _file(random: Random) -> str:
    parents = random.choices(FOLDERS, k=random.choice((0, 1, 1, 2)))
    return "/".join((*parents, random.choice(FILES)))


def _content(random: Random, number: int) -> bytes:
    return number.to_bytes(8, "big") + bytes(random.choice(SIZES))


def _in_home(path: str) -> str:
    return path.split("/", 2)[2]


_KINDS: Final[Sequence[tuple[Callable[[Random, int], Deed], int]]] = (
    (lambda random, number: Put(_file(random), _content(random, number)), 30),
    (lambda random, number: Mkdir(_folder(random)), 20),
    (lambda random, number: Mv(_file(random), _file(random)), 20),
    (lambda random, number: Mv(_folder(random), _folder(random)), 8),
    (lambda random, number: Rm(_file(random)), 6),
    (lambda random, number: Rm(_folder(random)), 2),
    (lambda random, number: Restore(_file(random)), 3),
    (lambda random, number: Restore(_folder(random)), 2),
    (lambda random, number: Read(_file(random)), 9),
)
"""Each kind of deed, and of a hundred how many are of it."""
