"""A reader who keeps everything and asks for it again, for tests of taking back."""

from collections.abc import Iterable

from client.drive.entry import Entry
from client.drive.folder import FolderView
from client.drive.node import FileNode, open_folder, open_node
from client.home import HomeLine
from client.keys import NodeKeys, Ref
from client.provers import HybridProver, ReaderProver
from client.session import Session
from client.sharing.apart import guest_space
from client.sharing.permit import Permit
from client.sharing.theirs import TheirShares, reader_key, view_of
from client.social import contacts
from client.space.reading import Reading
from client.space.view import SpaceView
from crypto.signing import SigningKey
from formats.cid import Cid
from formats.errors import Denied
from formats.statement import Role
from formats.whereabouts import Home


class Hostile:
    """A reader who keeps every key, root and block it ever saw, and asks for all of it again."""

    def __init__(self, session: Session, person: str) -> None:
        self._session, self._person = session, person
        self.refs: dict[bytes, Ref] = {}
        self.roots: set[Cid] = set()

    async def look(self) -> None:
        """See everything there is to see now."""
        reading, _ = await TheirShares(self._session).open(self._person)
        self.roots.add(self._view.tip.root)  # type: ignore[union-attr]
        known = await contacts.contact(self._session, self._person)
        assert known.theirs is not None
        log = await open_folder(reading, known.theirs.keys, "log")  # with the circles in it
        entries = (await FolderView(reading, log, "log").listing()).entries
        while entries:
            entry = entries.pop()
            entries += await self._keep(reading, entry)

    async def _keep(self, reading: Reading, entry: Entry) -> list[Entry]:
        keys = entry.keys
        self.refs[keys.label] = keys.ref()
        node = await open_node(reading, keys, entry.name)
        if isinstance(node, FileNode):
            for chunk in node.header.stored_chunks():
                label = keys.chunk_label(chunk)
                self.refs[label] = keys.ref(label)
            if node.header.thumb:
                self.refs[keys.thumb_label] = keys.ref(keys.thumb_label)
            return []
        view = FolderView(reading, node, entry.name)
        for label in await view.labels([]):
            self.refs[label] = keys.ref(label)
        return (await view.listing()).entries

    @property
    def _view(self) -> SpaceView:
        return next(iter(self._session.foreign.values()))

    async def gets(self, at: Home | None = None) -> list[bytes]:
        """The labels that the home hands over, at every root ever seen and at the current one.

        ``at``: another node is asked, with the same keys.
        """
        view = self._view
        if at is not None:
            reader = ReaderProver(reader_key(self._session, view.owner))
            view = view.through(HomeLine(self._session.around.network, [at], reader))
        return await handed_over(view, self.refs.values(), self.roots)


async def handed_over(view: SpaceView, refs: Iterable[Ref], roots: Iterable[Cid]) -> list[bytes]:
    """The labels that a node hands over, at each of these roots and at the newest one."""
    asked, got = list(refs), list[bytes]()
    for root in (None, *roots):
        try:
            found = await view.fetch(root, asked)  # type: ignore[arg-type]
        except Denied:
            continue
        got += [ref.label for ref, here in zip(asked, found.here, strict=True) if here]
    return got


