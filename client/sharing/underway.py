"""New secrets for everything, after a machine was revoked: what of it is done, and what is due.

    system/renewing/root            {since, labels, done}: of the root space, counted in labels
    system/renewing/<space in hex>  {guests?, open?}: a space besides, which has its old secrets
                                    still; whose keys of guests are to be others, too: else
                                    everybody's; whether who has the old secrets reads there

A space may be due by itself: because a contact lost a machine (``lost``). Else it is begun in
the commit that shuts the machine out, and struck off as it goes on: so any of the person's
machines goes on with it, and says how far it is. Nothing waits for it: what is under old secrets
is refused to all but members by then.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from client.sharing.guests import MAX_GUESTS
from client.social.store import GUESTS, RENEWING, ROTATIONS, System
from formats.dag_cbor import Value
from formats.fields import Fields

ROOT: Final = "root"
_WHAT: Final = "note of new secrets"


@dataclass(frozen=True, slots=True)
class Renewal:
    """How far it is. ``labels`` of the root space, and how many of them are ``done``; ``spaces``
    besides that are due, of which ``open`` are refused to nobody yet. ``since``: ms.
    """

    since: int
    labels: int
    done: int
    spaces: int = 0
    open: int = 0

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        return {"since": self.since, "labels": self.labels, "done": self.done}


async def begin(
    system: System, labels: int, spaces: Sequence[bytes], open: Collection[bytes] = ()
) -> None:
    """Within the commit that retires ``labels`` of the root space: these spaces are due too.

    ``open``: of them, those whose labels it does not retire.
    """
    await system.put((RENEWING, ROOT), Renewal(system.now, labels, 0).value)
    for space in spaces:
        await system.put((RENEWING, space.hex()), {"open": True} if space in open else {})
    system.session.rotation_due = True


async def note(system: System, space: bytes, guests: Iterable[bytes]) -> None:
    """Within an operation: that space is due; of its guests, by id, these get other keys."""
    noted = await whose(system, space) if space in await due(system) else []
    if noted is None:
        return  # it is due already, for all of them
    some = sorted({*noted, *guests})
    value: dict[str, Value] = {"guests": [*some]} if len(some) <= MAX_GUESTS else {}
    await system.put((RENEWING, space.hex()), value)


async def whose(system: System, space: bytes) -> list[bytes] | None:
    """Guests of a space that is due who get other keys; None: all of them."""
    fields = await system.get((RENEWING, space.hex()), _WHAT)
    ids = None if fields is None else fields.optional_list("guests", MAX_GUESTS)
    return None if ids is None else [each for each in ids if isinstance(each, bytes)]


async def went_on(system: System, labels: int) -> None:
    """Within a commit that took these many labels away."""
    known = await _root(system)
    if known is not None:
        done = min(known.labels, known.done + labels)
        await system.put((RENEWING, ROOT), Renewal(known.since, known.labels, done).value)


async def due(system: System) -> list[bytes]:
    """Spaces besides the root space that have their old secrets still."""
    return [bytes.fromhex(name) for name in await system.names(RENEWING) if name != ROOT]


async def strike_off(system: System, space: bytes) -> None:
    """Within an operation: that space has new ones."""
    await system.remove(RENEWING, space.hex())


async def end(system: System) -> bool:
    """Within an operation: finished, if it is so. False if there is none, or something is due."""
    if await _root(system) is None or await due(system):
        return False
    for name in (ROTATIONS, GUESTS):
        if await system.names(name):
            return False
    await system.remove(RENEWING, ROOT)
    return True


async def renewal(system: System) -> Renewal | None:
    """How far it is; None if nothing is under way."""
    known = await _root(system)
    if known is None:
        return None
    spaces = {k: v for k, v in (await system.all(RENEWING)).items() if k != ROOT}
    open = sum(each.optional_flag("open") or False for each in spaces.values())
    return Renewal(known.since, known.labels, known.done, len(spaces), open)


async def _root(system: System) -> Renewal | None:
    fields = await system.get((RENEWING, ROOT), _WHAT)
    return None if fields is None else _read(fields)


def _read(fields: Fields) -> Renewal:
    return Renewal(fields.uint("since"), fields.uint("labels"), fields.uint("done"))
