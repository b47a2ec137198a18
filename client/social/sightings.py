"""What a message tells of a space: the newest state that its sender has verified.

To somebody I follow: the state of their space, as their home showed it to me. They know every
change of it, so they notice if their home shows their friends, or their other devices,
something else. To who only follows me: the state of my own. Nobody is told of anybody else's
space: that would say whom I know.
"""

from collections.abc import Iterator

from client.session import Session
from client.social.contacts import Contact
from client.space.state import Tip
from formats.sighting import Sighting


def to_tell(session: Session, contact: Contact) -> Iterator[Sighting]:
    """What to tell a contact, the fullest first; nothing if neither follows the other."""
    tip = _of_theirs(session, contact)
    if tip is None and contact.follower:
        tip = session.space.view.tip
    if tip is not None:
        yield Sighting.of(tip.pointer, tip.record)
        yield Sighting(tip.pointer)


def _of_theirs(session: Session, contact: Contact) -> Tip | None:
    """The newest state of their space that was seen in this run."""
    if contact.theirs is None or not contact.following:
        return None
    view = session.foreign.get((contact.id, contact.theirs.space, contact.reach.homes))
    return None if view is None else view.tip
