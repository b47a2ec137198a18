"""Whose spaces one may see: one's own, and those of contacts, at their pinned identity."""

from collections.abc import Callable
from typing import Final

from client.own_line import renewed_elsewhere
from client.session import Session
from client.social import contacts
from client.social.contacts import Contact, Reach
from client.social.events import Event, Gone
from client.social.pinning import ask_person, refreshed
from client.social.store import System, change, look, look_at_hand
from client.social.strangers import seek, the_one
from client.space.reading import Changing
from formats.errors import Denied, HoldfastError, NotFound, TimedOut, Unfit, Unreachable
from formats.identity import IdentityChain


class ContactOwners:
    """``client.space.view.Owners`` over the contacts of a session."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session
        self._newer: Final[dict[bytes, IdentityChain]] = {}

    async def chain(self, owner: bytes) -> IdentityChain:
        """The newest identity that is known here of ``owner``; Denied for a stranger.

        Every state that is read is checked by this, so it asks nobody. One signed under a newer
        identity, which another device may have pinned already, makes its reader ask (``newer``).
        """
        if owner == self._session.id:
            return self._session.chain
        known = await contacts.get(await look_at_hand(self._session), owner)
        if known is None:
            known = await contacts.get(await look(self._session), owner)
        if known is None:
            raise Denied("that space belongs to somebody who is none of your contacts")
        pinned, newer = known.chain, self._newer.get(owner)
        return pinned if newer is None or newer.seq <= pinned.seq else newer

    async def newer(self, owner: bytes) -> IdentityChain:
        """As their home tells it now, going on from what is pinned; pinned when they are heard of.

        Raises Denied, Forked (another history), NotSignedIn (one's own keys were renewed).
        """
        if owner == self._session.id:
            raise renewed_elsewhere()
        known = await contacts.get(await look(self._session), owner)
        if known is None:
            raise Denied("that space belongs to somebody who is none of your contacts")
        pinned = known.chain
        chain, _ = await ask_person(
            self._session, known.reach.homes, owner, pinned.head_hash, pinned=pinned
        )
        self._newer[owner] = chain
        return chain


async def refresh(session: Session, id: bytes) -> Contact:
    """Ask a contact's home for their newest records, and pin them.

    If it does not answer where it was, it is looked for in the network between nodes, where
    who is published says where they moved. Raises Forked (another history: an alarm), Forged,
    Unreachable.
    """
    known = await contacts.get(await look(session), id)
    if known is None:
        raise Denied("that is none of your contacts")
    try:
        fresh = await refreshed(session, known)
    except (Unreachable, TimedOut) as away:
        fresh = await _found_again(session, known, away)

    async def operation(changing: Changing) -> Contact:
        system = System(session, changing)
        now = await contacts.get(system, id)
        if now is None:
            return fresh
        kept = now.known_as(fresh.chain, fresh.reach, fresh.left)
        if kept != now:
            await contacts.put(system, kept)
            await system.flush()
        return kept

    kept = await change(session, operation)
    session.rotation_due |= kept.is_lost
    return kept


async def look_around(
    session: Session, on_event: Callable[[Event], None] | None = None
) -> list[HoldfastError]:
    """Ask everybody I follow where they are now; what could not be asked, or is an alarm.

    So that their replicas are known before they are needed. ``on_event`` hears who left.
    """
    problems: list[HoldfastError] = []
    for known in await contacts.contacts(session):
        session.rotation_due |= known.is_lost  # which may have had to wait
        if not known.following:
            continue
        try:
            now = await refresh(session, known.id)
            if now.left and not known.left and on_event is not None:
                on_event(Gone(known.name))
        except (Unreachable, TimedOut):
            continue
        except HoldfastError as error:
            problems.append(error)
    return problems


async def _found_again(session: Session, known: Contact, away: HoldfastError) -> Contact:
    """The contact as they are published, if they moved; raises ``away`` if nothing newer is.

    Nobody's home is named to begin with: this happens in the background (decision 0258).
    """
    try:
        found = the_one(await seek(session.around, known.id), known.name)
    except (Unreachable, TimedOut, NotFound, Unfit):
        raise away from None
    moved = known.known_as(found.person.chain, Reach.of(found.person.whereabouts))
    if moved == known:
        raise away
    return moved
