"""What the words of a kit open, at any node that has the person's data: a home or a replica.

    chain and whereabouts   from the directory door, to who names a record of the chain
    place                   sealed in the whereabouts: the words tell the root space (of a kit
                            for friends, who keep the shares of it, they say it)
    leaf                    read like any shared leaf, by a proof of its lock
    content                 opened with the kit's key

Nothing needs the home, and nothing a node says is believed: the chain by the id, the rest by
the chain. What no signature can tell is whether there is something newer elsewhere, so every
node that is known is asked, and the newest of what they show is taken. Changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from client.answers import handed_over
from client.home import Connected, HomeLine
from client.identity.whereabouts import ALSO_EXPIRED
from client.marks import MemoryMarks
from client.provers import ReaderProver
from client.recovery.content import KitContent
from client.recovery.words import RecoveryKit
from client.session import Owner, Surroundings
from client.space.cache import BlockCache
from client.space.state import Tip
from client.space.view import SpaceView
from crypto.secret import random_secret
from crypto.signing import LockKey
from formats.errors import BadKit, Denied, Forged, HoldfastError, Unreachable, Withheld
from formats.identity import IdentityChain
from formats.kit import KitText
from formats.whereabouts import Home, Whereabouts, primary
from protocols.directory import Look, Person


@dataclass(frozen=True, slots=True)
class OpenedKit:
    """What was found at ``source``: verified records, the root space's state, the keys.

    ``named``: the home that the text names, which may be another one by now.
    """

    source: Home
    chain: IdentityChain
    whereabouts: Whereabouts
    tip: Tip
    content: KitContent
    named: Home

    @property
    def order(self) -> tuple[int, tuple[int, int], int]:
        """By this, of what two nodes show, the newer one is greater."""
        return (self.chain.seq, self.tip.order, self.whereabouts.seq)


@dataclass(frozen=True, slots=True)
class Shown:
    """What one node showed: what the kit opens there, or why it opens nothing."""

    node: Home
    opened: OpenedKit | None
    problem: HoldfastError | None = None


async def open_kit(around: Surroundings, kit: RecoveryKit, at: KitText) -> OpenedKit:
    """The newest that the kit opens; raises BadKit (other words, or an older kit), Unreachable,
    Stale, Withheld, Forged.
    """
    return newest(await open_everywhere(around, kit, at))


async def open_everywhere(
    around: Surroundings, kit: RecoveryKit, at: KitText, more: Iterable[Home] = ()
) -> list[Shown]:
    """What the kit opens at each node: those that ``at`` names, ``more`` ones, and those that
    any of them names in turn.
    """
    waiting, known, found = [*more, *at.homes], set[bytes](), list[Shown]()
    while waiting:
        home = waiting.pop(0)
        if home.peer in known:
            continue
        known.add(home.peer)
        shown = await _try(around, home, kit, at)
        found.append(shown)
        if shown.opened is not None:
            waiting += shown.opened.whereabouts.homes
    return found


def newest(found: Iterable[Shown]) -> OpenedKit:
    """The newest of it; raises what says most of why there is nothing."""
    shown = list(found)
    opened = [each.opened for each in shown if each.opened is not None]
    if opened:
        return max(opened, key=lambda each: each.order)
    problems = [each.problem for each in shown if each.problem is not None]
    nothing = Unreachable("none of the nodes that had the data answers", hint=_ELSEWHERE)
    said = [each for each in problems if not isinstance(each, Unreachable | Denied)]
    denied = [each for each in problems if isinstance(each, Denied)]
    raise (*said, *denied, nothing)[0]


async def _try(around: Surroundings, home: Home, kit: RecoveryKit, at: KitText) -> Shown:
    try:
        return Shown(home, await open_at(around, home, kit, at))
    except HoldfastError as error:
        return Shown(home, None, error)


async def open_at(around: Surroundings, home: Home, kit: RecoveryKit, at: KitText) -> OpenedKit:
    """What the kit opens at one node; of ``at``, only whose it is counts."""
    reader = LockKey.from_seed(random_secret())
    line = HomeLine(around.network, [home], ReaderProver(reader))
    try:
        chain, whereabouts = await person_at(line, at.id, at.head)
        space = at.space or _place(kit, whereabouts)
        tip, content = await _leaf(line, chain, space, kit, reader)
        return OpenedKit(home, chain, whereabouts, tip, content, primary(at.homes))
    finally:
        await line.aclose()


def _place(kit: RecoveryKit, whereabouts: Whereabouts) -> bytes:
    if whereabouts.kit is None:
        raise BadKit("that person has no recovery kit, as far as this node knows", hint=_OTHER)
    return kit.open_place(whereabouts.id, whereabouts.kit)


async def person_at(line: HomeLine, id: bytes, head: bytes) -> tuple[IdentityChain, Whereabouts]:
    """Somebody's records as one node has them, also if they expired; raises Forged, Denied."""

    async def ask(connected: Connected) -> Person:
        return await connected.doors.directory.look(Look(id, head, None))

    person = await line.call(ask)
    with handed_over("record of that person"):
        chain = IdentityChain.decode(person.chain)
        whereabouts = Whereabouts.decode(person.whereabouts)
    if chain.id != id or not chain.has(head):
        raise Forged("the node answered with another person's identity")
    whereabouts.verify(chain, ALSO_EXPIRED)
    return chain, whereabouts


async def _leaf(
    line: HomeLine, chain: IdentityChain, space: bytes, kit: RecoveryKit, reader: LockKey
) -> tuple[Tip, KitContent]:
    """The kit's leaf, at the node's newest state of that space."""
    owners, ref = Owner(chain), kit.keys.ref()
    view = SpaceView(line, owners, MemoryMarks(), BlockCache(), chain.id, space, reader)
    try:
        reading = await view.open([ref])
        leaf = (await reading.leaves([ref])).get(ref.label)
    except Denied:
        raise Withheld(_NOT_SHOWN, hint=_NEWER) from None
    if leaf is None or leaf.header is None:
        raise Withheld(_NOT_SHOWN, hint=_NEWER)
    content = KitContent.open(leaf.header, kit.pair, chain.id)
    content.check_in_force(chain)
    member = reading.tip.record.member(content.bundle.member.verify_key.digest())
    if content.bundle.space != space or member is None:
        raise BadKit("what the words open does not fit to that person's data")
    return reading.tip, content


_NOT_SHOWN: Final = "this node does not show what the kit opens"
_OTHER: Final = "another replica or a backup may know of one"
_NEWER: Final = "a newer kit was made, or the node withholds it; try another replica"
_ELSEWHERE: Final = "name one that has it with --at: a replica's address, or an invite of it"
