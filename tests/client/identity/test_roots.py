"""Earlier secrets of the top folder: how many a bundle remembers, and a recovery kit."""

import pytest

from client.identity.bundle import (
    MAX_REVOKED,
    MAX_ROOTS,
    MAX_SEALING_KEYS,
    Bundle,
    SealingSeed,
)
from client.recovery.content import ROOTS, KitContent
from crypto.hpke import SealKeyPair
from crypto.secret import Secret
from crypto.signing import SigningKey
from formats.dag_cbor import Value, decode, encode
from formats.errors import Malformed
from formats.fields import Fields


def test_a_kit_has_room_for_the_newest_secrets_and_a_bundle_for_more() -> None:
    assert ROOTS < MAX_ROOTS
    bundle = _full_bundle()
    content = KitContent.of(bundle, "a" * 32, Secret(bytes(32)))
    pair = SealKeyPair.from_seed(Secret(bytes(32)))
    found = KitContent.open(content.seal(pair.public), pair, bundle.id)
    assert found.bundle.roots == bundle.roots[:ROOTS]
    assert found.bundle.rooted(Secret(b"n" * 32)).roots[0] == bundle.root
    assert len(bundle.rooted(Secret(b"n" * 32)).roots) == MAX_ROOTS
    value = decode(encode(bundle.value))
    assert isinstance(value, dict)
    assert Bundle.read(Fields(value, "bundle"), bundle.id).value == value
    too_many: list[Value] = [bytes(32)] * (MAX_ROOTS + 1)
    wrongs: list[list[Value]] = [too_many, [bytes(31)], ["a root"]]
    for wrong in wrongs:
        with pytest.raises(Malformed):
            Bundle.read(Fields({**value, "roots": wrong}, "bundle"), bundle.id)


def _full_bundle() -> Bundle:
    """As large as one gets."""
    key, secret = SigningKey.from_seed(Secret(bytes(32))), Secret(bytes(32))
    sealing = tuple(SealingSeed(secret, 2**52) for _ in range(MAX_SEALING_KEYS))
    return Bundle(
        id=bytes(32),
        head=bytes(32),
        head_seq=2**52,
        whereabouts_seq=2**52,
        daily=key,
        sealing=sealing,
        member=key,
        space=bytes(32),
        root=secret,
        account=secret,
        inner=b"",
        members=secret,
        revoked=tuple(n.to_bytes(32, "big") for n in range(MAX_REVOKED)),
        roots=tuple(Secret(n.to_bytes(32, "big")) for n in range(MAX_ROOTS)),
    )
