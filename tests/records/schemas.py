"""Every record's schema once more, as data: from it follow cases on both sides of every limit.

Kept apart from the decoders on purpose: what is written here is what docs/spec
says, and the decoders are held against it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from crypto.hashing import sha256
from formats import paper
from formats.archive import SEALED_KEY, ArchiveHead
from formats.card import Card
from formats.cid import Cid
from formats.courier.record import CourierRecord
from formats.dag_cbor import Value, encode
from formats.drop import Drop, TokenGrant
from formats.errors import BadCard, BadInvite, BadKit, HoldfastError, Malformed
from formats.factors import Factors
from formats.farewell import Farewell, Receipt
from formats.identity import IdentityRecord
from formats.invite import Invite
from formats.kit import KitText
from formats.leaf import Leaf
from formats.pointer import Pointer
from formats.profile import PublicProfile
from formats.read_proof import ReadProof
from formats.replica import ReplicaGrant
from formats.retired import Marker
from formats.root import Root
from formats.sign_in import SignInRecord
from formats.space import SpaceRecord
from formats.statement import Hello, Statement
from formats.whereabouts import Whereabouts
from tests.records.people import ALICE, CLIENT, NOW, SERVER, digest, key, lock, root, sealing

UINT: Final = 2**53
SIGNATURE: Final = 3374
KEY: Final = 1985


class Bytes(NamedTuple):
    """Bytes, this few to this many."""

    least: int
    most: int


class Uint(NamedTuple):
    """An integer in this range."""

    most: int = UINT
    least: int = 0


class Text(NamedTuple):
    """Text of the letter x that may be this long."""

    least: int
    most: int


class Link(NamedTuple):
    """A link, whose digest is anybody's."""


class Other(NamedTuple):
    """Something with rules of its own, in cases of its own."""


Bound: TypeAlias = Bytes | Uint | Text | Link | Other
ID: Final = Bytes(32, 32)
TIME: Final = Uint()


@dataclass(frozen=True)
class Schema:
    """A format: one valid value, the bound of each field, and how it is read.

    ``fixed``: fields whose largest and smallest values are not allowed beside the
    other fields of ``valid``. ``signed``: unknown keys are kept.
    """

    name: str
    valid: dict[str, Value]
    bounds: dict[str, Bound]
    decode: Callable[[bytes], object]
    optional: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    signed: bool = False
    versioned: bool = True
    refusal: type[HoldfastError] = Malformed
    more: list["Case"] = field(default_factory=list)

    def cases(self) -> Iterator["Case"]:
        """Every case, the valid one first."""
        yield Case("valid", encode(self.valid), None)
        for name, bound in self.bounds.items():
            yield from self._field(name, bound)
        yield from self._shape()
        if self.versioned:
            yield Case("another version", encode(self.valid | {"v": 2}), "UnknownVersion")
            yield self._bad("v missing", _without(self.valid, "v"))
        yield from self.more

    def _field(self, name: str, bound: Bound) -> Iterator["Case"]:
        lacking = encode(_without(self.valid, name))
        yield Case(f"{name} absent", lacking, None if name in self.optional else self._refused)
        yield self._bad(f"{name} is null", self.valid | {name: None})
        other = 0 if isinstance(self.valid.get(name), bool) else True
        yield self._bad(f"{name} of another type", self.valid | {name: other})
        for label, value, fine in _sides(bound):
            if fine and name not in self.fixed:
                yield Case(f"{name} {label}", encode(self.valid | {name: value}), None)
            elif not fine:
                yield self._bad(f"{name} {label}", self.valid | {name: value})

    def _shape(self) -> Iterator["Case"]:
        good = encode(self.valid)
        unknown = encode(self.valid | {"zz new": "kept?"})
        yield Case("an unknown key", unknown, None if self.signed else self._refused)
        yield Case("bytes after the end", good + b"\0", self._refused)
        yield Case("cut short", good[:-1], self._refused)
        yield Case("nothing", b"", self._refused)
        yield Case("no map", encode([]), self._refused)
        yield Case("keys not in order", _unsorted(self.valid), self._refused)
        yield Case("a key twice", _doubled(self.valid), self._refused)

    def _bad(self, name: str, value: dict[str, Value]) -> "Case":
        return Case(name, encode(value), self._refused)

    @property
    def _refused(self) -> str:
        return self.refusal.__name__


