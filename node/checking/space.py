"""One space, on one view: its records, history, references and trees."""

from typing import Final

from formats.cid import Cid
from formats.errors import Forged, HoldfastError, Stale
from formats.identity import IdentityChain
from formats.links import Role
from formats.pointer import Pointer
from formats.space import SpaceRecord
from node.checking.findings import Finding, Findings, Wrong
from node.checking.history import check_history
from node.checking.pace import Pace
from node.checking.references import Seen, check_references
from node.checking.trees import ALL_LABELS, Fault, Misplaced, check_root
from storage.contracts import RetainedRoot, SpaceKey, SpaceRow, View
from storage.reachability import KINDS

ALL: Final = 2**40
"""More links than an owner has waiting."""


def check_space(
    view: View, key: SpaceKey, lost: frozenset[Cid], found: Findings, pace: Pace
) -> None:
    """Check everything about a space. ``lost``: blocks that are known to be lost already."""
    row = view.space(key)
    if row is None:
        return  # it went since it was listed
    held = list(view.retained(key))
    pointer = _check_records(view, row, found)
    if pointer is not None:
        for said in check_history(view, row, pointer.hash, pace):
            found.add(Finding(Wrong.HISTORY, said, key.owner, key))
    for each in held:
        _check_retained(view, each, found)
    roots = [row.root, *(each.root for each in held)]
    links = [(root, KINDS[Role.ROOT]) for root in roots]
    links += [(each.cid, each.kind) for each in view.releases(key.owner, ALL) if each.key == key]
    seen = check_references(view, key, links, lost, pace)
    _tell_references(view, row, seen, found)
    all_lost = lost | frozenset(seen.lost)
    newer: Cid | None = None
    for root in roots:
        for fault in check_root(view, root, newer, all_lost, pace):
            found.add(_of_tree(fault, key, newer is None))
        newer = root


def state_of(view: View, key: SpaceKey) -> object:
    """What the counts of a space follow from: which states of it are held. To be compared."""
    row = view.space(key)
    held = tuple((each.seq, each.root) for each in view.retained(key))
    return None if row is None else (row.pointer, held)


def _check_records(view: View, row: SpaceRow, found: Findings) -> Pointer | None:
    """The pointer in force, if it can be read; what does not hold is told."""
    key = row.key
    try:
        pointer = Pointer.decode(row.pointer)
        record = SpaceRecord.decode(row.record)
        if pointer.owner_and_space != (key.owner, key.space):
            raise Forged("pointer record: it is of another space")
        if (pointer.seq, pointer.root) != (row.seq, row.root):
            raise Forged("pointer record: the index has another number or root")
        pointer.verify(record)
        identity = view.identity(key.owner)
        if identity is not None:  # that there is one is the account's affair
            _verify_record(record, IdentityChain.decode(identity.chain))
    except HoldfastError as error:
        found.add(Finding(Wrong.RECORD, error.message, key.owner, key))
        return None
    return pointer


def _verify_record(record: SpaceRecord, owner: IdentityChain) -> None:
    try:
        record.verify(owner)
    except Stale:
        return  # the owner's keys changed, and it is not issued again yet


def _check_retained(view: View, row: RetainedRoot, found: Findings) -> None:
    """A superseded state is the one that the history has under its number."""
    said = ""
    try:
        pointer = Pointer.decode(row.pointer)
        if (pointer.seq, pointer.root) != (row.seq, row.root):
            said = f"superseded state {row.seq}: the index has another number or root"
        elif view.history(row.key, row.seq) != pointer.body:
            said = f"superseded state {row.seq} is not the one in the history"
    except HoldfastError as error:
        said = f"superseded state {row.seq}: {error.message}"
    if said:
        found.add(Finding(Wrong.RECORD, said, row.key.owner, row.key))


def _tell_references(view: View, row: SpaceRow, seen: Seen, found: Findings) -> None:
    key, owner = row.key, row.key.owner
    state = state_of(view, key) if seen.miscounts else None
    for cid, role in seen.lost.items():
        found.add(Finding(Wrong.BLOCK, f"a {role} is lost or damaged", owner, key, cid))
    for cid, said in seen.shape.items():
        found.add(Finding(Wrong.SHAPE, said, owner, key, cid))
    for each in seen.miscounts:
        there = view.block_size(each.cid) is not None
        said = f"linked {each.linked} times, counted {each.counted}"
        said = said if there else "linked, and the store does not know it"
        wrong = Wrong.COUNT if there else Wrong.BLOCK
        finding = Finding(
            wrong, said, owner, key, each.cid, count=each.linked, kind=each.kind, state=state
        )
        found.add(finding)
    if seen.size != row.used:
        said = f"used is {row.used} bytes, and its blocks have {seen.size}"
        found.add(Finding(Wrong.SUM, said, owner, key))


def _of_tree(fault: Fault, key: SpaceKey, newest: bool) -> Finding:
    if isinstance(fault, Misplaced):
        return Finding(Wrong.SHAPE, fault.said, key.owner, key, fault.cid)
    said = "in the present state" if newest else "in an earlier state"
    if fault.bits < ALL_LABELS:
        said = f"all labels that begin with these {fault.bits} bits, {said}"
    return Finding(Wrong.LABEL, said, key.owner, key, fault.cid, fault.label, fault.bits)
