"""Under which data key a handle seals what it writes.

    a file that is written anew from its first byte     a ring of one row, the next generation
    a copy whose newest key is its source's             one row more
    a full ring                                         a ring of one row: everything is sealed anew
    any other                                           the newest key it has

Taking access back adds a row to a file's ring, so the newest key is one that nobody
has who was shut out; but to a full ring it cannot, and nobody can say whether it
had to: what is written next replaces all.
"""

from client.drive.header import FileHeader
from client.drive.ring import MAX_RING, Ring


def ring_for(header: FileHeader, is_new: bool) -> tuple[Ring, bool]:
    """The ring for changes of a file, and whether all of it has to be sealed anew.

    ``is_new``: nothing of the version below is left, or it has no segments.
    """
    ring = header.ring
    if is_new or header.inline:
        return ring.replaced(header.id), False
    if len(ring.keys) >= MAX_RING:
        return ring.replaced(header.id), True
    return (ring if ring.current.id == header.id else ring.renewed(header.id)), False
