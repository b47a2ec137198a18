"""Small values for the contract suite: keys, sessions and blocks by number."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Concatenate, ParamSpec, TypeVar

from formats.cid import Block, Cid
from storage.contracts import SessionRow, SpaceKey, SpaceRow, Transaction, View

P = ParamSpec("P")
T = TypeVar("T")


def bytes32(name: str) -> bytes:
    """32 bytes that stand for ``name``."""
    return sha256(name.encode()).digest()


def session_id(number: int) -> bytes:
    """A session id of 16 bytes."""
    return bytes32(f"session {number}")[:16]


def space_key(number: int = 0, owner: str = "alice") -> SpaceKey:
    """A space of an owner."""
    return SpaceKey(bytes32(owner), bytes32(f"space {number}"))


def block(number: int, size: int = 100) -> Block:
    """A raw block of ``size`` bytes, different for each number."""
    seed = bytes32(f"block {number}")
    return Block.raw((seed * (size // 32 + 1))[:size])


def session_row(number: int = 0, key: SpaceKey | None = None, expires: int = 1000) -> SessionRow:
    """A session to open."""
    return SessionRow(session_id(number), key or space_key(), bytes32("member"), expires, 0)


def space_row(key: SpaceKey, root: Cid, seq: int = 1) -> SpaceRow:
    """A space's records; the records are no real ones."""
    return SpaceRow(key, b"record", b"pointer %d" % seq, seq, root, 0)


def stage_all(tx: Transaction, blocks: list[Block], session: int = 0) -> None:
    """Open a session with these blocks in it."""
    tx.open_session(session_row(session))
    for each in blocks:
        tx.stage(session_id(session), each)


def ask(
    method: Callable[Concatenate[View, P], T], *args: P.args, **kwargs: P.kwargs
) -> Callable[[View], T]:
    """A ``work`` that calls one method: ``await store.read(ask(View.block, cid))``."""

    def work(view: View) -> T:
        bound: partial[T] = partial(getattr(view, method.__name__), *args, **kwargs)
        return bound()

    return work


def do(
    method: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
) -> Callable[[Transaction], T]:
    """A ``work`` that makes one change: ``await store.write(do(Transaction.collect, 10))``."""

    def work(tx: Transaction) -> T:
        bound: partial[T] = partial(getattr(tx, method.__name__), *args, **kwargs)
        return bound()

    return work


def stage(blocks: list[Block], session: int = 0) -> Callable[[Transaction], None]:
    """A ``work`` that opens a session with these blocks in it."""
    return lambda tx: stage_all(tx, blocks, session)
