"""Commits: examined on a view, then carried out in a transaction.

Examining verifies signatures and walks what changed, which takes milliseconds,
so it is done on a view and keeps no writer waiting. What it found holds for the
state it saw; carrying out begins by checking that this is still the state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crypto.secret import random_bytes
from formats.cid import Block, Cid
from formats.commit import Commit, Move
from formats.identity import IdentityChain
from formats.limits import TOKEN
from formats.pointer import Pointer, check_takeover
from formats.space import Rights, SpaceRecord
from node.authorise import (
    Standing,
    as_session,
    check_home,
    denied,
    may_use,
    no_session,
    sources,
    standing,
)
from node.caller import Caller
from node.ceilings import ceiling_of, check_ceiling
from node.history import between, skip_hash, spine
from node.records import chain, pointer, space_record
from node.room import METADATA_SLACK, check_room
from node.trees import check_change, loader
from protocols.pointers import Resolved
from storage.contracts import (
    RetainedRoot,
    SessionRow,
    SpaceKey,
    SpaceRow,
    Transaction,
    View,
)
from storage.reachability import admit_root

COMMIT_SESSION: int = 60_000
"""Life in milliseconds of the session that holds a commit's own blocks while it is carried out."""


class Overtaken(Exception):
    """The state is not the one that was examined any more: examine again."""