class Case(NamedTuple):
    """Bytes, and the error they give; None for none."""

    name: str
    data: bytes
    expect: str | None


def _sides(bound: Bound) -> Iterator[tuple[str, Value, bool]]:
    if isinstance(bound, Uint):
        yield "least", bound.least, True
        yield "most", bound.most, True
        yield "too high", bound.most + 1, False
        yield "too low", bound.least - 1, False
    elif isinstance(bound, Bytes):
        yield "too long", b"\1" * (bound.most + 1), False
        yield "longest", b"\1" * bound.most, True
        yield "shortest", b"\1" * bound.least, True
        if bound.least:
            yield "too short", b"\1" * (bound.least - 1), False
    elif isinstance(bound, Text):
        yield "longest", "x" * bound.most, True
        yield "too long", "x" * (bound.most + 1), False
        yield "shortest", "x" * bound.least, True
        if bound.least:
            yield "too short", "x" * (bound.least - 1), False
    elif isinstance(bound, Link):
        yield "a raw link", Cid.of_raw(b"raw"), False
        yield "bytes, no link", bytes(root("bytes")), False


def _without(value: dict[str, Value], name: str) -> dict[str, Value]:
    return {each: item for each, item in value.items() if each != name}


def _entries(value: dict[str, Value]) -> list[bytes]:
    return [encode(name) + encode(item) for name, item in value.items()]


def _unsorted(value: dict[str, Value]) -> bytes:
    """The map with its keys in reverse order."""
    backwards = sorted(value, key=_order, reverse=True)
    return encode(value)[:1] + b"".join(_entries({name: value[name] for name in backwards}))


def _doubled(value: dict[str, Value]) -> bytes:
    """The map with its last key once more."""
    last = max(value, key=_order)
    return bytes((0xA0 + len(value) + 1,)) + encode(value)[1:] + _entries({last: value[last]})[0]


def _order(name: str) -> tuple[int, bytes]:
    return len(name.encode()), name.encode()


def envelope(body: bytes, keyed: bool = False) -> bytes:
    """An envelope with a signature that is no signature: decoding does not look at it."""
    beside: dict[str, Value] = {"key": key("anybody").verify_key.encode()} if keyed else {}
    return encode({"body": body, "signature": b"\0" * SIGNATURE, **beside})


def text(kind: str, data: bytes) -> str:
    """A card or invite with this content, well-formed or not, and the right checksum."""
    return f"holdfast-{kind}1:{paper.to_letters(data + sha256(data)[:4])}"


def _decode_enveloped(
    decode: Callable[[bytes], object], keyed: bool = False
) -> Callable[[bytes], object]:
    return lambda body: decode(envelope(body, keyed))


_HOMES: Final[list[Value]] = [home.value() for home in ALICE.homes]
_HOME: Final[dict[str, Value]] = {"peer": SERVER, "addresses": ["/a"], "role": "home"}
_REPLICA: Final[dict[str, Value]] = _HOME | {"role": "replica"}


def _home(**changes: Value) -> list[Value]:
    return [_HOME | changes]


def _nodes(count: int) -> list[Value]:
    return [_HOME, *(_REPLICA | {"peer": bytes((each,))} for each in range(1, count))]


_HOME_CASES: Final[list[tuple[str, list[Value], bool]]] = [
    ("one home", [_HOME], True),
    ("8 homes", _nodes(8), True),
    ("9 homes", _nodes(9), False),
    ("no homes", [], False),
    ("only a replica", [_REPLICA], False),
    ("two that are the home", [_HOME, _HOME | {"peer": CLIENT}], False),
    ("a node twice", [_HOME, _REPLICA], False),
    ("another role", _home(role="guest"), False),
    ("peer id of 64 bytes", _home(peer=b"p" * 64), True),
    ("peer id of 65 bytes", _home(peer=b"p" * 65), False),
    ("empty peer id", _home(peer=b""), False),
    ("no addresses", _home(addresses=[]), True),
    ("16 addresses", _home(addresses=["/a"] * 16), True),
    ("17 addresses", _home(addresses=["/a"] * 17), False),
    ("address of 256", _home(addresses=["/" * 256]), True),
    ("address of 257", _home(addresses=["/" * 257]), False),
    ("empty address", _home(addresses=[""]), False),
    ("address with a space", _home(addresses=["/a b"]), False),
    ("address with a line break", _home(addresses=["/a\n"]), False),
    ("address not ASCII", _home(addresses=["/é"]), False),
    ("address that is bytes", _home(addresses=[b"/a"]), False),
    ("a home that is no map", ["home"], False),
]

