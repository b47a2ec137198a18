"""What of a space somebody was given by itself: noted in the space, for those who write there.

    system/granted/<id in hex>   {v: 1}; of all that is shared, too, if somebody only reads it

To whom stands in the owner's records, which guests do not see. By this list they see that what
they take out of such a folder, or put into the trash, was open to others.
"""

from typing import Final

from client.sharing import access
from client.sharing.access import Access
from client.sharing.guests import Apart
from client.sharing.steps import BROKEN
from client.social.store import GRANTED, System

_FILE_ID: Final = 16


async def keep(system: System, apart: Apart) -> None:
    """Within an operation of both spaces: the list, by what the records say now.

    What guests wrote into it goes. ``system`` has the space as its tree.
    """
    names = {id.hex() for id in await by_records(system, apart)}
    try:
        await _write(system.tree, names)
    except BROKEN:  # a guest's doing; the records are what counts, so it is begun anew
        await (await system.tree.folder()).remove(GRANTED)
        await _write(system.tree, names)


async def by_records(system: System, apart: Apart) -> set[bytes]:
    """What the list has to say, by the owner's own records."""
    return {
        each.id
        for each in await access.everything(system)
        if each.space == apart.space and (each.id != apart.id or _is_only_read(each, apart))
    }


async def _write(tree: System, names: set[str]) -> None:
    there = set(await tree.names(GRANTED))
    for name in there - names:
        await tree.remove(GRANTED, name)
    for name in sorted(names - there):
        await tree.put((GRANTED, name), {})


async def ids(tree: System) -> set[bytes]:
    """The ids of what others were given by itself; ``tree`` is the space's.

    Raises what keeps the list from being read: without it nobody knows what others can open.
    """
    return {bytes.fromhex(name) for name in await tree.names(GRANTED) if _is_id(name)}


def _is_id(name: str) -> bool:
    """Whether a name is one of the owner's making; guests may write others."""
    return len(name) == 2 * _FILE_ID and set(name) <= set("0123456789abcdef")


def _is_only_read(whole: Access, apart: Apart) -> bool:
    """Whether somebody has all that is shared who does not write there."""
    return any(apart.guest(each.contact) is None for each in whole.grants) or any(
        apart.of_circle(each.circle) is None for each in whole.circles
    )
