"""What several nodes on one database agree on: who writes, who keeps house, whose pack is whose.

All by advisory locks, which end with the connection that took them: a node that was
killed holds nothing up. Their keys are made of two table's numbers, so that two sites
may share a database.
"""

from dataclasses import dataclass
from typing import Final

from storage.postgres.connecting import Connection

CHANNEL: Final = "holdfast"
"""Where nodes tell one another what changed: see ``listening.py``."""

_WRITING: Final = 1
_KEEPING_HOUSE: Final = 2


@dataclass(frozen=True, slots=True)
class Site:
    """The statements that take the locks of one site."""

    site: int
    packs: int

    @classmethod
    def of(cls, connection: Connection) -> "Site":
        """The site whose tables the connection finds."""
        ((site, packs),) = connection.execute(
            "SELECT 'migration'::regclass::oid::int8, 'pack'::regclass::oid::int8"
        ).fetchall()
        return cls(_signed(int(str(site))), _signed(int(str(packs))))

    @property
    def write(self) -> str:
        """Wait until no other node writes; until the transaction ends, none does."""
        return f"SELECT pg_advisory_xact_lock({self.site}, {_WRITING})"

    @property
    def keep_house(self) -> str:
        """Whether this node keeps house from now on, as long as the connection stands."""
        return f"SELECT pg_try_advisory_lock({self.site}, {_KEEPING_HOUSE})"

    def claim(self, pack: int) -> str:
        """Whether the pack is this connection's to append to, until it gives it up."""
        return f"SELECT pg_try_advisory_lock({self.packs}, {pack % 2**31})"

    def claim_for_now(self, pack: int) -> str:
        """Whether nobody appends to the pack, nor will until the transaction ends."""
        return f"SELECT pg_try_advisory_xact_lock({self.packs}, {pack % 2**31})"

    def give_up(self, pack: int) -> str:
        """Let others have the pack."""
        return f"SELECT pg_advisory_unlock({self.packs}, {pack % 2**31})"


def _signed(oid: int) -> int:
    return oid - 2**32 if oid >= 2**31 else oid
