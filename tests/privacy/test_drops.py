"""Couriers hide who wrote from the home it goes to: a small sample; ``make drops`` asks far more.

A verdict that luck explains less often than once in a million fails: who is right nine times
out of ten in the 50 that are judged is found out, and nothing fails by chance.
"""

import pytest

from tests.conftest import SEED
from tests.privacy.drops import CONTROL, QUESTIONS, Question, answers

RUNS = 100


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_who_must_not_know_is_no_better_than_a_coin(question: Question) -> None:
    for who, verdict in answers(question, RUNS, SEED).items():
        assert not verdict.tells(), f"{who}: {verdict}"


def test_without_couriers_the_home_knows_every_time() -> None:
    (verdict,) = answers(CONTROL, RUNS, SEED).values()
    assert verdict.tells()
    assert verdict.share > 0.95
