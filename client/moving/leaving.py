"""Leaving a home: the account there is deleted, and the home's receipt is kept here. START HERE.

    stock       what would be deleted; ``code`` stands for all of it
    check_file  whether an exported file has the very same, so that nothing is lost
    left        replicas end; the farewell is signed, kept here, and handed over; the receipt

The home deletes all or nothing. If its answer is lost, the farewell that is kept says what to
ask again, and whoever shows the daily key and that very farewell gets the receipt once more.
The identity is not touched: out of a file it goes on at any other node (``client.archive``).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

import trio

from client.archive.manifest import Manifest
from client.home import Connected, HomeLine
from client.identity.account import account
from client.identity.attempt import Attempt
from client.identity.whereabouts import next_number, replicas_of, take_newest
from client.moving.copying import Heads, Node, own_spaces, with_spaces
from client.moving.missing import Lack, lacks
from client.moving.receipts import Kept, Receipts
from client.provers import HybridProver
from client.replicas import remove
from client.session import Session
from crypto.hashing import sha256
from formats.dag_cbor import Value, encode
from formats.errors import (
    Conflict,
    Denied,
    Forged,
    HoldfastError,
    NotFound,
    TimedOut,
    Unfit,
    Unreachable,
    WrongPassword,
)
from formats.farewell import MAX_LISTED, Farewell, Receipt
from formats.statement import Role
from formats.whereabouts import Home
from protocols.accounts import Depart

CODE: Final = 8
"""Bytes of a hash in the code by which a person says what they were shown."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is: bytes as the home counts them, every space by its newest state, replicas.

    The newest that is known: of a home that shows less than was seen here, what was seen; an empty
    hash where it shows nothing, and nothing was.
    """

    used: int
    heads: Heads
    replicas: tuple[Home, ...]

    @property
    def code(self) -> str:
        """Names all that is to go, so that it is agreed to that and to nothing else.

        Not by its newest states: what a machine of one's own notes meanwhile changes nothing.
        """
        spaces: list[Value] = [*sorted(self.heads)]
        peers: list[Value] = [*sorted(home.peer for home in self.replicas)]
        return sha256(encode([spaces, peers]))[:CODE].hex()


@dataclass(slots=True)
class Left:
    """It is done. ``kept``: the receipt, where it is on this machine.

    ``lacking``: spaces that were seen here and that the receipt does not name; ``late``: changes
    that came to the home at the very last, after it was shown. ``problems``: what did not hear.
    """

    kept: Kept
    receipt: Receipt
    lacking: int = 0
    late: int = 0
    problems: list[HoldfastError] = field(default_factory=list)


async def stock(session: Session) -> Stock:
    """Look at all of it; raises Unfit where the account lives elsewhere, Unreachable, Forged."""
    await take_newest(session)
    here = session.line.homes[0]
    if session.whereabouts.home.peer != here.peer:
        raise Unfit("you have moved to another home", hint="try again in a moment")
    spaces = await own_spaces(session)
    await with_spaces(session, session.line, spaces[1:])
    standing = await lacks(session, Node(here, session.line), spaces)
    found = {each.space: _newest(session, each) for each in standing}
    used = (await account(session)).usage.used
    return Stock(used, found, replicas_of(session.whereabouts))


def _newest(session: Session, each: Lack) -> tuple[int, bytes]:
    """The newest state of a space: as the home shows it, unless more was seen here."""
    seen = session.marks.get(session.id, each.space)
    if each.situation is not None and (each.fits or seen is None):
        pointer = each.situation.home.pointer
        return pointer.seq, pointer.hash
    return (0, b"") if seen is None else (seen.seq, seen.hash)


def check_file(found: Stock, manifest: Manifest, id: bytes) -> None:
    """Return if a file has the very states that there are; raises Conflict, Unfit."""
    if manifest.chain.id != id:
        raise Unfit("the file is of another account", hint="name the one that is yours")
    there = {at.space: (at.pointer.seq, at.pointer.hash) for at in manifest.spaces}
    if found.heads.keys() - there.keys():
        raise Conflict("folders were shared for writing after the file was written", _EXPORT)
    behind = sum(max(0, seq - there[space][0]) for space, (seq, _) in found.heads.items())
    if behind:
        raise Conflict(f"{behind} changes are not in the file", _EXPORT)
    if any(there[space] != head for space, head in found.heads.items()):
        raise Conflict("the file is of another history than what is known here", _EXPORT)


async def left(
    session: Session,
    attempt: Attempt,
    accept: str,
    receipts: Receipts,
    tell: Callable[[str], None],
    file: Manifest | None = None,
) -> Left:
    """Have the account deleted; the session is of no more use then, and to be closed.

    ``accept``: the code of what was shown; ``file``: what keeps it. Raises Conflict if it is
    something else by now, or the file lacks something; Unreachable when it is not known what
    became of it: then the same call finds out. ``attempt`` was shown all that the home asks for.
    """
    found = await stock(session)
    if found.code != accept:
        raise Conflict("something changed since it was shown", hint="look at it once more")
    if file is not None:
        check_file(found, file, session.id)
    problems = await _end_replicas(session, found, tell)
    tell("leaving")
    said = await trio.to_thread.run_sync(_farewell, session)
    await attempt.line.add(HybridProver(Role.OWNER, session.id, session.bundle.daily))
    kept = Kept(session.name, session.whereabouts.home, session.chain, said)
    await trio.to_thread.run_sync(receipts.keep, kept)
    data = await _depart(session, attempt.line, said)
    return await _done(session, kept, data, receipts, found, problems)


async def found_out(session: Session, receipts: Receipts) -> Left | None:
    """What became of a farewell whose answer was lost; None: there is none, or it never arrived."""
    begun = await trio.to_thread.run_sync(receipts.begun, session.id, session.line.homes[0].peer)
    if begun is None:
        return None
    try:
        data = await _again(session, begun.farewell)
    except (Denied, Forged, WrongPassword):
        return None
    return await _done(session, begun, data, receipts, None, [])


def _farewell(session: Session) -> Farewell:
    home, now, seq = session.whereabouts.home, session.around.now(), next_number(session)
    return Farewell.make(session.chain, seq, home.peer, now, session.bundle.daily)


async def _end_replicas(
    session: Session, found: Stock, tell: Callable[[str], None]
) -> list[HoldfastError]:
    """Each gives up what it holds; one that is away hears it from the home, which keeps that."""
    problems: list[HoldfastError] = []
    for home in found.replicas:
        tell("replicas")
        with suppress(NotFound):
            if not await remove(session, home.peer):
                problems.append(Unreachable("a replica is away; it hears of it from the home"))
    return problems


async def _depart(session: Session, line: HomeLine, said: Farewell) -> bytes:
    """The receipt. An answer that is lost is asked for again, with the daily key alone."""
    try:
        return await _ask(session, line, said, repeat=False)
    except (Unreachable, TimedOut) as lost:
        try:
            return await _again(session, said)
        except (Denied, Forged, WrongPassword):
            raise Unreachable(lost.message, hint=_AS_IT_WAS) from lost
        except (Unreachable, TimedOut):
            raise Unreachable(lost.message, hint=_PERHAPS) from lost


async def _again(session: Session, said: Farewell) -> bytes:
    prover = HybridProver(Role.OWNER, session.id, session.bundle.daily)
    line = HomeLine(session.around.network, [session.line.homes[0]], prover)
    try:
        return await _ask(session, line, said, repeat=True)
    finally:
        await line.aclose()


async def _ask(session: Session, line: HomeLine, said: Farewell, repeat: bool) -> bytes:
    request = Depart(session.name, said.encoded)

    async def ask(connected: Connected) -> bytes:
        return (await connected.doors.accounts.depart(request)).receipt

    return await line.call(ask, repeat=repeat)


async def _done(
    session: Session,
    kept: Kept,
    data: bytes,
    receipts: Receipts,
    found: Stock | None,
    problems: list[HoldfastError],
) -> Left:
    """Verify what the home signed, keep it, and hold it against what was seen."""
    try:
        receipt = Receipt.read(data, kept.home.peer, kept.farewell)
    except HoldfastError as error:
        raise Forged(
            f"the home says that it deleted the account, and signs something else: {error.message}",
            hint=_ASK_AGAIN,
        ) from error
    kept = replace(kept, receipt=data)
    await trio.to_thread.run_sync(receipts.keep, kept)
    done = Left(kept, receipt, problems=problems)
    if found is not None:
        _compare(done, found.heads)
    return done


def _compare(done: Left, seen: Heads) -> None:
    named = {each.space: each.seq for each in done.receipt.spaces}
    for space, (seq, _) in seen.items():
        if space not in named and len(named) == MAX_LISTED:
            continue  # there was no room for more of them
        if space not in named or named[space] < seq:
            done.lacking += 1
        else:
            done.late += named[space] - seq


_EXPORT: Final = "'holdfast export' writes a new one; or leave --without-export"
_AS_IT_WAS: Final = "nothing was deleted: try again"
_PERHAPS: Final = "it is deleted or whole, never between: run the same command when it answers"
_ASK_AGAIN: Final = "the account may be gone or not: run the same command once more"
