"""The recovery kit: 20 random bytes, written as 13 words, and every key they give.

    code   = 20 random bytes
    key    = SHA-256("holdfast/1/recovery-kit" NUL code)
    place  = a sealing key, KDF(key, KIT, "place")    opens where to look, in the whereabouts
    node   = a node secret, KDF(key, KIT, "node")     label and lock of the kit's leaf
    pair   = HPKE, seed KDF(key, KIT, "seal")         what the leaf holds is sealed to it

A device secret has 11 words: taking one for the other is noticed by their number.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from client.keys import NodeKeys
from client.words.written import from_words, to_words, word_count
from crypto.errors import CryptoError
from crypto.hpke import SealKeyPair
from crypto.kdf import derive
from crypto.passwords import KIT_CODE_SIZE, kit_key
from crypto.purposes import KdfPurpose, SealPurpose
from crypto.sealing import Associated, SealingKey
from crypto.secret import Secret, random_secret
from formats.errors import BadKit, Usage
from formats.limits import ID

WORDS: Final = word_count(KIT_CODE_SIZE)
"""So many."""


@dataclass(frozen=True)
class RecoveryKit:
    """One person's. Keys are derived on first use."""

    code: Secret

    @classmethod
    def generate(cls) -> "RecoveryKit":
        """A new one."""
        return cls(random_secret(KIT_CODE_SIZE))

    @classmethod
    def read(cls, text: str) -> "RecoveryKit":
        """From the words that somebody typed; raises BadKit."""
        try:
            return cls(Secret(from_words(text, KIT_CODE_SIZE)))
        except Usage as error:
            raise BadKit(error.message, hint=error.advice) from None

    @property
    def words(self) -> str:
        """As it is written down: 13 words."""
        return to_words(self.code.reveal())

    @cached_property
    def keys(self) -> NodeKeys:
        """Where the kit's leaf is, and its lock."""
        return NodeKeys(self._derived(b"node"))

    @cached_property
    def pair(self) -> SealKeyPair:
        """What the kit's leaf holds is sealed to this pair."""
        return SealKeyPair.from_seed(self._derived(b"seal"))

    def seal_place(self, id: bytes, space: bytes) -> bytes:
        """In which space of the person ``id`` the leaf is: 105 bytes for the whereabouts."""
        return self._place.seal_committed(space, _place(id))

    def open_place(self, id: bytes, sealed: bytes) -> bytes:
        """The space; raises BadKit when it was sealed for other words."""
        try:
            space = self._place.open_committed(sealed, _place(id))
        except CryptoError:
            space = b""
        if len(space) != ID:
            raise BadKit("these words are not of that person's recovery kit, or of an older one")
        return space

    @cached_property
    def _place(self) -> SealingKey:
        return SealingKey(self._derived(b"place"))

    def _derived(self, what: bytes) -> Secret:
        return derive(kit_key(self.code), KdfPurpose.KIT, what)

    def __repr__(self) -> str:
        return "<recovery kit>"


def _place(id: bytes) -> Associated:
    return Associated(SealPurpose.KIT_PLACE, id)
