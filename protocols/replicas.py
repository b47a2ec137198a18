"""The replicas door: another node follows an account.   /holdfast/replicas/1

Participants: an owner, their home, a node that keeps a replica.
Goals: a second copy that never believes the home, only the owner's and the members'
signatures and hashes; that goes on where it stopped; that shows it has what it says.
Non-goals: writing at a replica, which nobody can; becoming the home (accounts).

    owner                                    home, replica
      Give(grant)               ------------>  to both
                                <------------  Given(allowed)
      AskReplicas(id)           ------------>
                                <------------  Replicas(how each stands)

    replica                                  home
      Follow(owner, at, told)   ------------>
                                <------------  Followed(grant, person?, heads, challenge)
      AskLine(space, below)     ------------>
                                <------------  Line(pointer?, record?, bodies)
      Fetch(space, cids)        ------------>
                                <------------  Fetched(blocks)

    owner                                    replica
      AskNeeded(space, cids)    ------------>
                                <------------  Needed(which are not there)
      Bring(space, blocks)      ------------>
                                <------------  Brought()
      Arrive(space, pointer, …) ------------>
                                <------------  Arrived(below?)

An owner may ask their home for what a replica asks, and bring it to a replica by hand:
so an account is written to a file, and comes out of it (``docs/spec/archive.md``).

``Follow`` waits until the account is not as ``at`` says: that is how a commit is told. Who
follows is known by the peer id that its connection proves, which the grant names. A home
whose own blocks were lost fetches from the replica in the same way.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from formats.cid import Cid
from protocols.directory import MAX_CHAIN
from protocols.shapes import AtMost, Blocks, Body, Count, Id, Record, Token, Uint

PROTOCOL: Final = "/holdfast/replicas/1"
MAX_WAIT: Final = 60_000
MAX_SPACES: Final = 256
"""Spaces of one account that can be followed."""
MAX_REPLICAS: Final = 16
"""Replicas of one account, those that were taken back among them."""
MAX_BODIES: Final = 1024
"""Bodies in one answer."""
MAX_CIDS: Final = 1024
MAX_FETCHED_BYTES: Final = 16 * 1024 * 1024
"""A node stops adding blocks to an answer here; the first one always fits."""
MAX_CHALLENGED: Final = 16
"""Blocks that one challenge names."""
MAX_TOLD: Final = 256


@dataclass(frozen=True, slots=True)
class Give:
    """A grant (``formats.replica``), to the home or to the replica that it names.

    ``chain`` and ``whereabouts``: the owner's records, for a replica that does not know them.
    ``invite``: the code of the replica's, the first time. Given again, it changes nothing.
    Errors: ``Forged``, ``Stale``, ``Forked``; at a home ``Denied`` unless role "owner" was
    proven, ``TooMany``; at a replica ``BadInvite``, ``Unfit`` for an account that lives there.
    """

    grant: Record
    chain: Annotated[tuple[Record, ...], Count(MAX_CHAIN)]
    whereabouts: Record
    invite: Token | None


@dataclass(frozen=True, slots=True)
class Given:
    """Durable. ``allowed``: bytes that the node allows this account; 0 from a home."""

    allowed: Uint


@dataclass(frozen=True, slots=True)
class AskReplicas:
    """How one's replicas stand. Needs role "owner". A replica tells of itself alone."""

    id: Id


@dataclass(frozen=True, slots=True)
class At:
    """A space, and the number and hash of the newest pointer of it that is held."""

    space: Id
    seq: Uint
    hash: Id


@dataclass(frozen=True, slots=True)
class Standing:
    """How one replica stands, in the words of the node that is asked. Times in ms, 0: never.

    ``at``: what it holds. ``seen``: when it last asked. ``current``: when it last held all that
    the home has. ``proven`` and ``failed``: when it last showed, and did not show, that it
    holds some blocks drawn by lot. ``told``: why it does not follow; empty while it does.
    """

    grant: Record
    at: Annotated[tuple[At, ...], Count(MAX_SPACES)]
    used: Uint
    seen: Uint
    current: Uint
    proven: Uint
    failed: Uint
    told: Annotated[str, AtMost(MAX_TOLD)]


@dataclass(frozen=True, slots=True)
class Replicas:
    """All of them, those that were taken back and have not heard of it among them."""

    replicas: Annotated[tuple[Standing, ...], Count(MAX_REPLICAS)]


