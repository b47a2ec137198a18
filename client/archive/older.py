"""Whether a file may be gone on from: its home, newer keys, newer words of its owner.

A file is of one time. Whoever is known from it may have renewed their keys since, moved, or
still live where they did. All of that is asked of the nodes that the file names, as far as they
answer: their word is believed as far as it is signed.
"""

from typing import Final

import trio

from client.answers import handed_over
from client.archive.manifest import Manifest
from client.home import Connected, HomeLine
from client.identity.whereabouts import ALSO_EXPIRED
from client.session import Surroundings
from formats.errors import (
    Denied,
    ProtocolViolation,
    Stale,
    TimedOut,
    Unfit,
    UnknownVersion,
    Unreachable,
)
from formats.farewell import Farewell
from formats.identity import IdentityChain
from formats.whereabouts import Home, Whereabouts
from protocols.directory import Look, Person

PATIENCE: Final = 10.0
"""Seconds in which a node has to answer, or it counts as one that is gone."""

AHEAD: Final = 2**20
"""By how much whereabouts are numbered above the newest that are known here, of many perhaps."""


async def newest_known(around: Surroundings, manifest: Manifest, to: Home, left: bool) -> int:
    """The number that new whereabouts come after; raises Stale, Unfit.

    The nodes in the file are asked, those they name, and the one that it goes to.
    ``left``: the home is not to be gone on with, though it answers.
    """
    seq = manifest.whereabouts.seq
    waiting, asked = [*manifest.whereabouts.homes, to], set[bytes]()
    while waiting:
        home = waiting.pop(0)
        if home.peer in asked:
            continue
        asked.add(home.peer)
        found = await _look(around, home, manifest.chain)
        if found is None:
            continue
        chain, where, said = found
        waiting.append(where.home)
        if chain.seq > manifest.chain.seq:
            raise renewed()
        came_before = home.peer == to.peer != manifest.whereabouts.home.peer
        gone = said is not None and said.ends(where)
        if where.home.peer == home.peer and not left and not came_before and not gone:
            raise Unfit(
                "the account lives at its home, which answers",
                hint="'holdfast login' there, and 'holdfast move'; to go on from the file all "
                "the same: --without-old-home",
            )
        seq = max(seq, where.seq, 0 if said is None else said.seq)
    return seq + AHEAD


def renewed() -> Stale:
    """The keys in the file are in force no more."""
    return Stale(
        "the keys of this account were renewed after the file was written",
        hint="only a newer file, or a node that has the account, is of use",
    )


async def _look(
    around: Surroundings, home: Home, known: IdentityChain
) -> tuple[IdentityChain, Whereabouts, Farewell | None] | None:
    """What a node says of the person, verified; None where it does not answer, or knows nothing."""
    line = HomeLine(around.network, [home])

    async def ask(connected: Connected) -> Person:
        return await connected.doors.directory.look(Look(known.id, known.head_hash, None))

    found: tuple[IdentityChain, Whereabouts, Farewell | None] | None = None
    try:
        with trio.move_on_after(PATIENCE):
            found = _read(await line.call(ask), known)
    except (Denied, ProtocolViolation, TimedOut, Unreachable, UnknownVersion):
        return None
    finally:
        await line.aclose()
    return found


def _read(
    person: Person, known: IdentityChain
) -> tuple[IdentityChain, Whereabouts, Farewell | None]:
    with handed_over("identity"):
        chain, where = IdentityChain.decode(person.chain), Whereabouts.decode(person.whereabouts)
    chain.extends(known.id, known.seq, known.head_hash)
    where.verify(chain, ALSO_EXPIRED)
    if person.farewell is None:
        return chain, where, None
    with handed_over("farewell of yours"):
        said = Farewell.decode(person.farewell)
    said.verify(chain)
    return chain, where, said
