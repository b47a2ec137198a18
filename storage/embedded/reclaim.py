"""Giving back the space of dead packs, sparse packs and dead pages, a little at a time.

A pack with nothing live is forgotten by the index first, and unlinked when no
reader can need it any more. A sparse one has its live records appended to the
current pack, at most 2 MiB a step (``Packs.step``), and the index points to the new places in
the transaction that follows the sync, as for any write. So a crash anywhere
leaves each block in one good place, and at worst a file to sweep.
"""

from collections import deque
from typing import Final

from storage.embedded.snapshots import Snapshots
from storage.packs import Packs
from storage.sql.moves import Moves

_VACUUM_PAGES: Final = 256
_SPARE_PAGES: Final = 2048
"""Dead pages of the database (8 MiB) that are kept for reuse."""


class VacuumingMoves(Moves):
    """And in the file of the database."""

    def vacuum(self) -> bool:
        """Give some dead pages of the database back; False when few are left."""
        row = self._sql.row("PRAGMA freelist_count")
        if row is None or row[0] <= _SPARE_PAGES:
            return False
        for _ in range(_VACUUM_PAGES):  # Python's sqlite3 takes one step of this pragma, whatever N
            self._sql.run("PRAGMA incremental_vacuum(1)")
        return True


class Reclaimer:
    """Decides what to give back next. Lives on the writer's thread.

    ``step`` runs in a transaction of the writer, which then tells ``committed`` or ``lost``.
    """

    def __init__(self, packs: Packs, snapshots: Snapshots) -> None:
        self._packs = packs
        self._snapshots = snapshots
        self._forgotten: list[int] = []  # in the transaction that is open
        self._doomed: deque[tuple[int, int]] = deque()  # (state they are gone from, pack)
        self._after = 0  # packs up to this one need no look
        self._at = 0  # how far into the next pack the last step came
        self._trying = 0  # the pack of the last step
        self._unreadable: set[int] = set()  # packs left alone until the next start
        self.wanted = True

    @property
    def waiting(self) -> bool:
        """Whether a pack waits for readers before it can be unlinked."""
        return bool(self._doomed)

    def look_again(self) -> None:
        """Something became free."""
        self._after = self._at = 0
        self.wanted = True

    def step(self, moves: VacuumingMoves) -> None:
        """Do a little. Afterwards ``wanted`` says whether there is more."""
        pack = moves.sparse_pack(self._after)
        while pack is not None and pack.id in self._unreadable:
            pack = moves.sparse_pack(pack.id)
        if pack is None:
            self.wanted = moves.vacuum()
            return
        self._trying = pack.id
        going_on = moves.move_some(pack, self._at, self._packs.step) if pack.live else None
        if going_on is not None:
            self._at = going_on
            return
        if moves.forget_pack(pack.id):
            self._forgotten.append(pack.id)
        self._after, self._at = pack.id, 0

    def committed(self) -> None:
        """A transaction is durable, whosever it was."""
        state = self._snapshots.advance()
        self._doomed.extend((state, pack) for pack in self._forgotten)
        self._forgotten.clear()
        self.unlink()

    def lost(self, no_room: bool) -> None:
        """The step failed. Without room, rest until something becomes free; else pass the pack."""
        self._forgotten.clear()
        self._after = self._at = 0
        if no_room or self._trying in self._unreadable:
            self.wanted = False
        else:
            self._unreadable.add(self._trying)

    def unlink(self) -> None:
        """Remove the files that no reader can need any more."""
        while self._doomed and self._snapshots.over(self._doomed[0][0]):
            _, pack = self._doomed.popleft()
            self._packs.remove(pack)
