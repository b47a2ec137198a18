"""What a new password must be."""

import pytest

from formats.errors import Usage
from frontends.password import MAX_PASSWORD, MIN_PASSWORD, check_new_password


@pytest.mark.parametrize("password", ["correct horse", "ab3-" * (MAX_PASSWORD // 4), "péniche5"])
def test_a_good_one_will_do(password: str) -> None:
    check_new_password("alice", password)
    assert MIN_PASSWORD <= len(password) <= MAX_PASSWORD


@pytest.mark.parametrize(
    "password", ["", "a1b2c3d"[: MIN_PASSWORD - 1], "abc" * MAX_PASSWORD, "aaaaaaaaaa", "alice-in"]
)
def test_a_bad_one_will_not(password: str) -> None:
    with pytest.raises(Usage):
        check_new_password("Alice-In", password)
