"""Keys that this side may show to a home, each for one connection at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from crypto.signing import LockKey, SigningKey
from formats.statement import Hello as HelloStatement
from formats.statement import Role
from protocols.accounts import MAX_TOGETHER, Hello, Prove

STATEMENT_LIFE: Final = 50_000
"""How long a statement may be used, in milliseconds of the server's time.

Less than a home takes (a minute), so that its clock may be set back a little meanwhile.
"""


class Prover(Protocol):
    """A key this side may show to a home, and for what."""

    @property
    def role(self) -> Role:
        """As what."""
        ...

    def prove(self, hello: Hello) -> Prove:
        """The signed statement for this very connection."""
        ...


@dataclass(frozen=True, slots=True)
class HybridProver:
    """Proves a member key, a daily key or a sign-in key."""

    role: Role
    subject: bytes
    key: SigningKey

    def prove(self, hello: Hello) -> Prove:
        """Signed with the hybrid key: about a millisecond."""
        statement = _statement(self.role, self.subject, hello)
        encoded = self.key.verify_key.encode()
        return Prove(statement.body, encoded, statement.sign(self.key))


@dataclass(frozen=True, slots=True)
class ReaderProver:
    """Proves the reader key that was made for one contact.

    ``rides``: along with the first thing that is read (``riding``), instead of before it.
    """

    key: LockKey
    rides: bool = False

    @property
    def role(self) -> Role:
        """As a reader."""
        return Role.READER

    def prove(self, hello: Hello) -> Prove:
        """Signed with the classical reader key."""
        statement = _statement(Role.READER, self.key.public, hello)
        return Prove(statement.body, self.key.public, statement.sign(self.key))


def _statement(role: Role, subject: bytes, hello: Hello) -> HelloStatement:
    return HelloStatement(
        role, subject, hello.server, hello.client, hello.nonce, hello.time + STATEMENT_LIFE
    )


def together(due: Sequence[Prover]) -> Sequence[Prover]:
    """The keys that are proven next: as many as one request takes, that of a password alone."""
    at = next((at for at, each in enumerate(due) if _is_alone(each)), len(due))
    return due[: min(max(at, 1), MAX_TOGETHER)]


def _is_alone(prover: Prover) -> bool:
    rides = isinstance(prover, ReaderProver) and prover.rides
    return rides or prover.role is Role.SIGN_IN
