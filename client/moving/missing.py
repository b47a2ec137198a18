"""What a replica lacks when it has to become the home by itself, and going on from what it has.

A replica may be behind what was seen here, or have states that never were at the home. Nothing is
taken over silently: the owner is shown how each space stands, and signs what they go on from
(``client.space.setting_back``), which friends and other devices follow.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from client.moving.copying import Node
from client.session import Owner, Session
from client.sharing.own_spaces import own_key_in
from client.space.setting_back import Situation, Verdict, look, set_back
from client.space.view import SpaceView
from crypto.hashing import sha256
from formats.errors import Denied

CODE = 8
"""Bytes of a hash in the code by which a person says what they were shown."""


@dataclass(frozen=True, slots=True)
class Lack:
    """How one space stands at a replica; ``situation`` None: the replica does not have it."""

    space: bytes
    situation: Situation | None

    @property
    def fits(self) -> bool:
        """Whether nothing that was seen here is lacking there."""
        return self.situation is not None and self.situation.verdict is Verdict.FITS

    @property
    def changes(self) -> int | None:
        """How many changes that were seen here it lacks at least; None where that is unknown."""
        found = self.situation
        if found is None or found.seen is None:
            return None
        return max(0, found.seen.seq - found.home.pointer.seq)


async def lacks(session: Session, node: Node, spaces: Iterable[bytes]) -> list[Lack]:
    """How each of these spaces of one's own stands at a node; changes nothing."""
    found = []
    for space in spaces:
        view = _view(session, node, space)
        try:
            found.append(Lack(space, await look(view)))
        except Denied:
            found.append(Lack(space, None))
    return found


def code_of(found: Iterable[Lack]) -> str:
    """Names all that was shown, so that it is agreed to that and to nothing else."""
    parts = [
        each.space + (b"" if each.situation is None else each.situation.code.encode())
        for each in found
    ]
    return sha256(b"".join(map(sha256, parts)))[:CODE].hex()


async def go_on_from(session: Session, node: Node, found: Iterable[Lack], unseen: int = 0) -> None:
    """Sign that each space that lacks something goes on from what the node has, its home now.

    ``unseen``: the same for every space, since others may have seen so many epochs more.
    """
    for each in found:
        if each.situation is None or (each.fits and not unseen):
            continue
        member = own_key_in(session.bundle, each.space, each.situation.home.record)
        view, now = _view(session, node, each.space), session.around.now()
        daily, situation = session.bundle.daily, each.situation
        await set_back(view, situation, session.chain, member, daily, now, unseen)


def _view(session: Session, node: Node, space: bytes) -> SpaceView:
    """A space of one's own as the node has it, going by what was seen here."""
    cache = session.blocks((node.home,), session.id, space, session.name)
    owner = Owner(session.chain)
    view = SpaceView(node.line, owner, session.marks, cache, session.id, space)
    view.whose = session.name
    if space == session.bundle.space:
        view.tip = session.space.view.tip
    return view