_NAME_CASES: Final[list[tuple[str, str, bool]]] = [
    ("name of 32", "a" * 32, True),
    ("name of 33", "a" * 33, False),
    ("empty name", "", False),
    ("name with a capital", "Alice", False),
    ("name with every sign", "a-z_0-9", True),
    ("name with a dot", "a.b", False),
    ("name not ASCII", "ålice", False),
    ("name with a line break at its end", "alice\n", False),
]


def _with(
    valid: dict[str, Value], name: str, refusal: str, cases: list[tuple[str, Value, bool]]
) -> list[Case]:
    return [
        Case(label, encode(valid | {name: value}), None if fine else refusal)
        for label, value, fine in cases
    ]


def _variants(
    cases: list[tuple[str, dict[str, Value], bool]], refusal: str = "Malformed"
) -> list[Case]:
    return [Case(label, encode(value), None if fine else refusal) for label, value, fine in cases]


# --- signed records


def _identity() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "seq": 1,
        "prev": digest("prev"),
        "signer": key("alice signer 1").verify_key.encode(),
        "daily": key("alice daily 1").verify_key.encode(),
        "next": digest("next"),
        "created": NOW,
        "lost": True,
    }
    daily = key("alice daily 1").verify_key
    suite = b"\2" + daily.encode()[1:]
    return Schema(
        "identity",
        valid,
        {
            "seq": Uint(255),
            "prev": ID,
            "signer": Bytes(KEY, KEY),
            "daily": Bytes(KEY, KEY),
            "next": ID,
            "created": TIME,
            "lost": Other(),
        },
        _decode_enveloped(IdentityRecord.decode),
        optional=frozenset({"lost"}),
        fixed=frozenset({"seq", "signer", "daily"}),
        signed=True,
        more=_variants(
            [
                ("record 255", valid | {"seq": 255}, True),
                ("record 0", _without(valid | {"seq": 0}, "prev"), True),
                ("record 0 with prev", valid | {"seq": 0}, False),
                ("the daily key is next", valid | {"next": daily.digest()}, False),
                ("a key of another suite", valid | {"daily": suite}, False),
                ("lost is no flag", valid | {"lost": 1}, False),
            ]
        ),
    )


def _whereabouts() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "id": digest("alice id"),
        "identity_seq": 0,
        "identity_hash": ALICE.chain().head_hash,
        "seq": 7,
        "homes": _HOMES,
        "sealing": sealing("alice"),
        "name": "alice",
        "expires": NOW,
        "kit": bytes(105),
    }
    homes: list[tuple[str, Value, bool]] = [*_HOME_CASES, ("unknown key", _home(zz=1), True)]
    return Schema(
        "whereabouts",
        valid,
        {
            "id": ID,
            "identity_seq": TIME,
            "identity_hash": ID,
            "seq": TIME,
            "homes": Other(),
            "sealing": Bytes(1216, 1216),
            "name": Text(1, 32),
            "expires": TIME,
            "kit": Bytes(1, 128),
        },
        _decode_enveloped(Whereabouts.decode),
        optional=frozenset({"kit"}),
        signed=True,
        more=[
            *_with(valid, "homes", "Malformed", homes),
            *_with(valid, "name", "Malformed", [*_NAME_CASES]),
        ],
    )


def _profile() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "id": digest("alice id"),
        "identity_seq": 0,
        "identity_hash": ALICE.chain().head_hash,
        "seq": 7,
        "expires": NOW,
        "name": "Alice",
        "text": "one\ntwo",
        "links": "https://alice.example",
        "picture": b"\x89PNG\r\n\x1a\n",
    }
    return Schema(
        "profile",
        valid,
        {
            "id": ID,
            "identity_seq": TIME,
            "identity_hash": ID,
            "seq": TIME,
            "expires": TIME,
            "name": Text(0, 128),
            "text": Text(0, 4096),
            "links": Text(0, 8192),
            "picture": Bytes(1, 32 * 1024),
        },
        _decode_enveloped(PublicProfile.decode),
        signed=True,
        optional=frozenset({"name", "text", "links", "picture"}),
    )


