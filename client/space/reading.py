"""What the drive stands on: a space to read, to change, to commit to.

``Reading`` is one space at one root, everything verified. ``Changing`` is a
Reading on which mutations are noted, and seen by its own reads. ``Space`` runs
an operation, a function from a Changing to a result, until it is committed:
on a conflict the newer state is read and the operation runs again, so an
operation must do nothing but read and note.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from client.keys import Ref
from client.space.opened import Opened
from formats.cid import Block, Cid
from formats.leaf import Leaf

T = TypeVar("T")


class Reading(Protocol):
    """One space at one verified root."""

    @property
    def owner(self) -> bytes:
        """The owner's identity id."""
        ...

    @property
    def space(self) -> bytes:
        """The space id."""
        ...

    @property
    def opened(self) -> Opened:
        """What was opened of this session's spaces lately."""
        ...

    @property
    def moved_on(self) -> bool:
        """Whether something came from a newer state, for the home has let go of this one.

        Then what is read now may not go with what was read before.
        """
        ...

    async def leaves(self, refs: Sequence[Ref]) -> dict[bytes, Leaf]:
        """The leaves that are there, by label; one request for all that are not cached.

        For a member an absent label is proven absent. For a reader it may also
        be refused; ``Denied`` when nothing at all could be read. Never believes
        the home: nodes, leaves and their places are verified.
        """
        ...

    async def segments(self, ref: Ref, leaf: Leaf, positions: Sequence[int]) -> list[bytes]:
        """The bytes of these segments of a chunk leaf, verified against its CIDs, in order.

        ``Withheld`` when the home does not hand one over.
        """
        ...


class Changing(Reading, Protocol):
    """A Reading that notes mutations; its reads see them. Nothing leaves before the commit."""

    def put(self, label: bytes, leaf: Leaf) -> None:
        """The leaf under this label from now on."""
        ...

    def link(self, label: bytes, leaf: Cid) -> None:
        """The leaf of this CID, which the home has, under this label; its reads do not see it."""
        ...

    def delete(self, label: bytes) -> None:
        """Nothing under this label any more. Deleting what is not there is no error."""
        ...

    def empty(self) -> None:
        """Nothing of what was committed before under any label; what is noted here stays."""
        ...

    def retire(self, labels: Iterable[bytes]) -> None:
        """Homes shall refuse these labels to everybody but members from this commit on."""
        ...

    @property
    def taken_away(self) -> int:
        """Under how many labels nothing is noted to be any more, one by one."""
        ...

    def use_staging(self, session: bytes) -> None:
        """Segments that put leaves name were staged in this session."""
        ...


Operation = Callable[[Changing], Awaitable[T]]


class Staging(Protocol):
    """An open staging session of a space."""

    @property
    def session(self) -> bytes:
        """Its secret name, for ``Changing.use_staging``."""
        ...

    async def stage(self, blocks: Sequence[Block]) -> None:
        """Send blocks; durable at the home when this returns. Several may run at once."""
        ...

    async def missing(self, cids: Sequence[Cid]) -> set[Cid]:
        """Those that neither the session nor the space has: they must be staged (again).

        ``Expired`` when the session is over.
        """
        ...

    async def recall(self, cids: Sequence[Cid]) -> list[bytes]:
        """Blocks that were staged and are not committed yet, in order.

        ``Withheld`` when the home does not hand one over, ``Expired`` when the session is over.
        """
        ...


class Space(Protocol):
    """A space one may write to."""

    async def reading(self) -> Reading:
        """The newest state, verified (one request, or none when it was just seen)."""
        ...

    async def at_hand(self) -> Reading:
        """The newest state that is known here; one request if none is."""
        ...

    async def commit(self, operation: Operation[T]) -> T:
        """Run the operation until it is committed; returns its result.

        Operations that arrive together share one pointer and one sync. If one
        raises, only it fails. ``Conflict`` after too many replays.
        """
        ...

    def staging(self) -> AbstractAsyncContextManager[Staging]:
        """Open a staging session; closed, with what no commit named, on leaving."""
        ...

    async def open_staging(self) -> Staging:
        """Open a session that outlives this process: 7 days from what was staged last.

        For uploads that can be resumed. Whoever opens it closes it, or it expires.
        """
        ...

    def staged(self, session: bytes) -> Staging:
        """A session that was opened before, here or on another device of this member.

        Whether it is still open shows when it is used: ``Expired`` if not.
        """
        ...

    async def close_staging(self, session: bytes) -> None:
        """Let go of a session and what only it holds, if the home can be told at once."""
        ...
