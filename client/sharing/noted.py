"""What is noted to be done in a space besides the root space: a commit of both does it.

It is done in a state in which nothing else is due there, and strikes the note off. Guests write
in such a space: what they broke, so that it cannot be finished, keeps nothing from being done.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from client.session import Session
from client.sharing import guests
from client.sharing.apart import own_space, system_of
from client.sharing.both import Both
from client.sharing.steps import BROKEN, Ground, finish_in, is_pending_there
from client.social.store import System, look
from client.space.joint import commit_both
from client.space.overlay import Overlay
from formats.space import SpaceRecord

TRIES: Final = 8
"""How often what is due in a space is finished, before it counts as broken."""


async def do_noted(
    session: Session, folder: str, id: bytes, work: Callable[[Both], Awaitable[None]]
) -> None:
    """Do it for the space of that id, if ``system/<folder>/<id in hex>`` is there still."""
    space, tries = await own_space(session, id), 0

    async def operation(here: Overlay, there: Overlay, record: SpaceRecord) -> bool:
        system = System(session, here)
        if id.hex() not in await system.names(folder):
            return True  # another device was first
        apart = await guests.get(system, id)
        tree = system_of(session, apart.top)(there)
        if tries < TRIES and await is_pending_there(tree):
            return False
        both = Both(session, System(session, here, tree=tree), apart, there, record)
        await work(both)
        await both.system.remove(folder, id.hex())
        await both.flush()
        return True

    while not await commit_both(session.space, space, operation):
        tries += 1
        apart = await guests.get(await look(session), id)
        with suppress(*BROKEN):
            await finish_in(Ground(space, system_of(session, apart.top)))
