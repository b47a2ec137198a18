"""The member keys of one machine of a person's: another one in each space, and in no bundle.

    machine = derive(account, "machine", seed)         seed: 32 random bytes of this machine
    member  = hybrid key from derive(machine, "member", space)

The home's record of a space lists the digests of them, so it is told by its signature which
machine made a state, and a machine is removed as a guest is. A thief of the seed lacks the bundle,
which the password opens; who has the bundle lacks the seed.
"""

from typing import Final

from crypto.kdf import derive
from crypto.purposes import KdfPurpose
from crypto.secret import Secret
from crypto.signing import SigningKey

SIZE: Final = 32
"""Bytes of a seed."""


class DeviceKeys:
    """Those of this machine, for one account; each is made when it is first asked for."""

    def __init__(self, account: Secret, seed: Secret) -> None:
        self._machine: Final = derive(account, KdfPurpose.MACHINE, seed.reveal())
        self._made: Final[dict[bytes, SigningKey]] = {}

    def member(self, space: bytes) -> SigningKey:
        """The member key of a space; some 0.3 ms the first time."""
        found = self._made.get(space)
        if found is None:
            found = SigningKey.from_seed(derive(self._machine, KdfPurpose.MEMBER, space))
            self._made[space] = found
        return found
