"""A person's drive: their own files, and below their friends' names what those share.

A shared folder with a space of its own is a drive, too, to whoever may write there: ``/alice/trip``
of one who is Alice, or her guest, has a trash, versions and a log like a home.
"""

from dataclasses import replace

from client.drive.drive import Alone, Drive, NoGrants
from client.drive.transfers.journals import Journals
from client.keys import NodeKeys
from client.session import Session
from client.sharing.apart import system_of
from client.sharing.grants import SessionGrants
from client.sharing.inner import GuestGrants, InnerSpace, OwnerGrants, OwnersSpace
from client.sharing.jobs import gated
from client.sharing.steps import Ground
from client.sharing.theirs import TheirShares, Within
from client.space.past import SpacePast


def own_drive(session: Session) -> Drive:
    """The drive of a session. Changes wait for rotations; moving and removing mind grants."""
    folder = session.around.transfers(session.bundle)
    return Drive(
        session.name,
        gated(session),
        session.root.keys,
        session.around.now,
        TheirShares(session, inner_drive),
        SessionGrants(session),
        session.past,
        session.around.device,
        None if folder is None else Journals(folder, session.bundle.account),
        older=tuple(map(NodeKeys, session.bundle.roots)),
    )


def inner_drive(session: Session, outer: Drive, name: str, within: Within) -> Drive:
    """The drive of a space that is mounted in another drive, under this name."""
    top = NodeKeys(within.tops[0])
    ground = Ground(within.space, system_of(session, top))
    space, grants = _inside(session, ground)
    return replace(
        outer,
        name=name,
        space=space,
        root=top,
        older=tuple(map(NodeKeys, within.tops[1:])),
        shares=Alone(),
        grants=NoGrants() if within.is_file else grants,
        past=SpacePast(within.space.view, within.tops[0], within.author, within.tops[1:]),
        outer=outer,
        alone=within.is_file,
    )


def _inside(session: Session, ground: Ground) -> tuple[InnerSpace, GuestGrants]:
    """The space as its owner changes it, or as a guest does."""
    if ground.space.view.owner != session.id:
        return InnerSpace(session, ground), GuestGrants(session)
    owners = OwnerGrants(session)
    return OwnersSpace(session, ground, owners), owners