def _replica() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "id": digest("alice id"),
        "identity_seq": 0,
        "identity_hash": ALICE.chain().head_hash,
        "seq": 7,
        "home": SERVER,
        "peer": CLIENT,
        "addresses": ["/ip4/192.0.2.1/tcp/4701"],
        "ceiling": 2**30,
        "until": NOW,
    }
    addresses: list[tuple[str, Value, bool]] = [
        ("no addresses", [], True),
        ("16 addresses", ["/a"] * 16, True),
        ("17 addresses", ["/a"] * 17, False),
    ]
    return Schema(
        "replica",
        valid,
        {
            "id": ID,
            "identity_seq": TIME,
            "identity_hash": ID,
            "seq": TIME,
            "home": Bytes(1, 64),
            "peer": Bytes(1, 64),
            "addresses": Other(),
            "ceiling": TIME,
            "until": TIME,
        },
        _decode_enveloped(ReplicaGrant.decode),
        signed=True,
        more=[
            *_with(valid, "addresses", "Malformed", addresses),
            *_with(valid, "peer", "Malformed", [("of itself", SERVER, False)]),
        ],
    )


def _farewell() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "id": digest("alice id"),
        "identity_seq": 0,
        "identity_hash": ALICE.chain().head_hash,
        "seq": 7,
        "home": SERVER,
        "time": NOW,
    }
    bounds: dict[str, Bound] = {
        "id": ID,
        "identity_seq": TIME,
        "identity_hash": ID,
        "seq": TIME,
        "home": Bytes(1, 64),
        "time": TIME,
    }
    return Schema("farewell", valid, bounds, _decode_enveloped(Farewell.decode), signed=True)


def _held(number: int, **changes: Value) -> dict[str, Value]:
    space, pointer = digest(f"space {number}"), digest(f"pointer {number}")
    return {"space": space, "seq": number, "pointer": pointer, **changes}


def _receipt() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "peer": SERVER,
        "id": digest("alice id"),
        "farewell": digest("farewell"),
        "time": NOW,
        "spaces": [_held(0)],
        "stored": 4096,
        "messages": 1,
        "rests": 86400,
    }
    bounds: dict[str, Bound] = {
        "peer": Bytes(1, 64),
        "id": ID,
        "farewell": ID,
        "time": TIME,
        "spaces": Other(),
        "stored": TIME,
        "messages": TIME,
        "rests": TIME,
    }
    spaces: list[tuple[str, Value, bool]] = [
        ("no spaces", [], True),
        ("256 spaces", [_held(n) for n in range(256)], True),
        ("257 spaces", [_held(n) for n in range(257)], False),
        ("a space twice", [_held(0), _held(0)], False),
        ("a space's id of 31 bytes", [_held(0, space=b"s" * 31)], False),
        ("a pointer's hash of 33 bytes", [_held(0, pointer=b"p" * 33)], False),
        ("a number too high", [_held(0, seq=UINT + 1)], False),
        ("a space with an unknown key", [_held(0, zz=1)], True),
    ]
    more = _with(valid, "spaces", "Malformed", spaces)
    return Schema("receipt", valid, bounds, Receipt.read_body, signed=True, more=more)


def _member(name: str, **changes: Value) -> dict[str, Value]:
    return {"key": digest(name), "rights": 15, **changes}


