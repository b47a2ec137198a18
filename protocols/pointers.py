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
"""

from dataclasses import dataclass
from typing import Annotated, Final

from protocols.accounts import Usage
from protocols.shapes import AtMost, Blocks, Body, Count, Id, Record, Uint

PROTOCOL: Final = "/holdfast/pointers/1"
MAX_COMMIT_BYTES: Final = 16 * 1024 * 1024
MAX_WAIT: Final = 60_000


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
    """Durable. ``usage`` is the owner's after it."""

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
