"""Any bytes at all: a decoder returns or raises one of our errors, and what it returns goes back.

Three kinds of bytes for each decoder: random, a valid encoding that was damaged,
and well-formed CBOR with the right keys and wrong values.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.card import Card
from formats.cid import Cid
from formats.commit import Commit, Move
from formats.dag_cbor import Value, encode
from formats.drop import Drop, TokenGrant
from formats.envelope import Envelope
from formats.errors import BadCard, BadInvite, HoldfastError, UnknownVersion
from formats.identity import IdentityChain, IdentityRecord
from formats.invite import Invite
from formats.leaf import Leaf, split_segment
from formats.links import Role, children
from formats.pointer import Pointer, check_descends, read_body
from formats.profile import PublicProfile
from formats.read_proof import ReadProof
from formats.replica import ReplicaGrant
from formats.retired import Marker
from formats.root import Root
from formats.sign_in import SignInRecord
from formats.space import SpaceRecord
from formats.statement import Hello, Statement
from formats.whereabouts import Whereabouts
from tests.records.people import ALICE, digest, line
from tests.records.schemas import SCHEMAS, envelope, text

SPACE = ALICE.space()
LINE = line(SPACE, ALICE.member_key, 4)

AGAIN: Final[dict[str, Callable[[bytes], bytes]]] = {
    "identity": lambda data: IdentityRecord.decode(data).encoded,
    "whereabouts": lambda data: Whereabouts.decode(data).encoded,
    "profile": lambda data: PublicProfile.decode(data).encoded,
    "replica": lambda data: ReplicaGrant.decode(data).encoded,
    "space": lambda data: SpaceRecord.decode(data).encoded,
    "pointer": lambda data: Pointer.decode(data).encoded,
    "root": lambda data: Root.decode(data).block.data,
    "retired": lambda data: Marker.decode(data).block.data,
    "leaf": lambda data: Leaf.decode(data).block.data,
    "sign_in": lambda data: SignInRecord.decode(data).encoded,
    "read_proof": lambda data: ReadProof.decode(data).encoded,
    "hello": lambda data: Hello.decode(data).body,
    "statement": lambda data: Statement.decode(data).body,
    "drop": lambda data: Drop.decode(data).encoded,
    "token_grant": lambda data: TokenGrant.decode(data).encoded,
    "commit": lambda data: Commit.decode(data).encoded,
}
"""Decode and encode again."""

SIGNED: Final = {"identity", "whereabouts", "profile", "replica", "space", "pointer"}

VALID: Final[dict[str, bytes]] = {
    "identity": ALICE.record(1).encoded,
    "whereabouts": ALICE.whereabouts().encoded,
    "profile": ALICE.profile().encoded,
    "replica": ALICE.replica_grant().encoded,
    "space": SPACE.encoded,
    "pointer": LINE[1].encoded,
    "commit": Commit((Move(LINE[0], SPACE),), digest("session")[:16]).encoded,
} | {name: encode(SCHEMAS[name].valid) for name in AGAIN if name in SCHEMAS and name not in SIGNED}

SCALARS: Final = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.sampled_from([0, 1, 2, 2**53, 2**53 + 1])
    | st.text(max_size=40)
    | st.sampled_from(["home", "replica", "owner", "member", "reader", "sign-in", "alice", "/a"])
    | st.binary(max_size=70)
    | st.sampled_from([b"\1" * size for size in (16, 31, 32, 33, 64, 1216, 1985, 3374)])
    | st.binary(max_size=4).map(Cid.of_cbor)
    | st.binary(max_size=4).map(Cid.of_raw)
)

KEYS: Final = sorted(
    {key for schema in SCHEMAS.values() for key in schema.valid}
    | {"peer", "addresses", "role", "rights", "quota", "hash", "pointer", "moves", "session"}
)

VALUES: Final = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)


@st.composite
def damaged(draw: st.DrawFn, valid: bytes) -> bytes:
    """A valid encoding, a few bytes of it changed, put in, taken out or repeated."""
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["change", "put in", "take out", "cut", "repeat"]))
        if kind == "change" and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif kind == "put in":
            data[at:at] = draw(st.binary(min_size=1, max_size=9))
        elif kind == "take out":
            del data[at : at + draw(st.integers(1, 40))]
        elif kind == "cut":
            del data[at:]
        elif kind == "repeat":
            data[at:at] = data[at : at + 20]
    return bytes(data)


@st.composite
def altered(draw: st.DrawFn, name: str) -> bytes:
    """A valid map, some of its values replaced, in an envelope if it travels in one."""
    value: dict[str, Value] = dict(SCHEMAS[name].valid)
    for key in draw(st.lists(st.sampled_from([*value, "zz"]), max_size=4)):
        value[key] = draw(VALUES)
    for key in draw(st.lists(st.sampled_from([*value]), max_size=1)):
        del value[key]
    body = encode(value)
    return envelope(body, keyed=name == "pointer") if name in SIGNED else body


def check(name: str, data: bytes) -> None:
    try:
        again = AGAIN[name](data)
    except HoldfastError:
        return
    assert again == data


@pytest.mark.parametrize("name", AGAIN)
def test_the_valid_one_comes_back(name: str) -> None:
    assert AGAIN[name](VALID[name]) == VALID[name]


@pytest.mark.parametrize("name", AGAIN)
@given(data=st.data())
def test_any_bytes(name: str, data: st.DataObject) -> None:
    check(name, data.draw(st.binary(max_size=200) | VALUES.map(encode)))


@pytest.mark.parametrize("name", AGAIN)
@given(data=st.data())
def test_damaged_bytes(name: str, data: st.DataObject) -> None:
    check(name, data.draw(damaged(VALID[name])))


@pytest.mark.parametrize("name", [name for name in AGAIN if name in SCHEMAS])
@given(data=st.data())
def test_altered_values(name: str, data: st.DataObject) -> None:
    check(name, data.draw(altered(name)))


@pytest.mark.parametrize("role", Role)
@given(data=st.data())
def test_any_block_in_any_role(role: Role, data: st.DataObject) -> None:
    block = data.draw(
        st.binary(max_size=200) | altered("leaf") | altered("root") | altered("retired")
    )
    try:
        links = children(role, block)
    except HoldfastError:
        return
    assert all(Cid(cid) == cid for cid, _ in links)


@given(st.binary(max_size=300))
def test_any_segment(data: bytes) -> None:
    try:
        generation, sealed = split_segment(data)
    except HoldfastError:
        return
    assert generation.to_bytes(4, "big") + sealed == data


@given(st.lists(damaged(LINE[3].body) | st.sampled_from([each.body for each in LINE]), max_size=4))
def test_any_proof_of_descent(bodies: list[bytes]) -> None:
    try:
        check_descends(bodies, LINE[3].hash, 1, LINE[1].hash)
    except HoldfastError:
        return
    assert bodies == [LINE[3].body, LINE[2].body]


@given(damaged(LINE[3].body))
def test_any_body(data: bytes) -> None:
    try:
        said = read_body(data)
    except HoldfastError:
        return
    assert said.seq >= 0
    assert (said.prev is None) == (said.seq == 0)


@given(damaged(ALICE.record(0).encoded))
def test_a_damaged_record_is_never_believed(data: bytes) -> None:
    try:
        chain = IdentityChain.decode([data])
    except HoldfastError:
        return
    assert data == ALICE.record(0).encoded or chain.id != ALICE.id


@given(st.data())
def test_any_card_and_invite(data: st.DataObject) -> None:
    kinds: list[tuple[str, Callable[[str], object]]] = [
        ("card", Card.parse),
        ("invite", Invite.parse),
    ]
    for kind, parse in kinds:
        content = altered(kind) | st.binary(max_size=60)
        letters = st.text("abcABC012_-=", max_size=60)
        given_text = data.draw(
            content.map(partial(text, kind))
            | st.text(max_size=60)
            | letters.map(f"holdfast-{kind}1:".__add__)
        )
        try:
            parsed = parse(given_text)
        except (BadCard, BadInvite, UnknownVersion):
            continue
        assert isinstance(parsed, Card | Invite)


def test_an_envelope_keeps_to_its_keys() -> None:
    body, signature = LINE[0].body, LINE[0].envelope.signature
    key = LINE[0].key.encode()
    whole: dict[str, Value] = {"body": body, "signature": signature, "key": key}
    Envelope.decode(encode(whole), "record", 1024, keyed=True)
    wrong: list[dict[str, Value]] = [
        whole | {"zz": 1},
        whole | {"signature": signature[:-1]},
        whole | {"signature": signature + b"\0"},
        whole | {"key": key[:-1]},
        whole | {"key": b"\2" + key[1:]},
        whole | {"body": "text"},
        {"body": body, "signature": signature},
    ]
    for value in wrong:
        with pytest.raises(HoldfastError):
            Envelope.decode(encode(value), "record", 1024, keyed=True)
    with pytest.raises(HoldfastError):
        Envelope.decode(encode(whole), "record", 1024, keyed=False)
    with pytest.raises(HoldfastError):
        Envelope.decode(encode(whole), "record", len(body) - 1, keyed=True)
    Envelope.decode(encode(whole), "record", len(body), keyed=True)
