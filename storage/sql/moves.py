"""Moving the live blocks of a pack elsewhere, so that it can be given back."""

from typing import Final

from formats.cid import Cid
from storage.packs import RECORD, Pack
from storage.sql.holding import BlocksChanges
from storage.sql.known import split

_STEP_RECORDS: Final = 512


class Moves(BlocksChanges):
    """What reclaiming may do in a transaction."""

    def sparse_pack(self, after: int) -> Pack | None:
        """The first pack above ``after`` with at most three fifths live, but the current one."""
        row = self._sql.row(
            "SELECT id, length, live FROM pack INDEXED BY pack_sparse"
            " WHERE live * 5 <= length * 3 AND id > ? AND id <> ? ORDER BY id LIMIT 1",
            after,
            self._writer.current,
        )
        return None if row is None else Pack(*row)

    def move_some(self, pack: Pack, start: int, most: int) -> int | None:
        """Move ``most`` live bytes from offset ``start`` on; where to go on, None at the end."""
        moved = 0
        for seen, (place, cid, size) in enumerate(self._packs.records(pack, start)):
            moved += self._move(cid, pack.id, place, size)
            if moved >= most or seen >= _STEP_RECORDS:
                return place + size
        return None

    def forget_pack(self, pack: int) -> bool:
        """Take a pack out of the index; False if something in it is live."""
        self.settle()
        return self._sql.run("DELETE FROM pack WHERE id = ? AND live = 0", pack) == 1

    def _move(self, cid: Cid, pack: int, place: int, size: int) -> int:
        row = self._sql.row(
            "SELECT id FROM block WHERE head = ? AND tail = ? AND pack = ? AND place = ?",
            *split(cid),
            pack,
            place,
        )
        if row is None:
            return 0
        new = self._append(cid, self._packs.read(cid, pack, place, size))
        self._sums.weigh(pack, -RECORD - size)
        self._sql.run("UPDATE block SET pack = ?, place = ? WHERE id = ?", *new, row[0])
        return RECORD + size