def _space() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "space": digest("space"),
        "owner": digest("alice id"),
        "epoch": 3,
        "prev": digest("prev"),
        "identity_seq": 0,
        "identity_hash": ALICE.chain().head_hash,
        "members": [_member("a", quota=5)],
        "base": {"seq": 9, "hash": digest("base"), "epoch": 2},
    }
    first = _without(_without(valid | {"epoch": 0}, "prev"), "base")
    one, other = sorted([_member("a"), _member("b")], key=_key_of)
    members: list[tuple[str, Value, bool]] = [
        ("two members", [one, other], True),
        ("members not in order", [other, one], False),
        ("a member twice", [one, one], False),
        ("no members", [], False),
        ("no rights", [_member("a", rights=0)], True),
        ("unknown rights", [_member("a", rights=16)], False),
        ("quota most", [_member("a", quota=UINT)], True),
        ("quota too high", [_member("a", quota=UINT + 1)], False),
        ("a member's key of 31 bytes", [_member("a", key=b"k" * 31)], False),
        ("a member with an unknown key", [_member("a", zz=1)], True),
        ("a member with another key before", [_member("a", was=digest("b"))], True),
        ("a key before of 31 bytes", [_member("a", was=b"k" * 31)], False),
    ]
    base: list[tuple[str, Value, bool]] = [
        ("base without seq", {"hash": digest("base"), "epoch": 2}, False),
        ("base without hash", {"seq": 1, "epoch": 2}, False),
        ("base without epoch", {"seq": 1, "hash": digest("base")}, False),
        ("base with a short hash", {"seq": 1, "hash": b"short", "epoch": 2}, False),
        ("base of this epoch", {"seq": 1, "hash": digest("base"), "epoch": 3}, True),
        ("base of the first epoch", {"seq": 1, "hash": digest("base"), "epoch": 0}, False),
        ("base of a later epoch", {"seq": 1, "hash": digest("base"), "epoch": 4}, False),
    ]
    return Schema(
        "space",
        valid,
        {
            "space": ID,
            "owner": ID,
            "epoch": TIME,
            "prev": ID,
            "identity_seq": TIME,
            "identity_hash": ID,
            "members": Other(),
            "base": Other(),
        },
        _decode_enveloped(SpaceRecord.decode),
        optional=frozenset({"base"}),
        fixed=frozenset({"epoch"}),
        signed=True,
        more=[
            *_with(valid, "members", "Malformed", members),
            *_with(valid, "base", "Malformed", base),
            *_variants(
                [
                    ("epoch most", valid | {"epoch": UINT}, True),
                    ("epoch 0", first, True),
                    ("epoch 0 with prev", first | {"prev": digest("prev")}, False),
                    ("epoch 0 with base", first | {"base": valid["base"]}, False),
                ]
            ),
        ],
    )


def _key_of(member: dict[str, Value]) -> bytes:
    found = member["key"]
    assert isinstance(found, bytes)
    return found


def _pointer() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "owner": digest("alice id"),
        "space": digest("space"),
        "seq": 6,
        "prev": digest("prev"),
        "skip": digest("skip"),
        "authority": digest("authority"),
        "root": root("root"),
        "time": NOW,
        "member": digest("member"),
    }
    first = _without(_without(valid | {"seq": 0}, "prev"), "skip")
    return Schema(
        "pointer",
        valid,
        {
            "owner": ID,
            "space": ID,
            "seq": TIME,
            "prev": ID,
            "skip": ID,
            "authority": ID,
            "root": Link(),
            "time": TIME,
            "member": ID,
        },
        _decode_enveloped(Pointer.decode, keyed=True),
        fixed=frozenset({"seq"}),
        signed=True,
        more=_variants(
            [
                ("seq most", valid | {"seq": UINT}, True),
                ("seq 0", first, True),
                ("seq 0 with prev", first | {"prev": digest("prev")}, False),
                ("seq 0 with skip", first | {"skip": digest("skip")}, False),
                ("odd, skip is prev", valid | {"seq": 7, "skip": digest("prev")}, True),
                ("odd, skip is not prev", valid | {"seq": 7}, False),
            ]
        ),
    )


# --- structure


def _root() -> Schema:
    valid: dict[str, Value] = {"v": 1, "tree": root("tree"), "retired": root("retired"), "by": b"x"}
    bounds: dict[str, Bound] = {"tree": Link(), "retired": Link(), "by": Bytes(1, 256)}
    return Schema("root", valid, bounds, Root.decode, frozenset({"by"}))


def _retired() -> Schema:
    return Schema("retired", {"v": 1, "seq": 9}, {"seq": TIME}, Marker.decode)


def _leaf() -> Schema:
    valid: dict[str, Value] = {
        "lock": lock("a").public,
        "header": b"sealed header",
        "body": b"sealed body",
        "segments": [Cid.of_raw(b"0"), Cid.of_raw(b"1")],
    }
    segments: list[tuple[str, Value, bool]] = [
        ("20 segments", [Cid.of_raw(b"0")] * 20, True),
        ("21 segments", [Cid.of_raw(b"0")] * 21, False),
        ("no segments in the list", [], False),
        ("a segment that is structure", [root("0")], False),
        ("a segment that is bytes", [bytes(Cid.of_raw(b"0"))], False),
    ]
    only: list[tuple[str, dict[str, Value], bool]] = [
        (f"only {name}", {"lock": valid["lock"], name: valid[name]}, True)
        for name in ("header", "body", "segments")
    ]
    return Schema(
        "leaf",
        valid,
        {
            "lock": Bytes(32, 32),
            "header": Bytes(1, 8192),
            "body": Bytes(1, 69632),
            "segments": Other(),
        },
        Leaf.decode,
        optional=frozenset({"header", "body", "segments"}),
        versioned=False,
        more=[
            *_with(valid, "segments", "Malformed", segments),
            *_variants([*only, ("nothing in it", {"lock": valid["lock"]}, False)]),
            *_variants([("with a version", valid | {"v": 1}, False)]),
        ],
    )


