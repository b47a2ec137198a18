"""Files of people in tests, by path: put, read one's own, read what others share."""

from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView
from client.drive.header import FileHeader
from client.drive.node import (
    FileNode,
    header_leaf,
    inline_content,
    inline_leaf,
    new_folder,
    new_ring,
    open_file,
    open_folder,
)
from client.keys import NodeKeys, new_node_secret
from client.session import HOME, Session
from client.sharing.jobs import commit_settled
from client.sharing.theirs import TheirShares, gone
from client.space.reading import Changing, Reading
from crypto.purposes import SealPurpose
from formats.cid import Block
from formats.leaf import Leaf

Content = dict[str, bytes]


async def put(session: Session, files: Content) -> None:
    """Put small files at these paths of the home, with the folders above them."""

    async def operation(changing: Changing) -> None:
        edit = TreeEdit(changing, session.root.keys)
        for path, content in files.items():
            *folders, name = path.split("/")
            folder = await edit.hidden_folder((HOME,))
            for part in folders:
                entry = await folder.get(part)
                if entry is None:
                    made = new_folder(1)
                    folder = await edit.make(folder, made, made.entry(part, 1))
                else:
                    folder = await edit.open_entry(folder, entry)
            old = await folder.get(name)
            id, ring = new_ring()
            keys = NodeKeys(new_node_secret()) if old is None else old.keys
            id = id if old is None or old.id is None else old.id
            header = FileHeader(id, ring, len(content), 1, 1)
            changing.put(keys.label, inline_leaf(keys, header, content))
            await folder.put(Entry(name, Kind.FILE, 1, keys.secret, id, size=len(content)))
        await edit.flush()

    await commit_settled(session, operation)


async def put_large(session: Session, name: str, chunks: int) -> None:
    """A file of some chunks in the home, one segment of a few bytes each."""
    keys, (id, ring) = NodeKeys(new_node_secret()), new_ring()
    header = FileHeader(id, ring, 5 * 2**20 * chunks, 1, 1, inline=False)
    parts = [
        Block.raw(ring.seal(bytes([n]) * 100, SealPurpose.SEGMENT, n, 0)) for n in range(chunks)
    ]
    async with session.space.staging() as staging:
        await staging.stage(parts)

        async def operation(changing: Changing) -> None:
            edit = TreeEdit(changing, session.root.keys)
            changing.use_staging(staging.session)
            changing.put(keys.label, header_leaf(keys, header))
            for n, part in enumerate(parts):
                at = keys.chunk_label(n)
                changing.put(at, Leaf(keys.lock(at).public, segments=(part.cid,)))
            entry = Entry(name, Kind.FILE, 1, keys.secret, id, size=header.size)
            await (await edit.hidden_folder((HOME,))).put(entry)
            await edit.flush()

        await commit_settled(session, operation)


async def segment(reading: Reading, keys: NodeKeys, chunk: int) -> bytes:
    """The one segment of a chunk of such a file."""
    node = await open_file(reading, keys, "file")
    ref = keys.ref(keys.chunk_label(chunk))
    leaf = (await reading.leaves([ref]))[ref.label]
    (data,) = await reading.segments(ref, leaf, [0])
    return node.header.ring.open(data, SealPurpose.SEGMENT, chunk, 0)


async def walk(reading: Reading, keys: NodeKeys, path: str = "") -> Content:
    """Every small file below a folder; large ones by their size."""
    files: Content = {}
    waiting = [(keys, path)]
    while waiting:
        at, above = waiting.pop()
        view = FolderView(reading, await open_folder(reading, at, above), above)
        listing = await view.listing()
        assert listing.problems == []
        for entry in listing.entries:
            below = f"{above}/{entry.name}".strip("/")
            if entry.kind is Kind.FOLDER:
                waiting.append((entry.keys, below))
            else:
                files[below] = _content(await open_file(reading, entry.keys, below))
    return files


def _content(node: FileNode) -> bytes:
    return inline_content(node) if node.header.inline else str(node.header.size).encode()


async def entry_of(reading: Reading, top: NodeKeys, path: str) -> Entry:
    """The entry at a path below a folder."""
    keys, entry = top, None
    for part in path.split("/"):
        view = FolderView(reading, await open_folder(reading, keys, path), path)
        entry = await view.get(part)
        assert entry is not None, path
        keys = entry.keys
    assert entry is not None
    return entry


async def mine(session: Session) -> Content:
    """Everything in one's own home."""
    reading = await session.space.reading()
    home = await entry_of(reading, session.root.keys, HOME)
    return await walk(reading, home.keys)


async def my_entry(session: Session, path: str) -> Entry:
    """The entry of something of one's own."""
    return await entry_of(await session.space.reading(), session.root.keys, f"{HOME}/{path}")


async def theirs(session: Session, person: str) -> Content:
    """Everything that somebody shares."""
    reading, keys = await TheirShares(session).open(person)
    return await walk(reading, keys)


async def one_of_theirs(session: Session, path: str) -> Content:
    """A share of somebody's: ``person/share``, a file or a folder; as a person would read it."""
    person, name = path.split("/")
    reading, keys = await TheirShares(session).open(person)
    view = FolderView(reading, await open_folder(reading, keys, person), person)
    entry = await view.get(name)
    if entry is None:
        raise gone(person, name)
    if entry.kind is Kind.FOLDER:
        return await walk(reading, entry.keys)
    return {name: _content(await open_file(reading, entry.keys, name))}
