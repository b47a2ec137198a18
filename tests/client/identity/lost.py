"""A machine that was lost: it keeps all that it ever had, and asks for all of it again.

Whatever the programs of its owner would check before they ask, this one does not.
"""

from collections.abc import Iterable
from contextlib import suppress

from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView
from client.drive.node import FileNode, open_node
from client.home import HomeLine
from client.keys import NodeKeys, Ref
from client.provers import HybridProver, Prover, ReaderProver
from client.session import Owner, own_provers
from client.sharing import guests
from client.sharing.own_spaces import own_spaces
from client.sharing.theirs import reader_key
from client.social.store import look
from client.space.cache import BlockCache
from client.space.reading import Reading
from client.space.view import SpaceView
from crypto.signing import LockKey, SigningKey
from formats.cid import Cid
from formats.errors import HoldfastError, MissingBlock
from formats.statement import Role
from tests.world.person import Person


class Lost:
    """``look`` while it is its owner's, ``gets`` afterwards.

    ``refs``: each label of each space that some secret leads to; ``cids``: every block of the
    tree, and every leaf and segment; ``roots``: the states that it saw; ``seeds``: the member
    keys of guests, which the owner made.
    """

    def __init__(self, person: Person) -> None:
        self.person = person
        self.refs: dict[bytes, dict[bytes, Ref]] = {}
        self.roots: dict[bytes, set[Cid]] = {}
        self.cids: dict[bytes, set[Cid]] = {}
        self.seeds: dict[bytes, list[SigningKey]] = {}

    async def look(self) -> None:
        """See everything there is to see now, as who is signed in on it."""
        session = self.person.session
        apart = {each.space: each for each in await guests.everything(await look(session))}
        for space in await own_spaces(session):
            id = space.view.space
            reading = await space.view.newest()
            self.roots.setdefault(id, set()).add(reading.tip.root)
            record = apart.get(id)
            tops = (session.bundle.root,) if record is None else record.tops
            kept = self.refs.setdefault(id, {})
            await self._walk(reading, [NodeKeys(tops[0])], kept)
            places = await space.places(reading.tip, list(kept))
            self.cids.setdefault(id, set()).update(cid for cid in places.values() if cid)
            seeds = [] if record is None else [each.seed for each in record.guests]
            self.seeds.setdefault(id, []).extend(map(SigningKey.from_seed, seeds))

    async def _walk(self, reading: Reading, ahead: list[NodeKeys], kept: dict[bytes, Ref]) -> None:
        seen: set[bytes] = set()
        while ahead:
            keys = ahead.pop()
            if keys.label in seen:
                continue  # what is shared is named twice
            seen.add(keys.label)
            labels, entries = await opened(reading, keys)
            ahead += [each.keys for each in _nodes(entries)]
            kept.update((label, keys.ref(label)) for label in labels)

    def views(self, id: bytes, chain: Owner) -> list[SpaceView]:
        """Each way in which it may ask for what is in a space, on connections of its own.

        ``chain``: with the newest records, that it may understand what it is told.
        """
        session, home = self.person.session, self.person.place.home
        subject = session.id + id
        readers = [reader_key(session, each) for each in (session.id, bytes(32))]
        ways: list[tuple[tuple[Prover, ...], LockKey | None]] = [
            (own_provers(session.bundle, id), None),
            *(((ReaderProver(each),), each) for each in readers),
            *(((HybridProver(Role.MEMBER, subject, seed),), None) for seed in self.seeds[id]),
        ]
        network, marks = self.person.around.network, session.marks
        return [
            SpaceView(
                HomeLine(network, [home], *provers), chain, marks, BlockCache(), session.id, id, key
            )
            for provers, key in ways
        ]

    async def gets(self, chain: Owner, more: Iterable[Cid] = ()) -> set[bytes]:
        """The labels, and the CIDs, of what the home hands over in whatever way it is asked.

        ``more``: CIDs that somebody told it.
        """
        got: set[bytes] = set()
        for id, known in self.refs.items():
            views = self.views(id, chain)
            for view in views:
                got |= await labels_from(view, list(known.values()), self.roots[id])
                got |= await blocks_from(view, [*self.cids[id], *more, *self.roots[id]])
                await view.line.aclose()
        return got


async def opened(reading: Reading, keys: NodeKeys) -> tuple[list[bytes], list[Entry]]:
    """Every label of a file's or folder's own, and what is in it."""
    node = await open_node(reading, keys, "something")
    if isinstance(node, FileNode):
        return [keys.label, *map(keys.chunk_label, node.header.stored_chunks())], []
    view = FolderView(reading, node, "something")
    return [keys.label, *await view.labels([])], list((await view.listing()).entries)


def _nodes(entries: Iterable[Entry]) -> list[Entry]:
    return [each for each in entries if each.kind in (Kind.FILE, Kind.FOLDER)]


async def labels_from(view: SpaceView, refs: list[Ref], roots: set[Cid]) -> set[bytes]:
    got: set[bytes] = set()
    for root in (None, *roots):
        for start in range(0, len(refs), 64):
            some = refs[start : start + 64]
            try:
                found = await view.fetch(root, some)  # type: ignore[arg-type]
            except HoldfastError:
                continue
            got |= {ref.label for ref, here in zip(some, found.here, strict=True) if here}
    return got


async def blocks_from(view: SpaceView, cids: list[Cid]) -> set[bytes]:
    for start in range(0, len(cids), 256):
        with suppress(HoldfastError):
            await view.fetch_nodes(cids[start : start + 256])
    return {bytes(cid) for cid in cids if _has(view, cid)}


def _has(view: SpaceView, cid: Cid) -> bool:
    try:
        view.cache.load(cid)
    except MissingBlock:
        return False
    return True
