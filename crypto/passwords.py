"""A password stretched by Argon2id, within limits both sides check.

Argon2id is version 1.3 of RFC 9106 with one lane, as libsodium has it. The parameters travel in an
account's record, so both ends bound them: the caps keep a hostile record from eating the memory,
the floor keeps a hostile home from asking for a hash it can brute-force.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

from nacl.bindings import crypto_pwhash_alg, crypto_pwhash_ALG_ARGON2ID13

from crypto.errors import BadParameters, BadPassword
from crypto.hashing import sha256
from crypto.kdf import derive
from crypto.purposes import KdfPurpose
from crypto.secret import Secret

KIB: Final = 1024
MIB: Final = 1024 * KIB

ARGON2ID: Final = 1
SALT_SIZE: Final = 16
MIN_OPSLIMIT: Final = 1
MAX_OPSLIMIT: Final = 10
MIN_MEMLIMIT: Final = 8 * KIB
MAX_MEMLIMIT: Final = 1024 * MIB
MAX_PASSWORD_SIZE: Final = 1024
STRETCHED_SIZE: Final = 64
DEVICE_CODE_SIZE: Final = 16
KIT_CODE_SIZE: Final = 20

MODERATE: Final = (3, 256 * MIB)


class Floor(NamedTuple):
    """The least a client lets itself be asked for: passes, and bytes of memory."""

    opslimit: int
    memlimit: int


FLOOR: Final = Floor(opslimit=2, memlimit=64 * MIB)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordParameters:
    """How a password is stretched: passes over the memory, bytes of memory, a salt of 16 bytes."""

    algorithm: int = ARGON2ID
    opslimit: int
    memlimit: int
    salt: bytes

    def __post_init__(self) -> None:
        if self.algorithm != ARGON2ID:
            raise BadParameters("a way to stretch passwords this version does not know")
        if len(self.salt) != SALT_SIZE:
            raise BadParameters(f"a password salt has {SALT_SIZE} bytes")
        if not MIN_OPSLIMIT <= self.opslimit <= MAX_OPSLIMIT:
            raise BadParameters(f"password passes are {MIN_OPSLIMIT} to {MAX_OPSLIMIT}")
        if not MIN_MEMLIMIT <= self.memlimit <= MAX_MEMLIMIT:
            raise BadParameters(f"password memory is {MIN_MEMLIMIT} to {MAX_MEMLIMIT} bytes")


def stretch(
    password: str,
    parameters: PasswordParameters,
    device_secret: Secret | None = None,
    floor: Floor = FLOOR,
) -> Secret:
    """64 bytes from a password, slowly on purpose (about half a second at `MODERATE`).

    With a `device_secret` (32 bytes or more) the result is useless to whoever guesses the password
    without it. Raises BadPassword or BadParameters. Runs without the interpreter's lock; takes
    `memlimit` bytes of memory, so callers bound how many run at once.
    """
    _check_floor(parameters, floor)
    stretched = argon2id(
        prepared(password),
        parameters.salt,
        parameters.opslimit,
        parameters.memlimit,
        STRETCHED_SIZE,
    )
    if device_secret is None:
        return Secret(stretched)
    return derive(device_secret, KdfPurpose.PASSWORD, stretched, size=STRETCHED_SIZE)


def device_key(code: Secret) -> Secret:
    """The device secret that `stretch` takes, from the 16 random bytes that people carry."""
    if len(code) != DEVICE_CODE_SIZE:
        raise ValueError(f"a device secret is carried as {DEVICE_CODE_SIZE} bytes")
    return Secret(sha256(b"holdfast/1/device-secret\0" + code.reveal()))


def kit_key(code: Secret) -> Secret:
    """What all keys of a recovery kit derive from, from the 20 random bytes that people carry.

    Not stretched: nobody guesses 160 bits.
    """
    if len(code) != KIT_CODE_SIZE:
        raise ValueError(f"a recovery kit is carried as {KIT_CODE_SIZE} bytes")
    return Secret(sha256(b"holdfast/1/recovery-kit\0" + code.reveal()))


def prepared(password: str) -> bytes:
    """NFKC in UTF-8, so that one password typed on two keyboards is the same; 1 to 1024 bytes."""
    try:
        data = unicodedata.normalize("NFKC", password).encode()
    except UnicodeEncodeError:
        raise BadPassword("a password is text; this holds half a character") from None
    if not data:
        raise BadPassword("the password is empty; type one")
    if len(data) > MAX_PASSWORD_SIZE:
        raise BadPassword(f"a password has at most {MAX_PASSWORD_SIZE} bytes; take a shorter one")
    return data


def argon2id(password: bytes, salt: bytes, opslimit: int, memlimit: int, size: int) -> bytes:
    """Argon2id 1.3 with one lane, bare; memory in bytes. `stretch` is what other folders use."""
    return crypto_pwhash_alg(size, password, salt, opslimit, memlimit, crypto_pwhash_ALG_ARGON2ID13)


def _check_floor(parameters: PasswordParameters, floor: Floor) -> None:
    if parameters.opslimit < floor.opslimit or parameters.memlimit < floor.memlimit:
        raise BadParameters(
            "the home asks for a password hash that is too cheap to be safe; do not sign in there"
        )
