"""Small sealed files in the ``system`` folder: where everything social is kept.

They are ordinary files in one's own space, so each change is part of a commit
and all that belongs together changes together. A file holds one record, whole in
its leaf; one that is too large for that is cut into pieces. Folders are made when
something is first put into them.

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        await system.put((CONTACTS, name), record)
        await system.flush()
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar, cast

from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit
from client.drive.header import FileHeader
from client.drive.node import (
    OF_ONE_NODE,
    FileNode,
    inline_content,
    inline_leaf,
    leaves_apart,
    new_folder,
    open_nodes,
    opened,
)
from client.drive.ring import Ring, new_file_id
from client.keys import NodeKeys, new_node_secret
from client.session import SYSTEM, Session
from client.social.pieces import CUT, Cut, cut, name_of
from client.space.overlay import Overlay
from client.space.reading import Changing, Operation
from crypto.hashing import sha256
from formats.dag_cbor import Value, decode, encode
from formats.errors import Damaged, HoldfastError
from formats.fields import Fields
from formats.leaf import Leaf

T = TypeVar("T")
MILLI: Final = 1_000_000
"""Nanoseconds in a millisecond."""

CONTACTS: Final = "contacts"
REQUESTS: Final = "requests"
LOGS: Final = "logs"
CIRCLES: Final = "circles"
CIRCLE_LOGS: Final = "circle-logs"
TELLING: Final = "telling"
ACCESS: Final = "access"
ROTATIONS: Final = "rotations"
RENEWING: Final = "renewing"
"""How far new secrets for everything are, after a machine was revoked."""
OUTBOX: Final = "outbox"
SPACES: Final = "spaces"
DEVICES: Final = "devices"
MOVES: Final = "moves"
GRANTED: Final = "granted"
"""In a space that others write to: what of it somebody was given by itself."""
GUESTS: Final = "guests"
"""Notes of spaces whose guests do not follow the circles yet that they are guests through."""
SET_ASIDE: Final = "set-aside"
FORKS: Final = "forks"
"""Proofs that a home showed two histories, one for each space."""
FEED: Final = "feed"
"""What was seen of the feed, by contact, and when it was looked at."""
TOKENS: Final = "tokens"
"""A file: of which one-time tokens the home knows, and how many contacts have some."""
FORMER: Final = "former"
"""Homes that one moved away from, by peer id in hex."""
RECOVERY: Final = "recovery"
"""A file: of the recovery kit, what is needed to renew what it opens."""
SHARES: Final = "recovery-shares"
"""A file: who keeps a share of one's own kit for friends."""
KEEPING: Final = "keeping"
"""Shares of others' kits, by whose they are."""
PIECES: Final = "pieces"
"""Of records that are too large for one file: see ``pieces``."""
TOLD: Final = "told"
"""A file: the number of the whereabouts that contacts were told of last."""


