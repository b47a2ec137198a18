"""The directory door: identity chains and whereabouts.   /holdfast/directory/1

Participants: a home that answers for its accounts, anybody who asks.
Goals: everything needed to verify a person, from their home or anywhere else,
since all of it is signed; no answer to "does she live here?" for strangers.
Non-goals: names (handles are checked by the asker).

Two operations are about strangers. ``find`` is for who runs the node, in process:
it looks into the network between nodes (docs/spec/dht.md). With ``announce`` a person
who lives here is published there, or no more.

    anybody                                  home
      Look(id, head?, token?)  ------------>
                               <------------  Person(chain, whereabouts)
      AskProfile(id)           ------------>
                               <------------  Profile(profile)
    owner
      Publish(…)               ------------>
                               <------------  Published()
      Announce(id, public?)    ------------>
                               <------------  Announced(public, stored, asked, time)
      ShowProfile(id, profile) ------------>
                               <------------  ProfileShown()
    the person whose node it is
      Find(key, newest)        ------------>
                               <------------  Sighted(people, time, asked)
"""

from dataclasses import dataclass
from typing import Annotated, Final

from formats.profile import MAX_PROFILE
from protocols.shapes import AtMost, Count, Id, PeerId, Record, Token, Uint

PROTOCOL: Final = "/holdfast/directory/1"
MAX_CHAIN: Final = 256
MAX_PEOPLE: Final = 3
"""Different values that may be found under one key; more than one is an alarm."""
MAX_HINTS: Final = 8


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
    """Signed envelopes, oldest first, and the newest whereabouts. To be verified.

    ``farewell``: of who had their account deleted here (``formats.farewell``).
    """

    chain: Annotated[tuple[Record, ...], Count(MAX_CHAIN)]
    whereabouts: Record
    farewell: Record | None = None


@dataclass(frozen=True, slots=True)
class Publish:
    """New identity records (extending the stored chain) and new whereabouts.

    Needs role "owner"; not where a record goes on from the stored chain, since none but its owner
    can sign one: so a home that was away while keys were renewed hears of it. Older
    whereabouts than the stored are ``Stale``. Whoever had their account deleted here may say
    so where they live now, but not here (``Unfit``).
    """

    id: Id
    records: Annotated[tuple[Record, ...], Count(MAX_CHAIN)]
    whereabouts: Record


@dataclass(frozen=True, slots=True)
class Published:
    """Stored, and answered from now on."""


@dataclass(frozen=True, slots=True)
class ShowProfile:
    """What a person who lives here says to everybody: a ``formats.profile.PublicProfile``.

    Needs role "owner". It replaces the one before, whose number is lower (``Stale``, ``Forked``).
    """

    id: Id
    profile: Annotated[bytes, AtMost(MAX_PROFILE)]


@dataclass(frozen=True, slots=True)
class ProfileShown:
    """Kept, and shown to whoever asks from now on."""


@dataclass(frozen=True, slots=True)
class AskProfile:
    """What somebody says to everybody; ``Denied`` if nothing, or if they do not live here."""

    id: Id


@dataclass(frozen=True, slots=True)
class Profile:
    """The signed record. To be verified by who asked."""

    profile: Annotated[bytes, AtMost(MAX_PROFILE)]


@dataclass(frozen=True, slots=True)
class Hint:
    """A node to begin looking with, such as a friend's home."""

    peer: PeerId
    addresses: Annotated[tuple[Annotated[str, AtMost(256)], ...], Count(16)]


@dataclass(frozen=True, slots=True)
class Find:
    """Look in the network for who is published under a key (``formats.published``).

    ``newest``: ask several nodes, and do not answer from memory. Only in process:
    Denied to anybody else. Unreachable when there is no node to ask.
    """

    key: Id
    newest: bool
    hints: Annotated[tuple[Hint, ...], Count(MAX_HINTS)]


@dataclass(frozen=True, slots=True)
class Sighted:
    """What was found, and when (milliseconds). To be verified; nobody is no error.

    ``people``: ``formats.published`` values. Several: two people of one handle, or
    two histories of one. ``asked``: how many nodes were.
    """

    people: Annotated[tuple[Annotated[bytes, AtMost(320 * 1024)], ...], Count(MAX_PEOPLE)]
    time: Uint
    asked: Uint


@dataclass(frozen=True, slots=True)
class Announce:
    """Publish a person who lives here from now on (``public``), or no more; None: only ask.

    Needs role "owner". What others store already is gone a day after it was stored last.
    ``hints`` are for who runs the node, in process, and passed over from anybody else.
    """

    id: Id
    public: bool | None
    hints: Annotated[tuple[Hint, ...], Count(MAX_HINTS)]


@dataclass(frozen=True, slots=True)
class Announced:
    """Whether they are published, and how that went last: ``stored`` of ``asked`` nodes keep it.

    ``time`` in milliseconds; absent when it was not tried since the node started.
    """

    public: bool
    stored: Uint
    asked: Uint
    time: Uint | None
