"""Sign-in records: what a home keeps so that a person can come back with a password.

    record = {v, name, id, sign_in, parameters: {algorithm, ops, memory, salt}, bundle, seq}

``sign_in`` is the verify key whose secret half the password gives; who proves it
is handed the ``bundle``, sealed under another key that the password gives. The
record is not signed: only a proven sign-in key replaces it, with ``seq`` one
higher. ``ops`` are passes, ``memory`` is bytes (``crypto.passwords``).
"""

from dataclasses import dataclass
from typing import Final

from crypto.errors import BadParameters
from crypto.passwords import SALT_SIZE, PasswordParameters
from crypto.signing import VerifyKey
from formats.dag_cbor import Value, decode, encode
from formats.envelope import read_key
from formats.errors import Conflict, Malformed
from formats.fields import Fields
from formats.limits import ID, KIB
from formats.whereabouts import read_account_name

MAX_BUNDLE: Final = 64 * KIB
"""Most bytes of the sealed bundle."""

MAX_SIGN_IN: Final = MAX_BUNDLE + 4 * KIB

_WHAT: Final = "sign-in record"


@dataclass(frozen=True, slots=True)
class SignInRecord:
    """How one account signs in. ``seq`` counts its changes (password, bundle)."""

    name: str
    id: bytes
    sign_in: VerifyKey
    parameters: PasswordParameters
    bundle: bytes
    seq: int

    @classmethod
    def decode(cls, data: bytes) -> "SignInRecord":
        """Read a record; raises Malformed or UnknownVersion."""
        if len(data) > MAX_SIGN_IN:
            raise Malformed(f"{_WHAT}: {len(data)} bytes, at most {MAX_SIGN_IN}")
        fields = Fields(decode(data, max_depth=2), _WHAT)
        fields.version()
        record = cls(
            name=read_account_name(fields, "name"),
            id=fields.bytes_("id", ID),
            sign_in=read_key(fields, "sign_in"),
            parameters=read_parameters(fields),
            bundle=fields.bytes_("bundle", minimum=1, maximum=MAX_BUNDLE),
            seq=fields.uint("seq"),
        )
        fields.done()
        return record

    @property
    def encoded(self) -> bytes:
        """The record as it travels and is stored."""
        return encode(
            {
                "v": 1,
                "name": self.name,
                "id": self.id,
                "sign_in": self.sign_in.encode(),
                "parameters": parameters_value(self.parameters),
                "bundle": self.bundle,
                "seq": self.seq,
            }
        )

    def check_replaces(self, previous: "SignInRecord") -> None:
        """Return if this is the next record of the same account; raises Conflict or Malformed."""
        if (self.name, self.id) != (previous.name, previous.id):
            raise Malformed(f"{_WHAT}: it is of another account")
        if self.seq != previous.seq + 1:
            raise Conflict(f"{_WHAT}: number {self.seq} does not follow {previous.seq}")


def parameters_value(parameters: PasswordParameters) -> Value:
    """The map that stands for parameters in a record."""
    return {
        "algorithm": parameters.algorithm,
        "ops": parameters.opslimit,
        "memory": parameters.memlimit,
        "salt": parameters.salt,
    }


def read_parameters(record: Fields) -> PasswordParameters:
    """The field ``parameters`` of a record; raises Malformed."""
    fields = Fields(record.map_("parameters"), f"{record.what} parameters")
    try:
        parameters = PasswordParameters(
            algorithm=fields.uint("algorithm"),
            opslimit=fields.uint("ops"),
            memlimit=fields.uint("memory"),
            salt=fields.bytes_("salt", SALT_SIZE),
        )
    except BadParameters as error:
        raise Malformed(f"{fields.what}: {error}") from None
    fields.done()
    return parameters