class System:
    """The ``system`` folder within one operation, or of one reading.

    ``edit``: the changes that the operation is making elsewhere in the same space;
    then it is not ``flush`` of this that is called, but of that. ``tree``: where the shared
    files and folders are, and what is due there, if that is a space of their own.
    """

    def __init__(
        self,
        session: Session,
        changing: Changing,
        edit: TreeEdit | None = None,
        tree: "System | None" = None,
    ) -> None:
        self.session: Final = session
        self.changing: Final = changing
        self.edit: Final = edit or TreeEdit(changing, session.root.keys)
        self.tree: Final[System] = tree or self
        self.now: Final = session.around.now()

    async def find(self, *parts: str) -> FolderEdit | None:
        """A folder below ``system``, if it was made."""
        folder = await self.edit.hidden_folder((SYSTEM,))
        for part in parts:
            entry = await folder.get(part)
            if entry is None:
                return None
            folder = await self.edit.open_entry(folder, entry)
        return folder

    async def folder(self, *parts: str) -> FolderEdit:
        """A folder below ``system``, made if need be."""
        folder = await self.edit.hidden_folder((SYSTEM,))
        for part in parts:
            entry = await folder.get(part)
            if entry is None:
                folder = await self._make(folder, part)
            else:
                folder = await self.edit.open_entry(folder, entry)
        return folder

    async def get(self, parts: Sequence[str], what: str) -> Fields | None:
        """A record, its version read and known."""
        folder = await self.find(*parts[:-1])
        entry = None if folder is None else await folder.get(parts[-1])
        if entry is None:
            return None
        (node,) = await open_nodes(self.changing, [(entry.keys, what)])
        return await self._whole(_record(node, what), parts)

    async def get_as(self, read: Callable[[Fields], T], *parts: str) -> T | None:
        """A record read into what it says; one that is as it was stays read: see ``all_as``."""
        folder = await self.find(*parts[:-1])
        entry = None if folder is None else await folder.get(parts[-1])
        if entry is None:
            return None
        leaves = await leaves_apart(self.changing, [entry.keys.ref()])
        return await self._as(read, entry.keys, leaves[entry.keys.label], parts)

    async def all(self, *parts: str) -> dict[str, Fields]:
        """Every record of a folder by its file's name; raises what is wrong with any of them."""
        folder = await self.find(*parts)
        if folder is None:
            return {}
        entries = (await folder.listing()).entries
        what = parts[-1]
        nodes = await open_nodes(self.changing, [(entry.keys, what) for entry in entries])
        records: dict[str, Fields] = {}
        for entry, node in zip(entries, nodes, strict=True):
            records[entry.name] = await self._whole(_record(node, what), (*parts, entry.name))
        return records

    async def all_as(self, read: Callable[[Fields], T], *parts: str) -> dict[str, T]:
        """As ``all``, each read into what it says. Those that are as they were stay read.

        ``read`` gives what nobody changes, and always the same of one record.
        """
        folder = await self.find(*parts)
        if folder is None:
            return {}
        entries = (await folder.listing()).entries
        leaves = await leaves_apart(self.changing, [each.keys.ref() for each in entries])
        return {
            each.name: await self._as(read, each.keys, leaves[each.keys.label], (*parts, each.name))
            for each in entries
        }

    async def _as(
        self,
        read: Callable[[Fields], T],
        keys: NodeKeys,
        leaf: Leaf | HoldfastError | None,
        parts: Sequence[str],
    ) -> T:
        key, what = None, parts[-2]
        if isinstance(leaf, Leaf) and leaf.header is not None and leaf.body is not None:
            key = (what.encode(), keys.label, leaf.header, sha256(leaf.body))
            known = self.changing.opened.get(key)
            if known is not None:
                return cast(T, known)
        record = _record(opened(self.changing, keys, leaf, what), what)
        found = read(await self._whole(record, parts))
        if key is not None:
            self.changing.opened.put(key, found)
        return found

    async def _whole(self, record: Fields | Cut, parts: Sequence[str]) -> Fields:
        """What a file says, with its pieces if it was cut."""
        if isinstance(record, Fields):
            return record
        folder = await self.find(PIECES)
        names = [name_of(parts, number) for number in range(record.pieces)]
        found = {} if folder is None else await self._opened(folder, names)
        return record.joined([_content(each, record.what) for each in found.values()])

    async def _opened(self, folder: FolderEdit, names: Sequence[str]) -> dict[str, object]:
        """Those of some files that are there, opened by one read; or what is wrong with each."""
        entries = [each for name in names if (each := await folder.get(name)) is not None]
        nodes = await open_nodes(self.changing, [(each.keys, each.name) for each in entries])
        return {each.name: node for each, node in zip(entries, nodes, strict=True)}

    async def names(self, *parts: str) -> list[str]:
        """The names of a folder's files."""
        folder = await self.find(*parts)
        return [] if folder is None else [each.name for each in (await folder.listing()).entries]

    async def put(self, parts: Sequence[str], value: dict[str, Value]) -> None:
        """Write a record, new or over the one of that name."""
        content, pieces = cut(encode({"v": 1, **value}), parts[0])
        await self._put_pieces(parts, pieces)
        await self._put(await self.folder(*parts[:-1]), parts[-1], content)

    async def remove(self, *parts: str) -> None:
        """Take a record away; one that is not there is passed over."""
        folder = await self.find(*parts[:-1])
        if folder is not None and await self._remove(folder, parts[-1]):
            await self._put_pieces(parts, ())

    async def flush(self) -> None:
        """Seal and note every changed page."""
        await self.edit.flush()

    async def _put_pieces(self, parts: Sequence[str], pieces: Sequence[bytes]) -> None:
        """All of a record's pieces from now on; those that are as they were are not written."""
        folder = await self.find(PIECES)
        if folder is None:
            if not pieces:
                return
            folder = await self.folder(PIECES)
        wanted = {name_of(parts, number): piece for number, piece in enumerate(pieces)}
        before = await self._opened(folder, list(wanted))
        for name, piece in wanted.items():
            if name not in before or not _says(before[name], piece):
                await self._put(folder, name, piece)
        number = len(pieces)
        while await self._remove(folder, name_of(parts, number)):
            number += 1

    async def _put(self, folder: FolderEdit, name: str, content: bytes) -> None:
        entry = await folder.get(name)
        if entry is None:
            entry = self._new_entry(name, len(content))
            await folder.put(entry)
        self._write(entry, content)

    async def _remove(self, folder: FolderEdit, name: str) -> bool:
        """Whether there was one."""
        entry = await folder.get(name)
        if entry is None:
            return False
        self.changing.delete(entry.keys.label)
        await folder.remove(name)
        return True

    async def _make(self, parent: FolderEdit, name: str) -> FolderEdit:
        created = self.now * MILLI
        new = new_folder(created)
        return await self.edit.make(parent, new, new.entry(name, created))

    def _new_entry(self, name: str, size: int) -> Entry:
        now = self.now * MILLI
        return Entry(name, Kind.FILE, now, new_node_secret(), new_file_id(), size=size, created=now)

    def _write(self, entry: Entry, content: bytes) -> None:
        """The whole content under a data key of its own; what was there is not read."""
        if entry.id is None:
            raise Damaged("a record of yours is not a file")
        now = self.now * MILLI
        header = FileHeader(entry.id, Ring.new(entry.id), len(content), now, now)
        keys: NodeKeys = entry.keys
        self.changing.put(keys.label, inline_leaf(keys, header, content))


