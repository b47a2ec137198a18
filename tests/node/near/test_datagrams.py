"""What nodes say to each other on a local network, and what anybody else may say there."""

import random

import pytest

from crypto.secret import Secret
from formats.base58 import base58
from node.near.datagrams import Announcement, Heard, announced, heard, question
from node.near.rules import MAX_DATAGRAM
from node.peer import peer_id

PEER = peer_id(Secret(bytes(range(32))))
SAID = Announcement(PEER, 4061, "holdfast")
INSTANCE = b"0011223344556677"

QUESTION = bytes.fromhex(
    "000000000001000000000000 095f686f6c6466617374 045f756470 056c6f63616c 00 000c 0001"
)
NAME = QUESTION[12:-4]
HEAD = bytes.fromhex("000084000000000100000001")


def _record(texts: bytes, name: bytes = b"\x01x" + NAME) -> bytes:
    """A datagram with one TXT record."""
    return HEAD[:6] + b"\0\1" + bytes(4) + name + _text(texts)


def _text(texts: bytes) -> bytes:
    return b"\0\x10\0\1\0\0\0\x78" + len(texts).to_bytes(2, "big") + texts


def _texts(**words: str) -> bytes:
    written = (f"{name}={value}".encode() for name, value in words.items())
    return b"".join(bytes([len(each)]) + each for each in written)


OURS = {"network": "holdfast", "peer": base58(PEER), "port": "4061"}


def test_the_bytes_are_those_of_the_page() -> None:
    assert question() == QUESTION
    assert announced(SAID, INSTANCE).startswith(HEAD + NAME + b"\0\x0c\0\1\0\0\0\xc8\0\x27\x10")
    assert announced(SAID, INSTANCE).endswith(_texts(**OURS))
    assert len(announced(SAID, INSTANCE)) < 300


def test_what_is_said_is_heard() -> None:
    assert heard(announced(SAID, INSTANCE)) == Heard(says=(SAID,))
    assert heard(question()) == Heard(asks=True)
    assert heard(_record(_texts(**OURS))) == Heard(says=(SAID,))


def test_capital_letters_and_shortened_names_are_understood() -> None:
    loud = NAME.upper().replace(b"_HOLDFAST", b"_HoldFast")
    assert heard(_record(_texts(**OURS), b"\x01X" + loud)).says == (SAID,)
    asked = HEAD[:2] + b"\x84\0\0\1\0\1\0\0\0\0" + NAME + b"\0\x0c\0\1"
    assert heard(asked + b"\x01x\xc0\x0c" + _text(_texts(**OURS))).says == (SAID,)


@pytest.mark.parametrize(
    "words",
    [
        {"peer": "not base58 0OIl"},
        {"peer": base58(PEER[:-1])},
        {"peer": base58(PEER + b"\0")},
        {"peer": base58(b"\x12\x20" + bytes(36))},
        {"port": "0"},
        {"port": "65536"},
        {"port": "-1"},
        {"port": "1e3"},
        {"port": ""},
        {"port": "٤٠٦١"},
        {"network": "hölle"},
    ],
)
def test_what_is_no_announcement_says_nothing(words: dict[str, str]) -> None:
    assert heard(_record(_texts(**{**OURS, **words}))) == Heard()


@pytest.mark.parametrize("missing", list(OURS))
def test_each_word_is_needed(missing: str) -> None:
    words = {name: value for name, value in OURS.items() if name != missing}
    assert heard(_record(_texts(**words))) == Heard()


def test_services_of_others_say_nothing() -> None:
    other = NAME.replace(b"\x09_holdfast", b"\x04_p2p")
    assert heard(_record(_texts(**OURS), b"\x01x" + other)) == Heard()
    assert heard(QUESTION.replace(b"\x09_holdfast", b"\x04_p2p")) == Heard()


@pytest.mark.parametrize(
    "name",
    [b"\xc0\x0c", b"\x01a\xc0\x0c", b"\xff\xff", b"\x40" + bytes(64), b"\x01a" * 40, b"\xc0"],
)
def test_names_in_circles_or_without_an_end_are_passed_over(name: bytes) -> None:
    assert heard(_record(_texts(**OURS), name)) == Heard()


def test_a_datagram_has_a_greatest_length_and_a_greatest_number_of_records() -> None:
    fits = announced(SAID, INSTANCE)
    assert heard(fits + bytes(MAX_DATAGRAM - len(fits))).says == (SAID,)
    assert heard(fits + bytes(MAX_DATAGRAM + 1 - len(fits))) == Heard()
    one = b"\x01x\xc0\x0c"
    small = b"\0\x10\0\1\0\0\0\x78\0\0"
    begin = b"\0\0\x84\0\0\1\0%c\0\0\0\0" + NAME + b"\0\x0c\0\1"
    last = one + _text(_texts(**OURS))
    assert heard(begin % 64 + (one + small) * 63 + last).says == (SAID,)
    assert heard(begin % 65 + (one + small) * 64 + last) == Heard()


def test_whatever_arrives_nothing_is_raised() -> None:
    seed = 20261128
    print(f"seed {seed}")
    rng = random.Random(seed)
    whole = announced(SAID, INSTANCE)
    for cut in range(len(whole)):
        assert not heard(whole[:cut]).says
    for _ in range(3000):
        changed = bytearray(whole if rng.random() < 0.8 else question())
        for _ in range(rng.randrange(1, 6)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        heard(bytes(changed))
        heard(rng.randbytes(rng.randrange(200)))
