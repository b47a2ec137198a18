"""What every back end promises: START HERE for bytes at rest.

A ``Store`` runs small pure functions: ``read`` on a consistent ``View``,
``write`` on a ``Transaction``. What ``write`` returned is durable: synced, and
there after kill -9, power loss and a full disk. Many writes may share one sync.
Rules (authorisation, quota, what a commit may name) are functions over these
two, written once, above every back end.

Blocks enter by being staged in a session and stay while something holds them:
a session that is open, or a space that refers to them. A space's references
are counted links: one for each retained root, plus one for each link from a
block that the space refers to. Giving back all that a root held may be long
work, so a space can note links that it is about to give back: they count, and
their blocks stay, until each was taken back.

A block that nothing holds is garbage. ``rest`` gives it the time from which it
rests, and ``collect`` takes it when it has rested long enough; one that is held
again meanwhile is garbage no more.

Each reference keeps the *kind* of its first link (what the block is to the
space: a tree node, a leaf). A block cannot be linked as two kinds: its links
were followed as the first, and must be released as the same.

Errors: ``DiskFull``, ``StorageFailed``, ``MissingBlock``; ``Expired`` for a session
that is not open; ``Malformed`` for a link of another kind; ``Exists`` for a session
id or account id that is taken; ``Internal`` for a link given back that is not held,
and for a view or transaction used after its function returned.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from formats.cid import Block, Cid
from storage.auditing import Audited, Mended
from storage.rows import (
    AccountRow,
    Copied,
    DepartureRow,
    IdentityRow,
    InboxRow,
    InviteRow,
    PastRow,
    PinRow,
    Reference,
    Release,
    ReplicaRow,
    RetainedRoot,
    SessionRow,
    SpaceKey,
    SpaceRow,
    StoredBlock,
    TokenRow,
)

T = TypeVar("T")

Change = SpaceKey | bytes | None
"""A space that moved; a target that a message arrived for; or, with None, anything may have."""

__all__ = [
    "AccountRow",
    "Change",
    "Copied",
    "DepartureRow",
    "IdentityRow",
    "InboxRow",
    "InviteRow",
    "PastRow",
    "PinRow",
    "Reference",
    "Release",
    "ReplicaRow",
    "RetainedRoot",
    "SessionRow",
    "SpaceKey",
    "SpaceRow",
    "Store",
    "StoredBlock",
    "TokenRow",
    "Transaction",
    "View",
]


class View(Audited, Protocol):
    """A consistent state, for reading. Valid only inside the function it is given to."""

    def block(self, cid: Cid) -> bytes:
        """The bytes of a block; ``MissingBlock`` when it is not here. Not re-hashed."""
        ...

    def block_size(self, cid: Cid) -> int | None:
        """Size in bytes, or None when it is not here."""
        ...

    def references(self, key: SpaceKey, cid: Cid) -> int:
        """How many counted links the space has to this block (0: it does not refer to it)."""
        ...

    def is_staged(self, session: bytes, cid: Cid) -> bool:
        """Whether this session holds the block."""
        ...

    def account(self, name: str) -> AccountRow | None: ...
    def account_of(self, id: bytes) -> AccountRow | None: ...
    def accounts(self) -> Iterator[AccountRow]: ...
    def identity(self, id: bytes) -> IdentityRow | None: ...
    def space(self, key: SpaceKey) -> SpaceRow | None: ...

    def spaces_of(self, owner: bytes) -> Iterator[SpaceRow]:
        """Every space of an owner, in order of space id."""
        ...

    def history(self, key: SpaceKey, seq: int) -> bytes | None:
        """The body of the space's pointer record of this number (kept for ever, 300 bytes)."""
        ...

    def retained(self, key: SpaceKey, below: int | None = None) -> Iterator[RetainedRoot]:
        """Superseded roots still held, newest first; of numbers less than ``below``."""
        ...

    def past(self, key: SpaceKey) -> Iterator[PastRow]:
        """The same in short, oldest first."""
        ...

    def past_row(self, key: SpaceKey, seq: int) -> PastRow | None:
        """One of them by its number."""
        ...

    def past_root(self, key: SpaceKey, root: Cid) -> PastRow | None:
        """One of them by its root; the newest that has it."""
        ...

    def pins(self, key: SpaceKey) -> list[PinRow]:
        """The states of a space that were pinned, newest first."""
        ...

    def releases(self, owner: bytes, limit: int) -> list[Release]:
        """Links that the spaces of an owner are about to give back, the latest first."""
        ...

    def releasing(self) -> list[bytes]:
        """The owners that have any."""
        ...

    def session(self, session: bytes) -> SessionRow | None: ...

    def sessions_before(self, time: int, limit: int) -> list[SessionRow]:
        """Sessions that expired before ``time``."""
        ...

    def open_sessions(self, owner: bytes, member: bytes) -> tuple[int, int]:
        """How many sessions are open for an owner's spaces, and how many of them a member's."""
        ...

    def usage(self, owner: bytes) -> tuple[int, int]:
        """(used, reserved) bytes of an owner: all spaces, all open sessions. Exact, cheap."""
        ...

    def charged(self, key: SpaceKey, member: bytes) -> tuple[int, int]:
        """(used, reserved) bytes of one member of a space: what is charged to it, its sessions."""
        ...

    def messages(self, target: bytes, after: int, limit: int) -> list[InboxRow]:
        """Messages with seq greater than ``after``, oldest first."""
        ...

    def inbox_size(self, target: bytes) -> tuple[int, int]:
        """(messages, bytes) waiting for a target."""
        ...

    def token(self, target: bytes, hash: bytes) -> TokenRow | None: ...
    def invite(self, hash: bytes) -> InviteRow | None: ...
    def invites(self) -> Iterator[InviteRow]: ...

    def replica(self, owner: bytes, peer: bytes) -> ReplicaRow | None: ...

    def replicas(self) -> Iterator[ReplicaRow]:
        """All of them, in order of owner and peer. They are few: one for each grant."""
        ...

    def departure(self, id: bytes) -> DepartureRow | None:
        """What is kept of an account that was deleted here."""
        ...

    def departures(self) -> Iterator[DepartureRow]:
        """All that are kept, in order of id."""
        ...

    def setting(self, name: str) -> bytes | None:
        """A small value of the node's own, such as its server secret."""
        ...


