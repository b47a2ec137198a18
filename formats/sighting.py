"""What somebody saw of a space: its newest pointer, and perhaps the record it was made under.

    sighting = {pointer: envelope, record?: envelope}

It proves itself, whoever hands it on: the pointer is signed by a member, the record by
the owner of the space. A pointer is 5.7 kB, a record with a few members 4 kB.
"""

from dataclasses import dataclass, replace
from typing import Final

from formats.dag_cbor import Value
from formats.envelope import ENVELOPE_OVERHEAD, present
from formats.errors import Forged
from formats.fields import Fields
from formats.limits import KIB
from formats.pointer import MAX_POINTER_BODY, Pointer
from formats.space import SpaceRecord

MAX_SEEN_RECORD: Final = 8 * KIB
"""Bytes of a space record that is handed on: one of some seventy members."""
_WHAT: Final = "sighting"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A state of a space. That it was read means nothing before ``verify_signature``."""

    pointer: Pointer
    record: SpaceRecord | None = None

    @classmethod
    def of(cls, pointer: Pointer, record: SpaceRecord) -> "Sighting":
        """The state, with its record if that is not too large to hand on."""
        return cls(pointer, record if len(record.encoded) <= MAX_SEEN_RECORD else None)

    @property
    def value(self) -> Value:
        """As it stands in something else."""
        record = None if self.record is None else self.record.encoded
        return present({"pointer": self.pointer.encoded, "record": record})

    @classmethod
    def read(cls, value: Value) -> "Sighting":
        """From something else; raises Malformed, UnknownVersion. Verifies nothing."""
        fields = Fields(value, _WHAT)
        pointer = fields.bytes_("pointer", maximum=MAX_POINTER_BODY + ENVELOPE_OVERHEAD)
        record = fields.optional_bytes("record", maximum=MAX_SEEN_RECORD)
        fields.done()
        return cls(Pointer.decode(pointer), None if record is None else SpaceRecord.decode(record))

    def without_record(self) -> "Sighting":
        """The pointer alone, for who has the record."""
        return replace(self, record=None)

    def verify_signature(self) -> None:
        """Return if the pointer is signed by the key that it names, under this record; or Forged.

        That the key is a member's is for who has the record, and the owner's identity.
        """
        self.pointer.verify_signature()
        if self.record is not None and self.record.hash != self.pointer.authority:
            raise Forged(f"{_WHAT}: the record is not the one that the pointer was made under")