# --- requests and what homes keep


def _sign_in() -> Schema:
    parameters: dict[str, Value] = {
        "algorithm": 1,
        "ops": 3,
        "memory": 268435456,
        "salt": digest("salt")[:16],
    }
    valid: dict[str, Value] = {
        "v": 1,
        "name": "alice",
        "id": digest("alice id"),
        "sign_in": key("alice sign-in").verify_key.encode(),
        "parameters": parameters,
        "bundle": b"sealed bundle",
        "seq": 0,
    }
    sides: list[tuple[str, Value, bool]] = [
        ("another algorithm", parameters | {"algorithm": 2}, False),
        ("0 passes", parameters | {"ops": 0}, False),
        ("10 passes", parameters | {"ops": 10}, True),
        ("11 passes", parameters | {"ops": 11}, False),
        ("least memory", parameters | {"memory": 8192}, True),
        ("too little memory", parameters | {"memory": 8191}, False),
        ("most memory", parameters | {"memory": 2**30}, True),
        ("too much memory", parameters | {"memory": 2**30 + 1}, False),
        ("salt of 15 bytes", parameters | {"salt": b"s" * 15}, False),
        ("parameters with an unknown key", parameters | {"zz": 1}, False),
    ]
    return Schema(
        "sign_in",
        valid,
        {
            "name": Text(1, 32),
            "id": ID,
            "sign_in": Bytes(KEY, KEY),
            "parameters": Other(),
            "bundle": Bytes(1, 65536),
            "seq": TIME,
        },
        SignInRecord.decode,
        fixed=frozenset({"sign_in"}),
        more=[
            *_with(valid, "parameters", "Malformed", sides),
            *_with(valid, "name", "Malformed", [*_NAME_CASES]),
        ],
    )


def _archive() -> Schema:
    parameters: dict[str, Value] = {
        "algorithm": 1,
        "ops": 3,
        "memory": 256 * 1024 * 1024,
        "salt": digest("salt")[:16],
    }
    valid: dict[str, Value] = {
        "v": 1,
        "parameters": parameters,
        "device": True,
        "key": b"k" * SEALED_KEY,
    }
    sides: list[tuple[str, Value, bool]] = [
        ("0 passes", parameters | {"ops": 0}, False),
        ("salt of 15 bytes", parameters | {"salt": b"s" * 15}, False),
        ("parameters with an unknown key", parameters | {"zz": 1}, False),
    ]
    return Schema(
        "archive",
        valid,
        {"parameters": Other(), "key": Bytes(SEALED_KEY, SEALED_KEY)},
        ArchiveHead.decode,
        more=[
            *_with(valid, "parameters", "Malformed", sides),
            *_with(valid, "device", "Malformed", [("false", False, True), ("a number", 1, False)]),
            Case("device absent", encode(_without(valid, "device")), "Malformed"),
        ],
    )


