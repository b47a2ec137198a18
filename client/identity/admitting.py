"""Which keys of mine are members of a space: each machine's own, and the one that lets them in.

    machine    all rights; its member key is in no bundle, so it is told from the others by it
    entry      the right MEMBERS alone; its key is in the bundle, so whoever signs in may come in

In a space that was made before there were keys of machines, the entry key has all rights until
the first machine comes in.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from client.space.entrance import Entrance, guests, machines
from formats.errors import TooMany
from formats.identity import IdentityChain
from formats.space import Member, Rights, SpaceRecord

if TYPE_CHECKING:
    from client.identity.bundle import Bundle

MAX_MACHINES: Final = 128
"""Machines of one person that may write to a space."""


def own_members(bundle: "Bundle", space: bytes) -> tuple[Member, Member]:
    """This machine and the entry key, as the record of a space lists them."""
    machine, entry = bundle.own_member(space), bundle.entry_key(space)
    return (
        Member(machine.verify_key.digest(), Rights.ALL),
        Member(entry.verify_key.digest(), Rights.MEMBERS),
    )


def following(
    record: SpaceRecord, mine: Iterable[Member], chain: IdentityChain, bundle: "Bundle"
) -> SpaceRecord:
    """The record after this one in which these are mine and no others; guests stay."""
    return SpaceRecord.following(record, chain, [*guests(record), *mine], bundle.daily)


def alone(
    record: SpaceRecord, mine: Iterable[Member], chain: IdentityChain, bundle: "Bundle"
) -> SpaceRecord:
    """The same without guests, whose keys somebody else may have."""
    return SpaceRecord.following(record, chain, list(mine), bundle.daily)


def entrance(bundle: "Bundle", chain: IdentityChain, space: bytes) -> Entrance:
    """How this machine comes into a space beside the others of the same person."""
    entry = bundle.entry_key(space)
    digest = entry.verify_key.digest()

    def make(record: SpaceRecord) -> SpaceRecord:
        others = [each for each in machines(record) if each.key != digest]
        if len(others) >= MAX_MACHINES:
            raise TooMany(f"{MAX_MACHINES} machines of yours write there, which is the most", _HINT)
        return following(record, [*others, *own_members(bundle, space)], chain, bundle)

    return Entrance(entry, make)


_HINT: Final = "'holdfast devices revoke NAME' removes one; all others then sign in again"
