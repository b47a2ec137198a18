"""The directory door: identity chains and whereabouts.   /holdfast/directory/1

Participants: a home that answers for its accounts, anybody who asks.
Goals: everything needed to verify a person, from their home or anywhere else,
since all of it is signed; no answer to "does she live here?" for strangers.
Non-goals: the DHT (its issue), names (handles are checked by the asker).

    anybody                                  home
      Look(id, head?, token?)  ------------>
                               <------------  Person(chain, whereabouts)
    owner
      Publish(…)               ------------>
                               <------------  Published()
"""

from dataclasses import dataclass
from typing import Annotated, Final

from protocols.shapes import Count, Id, Record, Token

PROTOCOL: Final = "/holdfast/directory/1"
MAX_CHAIN: Final = 256


@dataclass(frozen=True, slots=True)
class Look:
    """Ask for an identity.

    ``head``: the hash of any record of its chain (a contact has one), or
    ``token``: a card's. Anything else is ``Denied``, present or not.
    """

    id: Id
    head: Id | None
    token: Token | None


@dataclass(frozen=True, slots=True)
class Person:
    """Signed envelopes, oldest first, and the newest whereabouts. To be verified."""

    chain: Annotated[tuple[Record, ...], Count(MAX_CHAIN)]
    whereabouts: Record


@dataclass(frozen=True, slots=True)
class Publish:
    """New identity records (extending the stored chain) and new whereabouts.

    Needs role "owner". Older whereabouts than the stored are ``Stale``.
    """

    id: Id
    records: Annotated[tuple[Record, ...], Count(MAX_CHAIN)]
    whereabouts: Record


@dataclass(frozen=True, slots=True)
class Published:
    """Stored, and answered from now on."""
