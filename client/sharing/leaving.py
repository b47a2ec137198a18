"""Everything somebody has from me ends, in one commit: grants, circles, their folder of shares."""

from dataclasses import replace

from client.drive.node import new_folder
from client.sharing import access
from client.sharing.circles.keys import drop_folder
from client.sharing.circles.settling import settle
from client.social import circles
from client.social.circles import Circles
from client.social.contacts import Contact
from client.social.store import LOGS, MILLI, System


async def end_all(system: System, known: Contact) -> Contact:
    """Within an operation in which nothing is due: the contact as they are afterwards.

    What only they could see through a grant or a circle gets new keys; their folder of
    shares is another one, empty, so that the old one is refused whatever they kept.
    """
    before = await circles.everything(system)
    own = [each for each in await access.everything(system) if each.of(known.id) is not None]
    for each in own:
        await access.put(system, each.without(known.id))
    await settle(
        system, before, _without(before, known.id), [each.without(known.id) for each in own]
    )
    await drop_folder(system, LOGS, known.id.hex())
    created = system.now * MILLI
    new = new_folder(created)
    await system.edit.make(await system.folder(LOGS), new, new.entry(known.id.hex(), created))
    return replace(known, log=new.keys.secret, follower=False)


def _without(before: Circles, contact: bytes) -> Circles:
    return before.plus(
        *(
            replace(each, members={id: t for id, t in each.members.items() if id != contact})
            for each in before.by_id.values()
            if contact in each.members
        )
    )
