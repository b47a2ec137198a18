"""How a replica stands, as the node that keeps the row knows it: read and written here alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from formats.dag_cbor import Value, decode, encode
from formats.fields import Fields, entries
from formats.limits import ID
from formats.replica import ReplicaGrant
from protocols.replicas import MAX_SPACES, MAX_TOLD, At, Standing
from storage.contracts import ReplicaRow, Transaction, View

SEEN_EVERY: Final = 10 * 60 * 1000
"""Milliseconds after which it is written down that the two met, if nothing else changed."""

_WHAT: Final = "replica"


@dataclass(frozen=True, slots=True)
class Noted:
    """As ``protocols.replicas.Standing``. ``allowed``: bytes that this node's owner allows.

    0 at a home, and at a replica whose owner keeps it no longer.
    """

    allowed: int = 0
    at: tuple[At, ...] = ()
    used: int = 0
    seen: int = 0
    current: int = 0
    proven: int = 0
    failed: int = 0
    told: str = ""

    @classmethod
    def decode(cls, data: bytes) -> "Noted":
        """As it was kept; of a new row nothing was."""
        if not data:
            return cls()
        fields = Fields(decode(data, max_depth=3), _WHAT)
        at = entries(fields.list_("at", MAX_SPACES), _WHAT)
        noted = cls(
            allowed=fields.uint("allowed"),
            at=tuple(
                At(each.bytes_("space", ID), each.uint("seq"), each.bytes_("hash", ID))
                for each in at
            ),
            used=fields.uint("used"),
            seen=fields.uint("seen"),
            current=fields.uint("current"),
            proven=fields.uint("proven"),
            failed=fields.uint("failed"),
            told=fields.text("told", MAX_TOLD),
        )
        fields.done()
        return noted

    @property
    def encoded(self) -> bytes:
        """As it is kept."""
        at: list[Value] = [
            {"space": each.space, "seq": each.seq, "hash": each.hash} for each in self.at
        ]
        return encode(
            {
                "allowed": self.allowed,
                "at": at,
                "used": self.used,
                "seen": self.seen,
                "current": self.current,
                "proven": self.proven,
                "failed": self.failed,
                "told": self.told,
            }
        )

    def standing(self, grant: bytes) -> Standing:
        """As its owner is told."""
        return Standing(
            grant,
            self.at,
            self.used,
            self.seen,
            self.current,
            self.proven,
            self.failed,
            self.told,
        )


def note(tx: Transaction, row: ReplicaRow, noted: Noted) -> None:
    """Keep how a replica stands, if its row is there still."""
    now = tx.replica(row.owner, row.peer)
    if now is not None:
        tx.put_replica(replace(now, noted=noted.encoded))


def matters(row: ReplicaRow, now: int) -> bool:
    """Whether a row is more than a word against old grants, which all have ended by now."""
    grant = ReplicaGrant.decode(row.grant)
    return not grant.is_over or now < grant.until


def is_over(row: ReplicaRow) -> bool:
    """Whether nothing of it is to be held: the owner took it back, or this node's owner did.

    A grant that only came to its end is not: what is held goes on to be read.
    """
    return ReplicaGrant.decode(row.grant).is_over or not Noted.decode(row.noted).allowed


def ceiling(view: View, owner: bytes) -> int | None:
    """Bytes of an account that may be held here as a replica; None if it is not followed.

    By what its owner grants and by what this node's owner allows.
    """
    if view.account_of(owner) is not None:
        return None
    found = [
        min(ReplicaGrant.decode(row.grant).ceiling, Noted.decode(row.noted).allowed)
        for row in view.replicas()
        if row.owner == owner
    ]
    return max(found, default=None)  # only the row of this very node allows anything


def room_of(view: View, owner: bytes) -> int:
    """Bytes of an account that may be held here: as its home, or as a replica."""
    account = view.account_of(owner)
    return (ceiling(view, owner) or 0) if account is None else account.quota


def followed(view: View, own: bytes) -> Iterator[ReplicaRow]:
    """The accounts that this node follows, or did; ``own``: its peer id."""
    return (row for row in view.replicas() if row.peer == own)


def worded(text: str) -> str:
    """Text from elsewhere, short and fit to be shown."""
    said = "".join(letter if letter.isprintable() else "?" for letter in text)
    while len(said.encode()) > MAX_TOLD:
        said = said[: MAX_TOLD // 4 if len(said) > MAX_TOLD else len(said) - 1]
    return said