class HostileGuest:
    """A guest who keeps every key, root and label of a whole space: its files, trash and journals.

    ``gets`` asks for all of it, as the member that the guest was and as a mere reader.
    """

    def __init__(self, session: Session, person: str, share: str) -> None:
        self._session, self._person, self._share = session, person, share
        self.refs: dict[bytes, Ref] = {}
        self.roots: set[Cid] = set()
        self._views: list[SpaceView] = []

    async def look(self) -> None:
        """See everything there is to see now."""
        shares = TheirShares(self._session)
        reading, keys = await shares.open(self._person)
        log = FolderView(reading, await open_folder(reading, keys, "log"), "log")
        entry = await log.get(self._share)
        assert entry is not None
        permit, known = Permit.read(entry), await contacts.contact(self._session, self._person)
        assert permit is not None
        assert entry.space is not None
        self._member = SigningKey.from_seed(permit.member)
        space = await guest_space(self._session, known, entry.space, permit.member)
        await shares.mounted(known.id, entry.space, entry.keys)
        foreign = self._session.foreign.items()
        self._views = [space.view, *(view for key, view in foreign if key[1] == entry.space)]
        now = await space.reading()
        self.roots.add(space.view.tip.root)  # type: ignore[union-attr]
        await self._keep(now, NodeKeys(permit.top))

    async def _keep(self, reading: Reading, top: NodeKeys) -> None:
        ahead = [top]
        while ahead:
            keys = ahead.pop()
            self.refs[keys.label] = keys.ref()
            node = await open_node(reading, keys, "something")
            if isinstance(node, FileNode):
                labels = [keys.chunk_label(chunk) for chunk in node.header.stored_chunks()]
            else:
                view = FolderView(reading, node, "something")
                labels = await view.labels([])
                ahead += [each.keys for each in (await view.listing()).entries if each.secret]
            self.refs |= {label: keys.ref(label) for label in labels}

    async def gets(self, at: Home | None = None) -> list[bytes]:
        """The labels that the home hands over, at every root ever seen and at the current one.

        ``at``: another node is asked, with the same keys.
        """
        got = list[bytes]()
        for view in self._views if at is None else self.views_at(at):
            got += await handed_over(view, self.refs.values(), self.roots)
        return got

    def views_at(self, at: Home) -> list[SpaceView]:
        """The space at another node: as the member that the guest was, and as a mere reader."""
        member, reader = self._views[0], self._views[-1]
        network, owner = self._session.around.network, member.owner
        provers = (
            HybridProver(Role.MEMBER, owner + member.space, self._member),
            ReaderProver(reader_key(self._session, owner)),
        )
        lines = [HomeLine(network, [at], prover) for prover in provers]
        return [view.through(line) for view, line in zip((member, reader), lines, strict=True)]


class HostileMount:
    """A mere reader of something in a space that others write to, who keeps every key and root."""

    def __init__(self, session: Session, person: str, share: str) -> None:
        self._session, self._person, self._share = session, person, share
        self.refs: dict[str, list[Ref]] = {}
        self._view: SpaceView | None = None
        self._roots: set[Cid] = set()

    async def look(self) -> None:
        """See everything there is to see now; ``refs`` by path below the share."""
        shares = TheirShares(self._session)
        reading, keys = await shares.open(self._person)
        log = FolderView(reading, await open_folder(reading, keys, "log"), "log")
        entry = await log.get(self._share)
        assert entry is not None
        assert entry.owner is not None
        assert entry.space is not None
        there = await shares.mounted(entry.owner, entry.space, entry.keys)
        self._view = view_of(
            self._session, await contacts.contact(self._session, self._person), entry.space
        )
        assert self._view.tip is not None
        self._roots.add(self._view.tip.root)
        ahead = [("", entry.keys)]
        while ahead:
            path, keys = ahead.pop()
            node = await open_node(there, keys, path)
            if isinstance(node, FileNode):
                chunks = [keys.chunk_label(chunk) for chunk in node.header.stored_chunks()]
                self.refs[path] = [keys.ref(), *map(keys.ref, chunks)]
                continue
            view = FolderView(there, node, path)
            self.refs[path] = [keys.ref(), *map(keys.ref, await view.labels([]))]
            for each in (await view.listing()).entries:
                ahead.append((f"{path}/{each.name}".strip("/"), each.keys))

    async def gets(self) -> set[str]:
        """The paths of which the home hands anything over, at a root ever seen or the newest."""
        assert self._view is not None
        return {
            path
            for path, refs in self.refs.items()
            if await handed_over(self._view, refs, self._roots)
        }
