"""What is kept of each machine of a person's, in the root space.

    system/devices/<digest of its root-space key in hex>
        {v, name, called, since, seen, keys, revoked?}

``called`` is what the machine calls itself; ``name`` what the person calls it, which is the same
until they say otherwise. Whether it may write is not in its record but in the space record, which
the owner signs: a record here opens nothing, and one that is missing shuts nobody out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from client.device import MAX_DEVICE
from client.identity.admitting import MAX_MACHINES
from client.session import Session
from client.social.store import DEVICES, System, look
from formats.dag_cbor import Value
from formats.errors import Malformed
from formats.fields import Fields
from formats.limits import ID

MAX_KEYS: Final = 1024
"""Member keys of one machine that are told to be its own, the newest."""
DIGITS: Final = 8
"""Hex digits of a key by which a machine is called that has no name; fewer name none."""
_IS_KEY: Final = re.compile("[0-9a-f]{64}")


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
        device = cls(
            key,
            fields.text("name", MAX_DEVICE),
            fields.text("called", MAX_DEVICE),
            fields.uint("since"),
            fields.uint("seen"),
            fields.bytes_list("keys", MAX_KEYS, ID),
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
    known = {each.key: each for each in await everything(system)} if keys else {}
    for key in keys:
        device = known.get(key) or unnamed(key, system.now)
        await put(system, replace(device, revoked=system.now))


def unnamed(key: bytes, now: int) -> Device:
    """A machine that has no record: it is called by its key."""
    name = f"device {key.hex()[:DIGITS]}"
    return Device(key, name, name, now, now, (key,))


def free_name(called: str, known: Iterable[Device]) -> str:
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
