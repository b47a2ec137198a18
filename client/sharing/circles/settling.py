"""Making true who is in which circle: all of it within one operation.

    who came      gets an entry in their folder of shares, whatever is shared with the circle
    who left      loses theirs; the circle's folder is made anew, and who stays gets its key;
                  what is shared with it gets new keys too, each thing and all below it once
    who writes     is noted (``following``): each space follows in a commit of its own

So two devices may change circles, and share with them, at the same time: one commits first,
and the other's operation runs again on what the first one left (docs/spec/circles.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from client.sharing import access
from client.sharing.access import Access
from client.sharing.circles import following, keys
from client.sharing.circles.places import find_places, topmost
from client.sharing.place import Place
from client.sharing.revoke import rotate_below
from client.sharing.survey import read_ahead
from client.social import circles
from client.social.circles import Circles
from client.social.store import CIRCLE_LOGS, System


@dataclass(frozen=True, slots=True)
class Moves:
    """Who came to and who left each circle, by its id."""

    came: dict[bytes, set[bytes]]
    left: dict[bytes, set[bytes]]

    @classmethod
    def between(cls, before: Circles, after: Circles) -> "Moves":
        """Counting those too who are in a circle through another."""
        came: dict[bytes, set[bytes]] = {}
        left: dict[bytes, set[bytes]] = {}
        for id in {*before.by_id, *after.by_id}:
            old, new = before.people(id).keys(), after.people(id).keys()
            came[id], left[id] = set(new - old), set(old - new)
        return cls(came, left)

    @property
    def people(self) -> set[bytes]:
        """Everybody whom it concerns."""
        return {each for some in (*self.came.values(), *self.left.values()) for each in some}


async def settle(
    system: System, before: Circles, after: Circles, also: Sequence[Access] = ()
) -> tuple[Circles, Moves]:
    """From one state of the circles to another: records, keys, and what was shared.

    Returns the circles as they are kept from now on, and who came and went.
    ``also``: what somebody lost in another way in this operation, to get new keys with the rest.
    """
    moves = Moves.between(before, after)
    closed = {id for id, left in moves.left.items() if left}
    lost = await _lost(system, after, moves)
    await following.note(system, following.touched(before, after), [*lost, *also])
    lost = [each for each in lost if each.space is None]
    here = {each.id: each for each in (*lost, *also) if each.space is None}
    places = await find_places(system, here.values())
    await _refuse(system, [each for each in lost if each.id not in places], closed)
    after = Circles(
        {
            id: replace(each, epoch=each.epoch + 1) if id in closed else each
            for id, each in after.by_id.items()
        }
    )
    await _end_grants(system, before, after)
    await _move_keys(system, before, after, moves)
    await rotate_all(system, places)
    await circles.keep(system, before, after)
    return after, moves


async def _refuse(system: System, lost: Sequence[Access], closed: set[bytes]) -> None:
    """What stands nowhere any more cannot get new keys: nobody is served it."""
    for each in lost:
        for grant in each.circles:
            if grant.circle in closed:
                await keys.refuse(system, CIRCLE_LOGS, grant.circle.hex(), {each.id})


async def _lost(system: System, after: Circles, moves: Moves) -> list[Access]:
    """What somebody who left a circle has no other grant to."""
    if not any(moves.left.values()):
        return []
    return [
        each
        for each in await access.everything(system)
        if any(
            not _still(each, contact, after)
            for grant in each.circles
            for contact in moves.left.get(grant.circle, ())
        )
    ]


def _still(shared: Access, contact: bytes, after: Circles) -> bool:
    return shared.of(contact) is not None or any(
        contact in after.people(grant.circle) for grant in shared.circles
    )


async def _end_grants(system: System, before: Circles, after: Circles) -> None:
    gone = before.by_id.keys() - after.by_id.keys()
    for each in await access.everything(system) if gone else ():
        kept = each
        for id in gone:
            kept = kept.without_circle(id)
        if kept != each:
            await access.put(system, kept)


async def _move_keys(system: System, before: Circles, after: Circles, moves: Moves) -> None:
    for id in before.by_id.keys() - after.by_id.keys():
        await keys.take_back(system, before.by_id[id], moves.left[id])
        await keys.drop(system, before.by_id[id])
    for id, circle in after.by_id.items():
        if moves.left[id]:
            await keys.take_back(system, circle, moves.left[id])
            entry = await keys.renewed(system, circle)
            await keys.hand_out(system, circle, entry, after.people(id))
        elif moves.came[id] or id not in before.by_id:
            await keys.hand_out(system, circle, await keys.current(system, circle), moves.came[id])


async def rotate_all(system: System, places: dict[bytes, Place]) -> None:
    """Within an operation: new secrets for all of these, and all below them, once."""
    below = topmost(places)
    await read_ahead(system.changing, [place.entry for place in below])
    for place in below:
        what = "/".join(("", system.session.name, *place.parts))
        await place.parent.put(await rotate_below(system, place.entry, what))
