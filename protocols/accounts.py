"""The accounts door: who is calling, and what an account is.   /holdfast/accounts/1

Participants: a person's client, the person's home.
Goals: prove a key once a connection; sign up in one request, all or nothing;
settle in here with an identity that lives elsewhere; hand out the sealed sign-in
bundle to who proved the password, and to nobody else; delete an account when its owner says so;
tell nobody whether a name exists.
Non-goals: devices (their issue), quota administration. Second factors: ``factors.py``.

    client                                      home
      AskHello()                 ------------>
                                 <------------  Hello(server, nonce, time, …)
      Prove(statement, key, sig) ------------>
                                 <------------  Proven()
      Enter(proofs, met)         ------------>
                                 <------------  Entered(met)
      SignUp(…) + blocks         ------------>
                                 <------------  SignedUp(usage)
      Settle(…)                  ------------>
                                 <------------  SignedUp(usage)

A statement is ``formats.statement.Hello``: it names both ends of this very
connection and the server's fresh nonce, so it is worth nothing anywhere else.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from formats.commit import MAX_COMMIT
from formats.farewell import MAX_RECEIPT
from protocols.courier import MAX_KNOWN, Node
from protocols.directory import MAX_CHAIN
from protocols.factors import Asked
from protocols.shapes import (
    AccountName,
    AtMost,
    Blocks,
    Count,
    Exactly,
    Id,
    Key,
    PeerId,
    Record,
    Signature,
    Token,
    Uint,
)

PROTOCOL: Final = "/holdfast/accounts/1"

VERSION: Final = "holdfast/0.2"
"""What this program calls itself when it greets, and no more detail than that.

From 0.2 on a home knows ``Enter``, ``Read.reader`` and ``Collect.done``. An older one is asked as
it knows it.
"""
_VERSION: Final = re.compile(r"holdfast/0\.(\d{1,4})", re.ASCII)

MAX_TOGETHER: Final = 4
"""Keys that one request proves."""

KNOWN_SIZE: Final = 48
Known = Annotated[bytes, Exactly(KNOWN_SIZE)]
"""What a home gives a machine to be known by."""

MAX_NOTICE: Final = 1000
"""Bytes of text in one notice."""

MAX_NOTICES: Final = 32
"""Notices in one answer."""

MAX_WAIT: Final = 60_000
"""How long ``AwaitNotices`` waits at most, in milliseconds."""


@dataclass(frozen=True, slots=True)
class AskHello:
    """Greet the server. Allowed any number of times; the nonce stays for the connection."""

    version: Annotated[str, AtMost(64)]


@dataclass(frozen=True, slots=True)
class Hello:
    """The server's peer id, this connection's nonce, and the server's time in ms.

    ``client`` is the peer id the server sees at the other end (empty in process).
    ``work_bits`` is what an anonymous inbox drop costs here. ``version``: nothing that is written
    there is an error.
    """

    server: PeerId
    client: PeerId
    nonce: Id
    time: Uint
    version: Annotated[str, AtMost(64)]
    work_bits: Uint

    @property
    def takes_more(self) -> bool:
        """Whether this home knows what came with 0.2; one that says something else does not."""
        said = _VERSION.fullmatch(self.version)
        return said is not None and int(said[1]) >= 2


@dataclass(frozen=True, slots=True)
class Prove:
    """A signed ``formats.statement.Hello`` body: this connection holds that key.

    Role "member" (subject: owner id + space id, 64 bytes), "owner" (subject:
    identity id), "sign-in" (subject: account name), "reader" (subject: reader
    public key). ``Forged`` or ``WrongPassword`` when it does not hold; for
    "sign-in" an unknown name and a wrong key are answered alike.
    """

    statement: Annotated[bytes, AtMost(1024)]
    key: Key
    signature: Signature


@dataclass(frozen=True, slots=True)
class Proven:
    """The connection now acts for that subject too."""


@dataclass(frozen=True, slots=True)
class Enter:
    """Several ``Prove`` in one, of any role but "sign-in": if one does not hold, none is taken.

    ``met``: an owner of an account here also wants to hear of nodes that might be couriers, as
    from ``courier.AskKnown``. Errors: ``Forged``, ``Unfit`` (role "sign-in"), ``TooMany``.
    """

    proofs: Annotated[tuple[Prove, ...], Count(MAX_TOGETHER)]
    met: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """The connection now acts for all those subjects too. ``met``: empty unless it was asked for
    by an owner.
    """

    met: Annotated[tuple[Node, ...], Count(MAX_KNOWN)]


@dataclass(frozen=True, slots=True)
class AskParameters:
    """How to stretch the password of this account name.

    ``known``: what the home gave this machine when its person signed in here before. It
    changes no answer; whoever shows it is not slowed by what others guess.
    """

    name: AccountName
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Argon2id parameters. Unknown names get stable ones that look real."""

    algorithm: Uint
    operations: Uint
    memory: Uint
    salt: Annotated[bytes, Exactly(16)]


