"""The inbox door: leave a sealed message, collect one's own.   /holdfast/inbox/1

Participants: anybody who leaves a message, the owner who collects, a home.
Goals: the home learns a target and nothing else; a flood from one source or
token shuts nobody else out; one bad message never stops the rest.
Non-goals: reading messages (sealed to the owner), delivery to other homes.

    anybody                                home
      Drop(drop, sealed)    ------------>
                            <------------  Taken()        always alike for strangers
    owner
      Collect(after, wait, done?) ------>
                            <------------  Messages(…)    at once, or when one comes
      Delete(seqs)          ------------>
                            <------------  Deleted()
"""

from dataclasses import dataclass
from typing import Annotated, Final

from protocols.shapes import AtMost, Count, Exactly, Id, Uint

PROTOCOL: Final = "/holdfast/inbox/1"
SEALED: Final = 16 * 1024
MAX_WAIT: Final = 60_000
MAX_MESSAGES: Final = 32
MAX_DONE: Final = 1024
"""Messages that one request has deleted."""
MAX_HASHES: Final = 256
"""Tokens of one batch: all of one day."""
MAX_BATCHES: Final = 64


@dataclass(frozen=True, slots=True)
class Leave:
    """A ``formats.drop.Drop`` and its sealed message of exactly 16 KiB.

    With a good token: the true answer (``TooMany``, ``Expired``). With proof of
    work: always ``Taken``, whoever the target is; too little work is ``Denied``.
    """

    drop: Annotated[bytes, AtMost(256)]
    sealed: Annotated[bytes, Exactly(SEALED)]


@dataclass(frozen=True, slots=True)
class Taken:
    """The message was taken; to strangers this is said whatever became of it."""


@dataclass(frozen=True, slots=True)
class Collect:
    """Messages with seq above ``after``; waits up to ``wait`` ms when there is none.

    ``done``: messages that were dealt with; they are deleted first. Needs role "owner".
    """

    target: Id
    after: Uint
    wait: Uint
    done: Annotated[tuple[Uint, ...], Count(MAX_DONE)] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One sealed message with its seq and arrival time (ms)."""

    seq: Uint
    arrived: Uint
    sealed: Annotated[bytes, Exactly(SEALED)]


@dataclass(frozen=True, slots=True)
class Messages:
    """Oldest first; empty when the wait passed."""

    messages: Annotated[tuple[Message, ...], Count(MAX_MESSAGES)]


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete collected messages. Needs role "owner"."""

    target: Id
    seqs: Annotated[tuple[Uint, ...], Count(MAX_DONE)]


@dataclass(frozen=True, slots=True)
class Deleted:
    """They are gone."""


@dataclass(frozen=True, slots=True)
class Allow:
    """Register an inbox token by hash: so many uses until it expires. Needs role "owner"."""

    target: Id
    hash: Id
    uses: Uint
    expires: Uint


@dataclass(frozen=True, slots=True)
class Allowed:
    """The token works from now on."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Hashes of tokens that are good once each until ``expires`` (ms)."""

    expires: Uint
    hashes: Annotated[tuple[Id, ...], Count(MAX_HASHES)]


@dataclass(frozen=True, slots=True)
class Register:
    """Register one-time tokens, as ``Allow`` with one use each. Needs role "owner"."""

    target: Id
    batches: Annotated[tuple[Batch, ...], Count(MAX_BATCHES)]


@dataclass(frozen=True, slots=True)
class Registered:
    """They work from now on; those known already are as they were."""
