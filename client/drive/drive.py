"""A drive: one's own space seen as files, and the way to what others share.

A drive *holds*; verbs are functions that take it (``listing``, ``change``,
``upload``, ``download`` and so on).

    drive = Drive("alice", space, root_keys, now=clock)
    await make_folder(drive, "photos/2026", parents=True)
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from client.device import UNNAMED
from client.drive.edit import TreeEdit
from client.drive.entry import Entry
from client.drive.handle.segments import Segments
from client.drive.meeting import Gathering
from client.drive.paths import DrivePath, parse_path
from client.drive.thumbnails.maker import Maker
from client.drive.transfers.journals import Journals
from client.keys import NodeKeys
from client.space.past import Past, Pin, Was, Weight
from client.space.reading import Changing, Reading, Space
from formats.errors import Denied, HoldfastError, NotFound

HOME: Final = ("home",)
"""Where, below the root of a space, what a person sees as ``/<name>`` is."""
JOBS: Final = ("system", "jobs")
"""Where journals are."""
TRASH: Final = ("system", "trash")
"""Where what was removed waits."""
ONLY: Final = "file"
"""What the file of a drive of one file is called in its folder, where nobody sees it."""
MAX_DEPTHS: Final = 4096


class Shares(Protocol):
    """What other people share with this person."""

    async def people(self) -> list[str]:
        """The contacts' names, sorted."""
        ...

    async def open(self, person: str, share: str | None = None) -> tuple[Reading, NodeKeys]:
        """Their space as this person may read it, newest, and the folder of what they share.

        ``share``: the name of what is looked at next, so that it may come with the first answer.
        Raises NotFound for somebody who is no contact or shares nothing.
        """
        ...

    async def mounted(self, owner: bytes, space: bytes, keys: NodeKeys) -> Reading:
        """Another space that a mount names; raises Denied for one that was not accepted."""
        ...

    async def within(self, outer: "Drive", path: DrivePath, entry: Entry) -> "Drive | None":
        """The drive of the space that a mount at ``path`` names, if this person may write there."""
        ...

    async def spaces(self) -> list[str]:
        """The paths in the own home of what has a space of its own."""
        ...


class Alone:
    """Nobody shares anything."""

    async def people(self) -> list[str]:
        """None."""
        return []

    async def open(self, person: str, share: str | None = None) -> tuple[Reading, NodeKeys]:
        """Nobody is there."""
        raise NotFound(f"/{person} is nobody you know", hint="'holdfast contacts' lists them")

    async def mounted(self, owner: bytes, space: bytes, keys: NodeKeys) -> Reading:
        """Nothing is there."""
        raise Denied("nothing is mounted there")

    async def within(self, outer: "Drive", path: DrivePath, entry: Entry) -> "Drive | None":
        """Nor there."""
        return None

    async def spaces(self) -> list[str]:
        """None."""
        return []


class Grants(Protocol):
    """What moving and removing mean for those who were granted access."""

    async def moved(
        self, edit: TreeEdit, entry: Entry, before: Iterable[bytes], after: Iterable[bytes]
    ) -> Entry:
        """The entry as it has to stand in its new place, within the operation that moves it.

        ``before`` and ``after`` are the ids of the folders above it, old and new.
        """
        ...

    async def now_at(self, edit: TreeEdit, old: Sequence[str], new: Sequence[str]) -> None:
        """What was at these parts of the home, and all below it, is at those from now on."""
        ...

    async def check_goes(self, edit: TreeEdit, entry: Entry, parts: Sequence[str]) -> None:
        """Return if the thing at these parts of the home may go.

        Raises Unfit if others work on it, or on something below it, that would be lost.
        """
        ...

    async def removed(self, edit: TreeEdit, entry: Entry) -> None:
        """Called before the entry's leaves are deleted. Raises as ``check_goes``."""
        ...

    async def trashed(
        self, edit: TreeEdit, entry: Entry, parts: Sequence[str], above: Iterable[bytes]
    ) -> bool:
        """Called before the entry goes to the trash: whoever else had access has none from now on.

        Raises as ``check_goes``.

        ``parts`` is its path in the home, ``above`` are the ids of the folders above
        it. True if anybody had access: then its keys are known to others.
        """
        ...

    async def restored(self, edit: TreeEdit, entry: Entry) -> Entry:
        """The entry of something whose keys are known to others, as it has to stand from now on."""
        ...

    def gone(self, person: str, name: str) -> HoldfastError:
        """What to say of a share of somebody's that is not there."""
        ...


