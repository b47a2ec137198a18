"""Drops: leaving a sealed message for somebody, without saying who leaves it.

    drop  = {v, target, day, token? | work?}     travels beside the sealed message
    grant = {v, hash, expires, uses}             how an owner registers a token

A drop pays with a token its sender was given, or with proof of work. Work is
bound to target, day and message (``work_target``), so it serves once. ``day`` is
the days since 1970-01-01 UTC. All sealed messages have one size.
"""

from dataclasses import dataclass
from typing import Final

from crypto.hashing import sha256
from crypto.work import MAX_NONCE, check, solve
from formats.dag_cbor import Value, decode, encode
from formats.envelope import present
from formats.errors import Denied, Malformed
from formats.fields import Fields
from formats.limits import ID, KIB, TOKEN

SEALED_MESSAGE: Final = 16 * KIB
"""Bytes of every sealed message."""

MAX_DROP: Final = 256
MAX_DAY: Final = 2**31 - 1
MAX_DAYS_OFF: Final = 1
"""How far a drop's day may be from the home's."""

MAX_USES: Final = 1024

DAY: Final = 24 * 60 * 60 * 1000
"""Milliseconds in a day."""

_WHAT: Final = "drop"
_GRANT: Final = "token grant"


@dataclass(frozen=True, slots=True)
class Drop:
    """For whom (an identity id), when, and what pays for it: exactly one of token and work."""

    target: bytes
    day: int
    token: bytes | None = None
    work: int | None = None

    def __post_init__(self) -> None:
        if (self.token is None) == (self.work is None):
            raise Malformed(f"{_WHAT}: it pays with a token or with work, exactly one")

    @classmethod
    def worked(cls, target: bytes, day: int, sealed: bytes, bits: int) -> "Drop":
        """Pay by work: about 2^bits hashes."""
        return cls(target, day, work=solve(work_target(target, day, sealed), bits))

    @classmethod
    def decode(cls, data: bytes) -> "Drop":
        """Read a drop; raises Malformed or UnknownVersion."""
        if len(data) > MAX_DROP:
            raise Malformed(f"{_WHAT}: {len(data)} bytes, at most {MAX_DROP}")
        fields = Fields(decode(data, max_depth=1), _WHAT)
        fields.version()
        drop = cls(
            target=fields.bytes_("target", ID),
            day=fields.uint("day", MAX_DAY),
            token=fields.optional_bytes("token", TOKEN),
            work=fields.optional_uint("work", MAX_NONCE),
        )
        fields.done()
        return drop

    @property
    def encoded(self) -> bytes:
        """The drop as it travels."""
        body: dict[str, Value] = {
            "v": 1,
            "target": self.target,
            "day": self.day,
            "token": self.token,
            "work": self.work,
        }
        return encode(present(body))

    def check_work(self, sealed: bytes, bits: int, now: int) -> None:
        """Return if enough work was done for this message, about today; raises Denied."""
        if self.work is None or abs(self.day - day_of(now)) > MAX_DAYS_OFF:
            raise Denied(f"{_WHAT}: no work was done for it today")
        if not check(work_target(self.target, self.day, sealed), self.work, bits):
            raise Denied(f"{_WHAT}: too little work was done for it")


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """A token that an owner registers, by hash: good for ``uses`` drops until ``expires``."""

    hash: bytes
    expires: int
    uses: int

    @classmethod
    def of(cls, token: bytes, expires: int, uses: int) -> "TokenGrant":
        """The grant of a token."""
        return cls(token_hash(token), expires, uses)

    @classmethod
    def decode(cls, data: bytes) -> "TokenGrant":
        """Read a grant; raises Malformed or UnknownVersion."""
        fields = Fields(decode(data, max_depth=1), _GRANT)
        fields.version()
        grant = cls(
            hash=fields.bytes_("hash", ID),
            expires=fields.uint("expires"),
            uses=fields.integer("uses", 1, MAX_USES),
        )
        fields.done()
        return grant

    @property
    def encoded(self) -> bytes:
        """The grant as it travels."""
        return encode({"v": 1, "hash": self.hash, "expires": self.expires, "uses": self.uses})


def work_target(target: bytes, day: int, sealed: bytes) -> bytes:
    """What work is done for: SHA-256 of canonical {v, target, day, message: SHA-256(sealed)}."""
    return sha256(encode({"v": 1, "target": target, "day": day, "message": sha256(sealed)}))


def check_sealed(sealed: bytes) -> None:
    """Return if ``sealed`` has the one size; raises Malformed."""
    if len(sealed) != SEALED_MESSAGE:
        raise Malformed(f"sealed message: {len(sealed)} bytes, expected {SEALED_MESSAGE}")


def token_hash(token: bytes) -> bytes:
    """How a home knows a token: SHA-256."""
    return sha256(token)


def day_of(now: int) -> int:
    """The day of a time in milliseconds: days since 1970-01-01 UTC."""
    return now // DAY