async def look(session: Session) -> System:
    """The newest state, to read only."""
    return System(session, Overlay(await session.space.reading()))


async def look_at_hand(session: Session) -> System:
    """The newest state that is known here, to read only: no question, unless none is known.

    What this session did itself is in it; what other devices did, as of when it last asked.
    """
    return System(session, Overlay(await session.space.at_hand()))


async def by_what_is_known(
    session: Session,
    act: Callable[[System], Awaitable[T]],
    passing: tuple[type[HoldfastError], ...] = (),
) -> T:
    """Act by the state at hand; where that fails, by the newest, if it is another one.

    So that what is known here already is asked about only where it may be wrong. ``passing``:
    errors that have nothing to do with what is known.
    """
    here = await look_at_hand(session)
    known = session.space.view.tip
    try:
        return await act(here)
    except passing:
        raise
    except HoldfastError:
        newest = await look(session)
        if session.space.view.tip is known:
            raise
        return await act(newest)


async def change(session: Session, operation: Operation[T]) -> T:
    """Commit a change of what is kept here. Not kept back by rotations that are under way."""
    return await session.space.commit(operation)


def _record(node: object, what: str) -> Fields | Cut:
    fields = Fields(decode(_content(node, what)), what)
    return Cut(fields) if fields.version(known=(1, CUT)) == CUT else fields


def _says(node: object, piece: bytes) -> bool:
    """Whether a file holds this; one that cannot be opened does not."""
    try:
        return _content(node, PIECES) == piece
    except OF_ONE_NODE:
        return False


def _content(node: object, what: str) -> bytes:
    """What a file holds; raises what is wrong with it."""
    if isinstance(node, HoldfastError):
        raise node
    if not isinstance(node, FileNode):
        raise Damaged(f"{what}: a record of yours is not a file")
    return inline_content(node)
