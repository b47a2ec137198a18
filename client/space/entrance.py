"""Becoming a member of a space of one's own: before the first commit that a machine makes there.

A machine that just signed in has a member key that no space record lists. A key that all of
one's machines have may say who is a member, and nothing else; with it the record is put in force
that lists the machine's own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from crypto.signing import SigningKey
from formats.space import Member, Rights, SpaceRecord


@dataclass(frozen=True, slots=True)
class Entrance:
    """``key`` lets in; ``record`` makes what is to be in force after the present record."""

    key: SigningKey
    record: Callable[[SpaceRecord], SpaceRecord]


def is_inside(record: SpaceRecord, key: SigningKey) -> bool:
    """Whether a key may do all that an owner's machine does."""
    found = record.member(key.verify_key.digest())
    return found is not None and found.rights == Rights.ALL


def machines(record: SpaceRecord) -> list[Member]:
    """The members that are machines of the owner's: guests never say who is a member."""
    return [each for each in record.members if each.rights == Rights.ALL]


def guests(record: SpaceRecord) -> list[Member]:
    """The members that are other people's."""
    return [each for each in record.members if not each.rights & Rights.MEMBERS]