@dataclass(frozen=True, slots=True)
class Step:
    """One move that was examined: the space it moves, its state then, the owner's identity."""

    key: SpaceKey
    move: Move
    before: SpaceRow | None
    chain: tuple[bytes, ...]
    grown: int = 1
    """By how many labels the space grows; 1 for a space that begins."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A commit that may be carried out. ``done``: it was, and its answer was lost."""

    commit: Commit
    steps: tuple[Step, ...]
    done: bool

    @property
    def by_owner(self) -> bool:
        """Whether whoever commits may change the members, in every space of it.

        Only then may it cost the owner some of their past to make room.
        """
        return all(_may_manage(step) for step in self.steps)

    @property
    def grows(self) -> bool:
        """Whether it adds more labels than it takes away; deleting and taking back do not."""
        return not self.done and sum(step.grown for step in self.steps) > 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A commit, the blocks that came with it, and the identity it is under, if not the stored."""

    commit: Commit
    inline: Mapping[Cid, bytes]
    owner: IdentityChain | None


@dataclass(frozen=True, slots=True)
class Conflicted:
    """Somebody was first: the states of the spaces, those that are there."""

    current: tuple[Resolved, ...]


def examine(
    view: View,
    caller: Caller,
    commit: Commit,
    inline: Mapping[Cid, bytes],
    now: int,
    owner: IdentityChain | None = None,
) -> Examined | Conflicted:
    """Whether a commit may be carried out; raises Denied, Forged, Malformed, Expired.

    ``owner``: the identity that its space records are made under, where it is about to be
    another one than is stored.
    """
    standings = [_allowed(view, caller, move) for move in commit.moves]
    pairs = list(zip(commit.moves, standings, strict=True))
    done = all(at is not None and _is_at(at, move.pointer) for move, at in pairs)
    if not done and any(not _stands_on(at, move.pointer) for move, at in pairs):
        return Conflicted(tuple(_current(view, move, at) for move, at in pairs if at is not None))
    if commit.session is not None and not done:
        check_session(view, caller, commit, now)
    asked = _Asked(commit, inline, owner)
    steps = tuple(_step(view, caller, asked, move, at, done) for move, at in pairs)
    return Examined(commit, steps, done)


def check_session(view: View, caller: Caller, commit: Commit, now: int) -> None:
    """Return if the commit's session is of one of its moves' members and spaces; raises Expired."""
    if commit.session is None:
        return
    row = as_session(view, caller, commit.session, now)
    at = standing(view, caller, row.key)
    movers = [each.pointer.member for each in commit.moves if key_of(each.pointer) == row.key]
    if at is None or not any(may_use(at.record, row.member, member) for member in movers):
        raise no_session()


def key_of(moved: Pointer) -> SpaceKey:
    """The space that a pointer is of."""
    return SpaceKey(moved.owner, moved.space)


def resolved(view: View, row: SpaceRow, since: int | None) -> Resolved:
    """A space as its members are told of it."""
    bodies = between(view, row.key, row.seq, since)
    return Resolved(row.pointer, row.record, spine(view, row.key, row.seq), bodies)


def carry_out(
    tx: Transaction, caller: Caller, examined: Examined, blocks: Sequence[Block], now: int
) -> None:
    """Make the commit true; raises Overtaken, and what storage and quota raise."""
    for step in examined.steps:
        check_unchanged(tx, step)
    check_session(tx, caller, examined.commit, now)
    # First of all: asking who may write writes down what was staged, which else is never written.
    may_name = [sources(tx, caller, step.key) for step in examined.steps]
    first = examined.steps[0]
    with_own = examined.commit.session or open_own_session(
        tx, first.key, first.move.pointer.member, now
    )
    came = [block.cid for block in blocks if tx.stage(with_own, block)]
    admitted = [
        cid
        for step, others in zip(examined.steps, may_name, strict=True)
        for cid in place(tx, step, with_own, now, others)
    ]
    if examined.commit.session is None:
        tx.close_session(with_own)
    else:  # last: a block may be new to two of the spaces
        tx.unstage(with_own, (*admitted, *came))
    for owner in {step.key.owner for step in examined.steps}:
        check_room(tx, owner, METADATA_SLACK)
    for step in examined.steps:
        slack = METADATA_SLACK if step.grown <= 0 else 0
        check_ceiling(tx, step.key, step.move.pointer.member, slack)


def open_own_session(tx: Transaction, key: SpaceKey, member: bytes, now: int) -> bytes:
    """A session for the blocks that came with a commit, gone when it is carried out."""
    session = random_bytes(TOKEN)
    tx.open_session(SessionRow(session, key, member, now + COMMIT_SESSION, 0))
    return session


def check_unchanged(tx: Transaction, step: Step) -> None:
    """Return if the state is the one that was examined; raises Overtaken."""
    row = tx.space(step.key)
    before = step.before
    if (row and (row.pointer, row.record)) != (before and (before.pointer, before.record)):
        raise Overtaken
    identity = tx.identity(step.key.owner)
    if identity is None or identity.chain != step.chain:
        raise Overtaken


def place(
    tx: Transaction, step: Step, session: bytes, now: int, others: Sequence[SpaceKey] = ()
) -> list[Cid]:
    """Put one space at its new pointer; what it stood at is kept for a while.

    ``others``: further spaces of which it may name blocks. Returns the blocks that the
    space has only from now on; a member with a ceiling is charged for them. Who has another key
    from now on is charged for what was added with the one before.
    """
    moved, before = step.move.pointer, step.before
    if step.move.space is not None:
        record = step.move.space.encoded
    elif before is not None:
        record = before.record
    else:
        raise denied()
    admitted = admit_root(tx, step.key, moved.root, session, others)
    if before is not None:
        tx.retain(RetainedRoot(step.key, before.seq, before.root, before.pointer, now))
    tx.add_history(step.key, moved.seq, moved.body)
    tx.put_space(SpaceRow(step.key, record, moved.encoded, moved.seq, moved.root, 0))
    for each in () if step.move.space is None else step.move.space.members:
        if each.was is not None:
            tx.inherit(step.key, each.was, each.key)
    if ceiling_of(record, moved.member) is not None:
        for cid in admitted:
            tx.charge(step.key, cid, moved.member)
    return admitted


def _may_manage(step: Step) -> bool:
    record = step.move.space if step.before is None else space_record(step.before.record)
    member = None if record is None else record.member(step.move.pointer.member)
    return member is not None and bool(member.rights & Rights.MEMBERS)


def _allowed(view: View, caller: Caller, move: Move) -> Standing | None:
    """How the caller stands to a space it wants to move; raises Denied if not as its signer."""
    key, member = key_of(move.pointer), move.pointer.member
    at = standing(view, caller, key)
    check_home(view, key.owner)
    if at is not None and member in at.members:
        return at
    fresh = at is None
    if fresh and member in caller.proven_members(key) and move.space is not None:
        return None
    raise denied()


def _is_at(at: Standing, moved: Pointer) -> bool:
    return pointer(at.row.pointer).hash == moved.hash


def _stands_on(at: Standing | None, moved: Pointer) -> bool:
    """Whether a pointer names the present one as the one before it."""
    return moved.prev == (None if at is None else pointer(at.row.pointer).hash)


def _current(view: View, move: Move, at: Standing) -> Resolved:
    seq = move.pointer.seq
    return resolved(view, at.row, seq - 1 if seq else None)


def _step(
    view: View,
    caller: Caller,
    asked: _Asked,
    move: Move,
    at: Standing | None,
    done: bool,
) -> Step:
    key = key_of(move.pointer)
    identity = view.identity(key.owner)
    if identity is None:
        raise denied()
    before, grown = None if at is None else at.row, 1
    if not done:
        owner = asked.owner or chain(identity.chain)
        if at is None:
            check_first(owner, move)
        else:
            _check_next(view, owner, move, at)
            grown = _check_trees(view, caller, asked, move, at)
    return Step(key, move, before, identity.chain, grown)


def check_first(owner: IdentityChain, move: Move) -> SpaceRecord:
    """Return the record of a space that begins, if it and its first pointer hold together."""
    record = move.space
    if record is None or record.epoch != 0 or move.pointer.seq != 0:
        raise denied()
    record.verify(owner)
    move.pointer.verify(record)
    return record


def _check_next(view: View, owner: IdentityChain, move: Move, at: Standing) -> None:
    """Return if a move may follow the present state; raises Forged, Stale, Forked."""
    moved = move.pointer
    moved.check_follows(pointer(at.row.pointer), skip_hash(view, at.row.key, moved.seq))
    if move.space is None or move.space.hash == at.record.hash:
        moved.verify(at.record)
    else:
        move.space.verify(owner)
        check_takeover(at.record, move.space, moved)


def _check_trees(view: View, caller: Caller, asked: _Asked, move: Move, at: Standing) -> int:
    member = at.record.member(move.pointer.member)
    rights = Rights(0) if member is None else member.rights
    keys = (at.row.key, *sources(view, caller, at.row.key))
    load = loader(view, keys, asked.commit.session, asked.inline)
    return check_change(view, at.row.key, at.row.root, move.pointer.root, load, rights)
