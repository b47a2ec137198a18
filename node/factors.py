"""The rules of second factors, without I/O: what is taken, what is counted, what is added.

A code of an app is one of a million, three are good at any time, and who guesses it knows the
password: so ``MOST_WRONG`` a day may be wrong, then none is taken until the day is over.
Backup codes and keys cannot be guessed, and get the owner in meanwhile.
"""

from dataclasses import replace
from typing import Final

from crypto.errors import BadKey, BadSignature
from crypto.secret import same
from crypto.totp import STEP, totp
from crypto.webauthn import Credential, Doing, added, challenge, shown
from formats.errors import Exists, NotFound, TooMany, Unfit
from formats.factors import MAX_CODES, MAX_KEYS, Code, Factors, Key, backup_hash
from protocols.factors import AddCode, AddKey, ShowKey
from storage.contracts import AccountRow

MOST_WRONG: Final = 50
DAY: Final = 24 * 3600 * 1000
"""Milliseconds."""

SLACK: Final = 1
"""Steps by which a phone's clock may be off, either way."""


def of_account(row: AccountRow | None) -> Factors:
    """The factors of an account; nobody has none, and who never had one neither."""
    return Factors() if row is None or not row.factors else Factors.decode(row.factors)


def take_code(factors: Factors, said: str, now: int) -> tuple[Factors, bool]:
    """The factors after this code was shown at ``now`` (ms), and whether it was right."""
    fresh = factors if now < factors.since + DAY else replace(factors, wrong=0, since=now)
    if fresh.wrong >= MOST_WRONG:
        return factors, False
    codes = tuple(_after(code, said, now) for code in fresh.codes)
    if codes != fresh.codes:
        return replace(fresh, codes=codes), True
    return replace(fresh, wrong=fresh.wrong + 1), False


def _after(code: Code, said: str, now: int) -> Code:
    """The app after its code was shown, or as it is if that was none of it."""
    present = now // 1000 // STEP
    good = [
        step
        for step in range(present - SLACK, present + SLACK + 1)
        if same(totp(code.secret, step).encode(), said.encode()) and step > code.step
    ]
    return replace(code, used=now, step=max(good)) if good else code


def take_backup(factors: Factors, said: bytes) -> tuple[Factors, bool]:
    """The factors without this backup code, and whether it was one."""
    hashed = backup_hash(said)
    left = tuple(each for each in factors.backups if not same(each, hashed))
    return replace(factors, backups=left), len(left) < len(factors.backups)


def take_key(
    factors: Factors, said: ShowKey, server: bytes, drawn: bytes, now: int
) -> tuple[Factors, bool]:
    """The factors after this key was shown, and whether it is one and signed for this attempt."""
    expected = challenge(Doing.SHOWING, server, said.name, drawn)
    for key in factors.keys:
        if key.credential == said.credential:
            held = Credential(key.credential, key.public, key.count)
            try:
                count = shown(held, said.client_data, said.said, said.signature, expected)
            except BadSignature:
                return factors, False
            after = replace(key, used=now, count=count)
            keys = tuple(after if each is key else each for each in factors.keys)
            return replace(factors, keys=keys), True
    return factors, False


def add_code(factors: Factors, request: AddCode, now: int) -> Factors:
    """With one more app; raises TooMany, and Unfit for a code that is not of it now."""
    if len(factors.codes) >= MAX_CODES:
        raise TooMany(f"an account has at most {MAX_CODES} authenticator apps", hint=_REMOVE)
    fresh = Code(factors.next, request.label, now, None, request.secret, 0)
    taken = _after(fresh, request.code, now)
    if taken == fresh:
        raise Unfit(
            "that is not the code of this secret now",
            hint="look at the app again; if it stays so, the clock of one device is wrong",
        )
    code = replace(taken, used=None)
    return replace(factors, next=factors.next + 1, codes=(*factors.codes, code))


def add_key(factors: Factors, request: AddKey, server: bytes, drawn: bytes, now: int) -> Factors:
    """With one more security key; raises TooMany, Exists, Unfit."""
    if len(factors.keys) >= MAX_KEYS:
        raise TooMany(f"an account has at most {MAX_KEYS} security keys", hint=_REMOVE)
    expected = challenge(Doing.ADDING, server, request.name, drawn)
    try:
        found = added(request.client_data, request.said, expected)
    except (BadKey, BadSignature) as error:
        raise Unfit(str(error), hint="try again with that key, or another one") from None
    if any(key.credential == found.name for key in factors.keys):
        raise Exists("that key is one of the account's already", hint="take another key")
    key = Key(factors.next, request.label, now, None, found.name, found.public, found.count)
    return replace(factors, next=factors.next + 1, keys=(*factors.keys, key))


def set_backups(factors: Factors, hashes: tuple[bytes, ...]) -> Factors:
    """With these backup codes; raises Unfit where there is nothing they could stand in for."""
    if not factors.asked:
        raise Unfit("there is no second factor yet", hint="add an app or a key first")
    return replace(factors, backups=hashes)


def remove(factors: Factors, number: int) -> Factors:
    """Without that one; raises NotFound."""
    left = factors.without(number)
    if (left.codes, left.keys) == (factors.codes, factors.keys):
        raise NotFound(f"there is no factor {number}", hint="'holdfast factors list' shows them")
    return left


_REMOVE: Final = "remove one first: 'holdfast factors remove'"
