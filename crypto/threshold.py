"""A secret split into shares: any so many of them give it, fewer say nothing of it. SLIP-39.

Shamir's scheme over GF(256), as words with a checksum of their own, and a digest inside, by which
a share that was made up is noticed; by the reference implementation of who published it. It does
not hide from somebody who measures this very machine: shares are made and joined at home.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shamir_mnemonic import (  # type: ignore[import-untyped]
    MnemonicError,
    combine_mnemonics,
    generate_mnemonics,
)
from shamir_mnemonic.share import Share as Parts  # type: ignore[import-untyped]

from crypto.errors import BadShare
from crypto.hashing import sha256
from crypto.kdf import derive, mac
from crypto.purposes import KdfPurpose
from crypto.secret import Secret

MOST: Final = 16
"""Shares of one secret."""
LEAST: Final = 2
"""Shares that give it: one alone would be the secret itself."""


@dataclass(frozen=True, slots=True)
class Share:
    """One share. ``set``: of which splitting it is; ``number`` from 0; ``needed``: give the secret.

    Any of its words tell nothing of the secret.
    """

    words: str
    set: int
    number: int
    needed: int

    @classmethod
    def read(cls, text: str) -> "Share":
        """From its words, in small letters with spaces between; raises BadShare."""
        try:
            parts = Parts.from_mnemonic(text)
        except (MnemonicError, ValueError) as error:
            raise BadShare(str(error)) from error
        if (parts.group_index, parts.group_count) != (0, 1):
            raise BadShare("a share of a secret that was split in another way")
        return cls(text, parts.identifier, parts.index, parts.member_threshold)

    def proving(self, owner: bytes, keeper: bytes) -> Secret:
        """A key that shows that one keeper has it (``shown``), and that says nothing of the words.

        Whose secret it is keeps this key, and neither keeper's is of use to another.
        """
        words = Secret(sha256(b"holdfast/1/share\0" + self.words.encode()))
        return derive(words, KdfPurpose.SHARE, owner, keeper)

    def __repr__(self) -> str:
        return f"<share {self.number} of {self.set}>"  # never the words


def split(secret: Secret, needed: int, count: int) -> list[Share]:
    """``count`` shares, any ``needed`` of which give the secret; 16 to 32 bytes, an even number.

    Raises ValueError unless ``LEAST`` <= needed <= count <= ``MOST``.
    """
    if not LEAST <= needed <= count <= MOST:
        raise ValueError(f"{needed} of {count}: at least {LEAST}, and at most {MOST} shares")
    (group,) = generate_mnemonics(1, [(needed, count)], secret.reveal())
    return [Share.read(words) for words in group]


def shown(proving: Secret, nonce: bytes) -> bytes:
    """What shows that a share is there, to who asks with a fresh ``nonce``: 32 bytes."""
    return mac(proving, KdfPurpose.SHARE, nonce)


def join(shares: Sequence[Share]) -> Secret:
    """The secret, of exactly as many shares as it takes; raises BadShare when they do not fit."""
    try:
        return Secret(combine_mnemonics([share.words for share in shares]))
    except (MnemonicError, ValueError) as error:
        raise BadShare(str(error)) from error