class Transaction(View, Mended, Protocol):
    """A state that can be changed. All of it becomes durable, or nothing does."""

    def stage(self, session: bytes, block: Block) -> bool:
        """Hold a block for an open session; adds its size to ``reserved`` once.

        True when the session did not hold it before. The bytes are stored even
        if some other holder has them already: nobody can tell from the outside.
        ``Expired`` when no such session is open.
        """
        ...

    def open_session(self, row: SessionRow) -> None:
        """Open a staging session. ``row.reserved`` is ignored: it is counted here.

        ``Exists`` when one of that id is open.
        """
        ...

    def extend_session(self, session: bytes, expires: int) -> None:
        """Give a session a new time to expire; ``Expired`` when it is not open."""
        ...

    def close_session(self, session: bytes) -> None:
        """Forget a session and everything only it held. Closing twice is no error."""
        ...

    def add_reference(self, key: SpaceKey, cid: Cid, kind: int = 0) -> int:
        """Count one more link from the space to a stored block; returns the new count.

        At 1 the block's size is added to the space's ``used`` and ``kind`` (0 to 127)
        is kept; a later link of another kind is ``Malformed``. ``MissingBlock`` when
        the block is not here. The space need not have been put yet.
        """
        ...

    def drop_reference(self, key: SpaceKey, cid: Cid) -> int:
        """Count one link less; returns the new count. At 0 the size leaves ``used``.

        ``Internal`` when the space has no link to it.
        """
        ...

    def charge(self, key: SpaceKey, cid: Cid, member: bytes) -> None:
        """Count a block that the space refers to as a member's, until the last link is gone.

        One that somebody is charged for already stays theirs. ``Internal`` when the
        space has no link to it.
        """
        ...

    def inherit(self, key: SpaceKey, before: bytes, member: bytes) -> None:
        """What one member of a space is charged for counts as another's from now on.

        Nothing changes where that is charged for something itself already.
        """
        ...

    def add_releases(self, key: SpaceKey, links: Iterable[tuple[Cid, int]]) -> None:
        """Note links (block, kind) that the space is about to give back; ``MissingBlock``."""
        ...

    def forget_releases(self, releases: Iterable[Release]) -> None:
        """They are not about to be given back any more: they were, or never will be."""
        ...

    def put_account(self, row: AccountRow) -> None:
        """Create or replace the account of that name; ``Exists`` when another has the id."""
        ...

    def delete_account(self, name: str) -> None:
        """Forget an account's row. What else there is of its owner stays, and is theirs to follow:
        spaces (``forget_space``), messages (``empty_inbox``), the identity.
        """
        ...

    def put_identity(self, row: IdentityRow) -> None: ...

    def put_space(self, row: SpaceRow) -> None:
        """Create or replace a space's records. ``row.used`` is ignored: it is counted here."""
        ...

    def add_history(self, key: SpaceKey, seq: int, body: bytes) -> None:
        """Keep the body of the pointer record of this number, in place of an earlier one."""
        ...

    def retain(self, row: RetainedRoot) -> None: ...
    def forget_retained(self, key: SpaceKey, seq: int) -> None: ...
    def put_pin(self, row: PinRow) -> None: ...
    def delete_pin(self, key: SpaceKey, seq: int) -> None: ...

    def drop_message(self, target: bytes, arrived: int, sealed: bytes) -> int:
        """Add a message to an inbox; returns its seq."""
        ...

    def delete_messages(self, target: bytes, seqs: Iterable[int]) -> int: ...

    def empty_inbox(self, target: bytes) -> None:
        """Forget every message and every token of a target; later numbers go on from the last."""
        ...

    def put_token(self, row: TokenRow) -> None: ...
    def delete_token(self, target: bytes, hash: bytes) -> None: ...
    def delete_expired_tokens(self, before: int) -> int: ...
    def put_invite(self, row: InviteRow) -> None: ...
    def delete_invite(self, hash: bytes) -> None: ...
    def put_replica(self, row: ReplicaRow) -> None:
        """Create or replace the row of that owner and peer."""
        ...

    def delete_replica(self, owner: bytes, peer: bytes) -> None: ...

    def forget_space(self, key: SpaceKey) -> None:
        """Forget a space's records, history, superseded states and pins.

        What it refers to still counts: give back every root first (``release_root``).
        """
        ...

    def delete_identity(self, id: bytes) -> None: ...
    def put_departure(self, row: DepartureRow) -> None: ...
    def delete_departure(self, id: bytes) -> None: ...
    def put_setting(self, name: str, value: bytes) -> None: ...
    def delete_setting(self, name: str) -> None: ...

    def unstage(self, session: bytes, cids: Iterable[Cid]) -> None:
        """Let go of a session's blocks, as a commit holds them now; their sizes leave ``reserved``.

        Those that the session does not hold are passed over.
        """
        ...

    def rest(self, now: int, limit: int) -> int:
        """Let up to ``limit`` blocks rest from ``now`` on that nothing holds and that do not yet.

        Returns how many there were. ``now`` is in milliseconds, 0 or more.
        """
        ...

    def collect(self, limit: int, before: int | None = None) -> int:
        """Take up to ``limit`` blocks that nothing holds; returns how many there were.

        Only those that have rested since before ``before``, the longest first; all if it is None.
        """
        ...


