"""What a password gives: the key that signs in, and the keys of the bundle.

    stretched   = Argon2id(password, salt)                          64 bytes
    sign-in key = hybrid key from KDF(stretched, SIGN_IN)           shown to the home
    bundle key  = KDF(stretched, BUNDLE)                            opens the bundle
    inner key   = KDF(stretched, INNER)                             opens the key of succession
    archive key = KDF(stretched, ARCHIVE)                           opens an account in a file

The home never sees the password, nor anything that opens the bundle. The inner
key is never kept in a session: it is made when the password was just typed.
"""

from dataclasses import dataclass
from typing import Final

import trio

from client.identity.device_secret import DeviceSecret
from crypto.errors import BadParameters, BadPassword
from crypto.kdf import derive
from crypto.passwords import (
    FLOOR,
    MODERATE,
    SALT_SIZE,
    Floor,
    PasswordParameters,
    stretch,
)
from crypto.purposes import KdfPurpose
from crypto.sealing import SealingKey
from crypto.secret import Secret, random_bytes
from crypto.signing import SigningKey
from formats.errors import Forged, Usage


@dataclass(frozen=True, slots=True)
class Hardness:
    """How new passwords are stretched, and the least that a home may ask for.

    Only tests and worlds in one process choose another than ``STANDARD``.
    """

    opslimit: int
    memlimit: int
    floor: Floor

    def parameters(self) -> PasswordParameters:
        """Parameters for a new password, with a fresh salt."""
        return PasswordParameters(
            opslimit=self.opslimit, memlimit=self.memlimit, salt=random_bytes(SALT_SIZE)
        )


MOST_MEMORY: Final = 512 * 1024 * 1024
"""Bytes that a home may ask for. A record may say a GiB; on a small machine, which may be the
home of others, the system would end the whole process for it."""

STANDARD: Final = Hardness(*MODERATE, FLOOR)


@dataclass(frozen=True, slots=True)
class PasswordKeys:
    """The four keys of one password."""

    sign_in: SigningKey
    bundle: SealingKey
    inner: SealingKey
    archive: SealingKey

    @classmethod
    def of(cls, stretched: Secret) -> "PasswordKeys":
        """From the 64 stretched bytes."""
        return cls(
            SigningKey.from_seed(derive(stretched, KdfPurpose.SIGN_IN)),
            SealingKey(derive(stretched, KdfPurpose.BUNDLE)),
            SealingKey(derive(stretched, KdfPurpose.INNER)),
            SealingKey(derive(stretched, KdfPurpose.ARCHIVE)),
        )


async def password_keys(
    password: str,
    parameters: PasswordParameters,
    floor: Floor,
    device: DeviceSecret | None = None,
) -> PasswordKeys:
    """Stretch a password off the event loop; raises Usage, or Forged for a home that weakens it.

    ``device``: the account's device secret, if it has one: then nobody else opens a thing.
    """
    return PasswordKeys.of(await stretched(password, parameters, floor, device))


async def stretched(
    password: str,
    parameters: PasswordParameters,
    floor: Floor,
    device: DeviceSecret | None = None,
) -> Secret:
    """The 64 bytes that a password gives, made off the event loop; raises as ``password_keys``."""
    secret = None if device is None else device.key

    def work() -> Secret:
        return stretch(password, parameters, secret, floor)

    try:
        return await trio.to_thread.run_sync(work, limiter=_ONE_AT_A_TIME)
    except BadPassword as error:
        raise Usage(str(error)) from error
    except BadParameters as error:
        raise Forged(str(error)) from error


# Each takes a quarter of a gigabyte while it runs.
_ONE_AT_A_TIME: Final = trio.CapacityLimiter(1)
