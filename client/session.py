"""A session: what a signed-in person holds. It holds; verbs are functions that take it.

Keys live here in memory while somebody is signed in, and nowhere else. ``close``
lets go of the connections; the keys go with the object.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Final

import trio

from client.capability import Capability
from client.couriers import Couriers
from client.dealt import DealtWith
from client.device import UNNAMED
from client.home import Greeted, HomeLine
from client.identity.admitting import entrance
from client.identity.bundle import Bundle
from client.identity.device_keys import DeviceKeys
from client.identity.password import STANDARD, Hardness
from client.identity.remembered import Remembered
from client.kept.space import Cabinet
from client.marks import Marks, MemoryMarks, SealedMarks
from client.own_line import Known, OwnLine, renewed_elsewhere
from client.provers import HybridProver, Prover
from client.space.author import Author
from client.space.cache import BlockCache, Blocks, Layered
from client.space.committer import OwnSpace
from client.space.entrance import Entrance
from client.space.past import SpacePast
from client.space.state import Tip
from client.space.view import SpaceView
from formats.errors import Denied, StorageFailed
from formats.identity import IdentityChain
from formats.sign_in import SignInRecord
from formats.statement import Role
from formats.whereabouts import Home, HomeRole, Whereabouts
from protocols.services import Network

HOME: Final = "home"
"""The folder in the root that a person sees as ``/<name>``."""
SYSTEM: Final = "system"
"""The folder in the root that holds contacts, shares and journals."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a session is given: the network, a clock (ms), randomness for pauses, a place on disk.

    ``folder`` None keeps marks in memory only: for worlds in one process. ``device``:
    what this machine is called; sealed wherever it leaves it. ``keep``: how many bytes of what
    was read are kept on disk, None for none at all; ``here``: the node whose store is on this
    disk already, so that nothing of it is kept again. ``remembered``: of where somebody signs in.
    """

    network: Network
    now: Callable[[], int]
    random: Random
    folder: Path | None = None
    hardness: Hardness = STANDARD
    device: str = UNNAMED
    keep: int | None = None
    here: bytes | None = None
    remembered: Remembered = field(default_factory=Remembered)

    def on_this_machine(self, bundle: Bundle) -> Bundle:
        """The bundle with the member keys of this machine; others than it had if it was revoked.

        Raises StorageFailed.
        """
        if bundle.device is not None:
            return bundle
        keys = DeviceKeys(bundle.account, self.remembered.machine(bundle.id))
        if keys.member(bundle.space).verify_key.digest() in bundle.revoked:
            keys = DeviceKeys(bundle.account, self.remembered.machine(bundle.id, new=True))
        return replace(bundle, device=keys)

    def marks(self, bundle: Bundle) -> Marks:
        """The marks of this account on this machine."""
        if self.folder is None:
            return MemoryMarks()
        return SealedMarks(self.folder / f"marks-{bundle.id.hex()[:16]}.sqlite", bundle.account)

    def cabinet(self, bundle: Bundle) -> Cabinet | None:
        """What this account keeps on this machine of what it reads."""
        if self.folder is None or self.keep is None:
            return None
        folder = self.folder / f"kept-{bundle.id.hex()[:16]}"
        return Cabinet.open(folder, self.keep, bundle.account, self.now)

    def transfers(self, bundle: Bundle) -> Path | None:
        """Where this account's unfinished transfers are noted on this machine."""
        return None if self.folder is None else self.folder / f"transfers-{bundle.id.hex()[:16]}"

    def forget(self, bundle: Bundle) -> None:
        """Let go of what is kept here of what this account read, and of its transfers.

        What is known of its spaces' newest states stays: should it come back, nothing older is
        believed. Raises StorageFailed.
        """
        if self.folder is None:
            return
        for folder in (self.folder / f"kept-{bundle.id.hex()[:16]}", self.transfers(bundle)):
            try:
                if folder is not None and folder.exists():
                    rmtree(folder)
            except OSError as error:
                raise StorageFailed(f"{folder}: {error.strerror}") from None


class Owner:
    """The owners a view of one's own spaces knows: oneself."""

    def __init__(self, chain: IdentityChain) -> None:
        self.own: Final = chain

    async def chain(self, owner: bytes) -> IdentityChain:
        """One's own chain; ``Denied`` for anybody else's id."""
        if owner != self.own.id:
            raise Denied("that space belongs to somebody else")
        return self.own

    async def newer(self, owner: bytes) -> IdentityChain:
        """Another machine of one's own renewed the keys: this one has to sign in again."""
        await self.chain(owner)
        raise renewed_elsewhere()


