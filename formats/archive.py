"""The head of an account that was written to a file: what it takes to open it, and no more.

    head = {v, parameters: {algorithm, ops, memory, salt}, device, key}

The root of a CAR file (``formats.car``). All other blocks of it are raw: pieces, each sealed
whole under a key of the file's own. ``key`` is that one, sealed under what the account's
password gives (and its device secret, where ``device`` says so). What is inside is on
``docs/spec/archive.md``; who has the file alone learns its size.
"""

from dataclasses import dataclass
from typing import Final

from crypto.passwords import PasswordParameters
from formats.cid import Block
from formats.dag_cbor import Value, decode, encode
from formats.errors import Malformed
from formats.fields import Fields
from formats.sign_in import parameters_value, read_parameters

KEY_SIZE: Final = 32
SEALED_KEY: Final = 32 + 1 + 24 + KEY_SIZE + 16
"""Bytes of a key sealed with a commitment (``crypto.sealing``)."""

MAX_HEAD: Final = 1024

_WHAT: Final = "head of the file"


@dataclass(frozen=True, slots=True)
class ArchiveHead:
    """How the file's key is opened. ``device``: the account's device secret is needed as well."""

    parameters: PasswordParameters
    device: bool
    key: bytes

    @classmethod
    def decode(cls, data: bytes) -> "ArchiveHead":
        """Read a head; raises Malformed or UnknownVersion."""
        if len(data) > MAX_HEAD:
            raise Malformed(f"{_WHAT}: {len(data)} bytes, at most {MAX_HEAD}")
        fields = Fields(decode(data, max_depth=2), _WHAT)
        fields.version()
        head = cls(read_parameters(fields), fields.flag("device"), fields.bytes_("key", SEALED_KEY))
        fields.done()
        return head

    @property
    def block(self) -> Block:
        """The head as the root of the file."""
        return Block.cbor(encode({**said(self.parameters, self.device), "key": self.key}))


def said(parameters: PasswordParameters, device: bool) -> dict[str, Value]:
    """All of a head but the key, which is sealed together with it."""
    return {"v": 1, "parameters": parameters_value(parameters), "device": device}