@dataclass(frozen=True, slots=True)
class SignUp:
    """Make an account: everything in one request, all or nothing.

    ``nonce`` makes it idempotent: the same nonce again with the same content
    answers as the first time. ``sign_in`` is a ``formats.sign_in.SignInRecord``.
    ``blocks`` hold the first root and everything below it.
    Errors: ``Exists`` (name taken), ``BadInvite``, ``Malformed``, ``Forged``.
    """

    name: AccountName
    nonce: Token
    identity: Record
    whereabouts: Record
    sign_in: Annotated[bytes, AtMost(96 * 1024)]
    space: Record
    pointer: Record
    invite: Token | None
    blocks: Blocks


WARN_AT: Final = (80, 95)
"""Percentages of its limit at which an account's owner is warned."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes of an account: stored, reserved by open sessions, and the limit."""

    used: Uint
    reserved: Uint
    limit: Uint

    @property
    def warning(self) -> int:
        """The greatest of the percentages in ``WARN_AT`` that the account has come to, or 0."""
        full = self.used + self.reserved
        return max((mark for mark in WARN_AT if full * 100 >= self.limit * mark), default=0)


@dataclass(frozen=True, slots=True)
class SignedUp:
    """The account exists, durably, with all that it was made of."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Settle:
    """Make an account for an identity that there is already: all of it, or nothing.

    ``whereabouts`` name this node as the home and ``name`` as the name. ``statement`` and
    ``signature`` are those of a ``Prove`` with role "owner", by the daily key of ``chain``; who
    showed them acts as the owner on this connection. ``sign_in`` may have any number. Spaces
    that a replica holds here become the account's; without any, they arrive afterwards
    (``pointers.Arrive``). A replica needs no invite: it has the leave of whoever runs the node.
    ``nonce`` makes it idempotent, as with ``SignUp``.
    Errors: ``Exists`` (name taken, or that identity has an account here), ``BadInvite``,
    ``Malformed``, ``Forged``, ``Stale``, ``Forked``, ``Unfit``, ``QuotaExceeded``.
    """

    name: AccountName
    nonce: Token
    chain: Annotated[tuple[Record, ...], Count(MAX_CHAIN)]
    whereabouts: Record
    sign_in: Annotated[bytes, AtMost(96 * 1024)]
    statement: Annotated[bytes, AtMost(1024)]
    signature: Signature
    invite: Token | None


@dataclass(frozen=True, slots=True)
class SignIn:
    """Ask for the sign-in record. Needs role "sign-in" for that name."""

    name: AccountName


@dataclass(frozen=True, slots=True)
class SignInAnswer:
    """The stored ``SignInRecord``; sealed, of no use without the password.

    Or what is ``asked`` besides the password, and no record. ``known``: for this machine to
    show the next time.
    """

    record: Annotated[bytes, AtMost(96 * 1024)] | None
    asked: Asked | None = None
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class ReplaceSignIn:
    """Change password or bundle. Needs role "sign-in" (the old password was proven), and a
    second factor shown on this connection where the account has one.

    ``record.seq`` must be one more than the stored one, else ``Conflict``.
    """

    name: AccountName
    record: Annotated[bytes, AtMost(96 * 1024)]


@dataclass(frozen=True, slots=True)
class Replaced:
    """The old password opens nothing here any more."""


@dataclass(frozen=True, slots=True)
class Succeed:
    """Other identity keys, and all that stands by them, in one request: all or nothing.

    ``record`` is the one identity record that follows the stored chain; ``whereabouts`` and the
    space records of ``commit`` (a ``formats.commit.Commit``, every move with a space record;
    ``blocks`` are its own, besides those in its session) are made under it; ``sign_in`` has the
    new keys sealed. Needs role "owner" by the daily key that was, what ``ReplaceSignIn`` needs,
    and what the commit needs. Answered by the pointers' ``Conflict`` when a space moved meanwhile.
    Errors: ``Stale``, ``Forked``, ``Forged`` (the record does not follow, or something was not
    made under it), ``Unfit`` (another home, name or account), ``Conflict`` (``sign_in.seq``).
    """

    name: AccountName
    record: Record
    whereabouts: Record
    sign_in: Annotated[bytes, AtMost(96 * 1024)]
    commit: Annotated[bytes, AtMost(MAX_COMMIT)]
    blocks: Blocks


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The keys that were open nothing here any more."""