@dataclass(slots=True)
class Session:
    """A signed-in person. ``whereabouts`` are the newest published ones."""

    around: Surroundings
    name: str
    chain: IdentityChain
    whereabouts: Whereabouts
    bundle: Bundle
    line: HomeLine
    marks: Marks
    cache: BlockCache = field(default_factory=BlockCache)
    cabinet: Cabinet | None = None
    foreign: dict[tuple[bytes, bytes, tuple[Home, ...]], SpaceView] = field(default_factory=dict)
    apart: dict[tuple[bytes, bytes, bytes], OwnSpace] = field(default_factory=dict)
    """Spaces besides the root space that this person writes to: by owner, space, member."""
    couriers: Couriers = field(default_factory=Couriers)
    """Nodes that pass drops on, as far as they are known."""
    greeted: Greeted = field(default_factory=Greeted)
    """What others' homes said of themselves lately."""
    delivered: set[bytes] = field(default_factory=set)
    """Messages that arrived, and whose record in the outbox is not taken away yet."""
    dealt_with: DealtWith = field(default_factory=DealtWith)
    """Messages at the home that it can delete."""
    petnames: dict[str, bytes] = field(default_factory=dict)
    """Whom a petname led to when it was looked for: where to look first, no more."""
    rotation_due: bool = True
    """Whether a rotation may have to be finished: a hint, what is noted in the space counts."""
    record: SignInRecord | None = None
    """The newest sign-in record of this account that was seen here."""
    unvouched: bool = False
    """Whether a recovery kit was given up when these keys came into force: see ``vouching``."""
    told_set_back: Callable[[str, Tip], None] | None = None
    """Told when somebody (by name) set a space of theirs back, away from what was seen here."""
    _space: OwnSpace | None = None

    @classmethod
    def at(
        cls,
        around: Surroundings,
        home: Home,
        name: str,
        chain: IdentityChain,
        whereabouts: Whereabouts,
        bundle: Bundle,
        marks: Marks | None = None,
    ) -> "Session":
        """A session on a line of its own to ``home``, with what this machine has of the account.

        ``marks``: others than those that are kept here. Raises StorageFailed.
        """
        here = around.on_this_machine(bundle)
        line, cabinet = own_line(around, home, here), around.cabinet(here)
        kept = around.marks(here) if marks is None else marks
        return cls(around, name, chain, whereabouts, here, line, kept, cabinet=cabinet)

    @property
    def id(self) -> bytes:
        """The person's id."""
        return self.chain.id

    @property
    def root(self) -> Capability:
        """The top folder of the root space: ``home`` and ``system`` are in it."""
        return Capability(self.id, self.bundle.space, self.bundle.root)

    @property
    def space(self) -> OwnSpace:
        """The root space: one for the whole session, so that commits meet in it."""
        if self._space is None:
            space = self.bundle.space
            cache = self.blocks(self.whereabouts.homes, self.id, space, self.name)
            view = SpaceView(self.line, Owner(self.chain), self.marks, cache, self.id, space)
            view.whose = self.name
            self.watch(view, self.name)
            view.elsewhere = self._at_replicas
            around = self.around
            member = self.bundle.own_member(space)
            entrance = self.entrance(space)
            self._space = OwnSpace(view, member, around.now, around.random, self.author, entrance)
        return self._space

    def entrance(self, space: bytes) -> Entrance:
        """How this machine's key becomes a member of a space of this person's."""
        return entrance(self.bundle, self.chain, space)

    def _at_replicas(self) -> list[SpaceView]:
        """The root space at its replicas, as the whereabouts name them now."""
        return self.at_replicas(self.space.view, self.whereabouts.homes, *self.member_provers)

    @property
    def member_provers(self) -> tuple[Prover, ...]:
        """What shows that this is a member of the root space, or may become one."""
        return own_provers(self.bundle, self.bundle.space)

    def at_replicas(
        self, view: SpaceView, homes: Iterable[Home], *provers: Prover
    ) -> list[SpaceView]:
        """A space as its replicas show it: they are believed no more than a home is."""
        replicas = [home for home in homes if home.role is HomeRole.REPLICA]
        return [self._at_replica(view, home, provers) for home in replicas]

    def _at_replica(self, view: SpaceView, home: Home, provers: Sequence[Prover]) -> SpaceView:
        key = (view.owner, view.space, (home,))
        found = self.foreign.get(key)
        if found is None:
            line = HomeLine(self.around.network, [home], *provers)
            found = self.foreign[key] = view.through(line)
            self.watch(found, view.whose)
        return found

    @property
    def author(self) -> Author:
        """Says in each state which device made it."""
        bundle = self.bundle
        return Author(bundle.root, bundle.space, lambda: self.around.device, bundle.roots)

    @property
    def past(self) -> SpacePast:
        """The states that the root space was in."""
        return SpacePast(self.space.view, self.bundle.root, self.author, self.bundle.roots)

    def watch(self, view: SpaceView, whose: str) -> None:
        """Hear of it when the owner of a space sets it back."""

        def tell(tip: Tip) -> None:
            if self.told_set_back is not None:
                self.told_set_back(whose, tip)

        view.on_set_back = tell

    def blocks(self, homes: Iterable[Home], owner: bytes, space: bytes, whose: str) -> Blocks:
        """Blocks of a space: in memory, and on disk unless its home is on this disk anyway."""
        if self.cabinet is None or any(home.peer == self.around.here for home in homes):
            return self.cache
        return Layered(self.cache, self.cabinet.space(owner, space, whose))

    async def aclose(self) -> None:
        """Let go of the home, the marks and what is kept."""
        self.cache.opened.clear()
        await self.line.aclose()
        for view in self.foreign.values():
            await view.line.aclose()
        for space in self.apart.values():
            await space.view.line.aclose()
        if isinstance(self.marks, SealedMarks):
            self.marks.close()
        if self.cabinet is not None:
            await trio.to_thread.run_sync(self.cabinet.close)


def own_line(around: Surroundings, home: Home, bundle: Bundle) -> HomeLine:
    """A line to one's own home that proves the daily key and this machine's member keys."""
    return OwnLine(
        around.network,
        [home],
        Known(bundle.id, bundle.head_seq, bundle.head, bundle.whereabouts_seq),
        HybridProver(Role.OWNER, bundle.id, bundle.daily),
        *own_provers(bundle, bundle.space),
    )


def own_provers(bundle: Bundle, space: bytes) -> tuple[Prover, ...]:
    """What shows a home that this machine is a member of a space, or may become one."""
    subject, keys = bundle.id + space, (bundle.own_member(space), bundle.entry_key(space))
    return tuple(HybridProver(Role.MEMBER, subject, key) for key in keys)
