"""Second factors at the accounts door: showing one, and looking after them.

A home that keeps second factors for an account hands its sign-in record to who proved the
password *and* showed one, on the same connection. That guards the record at an honest
home. It is no cryptography: whoever reads the home's disk has the record without it.

      Prove(sign-in key)         ------------>
      SignIn(name)               ------------>
                                 <------------  SignInAnswer(asked=Asked(challenge, …))
      ShowCode | ShowKey | ShowBackup  ------>
                                 <------------  SignInAnswer(record)

Each kind has a message and a schema of its own, so nothing that was made as one is
ever looked at as another. What is wrong is answered as a wrong password is; after
``TRIES`` of them the password must be proven again.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from formats.factors import MAX_BACKUPS, MAX_CODES, MAX_CREDENTIAL, MAX_KEYS, MAX_LABEL, SECRET
from protocols.shapes import AccountName, AtMost, Count, Exactly, Id, Uint

TRIES: Final = 5
"""Wrong answers in one attempt."""

BACKUP_SIZE: Final = 10
"""Bytes of a backup code."""

Label = Annotated[bytes, AtMost(MAX_LABEL)]
"""What a factor is called, sealed by its owner."""
ShownCode = Annotated[str, AtMost(6)]
CredentialName = Annotated[bytes, AtMost(MAX_CREDENTIAL)]
ClientData = Annotated[bytes, AtMost(4096)]
"""WebAuthn's client data, as the key signed it: JSON."""
Said = Annotated[bytes, AtMost(4096)]
"""WebAuthn's authenticator data."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What will do. ``challenge`` is of this attempt; ``crypto.webauthn`` says what a key signs.

    ``code``: there is an authenticator app; ``keys``: names of the security keys; ``backups``:
    how many backup codes are left; ``tries``: how many answers may still be wrong.
    """

    challenge: Id
    code: bool
    keys: Annotated[tuple[CredentialName, ...], Count(MAX_KEYS)]
    backups: Uint
    tries: Uint


@dataclass(frozen=True, slots=True)
class ShowCode:
    """The six digits that an authenticator app shows now. Each is taken once."""

    name: AccountName
    code: ShownCode


@dataclass(frozen=True, slots=True)
class ShowBackup:
    """A backup code. It is used up by being taken."""

    name: AccountName
    code: Annotated[bytes, Exactly(BACKUP_SIZE)]


@dataclass(frozen=True, slots=True)
class ShowKey:
    """What a security key signed for this attempt's challenge."""

    name: AccountName
    credential: CredentialName
    client_data: ClientData
    said: Said
    signature: Annotated[bytes, AtMost(1024)]


@dataclass(frozen=True, slots=True)
class AskFactors:
    """Which factors an account has. Needs role "owner"."""

    id: Id


@dataclass(frozen=True, slots=True)
class Factor:
    """One, without what is secret of it. Times in milliseconds; ``used`` absent: never."""

    number: Uint
    label: Label
    added: Uint
    used: Uint | None


@dataclass(frozen=True, slots=True)
class Factors:
    """All of them by kind; how many backup codes are left.

    ``wrong``: codes of apps that were wrong since ``since``: somebody who knows the password
    is trying, or a clock is wrong.
    """

    codes: Annotated[tuple[Factor, ...], Count(MAX_CODES)]
    keys: Annotated[tuple[Factor, ...], Count(MAX_KEYS)]
    backups: Uint
    wrong: Uint
    since: Uint


@dataclass(frozen=True, slots=True)
class AddCode:
    """Have an authenticator app as a factor. ``code`` shows that it holds the secret by now.

    This and the following need role "sign-in", and a factor shown on this connection where
    there is one. ``TooMany``, ``Unfit`` (that code is not of that secret now).
    """

    name: AccountName
    label: Label
    secret: Annotated[bytes, Exactly(SECRET)]
    code: ShownCode


@dataclass(frozen=True, slots=True)
class AddKey:
    """Have a security key as a factor. What was drawn for its challenge is the connection's nonce.

    ``TooMany``, ``Exists`` (it is one already), ``Unfit`` (it is none, or answered something else).
    """

    name: AccountName
    label: Label
    client_data: ClientData
    said: Said


@dataclass(frozen=True, slots=True)
class SetBackups:
    """Have these single-use codes, by their SHA-256, instead of all until now.

    ``Unfit`` where there is no other factor.
    """

    name: AccountName
    hashes: Annotated[tuple[Id, ...], Count(MAX_BACKUPS)]


@dataclass(frozen=True, slots=True)
class RemoveFactor:
    """Have this one no more. With the last, the backup codes go. ``NotFound``."""

    name: AccountName
    number: Uint
