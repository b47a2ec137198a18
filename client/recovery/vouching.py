"""Whether what is noted of a kit is its owner's word: the key of succession vouches for it.

Renewing keys seals the coming ones, and the key of succession, to the public key that is noted in
the root space. Every machine writes there, also one that was stolen and is about to be shut out. So
what is noted has a tag that takes the seed of the key of succession, which the password opens or a
kit, and which is in no session. Whoever renews keys has that seed, and makes the tag anew.
"""

from collections.abc import Awaitable
from typing import Final, Protocol, TypeVar

from client.drive.node import OF_ONE_NODE
from client.social.store import System
from crypto.kdf import mac
from crypto.purposes import KdfPurpose
from crypto.secret import Secret, same

TAG: Final = 32


class Noted(Protocol):
    """What is noted of a kit: its leaf's label and lock, and the public key to seal to."""

    @property
    def label(self) -> bytes:
        """Of the kit's leaf."""
        ...

    @property
    def lock(self) -> bytes:
        """Of the kit's leaf."""
        ...

    @property
    def public(self) -> bytes:
        """What the kit opens is sealed to it."""
        ...

    @property
    def tag(self) -> bytes | None:
        """What vouches for these; None where a program before this one noted them."""
        ...


N = TypeVar("N", bound=Noted)


def tag_of(next: Secret, id: bytes, kept_as: str, noted: Noted) -> bytes:
    """The tag of what is noted of ``id`` under this name; ``next``: the seed in force."""
    parts = (id, kept_as.encode(), noted.label, noted.lock, noted.public)
    return mac(next, KdfPurpose.KIT, *parts)


async def vouched(reading: Awaitable[N | None], next: Secret, id: bytes, kept_as: str) -> N | None:
    """What is noted, if it is its owner's word; None where nothing is, or somebody else's."""
    try:
        found = await reading
    except OF_ONE_NODE:  # spoilt: it must not keep a machine from being shut out
        return None
    if found is None or found.tag is None:
        return None
    return found if same(found.tag, tag_of(next, id, kept_as, found)) else None


async def given_up(system: System, kept_as: str) -> bool:
    """Within an operation: what is noted is there no more; whether there was anything."""
    there = kept_as in await system.names()
    await system.remove(kept_as)
    return there
