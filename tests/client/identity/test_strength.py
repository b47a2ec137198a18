"""Whether a new password will do: one judgement for all doors."""

import pytest

from client.identity.strength import check_new_password, judge
from client.words.passphrase import FEWEST, passphrase
from crypto.passwords import MAX_PASSWORD_SIZE
from formats.errors import Usage

WEAK = [
    "password",
    "qwertyuiop",
    "aaaaaaaaaaaaaaaaaaaaaaaa",
    "12345678901234567890",
    "hunter2hunter2",
    "Passw0rd!",
    "alice2024",
    "short",
]


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_one_is_explained_with_what_to_do_and_taken_from_who_wants_it(password: str) -> None:
    with pytest.raises(Usage, match="easily guessed: it takes about") as refused:
        check_new_password(password, ("alice",))
    assert "holdfast passphrase" in refused.value.advice
    assert "--weak-password" in refused.value.advice
    check_new_password(password, ("alice",), weak=True)


@pytest.mark.parametrize("password", ["correct horse", "Blåbärsgröt i månsken", "x7#Kq!m2Zp"])
def test_a_good_one_will_do(password: str) -> None:
    check_new_password(password, ("alice",))


def test_what_holdfast_makes_will_do() -> None:
    for _ in range(20):
        check_new_password(passphrase(FEWEST))


def test_what_a_guesser_knows_of_the_person_counts() -> None:
    name = "wolfeschlegelsteinhausen"
    assert not judge(name).weak
    assert judge(name, (name,)).weak


@pytest.mark.parametrize("password", ["", "x" * (MAX_PASSWORD_SIZE + 1), "half \ud800"])
def test_what_is_no_password_is_refused_also_from_who_wants_it(password: str) -> None:
    with pytest.raises(Usage):
        check_new_password(password, weak=True)


def test_the_longest_is_judged_by_its_beginning() -> None:
    assert judge("a" * MAX_PASSWORD_SIZE).weak
    assert not judge("correct horse battery staple " * 35).weak
