"""Telling everybody in a circle that there is news: noted in the commit, sent after it.

One record for each circle, ``system/telling/<id in hex>``: so a commit that shares costs the
same however many are to be told. A step of its own notes a message for each of them.
"""

from client.session import Session
from client.social import circles, contacts, outbox
from client.social.circles import Circle
from client.social.store import TELLING, System, change, look_at_hand
from client.space.reading import Changing


async def note(system: System, circle: Circle) -> None:
    """Within an operation: everybody in it is to be told."""
    await system.put((TELLING, circle.id.hex()), {"time": system.now})


async def spread(session: Session) -> int:
    """Note a message for everybody who is to be told; how many circles there were."""
    if not await (await look_at_hand(session)).names(TELLING):
        return 0

    async def operation(changing: Changing) -> int:
        system = System(session, changing)
        names = await system.names(TELLING)
        known = await circles.everything(system)
        people = {each for name in names for each in known.people(bytes.fromhex(name))}
        everybody = await contacts.everybody(system)
        await outbox.post_changed(system, [each for each in everybody if each.id in people])
        for name in names:
            await system.remove(TELLING, name)
        await system.flush()
        return len(names)

    return await change(session, operation)


async def tell(session: Session) -> None:
    """Tell everybody who is to be told, as far as their homes are there."""
    await spread(session)
    await outbox.flush(session)
