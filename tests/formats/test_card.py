"""Cards and invites: carried by hand, so cut, wrapped, altered and mixed up."""

import pytest

from formats.card import Card
from formats.errors import BadCard, BadInvite, Expired, UnknownVersion
from formats.invite import Invite
from formats.paper import MAX_TEXT
from tests.records.people import ALICE, NOW, SERVER, digest
from tests.records.schemas import text

CARD = Card(ALICE.id, ALICE.chain().head_hash, "alice", ALICE.homes, digest("token")[:16], NOW, 3)
INVITE = Invite(SERVER, ("/ip4/192.0.2.1/tcp/4701",), digest("code")[:16], NOW)


def test_come_back_as_they_went() -> None:
    assert Card.parse(CARD.text) == CARD
    assert Invite.parse(INVITE.text) == INVITE
    assert CARD.text.startswith("holdfast-card1:")
    assert INVITE.text.startswith("holdfast-invite1:")
    assert "\n" not in CARD.text
    assert CARD.home == ALICE.homes[0]
    assert INVITE.home.peer == SERVER


def test_a_card_fits_a_qr_code() -> None:
    assert len(CARD.text) < 1000


def test_white_space_is_taken_out() -> None:
    wrapped = "\n > ".replace(">", "").join(CARD.text[at : at + 40] for at in range(0, 999, 40))
    assert Card.parse(f"  {wrapped}\r\n") == CARD


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5, 40, 300])
def test_cut_short(cut: int) -> None:
    with pytest.raises(BadCard, match="cut short or altered"):
        Card.parse(CARD.text[:-cut])
    with pytest.raises(BadCard):
        Card.parse(CARD.text[cut:])


def test_every_altered_letter_is_noticed() -> None:
    for at in range(len(CARD.text)):
        other = "A" if CARD.text[at] != "A" else "B"
        with pytest.raises((BadCard, UnknownVersion)):
            Card.parse(CARD.text[:at] + other + CARD.text[at + 1 :])


def test_the_last_letter_has_one_spelling() -> None:
    # Its unused bits are zero; letters that differ only there would decode alike.
    assert len(INVITE.text.partition(":")[2]) % 4 != 0
    alike = INVITE.text[:-1] + chr(ord(INVITE.text[-1]) + 1)
    with pytest.raises(BadInvite):
        Invite.parse(alike)


@pytest.mark.parametrize(
    "other", ["", "hello", "holdfast-card1", "holdfast-card1:", "holdfast-card:AAAA", "card1:AAAA"]
)
def test_something_else(other: str) -> None:
    with pytest.raises(BadCard):
        Card.parse(other)


def test_mixed_up() -> None:
    with pytest.raises(BadCard, match="another kind"):
        Card.parse(INVITE.text)
    with pytest.raises(BadInvite, match="another kind"):
        Invite.parse(CARD.text)


def test_another_version() -> None:
    with pytest.raises(UnknownVersion):
        Card.parse(CARD.text.replace("card1", "card2"))
    with pytest.raises(UnknownVersion):
        Invite.parse(INVITE.text.replace("invite1", "invite22"))


def test_too_long_and_not_ascii() -> None:
    with pytest.raises(BadCard, match="too long"):
        Card.parse("x" * (MAX_TEXT + 1))
    with pytest.raises(BadCard):
        Card.parse(CARD.text[:-1] + "é")
    with pytest.raises(BadCard):
        Card.parse(CARD.text + "=")


def test_a_right_checksum_over_nonsense() -> None:
    for data in (b"", b"\xff", b"\xa0"):
        with pytest.raises(BadCard, match="makes no sense"):
            Card.parse(text("card", data))


def test_they_end() -> None:
    CARD.check_current(NOW - 1)
    INVITE.check_current(NOW - 1)
    with pytest.raises(Expired):
        CARD.check_current(NOW)
    with pytest.raises(Expired):
        INVITE.check_current(NOW)


def test_errors_do_not_repeat_the_card() -> None:
    secret = CARD.text[60:]
    with pytest.raises(BadCard) as caught:
        Card.parse(CARD.text + "A")
    assert secret not in caught.value.message
