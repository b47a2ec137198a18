"""Replies: of one size, and of nobody but who has the key."""

import pytest

from crypto.purposes import SealPurpose
from crypto.sealing import Associated, SealingKey
from crypto.secret import random_secret
from formats.courier.reply import REPLY, Reply
from formats.dag_cbor import encode
from formats.errors import Denied, Forged, HoldfastError, Malformed, TooMany

KEY = random_secret()


@pytest.mark.parametrize(
    "reply", [Reply(), Reply(Denied("no")), Reply(TooMany("x" * 1000)), Reply(record=b"r" * 2048)]
)
def test_every_reply_has_one_size(reply: Reply) -> None:
    sealed = reply.seal(KEY)
    assert len(sealed) == REPLY
    found = Reply.open(sealed, KEY)
    assert found.record == reply.record
    assert type(found.error) is type(reply.error)


def test_nobody_else_makes_or_reads_one() -> None:
    with pytest.raises(Forged):
        Reply.open(Reply().seal(random_secret()), KEY)
    with pytest.raises(Forged):
        Reply.open(bytes(REPLY), KEY)


@pytest.mark.parametrize(
    "plain",
    [
        b"\xff\xff" + encode({"v": 1}),
        b"\0\x01\xff",
        b"\0\x0c" + encode({"v": 1, "other": 1}),
        b"\0\x0b" + encode({"v": 1, "error": 256}),
    ],
)
def test_nonsense_under_the_key_is_refused(plain: bytes) -> None:
    sealed = SealingKey(KEY).seal(plain, Associated(SealPurpose.REPLY))
    with pytest.raises(HoldfastError) as caught:
        Reply.open(sealed, KEY)
    assert isinstance(caught.value, Malformed)
