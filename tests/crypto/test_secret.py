"""A secret gives its bytes to `reveal` and to nothing else."""

import copy
import pickle
import string
from collections.abc import Callable
from typing import Any

import pytest

from crypto.secret import Secret, random_bytes, random_secret, same

BYTES = b"never shown anywhere, 32 bytes.."


@pytest.mark.parametrize(
    "show",
    [repr, str, "{}".format, "{!r}".format, "{:>40}".format, lambda s: f"{s}"],
)
def test_printing_says_only_the_size(show: Callable[[Secret], str]) -> None:
    assert show(Secret(BYTES)).strip() == "<secret, 32 bytes>"
    assert string.Template("$s").substitute(s=Secret(BYTES)) == "<secret, 32 bytes>"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(Secret(BYTES), protocol)


def test_cannot_be_copied_hashed_or_taken_for_bytes() -> None:
    secret = Secret(BYTES)
    uses: list[Callable[[Any], object]] = [copy.copy, copy.deepcopy, hash, bytes, vars, iter]
    for careless in uses:
        with pytest.raises(TypeError):
            careless(secret)


def test_errors_about_it_do_not_show_it() -> None:
    with pytest.raises(TypeError) as caught:
        Secret(BYTES) + b""  # type: ignore[operator]
    assert "never" not in str(caught.value)


def test_compares_by_value_with_secrets_only() -> None:
    assert Secret(BYTES) == Secret(bytes(BYTES))
    assert Secret(BYTES) != Secret(BYTES[:-1])
    assert Secret(BYTES) != Secret(BYTES[:-1] + b"!")
    assert Secret(BYTES) != BYTES
    assert Secret(BYTES).reveal() == BYTES


def test_holds_bytes_only() -> None:
    for wrong in ("text", bytearray(32), None, 32, Secret(BYTES)):
        with pytest.raises(TypeError):
            Secret(wrong)  # type: ignore[arg-type]


def test_random_has_the_size_asked_for_and_differs() -> None:
    assert len(random_secret()) == 32
    assert len(random_secret(64)) == 64
    assert len(random_bytes(24)) == 24
    assert random_secret() != random_secret()
    assert random_bytes(16) != random_bytes(16)


def test_same() -> None:
    assert same(b"", b"")
    assert same(b"abc", b"abc")
    assert not same(b"abc", b"abd")
    assert not same(b"abc", b"ab")
