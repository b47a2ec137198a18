"""One's second factors: which there are, adding and removing.

What they are called is sealed: their home cannot read it.
Whatever changes them takes an ``Attempt`` on which all that is asked was shown.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from client.home import Connected
from client.identity.attempt import Attempt
from client.session import Session
from crypto.errors import CryptoError
from crypto.kdf import derive
from crypto.purposes import KdfPurpose, SealPurpose
from crypto.sealing import Associated, SealingKey
from crypto.secret import Secret, random_secret
from formats.errors import Usage
from formats.factors import backup_hash
from formats.handle import fingerprint
from protocols import factors as f

COUNT: Final = 10
"""Backup codes that are made at once."""

MAX_NAME: Final = 64
"""Characters of what a factor is called."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One factor. ``kind``: ``app`` or ``key``; times in milliseconds, ``used`` None: never."""

    number: int
    kind: str
    name: str
    added: int
    used: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """All of them; how many backup codes are left; wrong codes of apps ``since`` then."""

    factors: tuple[Listed, ...]
    backups: int
    wrong: int
    since: int


async def factors(session: Session) -> Standing:
    """Which there are."""
    request = f.AskFactors(session.id)

    async def ask(connected: Connected) -> f.Factors:
        return await connected.doors.accounts.factors(request)

    return _standing(session, await session.line.call(ask))


async def add_app(
    session: Session, attempt: Attempt, name: str, secret: Secret, code: str
) -> Standing:
    """Have an authenticator app as a factor; ``code`` is what it shows by now.

    Raises Unfit (it shows another one), TooMany, Usage (a name that is too long).
    """
    label, digits = _sealed(session, name), "".join(code.split())[:6]
    request = f.AddCode(session.name, label, secret.reveal(), digits)
    return await _ask(session, attempt, lambda c: c.doors.accounts.add_code(request))


async def add_key(
    session: Session, attempt: Attempt, name: str, client_data: bytes, said: bytes
) -> Standing:
    """Have a security key, which signed ``attempt.challenge_to_add()``; raises Unfit, Exists."""
    request = f.AddKey(session.name, _sealed(session, name), client_data, said)
    return await _ask(session, attempt, lambda c: c.doors.accounts.add_key(request))


async def new_backups(session: Session, attempt: Attempt) -> tuple[str, ...]:
    """Ten new backup codes, as they are written down; the ones until now are worth nothing."""
    codes = [random_secret(f.BACKUP_SIZE).reveal() for _ in range(COUNT)]
    hashes = tuple(backup_hash(code) for code in codes)
    request = f.SetBackups(session.name, hashes)
    await _ask(session, attempt, lambda c: c.doors.accounts.set_backups(request))
    return tuple(map(fingerprint, codes))


async def remove(session: Session, attempt: Attempt, number: int) -> Standing:
    """Have that one no more; raises NotFound."""
    request = f.RemoveFactor(session.name, number)
    return await _ask(session, attempt, lambda c: c.doors.accounts.remove_factor(request))


async def _ask(
    session: Session, attempt: Attempt, ask: Callable[[Connected], Awaitable[f.Factors]]
) -> Standing:
    return _standing(session, await attempt.line.call(ask, repeat=False))


def _standing(session: Session, told: f.Factors) -> Standing:
    listed = [
        Listed(each.number, kind, _opened(session, each.label), each.added, each.used)
        for kind, some in (("app", told.codes), ("key", told.keys))
        for each in some
    ]
    in_order = tuple(sorted(listed, key=lambda each: each.number))
    return Standing(in_order, told.backups, told.wrong, told.since)


def _sealed(session: Session, name: str) -> bytes:
    if len(name) > MAX_NAME:
        raise Usage(f"a factor's name has at most {MAX_NAME} characters", hint="choose a shorter")
    return _key(session).seal(name.encode(), Associated(SealPurpose.FACTOR, session.id))


def _opened(session: Session, label: bytes) -> str:
    try:
        name = _key(session).open(label, Associated(SealPurpose.FACTOR, session.id))
        return name.decode()
    except (CryptoError, UnicodeDecodeError):
        return UNREADABLE


UNREADABLE: Final = "(its name does not open)"
"""Of a factor whose label the home altered, or that somebody else put there."""


def _key(session: Session) -> SealingKey:
    return SealingKey(derive(session.bundle.account, KdfPurpose.FACTOR))