def _factors() -> Schema:
    common: dict[str, Value] = {"number": 1, "label": b"sealed", "added": NOW, "used": NOW}
    code = common | {"secret": b"s" * 20, "step": 7}
    key = common | {"number": 2, "credential": b"c", "public": b"p", "count": 0}
    valid: dict[str, Value] = {
        "v": 1,
        "next": 3,
        "codes": [code],
        "keys": [key],
        "backups": [digest("backup")],
        "wrong": 0,
        "since": NOW,
    }

    def codes(*some: dict[str, Value]) -> list[Value]:
        return list(some)

    apps: list[tuple[str, Value, bool]] = [
        ("never used", codes(_without(code, "used")), True),
        ("no secret", codes(_without(code, "secret")), False),
        ("secret of 19 bytes", codes(code | {"secret": b"s" * 19}), False),
        ("a key's fields", codes(key), False),
        ("of two kinds", codes(code | key), False),
        ("longest label", codes(code | {"label": b"l" * 512}), True),
        ("label too long", codes(code | {"label": b"l" * 513}), False),
        ("number 0", codes(code | {"number": 0}), False),
        ("number of another", codes(code | {"number": 2}), False),
        ("number to come", codes(code | {"number": 3}), False),
        ("unknown key", codes(code | {"zz": 1}), False),
        ("5 of them", codes(*(code | {"number": n} for n in range(1, 6))), False),
        ("a number instead", [7], False),
    ]
    tokens: list[tuple[str, Value, bool]] = [
        ("longest credential", codes(key | {"credential": b"c" * 1023}), True),
        ("credential too long", codes(key | {"credential": b"c" * 1024}), False),
        ("empty credential", codes(key | {"credential": b""}), False),
        ("largest public key", codes(key | {"public": b"p" * 1024}), True),
        ("public key too large", codes(key | {"public": b"p" * 1025}), False),
        ("an app's fields", codes(code), False),
    ]
    backups: list[tuple[str, Value, bool]] = [
        ("none", [], True),
        ("10 of them", [digest(str(n)) for n in range(10)], True),
        ("11 of them", [digest(str(n)) for n in range(11)], False),
        ("of 31 bytes", [b"h" * 31], False),
        ("text", ["h" * 32], False),
    ]
    return Schema(
        "factors",
        valid,
        {"wrong": TIME, "since": TIME},
        Factors.decode,
        more=[
            *(case for case in _with(valid, "codes", "Malformed", apps)),
            *_with(valid, "keys", "Malformed", tokens),
            *_with(valid, "backups", "Malformed", backups),
        ],
    )


def _read_proof() -> Schema:
    valid: dict[str, Value] = {"expires": NOW, "signature": b"s" * 64}
    bounds: dict[str, Bound] = {"expires": TIME, "signature": Bytes(64, 64)}
    return Schema("read_proof", valid, bounds, ReadProof.decode, versioned=False)


def _courier_record() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "peer": SERVER,
        "key": sealing("courier"),
        "bits": 10,
        "work_bits": 16,
        "passes": True,
        "time": NOW,
        "expires": NOW + 1,
    }
    bounds: dict[str, Bound] = {
        "peer": Bytes(1, 64),
        "key": Bytes(1216, 1216),
        "bits": Uint(32),
        "work_bits": Uint(32),
        "time": TIME,
        "expires": TIME,
    }
    return Schema("courier_record", valid, bounds, CourierRecord.read_body, signed=True)


def _hello() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "role": "owner",
        "subject": digest("alice id"),
        "server": SERVER,
        "client": CLIENT,
        "nonce": digest("nonce"),
        "expires": NOW,
    }
    subjects: list[tuple[str, dict[str, Value], bool]] = [
        ("member", {"role": "member", "subject": b"m" * 64}, True),
        ("member of 63", {"role": "member", "subject": b"m" * 63}, False),
        ("owner of 64", {"role": "owner", "subject": b"m" * 64}, False),
        ("sign-in", {"role": "sign-in", "subject": b"alice"}, True),
        ("sign-in of 33", {"role": "sign-in", "subject": b"a" * 33}, False),
        ("sign-in of nobody", {"role": "sign-in", "subject": b""}, False),
        ("sign-in not a name", {"role": "sign-in", "subject": b"Alice"}, False),
        ("sign-in not ASCII", {"role": "sign-in", "subject": b"\xff"}, False),
        ("reader", {"role": "reader", "subject": b"r" * 32}, True),
        ("reader of 31", {"role": "reader", "subject": b"r" * 31}, False),
        ("another role", {"role": "guest"}, False),
    ]
    return Schema(
        "hello",
        valid,
        {
            "role": Other(),
            "subject": ID,
            "server": Bytes(1, 64),
            "client": Bytes(0, 64),
            "nonce": ID,
            "expires": TIME,
        },
        Hello.decode,
        more=_variants([(name, valid | change, fine) for name, change, fine in subjects]),
    )


def _statement() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "purpose": "sign-in",
        "server": SERVER,
        "method": "accounts/sign-in",
        "body_hash": digest("request"),
        "nonce": digest("nonce"),
        "expires": NOW,
    }
    words: list[tuple[str, Value, bool]] = [
        ("method not ASCII", "é", False),
        ("method with a control character", "a\tb", False),
    ]
    return Schema(
        "statement",
        valid,
        {
            "purpose": Text(1, 64),
            "server": Bytes(1, 64),
            "method": Text(1, 64),
            "body_hash": ID,
            "nonce": ID,
            "expires": TIME,
        },
        Statement.decode,
        more=_with(valid, "method", "Malformed", words),
    )


