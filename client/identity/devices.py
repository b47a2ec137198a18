"""A person's machines: which there are, how each stands, what they are called.

Each one notes itself in the list when its person is signed in there (``settle``). Which may write
is told from the space record; what they are called, from their own records (``device_notes.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import trio

from client.device import check_device
from client.identity.device_notes import (
    DIGITS,
    MAX_KEYS,
    Device,
    everything,
    free_name,
    put,
    unnamed,
)
from client.session import Session
from client.sharing import guests, underway
from client.sharing.underway import Renewal
from client.social.store import System, change
from client.space.away import newest
from client.space.entrance import machines
from client.space.overlay import Overlay
from formats.errors import Exists, NotFound, Unfit, Usage
from formats.space import SpaceRecord

SEEN_EVERY: Final = 24 * 3600 * 1000
"""Milliseconds after which a machine notes again that it was there."""


class Standing(StrEnum):
    """How a machine stands: this very one; may write; has to sign in again; was revoked."""

    HERE = "here"
    IN = "in"
    OUT = "out"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Shown:
    """A machine, and how it stands. ``name`` None: it may write, and never said what it is."""

    key: bytes
    standing: Standing
    device: Device | None

    @property
    def name(self) -> str | None:
        """What it is called."""
        return None if self.device is None else self.device.name


async def settle(session: Session) -> None:
    """This machine is a member of the root space, and in the list; as it is now, once a day.

    What a session does by itself. No commit when nothing is to be said.
    """
    await session.space.enter()
    await change(session, lambda changing: _settle(System(session, changing)))


def find_other(shown: Iterable[Shown], which: str) -> Shown:
    """A machine that is to be revoked; raises NotFound, Usage, Unfit (this one; it is already).

    So the last one cannot be revoked: nobody would be there to do it.
    """
    meant = find(shown, which)
    if meant.standing is Standing.HERE:
        raise Unfit("that is the device you are on", hint=_NOT_THIS)
    if meant.standing is Standing.REVOKED:
        raise Unfit(f"'{meant.name}' was revoked already", hint="'holdfast devices list'")
    return meant


_NOT_THIS: Final = "revoke it from another one; 'holdfast logout' signs out here"


async def _settle(system: System) -> None:
    session, known = system.session, await everything(system)
    key = own_digest(session)
    keys = [key, *[await _digest(session, each.space) for each in await guests.everything(system)]]
    called, now = session.around.device, system.now
    found = next((each for each in known if each.key == key), None)
    if found is None:
        found = Device(key, free_name(called, known), called, now, now, tuple(keys[:MAX_KEYS]))
        await put(system, found)
    elif found.called != called or not {*keys} <= {*found.keys} or now - found.seen >= SEEN_EVERY:
        name = found.name
        if found.called != called:
            name = free_name(called, [each for each in known if each.key != key])
        kept = tuple(dict.fromkeys((*keys, *found.keys)))[:MAX_KEYS]
        await put(system, replace(found, name=name, called=called, seen=now, keys=kept))
    await system.flush()


async def devices(session: Session) -> list[Shown]:
    """All of them, this one first, then by when they were seen last; revoked ones at the end."""
    reading = await newest(session.space.view)
    system = System(session, Overlay(reading))
    known = {each.key: each for each in await everything(system)}
    present, own = _present(session, reading.tip.record), own_digest(session)
    listed = {*known, *present, own}
    shown = [Shown(key, _standing(key, own, known, present), known.get(key)) for key in listed]
    return sorted(shown, key=_order)


async def renewal(session: Session) -> Renewal | None:
    """How far new secrets are, after one was revoked; None if everything has some."""
    return await underway.renewal(System(session, Overlay(await newest(session.space.view))))


async def name_device(session: Session, which: str, name: str) -> Shown:
    """Call a machine so; raises NotFound, Usage (two fit), BadName, Exists (another has it)."""
    checked = check_device(name)
    meant = find(await devices(session), which)

    async def operation(system: System) -> None:
        known = await everything(system)
        others = [each for each in known if each.key != meant.key and each.revoked is None]
        if any(each.name == checked for each in others):
            raise Exists(f"another device of yours is called '{checked}'")
        there = next((each for each in known if each.key == meant.key), None)
        device = there or unnamed(meant.key, system.now)
        await put(system, replace(device, name=checked))
        await system.flush()

    await change(session, lambda changing: operation(System(session, changing)))
    return find(await devices(session), meant.key.hex())


def find(shown: Iterable[Shown], which: str) -> Shown:
    """The one that is called so, or whose key begins so; raises NotFound, Usage where two do.

    A name is looked for among those that were not revoked first: names are used again.
    """
    known = list(shown)
    for some in ([x for x in known if x.standing is not Standing.REVOKED], known):
        fits = [each for each in some if each.name == which] or _by_key(some, which)
        if len(fits) > 1:
            keys = ", ".join(each.key.hex()[:DIGITS] for each in fits)
            raise Usage(f"two devices are called '{which}'", hint=f"name one by its key: {keys}")
        if fits:
            return fits[0]
    raise NotFound(f"no device of yours is called '{which}'", hint="'holdfast devices list'")


def own_digest(session: Session) -> bytes:
    """What this machine is known by."""
    return session.bundle.own_member(session.bundle.space).verify_key.digest()


def _standing(key: bytes, own: bytes, known: dict[bytes, Device], present: set[bytes]) -> Standing:
    if key == own:
        return Standing.HERE
    if key in present:
        return Standing.IN
    return Standing.OUT if known[key].revoked is None else Standing.REVOKED


def _present(session: Session, record: SpaceRecord) -> set[bytes]:
    """The machines that may write now. The entry key is none, whatever it may."""
    entry = session.bundle.entry_key(session.bundle.space).verify_key.digest()
    return {each.key for each in machines(record)} - {entry}


def _order(shown: Shown) -> tuple[bool, bool, int, bytes]:
    seen = 0 if shown.device is None else shown.device.seen
    last = shown.standing is Standing.REVOKED
    return last, shown.standing is not Standing.HERE, -seen, shown.key


def _by_key(some: Iterable[Shown], which: str) -> list[Shown]:
    """Those whose key begins with these hex digits."""
    if len(which) < DIGITS:
        return []
    return [each for each in some if each.key.hex().startswith(which)]


async def _digest(session: Session, space: bytes) -> bytes:
    """Of this machine's member key of a space."""
    key = await trio.to_thread.run_sync(session.bundle.own_member, space)
    return key.verify_key.digest()
