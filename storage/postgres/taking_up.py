"""Packs, taken up: where the other nodes of the site have them, or nowhere.

The first node names the site and says so in the place that it was given for packs; all
others look for that name there. One after the other: two that come first at once could
each take another place.
"""

from typing import Final

from crypto.secret import random_bytes
from storage.packs import PLACED, SITE, SITE_SIZE, Pack, Packs, PackWriting
from storage.postgres.connecting import Connection
from storage.postgres.pens import PostgresPens
from storage.postgres.schema import SET_UP

"""The setting that is there once the site has a place for packs."""

_KEEP: Final = "INSERT INTO setting (name, value) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_KEPT: Final = "SELECT value FROM setting WHERE name = %s"


def taken_up(connection: Connection, packs: Packs, pens: PostgresPens) -> PackWriting:
    """What writes packs; raises StorageFailed when the packs of the site are elsewhere.

    After an error the connection must be dropped: it holds a lock.
    """
    connection.execute(f"SELECT pg_advisory_lock({SET_UP})")
    connection.execute(_KEEP, (SITE, random_bytes(SITE_SIZE)))
    site = _setting(connection, SITE) or b""
    known = [] if _setting(connection, PLACED) is None else [Pack(0, 0, 0)]
    pen = packs.prepare(known, site, pens)
    connection.execute(_KEEP, (PLACED, b""))
    connection.execute(f"SELECT pg_advisory_unlock({SET_UP})")
    return pen


def _setting(connection: Connection, name: str) -> bytes | None:
    row = connection.execute(_KEPT, (name,)).fetchone()
    return None if row is None or not isinstance(row[0], bytes) else row[0]
