"""Data keys: what seals content and pages, by generation, kept inside the sealed header.

    sealed with the ring = generation (4 bytes, big-endian) | sealed

A data key is random and belongs to one file or folder. A new generation comes
with new content, and when access is taken back: what is written from then on
is sealed under it, what is there stays readable. Each generation remembers the
file id it was sealed under: a copy has an id of its own and the same segments.
"""

from dataclasses import dataclass, field
from typing import Final

from crypto.errors import OpenFailed
from crypto.purposes import SealPurpose
from crypto.sealing import OVERHEAD, Associated, SealingKey
from crypto.secret import Secret, random_bytes, random_secret
from formats.dag_cbor import Value
from formats.errors import Damaged, Malformed, TooMany
from formats.fields import Fields
from formats.leaf import GENERATION_SIZE, MAX_GENERATION

KEY_SIZE: Final = 32
FILE_ID: Final = 16
MAX_RING: Final = 64
"""Generations that one header remembers; a deep re-key begins a new ring."""
RING_OVERHEAD: Final = GENERATION_SIZE + OVERHEAD
"""Bytes that sealing with the ring adds."""


def new_file_id() -> bytes:
    """A fresh file id: 16 random bytes, for life."""
    return random_bytes(FILE_ID)


@dataclass(frozen=True, slots=True)
class DataKey:
    """One generation: its number, its secret, and the file id that its seals name."""

    generation: int
    secret: Secret
    id: bytes
    key: SealingKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", SealingKey(self.secret))

    def associated(self, purpose: SealPurpose, *fields: bytes | int) -> Associated:
        """What a ciphertext of this generation is."""
        return Associated(purpose, self.id, self.generation, *fields)

    def seal(self, content: bytes, purpose: SealPurpose, *fields: bytes | int) -> bytes:
        """The generation and the sealed content."""
        sealed = self.key.seal(content, self.associated(purpose, *fields))
        return self.generation.to_bytes(GENERATION_SIZE, "big") + sealed


@dataclass(frozen=True, slots=True)
class Ring:
    """Data keys with rising generations; the last one is current."""

    keys: tuple[DataKey, ...]

    def __post_init__(self) -> None:
        numbers = [key.generation for key in self.keys]
        if not numbers or numbers != sorted(set(numbers)):
            raise Malformed("ring: no generations, or not in rising order")
        if len(numbers) > MAX_RING:
            raise TooMany(f"ring: {len(numbers)} generations, at most {MAX_RING}")

    @classmethod
    def new(cls, file_id: bytes, generation: int = 0) -> "Ring":
        """A ring of one fresh key."""
        return cls((DataKey(generation, random_secret(KEY_SIZE), file_id),))

    @property
    def current(self) -> DataKey:
        """The key that seals whatever is written now."""
        return self.keys[-1]

    def key(self, generation: int) -> DataKey:
        """The key of a generation; raises Damaged for one the header does not know."""
        for key in self.keys:
            if key.generation == generation:
                return key
        raise Damaged(f"it is sealed under generation {generation}, which its header does not know")

    def renewed(self, file_id: bytes) -> "Ring":
        """One more generation on top of those that are there."""
        return Ring((*self.keys, Ring.new(file_id, self.current.generation + 1).current))

    def replaced(self, file_id: bytes) -> "Ring":
        """One new generation alone: for content that replaces all there was."""
        return Ring.new(file_id, self.current.generation + 1)

    def seal(self, content: bytes, purpose: SealPurpose, *fields: bytes | int) -> bytes:
        """Sealed under the current key, its generation in front."""
        return self.current.seal(content, purpose, *fields)

    def open(self, data: bytes, purpose: SealPurpose, *fields: bytes | int) -> bytes:
        """What ``seal`` sealed, under whichever generation; raises Damaged."""
        key = self.key(int.from_bytes(data[:GENERATION_SIZE], "big"))
        try:
            view = memoryview(data)[GENERATION_SIZE:]
            return key.key.open(view, key.associated(purpose, *fields))
        except OpenFailed:
            raise Damaged("its sealed bytes do not open under its key") from None

    @property
    def value(self) -> Value:
        """As it stands in a header: [[generation, key, id]...]."""
        return [[key.generation, key.secret.reveal(), key.id] for key in self.keys]

    @classmethod
    def read(cls, fields: Fields) -> "Ring":
        """The field ``ring`` of a header; raises Malformed."""
        return cls(tuple(_read_key(row) for row in fields.list_("ring", MAX_RING)))


def _read_key(row: Value) -> DataKey:
    if not isinstance(row, list) or len(row) != 3:
        raise Malformed("ring: a row is not [generation, key, id]")
    fields = Fields(dict(zip(("generation", "key", "id"), row, strict=True)), "ring")
    return DataKey(
        fields.uint("generation", MAX_GENERATION),
        Secret(fields.bytes_("key", KEY_SIZE)),
        fields.bytes_("id", FILE_ID),
    )
