"""A machine of a contact's that was lost: all that it had of somebody, asked for at their home.

It needs nothing of its own home for that, which refuses it, and checks nothing before it asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from client.drive.entry import Entry, Kind
from client.drive.node import new_folder
from client.home import HomeLine
from client.keys import NodeKeys, Ref
from client.provers import HybridProver, Prover, ReaderProver
from client.session import Owner
from client.sharing.apart import guest_space
from client.sharing.permit import Permit
from client.sharing.theirs import reader_key, view_of
from client.social import contacts
from client.space.away import newest
from client.space.cache import BlockCache
from client.space.committer import OwnSpace
from client.space.reading import Changing, Reading
from client.space.view import SpaceView
from crypto.secret import Secret
from crypto.signing import LockKey, SigningKey
from formats.cid import Cid
from formats.errors import HoldfastError
from formats.statement import Role
from tests.client.identity.lost import blocks_from, labels_from, opened
from tests.world.person import Person


@dataclass
class Had:
    """What it had of one space: labels and locks, states, CIDs, and seeds of member keys."""

    refs: dict[bytes, Ref] = field(default_factory=dict)
    roots: set[Cid] = field(default_factory=set)
    cids: set[Cid] = field(default_factory=set)
    seeds: dict[bytes, Secret] = field(default_factory=dict)


class LostContact:
    """``look`` while it is its owner's, ``gets`` and ``writes`` afterwards; ``of`` the other."""

    def __init__(self, machine: Person, of: Person) -> None:
        self.machine = machine
        self.of = of
        self.had: dict[bytes, Had] = {}

    async def look(self) -> None:
        """See everything there is to see now."""
        session = self.machine.session
        known = await contacts.contact(session, self.of.name)
        assert known.theirs is not None
        view = view_of(session, known, known.theirs.space)
        reading = await newest(view, [known.theirs.keys.ref()])
        self._had(reading.tip.root, known.theirs.space)
        for mount in await self._walk(reading, known.theirs.space, known.theirs.keys):
            assert mount.space is not None
            permit = Permit.read(mount)
            if permit is None:
                there = view_of(session, known, mount.space)
                read = await newest(there, [mount.keys.ref()])
                self._had(read.tip.root, mount.space)
                await self._walk(read, mount.space, mount.keys)
                continue
            space = await guest_space(session, known, mount.space, permit.member)
            now = await space.reading()
            assert space.view.tip is not None
            had = self._had(space.view.tip.root, mount.space)
            had.seeds[permit.member.reveal()] = permit.member
            await self._walk(now, mount.space, NodeKeys(permit.top))
            places = await space.places(space.view.tip, list(had.refs))
            had.cids |= {cid for cid in places.values() if cid}

    def _had(self, root: Cid, space: bytes) -> Had:
        had = self.had.setdefault(space, Had())
        had.roots.add(root)
        return had

    async def _walk(self, reading: Reading, space: bytes, top: NodeKeys) -> list[Entry]:
        """Everything below; the mounts that are there."""
        refs, ahead, mounts = self.had[space].refs, [top], list[Entry]()
        while ahead:
            keys = ahead.pop()
            labels, entries = await opened(reading, keys)
            mounts += [each for each in entries if each.kind is Kind.MOUNT]
            ahead += [each.keys for each in entries if each.kind in (Kind.FILE, Kind.FOLDER)]
            refs.update((label, keys.ref(label)) for label in labels)
        return mounts

    async def gets(self, more: Iterable[Cid] = ()) -> set[bytes]:
        """The labels and CIDs of what the home hands over, in whatever way it is asked.

        ``more``: CIDs that somebody told it.
        """
        got: set[bytes] = set()
        for space, had in self.had.items():
            for view in self._views(space, had):
                got |= await labels_from(view, list(had.refs.values()), had.roots)
                got |= await blocks_from(view, [*had.cids, *had.roots, *more])
                await view.line.aclose()
        return got

    async def writes(self) -> set[bytes]:
        """The spaces in which it can still put something."""

        async def put(changing: Changing) -> None:
            made = new_folder(0)
            changing.put(made.keys.label, made.leaf)

        done: set[bytes] = set()
        around = self.machine.around
        for space, had in self.had.items():
            for seed in had.seeds.values():
                member = SigningKey.from_seed(seed)
                view = self._view(space, (HybridProver(Role.MEMBER, self._id + space, member),))
                try:
                    await OwnSpace(view, member, around.now, around.random).commit(put)
                    done.add(space)
                except HoldfastError:
                    pass
                await view.line.aclose()
        return done

    def _views(self, space: bytes, had: Had) -> list[SpaceView]:
        """Each way in which it may ask for what is in a space, on connections of its own."""
        readers = [reader_key(self.machine.session, each) for each in (self._id, bytes(32))]
        members = [SigningKey.from_seed(each) for each in had.seeds.values()]
        subject = self._id + space
        return [
            *(self._view(space, (ReaderProver(each),), each) for each in readers),
            *(self._view(space, (HybridProver(Role.MEMBER, subject, each),)) for each in members),
        ]

    def _view(
        self, space: bytes, provers: tuple[Prover, ...], reader: LockKey | None = None
    ) -> SpaceView:
        """With the newest records of whose it is, that it may understand what it is told."""
        session, network = self.machine.session, self.machine.around.network
        line = HomeLine(network, [self.of.place.home], *provers)
        owner = Owner(self.of.session.chain)
        return SpaceView(line, owner, session.marks, BlockCache(), self._id, space, reader)

    @property
    def _id(self) -> bytes:
        return self.of.session.id
