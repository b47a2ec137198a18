"""What a node that follows is handed, and who that is: known by the peer id of its connection.

The replica asks the home for what is new; a home that lost blocks asks its replica. Both
get what the account's spaces refer to, by CID, and nothing else. To everybody else all
of it is ``Denied``.
"""

from dataclasses import dataclass
from typing import Final

from crypto.hashing import sha256
from formats.cid import Block, Cid
from formats.errors import BadBlock, MissingBlock
from formats.replica import ReplicaGrant
from node.authorise import denied
from node.caller import Caller
from node.logs import Log
from node.records import pointer
from protocols import replicas as r
from storage.contracts import IdentityRow, ReplicaRow, SpaceKey, View

MOST_BYTES: Final = 512 * 1024
"""Bytes of bodies in one answer: it has to fit into one frame."""

_log: Final = Log("node.replicas")


@dataclass(frozen=True, slots=True)
class Partner:
    """The node at the other end, and the grant by which it is one."""

    row: ReplicaRow
    grant: ReplicaGrant


def replica(view: View, caller: Caller, owner: bytes, own: bytes) -> Partner:
    """The replica that calls its home, whether its grant holds or not; raises Denied."""
    row = view.replica(owner, caller.peer) if caller.peer else None
    grant = None if row is None else ReplicaGrant.decode(row.grant)
    if row is None or grant is None or grant.home != own:
        raise denied()
    return Partner(row, grant)


def partner(view: View, caller: Caller, owner: bytes, own: bytes, now: int) -> Partner:
    """Whoever calls and may fetch now: the replica, or the home of what is followed here."""
    if caller.peer:
        for row in (view.replica(owner, caller.peer), view.replica(owner, own)):
            grant = None if row is None else ReplicaGrant.decode(row.grant)
            if row is None or grant is None or not grant.holds(now):
                continue
            if {grant.home, grant.peer} == {own, caller.peer}:
                return Partner(row, grant)
    raise denied()


def heads(view: View, owner: bytes) -> tuple[r.At, ...]:
    """Where an account is: the newest pointer of each of its spaces."""
    spaces = [row for row, _ in zip(view.spaces_of(owner), range(r.MAX_SPACES), strict=False)]
    return tuple(r.At(row.key.space, row.seq, pointer(row.pointer).hash) for row in spaces)


def person_hash(row: IdentityRow | None) -> bytes:
    """What is compared to see whether a person's records changed."""
    return sha256(b"".join(() if row is None else (*row.chain, row.whereabouts)))


def line(view: View, request: r.AskLine) -> r.Line:
    """Bodies of a space's pointer records, newest first."""
    key = SpaceKey(request.owner, request.space)
    row = view.space(key)
    if row is None:
        raise denied()
    below = row.seq if request.below is None else min(request.below, row.seq)
    bodies: list[bytes] = []
    size = 0
    for seq in range(below - 1, max(below - 1 - r.MAX_BODIES, -1), -1):
        body = view.history(key, seq)
        if body is None or size + len(body) > MOST_BYTES:
            break
        size += len(body)
        bodies.append(body)
    if request.below is None:
        return r.Line(row.pointer, row.record, tuple(bodies))
    return r.Line(None, None, tuple(bodies))


def fetched(view: View, request: r.Fetch) -> r.Fetched:
    """Blocks that the space refers to, hashed; what rots on the disk is left out."""
    key = SpaceKey(request.owner, request.space)
    blocks: list[Block] = []
    size = 0
    for cid in dict.fromkeys(request.cids):
        if not view.references(key, cid):
            continue
        size += view.block_size(cid) or 0
        if blocks and size > r.MAX_FETCHED_BYTES:
            break
        block = _whole(view, cid)
        if block is not None:
            blocks.append(block)
    return r.Fetched(tuple(blocks))


def _whole(view: View, cid: Cid) -> Block | None:
    try:
        return Block.checked(cid, view.block(cid))
    except (BadBlock, MissingBlock) as error:
        _log.error("block lost", kind=type(error).__name__)
        return None
