"""A person's machines: which there are, what they are called, and which of them wrote something.

Each has a record in the root space, ``system/devices/<digest of its root-space key in hex>``:

    {v, name, called, since, seen, keys, revoked?}

``called`` is what the machine calls itself; ``name`` what the person calls it, which is the same
until they say otherwise. Whether it may write is not in its record but in the space record, which
the owner signs: a record here opens nothing, and one that is missing shuts nobody out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import trio

from client.device import MAX_DEVICE, check_device
from client.identity.admitting import MAX_MACHINES
from client.session import Session
from client.sharing import guests
from client.social.store import DEVICES, System, change, look
from client.space.away import newest
from client.space.entrance import machines
from client.space.overlay import Overlay
from formats.dag_cbor import Value
from formats.errors import Exists, Malformed, NotFound, Usage
from formats.fields import Fields
from formats.limits import ID
from formats.space import SpaceRecord

SEEN_EVERY: Final = 24 * 3600 * 1000
"""Milliseconds after which a machine notes again that it was there."""
MAX_KEYS: Final = 1024
"""Member keys of one machine that are told to be its own, the newest."""
LEAST_DIGITS: Final = 8
"""Hex digits of a key by which a machine may be named that has no name."""
_IS_KEY: Final = re.compile("[0-9a-f]{64}")
_WHAT: Final = "record of a device"


class Standing(StrEnum):
    """How a machine stands: this very one; may write; has to sign in again; was revoked."""

    HERE = "here"
    IN = "in"
    OUT = "out"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Device:
    """One machine. ``key``: digest of its member key of the root space. Times in milliseconds.

    ``since`` and ``seen`` are its own word. ``keys``: digests of its member keys in all spaces.
    """

    key: bytes
    name: str
    called: str
    since: int
    seen: int
    keys: tuple[bytes, ...]
    revoked: int | None = None

    @classmethod
    def read(cls, key: bytes, fields: Fields) -> "Device":
        """As it was kept; raises Malformed."""
        keys = fields.list_("keys", MAX_KEYS)
        digests = tuple(each for each in keys if isinstance(each, bytes) and len(each) == ID)
        if len(digests) != len(keys):
            raise Malformed(f"{_WHAT}: its keys are no digests")
        device = cls(
            key,
            fields.text("name", MAX_DEVICE),
            fields.text("called", MAX_DEVICE),
            fields.uint("since"),
            fields.uint("seen"),
            digests,
            fields.optional_uint("revoked"),
        )
        fields.done()
        return device

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        value: dict[str, Value] = {
            "name": self.name,
            "called": self.called,
            "since": self.since,
            "seen": self.seen,
            "keys": list(self.keys),
        }
        return value if self.revoked is None else {**value, "revoked": self.revoked}


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


async def _settle(system: System) -> None:
    session, known = system.session, await everything(system)
    key = own_digest(session)
    keys = [key, *[await _digest(session, each.space) for each in await guests.everything(system)]]
    called, now = session.around.device, system.now
    found = next((each for each in known if each.key == key), None)
    if found is None:
        found = Device(key, _free(called, known), called, now, now, tuple(keys[:MAX_KEYS]))
        await put(system, found)
    elif found.called != called or not {*keys} <= {*found.keys} or now - found.seen >= SEEN_EVERY:
        name = found.name
        if found.called != called:
            name = _free(called, [each for each in known if each.key != key])
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
            keys = ", ".join(each.key.hex()[:LEAST_DIGITS] for each in fits)
            raise Usage(f"two devices are called '{which}'", hint=f"name one by its key: {keys}")
        if fits:
            return fits[0]
    raise NotFound(f"no device of yours is called '{which}'", hint="'holdfast devices list'")


async def names(session: Session) -> dict[bytes, str]:
    """What the machines are called, by the digest of each member key of theirs."""
    told: dict[bytes, str] = {}
    for each in await everything(await look(session)):
        name = each.name if each.revoked is None else f"{each.name} (revoked)"
        told |= dict.fromkeys((*each.keys, each.key), name)
    return told


async def own_keys(system: System, space: bytes) -> set[bytes]:
    """Digests of keys by which a person's machines wrote, or write, to a space of theirs."""
    bundle = system.session.bundle
    told = {key for each in await everything(system) for key in (*each.keys, each.key)}
    now = {key(space).verify_key.digest() for key in (bundle.own_member, bundle.entry_key)}
    return told | now


async def everything(system: System) -> list[Device]:
    """Every record that there is; one that says nonsense, as of a machine without a name."""
    found = (await system.all(DEVICES)).items()
    return [_read(bytes.fromhex(name), fields) for name, fields in found if _IS_KEY.fullmatch(name)]


def _read(key: bytes, fields: Fields) -> Device:
    try:
        return Device.read(key, fields)
    except Malformed:  # whoever was a machine of mine may have left it
        return unnamed(key, 0)


async def put(system: System, device: Device) -> None:
    """Keep one."""
    await system.put((DEVICES, device.key.hex()), device.value)


async def mark_revoked(system: System, keys: Sequence[bytes]) -> None:
    """Within the commit that revokes them: it is said in their records."""
    known = {each.key: each for each in await everything(system)}
    for key in keys:
        device = known.get(key) or unnamed(key, system.now)
        await put(system, replace(device, revoked=system.now))


def unnamed(key: bytes, now: int) -> Device:
    """A machine that has no record: it is called by its key."""
    name = f"device {key.hex()[:LEAST_DIGITS]}"
    return Device(key, name, name, now, now, (key,))


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
    if len(which) < LEAST_DIGITS:
        return []
    return [each for each in some if each.key.hex().startswith(which)]


def _free(called: str, known: Iterable[Device]) -> str:
    """What a machine calls itself, or that with a number: no two that may write have one name."""
    taken = {each.name for each in known if each.revoked is None}
    if called not in taken:
        return called
    for number in range(2, MAX_MACHINES + 2):
        tail = f"-{number}"
        short = called.encode()[: MAX_DEVICE - len(tail)].decode("utf-8", "ignore").rstrip()
        if f"{short}{tail}" not in taken:
            return f"{short}{tail}"
    return called


async def _digest(session: Session, space: bytes) -> bytes:
    """Of this machine's member key of a space."""
    key = await trio.to_thread.run_sync(session.bundle.own_member, space)
    return key.verify_key.digest()
