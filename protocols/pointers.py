"""The pointers door: where a space is, and moving it.   /holdfast/pointers/1

Participants: members of a space, a home.
Goals: one commit is one request; no write is ever lost silently: the answer
is Committed or Conflict, and a pointer names the one before it by hash.
Non-goals: believing the home. Every record is verified by who asked.

    member                                  home
      Resolve(space, since)   ------------>
                              <------------  Resolved(pointer, record, spine, between)
      Move(commit) + blocks   ------------>
                              <------------  Committed(usage) | Conflict(pointer, record)
      Watch(space, seq)       ------------>
                              <------------  Resolved(…)   when newer, or after the wait
      Kept(space, below)      ------------>
                              <------------  States(superseded states that are held)

    owner                                   home
      Pin(space, seq, note)   ------------>
                              <------------  Pins(what is pinned)
      LetGo(space)            ------------>
                              <------------  WentBy(count, usage)
"""

from dataclasses import dataclass
from typing import Annotated, Final

from protocols.accounts import Usage
from protocols.shapes import AtMost, Blocks, Body, Count, Id, Record, Uint

PROTOCOL: Final = "/holdfast/pointers/1"
MAX_COMMIT_BYTES: Final = 16 * 1024 * 1024
MAX_WAIT: Final = 60_000
MAX_STATES: Final = 64
"""States in one answer; fewer when the bodies between them are many."""
MAX_NOTE: Final = 512
MAX_PINS: Final = 256
"""Pinned states of one space."""


@dataclass(frozen=True, slots=True)
class Resolve:
    """The state of a space. Needs role "member"; to others every space is ``Denied``."""

    owner: Id
    space: Id
    since: Uint | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The signed pointer, and the space record it was made under.

    ``spine``: bodies of the pointer records that this one skips down over
    (``formats.ancestry``), newest first, down to record 0, without its own:
    what a writer needs to name the next ``skip``. ``between``: bodies that prove
    descent from the record ``since`` (``formats.pointer.check_descends``, without
    both ends); empty when ``since`` is absent, the newest, or the one before.
    """

    pointer: Record
    record: Record
    spine: Annotated[tuple[Body, ...], Count(64)]
    between: Annotated[tuple[Body, ...], Count(2048)]


@dataclass(frozen=True, slots=True)
class Move:
    """Commit: ``formats.commit.Commit``, with blocks that need no session of their own.

    A commit may name only blocks that come with it, that are staged in its
    session, or that its space refers to already (``Denied`` otherwise).
    Everything durable, or nothing. Errors: ``Forged``, ``Denied``,
    ``Malformed``, ``QuotaExceeded``, ``DiskFull``, ``Expired``.
    """

    commit: Annotated[bytes, AtMost(768 * 1024)]
    blocks: Blocks


@dataclass(frozen=True, slots=True)
class Committed:
    """Durable. ``usage`` is the owner's after it.

    To who may not change the members it is what is charged to them, and their ceiling (0: none).
    """

    usage: Usage


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody was first in one of the spaces: their states, in the order of the moves.

    ``between`` proves descent from the record that the refused pointer stood on.
    """

    current: Annotated[tuple[Resolved, ...], Count(16)]


@dataclass(frozen=True, slots=True)
class Watch:
    """Answer as ``Resolve`` (since ``seq``) once it passes ``seq``, or after ``wait`` ms."""

    owner: Id
    space: Id
    seq: Uint
    wait: Uint


@dataclass(frozen=True, slots=True)
class Kept:
    """The superseded states of a space that are held, newest first, of numbers less than ``below``.

    Needs role "member". ``below`` must be a number that the space has had (``Denied``).
    """

    owner: Id
    space: Id
    below: Uint


@dataclass(frozen=True, slots=True)
class State:
    """One of them. ``superseded``: when something took its place, by the home's clock, in ms.

    ``between``: bodies that prove that the record before it in the list, for the first
    one the record ``below``, descends from it (as in ``Resolved``).
    """

    pointer: Record
    superseded: Uint
    between: Annotated[tuple[Body, ...], Count(2048)]


@dataclass(frozen=True, slots=True)
class States:
    """Some of them. ``more``: there are older ones; ask below the last."""

    states: Annotated[tuple[State, ...], Count(MAX_STATES)]
    more: bool


@dataclass(frozen=True, slots=True)
class AskPins:
    """What is pinned in a space. Needs role "member"."""

    owner: Id
    space: Id


@dataclass(frozen=True, slots=True)
class Pin:
    """Keep the state of this number until it is let go: the current one, or one that is held.

    Needs role "owner". ``note`` is the owner's, sealed. Pinning again replaces the note.
    ``Denied`` for a state that is not held, ``TooMany`` above 256 in a space.
    """

    owner: Id
    space: Id
    seq: Uint
    note: Annotated[bytes, AtMost(MAX_NOTE)]


@dataclass(frozen=True, slots=True)
class Unpin:
    """Keep it no longer than other states. Needs role "owner". Not pinned is no error."""

    owner: Id
    space: Id
    seq: Uint


@dataclass(frozen=True, slots=True)
class Pinned:
    """A state that is pinned. ``made`` in ms."""

    seq: Uint
    made: Uint
    note: Annotated[bytes, AtMost(MAX_NOTE)]


@dataclass(frozen=True, slots=True)
class Pins:
    """What is pinned in the space now, newest first."""

    pins: Annotated[tuple[Pinned, ...], Count(MAX_PINS)]


@dataclass(frozen=True, slots=True)
class LetGo:
    """Give up superseded states of a space now, oldest first; pinned ones stay. Needs role "owner".

    All that were superseded before ``before`` (ms, the home's clock). Stores nothing new, so
    it works with a full disk and a full account. In steps: ``more`` says to ask again.
    """

    owner: Id
    space: Id
    before: Uint


@dataclass(frozen=True, slots=True)
class WentBy:
    """Durable: so many states were given up by this request. ``usage`` is the owner's after it."""

    count: Uint
    more: bool
    usage: Usage


@dataclass(frozen=True, slots=True)
class Weigh:
    """How much a space's superseded states hold that the current one does not. Role "member"."""

    owner: Id
    space: Id


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes, of ``states`` states, pinned ones among them; ``at_least``: the home did not count on.

    Letting go of all of them gives back so much.
    """

    states: Uint
    bytes: Uint
    at_least: bool
