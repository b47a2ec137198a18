"""A person's drive: their own files, and below their friends' names what those share."""

from client.drive.drive import Drive
from client.drive.transfers.journals import Journals
from client.session import Session
from client.sharing.grants import SessionGrants
from client.sharing.jobs import GatedSpace
from client.sharing.theirs import TheirShares


def own_drive(session: Session) -> Drive:
    """The drive of a session. Changes wait for rotations; moving and removing mind grants."""
    folder = session.around.transfers(session.bundle)
    return Drive(
        session.name,
        GatedSpace(session),
        session.root.keys,
        session.around.now,
        TheirShares(session),
        SessionGrants(session),
        session.past,
        session.around.device,
        None if folder is None else Journals(folder, session.bundle.account),
    )