class NoGrants:
    """Nobody was granted anything."""

    async def moved(
        self, edit: TreeEdit, entry: Entry, before: Iterable[bytes], after: Iterable[bytes]
    ) -> Entry:
        """The entry as it is."""
        return entry

    async def now_at(self, edit: TreeEdit, old: Sequence[str], new: Sequence[str]) -> None:
        """Nobody asks."""

    async def check_goes(self, edit: TreeEdit, entry: Entry, parts: Sequence[str]) -> None:
        """It may."""

    async def removed(self, edit: TreeEdit, entry: Entry) -> None:
        """Nothing."""

    async def trashed(
        self, edit: TreeEdit, entry: Entry, parts: Sequence[str], above: Iterable[bytes]
    ) -> bool:
        """Nobody had access."""
        return False

    async def restored(self, edit: TreeEdit, entry: Entry) -> Entry:
        """The entry as it is."""
        return entry

    def gone(self, person: str, name: str) -> HoldfastError:
        """It does not exist."""
        return NotFound(f"/{person}/{name} does not exist")


class Forgetful:
    """Nothing is remembered but the present."""

    async def states(self) -> list[Was]:
        """None."""
        return []

    def reading(self, was: Was) -> Reading:
        """Gone."""
        raise NotFound("nothing is kept of what was")

    async def pins(self) -> list[Pin]:
        """None."""
        return []

    async def pin(self, seq: int, name: str) -> list[Pin]:
        """There is nothing to pin."""
        raise NotFound("nothing is kept of what was")

    async def unpin(self, seq: int) -> list[Pin]:
        """None."""
        return []

    async def let_go(self, before: int) -> int:
        """None."""
        return 0

    async def weigh(self) -> Weight:
        """Nothing."""
        return Weight(0, 0, False)

    async def changed(self, older: Was, newer: Was) -> set[bytes]:
        """Nothing."""
        return set()

    async def device(self, was: Was) -> str | None:
        """Nobody knows."""
        return None


@dataclass(slots=True)
class Drive:
    """One person's drive. ``name`` begins the paths of the own home; ``now`` is in milliseconds."""

    name: str
    space: Space
    root: NodeKeys
    now: Callable[[], int]
    shares: Shares = field(default_factory=Alone)
    grants: Grants = field(default_factory=NoGrants)
    past: Past = field(default_factory=Forgetful)
    """The states that the own space was in."""
    device: str = UNNAMED
    """What this machine is called: for conflict copies and the log; sealed wherever it goes."""
    journals: Journals | None = None
    """This machine's journals of transfers; None: what is cut off begins again."""
    thumbnails: Maker | None = None
    """Makes thumbnails of images that are put; None: none are made."""
    older: tuple[NodeKeys, ...] = ()
    """Top folders that the space had before ``root``: to look at what was."""
    outer: "Drive | None" = None
    """The drive in which this one is mounted; then the name is the path: ``alice/trip``."""
    alone: bool = False
    """Whether it is mounted as one file: what its home holds as ``ONLY`` is seen by the name."""
    depths: dict[bytes, int] = field(default_factory=dict, repr=False)
    """Levels of pages of folders, by folder id, as last seen: only ever a hint."""
    segments: Segments = field(default_factory=Segments, repr=False)
    """What open files read and wrote lately."""
    gathering: Gathering = field(init=False, repr=False)
    """Changes of the own home that share an operation where they meet."""

    def __post_init__(self) -> None:
        self.gathering = Gathering(lambda: self.space, self.edit)

    def edit(self, changing: Changing) -> TreeEdit:
        """Changes in the own home, within one operation."""
        return TreeEdit(changing, self.root, f"/{self.name}", HOME)

    def path(self, text: str) -> DrivePath:
        """A path as it was typed; raises BadName, TooLarge."""
        if self.outer is None:
            return parse_path(text, self.name)
        path, mine = self.outer.path(text), tuple(self.name.split("/"))
        full = () if path.person is None else (path.person, *path.parts)
        if full[: len(mine)] != mine:
            return path
        within = full[len(mine) :]
        parts = (ONLY, *within) if self.alone else within
        return DrivePath(self.name, parts, path.must_be_folder, self.alone)

    def at(self, *parts: str) -> DrivePath:
        """The path of what has these names below the own home."""
        return DrivePath(self.name, parts, alone=self.alone)

    @property
    def outermost(self) -> "Drive":
        """One's own drive, in which this one is mounted; or this one."""
        return self if self.outer is None else self.outer.outermost

    @property
    def whole(self) -> DrivePath:
        """What is mounted: the home, or the one file in it."""
        return self.at(ONLY) if self.alone else self.at()

    def own(self, text: str) -> DrivePath:
        """A path in the own home, to be changed; raises Denied for anybody else's."""
        path = self.path(text)
        if path.person != self.name:
            raise Denied(
                f"{path} is not yours to change",
                hint=f"what others share can be read and copied; your files are in /{self.name}",
            )
        return path

    def now_ns(self) -> int:
        """The time in nanoseconds since 1970, as headers and entries have it."""
        return self.now() * 1_000_000

    def depth_of(self, folder: bytes, hint: int) -> int:
        """How many levels of pages to ask for at once."""
        return max(hint, self.depths.get(folder, 0))

    def saw_depth(self, folder: bytes, depth: int) -> None:
        """Remember how deep a folder was."""
        if depth and (folder in self.depths or len(self.depths) < MAX_DEPTHS):
            self.depths[folder] = depth
