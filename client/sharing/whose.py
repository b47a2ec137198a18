"""Who made a state: told by the member key that signed it, in the words of who asks.

The owner of a space gave each guest a key of its own, so attribution holds against everybody
but the owner. A guest knows its own key, and of the others only that they are others.
"""

from typing import Final

from client.drive.crossing import inside
from client.drive.drive import Drive
from client.identity import device_notes
from client.session import Session
from client.sharing import guests
from client.social import contacts
from client.social.store import look

GONE: Final = "somebody who was removed"
"""For a guest who is no contact any more."""


async def members(session: Session, drive: Drive, path: str) -> dict[bytes, str]:
    """What the members of the space that a path is in are called, by the digest of their key.

    Whoever is in no list is not known by name.
    """
    reading = await (await inside(drive, path)).space.at_hand()
    if reading.space == session.bundle.space:
        return {}  # one's own devices, which have names
    here = reading.owner, reading.space
    if reading.owner != session.id:
        keys = [key for owner, space, key in session.apart if (owner, space) == here]
        return dict.fromkeys(keys, session.name)
    system = await look(session)
    apart = await guests.get(system, reading.space)
    names = {each.id: each.name for each in await contacts.everybody(system)}
    told = {each.member: names.get(each.contact, GONE) for each in apart.guests}
    mine = await device_notes.own_keys(system, reading.space)
    return {**dict.fromkeys(mine, session.name), **told}
