"""Errors survive being told."""

import pytest

from formats.errors import KINDS, HoldfastError, ProtocolViolation
from frontends.telling import tell, told


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_every_kind_comes_back_as_it_was(kind: type[HoldfastError]) -> None:
    error = told(tell(kind("what happened", hint="what to do")))
    assert type(error) is kind
    assert (error.message, error.advice) == ("what happened", "what to do")


@pytest.mark.parametrize(
    "fields", [{}, {"kind": "Usage"}, {"kind": "New", "message": "", "hint": ""}]
)
def test_what_we_do_not_know_is_another_version(fields: dict[str, object]) -> None:
    assert type(told(fields)) is ProtocolViolation
