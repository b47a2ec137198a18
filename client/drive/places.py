"""Where names stand in the trie of pages of one folder: a keyed hash, nibble by nibble."""

from typing import Final

from crypto.kdf import derive, prf
from crypto.purposes import KdfPurpose
from crypto.secret import Secret

NIBBLES: Final = 16
"""Children of a stub."""
_KNOWN_NAMES: Final = 4096
"""Names whose place is kept at hand."""


class Names:
    """Where names stand in the trie of one folder."""

    def __init__(self, names: Secret) -> None:
        self._key: Final = derive(names, KdfPurpose.NAME)
        self._places: Final[dict[str, bytes]] = {}
        self._known: Final[dict[str, bytes]] = {}  # one change asks for a name several times

    def place(self, name: str) -> bytes:
        """The 64 nibbles of a name, one byte each; a page's prefix is how they begin."""
        place = self._known.get(name)
        if place is None:
            if len(self._known) >= _KNOWN_NAMES:
                self._known.clear()
            place = _nibbles(prf(self._key, KdfPurpose.NAME, name.encode()))
            self._known[name] = place
        return place


_NIBBLE: Final = bytes.maketrans(b"0123456789abcdef", bytes(range(NIBBLES)))


def _nibbles(digest: bytes) -> bytes:
    return digest.hex().encode().translate(_NIBBLE)