@dataclass(frozen=True, slots=True)
class Depart:
    """Delete the account here, with all that is kept of it, or nothing.

    ``farewell`` is a ``formats.farewell.Farewell`` to this node, by the daily key, with a number
    above the stored whereabouts'. Needs role "owner" and what ``ReplaceSignIn`` needs. From the
    answer on nothing of the account is answered; what no other account holds of its blocks goes
    as garbage does. Whoever shows the daily key and the very same farewell once more gets the same
    receipt: an answer may be lost, and the password is of no more use then.
    Errors: ``Forged``, ``Forked``, ``Stale`` (whereabouts of no lower number are known),
    ``Unfit`` (another node, another account).
    """

    name: AccountName
    farewell: Record


@dataclass(frozen=True, slots=True)
class Departed:
    """It is gone, durably. ``receipt``: a ``formats.farewell.Receipt`` by the node's own key."""

    receipt: Annotated[bytes, AtMost(MAX_RECEIPT)]


@dataclass(frozen=True, slots=True)
class AskAccount:
    """Usage of the account of this identity. Needs role "owner"."""

    id: Id


@dataclass(frozen=True, slots=True)
class Notice:
    """What whoever runs the home tells its people. ``time`` in milliseconds."""

    time: Uint
    text: Annotated[str, AtMost(MAX_NOTICE)]


@dataclass(frozen=True, slots=True)
class AwaitNotices:
    """Notices later than ``after`` (ms); waits up to ``wait`` ms while there is none.

    Needs role "owner". At most ``MAX_WAIT``.
    """

    id: Id
    after: Uint
    wait: Uint


@dataclass(frozen=True, slots=True)
class Notices:
    """The newest first; none when the wait is over."""

    notices: Annotated[tuple[Notice, ...], Count(MAX_NOTICES)]


@dataclass(frozen=True, slots=True)
class Write:
    """A line to whoever runs the home, who reads it as it is. Needs role "owner".

    Errors: ``Usage`` (no line of 1 to ``MAX_NOTICE`` bytes), ``TooMany`` (16 of this account wait).
    """

    id: Id
    text: Annotated[str, AtMost(MAX_NOTICE)]


@dataclass(frozen=True, slots=True)
class Written:
    """Kept until whoever runs the home removes it; so many of this account's wait now."""

    waiting: Uint


@dataclass(frozen=True, slots=True)
class Account:
    """Name on this home, usage, and what its owner tells the account, newest first.

    How long superseded states are kept, in seconds:
    ``keep``: what the owner wants, absent if they never said; ``keeps``: what is done, which
    is at most what the node allows (``most``).
    """

    name: AccountName
    usage: Usage
    notices: Annotated[tuple[Notice, ...], Count(MAX_NOTICES)]
    keep: Uint | None
    keeps: Uint
    most: Uint


@dataclass(frozen=True, slots=True)
class Keep:
    """How long superseded states of the account's spaces are kept. Needs role "owner".

    ``keep`` in seconds; absent: as the node does for those who never said.
    """

    id: Id
    keep: Uint | None
