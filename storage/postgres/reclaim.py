"""Giving back the space of dead and sparse packs, a little at a time, on the node that keeps house.

As ``storage/embedded/reclaim.py`` does it. But a pack that another node still appends to
is left alone, and one that is forgotten is noted (table ``doomed``) until no transaction,
of any node, is as old as its end.
"""

from typing import Final

from storage.packs import Pack, Packs
from storage.postgres.site import Site
from storage.sql.moves import Moves

LOOK_EVERY: Final = 60.0
"""Seconds after which a node that keeps house looks for what others let go of."""

READERS_AFTER: Final = 1.0
"""Seconds after which it looks again whether a pack is still read."""

_DOOM: Final = "INSERT INTO doomed (pack, gone) VALUES (?, pg_current_xact_id())"
_UNNEEDED: Final = """
    DELETE FROM doomed d WHERE NOT EXISTS (
        SELECT 1 FROM pg_stat_activity a
        WHERE a.pid <> pg_backend_pid() AND a.backend_xmin IS NOT NULL
        AND age(a.backend_xmin) >= age(d.gone::xid)
    ) RETURNING pack
"""


class SharedMoves(Moves):
    """What reclaiming may do in a transaction."""

    def is_free(self, site: Site, pack: int) -> bool:
        """Whether no node appends to the pack, nor will until this transaction ends."""
        return self._sql.row(site.claim_for_now(pack)) == (True,)

    def doom(self, pack: int) -> None:
        """Note that a pack is in no block's row any more, once this is committed."""
        self._sql.put(_DOOM, pack)

    def unneeded(self) -> list[int]:
        """Take note that packs are removed which no transaction can need any more."""
        return [row[0] for row in self._sql.rows(_UNNEEDED)]

    def has_doomed(self) -> bool:
        """Whether there are any others."""
        return self._sql.row("SELECT 1 FROM doomed LIMIT 1") is not None


class Reclaimer:
    """Decides what to give back next. Lives on the writer's thread.

    ``step`` runs in a transaction of the writer, which then tells ``committed`` or ``lost``.
    """

    def __init__(self, packs: Packs, site: Site) -> None:
        self._packs = packs
        self._site = site
        self._removable: list[int] = []
        self._after = 0  # packs up to this one need no look
        self._at = 0  # how far into the next pack the last step came
        self._trying = 0  # the pack of the last step
        self._unreadable: set[int] = set()  # packs left alone until the next start
        self._waiting = False  # whether packs wait for those who read them
        self.wanted = True

    @property
    def rest(self) -> float:
        """Seconds for which there is nothing to do, unless something becomes free."""
        return READERS_AFTER if self._waiting else LOOK_EVERY

    def look_again(self) -> None:
        """Something became free, or may have."""
        self._after = self._at = 0
        self.wanted = True

    def step(self, moves: SharedMoves) -> None:
        """Do a little. Afterwards ``wanted`` says whether there is more."""
        pack = self._next(moves)
        if pack is None:
            self._removable = moves.unneeded()
            self._waiting = moves.has_doomed()
            self.wanted = False
            return
        self._trying = pack.id
        going_on = moves.move_some(pack, self._at, self._packs.step) if pack.live else None
        if going_on is not None:
            self._at = going_on
            return
        if moves.forget_pack(pack.id):
            moves.doom(pack.id)
        self._after, self._at = pack.id, 0

    def committed(self) -> None:
        """The step is durable."""
        for pack in self._removable:
            self._packs.remove(pack)
        self._removable = []

    def lost(self, no_room: bool) -> None:
        """The step failed. Without room, rest until something becomes free; else pass the pack."""
        self._removable = []
        self._after = self._at = 0
        if no_room or self._trying in self._unreadable:
            self.wanted = False
        else:
            self._unreadable.add(self._trying)

    def _next(self, moves: SharedMoves) -> Pack | None:
        after = self._after
        while (pack := moves.sparse_pack(after)) is not None:
            if pack.id not in self._unreadable and moves.is_free(self._site, pack.id):
                if pack.id != self._trying:
                    self._at = 0
                return pack
            after = pack.id
        return None
