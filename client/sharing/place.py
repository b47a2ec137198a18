"""Where something of mine is: its path, its folder, and the space that it is in."""

from collections.abc import Sequence
from dataclasses import dataclass

from client.drive.drive import ONLY
from client.drive.edit import TreeEdit, need
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit
from client.session import HOME, Session
from client.sharing import guests
from client.sharing.guests import Apart
from client.social.store import System
from client.space.overlay import Overlay
from client.space.reading import Reading
from formats.errors import Denied, Unfit
from formats.names import normalise_name


@dataclass(frozen=True, slots=True)
class Crossed:
    """Where a path leads into a space of mine: ``parts`` to its mount, and what is known of it."""

    parts: tuple[str, ...]
    mount: Entry
    apart: Apart

    def within(self, parts: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
        """What of a path leads to the home of the space, in numbers of parts; the names below it.

        A file alone is in a folder that nobody sees, as if that were the one it stands in.
        """
        base = len(self.parts)
        if self.apart.is_file:
            return base - 1, (ONLY, *parts[base:])
        return base, parts[base:]


async def crossing(session: Session, reading: Reading, parts: Sequence[str]) -> Crossed | None:
    """Where the way to a path below the home goes into another space of mine, if it does.

    A folder that is mounted is in its own space, too.
    """
    system = System(session, Overlay(reading))
    folder = await system.edit.hidden_folder((HOME,))
    for depth, part in enumerate(parts):
        entry = await folder.get(part)
        if entry is None or entry.kind not in (Kind.FOLDER, Kind.MOUNT):
            return None
        if entry.kind is Kind.MOUNT:
            if entry.owner != session.id or entry.space is None:
                return None
            apart = await guests.get(system, entry.space)
            return Crossed(tuple(parts[: depth + 1]), entry, apart)
        folder = await system.edit.open_entry(folder, entry)
    return None


@dataclass(slots=True)
class Place:
    """Something of mine: the folder it stands in, its entry, and the entries of folders above it.

    ``apart``: the space that it is in, if that is not the root space; the first ``base`` of
    its parts lead there.
    """

    parts: tuple[str, ...]
    parent: FolderEdit
    entry: Entry
    above: list[Entry]
    base: int = 0
    apart: Apart | None = None

    @classmethod
    async def find(
        cls, system: System, parts: tuple[str, ...], crossed: "Crossed | None" = None
    ) -> "Place":
        """By its path below the home; raises NotFound, NotAFolder.

        ``crossed``: where its way leads into another space, which then is the system's tree.
        """
        base, names = (0, parts) if crossed is None else crossed.within(parts)
        edit: TreeEdit = system.tree.edit
        parent, above = await edit.hidden_folder(()), list[Entry]()
        entry = await need(parent, HOME)
        for part in names:
            above.append(entry)
            parent = await edit.open_entry(parent, entry)
            entry = await need(parent, part)
        return cls(parts, parent, entry, above, base, None if crossed is None else crossed.apart)

    def shareable(self) -> bytes:
        """Its id, if it can be shared; raises Unfit."""
        if self.entry.kind not in (Kind.FILE, Kind.FOLDER) or self.entry.id is None:
            raise Unfit(f"a {self.entry.kind} cannot be shared", hint="share what it points to")
        return self.entry.id


def own_parts(session: Session, path: str) -> tuple[str, ...]:
    """The names below one's own home that a path means; raises Denied for others' homes."""
    names: Sequence[str] = [normalise_name(part) for part in path.split("/") if part]
    if not path.startswith("/"):
        return tuple(names)
    if not names:
        raise Unfit("'/' is everybody, and cannot be shared")
    if names[0] != session.name:
        raise Denied(f"/{names[0]} is not yours to share", hint="ask its owner")
    return tuple(names[1:])


def full_path(session: Session, parts: Sequence[str]) -> str:
    """The path of something of mine, from its names below the home."""
    return "/".join(("", session.name, *parts))
