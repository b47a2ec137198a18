"""Second factors of an account, as its home keeps them. One closed schema for each kind.

    factors = {v, next, codes: [code], keys: [key], backups: [hash], wrong, since}
    code    = {number, label, added, used?, secret, step}
    key     = {number, label, added, used?, credential, public, count}

``codes`` are authenticator apps, ``keys`` WebAuthn credentials, ``backups`` SHA-256 of single-use
codes A number is given once and never again. ``label`` is sealed by the owner: the home does not
know what a factor is called. ``step`` and ``count``: the last code and signature taken, so that
none is taken twice. ``wrong``: codes of apps that were wrong since the time ``since``. Times in
milliseconds.
"""

from dataclasses import dataclass, replace
from typing import Final

from crypto.hashing import sha256
from formats.dag_cbor import Value, decode, encode
from formats.errors import Malformed
from formats.fields import Fields, entries
from formats.limits import ID, KIB

MAX_CODES: Final = 4
MAX_KEYS: Final = 16
MAX_BACKUPS: Final = 10
MAX_LABEL: Final = 512
"""Bytes of a sealed label."""

SECRET: Final = 20
MAX_CREDENTIAL: Final = 1023
MAX_PUBLIC: Final = KIB
MAX_FACTORS: Final = 64 * KIB

_WHAT: Final = "second factors"


def backup_hash(code: bytes) -> bytes:
    """What is kept of a backup code: SHA-256, with what it is for before it."""
    return sha256(b"holdfast/1/backup\0" + code)


@dataclass(frozen=True, slots=True)
class Code:
    """An authenticator app. ``used``: when a code of it was last taken."""

    number: int
    label: bytes
    added: int
    used: int | None
    secret: bytes
    step: int

    @classmethod
    def read(cls, fields: Fields) -> "Code":
        """One entry; raises Malformed."""
        code = cls(*_common(fields), fields.bytes_("secret", SECRET), fields.uint("step"))
        fields.done()
        return code

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        return {**_kept(self), "secret": self.secret, "step": self.step}


@dataclass(frozen=True, slots=True)
class Key:
    """A security key or passkey. ``used``: when it was last shown."""

    number: int
    label: bytes
    added: int
    used: int | None
    credential: bytes
    public: bytes
    count: int

    @classmethod
    def read(cls, fields: Fields) -> "Key":
        """One entry; raises Malformed."""
        key = cls(
            *_common(fields),
            fields.bytes_("credential", minimum=1, maximum=MAX_CREDENTIAL),
            fields.bytes_("public", minimum=1, maximum=MAX_PUBLIC),
            fields.uint("count"),
        )
        fields.done()
        return key

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        own: dict[str, Value] = {"credential": self.credential, "public": self.public}
        return {**_kept(self), **own, "count": self.count}


@dataclass(frozen=True, slots=True)
class Factors:
    """All of one account. Without codes and keys none is asked for; backups alone are no factor."""

    next: int = 1
    codes: tuple[Code, ...] = ()
    keys: tuple[Key, ...] = ()
    backups: tuple[bytes, ...] = ()
    wrong: int = 0
    since: int = 0

    @property
    def reset(self) -> "Factors":
        """None of them; the numbers that were given stay given."""
        return Factors(next=self.next)

    @property
    def asked(self) -> bool:
        """Whether signing in takes one."""
        return bool(self.codes or self.keys)

    @classmethod
    def decode(cls, data: bytes) -> "Factors":
        """Read them; raises Malformed or UnknownVersion."""
        if len(data) > MAX_FACTORS:
            raise Malformed(f"{_WHAT}: {len(data)} bytes, at most {MAX_FACTORS}")
        fields = Fields(decode(data, max_depth=3), _WHAT)
        fields.version()
        found = cls(
            next=fields.uint("next"),
            codes=tuple(map(Code.read, entries(fields.list_("codes", MAX_CODES), "app"))),
            keys=tuple(map(Key.read, entries(fields.list_("keys", MAX_KEYS), "key"))),
            backups=fields.bytes_list("backups", MAX_BACKUPS, ID),
            wrong=fields.uint("wrong"),
            since=fields.uint("since"),
        )
        fields.done()
        found.check()
        return found

    @property
    def encoded(self) -> bytes:
        """The record as it is stored."""
        value: dict[str, Value] = {
            "v": 1,
            "next": self.next,
            "codes": [code.value for code in self.codes],
            "keys": [key.value for key in self.keys],
            "backups": list(self.backups),
            "wrong": self.wrong,
            "since": self.since,
        }
        return encode(value)

    def check(self) -> None:
        """Return if no number and no key is there twice; raises Malformed."""
        numbers = [each.number for each in self.codes] + [each.number for each in self.keys]
        names = {key.credential for key in self.keys}
        if len(set(numbers)) < len(numbers) or any(one >= self.next for one in numbers):
            raise Malformed(f"{_WHAT}: a number is given twice")
        if len(names) < len(self.keys):
            raise Malformed(f"{_WHAT}: a key is there twice")

    def without(self, number: int) -> "Factors":
        """These less one; when the last is gone, the backup codes go too."""
        left = replace(
            self,
            codes=tuple(each for each in self.codes if each.number != number),
            keys=tuple(each for each in self.keys if each.number != number),
        )
        return left if left.asked else replace(left, backups=(), wrong=0, since=0)


def _common(fields: Fields) -> tuple[int, bytes, int, int | None]:
    return (
        fields.integer("number", 1, 2**32),
        fields.bytes_("label", maximum=MAX_LABEL),
        fields.uint("added"),
        fields.optional_uint("used"),
    )


def _kept(entry: Code | Key) -> dict[str, Value]:
    kept: dict[str, Value] = {"number": entry.number, "label": entry.label, "added": entry.added}
    return kept if entry.used is None else {**kept, "used": entry.used}