@dataclass(frozen=True, slots=True)
class Follow:
    """Answer when the account is not as ``at`` says, or after ``wait`` ms.

    ``grant`` and ``person``: hashes of the grant, and of chain and whereabouts, that the
    replica has. ``used``: bytes it holds. ``told``: why it does not follow. ``held``: the
    answer to the challenge that came last, a hash for each block. Errors: ``Denied`` for
    a node that was never granted anything.
    """

    owner: Id
    grant: Id
    person: Id
    at: Annotated[tuple[At, ...], Count(MAX_SPACES)]
    used: Uint
    told: Annotated[str, AtMost(MAX_TOLD)]
    held: Annotated[tuple[Id, ...], Count(MAX_CHALLENGED)]
    wait: Uint


@dataclass(frozen=True, slots=True)
class Challenge:
    """Show that these blocks of a space are held. Without any, there is no challenge."""

    nonce: Id
    space: Id
    cids: Annotated[tuple[Cid, ...], Count(MAX_CHALLENGED)]


@dataclass(frozen=True, slots=True)
class Followed:
    """The newest grant, the person where they changed, and where the account is now.

    When the grant does not hold (any more), that is all that is said: there are no heads.
    """

    grant: Record
    chain: Annotated[tuple[Record, ...], Count(MAX_CHAIN)]
    whereabouts: Record | None
    heads: Annotated[tuple[At, ...], Count(MAX_SPACES)]
    challenge: Challenge | None


@dataclass(frozen=True, slots=True)
class AskLine:
    """The bodies of a space's pointer records below a number, newest first.

    For the node that follows, and for who proved role "owner".
    ``below`` absent: with the newest pointer and its space record, below that.
    Errors: ``Denied``.
    """

    owner: Id
    space: Id
    below: Uint | None


@dataclass(frozen=True, slots=True)
class Line:
    """Up to ``MAX_BODIES`` of them, each the one that the body before it follows."""

    pointer: Record | None
    record: Record | None
    bodies: Annotated[tuple[Body, ...], Count(MAX_BODIES)]


@dataclass(frozen=True, slots=True)
class Fetch:
    """Blocks that a space refers to. Never looks beyond it. For whom ``AskLine`` is.

    Errors: ``Denied``.
    """

    owner: Id
    space: Id
    cids: Annotated[tuple[Cid, ...], Count(MAX_CIDS)]


@dataclass(frozen=True, slots=True)
class Fetched:
    """Those that are there, in order, as many as fit."""

    blocks: Blocks


@dataclass(frozen=True, slots=True)
class AskNeeded:
    """Which of these blocks are not at a replica yet. Needs role "owner". Errors: ``Denied``."""

    owner: Id
    space: Id
    cids: Annotated[tuple[Cid, ...], Count(MAX_CIDS)]


@dataclass(frozen=True, slots=True)
class Needed:
    """Those that are neither in the space nor brought."""

    cids: Annotated[tuple[Cid, ...], Count(MAX_CIDS)]


@dataclass(frozen=True, slots=True)
class Bring:
    """Blocks of a space, to a node that keeps a replica of it; at most ``MAX_FETCHED_BYTES``.

    Needs role "owner". They are held until the space arrives, or for 30 days.
    Errors: ``Denied``, ``BadBlock``, ``QuotaExceeded``, ``DiskFull``, ``TooMany``.
    """

    owner: Id
    space: Id
    blocks: Blocks


@dataclass(frozen=True, slots=True)
class Brought:
    """Durable."""


@dataclass(frozen=True, slots=True)
class Arrive:
    """Have a replica stand at this state, all of whose blocks were brought. Needs role "owner".

    ``bodies``: of the pointer records before it, newest first, beginning below the number that
    was answered last. They are kept. It is taken when they reach down to record 0, or to
    what is held. Errors: as for what a home shows who follows it; ``Denied``; ``MissingBlock``.
    """

    owner: Id
    space: Id
    pointer: Record
    record: Record
    bodies: Annotated[tuple[Body, ...], Count(MAX_BODIES)]


@dataclass(frozen=True, slots=True)
class Arrived:
    """Durable. ``below``: records below that number are wanted first; absent: it stands there."""

    below: Uint | None
