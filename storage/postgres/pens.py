"""Which process writes which pack: numbers from a sequence, and a lock as long as one is written.

The lock is the writer's connection's. With a connection that was lost the lock is gone:
then the transaction that would have told the index of the pack is gone too, and the
writer never appends to that pack again.
"""

import psycopg

from formats.errors import StorageFailed
from storage.postgres.faults import of_postgres
from storage.postgres.link import Link
from storage.postgres.site import Site


class PostgresPens:
    """``Pens`` of one process."""

    def __init__(self, link: Link, site: Site) -> None:
        self._link = link
        self._site = site
        self._given_up: list[int] = []

    def claim(self) -> int:
        """The following number of the site, locked."""
        ((pack,),) = self._rows("SELECT nextval('pack_number')")
        number = int(str(pack))
        if not self._is_true(self._site.claim(number)):
            raise StorageFailed(f"another node writes pack {number}, which is this one's")
        return number

    def give_up(self, pack: int) -> None:
        """Noted only: it is unlocked by ``settle``, when the connection is free for it."""
        self._given_up.append(pack)

    def settle(self) -> None:
        """Unlock what was given up; between transactions. A lock that is gone is no error."""
        given, self._given_up = self._given_up, []
        for pack in given:
            self._rows(self._site.give_up(pack))

    def is_nobodys(self, pack: int) -> bool:
        """Locked first, looked up then: who wrote it has told the index by now, or never does."""
        if not self._is_true(self._site.claim(pack)):
            return False
        try:
            known = "SELECT EXISTS (SELECT 1 FROM pack WHERE id = {0}) OR EXISTS"
            return not self._is_true(
                f"{known} (SELECT 1 FROM doomed WHERE pack = {{0}})".format(pack)
            )
        finally:
            self._rows(self._site.give_up(pack))

    def _is_true(self, question: str) -> bool:
        return self._rows(question) == [(True,)]

    def _rows(self, sql: str) -> list[tuple[object, ...]]:
        try:
            return self._link.held().execute(sql).fetchall()
        except psycopg.Error as error:
            raise of_postgres(error) from error