class Store(Protocol):
    """A back end. Safe to use from many trio tasks of one process; some, by many processes."""

    async def read(self, work: Callable[[View], T]) -> T:
        """Run ``work`` on a consistent view, off the event loop, and return its value."""
        ...

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in a transaction of its own; durable when this returns.

        If ``work`` raises, nothing of it stays and the error is raised here.
        ``work`` must be pure but for the transaction: it may be run again.
        """
        ...

    async def copy_to(
        self, folder: Path, before: Path | None, step: Callable[[int], None]
    ) -> Copied:
        """Copy everything, of one moment, into ``folder``; synced when this returns.

        ``before``: an older whole copy to share unchanged files with. ``step`` is called
        from another thread with the bytes that were copied. A copy that was stopped is gone
        on with by the same call. ``Unfit`` for a back end that is copied by tools of its own.
        """
        ...

    @property
    def keeps_house(self) -> bool:
        """Whether background jobs are for this process: of all that share a store, one has them."""
        ...

    def watch(self, heard: Callable[[Change], None]) -> None:
        """Call ``heard``, in this trio run, for what other processes change in the store.

        To be called once. What this process changes itself is not told.
        """
        ...

    async def aclose(self) -> None:
        """Finish what was accepted and close. Later calls raise ``StorageFailed``."""
        ...
