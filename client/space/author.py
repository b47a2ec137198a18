"""Which device made a state: said in its root block, sealed for who may open the whole space.

The home sees 105 bytes that mean nothing to it, in every root alike; so does whoever was
granted something below.
"""

from collections.abc import Callable, Sequence
from typing import Final

from client.device import MAX_DEVICE, check_device
from crypto.errors import OpenFailed
from crypto.kdf import derive
from crypto.purposes import KdfPurpose, SealPurpose
from crypto.sealing import Associated, SealingKey
from crypto.secret import Secret
from formats.errors import BadName


class Author:
    """Seals this device's name, and opens others'. ``top`` is the secret of the top folder.

    ``older``: secrets that it had before, under which earlier states are sealed.
    """

    def __init__(
        self, top: Secret, space: bytes, device: Callable[[], str], older: Sequence[Secret] = ()
    ) -> None:
        self._key: Final = _key(top)
        self._older: Final = older
        self._space: Final = space
        self._device: Final = device

    def sign(self, seq: int) -> bytes:
        """For the root of the state of this number."""
        padded = self._device().encode().ljust(MAX_DEVICE, b"\0")
        return self._key.seal(padded, self._associated(seq))

    def read(self, by: bytes | None, seq: int) -> str | None:
        """The device that made the state of this number; None if it does not rightly say."""
        for key in (self._key, *map(_key, self._older)):
            try:
                padded = key.open(by or b"", self._associated(seq))
                return check_device(padded.rstrip(b"\0").decode())
            except OpenFailed:
                continue
            except (UnicodeDecodeError, BadName):
                return None
        return None

    def _associated(self, seq: int) -> Associated:
        return Associated(SealPurpose.AUTHOR, self._space, seq)


def _key(top: Secret) -> SealingKey:
    return SealingKey(derive(top, KdfPurpose.AUTHOR))
