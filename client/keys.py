"""What follows from a node secret: labels, locks, and the key of the header.

    label        PRF(node secret, LABEL)                    where the header leaf is
    chunk i      PRF(KDF(node secret, CHUNK), i)            where chunk i of a file is
    page p       PRF(KDF(node secret, PAGE), p)             where page p of a folder is
    thumbnail    PRF(node secret, THUMB)                    where the thumbnail of a file is
    lock of l    Ed25519 from KDF(node secret, LOCK, l)     proves to a home that one may read l
    header key   KDF(node secret, READ)                     opens the header

Every label has a lock of its own: one for all would link a file's chunks. A
node secret is random, never derived from content, and is replaced when access
is taken back; data keys are in the header and are random too (docs/spec/keys.md).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from crypto.kdf import derive, prf
from crypto.purposes import KdfPurpose
from crypto.sealing import SealingKey
from crypto.secret import Secret, random_secret
from crypto.signing import LockKey

SECRET_SIZE: Final = 32


def new_node_secret() -> Secret:
    """A fresh node secret: 32 random bytes."""
    return random_secret(SECRET_SIZE)


class NodeKeys:
    """Everything that one node secret gives. Cheap to make; derives on first use."""

    def __init__(self, secret: Secret) -> None:
        if len(secret) != SECRET_SIZE:
            raise ValueError("a node secret has 32 bytes")
        self.secret: Final = secret

    @cached_property
    def label(self) -> bytes:
        """Where the header leaf is."""
        return prf(self.secret, KdfPurpose.LABEL)

    @cached_property
    def thumb_label(self) -> bytes:
        """Where the thumbnail of a file is, if it has one."""
        return prf(self.secret, KdfPurpose.THUMB)

    @cached_property
    def header_key(self) -> SealingKey:
        """Opens and seals the header."""
        return SealingKey(derive(self.secret, KdfPurpose.READ))

    def chunk_label(self, index: int) -> bytes:
        """Where chunk ``index`` of a file is."""
        return prf(self._chunks, KdfPurpose.CHUNK, index.to_bytes(8, "big"))

    def page_label(self, prefix: bytes) -> bytes:
        """Where the page of a folder with this prefix is (one byte a nibble; not the root page)."""
        return prf(self._pages, KdfPurpose.PAGE, prefix)

    def lock(self, label: bytes) -> LockKey:
        """The lock of one of this node's labels."""
        return LockKey.from_seed(derive(self.secret, KdfPurpose.LOCK, label))

    def ref(self, label: bytes | None = None) -> "Ref":
        """A leaf of this node to read: the header leaf unless a label is given."""
        return Ref(self.label if label is None else label, self)

    @cached_property
    def _chunks(self) -> Secret:
        return derive(self.secret, KdfPurpose.CHUNK)

    @cached_property
    def _pages(self) -> Secret:
        return derive(self.secret, KdfPurpose.PAGE)


@dataclass(frozen=True, slots=True)
class Ref:
    """One leaf to read, and the keys that prove the right to it."""

    label: bytes
    keys: NodeKeys
