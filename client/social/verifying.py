"""Who is this really: the safety number of a contact and me, and whether we compared it.

An id is the hash of an identity's first record, so a number that both see says that each holds
the other's identity, and goes on saying so whatever keys follow by a valid chain. Where two
chains begin with that record and go apart, somebody has keys that they should not have: the
contact is stopped until the numbers were compared again.
"""

from dataclasses import dataclass, replace

from client.session import Session
from client.social import contacts
from client.social.contacts import Contact
from client.social.store import System, change, look
from client.space.reading import Changing
from crypto.safety import safety_number


@dataclass(frozen=True, slots=True)
class Safety:
    """The contact, and the 60 digits that they see too."""

    contact: Contact
    number: str


async def safety(session: Session, name: str) -> Safety:
    """What to compare with a contact; raises NotFound."""
    known = await contacts.by_name(await look(session), name)
    return Safety(known, safety_number(session.id, known.id))


async def confirm(session: Session, name: str, is_same: bool = True) -> Safety:
    """We compared it, and it is the same; or take that back. Raises NotFound.

    What is known of them here counts from now on, also if they were stopped.
    """

    async def operation(changing: Changing) -> Contact:
        system = System(session, changing)
        known = await contacts.by_name(system, name)
        now = replace(known, verified=system.now if is_same else 0)
        now = replace(now, alarm=0) if is_same else now
        await contacts.put(system, now)
        await system.flush()
        return now

    known = await change(session, operation)
    return Safety(known, safety_number(session.id, known.id))
