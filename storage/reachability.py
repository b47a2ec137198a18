"""What a space refers to: counted links from its roots down, kept exact by three functions.

Every block that a space refers to has a count: one for each root that is held, and
one for each link to it from a block that the space refers to. Admitting a root adds
a link; where a count becomes 1 the block is validated and its own links are added.
Releasing is the reverse, a little at a time: what is left to do is kept in the store,
so that no transaction is long. So only what changed is ever walked.

The empty tree is not counted: everybody knows it, and nobody stores it.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from formats.cid import Cid
from formats.errors import Denied, Malformed, MissingBlock
from formats.leaf import MAX_SEGMENT_BLOCK, MIN_SEGMENT_BLOCK
from formats.links import Link, Role, children
from formats.tree.node import EMPTY
from storage.contracts import SpaceKey, Transaction, View

KINDS: Final = {
    Role.ROOT: 1,
    Role.TREE: 2,
    Role.TREE_NODE: 3,
    Role.LEAF: 4,
    Role.SEGMENT: 5,
    Role.RETIRED_TREE: 6,
    Role.RETIRED_NODE: 7,
    Role.MARKER: 8,
}
"""The kind that a reference keeps of each role. Stores hold these numbers: never reuse one."""

ROLES: Final = {kind: role for role, kind in KINDS.items()}

_TAKEN: Final = 256
"""Links that are taken from the store's list at once."""


def admit_root(
    tx: Transaction,
    key: SpaceKey,
    root: Cid,
    session: bytes | None,
    sources: Sequence[SpaceKey] = (),
) -> list[Cid]:
    """Add a link to a root block; returns the blocks that the space refers to only from now on.

    Each of those must be staged in ``session``, or held by one of ``sources``: other spaces
    in which whoever commits may write. Any other raises Denied, alike whether it is
    held by somebody else or by nobody; Malformed when one is not what it should be.
    """
    admitted = []
    waiting: list[Link] = [(root, Role.ROOT)]
    while waiting:
        cid, role = waiting.pop()
        if _add(tx, key, cid, role, session, sources):
            admitted.append(cid)
            waiting += _links(tx, cid, role)
    return admitted


def _add(
    tx: Transaction,
    key: SpaceKey,
    cid: Cid,
    role: Role,
    session: bytes | None,
    sources: Sequence[SpaceKey],
) -> bool:
    """Add a link; whether it is the first. Counted first and judged then: one question less."""
    try:
        count = tx.add_reference(key, cid, KINDS[role])
    except MissingBlock:
        raise _denied() from None
    if count == 1 and not _may_name(tx, cid, session, sources):
        raise _denied()
    return count == 1


def _may_name(view: View, cid: Cid, session: bytes | None, sources: Sequence[SpaceKey]) -> bool:
    if session is not None and view.is_staged(session, cid):
        return True
    return any(view.references(source, cid) for source in sources)


def _denied() -> Denied:
    return Denied("there is nothing here for you")


def release_root(tx: Transaction, key: SpaceKey, root: Cid) -> None:
    """Take back a link that ``admit_root`` added: at once noted, done by ``release_some``."""
    tx.add_releases(key, [(root, KINDS[Role.ROOT])])


def release_some(tx: Transaction, owner: bytes, most: int) -> int:
    """Take back up to about ``most`` links of an owner's that were noted, and what they led to.

    What nothing refers to any more is let go. Returns how many links it were: 0 when
    there is nothing left to do. One takes some 20 microseconds. Raises MissingBlock,
    Malformed, StorageFailed or Internal when a block cannot be followed: then nothing
    is taken for unreachable that may be reachable, and the owner's list stays as it is.
    """
    noted = tx.releases(owner, min(most, _TAKEN))
    tx.forget_releases(noted)
    waiting = [(row.key, row.cid, ROLES[row.kind]) for row in reversed(noted)]
    taken = 0
    while waiting and taken < most:
        key, cid, role = waiting.pop()
        taken += 1
        if tx.drop_reference(key, cid) == 0:  # its bytes stay until garbage is collected
            waiting += [(key, *link) for link in _links(tx, cid, role)]
    for key in {key for key, _, _ in waiting}:
        tx.add_releases(key, [(cid, KINDS[role]) for at, cid, role in waiting if at == key])
    return taken


def held_only_by(view: View, key: SpaceKey, roots: Iterable[Cid], most: int) -> tuple[int, bool]:
    """Bytes that releasing these roots would give back; and whether that is all of it.

    Releases on paper: counts are taken down beside the store, which stays as it is. Stops
    after ``most`` links, having counted too little.
    """
    counts: dict[Cid, int] = {}
    waiting: list[Link] = [(root, Role.ROOT) for root in roots]
    size = taken = 0
    while waiting and taken < most:
        cid, role = waiting.pop()
        taken += 1
        left = counts.get(cid)
        counts[cid] = left = (view.references(key, cid) if left is None else left) - 1
        if left == 0:
            size += view.block_size(cid) or 0
            waiting += _links(view, cid, role)
    return size, not waiting


def _links(view: View, cid: Cid, role: Role) -> list[Link]:
    if role is Role.SEGMENT:  # its size is all there is to check; its bytes stay on the disk
        size = view.block_size(cid) or 0
        if not MIN_SEGMENT_BLOCK < size <= MAX_SEGMENT_BLOCK:
            raise Malformed(f"segment: {size} bytes is no size of one")
        return []
    return [link for link in children(role, view.block(cid)) if link[0] != EMPTY.cid]
