"""Every record of an identity: when it was made, why it is valid, which keys it puts in force.

A chain that exists was verified (``formats.identity``); this says in words what was. A safety
number is of the id, which is the hash of record 0: so whatever was compared once holds for
every record that follows from there, and for no other history.
"""

from dataclasses import dataclass

from client.session import Session
from client.social import contacts
from client.social.store import look
from crypto.signing import VerifyKey
from formats.identity import IdentityChain, IdentityRecord

_FIRST = "signed by its own key; the identity's id is the hash of this record"
_FOLLOWING = "signed by the one key that record {} named for it, kept apart from everyday keys"
_LOST = "; it says that somebody else may have what the keys before it opened"


@dataclass(frozen=True, slots=True)
class Link:
    """One record: ``created`` in ms by its maker's word, hashes in full.

    ``daily``: of the key that signs everything of every day; ``signer`` signed this record;
    ``next`` alone may sign the following one.
    """

    seq: int
    created: int
    hash: bytes
    why: str
    daily: bytes
    signer: bytes
    next: bytes
    in_force: bool


@dataclass(frozen=True, slots=True)
class History:
    """Of somebody: ``verified``: when (ms) safety numbers were compared, 0: not, or oneself.

    ``alarm``: when (ms) another history was seen, 0: never.
    """

    name: str
    id: bytes
    links: tuple[Link, ...]
    verified: int = 0
    alarm: int = 0


async def history(session: Session, who: str | None = None) -> History:
    """One's own, or a contact's as it is pinned here; raises NotFound."""
    if who is None or who == session.name:
        return History(session.name, session.id, links(session.chain))
    known = await contacts.by_name(await look(session), who)
    return History(known.name, known.id, links(known.chain), known.verified, known.alarm)


def links(chain: IdentityChain) -> tuple[Link, ...]:
    """The records of a verified chain, oldest first."""
    return tuple(_link(record, record is chain.head) for record in chain.records)


def _link(record: IdentityRecord, in_force: bool) -> Link:
    why = _FOLLOWING.format(record.seq - 1) if record.seq else _FIRST
    if record.lost:
        why += _LOST
    return Link(
        record.seq,
        record.created,
        record.hash,
        why,
        _digest(record.daily),
        _digest(record.signer),
        record.next,
        in_force,
    )


def _digest(key: VerifyKey) -> bytes:
    return key.digest()