def _drop() -> Schema:
    valid: dict[str, Value] = {"v": 1, "target": digest("alice id"), "day": 20833, "work": 2**60}
    token = _without(valid, "work") | {"token": b"t" * 16}
    return Schema(
        "drop",
        valid,
        {"target": ID, "day": Uint(2**31 - 1), "work": Other()},
        Drop.decode,
        fixed=frozenset({"work"}),
        more=_variants(
            [
                ("most work", valid | {"work": 2**64 - 1}, True),
                ("negative work", valid | {"work": -1}, False),
                ("with a token", token, True),
                ("with a token of 15 bytes", token | {"token": b"t" * 15}, False),
                ("with a token of 17 bytes", token | {"token": b"t" * 17}, False),
                ("with a token and work", token | {"work": 1}, False),
            ]
        ),
    )


def _grant() -> Schema:
    valid: dict[str, Value] = {"v": 1, "hash": digest("token"), "expires": NOW, "uses": 3}
    bounds: dict[str, Bound] = {"hash": ID, "expires": TIME, "uses": Uint(1024, 1)}
    return Schema("token_grant", valid, bounds, TokenGrant.decode)


# --- paper


def _card() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "id": digest("alice id"),
        "head": ALICE.chain().head_hash,
        "name": "alice",
        "homes": _HOMES,
        "token": digest("token")[:16],
        "expires": NOW,
        "uses": 3,
    }
    homes: list[tuple[str, Value, bool]] = [*_HOME_CASES, ("unknown key", _home(zz=1), False)]
    return Schema(
        "card",
        valid,
        {
            "id": ID,
            "head": ID,
            "name": Text(1, 32),
            "homes": Other(),
            "token": Bytes(16, 16),
            "expires": TIME,
            "uses": Uint(1024, 1),
        },
        lambda data: Card.parse(text("card", data)),
        refusal=BadCard,
        more=[
            *_with(valid, "homes", "BadCard", homes),
            *_with(valid, "name", "BadCard", [*_NAME_CASES]),
        ],
    )


def _invite() -> Schema:
    valid: dict[str, Value] = {
        "v": 1,
        "peer": SERVER,
        "addresses": ["/ip4/192.0.2.1/tcp/4701"],
        "code": digest("code")[:16],
        "expires": NOW,
    }
    addresses: list[tuple[str, Value, bool]] = [
        ("no addresses", [], True),
        ("16 addresses", ["/a"] * 16, True),
        ("17 addresses", ["/a"] * 17, False),
    ]
    return Schema(
        "invite",
        valid,
        {
            "peer": Bytes(1, 64),
            "addresses": Other(),
            "code": Bytes(16, 16),
            "expires": TIME,
        },
        lambda data: Invite.parse(text("invite", data)),
        refusal=BadInvite,
        more=_with(valid, "addresses", "BadInvite", addresses),
    )


def _kit() -> Schema:
    homes: list[tuple[str, Value, bool]] = [*_HOME_CASES, ("unknown key", _home(zz=1), False)]
    valid: dict[str, Value] = {
        "v": 1,
        "id": digest("alice id"),
        "head": digest("head"),
        "name": "alice",
        "homes": _HOMES,
        "code": digest("code")[:20],
        "space": digest("space"),
    }
    return Schema(
        "kit",
        valid,
        {
            "id": ID,
            "head": ID,
            "name": Text(1, 32),
            "homes": Other(),
            "code": Bytes(20, 20),
            "space": ID,
        },
        lambda data: KitText.parse(text("kit", data)),
        optional=frozenset({"code", "space"}),
        refusal=BadKit,
        more=[
            *_with(valid, "homes", "BadKit", homes),
            *_with(valid, "name", "BadKit", [*_NAME_CASES]),
        ],
    )


SCHEMAS: Final = {
    schema.name: schema
    for schema in (
        _identity(),
        _whereabouts(),
        _profile(),
        _replica(),
        _farewell(),
        _receipt(),
        _space(),
        _pointer(),
        _root(),
        _retired(),
        _leaf(),
        _sign_in(),
        _archive(),
        _factors(),
        _read_proof(),
        _courier_record(),
        _hello(),
        _statement(),
        _drop(),
        _grant(),
        _card(),
        _invite(),
        _kit(),
    )
}
